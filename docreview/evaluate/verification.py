"""How verification does on quotes from real texts: true ones set otherwise, and falsified ones.

A falsified quote that a plain reading of the document holds by chance (all white space, marks and case evened out by
code that shares nothing with verification) is no test and is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

from docreview.evaluate.quote_variants import FALSE, TRUE, hyphenated, upper
from docreview.types import Document, Source
from docreview.verify import Verification, verify
from docreview.verify.ellipsis import MAX_GAP, MIN_PART, NEGATIONS

SIZES: Final = (6, 10, 16, 25, 40, 80)
_WORD: Final = re.compile(r"\S+")
_LEADERS: Final = re.compile(r"…|\.\s?\.\s?\.")
_OTHER_SECTION: Final = re.compile(
    r"\n\s*\n|\n\s*(?:[\d(]|[A-Z]{3})|\s{3}\s*(?:\d|Section|[IVX]+\.|[A-Z]{3})|[.:]\s*[.…]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One quote and whether the document says it. `at` is where a true one was taken from."""

    kind: str
    quote: str
    true: bool
    at: tuple[int, int] | None = None


@dataclass(slots=True, kw_only=True)
class Tally:
    """Outcomes for one kind of quote."""

    tried: int = 0
    right: int = 0
    wrong: list[tuple[str, str, Verification]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """All outcomes: kinds of true and of falsified quotes, and CPU seconds for each quote of each verdict."""

    documents: int = 0
    true: dict[str, Tally] = field(default_factory=dict)
    false: dict[str, Tally] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    first: list[float] = field(default_factory=list)


def bench(folder: Path, *, seed: int = 7, per_document: int = 8, sizes: Sequence[int] = SIZES) -> Outcome:
    """Verify quotes made from every text file of a folder (and its subfolders).

    Args:
        per_document: Pieces taken from each text; each gives one quote of every kind that it offers.
        sizes: Their possible lengths in words.
    """
    outcome = Outcome()
    for path in sorted(folder.rglob("*.txt")):
        text = path.read_text(encoding="utf-8", errors="replace")
        rng = Random(f"{seed}:{path.name}")  # noqa: S311  # test data, no secret
        measure(text, cases(text, rng, per_document, sizes), outcome)
    return outcome


def document_of(text: str) -> Document:
    """A document that is this text and nothing else."""
    sha = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(id=sha[:16], source=Source(path="text", media_type="text/plain", sha256=sha), text=text)


def measure(text: str, made: Iterable[Case], outcome: Outcome) -> None:
    """Verify the cases of one text and add what came out."""
    document, plain = document_of(text), _plain(text)
    outcome.documents += 1
    begun = process_time()
    verify("quotation not present", document)
    outcome.first.append(process_time() - begun)
    for case in made:
        if not case.true and _plain(case.quote) in plain:
            continue
        begun = process_time()
        result = verify(case.quote, document)
        outcome.seconds.setdefault(result.verdict, []).append(process_time() - begun)
        tally = (outcome.true if case.true else outcome.false).setdefault(case.kind, Tally())
        tally.tried += 1
        if _right(case, result):
            tally.right += 1
        else:
            tally.wrong.append((document.id, case.quote, result))


def _right(case: Case, result: Verification) -> bool:
    if not case.true:
        return not result.proven
    if case.at is None or not result.proven:
        return result.proven
    if case.kind == "verbatim":
        return result.verdict == "verbatim" and case.at in {(s.start, s.end) for s in result.spans}
    return any(span.start <= case.at[0] < span.end or case.at[0] <= span.start < case.at[1] for span in result.spans)


def _plain(text: str) -> str:
    return " " + " ".join(re.findall(r"\w+|[^\w\s]", text.lower())) + " "


def cases(text: str, rng: Random, count: int, sizes: Sequence[int] = SIZES) -> Iterator[Case]:
    """Quotes of every kind from `count` pieces of the text; `sizes` are their possible lengths in words."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    if len(words) < 30:
        return
    for _ in range(count):
        start, end = _piece(words, rng, sizes)
        quote = text[start:end]
        if sum(map(str.isalnum, quote)) < MIN_PART:
            continue
        yield Case(kind="verbatim", quote=quote, true=True, at=(start, end))
        made = ((kind, maker(rng, quote)) for kind, maker in TRUE.items())
        yield from (Case(kind=kind, quote=new, true=True, at=(start, end)) for kind, new in made if new)
        if not _LEADERS.search(quote):
            yield from _falsified(text, words, quote, rng, sizes)
        yield from _elliptic(text, words, rng)


def _piece(words: list[tuple[int, int]], rng: Random, sizes: Sequence[int]) -> tuple[int, int]:
    size = min(rng.choice(sizes), len(words) - 1)
    first = rng.randrange(len(words) - size)
    return words[first][0], words[first + size - 1][1]


def _falsified(
    text: str, words: list[tuple[int, int]], quote: str, rng: Random, sizes: Sequence[int]
) -> Iterator[Case]:
    for kind, maker in FALSE.items():
        if changed := maker(rng, quote):
            yield Case(kind=kind, quote=changed, true=False)
    start, end = _piece(words, rng, sizes)
    other = [] if _LEADERS.search(text, start, end) else text[start:end].split()[:6]
    yield Case(kind="tail_invented", quote=f"{quote} and in any event free of charge", true=False)
    yield Case(kind="head_invented", quote=f"Notwithstanding the foregoing promise, {quote}", true=False)
    yield Case(kind="tail_from_elsewhere", quote=" ".join([quote, *other]), true=False)


def _elliptic(text: str, words: list[tuple[int, int]], rng: Random) -> Iterator[Case]:
    first = rng.randrange(len(words) - 24)
    last = first + rng.randrange(14, 24)
    mark = rng.choice([" ... ", " … ", " [...] ", " […] ", " . . . ", "…", "... "])
    left = text[words[first][0] : words[first + 4][1]]
    right = text[words[last - 5][0] : words[last][1]]
    dropped = text[words[first + 4][1] : words[last - 5][0]]
    heavy = min(sum(map(str.isalnum, left)), sum(map(str.isalnum, right))) >= MIN_PART
    if heavy and not _OTHER_SECTION.search(text[words[first][0] : words[last][1]]) and not _negation_at_edge(dropped):
        yield Case(kind="ellipsis", quote=f"{left}{mark}{right}", true=True, at=(words[first][0], words[last][1]))
        changed = hyphenated(rng, upper(rng, left) or left) or left
        yield Case(kind="ellipsis_mixed", quote=f"{changed}{mark}{right}", true=True)
        wrong = re.sub(
            r"\b(shall|may|will|must)\b", lambda m: {"may": "shall"}.get(m[0], "may"), f"{left}{mark}{right}"
        )
        if wrong != f"{left}{mark}{right}":
            yield Case(kind="ellipsis_modal", quote=wrong, true=False)
        if _once(text, left) and _once(text, right):
            yield Case(kind="ellipsis_order", quote=f"{right}{mark}{left}", true=False)
    far = rng.randrange(len(words) - 6)
    a, b = words[far][0], words[far + 5][1]
    if _once(text, left) and _once(text, text[a:b]) and abs(a - words[first][0]) > MAX_GAP + 2000:
        yield Case(kind="ellipsis_far", quote=f"{left}{mark}{text[a:b]}", true=False)
    match = re.search(r"\b(shall|may|will|must|is|are) not (\w+ \w+ \w+ \w+)", text[words[first][0] :])
    if match and sum(map(str.isalnum, match[2])) >= MIN_PART:
        before = text[: words[first][0] + match.end(1)].split()[-3:]
        if _once(text, " ".join(before)):
            yield Case(kind="ellipsis_negation", quote=f"{' '.join(before)} ... {match[2]}", true=False)


def _once(text: str, piece: str) -> bool:
    return _plain(text).count(_plain(piece)) == 1


def _negation_at_edge(dropped: str) -> bool:
    """Such a quote may turn the meaning round: verification refuses it, so it is no true variant."""
    words = re.findall(r"[^\W_]+", dropped.casefold())
    return bool(words) and (not NEGATIONS.isdisjoint(words[:2]) or not NEGATIONS.isdisjoint(words[-2:]))


def report(outcome: Outcome, *, show: int = 0) -> str:
    """The figures as text; with `show`, so many wrong verdicts of each kind."""
    lines = [f"{outcome.documents} documents, first quote of each {_times(outcome.first)}"]
    for title, tallies in (("true, accepted", outcome.true), ("falsified, rejected", outcome.false)):
        tried, right = sum(t.tried for t in tallies.values()), sum(t.right for t in tallies.values())
        lines.append(f"{title}: {right:,} of {tried:,}")
        for kind, tally in tallies.items():
            lines.append(f"  {kind:22} {tally.right:6,} of {tally.tried:6,}")
            lines += [
                f"    {where} {quote!r}: {result.verdict} {result.note}" for where, quote, result in tally.wrong[:show]
            ]
    lines += [
        f"{verdict:10} {len(seconds):7,} quotes, {_times(seconds)}" for verdict, seconds in outcome.seconds.items()
    ]
    return "\n".join(lines)


def _times(seconds: list[float]) -> str:
    if not seconds:
        return "no times"
    ordered = sorted(1000 * s for s in seconds)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.999)]
    return f"{at[0]:.2f} ms median, {at[1]:.2f} ms p95, {at[2]:.2f} ms p99.9, {ordered[-1]:.2f} ms worst (CPU)"
