"""What waits for a person, the riskiest first: how far each document is, who has it, since when; quality control."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from docreview._json import load, read_jsonl
from docreview.checklist import Checklist
from docreview.decisions import ITEM_STATUSES, Decisions, Entry, Item, ItemStatus, apply, items, second_reviews
from docreview.decisions.entry import Key
from docreview.errors import OutputError
from docreview.triage import rows
from docreview.triage.results import Result, results
from docreview.types import Decision, Review, Value

STATES: Final = ("new", "started", "done", "quarantined")
NOBODY: Final = ""
"""The assignee of what nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow(Value):
    """One document. `why` are the reasons for its risk, or for its quarantine.

    Args:
        counts: Its items by `ItemStatus`, each status named.
        assignee: Who has it; empty for nobody.
        at: When its review was written, and `last` the latest entry about it; ISO 8601 in UTC, empty when never.
        second: Second reviews that are open.
        comments: How many there are.
    """

    doc: str
    state: str
    type: str = ""
    risk: float = 0.0
    why: tuple[str, ...] = ()
    counts: Mapping[ItemStatus, int] = field(default_factory=dict)
    assignee: str = NOBODY
    at: str = ""
    last: str = ""
    second: int = 0
    comments: int = 0

    @property
    def items(self) -> int:
        """How much there is to decide."""
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        """How much of it is decided; what is flagged or unsure is not."""
        return self.items - sum(self.counts.get(status, 0) for status in ("unreviewed", "flagged", "unsure"))

    @property
    def progress(self) -> float | None:
        """The share decided, 0..1; None when there is nothing to decide."""
        return self.decided / self.items if self.items else None

    def age_days(self, now: datetime | None = None) -> float | None:
        """Days since its review was written; None for one that has none."""
        if not self.at:
            return None
        return max(0.0, ((now or datetime.now(UTC)) - datetime.fromisoformat(self.at)).total_seconds() / 86_400)


def queue(out: Path, decisions: Decisions | None = None) -> list[QueueRow]:
    """A row for every file of a triage folder, the riskiest first, then in the order of the inputs; those in quarantine
    come last.

    Args:
        decisions: The folder's; opened when not given.

    Raises:
        OutputError: The folder holds no results of `docreview triage`, or is damaged.
    """
    try:
        known = [(row["doc"], row) for row in read_jsonl(out / "documents.jsonl")]
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputError(out, "holds no results of `docreview triage`") from None
    said: dict[str, list[Entry]] = defaultdict(list)
    for entry in (decisions or Decisions(out)).entries():
        said[entry.doc].append(entry)
    made = [_row(out, row, said.get(doc, [])) for doc, row in known]
    return sorted(made, key=lambda row: (row.state == "quarantined", -row.risk))


def _row(out: Path, row: Mapping[str, Any], entries: Sequence[Entry]) -> QueueRow:
    assigned = [e.assignee for e in entries if e.kind == "assignment" and not e.clause]
    last = entries[-1].at if entries else ""
    assignee = assigned[-1] if assigned else NOBODY
    if row["status"] != "done":
        why = (row.get("message") or row.get("error") or "",)
        return QueueRow(doc=row["doc"], state="quarantined", why=why, assignee=assignee, last=last)
    path = out / row["review"]
    try:
        stat = path.stat()
        found = worklist(_review(str(path), stat.st_mtime_ns, stat.st_size), entries)
    except (OSError, ValueError):
        raise OutputError(path, "is not a review; run triage again") from None
    counted = Counter(item.status for item in found)
    counts = {status: counted[status] for status in ITEM_STATUSES}
    touched = any(item.entry is not None for item in found)
    waiting = any(counts[status] for status in ("unreviewed", "flagged", "unsure"))
    return QueueRow(
        doc=row["doc"],
        state=("started" if touched else "new") if waiting else "done",
        type=row["type"] or "",
        risk=float(row["risk"]),
        why=tuple(row["why"]),
        counts=counts,
        assignee=assignee,
        at=datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="seconds"),
        last=last,
        second=sum(each.second is None for each in second_reviews(entries).values()),
        comments=sum(entry.kind == "comment" for entry in entries),
    )


@lru_cache(maxsize=20_000)
def _review(path: str, changed: int, size: int) -> Review:  # noqa: ARG001  (another file has another time and size)
    return load(Review, Path(path).read_bytes())


def worklist(review: Review, entries: Iterable[Entry], checklist: Checklist | None = None) -> list[Item]:
    """What a person decides about a review: of each question the clauses that tables show, and all that was decided on.

    Args:
        checklist: Puts the questions in its order; the review's own order without.
    """
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items(review, entries):
        groups[item.clause].append(item)
    names = list(groups)
    if checklist is not None:
        order = {name: number for number, name in enumerate(checklist.names)}
        names.sort(key=lambda name: order.get(name, len(order)))
    kept: list[Item] = []
    for name in names:
        shown = {id(c) for c in rows.shown([item.proposal for item in groups[name] if item.proposal is not None])}
        kept += [item for item in groups[name] if item.entries or id(item.proposal) in shown]
    return kept


def decided(out: Path, *, checklist: str | None = None) -> Iterator[Result]:
    """The documents of a folder as people left them: clauses as decided, and one decision for each question that is.

    A question is decided when all of what a work list shows of it is; its decision is "accepted" (of the clauses as
    they are now: edited and added ones too) or, when all of it was rejected, "rejected".

    Args:
        checklist: See `docreview.triage.results.results`.

    Raises:
        OutputError, ConfigError: See there.
    """
    said: dict[str, list[Entry]] = defaultdict(list)
    for entry in Decisions(out).entries():
        said[entry.doc].append(entry)
    for result in results(out, checklist=checklist):
        entries = said[result.doc]
        left = apply(result.review, entries, result.document)
        groups: dict[str, list[Item]] = defaultdict(list)
        for item in worklist(result.review, entries):
            groups[item.clause].append(item)
        words = tuple(filter(None, map(_whole, groups.values())))
        yield replace(result, review=replace(left, decisions=(*result.review.decisions, *words)))


def _whole(group: Sequence[Item]) -> Decision | None:
    """The decision on a question whose items are all decided."""
    if any(item.status not in ("verified", "edited", "rejected") for item in group):
        return None
    last = max((item.entry for item in group if item.entry is not None), key=lambda entry: entry.seq)
    rejected = all(item.status == "rejected" for item in group)
    return Decision(
        clause=last.clause, verdict="rejected" if rejected else "accepted", by=last.by, at=last.at, note=last.note
    )


def matching(
    found: Iterable[QueueRow],
    *,
    words: str = "",
    types: Collection[str] = (),
    states: Collection[str] = (),
    statuses: Collection[str] = (),
    assignees: Collection[str] = (),
    second: bool = False,
) -> list[QueueRow]:
    """The rows that fit all filters given; an empty filter fits all.

    Args:
        words: Each must occur in the name, the type or the reasons, in any case of letters.
        statuses: Those with an item of one of these.
        assignees: "" for those that nobody has.
        second: Only those with an open second review.
    """
    wanted = words.casefold().split()
    return [
        row
        for row in found
        if all(word in f"{row.doc} {row.type} {' '.join(row.why)}".casefold() for word in wanted)
        and (not types or row.type in types)
        and (not states or row.state in states)
        and (not statuses or any(count and status in statuses for status, count in row.counts.items()))
        and (not assignees or row.assignee in assignees)
        and (not second or row.second)
    ]


def sample(out: Path, percent: float, seed: int = 0, *, decisions: Decisions | None = None) -> list[Key]:
    """What a second person should check of what was decided: `percent` of all of it, rounded up, in the file's order.

    Everything decided has the same chance. What is drawn depends on the seed and the things themselves alone, so the
    same call draws the same; more decisions later change little of it.

    Raises:
        ValueError: The percentage is not from 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"{percent:g} is no percentage from 0 to 100")
    entries = (decisions or Decisions(out)).entries()
    last = {entry.key: entry.verdict for entry in entries if entry.kind == "verdict"}
    decided = [key for key, verdict in last.items() if verdict != "withdrawn"]
    count = math.ceil(len(decided) * percent / 100 - 1e-9)
    drawn = set(sorted(decided, key=lambda key: _draw(seed, key))[:count])
    return [key for key in decided if key in drawn]


def _draw(seed: int, key: Key) -> bytes:
    return hashlib.sha256(repr((seed, key)).encode("utf-8", "surrogatepass")).digest()
