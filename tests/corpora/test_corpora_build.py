"""From annotated sources to documents."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from docreview.errors import ConfigError
from docreview.evaluate.corpora.sources import blocks, read_source, strip, turns

FOLDER = Path(__file__).parents[2] / "corpora"


def test_marks_nest_and_leave_the_text_alone():
    text, marks = strip("A <<One = 1; Two | b <<@name | c>> d>> e")
    assert text == "A b c d e"
    assert [(m.name, m.value, m.quote) for m in marks] == [
        ("One", "1", "b c d"),
        ("Two", "", "b c d"),
        ("@name", "", "c"),
    ]


@pytest.mark.parametrize("body", ["a >> b", "<<One | a", "<<One | <<Two | a>>"])
def test_a_mark_that_is_not_closed_is_refused(body):
    with pytest.raises(ValueError, match="mark"):
        strip(body)


def test_a_source_without_header_is_named(tmp_path):
    (tmp_path / "x.md").write_text("# Title\n")
    with pytest.raises(ConfigError, match=r"x\.md"):
        read_source(tmp_path / "x.md")


def test_blocks_have_their_kinds():
    found = blocks("# T\n\n## H\n\n  (a) x\n\n| a | b |\n| 1 | 2 |\n\n> l1\n> l2\n\n<page>\n")
    assert [b.kind for b in found] == ["title", "heading", "paragraph", "table", "lines", "page"]
    assert found[2].level == 1
    assert found[3].rows == (("a", "b"), ("1", "2"))


def test_a_mark_never_spans_two_pieces_of_a_turn():
    said, marks = turns(
        "Ann: Well, one two three four five. <<Decision = x | We do this now and here. And that as well.>> Bye.\n"
    )
    assert [m.speaker for m in marks] == ["Ann"]
    assert any(marks[0].quote in text for text, _, _ in said[0].pieces)
    assert all(end > start for _, start, end in said[0].pieces)


def test_an_unknown_label_is_refused(tmp_path):
    from docreview.evaluate.corpora.build import build

    (tmp_path / "src").mkdir()
    header = 'title = "T"\ntype = "other"\nlanguage = "en"\nlicence = "CC0-1.0"\nfiles = ["contracts/a.txt"]\n'
    (tmp_path / "src/a.md").write_text(f"+++\n{header}+++\n# T\n\n<<Governing Lore = x | y>>\n")
    with pytest.raises(ConfigError, match="Governing Lore"):
        build(tmp_path)


@pytest.mark.slow
def test_building_again_gives_the_committed_text(tmp_path):
    """Text formats; the bytes of PDF and DOCX depend on the versions of the libraries that write them."""
    for package in ("reportlab", "docx", "PIL"):
        pytest.importorskip(package)
    from docreview.evaluate.corpora.build import build

    for name in ("src", "multilingual"):
        shutil.copytree(FOLDER / name, tmp_path / name)
    files = build(tmp_path)
    first = {file: (tmp_path / file).read_bytes() for file in files}
    text = [file for file in files if not file.endswith((".pdf", ".docx"))]
    assert len(text) > 20
    assert all(first[file] == (FOLDER / file).read_bytes() for file in text)
    assert build(tmp_path) == files
    assert all(first[file] == (tmp_path / file).read_bytes() for file in files)
