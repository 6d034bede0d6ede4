"""What a notebook shows of a value: escaped, short; and what it gives as a table."""

import copy
import pickle
import re
import subprocess
import sys

import pytest

import docreview
from docreview._shown import MOST_ROWS, Rows, html, table_html
from docreview.compare import compare
from docreview.compare.effective import effective
from docreview.evaluate.overhead import Overhead, Text, measure
from docreview.evaluate.retrieving import measure as retrieved
from docreview.governance.audit import AuditLog, events
from docreview.governance.pii import PiiSpan, find_pii, redact
from docreview.lint import lint
from docreview.obligations import Obligation, obligations
from docreview.playbook import check, load, suggest
from docreview.search.alone import Alone
from docreview.types import (
    Citation,
    Clause,
    Coverage,
    Decision,
    Document,
    Finding,
    Hit,
    Page,
    Passage,
    ReadWarning,
    Review,
    Section,
    Source,
    Span,
    Turn,
)

EVIL = '<script>alert(1)</script><img src=x onerror="x">&amp;\u202eevil\x00</table>'
ALLOWED = re.compile(
    r"</?(?:div|p|strong|em|small|mark|q|ul|ol|li|table|thead|tbody|tr|th|td|pre|del|ins|b|i|s)"
    r'(?: (?:style|class|dir)="[^"<>]*")*>'
)


def contained(markup: str) -> str:
    """The text of some markup in which nothing but our own tags may stand."""
    text = ALLOWED.sub("", markup)
    assert "<" not in text
    assert ">" not in text
    assert "\u202e" not in text
    assert "\x00" not in text
    return text


def hostile() -> Document:
    text = f"{EVIL} heading\n{EVIL} says {EVIL}"
    whole = Span(0, len(text))
    return Document(
        id="d1",
        source=Source(path=f"/x/{EVIL}", media_type="text/plain", sha256=""),
        text=text,
        pages=(Page(number=1, span=whole), Page(number=2, span=None)),
        turns=(Turn(speaker=EVIL, span=whole, start_s=3.0),),
        sections=(Section(number=EVIL, title=EVIL, level=1, heading=Span(0, 5), span=whole),),
        warnings=(ReadWarning(code="x", message=EVIL, page=1),),
    )


def cited() -> Citation:
    return Citation(doc_id="d1", span=Span(0, len(EVIL)), quote=EVIL, verdict="verbatim", page=1, speaker=EVIL)


def reviewed() -> Review:
    return Review(
        doc_id="d1",
        checklist=EVIL,
        clauses=(
            Clause(name=EVIL, status="found", value=EVIL, citations=(cited(),), score=0.5, note=EVIL),
            Clause(name=f"{EVIL}2", status="not_read", note=EVIL),
        ),
        coverage=Coverage(spans=(Span(0, 9),), unread_pages=(2,)),
        reader=EVIL,
        run_id="r",
        doc_type=EVIL,
        findings=(Finding(rule="r", severity="warning", message=EVIL),),
        decisions=(Decision(clause=EVIL, verdict="accepted", by="ann", at="2026-01-01T00:00:00Z"),),
    )


def hit() -> Hit:
    passage = Passage(doc_id="d1", span=Span(0, len(EVIL)), text=EVIL, section=EVIL, speakers=(EVIL,))
    return Hit(passage=passage, score=1.0, rank=1, doc=EVIL, before=EVIL, after=EVIL)


VALUES = {
    "document": hostile(),
    "review": reviewed(),
    "clause": reviewed().clauses[0],
    "finding": Finding(rule=EVIL, severity="error", message=EVIL, citations=(cited(),)),
    "hit": hit(),
    "hits": Rows(Hit, [hit(), hit()]),
    "passage": hit().passage,
    "citation": cited(),
    "turn": hostile().turns[0],
    "source": hostile().source,
    "verification": docreview.verify(f"{EVIL} sells {EVIL}", hostile()),
    "comparison": compare(hostile(), Document(id="d2", source=hostile().source, text=f"{EVIL} other\n\n{EVIL}")),
    "redacted": redact(f"{EVIL} ann@example.com {EVIL}"),
    "answer": docreview.ask(hostile(), f"What says {EVIL}?"),
}


@pytest.mark.parametrize("name", VALUES)
def test_hostile_text_stays_text(name):
    shown = contained(VALUES[name]._repr_html_())
    assert "alert(1)" in shown


def test_a_document_shows_what_a_reader_must_know():
    shown = contained(html(hostile()))
    assert "not wholly read: page 2" in shown
    assert "(page 1)" in shown


def test_a_document_without_sections_shows_its_turns_or_its_beginning():
    turns = docreview.read("corpora/transcripts/project-meeting.vtt")
    assert turns.turns[0].speaker in contained(html(turns))
    plain = Document(id="d", source=hostile().source, text="word " * 5_000)
    assert contained(html(plain)).count("word") < 100


def test_a_review_says_what_was_not_found_and_what_nobody_read():
    shown = contained(html(reviewed()))
    assert "Not read (" in shown
    assert "9 characters were read; not read: page 2" in shown
    assert "accepted" in shown


def test_a_hit_stands_between_its_neighbours():
    document = docreview.read("corpora/contracts/lease.docx")
    found = Alone(document).search("security deposit", 3)
    for each in found:
        span = each.passage.span
        assert document.text[: span.start].endswith(each.before)
        assert document.text[span.end :].startswith(each.after)
        assert "<mark>" in html(each)
    assert found[0].before
    assert found[0].after


def test_a_difference_stands_between_its_neighbours(lease):
    other = Document(id="o", source=lease.source, text=lease.text.replace("is not liable", "is liable"))
    shown = html(compare(lease, other))
    assert re.search(r"is <del>not</del> liable|is ?<del>not</del> ?liable", shown)


def test_no_surrogate_is_cut_in_two():
    for start in range(1_480, 1_502):
        shown = contained(html(redact("a " * (start // 2) + "b" * (start % 2) + " ann@example.com and more " * 3)))
        assert shown.count("[") == shown.count("]")


def test_tables_show_so_many_rows_and_count_the_rest():
    shown = contained(table_html(["n"], [(i,) for i in range(MOST_ROWS + 5)]))
    assert "and 5 more" in shown
    assert html(Rows(Hit, [hit()] * (MOST_ROWS + 2))).count("<mark>") == MOST_ROWS


@pytest.mark.slow
def test_no_repr_holds_a_document(corpora):
    document = docreview.read(corpora / "contracts" / "msa.pdf")
    for value in (
        document,
        docreview.review(document),
        compare(document, document),
        redact(document.text[:20_000]),
        Text(name="a", language="en", text=document.text),
        Alone(document).ranker.entry.doc_id,
    ):
        assert document.text[1000:1100] not in repr(value)
        assert len(repr(value)) < 20_000


@pytest.fixture(scope="module")
def lease():
    return docreview.read("corpora/contracts/lease.docx")


def test_a_review_is_a_table_of_its_places(lease):
    review = docreview.review(lease)
    frame = review.to_pandas()
    assert list(frame.clause) == [clause.name for clause in review.clauses]
    assert set(frame.status) == {clause.status for clause in review.clauses}
    for row in frame[frame.quote.notna()].itertuples():
        assert lease[row.start : row.end] == row.quote
    assert str(frame.start.dtype) == "Int64"


def test_every_list_of_values_is_a_table(lease):
    review = docreview.review(lease)
    book = load("vendor-msa")
    rows = {
        "hits": (Alone(lease).search("rent", 4), "text"),
        "obligations": (obligations(lease), "duty"),
        "faults": (lint(lease), "message"),
        "checked": (check(lease, review, book), "judgement"),
        "practice": (suggest([review], book), "question"),
        "personal data": (find_pii("write to ann@example.com"), "label"),
    }
    for name, (values, column) in rows.items():
        frame = values.to_pandas()
        assert len(frame) == len(values) > 0, name
        assert frame[column].notna().all(), name
        assert isinstance(values, tuple), name
        assert values._repr_html_().count("<") > 4, name


def test_nothing_found_is_a_table_with_columns():
    assert Alone(hostile()).search(" ").to_pandas().columns[0] == "rank"
    assert list(find_pii("nothing").to_pandas().columns) == ["label", "score", "start", "end"]
    assert obligations(hostile()).to_pandas().empty


def test_answers_are_tables_also_those_that_abstain(lease):
    with docreview.Conversation(lease) as talk:
        talk.ask("What is the security deposit?")
        talk.ask("How many parking spaces does the tenant get?")
    table = talk.to_pandas()
    assert list(table.status) == ["answered", "abstained"]
    first = table.iloc[0]
    assert lease[first.start : first.end] == first.quote


def test_the_terms_in_force_are_a_table_that_drops_nothing(corpora):
    order = docreview.read(corpora / "contracts" / "sow-3.docx")
    amendment = docreview.read(corpora / "twins" / "sow-3-amendment-1.txt")
    terms = effective(order, [amendment])
    table = terms.to_pandas()
    assert table.applied.sum() == len(terms.changes) > 0
    assert (~table.applied).sum() == len(terms.unapplied) > 0
    assert "31 January 2026" in set(table.new)


def test_a_document_is_a_table_of_its_turns_or_sections(lease, corpora):
    sections = lease.to_pandas()
    assert list(sections.title) == [section.title for section in lease.sections]
    call = docreview.read(corpora / "transcripts" / "project-meeting.vtt")
    turns = call.to_pandas()
    assert list(turns.speaker) == [turn.speaker for turn in call.turns]
    assert turns.end_s.notna().all()


def test_the_audit_log_is_a_table(tmp_path):
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        log.add("document_read", {"document_sha256": "ab" * 32, "pages": 12})
    table = events(tmp_path / "log").to_pandas()
    assert list(table.kind) == [event.kind for event in events(tmp_path / "log")]
    assert "document_read" in set(table.kind)


def test_how_far_one_reads_until_the_answer(tmp_path, corpora):
    (tmp_path / "lease.docx").write_bytes((corpora / "contracts" / "lease.docx").read_bytes())
    (tmp_path / "questions.toml").write_text(
        """[[document]]
file = "lease.docx"
set = "test"
question = [
  { text = "What is the security deposit?", answer = ["$61,262.50 as security"] },
  { text = "Are pets allowed in the building?" },
]
""",
        encoding="utf-8",
    )
    (row,) = retrieved(tmp_path)
    assert row.rank is not None
    assert row.characters >= len("$61,262.50 as security")
    assert retrieved(tmp_path, k=0)[0].rank is None


def test_a_comparison_is_a_table_of_its_differences(lease):
    other = Document(id="o", source=lease.source, text=lease.text.replace("$61,262.50", "$71,262.50"))
    compared = compare(lease, other)
    frame = compared.to_pandas()
    assert len(frame) == len(compared.differences) > 0
    money = frame[frame.kind == "money"].iloc[0]
    assert lease[money.old_start : money.old_end] == money.old
    assert "71,262" in money.new


def test_a_redacted_text_is_a_table_without_what_was_taken_out():
    frame = redact("Write to ann@example.com or ben@example.com.").to_pandas()
    assert list(frame.surrogate) == ["[EMAIL_1]", "[EMAIL_2]"]
    assert "example" not in frame.to_csv()


def test_overhead_is_a_table():
    class Letters:
        def count(self, texts):
            return [len(text) for text in texts]

    rows = measure([Text(name="a", language="en", text="one two")], {"letters": Letters()})
    assert isinstance(rows, Rows)
    assert rows.kind is Overhead
    assert rows.to_pandas().per_character.tolist() == [1.0]


def test_rows_are_a_tuple_in_all_but_their_table():
    spans = find_pii("ann@example.com and ben@example.com")
    assert isinstance(spans[0], PiiSpan)
    assert isinstance(spans[:1], Rows)
    assert len(spans[:1].to_pandas()) == 1
    for other in (pickle.loads(pickle.dumps(spans)), copy.deepcopy(spans)):
        assert other == spans
        assert other.kind is PiiSpan
    assert Rows(Obligation) == ()


def test_without_pandas_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "import docreview\nfrom docreview.governance.pii import find_pii\n"
        "try:\n    find_pii('a').to_pandas()\n"
        "except docreview.errors.MissingExtra as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "docreview[notebooks]" in done.stdout
