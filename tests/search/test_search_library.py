import json
import os
from itertools import pairwise

import pytest
from search_samples import CAP, END, LAW, contract

from docreview.errors import LibraryError
from docreview.read import read
from docreview.search import HashEmbedder, Library, build, build_dense, gather
from docreview.search.store import MANIFEST


@pytest.fixture
def lib(folder, tmp_path):
    build(folder, tmp_path / "lib")
    return tmp_path / "lib"


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("Which law governs this contract?", LAW),
        ("Can a party end the contract without cause?", END),
        ("Is liability capped?", CAP),
    ],
)
def test_the_clause_that_was_planted_comes_first(lib, question, clause):
    hit = Library.open(lib).search(question, 1, doc="alpha.txt")[0]
    assert hit.passage.text in clause
    assert len(hit.passage.text) > 20
    assert hit.rank == 1


def test_hits_are_the_documents_own_characters_and_do_not_overlap(lib, folder):
    for name in ("alpha.txt", "sub/gamma.txt", "call.txt"):
        text = (folder / name).read_text(encoding="utf-8")
        hits = Library.open(lib).search("liability budget law", 100, doc=name)
        spans = sorted((h.passage.span.start, h.passage.span.end) for h in hits)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert all(text[h.passage.span.start : h.passage.span.end] == h.passage.text for h in hits)
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
        seen = set().union(*(range(a, b) for a, b in spans))
        assert all(text[i].isspace() for i in range(len(text)) if i not in seen)  # all of it can be found


def test_a_question_that_names_a_document_is_answered_from_it(lib):
    library = Library.open(lib)
    for name, who in (("alpha.txt", "Alphatron and Borealis"), ("sub/gamma.txt", "Gammadyne")):
        hits = library.search(f"Consider the Services Agreement of {who}; which law governs it?", 5)
        assert {hit.doc for hit in hits} == {name}
        assert hits[0].passage.text in LAW


def test_filters(lib):
    library = Library.open(lib)
    assert {h.doc for h in library.search("liability", doc="gamma.txt")} == {"sub/gamma.txt"}
    assert {s for h in library.search("supplier", speaker="ben") for s in h.passage.speakers} == {"Ben"}
    assert library.search("supplier", speaker="nobody") == ()
    assert library.search("law", type="pdf") == ()
    assert library.search("law", type="txt")
    with pytest.raises(LibraryError, match="no document is called"):
        library.search("law", doc="missing.txt")


@pytest.mark.parametrize(
    "question", ["", "   ", "?!", "zzzzqqq", "\u0e2a\u0e31\u0e0d\u0e0d\u0e32", "a" * 5000, "\ud800"]
)
def test_odd_questions_do_not_break(lib, question):
    hits = Library.open(lib).search(question, 3)
    assert len(hits) <= 3


def test_an_update_reads_only_what_changed(folder, tmp_path):
    lib = tmp_path / "lib"
    first = build(folder, lib)
    assert (first.documents, first.added, first.unchanged) == (3, 3, 0)
    before = {p.name: p.stat().st_mtime_ns for p in (lib / "docs").iterdir()}
    again = build(folder, lib)
    assert (again.added, again.unchanged, again.removed) == (0, 3, 0)
    assert before == {p.name: p.stat().st_mtime_ns for p in (lib / "docs").iterdir()}
    (folder / "alpha.txt").unlink()
    (folder / "new.txt").write_text(contract("Epsilon and Zeta", END), encoding="utf-8")
    third = build(folder, lib)
    assert (third.added, third.unchanged, third.removed) == (1, 2, 1)
    assert "alpha.txt" not in Library.open(lib).names
    assert len(list((lib / "docs").iterdir())) == 3
    assert len(list(lib.glob("index-*"))) == 1


def test_a_broken_file_is_a_row_and_stops_nothing(folder, tmp_path):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    (folder / "empty.txt").write_bytes(b"")
    report = build(folder, tmp_path / "lib")
    assert report.documents == 3
    assert {f.path for f in report.failures} == {"bad.pdf", "empty.txt"}
    assert all(f.error and f.message for f in report.failures)
    assert {f.path for f in build(folder, tmp_path / "lib").failures} == {"bad.pdf", "empty.txt"}


def test_a_killed_run_leaves_the_library_and_is_taken_up_again(folder, tmp_path):
    lib = tmp_path / "lib"
    build(folder, lib)
    (folder / "new.txt").write_text(contract("Epsilon and Zeta", END), encoding="utf-8")
    seen = []

    def stop(done, total):
        seen.append(done)
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(folder, lib, progress=stop)
    assert len(Library.open(lib).names) == 3
    assert Library.open(lib).search("law")
    assert build(folder, lib).added == 1


@pytest.mark.parametrize(
    "raw",
    [
        b'{"format": 99}',
        b"{",
        b"[]",
        b'{"format": 1, "rows": [], "index": ""}',
        b'{"format": 2, "rows": [], "index": "", "more": 1}',
    ],
)
def test_a_library_of_another_version_or_damaged_is_refused(lib, raw):
    (lib / MANIFEST).write_bytes(raw)
    with pytest.raises(LibraryError):
        Library.open(lib)


def test_a_folder_that_is_no_library_is_left_alone(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(LibraryError, match="not empty"):
        build(folder, tmp_path / "mine")
    with pytest.raises(LibraryError, match="no library"):
        Library.open(tmp_path / "mine")


def test_damaged_parts_are_named(lib):
    for path in (lib / "docs").iterdir():
        path.write_bytes(b"nothing")
    with pytest.raises(LibraryError, match="damaged"):
        Library.open(lib).search("law", doc="alpha.txt")


def test_a_library_inside_its_own_folder_is_not_indexed(folder):
    build(folder, folder / "lib")
    assert build(folder, folder / "lib").documents == 3


def test_an_empty_folder_makes_an_empty_library(tmp_path):
    (tmp_path / "in").mkdir()
    assert build(tmp_path / "in", tmp_path / "lib").documents == 0
    assert Library.open(tmp_path / "lib").search("law") == ()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_row(folder, tmp_path):
    (folder / "alpha.txt").chmod(0)
    assert [f.error for f in build(folder, tmp_path / "lib").failures] == ["permission"]


def test_dense_vectors_are_made_once_for_equal_passages_and_used(folder, tmp_path):
    pytest.importorskip("chromadb")
    (folder / "copy.txt").write_text((folder / "alpha.txt").read_text(encoding="utf-8") + " ", encoding="utf-8")
    lib, embedder = tmp_path / "lib", HashEmbedder(32)
    build(folder, lib)
    with pytest.raises(LibraryError, match="no dense vectors"):
        Library.open(lib, dense=True, embedder=embedder)
    report = build_dense(lib, embedder=embedder)
    assert 0 < report.embedded < report.passages
    assert build_dense(lib, embedder=embedder).embedded == 0
    library = Library.open(lib, embedder=embedder)
    assert library.dense
    hits = library.search("governed by the laws of the State of Israel", 3)
    assert hits[0].via[-1] == "dense"
    assert hits[0].passage.text in LAW
    with pytest.raises(LibraryError, match="vectors of"):
        Library.open(lib, embedder=HashEmbedder(16))
    assert not Library.open(lib, dense=False).dense


def test_the_command_line_in_batch(lib, tmp_path, capsys):
    from typer.testing import CliRunner

    from docreview.cli import app

    rows = [{"id": "a", "query": "Which law governs?", "doc": "alpha.txt"}, {"id": "b", "query": "Gammadyne liability"}]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)))
    args = ["search", str(lib), "--queries", str(tmp_path / "q.jsonl"), "--k", "4", "--out", str(tmp_path / "h.jsonl")]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    hits = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]
    assert [set(hit) for hit in hits] == [{"query_id", "doc", "start", "end", "score"}] * len(hits)
    assert {(hit["query_id"], hit["doc"]) for hit in hits} == {("a", "alpha.txt"), ("b", "sub/gamma.txt")}
    assert CliRunner().invoke(app, ["search", str(lib)]).exit_code == 2
    assert CliRunner().invoke(app, ["search", str(lib), "law", "--json", "-k", "1"]).exit_code == 0


def test_a_question_about_an_unknown_document_does_not_stop_the_others(lib, tmp_path):
    from typer.testing import CliRunner

    from docreview.cli import app

    rows = [
        {"id": "a", "query": "Which law?", "doc": "nope.txt"},
        {"id": "b", "query": "Which law?", "doc": "alpha.txt"},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)))
    args = ["search", str(lib), "--queries", str(tmp_path / "q.jsonl"), "--out", str(tmp_path / "h.jsonl")]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 1
    assert "nope.txt" in done.output
    hits = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]
    assert {hit["query_id"] for hit in hits} == {"b"}


def test_a_library_gives_back_its_documents_as_they_were_read(lib, folder):
    opened = Library.open(lib)
    for name in ("alpha.txt", "call.txt"):
        assert opened.document(name) == read(folder / name)
        assert opened.ranker(name).entry.text == opened.document(name).text
    with pytest.raises(LibraryError, match="no document is called"):
        opened.document("omega.txt")


def test_it_says_which_documents_a_question_is_about(lib):
    opened = Library.open(lib)
    assert opened.aim("Which law governs?", doc="alpha.txt") == (("alpha.txt",), "Which law governs?")
    names, rest = opened.aim("What is the budget?")
    assert names
    assert set(names) <= set(opened.names)
    assert rest == "What is the budget?"


def test_an_encrypted_document_is_indexed_once_its_password_is_known(tmp_path, corpora):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "dpa.pdf").write_bytes((corpora / "contracts" / "dpa-encrypted.pdf").read_bytes())
    assert [f.error for f in build(folder, tmp_path / "lib").failures] == ["encrypted"]
    assert [f.error for f in build(folder, tmp_path / "lib", passwords=["wrong"]).failures] == ["encrypted"]
    report = build(folder, tmp_path / "lib", passwords=["wrong", "quiet-harbour-42"])
    assert (report.documents, report.added, report.failures) == (1, 1, ())
    assert Library.open(tmp_path / "lib").search("Which law governs?", 1)
    assert build(folder, tmp_path / "lib").unchanged == 1


def test_documents_that_were_read_already_become_the_same_library(folder, tmp_path, lib):
    names = Library.open(lib).names
    documents = {name: read(folder / name) for name in names}
    report = gather(documents, tmp_path / "gathered")
    assert (report.documents, report.added, report.failures) == (len(names), len(names), ())
    one, other = Library.open(lib), Library.open(tmp_path / "gathered")
    assert other.names == names
    assert [hit.passage.span for hit in other.search("Is liability capped?", 5)] == [
        hit.passage.span for hit in one.search("Is liability capped?", 5)
    ]
    assert other.document("alpha.txt") == documents["alpha.txt"]

    again = gather({"alpha.txt": documents["alpha.txt"]}, tmp_path / "gathered")
    assert (again.added, again.unchanged, again.removed) == (0, 1, len(names) - 1)
    assert Library.open(tmp_path / "gathered").names == ("alpha.txt",)
