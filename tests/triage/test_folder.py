"""A folder of results as tables; it loses neither documents nor places."""

import pytest

import docreview
from docreview.errors import OutputError


@pytest.fixture(scope="module")
def out(tmp_path_factory, corpora):
    """A run over a short contract, a call and a file that is no document."""
    place = tmp_path_factory.mktemp("run")
    (place / "in").mkdir()
    for name in ("contracts/nda-oneway.txt", "contracts/dpa-encrypted.pdf", "transcripts/support-call.txt"):
        (place / "in" / name.rpartition("/")[2]).write_bytes((corpora / name).read_bytes())
    told = []
    list(docreview.triage(place / "in", place / "out", progress=told.append))
    assert told[-1].done == told[-1].total == 3
    return place / "out"


def test_every_document_is_a_row_also_one_that_was_not_read(out):
    folder = docreview.Folder(out)
    table = folder.documents.to_pandas().set_index("doc")
    assert set(table.index) == {"nda-oneway.txt", "dpa-encrypted.pdf", "support-call.txt"}
    assert table.loc["dpa-encrypted.pdf", "error"] == "encrypted"
    assert table.loc["nda-oneway.txt", "found"] > 0
    assert table.risk.iloc[0] == table.risk.max()
    assert "dpa-encrypted.pdf" in folder._repr_html_()


def test_every_place_of_every_document_is_a_row(out):
    folder = docreview.Folder(out)
    table = folder.to_pandas()
    for result in folder:
        rows = table[table.doc == result.doc]
        assert list(rows.clause) == [clause.name for clause in result.review.clauses]
        for row in rows[rows.quote.notna()].itertuples():
            assert result.document[row.start : row.end] == row.quote


def test_questions_have_a_column_each(out):
    grid = docreview.Folder(out).questions()
    assert list(grid.index) == ["nda-oneway.txt"]
    assert grid.loc["nda-oneway.txt", "Governing Law"] == "found"
    assert len(docreview.Folder(out).questions("transcript")) == 1


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(OutputError):
        docreview.Folder(tmp_path)
