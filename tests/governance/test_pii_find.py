"""What is found, and what is not."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.governance import find_pii
from docreview.governance.pii import LABELS
from docreview.governance.pii.span import PiiSpan, disjoint

FOUND = [
    ("Write to j.doe+x@mail.example.co.uk.", "EMAIL", "j.doe+x@mail.example.co.uk"),
    ("Mail: <mailto:ann@example.org>", "EMAIL", "ann@example.org"),
    ("почта: иван@пример.рф", "EMAIL", "иван@пример.рф"),
    ("Phone: (404) 815-5909", "PHONE", "(404) 815-5909"),
    ("(404) 815-5909 is busy", "PHONE", "(404) 815-5909"),
    ("T: +44 (0)1235 430036", "PHONE", "+44 (0)1235 430036"),
    ("Telefon 0171 2626895.", "PHONE", "0171 2626895"),
    ("电话：+86 139 5751 4034。", "PHONE", "+86 139 5751 4034"),
    ("call 555-0100x12 now", "PHONE", "555-0100x12"),
    ("card 4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("paid with 378282246310005 today", "CREDIT_CARD", "378282246310005"),
    ("an **** no: 4532************7890", "CREDIT_CARD", "4532************7890"),
    ("pay to GB29 NWBK 6016 1331 9268 19 NOW", "IBAN", "GB29 NWBK 6016 1331 9268 19"),
    ("DE89370400440532013000", "IBAN", "DE89370400440532013000"),
    ("SSN: 219-09-9999", "SSN", "219-09-9999"),
    ("Tax ID 94-2841935", "ID", "94-2841935"),
    ("his ITIN is 912-71-1234", "SSN", "912-71-1234"),
    ("codice fiscale RSSMRA85T10A562S", "ID", "RSSMRA85T10A562S"),
    ("身份证号110102199404147194", "ID", "110102199404147194"),
    ("PESEL 44051401359", "ID", "44051401359"),
    ("burgerservicenummer 111222333", "ID", "111222333"),
    ("Steuer-ID: 36 574 261 809", "ID", "36 574 261 809"),
    ("NIF 12345678Z", "ID", "12345678Z"),
    ("CPF 529.982.247-25", "ID", "529.982.247-25"),
    ("Aadhaar 2341 2341 2346", "ID", "2341 2341 2346"),
    ("personnummer 811228-9874", "ID", "811228-9874"),
    ("passport no. P4789023X", "ID", "P4789023X"),
    ("Driver's license: D245-938-19-203", "ID", "D245-938-19-203"),
    ("account number 321456789K", "ID", "321456789K"),
    ("National Insurance number AB123456C", "ID", "AB123456C"),
    ("from IP address 10.2.18.6", "IP", "10.2.18.6"),
    ("host 203.0.113.62 answered", "IP", "203.0.113.62"),
    ("at 2001:db8:85a3::8a2e:370:7334.", "IP", "2001:db8:85a3::8a2e:370:7334"),
    ("MAC 00:1B:44:11:3A:B7", "IP", "00:1B:44:11:3A:B7"),
    ("MAC 00-1B-44-11-3A-B7", "IP", "00-1B-44-11-3A-B7"),
    ("see https://portal.example.net/u?id=42.", "URL", "https://portal.example.net/u?id=42"),
    ("www.example.com/x", "URL", "www.example.com/x"),
    ("Date of birth: 3 May 1961", "DATE", "3 May 1961"),
    ("née le 21 juin 1979 à Lyon", "DATE", "21 juin 1979"),
    ("geboren am 17.02.1988", "DATE", "17.02.1988"),
    ("出生日期：1990年3月4日", "DATE", "1990年3月4日"),
    ("password: hunter2!", "OTHER", "hunter2!"),
    ("Attn: Kurt Dresch, Director", "PERSON", "Kurt Dresch"),
    ("Attention: Mr. Joel S. Cartee", "PERSON", "Mr. Joel S. Cartee"),
    ("By: /s/ Jane Q. Public", "PERSON", "Jane Q. Public"),
    ("Name: Ayşe Gülşen Yıldırım\nTitle: CEO", "PERSON", "Ayşe Gülşen Yıldırım"),
    ("Dear Priya,\n", "PERSON", "Priya"),
    ("Attn: General Counsel, Ritva Holm\n", "PERSON", "Ritva Holm"),
    ("Wendy Cassity, General Counsel", "PERSON", "Wendy Cassity"),
    ("Договор подписан: Наталья Зимина, от имени", "PERSON", "Наталья Зимина"),
    ("ondertekend door Sjoerd van der Meulen namens", "PERSON", "Sjoerd van der Meulen"),
    ("本合同由王晓燕代表公司签署", "PERSON", "王晓燕"),
    ("佐藤 美咲様はカード番号", "PERSON", "佐藤 美咲"),
    ("ההסכם נחתם על ידי יעל כהן בשם החברה", "PERSON", "יעל כהן"),
    ("1025 Lenox Park Blvd Atlanta, GA 30319", "ADDRESS", "1025 Lenox Park Blvd Atlanta, GA 30319"),
    ("Adresse : 27 bis, rue des Martyrs, 75009 Paris.", "ADDRESS", "27 bis, rue des Martyrs, 75009 Paris"),
    ("wohnt Schönhauser Allee 112, 10437 Berlin", "ADDRESS", "Schönhauser Allee 112, 10437 Berlin"),
    ("P.O. Box 3515", "ADDRESS", "P.O. Box 3515"),
    ("the card ending in *456 was", "ID", "*456"),
    ("the almost identical case, NJA 2002 p. 314 (see", "ID", "NJA 2002 p. 314"),
    ("in R v. Lambert [2001] 3 WLR 206, which", "ID", "3 WLR 206"),
    ("My zip code is 09197", "ADDRESS", "09197"),
]  # fmt: skip
NOT_FOUND = [
    "Section 2.4.1.3 of this Agreement, and Sections 12.1.2.4 and 3",
    "$1,250,000.00 by June 30, 1999 (45 days; 12.5 %)",
    "version 10.2.1.4 of the software",
    "shares 123456789 of common stock, CUSIP 037833100",
    "between 2019 and 2023, at 10:30:45 on 12/31/2020",
    "GB29 NWBK 6016 1331 9268 18",
    "order 4111111111111112",
    "Attn: General Counsel",
    "Attention: Chief Financial Officer",
    "By: Acme Holdings, Inc.",
    "WHEREAS the Company and the Distributor agree",
    "The term of this Agreement is effective March 14, 2023.",
    "5 @ $3 each",
    "the fiscal year ending in 2020 and a total of 3 AC units",
    "server:http://127.0.0.1:8080/v1: nobody answers at localhost",
    "ISBN 978-3-16-148410-0",
    "[PERSON_1] of [ADDRESS_2] at [EMAIL_3]",
]


@pytest.mark.parametrize(("text", "label", "value"), FOUND)
def test_it_is_found(text, label, value):
    assert (label, value) in [(s.label, text[s.start : s.end]) for s in find_pii(text)]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_it_is_left_alone(text):
    assert [(s.label, text[s.start : s.end]) for s in find_pii(text)] == []


def test_a_name_is_found_wherever_else_it_stands():
    text = (
        "Attn: Kurt Dresch\n\nDRESCH shall call. Later Kurt Dresch and Dresch wrote; drescher did not, nor Dresch LLC."
    )
    found = [text[s.start : s.end] for s in find_pii(text) if s.label == "PERSON"]
    assert found == ["Kurt Dresch", "DRESCH", "Kurt Dresch", "Dresch"]


def test_a_surname_that_is_an_ordinary_word_of_the_document_is_not_spread():
    text = "Attn: Jane Price\nThe price is fixed. Price increases are not."
    assert [text[s.start : s.end] for s in find_pii(text)] == ["Jane Price"]


def test_an_address_spells_a_name():
    text = "Questions go to Marguerite Shea (m.shea@example.com or marguerite.shea@example.com)."
    assert "Marguerite Shea" in [text[s.start : s.end] for s in find_pii(text)]


def test_speakers_of_a_transcript():
    text = "ANNA BAUER: Shall we start?\nMR. OKAFOR: Yes.\nANNA BAUER: Then let us.\n"
    found = [text[s.start : s.end] for s in find_pii(text)]
    assert found.count("ANNA BAUER") == 2
    assert any("OKAFOR" in f for f in found)


def test_kinds_dates_and_organisations_are_chosen():
    text = "Signed on 14 March 2023. Mail: a.b@example.com"
    assert [s.label for s in find_pii(text)] == ["EMAIL"]
    assert [s.label for s in find_pii(text, all_dates=True)] == ["DATE", "EMAIL"]
    assert find_pii(text, kinds=["PHONE"]) == ()
    with pytest.raises(ValueError, match="NAME"):
        find_pii(text, kinds=["NAME"])


def test_national_numbers_need_a_word_or_the_language():
    assert find_pii("siehe 030 90186750 dort") == ()
    assert [s.label for s in find_pii("siehe 030 90186750 dort", "de")] == ["PHONE"]


class Everything:
    def __call__(self, text, language=None):
        return [PiiSpan(m.start(), m.end(), "PERSON", 0.55) for m in re.finditer(r"\w+", text)]


def test_a_recogniser_adds_what_it_finds_but_leaves_surrogates():
    text = "Ann met [PERSON_1]"
    assert [text[s.start : s.end] for s in find_pii(text, names=Everything())] == ["Ann", "met"]


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from([text for text, *_ in FOUND] + NOT_FOUND),
    st.sampled_from(["@", "[PERSON_1]", "\n", " ", "İ", "\u0301", "١٢٣٤٥٦", "\ud800", "\x00", "：", "Mr. ", "Attn: "]),
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_spans_are_in_order_apart_and_inside(text):
    end = 0
    for span in find_pii(text):
        assert span.label in LABELS
        assert end <= span.start < span.end <= len(text)
        end = span.end


@given(
    st.lists(
        st.builds(
            lambda a, n, label, score: PiiSpan(a, a + n, label, score),
            st.integers(0, 30), st.integers(1, 12), st.sampled_from(LABELS), st.sampled_from([0.5, 0.7, 0.9]),
        )
    )
)  # fmt: skip
def test_what_is_made_disjoint_covers_the_same_letters(spans):
    text = "Ab c1 d2 e f-g hi j " * 3
    found = disjoint(spans, text)
    covered = {i for s in spans for i in range(s.start, s.end) if text[i].isalnum()}
    assert {i for s in found for i in range(s.start, s.end) if text[i].isalnum()} == covered
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a@a@a@", "1-1-1-", "((((", "a:a:", "[PERSON_1]", "www.", "://", "4111 ", "Mr. A "])
def test_time_grows_with_the_length_alone(piece):
    def seconds(size):
        text = (piece * size)[:size]
        started = time.process_time()
        find_pii(text)
        return time.process_time() - started

    seconds(1_000)
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.01)  # ten times the text; a square would be a hundred
