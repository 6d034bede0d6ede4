"""How much of what was planted in the corpora is found: quotes proven, clauses and items proposed, places retrieved."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from docreview import checklist
from docreview.evaluate.corpora import Entry, manifest
from docreview.read import read
from docreview.readers import load_reader
from docreview.review import review
from docreview.search import Library, build
from docreview.types import Clause, Document, Span
from docreview.verify import verify

BUDGET: Final = 2000
"""Characters of retrieved text that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Shares of what was planted, 0 to 1; the corpora are small, so a share moves by about a hundredth an answer.

    `proven` of all quotes by `verify`; `clauses` and `items` that a reader proposes, sure or not, at the planted place
    (half of the union, or holding the whole of it); `absent_kept` of the absent categories that no sure clause claims;
    `places` of the planted characters among the first 2,000 retrieved for the checklist's question in the document.
    """

    proven: float
    clauses: float
    items: float
    absent_kept: float
    places: float


def measure(folder: Path) -> Figures:
    """Read the corpora's documents (scans by their twins) and look for what the manifest says is there."""
    documents = [(entry, _open(folder, entry)) for entry in manifest(folder)]
    talks = [(entry, document) for entry, document in documents if entry.item]
    contracts = [(entry, document) for entry, document in documents if entry.answer]
    found, kept = zip(*(_contract(entry, document) for entry, document in contracts), strict=True)
    return Figures(
        proven=_share(_spans(document, quote) for entry, document in documents for quote in entry.quotes),
        clauses=_share(hit for hits in found for hit in hits),
        items=_share(hit for entry, document in talks for hit in _talk(entry, document)),
        absent_kept=_share(hit for hits in kept for hit in hits),
        places=_places(contracts),
    )


def report(figures: Figures) -> str:
    """One figure a line."""
    return "\n".join(f"{name:12} {value:.3f}" for name, value in asdict(figures).items())


def _open(folder: Path, entry: Entry) -> Document:
    return read(folder / (entry.twin if entry.scan and entry.twin else entry.file), password=entry.password)


def _spans(document: Document, quote: str) -> tuple[Span, ...]:
    return verify(quote, document).spans


def _contract(entry: Entry, document: Document) -> tuple[list[bool], list[bool]]:
    clauses = review(document, "contract", reader=load_reader("embedded")).clauses
    found = [_there(clauses, answer.category, _spans(document, answer.quote)) for answer in entry.answer]
    claimed = {clause.name for clause in clauses if clause.status == "found"}
    return found, [name not in claimed for name in entry.absent]


def _talk(entry: Entry, document: Document) -> Iterator[bool]:
    clauses = review(document, "transcript", reader=load_reader("embedded")).clauses
    for item in entry.item:
        yield _there(clauses, item.kind, _spans(document, item.quote))


def _there(clauses: Iterable[Clause], name: str, places: Sequence[Span]) -> bool:
    proposed = [c.span for clause in clauses if clause.name == name for c in clause.citations]
    return any(_same(span, place) for span in proposed for place in places)


def _same(span: Span, place: Span) -> bool:
    shared = min(span.end, place.end) - max(span.start, place.start)
    union = max(span.end, place.end) - min(span.start, place.start)
    return shared > 0 and (2 * shared >= union or place in span)


def _places(contracts: Sequence[tuple[Entry, Document]]) -> float:
    questions, shares = checklist.load("contract"), []
    with tempfile.TemporaryDirectory() as work:
        base = Path(work)
        (base / "in").mkdir()
        for i, (_, document) in enumerate(contracts):
            (base / "in" / f"{i}.txt").write_text(document.text, encoding="utf-8", newline="")
        build(base / "in", base / "library")
        library = Library.open(base / "library")
        for i, (entry, document) in enumerate(contracts):
            for answer in entry.answer:
                hits = library.search(questions[answer.category].text, 64, doc=f"{i}.txt")
                shares.append(_covered([hit.passage.span for hit in hits], _spans(document, answer.quote)))
    return round(sum(shares) / len(shares), 4)


def _covered(hits: Sequence[Span], places: Sequence[Span]) -> float:
    """The share of the best-covered place that lies in the first characters retrieved."""
    left, kept = BUDGET, []
    for hit in hits:
        if left <= 0:
            break
        kept.append(Span(hit.start, min(hit.end, hit.start + left)))
        left -= len(hit)
    shares = [sum(max(0, min(s.end, p.end) - max(s.start, p.start)) for s in kept) / len(p) for p in places]
    return max(shares, default=0.0)


def _share(hits: Iterable[object]) -> float:
    outcomes = [bool(hit) for hit in hits]
    return round(sum(outcomes) / len(outcomes), 4)
