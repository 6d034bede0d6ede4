"""The app in a real browser, used as a person uses it."""

import os
import re
from pathlib import Path

import openpyxl
import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from serving import serve

from apps.review.app import TITLES
from docreview.decisions import Decisions

pytestmark = pytest.mark.slow
LABELS = ("label", "button-name", "link-name", "select-name", "aria-input-field-name", "image-alt", "document-title")
IDLE = """() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
  && document.querySelector('.stApp')?.dataset.testConnectionState === 'CONNECTED'
  && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')"""
SELECT = """(words) => {
  const walker = document.createTreeWalker(document.querySelector('.dr-pane'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(words);
    if (at < 0) continue;
    node.parentElement.scrollIntoView({ block: 'center' });
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + words.length);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    node.parentElement.dispatchEvent(new MouseEvent('mouseup', { bubbles: true }));
    return true;
  }
  return false;
}"""
WIDE = """() => [document.documentElement, document.querySelector('.stMain')]
  .map((each) => each.scrollWidth - each.clientWidth)"""


def settle(page) -> None:
    """Wait until the app has drawn all."""
    page.get_by_label("Your name").wait_for()
    page.wait_for_function(IDLE)


def go(page, title: str) -> None:
    """To another page by the navigation."""
    page.locator('[data-testid="stTopNavLink"]', has_text=re.compile(f"^{title}$")).click()
    page.wait_for_function("title => document.title.includes(title)", arg=title)
    settle(page)


def saved(page, count: int) -> None:
    """Wait until the page says that so many decisions are saved."""
    page.get_by_text(f"Saved as number {count}.").first.wait_for()
    page.wait_for_function(IDLE)


def picture(page, name: str, place: Path) -> None:
    """A screenshot of what is to be seen, in the folder that SCREENSHOTS names (`make app-test`: docs/images)."""
    file = Path(os.environ.get("SCREENSHOTS", place)) / f"app-{name}.png"
    page.screenshot(path=file)
    assert file.stat().st_size < 300_000


def test_a_person_reviews_by_keyboard_corrects_a_clause_and_exports(results, tmp_path, visit):
    with serve(results, "--reviewer", "Ana Reyes", folder=tmp_path) as app, visit(app.url) as page:
        settle(page)
        picture(page, "queue", tmp_path)
        page.get_by_role("button", name="Review", exact=True).click()
        page.locator(".dr-pane").wait_for()
        settle(page)
        page.locator(".dr-pane").click(position={"x": 5, "y": 5})
        for count, key in enumerate("arfu", 1):
            page.keyboard.press(key)
            saved(page, count)
        decisions = Decisions(results)
        doc = decisions.entries()[0].doc
        said = [(entry.doc, entry.verdict, entry.by) for entry in decisions.entries()]
        assert said == [(doc, verdict, "Ana Reyes") for verdict in ("accepted", "rejected", "flagged", "unsure")]

        picture(page, "review", tmp_path)
        page.keyboard.press("e")
        page.get_by_label("Answer", exact=True).fill("=Corrected by Ana")
        page.get_by_label("Answer", exact=True).press("Enter")
        text = (results / "text" / f"{doc}.txt").read_text(encoding="utf-8", errors="replace")
        words = page.locator(".dr-pane").inner_text().split("\n")[0].strip()[:24]
        assert page.evaluate(SELECT, words)
        page.get_by_text("The place becomes the words that are selected").wait_for()
        page.get_by_role("button", name="Save the edit").click()
        saved(page, 5)
        edit = decisions.entries()[-1]
        assert (edit.verdict, edit.value) == ("edited", "=Corrected by Ana")
        assert text[edit.quote_span.start : edit.quote_span.end] == words

        go(page, "Export")
        page.get_by_role("button", name="Make the file").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("^Save .*xlsx$")).click()
        download.value.save_as(tmp_path / "out.xlsx")
    cells = {
        str(cell.value): cell.data_type
        for sheet in openpyxl.load_workbook(tmp_path / "out.xlsx")
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert cells["=Corrected by Ana"] == "s", "the person's words are text, not a formula"
    assert any("Ana Reyes" in value for value in cells)
    assert "Traceback" not in app.said


def test_every_page_draws_fits_and_asks_nobody(results, tmp_path, visit):
    """Console errors and requests elsewhere fail in `visit`."""
    with serve(results, "--reviewer", "Ana Reyes", folder=tmp_path) as app, visit(app.url) as page:
        settle(page)
        for title in TITLES.values():
            go(page, title)
            assert page.locator('[data-testid="stException"]').count() == 0, title
            for width in (800, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                page.wait_for_function(f"({WIDE})().every((over) => over <= 0)")
        assert "Traceback" not in app.said


def test_every_page_has_labels_and_contrast(results, tmp_path, visit):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    found = {}
    with serve(results, "--reviewer", "Ana Reyes", folder=tmp_path) as app, visit(app.url) as page:
        settle(page)
        for title in TITLES.values():
            go(page, title)
            rules = {"runOnly": {"type": "rule", "values": [*LABELS, "color-contrast"]}}
            for violation in axe.run(page, options=rules).response["violations"]:
                wheres = found.setdefault(violation["id"], [])
                wheres += [
                    f"{title}: {node['html'][:160]} | {node['failureSummary'][:160]}" for node in violation["nodes"]
                ]
    assert not found, "\n".join(f"{rule}: {where}" for rule, wheres in found.items() for where in wheres[:6])


def test_the_token_is_asked_for_and_the_name_typed_is_kept(results, tmp_path, visit):
    with serve(results, "--token-file", tmp_path / "token", folder=tmp_path) as app, visit(app.url) as page:
        page.locator("input[type=password]").fill("not the token")
        page.get_by_role("button", name="Open").click()
        page.get_by_text("This is not the token").wait_for()
        assert "msa.pdf" not in page.content()
        page.locator("input[type=password]").fill((tmp_path / "token").read_text().strip())
        page.get_by_role("button", name="Open").click()
        settle(page)
        page.get_by_label("Your name").fill("Tom Weber")
        page.get_by_label("Your name").press("Enter")
        page.get_by_role("button", name="Review", exact=True).click()
        page.wait_for_url(re.compile(r"/review\?doc="))
        page.get_by_role("button", name="Accept (A)", disabled=False).click()
        saved(page, 1)
    assert [entry.by for entry in Decisions(results).entries()] == ["Tom Weber"]
