"""What verification accepts, what it refuses, where it says a quote stands, and what it says was changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview._text import Folded, joined
from docreview.types import Document, Page, Section, Source, Span, Turn
from docreview.verify import MIN_QUOTE, locate, verify


def document(text: str, **facts: object) -> Document:
    return Document(id="d", source=Source(path="d.txt", media_type="text/plain", sha256="0" * 64), text=text, **facts)


TEXT = """1. Fees. The Buyer shall not pay more than $1,500,000 (one million five hundred thousand US dollars) within
thirty (30) days after 1 March 2024. Interest is 5.5% p.a. or -2% of the “Net Sales”.
2. Term. Upon termi-
nation of this non-
exclusive licence, the Licensee can't re-sign any sub-licence; the Licensee may assign Exhibit A-1.
A fee of $5 million falls due in twenty-five days; the parties' unlimited or un-
limited duty is anti-competitive.
3. Law. Die Straße ist lang. Area: 10² m², ½ day. Notwithstanding the foregoing, US$500 or C$700 is due.
"""
DOCUMENT = document(TEXT)

TRUE = [
    "the Buyer shall not pay more than $1,500,000",
    "one million five hundred thousand US dollars) within thirty (30) days",
    "THIRTY (30) DAYS AFTER 1 MARCH 2024",
    'of the "Net Sales".',
    "“Upon termination of this non-exclusive licence”",
    "Upon termination of this nonexclusive licence",
    "Upon termi-\nnation of this non- exclusive",
    "the Licensee\u00a0can’t re‑sign any sub\u2013licence",
    "DIE STRASSE IST LANG",
    "The Buyer shall not pay … within thirty (30) days",
    "... The Buyer shall not pay [...] within thirty (30) days ...",
    "10² m², ½ day",
    "500 or C$700 is due",
    "-2% of the",
    "“A fee of $5 million”",
    "twenty-five days; the parties' unlimited",
]
FALSE = [
    "the Buyer shall pay more than $1,500,000",
    "the Buyer shall not pay more than €1,500,000",
    "the Buyer shall not pay more than $1,500,001",
    "the Buyer may not pay more than",
    "the Seller shall not pay more than",
    "within sixty (60) days after 1 March 2024",
    "within thirty (30) days after 1 March 2025",
    "within thirty (30) days before 1 March 2024",
    "within thirty 30 days",
    "Interest is 5,5% p.a.",
    "Interest is 5.5",  # cut: the percent sign
    "5% p.a.",  # cut: 5.5%
    "500,000 (one million",  # cut
    "2% of the “Net Sales”",  # cut: minus
    "ee can",  # cut
    "the Licensee can",  # cut: can't
    "exclusive licence, the Licensee",  # cut: non-exclusive
    "$500 or",  # cut: US$
    "Exhibit A-2",
    "A fee of $5",  # cut: million
    "five days",  # cut: twenty-five
    "competitive.",  # cut: anti-
    "limited duty",  # cut: at a line end
    "A fee'",
    "resign any sub-licence",
    "re sign any sub-licence",
    "re-sign any sublicence",
    "Not withstanding the foregoing",
    "Notwithstandingthe foregoing",
    "102 m2",
    "1/2 day",
    "10 m², ½ day",
    "the Buyer shall not pay more than $1,500,000 per year",
    "In any event, the Buyer shall not pay more than $1,500,000",
    "within thirty (30) days ... The Buyer shall not pay",  # order
    "The Buyer shall not pay ... the Licensee can't re-sign",  # another section
    "The Buyer shall ... pay more than $1,500,000",  # swallows "not"
    "… ... …",
    "",
    "?!",
    "a",
]


@pytest.mark.parametrize("quote", TRUE)
def test_true_quotes_are_proven(quote: str) -> None:
    result = verify(quote, DOCUMENT)
    assert result.proven, result
    assert all(citation.quote == DOCUMENT[citation.span] for citation in result.citations)


@pytest.mark.parametrize("quote", FALSE)
def test_falsified_quotes_are_not(quote: str) -> None:
    result = verify(quote, DOCUMENT)
    assert result.verdict in ("altered", "not_found"), result.spans
    assert result.citations == ()


@pytest.mark.parametrize(
    ("quote", "changed"),
    [
        ("within sixty (60) days after 1 March 2024", [("sixty", "thirty"), ("60", "30")]),
        ("the Buyer shall pay more than $1,500,000", [("", "not")]),
        ("the Buyer shall not ever pay more than", [("ever", "")]),
        ("the Seller shall not pay more than", [("Seller", "Buyer")]),
        ("the Licensee shall assign Exhibit A-1", [("shall", "may")]),
        ("The Buyer shall not pay ... within sixty (30) days", [("sixty", "thirty")]),
        ("Upon termination of this nonexclusive license", [("license", "licence")]),
    ],
)
def test_altered_names_the_differing_words(quote: str, changed: list[tuple[str, str]]) -> None:
    result = verify(quote, DOCUMENT)
    assert result.verdict == "altered"
    assert [(c.quote, c.document) for c in result.changed] == changed
    assert all(c.span is None or DOCUMENT[c.span] == c.document for c in result.changed)


def test_what_is_nowhere_is_not_found() -> None:
    result = verify("Zebras graze quietly beyond every river bank", DOCUMENT)
    assert (result.verdict, result.changed, result.closest) == ("not_found", (), None)


def test_all_places_in_order_each_with_its_verdict() -> None:
    text = "The fee is due.\nThe fee\nis due. THE FEE IS DUE."
    result = verify("The fee is due.", document(text))
    assert result.verdict == "verbatim"
    assert [text[s.start : s.end] for s in result.spans] == ["The fee is due.", "The fee\nis due.", "THE FEE IS DUE."]
    assert [c.verdict for c in result.citations] == ["verbatim", "normalised", "normalised"]


def test_only_within() -> None:
    text = "The fee is due. The fee is due."
    assert verify("The fee", document(text), within=Span(10, 31)).spans == (Span(16, 23),)
    assert not verify("The fee", document("The fee is due."), within=Span(8, 15)).proven


def test_locate_prefers_the_very_characters() -> None:
    found = locate("the fee", document("THE FEE and the fee"))
    assert found is not None
    assert (found.span, found.verdict) == (Span(12, 19), "verbatim")
    assert locate("the tax", document("THE FEE and the fee")) is None


def test_citations_name_page_and_speaker() -> None:
    text = "Anna: We sign on Friday.\nBen: Agreed, on Friday."
    doc = document(
        text,
        pages=(Page(number=1, span=Span(0, 25)), Page(number=2, span=Span(25, len(text)))),
        turns=(
            Turn(speaker="Anna", span=Span(6, 24), start_s=1.5),
            Turn(speaker="Ben", span=Span(30, len(text)), start_s=4.0),
        ),
    )
    first, second = verify("on Friday.", doc).citations
    assert (first.page, first.speaker, first.start_s) == (1, "Anna", 1.5)
    assert (second.page, second.speaker, second.start_s) == (2, "Ben", 4.0)
    assert not verify("We sign on ... Agreed, on Friday", doc).proven  # two speakers


def test_an_ellipsis_stays_in_its_section() -> None:
    text = "Fees\nThe Buyer shall pay the fee.\nIt is due monthly.\nTerm\nThe Term is one long year."
    at = text.index("Term\n")
    sections = tuple(
        Section(number=n, title=t, level=1, heading=Span(a, a + 4), span=Span(a, b))
        for n, t, a, b in (("1", "Fees", 0, at), ("2", "Term", at, len(text)))
    )
    doc = document(text, sections=sections)
    assert verify("The Buyer shall pay ... due monthly", doc).proven
    assert not verify("The Buyer shall pay ... one long year", doc).proven


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("合同期限为三十天，自签字之日起计算。", "自签字之日起"),
        ("ผู้รับข้อมูลต้องไม่เปิดเผยข้อมูลลับ", "ต้องไม่เปิดเผย"),
        ("पक्ष गोपनीय जानकारी का खुलासा नहीं करेगा।", "जानकारी का खुलासा नहीं"),
        ("لا يجوز للطرف المتلقي إفشاء المعلومات السرية.", "للطرف المتلقي إفشاء"),
        ("Bên nhận không được tiết lộ thông tin.", "không được tiết lộ"),
    ],
)
def test_other_scripts(text: str, quote: str) -> None:
    found = verify(quote, document(text))
    assert found.verdict == "verbatim"
    assert [text[s.start : s.end] for s in found.spans] == [quote]


def test_numbers_are_not_cut_in_other_scripts() -> None:
    assert not verify("三十天，自签字", document("期限为一百三十天，自签字之日起")).proven
    assert not verify("ผู้รับข้อม", document("ผู้รับข้อมูลต้องไม่")).proven  # parts a vowel from its letter


def test_a_short_quote_proves_nothing() -> None:
    assert MIN_QUOTE == 2
    assert verify("A", document("A B C A")).note


TOKENS = st.sampled_from(
    "shall not 30 1,500.50 non-exclusive “Buyer” Straße can't (a) ﬁx ½ é e\u0301 ก\u0e31น 第三条 क\u093fया x\u200by "
    "co\xadop – … $5 5% İ ı 's '' \u200f".split(" ")
)
GAPS = st.sampled_from([" ", "  ", "\n", " \n ", "\u00a0", "\t"])


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, int, int]:
    """A text of odd words, and where a run of whole words lies in it."""
    words = draw(st.lists(TOKENS, min_size=1, max_size=12))
    text, places = "", []
    for word in words:
        places.append((len(text), len(text) + len(word)))
        text += word + draw(GAPS)
    first = draw(st.integers(0, len(words) - 1))
    last = draw(st.integers(first, len(words) - 1))
    return text, places[first][0], places[last][1]


@given(pieces())
def test_a_run_of_whole_words_is_verbatim_where_it_stands(piece: tuple[str, int, int]) -> None:
    text, start, end = piece
    quote = text[start:end]
    key = Folded(quote).key
    if sum(map(str.isalnum, key)) < MIN_QUOTE or key[0] in "–-'%" or joined(text[start - 1 : start] or " ", quote[0]):
        return
    result = verify(quote, document(text))
    assert result.verdict == "verbatim"
    assert Span(start, end) in result.spans


@given(pieces(), st.sampled_from([str.upper, str.lower, lambda s: " ".join(s.split()), lambda s: s.replace(" ", "\n")]))
def test_setting_it_otherwise_changes_nothing(piece: tuple[str, int, int], change: object) -> None:
    text, start, end = piece
    quote = change(text[start:end])  # type: ignore[operator]
    key = Folded(quote).key
    if sum(map(str.isalnum, key)) < MIN_QUOTE or key[0] in "–-'" or not key[0].isalnum() or not key[-1].isalnum():
        return
    result = verify(quote, document(text))
    assert result.proven
    assert all(Folded(text[s.start : s.end]).key == key for s in result.spans)
    assert any(span.start < end and start < span.end for span in result.spans)
