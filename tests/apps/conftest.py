"""What the tests of the review app share: results of our own documents, a running app, a real browser."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from docreview.app.options import VARIABLE, Options
from docreview.config import Settings
from docreview.triage import triage
from docreview.types import Review

ROOT = Path(__file__).parents[2]
PATIENCE = 300_000  # milliseconds; a machine under load is slow, and that is no fault of the app


@pytest.fixture(scope="session")
def demo(tmp_path_factory, corpora) -> Path:
    """Results of all documents of corpora/, as `make demo` makes them."""
    out = tmp_path_factory.mktemp("demo") / "demo"
    assert len(list(triage([corpora / "contracts", corpora / "transcripts"], out))) >= 20
    return out


@pytest.fixture
def results(demo, tmp_path) -> Path:
    """The same, to decide on: nobody has yet."""
    return Path(shutil.copytree(demo, tmp_path / "demo"))


@pytest.fixture
def started(monkeypatch):
    """Call it with the app's options; then `AppTest` runs the app as if it had been started with them."""
    from streamlit.testing.v1 import AppTest

    def start(**options: str) -> AppTest:
        monkeypatch.setenv(VARIABLE, "")
        Options(**options).to_environment()
        return AppTest.from_file(ROOT / "apps" / "review" / "app.py", default_timeout=PATIENCE / 1000)

    return start


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium; skips where there is none. It keeps an event loop running, so no longer than a module."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("the browser tests need the package playwright (dependency group dev)")
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("the browser tests need Chromium (Debian: apt-get install chromium; or set CHROMIUM to its path)")
    with sync_playwright() as playwright:
        options = ["--disable-dev-shm-usage", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(
            executable_path=found, args=options, chromium_sandbox=False, timeout=2 * PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Call it with the app's address, in a `with`: a page of a fresh browser. At the end nothing may have gone wrong.

    No error in the console, no exception, and not one request to anything but the app.
    """

    @contextmanager
    def opened(url: str, width: int = 1280, height: int = 800):
        wrong, elsewhere = [], []

        def asked(address: str) -> None:
            if not address.replace("ws://", "http://").startswith((f"{url}/", "data:", "blob:")):
                elsewhere.append(address)

        context = chromium.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked(request.url))
        page.on("websocket", lambda socket: asked(socket.url))
        page.goto(url, wait_until="commit", timeout=2 * PATIENCE)
        yield page
        assert not wrong
        assert not elsewhere
        context.close()

    return opened


HOSTILE = "**bold** [x](javascript:alert(1)) $a^2$ <b> :red[r].txt"
HOSTILE_TEXT = (
    "SUPPLY AGREEMENT\n\nThis Agreement is made on January 1, 2025 between Acme Ltd (“Customer”) and Globex Inc "
    "(“Supplier”).\n\n1. Delivery. Supplier shall deliver <img src=x onerror=alert(1)> and "
    "[click](http://evil.example/) ![p](http://evil.example/p.png) **now** $\\frac{1}{2}$ :smile: by March 31, "
    "2026.\n\n"
    "2. Governing Law. This Agreement is governed by the laws of <script>alert(2)</script> Ireland.\n"
)


@pytest.fixture(scope="session")
def few(tmp_path_factory, corpora) -> Path:
    """Results of a few documents, one of them with a name and words that try to be something else."""
    folder = tmp_path_factory.mktemp("few")
    for name in ("contracts/msa.pdf", "contracts/supply.docx", "contracts/sow-3.docx", "twins/sow-3-amendment-1.txt"):
        shutil.copy(corpora / name, folder)
    (folder / HOSTILE.replace("/", "_")).write_text(HOSTILE_TEXT, encoding="utf-8")
    out = tmp_path_factory.mktemp("few-out") / "out"
    patient = Settings(read_seconds=600.0)  # a machine under load is slow, and that is no fault of the reader
    assert [type(each) for each in triage(folder, out, settings=patient)] == [Review] * 5
    return out


@pytest.fixture
def own(few, tmp_path) -> Path:
    """The same, to add to."""
    return Path(shutil.copytree(few, tmp_path / "own"))


@pytest.fixture
def alone(monkeypatch):
    """Call it with a page's name and the app's options: `AppTest` runs that page by itself."""
    from streamlit.testing.v1 import AppTest

    def start(name: str, **options: str) -> AppTest:
        monkeypatch.setenv(VARIABLE, "")
        Options(**{"reviewer": "Ann", **options}).to_environment()
        script = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom apps.review.views.{name} import page\npage()\n"
        app = AppTest.from_string(script, default_timeout=PATIENCE / 1000).run()
        assert not app.exception
        return app

    return start
