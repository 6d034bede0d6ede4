"""How fast the Review page answers on a long document: `python -m tests.apps.measure_review [PAGES]`.

Our own contracts are put one behind the other until they fill the pages (3,000 characters each), and reviewed. The page
then runs as the app runs it, without a browser: seconds by the clock and of this process's own work.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from streamlit.testing.v1 import AppTest

from docreview.app.options import Options
from docreview.read import read
from docreview.render import highlight
from docreview.render.window import sheets, window
from docreview.triage import triage

ROOT = Path(__file__).parents[2]
PAGE_CHARS = 3_000


def long_contract(pages: int) -> str:
    texts = [read(ROOT / "corpora" / "contracts" / name).text for name in ("msa.pdf", "supply.docx", "lease.docx")]
    parts, size = [], 0
    while size < pages * PAGE_CHARS:
        part = f"\n\nSCHEDULE {len(parts) + 1}\n\n{texts[len(parts) % len(texts)]}"
        parts.append(part)
        size += len(part)
    return "".join(parts)


def script():
    from apps.review.views.review import page

    page()


def timed(run) -> tuple[float, float]:
    wall, own = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - own


def largest(text: str) -> int:
    """Bytes of the longest part of the text that the browser gets at once, without marks."""
    cut = sheets(text)
    return max(len(highlight(text[w.start : w.end], []).encode()) for n in range(len(cut)) if (w := window(cut, n)))


def main(pages: int) -> None:
    folder = Path(os.environ.get("MEASURE_OUT") or tempfile.mkdtemp())
    if not (folder / "out").exists():
        (folder / "in").mkdir(parents=True)
        (folder / "in" / "long.txt").write_text(long_contract(pages), encoding="utf-8")
        list(triage(folder / "in", folder / "out"))
    (folder / "out" / "decisions.jsonl").unlink(missing_ok=True)
    Options(out=str(folder / "out"), reviewer="Ann").to_environment()
    first = AppTest.from_function(script, default_timeout=600)
    rows = [("first opening", [timed(first.run)])]
    app = AppTest.from_function(script, default_timeout=600)
    rows.append(("opening again, another person", [timed(app.run)]))
    for name, key in (("accept", "do-accept"), ("next", "do-next"), ("edit", "do-edit")):
        rows.append((name, [timed(app.button(key).click().run) for _ in range(10)]))
    words = [f"{word}" for word in ("liability", "notice", "termination", "rent")]
    rows.append(("search", [timed(app.text_input("words").set_value(word).run) for word in words]))
    rows.append(("next place", [timed(app.button("hit+1").click().run) for _ in range(5)]))
    assert not app.exception
    text = (folder / "in" / "long.txt").read_text(encoding="utf-8")
    print(
        f"{len(text):,} characters, {len(app.radio[0].options)} answers; sent at once {largest(text):,} bytes at most"
    )
    for name, times in rows:
        walls, owns = zip(*times, strict=True)
        print(f"{name:32} wall {median(walls):.3f} s (longest {max(walls):.3f}), own work {median(owns):.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
