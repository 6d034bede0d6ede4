"""Edits of a known kind, planted in real contracts: each is found, as what it is, and nothing else is."""

import random
import re
from collections import Counter

import pytest
from compare_samples import document, resolved, squeezed

from docreview.compare import compare
from docreview.compare.redline import redline

RULES = {
    "obligation": [(r"\bshall not\b", "shall"), (r"\bshall\b", "may"), (r"\bmay\b", "shall"),
                   (r"\bwill not\b", "will")],
    "number": [(r"\bthirty \(30\)", "sixty (60)"), (r"\bten \(10\)", "twenty (20)"), (r"\bfive \(5\)", "seven (7)"),
               (r"\b90\b", "45")],
    "money": [(r"\$\d", lambda found: f"${int(found[1]) % 9 + 1}")],
    "date": [(r"\b(?:January|March|June|July|August|October|December)(?= \d{1,2}, \d{4})", "February")],
    "wording": [(r"\breasonable\b", "sole"), (r"\bmaterial\b", "substantial"), (r"\bpromptly\b", "immediately")],
}  # fmt: skip
APART = 200  # characters
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@pytest.fixture(scope="module")
def contracts(shared):
    files = sorted((shared / "cuad" / "dev" / "contracts").glob("*.txt"))[:40]
    documents = [document(file.read_text(encoding="utf-8"), file.name) for file in files]
    return [one for one in documents if len(one.sections) >= 10]


def planted(text, rng):
    """The text with edits, and each edit as (start, end, kind) in the text as it was."""
    edits = []
    for kind, rules in RULES.items():
        found = [(m, new) for pattern, new in rules for m in re.finditer(pattern, text)]
        for match, new in rng.sample(found, min(3, len(found))):
            edits.append((match.start(), match.end(), new if isinstance(new, str) else new(match[0]), kind))
    parts, places, at = [], [], 0
    for start, end, new, kind in sorted(edits):
        if places and start <= places[-1][1] + APART:
            continue
        parts += [text[at:start], new]
        places.append((start, end, kind))
        at = end
    return "".join([*parts, text[at:]]), places


@pytest.mark.slow
def test_planted_edits_are_found_and_nothing_else(contracts):
    rng, found, known, total, false = random.Random(7), Counter(), Counter(), Counter(), 0
    for old in contracts:
        text, places = planted(old.text, rng)
        new = document(text)
        comparison = compare(old, new)
        left = list(comparison.differences)
        for start, end, kind in places:
            total[kind] += 1
            here = [d for d in left if d.old_at <= end and (d.old.end if d.old else d.old_at) >= start - 2]
            found[kind] += bool(here)
            known[kind] += bool(here) and here[0].kind == kind
            left = [d for d in left if d not in here]
        false += len(left)
        made = redline(comparison)
        assert resolved(made, accept=True) == ILLEGAL.sub("\ufffd", text)
        assert squeezed(resolved(made, accept=False)) == squeezed(ILLEGAL.sub("\ufffd", old.text))
    print(total.total(), "planted", found.total(), "found", known.total(), "known", false, "false")
    assert found == total
    assert known.total() >= 0.99 * total.total()
    assert false == 0


@pytest.mark.slow
def test_moved_sections_are_known_again(contracts):
    rng, moved, total, differences = random.Random(7), 0, 0, 0
    for old in contracts:
        sections = [section.span for section in old.sections if 400 < len(section.span) < 5000][:-1]
        if len(sections) < 3:
            continue
        span = rng.choice(sections)
        rest = old.text[: span.start] + old.text[span.end :].rstrip()
        comparison = compare(old, document(f"{rest}\n\n{old[span]}"))
        total += 1
        away = sum(len(pair.new.span) for pair in comparison.pairs if pair.moved)
        moved += away > 0.5 * len(span)
        differences += len(comparison.differences)
    print(moved, "of", total, "moved,", differences, "differences")
    assert moved >= 0.95 * total
    assert differences <= total // 10
