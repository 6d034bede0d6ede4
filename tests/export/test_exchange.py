"""Annotations of other tools: out and in again they name the same places; what can't be proven is refused."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from folders import TEXT, decide, found, lease, make_document, make_folder, make_review, place
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from docreview.cli import app
from docreview.decisions import Decisions
from docreview.errors import ConfigError
from docreview.export import FORMATS, export, folder, import_annotations
from docreview.export.annotation import Annotation, prove
from docreview.types import Span

KINDS = ("annotations", "label-studio", "langextract")
LAW = "The laws of Delaware govern this lease."


@pytest.fixture
def out(tmp_path):
    return lease(tmp_path / "out")


def sent(out, to):
    path = out.parent / FORMATS[to][0]
    export(folder(out), to, path)
    return path


def places(out):
    """All places that stand in a folder, with their questions."""
    (filed,) = folder(out)
    return {(row.clause.name, c.span, c.quote) for row in filed.rows for c in row.clause.citations}


ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60)
ASTRAL = st.lists(
    st.sampled_from(["𝔘", "a", "é", "e\u0301", "\r\n", "\n", "👩‍👩‍👧", "契", "\u202e", " ", "ا", "\ufeff", "a b"]),
    min_size=2,
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(st.one_of(ANY, ASTRAL.map("".join)).filter(str.strip), st.data(), st.sampled_from(KINDS))
def test_any_place_in_any_text_comes_back_as_it_was(text, data, kind):
    spots = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda s: s[0] < s[1])
    spots = spots.filter(lambda spot: text[slice(*spot)].strip())
    wanted = data.draw(st.lists(spots, min_size=1, max_size=4, unique=True))
    with TemporaryDirectory() as folders:
        document = make_document(text)
        clauses = [found(document, "Parties", spot) for spot in wanted]
        theirs = make_folder(Path(folders, "a"), ("lease.txt", document, make_review(document, *clauses)))
        bare = make_review(document, found(document, "Insurance", (0, len(text))))
        ours = make_folder(Path(folders, "b"), ("lease.txt", document, bare))
        done = import_annotations(sent(theirs, kind), ours, by="Ann", undecided=True)
        assert (done.added, done.refused) == (len(wanted), [])
        named = {(name, span) for name, span, _ in places(ours) if name == "Parties"}
        assert named == {("Parties", Span(*spot)) for spot in wanted}


@pytest.mark.parametrize("kind", KINDS)
def test_people_come_back_as_decisions_and_programs_do_not(out, tmp_path, kind):
    decide(out, "Governing Law", LAW)
    decide(out, "Insurance", "USD 400", "added", value="400 dollars")
    other = lease(tmp_path / "other")
    done = import_annotations(sent(out, kind), other, by="Cy")
    assert (done.accepted, done.added, done.edited, done.refused) == (1, 1, 0, [])
    assert done.programs >= 3
    first, second = Decisions(other).entries()
    assert (first.verdict, first.clause, first.span, first.by) == ("accepted", "Governing Law", Span(*place(LAW)), "Cy")
    assert (second.verdict, second.quote, second.value) == ("added", "USD 400", "400 dollars")
    assert "made by Ann" in first.note
    again = import_annotations(sent(out, kind), other, by="Cy")
    assert (again.known, again.added, again.accepted) == (2, 0, 0), "doing it again changes nothing"
    assert len(Decisions(other).entries()) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_undecided_leaves_everything_open(out, tmp_path, kind):
    decide(out, "Insurance", "USD 400", "added")
    other = lease(tmp_path / "other")
    assert import_annotations(sent(out, kind), other, by="Cy", undecided=True).refused == []
    (filed,) = folder(other)
    assert {row.decision for row in filed.rows} == {"unreviewed", "unsure"}


def label_studio(start, end, label="Insurance", text=None, **data):
    value = {"start": start, "end": end, "labels": [label]} | ({"text": text} if text is not None else {})
    result = {"id": "x", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    return {
        "id": 1,
        "data": {"text": TEXT, "doc": "lease.txt"} | data,
        "annotations": [{"completed_by": 7, "result": [result]}],
    }


def taken(tmp_path, out, *tasks):
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps(tasks), encoding="utf-8")
    return import_annotations(file, out, by="Cy")


def test_what_cannot_be_proven_is_refused_and_the_rest_goes_in(out, tmp_path):
    start, end = place("USD 400")
    two = label_studio(0, 3, text="The")
    good = label_studio(start, end, text="USD 400")
    altered = label_studio(*place(LAW), text=LAW.replace("Delaware", "Nevada"))
    unknown = label_studio(0, 5, "Colour", text="LEASE")
    beyond = label_studio(9_000, 9_005)
    blank = label_studio(TEXT.index("\n\n"), TEXT.index("\n\n") + 2, text="\n\n")
    elsewhere = label_studio(0, 5, text="LEASE", doc="other.txt")
    elsewhere["data"]["text"] = "LEASE of another thing"
    done = taken(tmp_path, out, two, good, altered, unknown, beyond, blank, elsewhere)
    assert done.added == 1
    assert [(each.number, each.reason) for each in done.refused] == [
        (1, "its words stand at 2 places, and its offsets at none of them"),
        (3, "its words are not in the document"),
        (4, "the checklist has no question of this name"),
        (5, "it has no words, and its offsets can be counted in two ways"),
        (6, "the place can't be saved: only white space, or characters that are no text"),
        (7, "it names no document of this folder"),
    ]
    assert [entry.quote for entry in Decisions(out).entries()] == ["USD 400"]


def test_a_document_is_known_by_its_text_too(out, tmp_path):
    task = label_studio(*place("USD 400"), text="USD 400")
    del task["data"]["doc"]
    assert taken(tmp_path, out, task).added == 1


def test_what_a_person_decided_otherwise_is_not_overruled(out, tmp_path):
    decide(out, "Governing Law", LAW, "rejected")
    done = taken(tmp_path, out, label_studio(*place(LAW), "Governing Law", text=LAW))
    assert [each.reason for each in done.refused] == ["a person has decided on it already: rejected"]


ASTRAL_TEXT = "𝔘𝔘 pay USD 400 to 𝔘, then USD 400 again."
PROOFS = [
    # quote, start, end, prefix, suffix, place or reason
    ("USD 400", 7, 14, "", "", (7, 14)),  # code points
    ("USD 400", 9, 16, "", "", (7, 14)),  # UTF-16 units
    ("USD 400", 0, 7, "to 𝔘, then ", "", (26, 33)),  # wrong offsets, a prefix that tells
    ("USD 400", None, None, "", " again", (26, 33)),
    ("USD 400", None, None, "", "", "its words stand at 2 places, and its offsets at none of them"),
    ("pay  USD 400", None, None, "", "", (3, 14)),  # white space evened out by the tool
    ("pay USD 500", 3, 14, "", "", "its words are not in the document"),
    ("", 0, 2, "", "", "it has no words, and its offsets can be counted in two ways"),
]


@pytest.mark.parametrize(("quote", "start", "end", "prefix", "suffix", "expected"), PROOFS)
def test_proof(quote, start, end, prefix, suffix, expected):
    annotation = Annotation(
        number=1, document=(), clause="x", quote=quote, start=start, end=end, prefix=prefix, suffix=suffix
    )
    assert prove(annotation, make_document(ASTRAL_TEXT)) == (
        Span(*expected) if isinstance(expected, tuple) else expected
    )


def test_offsets_without_words_count_where_all_tools_count_alike():
    annotation = Annotation(number=1, document=(), clause="x", start=0, end=5)
    assert prove(annotation, make_document(TEXT)) == Span(0, 5)


def test_w3c_selectors_are_those_of_the_model(out):
    page = json.loads(sent(out, "annotations").read_bytes())
    assert (page["@context"], page["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationPage")
    law = next(each for each in page["items"] if each["body"][0]["value"] == "Governing Law")
    position, quote = law["target"]["selector"]
    start, end = place(LAW)
    assert position == {"type": "TextPositionSelector", "start": start, "end": end}
    assert quote["prefix"] + quote["exact"] + quote["suffix"] == TEXT[max(0, start - 32) : end + 32]
    absent = next(each for each in page["items"] if each["body"][0]["value"] == "Cap on Liability")
    assert (absent["target"], absent["body"][1]["value"]) == ("text/lease.txt.txt", "not_found")
    assert len({each["id"] for each in page["items"]}) == len(page["items"])


def test_label_studio_gets_its_configuration(out):
    path = sent(out, "label-studio")
    (task,) = json.loads(path.read_bytes())
    results = task["predictions"][0]["result"]
    assert all(task["data"]["text"][r["value"]["start"] : r["value"]["end"]] == r["value"]["text"] for r in results)
    configuration = path.with_suffix(".xml").read_text(encoding="utf-8")
    assert {label for r in results for label in r["value"]["labels"]} <= set(configuration.split('"'))
    assert '<Text name="text" value="$text" granularity="character">' in configuration


WRONG = [
    "", "no json", "[]", "{}", "[1]", '{"@context": 1}', '{"@context": 1, "items": [{}]}', '{"extractions": 5}',
    '[{"data": 1, "annotations": 5}]',
]  # fmt: skip


@pytest.mark.parametrize("content", WRONG)
def test_files_that_are_none_of_these_are_refused_whole(out, tmp_path, content):
    file = tmp_path / "x.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError):
        import_annotations(file, out, by="Cy")
    assert Decisions(out).entries() == []


def test_the_verb_lists_what_it_refuses(out, tmp_path):
    file = tmp_path / "tasks.json"
    tasks = [label_studio(*place("USD 400"), text="USD 400"), label_studio(0, 5, "Colour", text="LEASE")]
    file.write_text(json.dumps(tasks), encoding="utf-8")
    words = ["import", str(file), "--into", str(out), "--by", "Cy"]
    first = CliRunner().invoke(app, words, catch_exceptions=False)
    assert first.exit_code == 1
    assert first.stdout.splitlines() == [
        "0 accepted, 0 edited, 1 added, 0 known, 0 programs, 1 refused",
        "refused: annotation 2, lease.txt, Colour: the checklist has no question of this name",
    ]
    second = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    assert (second["known"], second["refused"][0]["number"]) == (1, 2)
