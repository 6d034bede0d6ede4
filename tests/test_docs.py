"""Docs say what is so: the command line's page is the program's own, and every Python block in docs runs."""

import doctest
import os
import re
from pathlib import Path

import pytest

from docreview.cli import reference

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{i}")
    for page in PAGES
    for i, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
]


def test_the_command_line_page_is_current():
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference.page(), (
        "run: python -m docreview.cli.reference > docs/cli.md"
    )


@pytest.mark.skipif(not BLOCKS, reason="no Python block in the docs yet")
@pytest.mark.parametrize("block", BLOCKS)
def test_a_python_block_runs(block, tmp_path, monkeypatch):
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    monkeypatch.chdir(tmp_path)
    if ">>>" in block:
        example = doctest.DocTestParser().get_doctest(block, {}, "docs", None, 0)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        assert runner.run(example).failed == 0
    else:
        exec(compile(block, "docs", "exec"), {"__name__": "docs"})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_inside_the_docs_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{os.fspath(page)}: {target}"
