"""Sections: the outline that a reader sees, with exact spans; never a reference, a page number or a list."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.read.structure import find_sections
from docreview.types import Section

BODY = "The parties shall do all that is needed for this purpose, and shall bear their own costs of it. "


def outline(text: str) -> list[tuple[int, str, str]]:
    return [(section.level, section.number, section.title) for section in find_sections(text)]


CASES = {
    "lines": (
        f"1. Definitions\n{BODY}\n1.1 Use. {BODY}\n1.2 {BODY}\n2. Term and Termination\n{BODY}\n10. Late\n{BODY}",
        [(1, "1", "Definitions"), (2, "1.1", "Use"), (2, "1.2", ""), (1, "2", "Term and Termination")],
    ),
    "inline": (
        f"agree as follows: 1. Grant of License. {BODY}2. Payment Terms. As set out in Section 9. {BODY}     "
        f"3. Defaulting and Participating Sponsors. Each Sponsor {BODY}",
        [(1, "1", "Grant of License"), (1, "2", "Payment Terms"), (1, "3", "Defaulting and Participating Sponsors")],
    ),
    "articles": (
        f"ARTICLE I\n\nDEFINITIONS\n\nSection 1.01 Terms. {BODY}\nSection 1.02 Rules. {BODY}\n"
        f"ARTICLE II. THE GRANT 2.1 "
        f"License. {BODY}\n2.2 Limits. {BODY}",
        [
            (1, "ARTICLE I", "DEFINITIONS"),
            (2, "Section 1.01", "Terms"),
            (2, "Section 1.02", "Rules"),
            (1, "ARTICLE II", "THE GRANT"),
            (2, "2.1", "License"),
            (2, "2.2", "Limits"),
        ],
    ),
    "schedules": (
        f"1. Price. {BODY}\n2. Law. {BODY}\n\nSCHEDULE 2\n\nSERVICES\n\n1. Scope. {BODY}\n"
        f"2. Staff. {BODY}\nExhibit A - Fees\n{BODY}",
        [
            (1, "1", "Price"),
            (1, "2", "Law"),
            (1, "SCHEDULE 2", "SERVICES"),
            (2, "1", "Scope"),
            (2, "2", "Staff"),
            (1, "Exhibit A", "Fees"),
        ],
    ),
    "letters": (
        f"1. Duties. {BODY}\n(a) Care. {BODY}\n(b) Loyalty. {BODY}as in (b) above and (c) below.\n2. Law. {BODY}",
        [(1, "1", "Duties"), (2, "(a)", "Care"), (2, "(b)", "Loyalty"), (1, "2", "Law")],
    ),
    "roman": (
        f"I. SCOPE\n{BODY}\nII. FEES\n{BODY}\nIII. LAW\n{BODY}",
        [(1, "I", "SCOPE"), (1, "II", "FEES"), (1, "III", "LAW")],
    ),
    "markdown": (
        f"# Master Agreement\n{BODY}\n## 1. Term\n{BODY}\n"
        f"### Notice\n{BODY}\n```\n# no heading\n```\n## 2. Law\n{BODY}",
        [(1, "", "Master Agreement"), (2, "1", "Term"), (3, "", "Notice"), (2, "2", "Law")],
    ),
    "capitals": (
        f"RECITALS\n\n{BODY}\n\nLIMITATION OF LIABILITY\n\n{BODY}",
        [(1, "", "RECITALS"), (1, "", "LIMITATION OF LIABILITY")],
    ),
    "a list of exhibits": (
        f"Exhibit A - Fees\nExhibit B - Staff\nExhibit C - Sites\n\n"
        f"1. One. {BODY}\n2. Two. {BODY}\n\nExhibit A - Fees\n{BODY}",
        [(1, "1", "One"), (1, "2", "Two"), (1, "Exhibit A", "Fees")],
    ),
    "no-break blanks": (
        f"1.\xa0GRANT\xa0OF\xa0RIGHTS\n\n{BODY}\n2.\xa0Term\xa0of\xa0Use.\xa0{BODY}",
        [(1, "1", "GRANT OF RIGHTS"), (1, "2", "Term of Use")],
    ),
    "a paragraph in capitals": (
        f"1. Scope. {BODY}\n\n"
        "THE FOREGOING WARRANTIES ARE IN LIEU OF ALL OTHERS AND\nOF ALL WARRANTIES OF MERCHANTABILITY\n\n"
        f"2. Law. {BODY}",
        [(1, "1", "Scope"), (1, "2", "Law")],
    ),
    "German": (
        f"§ 1 Gegenstand\n{BODY}\n§ 2 Laufzeit und Kündigung\n{BODY}\nAnlage 1\n{BODY}",
        [(1, "§ 1", "Gegenstand"), (1, "§ 2", "Laufzeit und Kündigung"), (1, "Anlage 1", "")],
    ),
    "French": (
        f"Article 1 - Objet\n{BODY}\nArticle 2 - Durée\n{BODY}",
        [(1, "Article 1", "Objet"), (1, "Article 2", "Durée")],
    ),
    "Spanish": (
        f"Cláusula 1. Objeto\n{BODY}\nCláusula 2. Precio\n{BODY}",
        [(1, "Cláusula 1", "Objeto"), (1, "Cláusula 2", "Precio")],
    ),
    "a number is missing": (
        f"1. One. {BODY}\n2. Two. {BODY}\n4. Four. {BODY}\n5. Five. {BODY}",
        [(1, "1", "One"), (1, "2", "Two"), (1, "4", "Four"), (1, "5", "Five")],
    ),
    "page numbers and sources": (
        f"1. One. {BODY}\n\n1\n\nSource: ACME INC, 10-K, 3/1/2019\n\n\n{BODY}\n2. Two. {BODY}\n\n2\n\nSource: ACME INC",
        [(1, "1", "One"), (1, "2", "Two")],
    ),
    "contents": (
        "TABLE OF CONTENTS\n1. Definitions ........ 3\n2. Grant of License ........ 5\n3. Term\t12\n\n"
        f"1. Definitions. {BODY}\n2. Grant of License. {BODY}\n3. Term. {BODY}",
        [(1, "1", "Definitions"), (1, "2", "Grant of License"), (1, "3", "Term")],
    ),
    "contents without dots": (
        "1. Definitions\n2. Grant of License\n3. Term\n4. Law\n\n"
        f"1. Definitions. {BODY}\n2. Grant of License. {BODY}\n3. Term. {BODY}\n4. Law. {BODY}",
        [(1, "1", "Definitions"), (1, "2", "Grant of License"), (1, "3", "Term"), (1, "4", "Law")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_outline(name: str) -> None:
    text, expected = CASES[name]
    assert outline(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1. apples\n2. pears\n3. plums\n",
        "1. Apples\n2. Pears\n3. Plums\n",
        f"as set forth in Section 4.2 of it. {BODY}See Section 5. The Company shall pay. Article 9 shall survive.\n"
        * 3,
        "The price is 1. 5 million. We met on 3. May and 4. June. No. 5 The Strand.",
        "1.\n" * 50,
        "ACME HOLDINGS, INC.\n\nBy: Tom\n",
        "",
    ],
)
def test_no_sections(text: str) -> None:
    assert outline(text) == []


def test_spans_nest_and_tile() -> None:
    text = CASES["articles"][0]
    sections = find_sections(text)
    first, inner = sections[0], sections[1]
    assert text[first.heading.start : first.heading.end] == "ARTICLE I\n\nDEFINITIONS"
    assert text[inner.heading.start : inner.heading.end] == "Section 1.01 Terms."
    assert inner.span in first.span
    assert first.span.end == sections[3].span.start
    assert sections[-1].span.end == len(text)


def check(text: str, sections: tuple[Section, ...]) -> None:
    for before, section in pairwise(sections):
        assert before.span.start < section.span.start
        assert section.span in before.span or before.span.end <= section.span.start
        assert before.level < section.level or before.span.end <= section.span.start
    for section in sections:
        assert section.span.end <= len(text)
        assert section.number.split(" ")[0] in text[section.heading.start : section.heading.end]


@given(
    st.lists(
        st.sampled_from(
            ["1.", "2.", "1.1", "3", "(a)", "A.", "II.", "ARTICLE I", "# ", "EXHIBIT B", "\n", " ", "Term.", "Go", BODY]
        )
    )
)
def test_any_order_of_headings_keeps_spans_right(parts: list[str]) -> None:
    text = " ".join(parts)
    check(text, find_sections(text))


HOSTILE = {
    "one line": "notice clause whereas payment " * 50_000,
    "short lines": "1.\n" * 60_000,
    "numbers": "1. A 2. B 1. C " * 15_000,
    "decimals": " ".join(f"{i % 90}.{i % 7}.{i % 5} Xy" for i in range(50_000)),
    "no blank": "liabilitycustomer" * 120_000,
    "blanks": "1. A" + " " * 2_000_000 + "2. B",
    "capitals": "ARTICLE I\n\nAAAA BBBB\n\n" * 15_000,
    "exhibits": "EXHIBIT A\n\n1. Alpha. Text\n" * 15_000,
    "letters": "(a) Beta. (b) Gamma. " * 20_000,
    "line breaks": "\n" * 2_000_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_linear_time(name: str) -> None:
    text = HOSTILE[name]
    start = time.process_time()
    sections = find_sections(text)
    assert time.process_time() - start < 30  # it ends
    assert all(section.span.end <= len(text) for section in sections)


def test_numbers_of_real_contracts_are_mostly_complete(shared: Path) -> None:
    """Nine in ten top-level numbers of contracts that count from 1 follow the one before."""
    files = sorted((shared / "cuad" / "dev" / "contracts").glob("*.txt"))[::10]
    if not files:
        pytest.skip("the contracts are absent")
    follow = total = found = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        sections = find_sections(text)
        check(text, sections)
        found += len(sections) >= 5
        numbers = [int(s.number) for s in sections if s.level == 1 and s.number.isdigit()]
        total += max(0, len(numbers) - 1)
        follow += sum(1 for a, b in pairwise(numbers) if b == a + 1)
    assert found >= 0.8 * len(files)
    assert follow >= 0.9 * total
