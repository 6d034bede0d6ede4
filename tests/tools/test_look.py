"""Tools that look things up, on documents that were read from files."""

import re

import pytest
from leases import document_of

from docreview.governance.tool_policy import ToolPolicy
from docreview.read import read
from docreview.search import Library, build
from docreview.tools import MAX_RESULT, Permissions, Toolbox
from docreview.types import Page, ToolCall

SPAN = re.compile(r"characters (\d+)-(\d+)")


@pytest.fixture(scope="module")
def msa(corpora):
    return read(corpora / "contracts" / "msa.pdf")


@pytest.fixture
def box(msa):
    return Toolbox(msa, policy=ToolPolicy())


def run(box, tool, **arguments):
    box.next_round()
    return box.run(ToolCall(id="call-0", name=tool, arguments=arguments))


def test_search_finds_the_place_and_says_where_it_stands(box, msa):
    found = run(box, "search", query="Which law governs the agreement?")
    assert found.ok
    assert not found.settled
    assert re.search(r"governed\s+by", found.content)
    for start, end in SPAN.findall(found.content):
        assert msa.text[int(start) : int(end)] in found.content


def test_search_goes_on_where_it_stopped(box):
    first = run(box, "search", query="payment of charges")
    assert "skip=6" in first.content
    second = run(box, "search", query="payment of charges", skip=6)
    assert second.ok
    assert not set(SPAN.findall(first.content)) & set(SPAN.findall(second.content))
    assert run(box, "search", query="payment", skip=99_999).content == "Nothing more was found."
    assert not run(box, "search", query=" ").ok


def test_reading_on_gives_the_whole_text_once(box, msa):
    text, start = "", 0
    for _ in range(99):
        content = run(box, "read_span", start=start).content
        assert len(content) <= MAX_RESULT
        start, end = map(int, SPAN.search(content).groups())
        text += content.split("]\n", 1)[1].removesuffix(f"\nRead on with start={end}.")
        start = end
        if end == len(msa):
            break
    assert text == msa.text


def test_text_without_white_space_is_read_on_too():
    box = Toolbox(document_of("x" * 20_000), policy=ToolPolicy())
    ends = [int(SPAN.search(run(box, "read_span", start=at).content)[2]) for at in (0, 5_700, 11_400, 17_100)]
    assert ends == [5_700, 11_400, 17_100, 20_000]


def test_a_section_is_read_by_number_title_or_part_of_it(box, msa):
    section = next(each for each in msa.sections if each.number and len(each.title) > 8)
    by_number = run(box, "read_span", section=f"{section.number}.")
    assert msa[section.heading] in by_number.content
    assert SPAN.search(by_number.content)[1] == str(section.span.start)
    assert SPAN.search(run(box, "read_span", section=section.title.lower()).content)[1] == str(section.span.start)
    assert run(box, "read_span", section=section.title[2:-1]).ok
    wrong = run(box, "read_span", section=section.title[:-2] + "zz")
    assert not wrong.ok
    assert section.title in wrong.content


def test_a_page_is_read_and_one_without_text_is_said_to_be_unread(box, msa):
    page = msa.pages[2]
    content = run(box, "read_span", page=3).content
    assert msa[page.span][:200] in content
    assert "page 3;" in content
    assert "no page 99" in run(box, "read_span", page=99).content
    scan = document_of("one page", pages=(Page(number=1, span=None),))
    assert "could not be read" in run(Toolbox(scan, policy=ToolPolicy()), "read_span", page=1).content
    assert "Give one of" in run(box, "read_span", page=1, start=5).content
    assert "ends at character" in run(box, "read_span", start=10**9).content


def test_sections_are_listed_to_the_last(box, msa):
    lines, skip = [], 0
    while True:
        content = run(box, "list_sections", skip=skip).content
        lines += re.findall(r"^(\d+) page", content, re.MULTILINE)
        more = re.search(r"skip=(\d+)", content)
        if not more:
            break
        skip = int(more[1])
    assert [int(start) for start in lines] == [section.span.start for section in msa.sections]
    assert "No sections" in run(Toolbox(document_of("a text"), policy=ToolPolicy()), "list_sections").content


@pytest.mark.parametrize("term", ["Affiliate", "affiliates", '"Affiliate"', "the Affiliate"])
def test_a_definition_is_found_however_the_term_is_written(box, msa, term):
    found = run(box, "lookup_definition", term=term)
    defined = next(each for each in msa.terms if each.term == "Affiliate")
    assert found.ok
    assert msa[defined.definition][:300] in found.content


def test_an_unknown_term_gets_those_that_are_like_it(box):
    wrong = run(box, "lookup_definition", term="Afiliatee")
    assert not wrong.ok
    assert "Affiliate" in wrong.content
    assert not run(box, "lookup_definition", term="Zebra crossing").ok


def test_a_repeated_look_is_dropped_until_something_new_is_asked(box):
    first = run(box, "search", query="term")
    again = run(box, "search", query="term", skip=0)
    assert (again.ok, again.repeated, again.settled) == (False, True, False)
    assert len(again.content) < 80
    box.next_question()
    assert run(box, "search", query="term").content == first.content


@pytest.fixture(scope="module")
def library(tmp_path_factory, corpora):
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("lib") / "library"
    for name in ("employment.md", "joint-development.txt"):
        (folder / name).write_bytes((corpora / "contracts" / name).read_bytes())
    build(folder, out)
    return Library.open(out)


def test_a_library_is_searched_and_read_by_name(library):
    box = Toolbox(None, library=library, policy=ToolPolicy())
    assert "doc" in str(box.schemas())
    assert {"record_clause", "record_absent", "note"}.isdisjoint(schema["name"] for schema in box.schemas())
    found = run(box, "search", query="probation of the employee")
    assert "employment.md" in found.content
    only = run(box, "search", query="background technology", doc="joint-development.txt").content
    assert "employment.md" not in only
    start = int(SPAN.search(only)[1])
    assert run(box, "read_span", start=start, doc="Joint-Development.txt").ok
    assert "Say which document" in run(box, "read_span", start=0).content
    assert "employment.md" in run(box, "read_span", start=0, doc="employmant.md").content
    assert run(box, "lookup_definition", term="Employee", doc="employment.md").ok
    assert run(box, "list_sections", doc="employment.md").ok


def test_a_flag_in_a_library_is_proven_in_its_document(library):
    box = Toolbox(None, library=library, policy=ToolPolicy())
    quote = library.document("employment.md").text.strip().splitlines()[0].strip("# ")
    assert run(box, "flag", quote=quote, reason="the title", doc="employment.md").ok
    (flag,) = box.records
    assert flag.citations[0].doc_id == library.document("employment.md").id
    assert not run(box, "flag", quote=quote, reason="elsewhere", doc="joint-development.txt").ok


def test_a_note_in_a_library_names_its_document(library, tmp_path):
    box = Toolbox(
        None,
        library=library,
        policy=ToolPolicy(),
        notes=tmp_path / "notes.md",
        confirm=lambda _: "once",
        permissions=Permissions(tmp_path / "permissions.json"),
    )
    quote = library.document("employment.md").text.strip().splitlines()[0].strip("# ")
    assert run(box, "note", text="See this.", quote=quote, doc="employment.md").ok
    assert "employment.md\n" in (tmp_path / "notes.md").read_text()
    assert "Say which document" in run(box, "note", text="See that.", quote=quote).content
