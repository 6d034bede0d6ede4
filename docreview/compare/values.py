"""What a comparison says: pieces of two documents in pairs, and the differences inside each pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from docreview._shown import Tabled
from docreview.types import Document, Span, Value

Kind = Literal["obligation", "money", "date", "party", "number", "numbering", "wording", "added", "removed"]
_MIRRORED: Final[dict[Kind, Kind]] = {"added": "removed", "removed": "added"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(Value):
    """A heading and its own text, up to the next heading of any level; in a transcript a turn.

    `number` and `title` are those of its section, as printed; both may be empty.
    """

    span: Span
    number: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """Number and title in one."""
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Value):
    """Words of the old document where the new one has other words, or none; or new words where there were none.

    `old` and `new` are spans of the two documents, None where nothing stands; `old_at` and `new_at` say where that is
    (the start of the span where there is one).
    """

    kind: Kind
    old: Span | None
    new: Span | None
    old_at: int
    new_at: int

    def mirrored(self) -> Difference:
        """The same, seen from the new document."""
        kind = _MIRRORED.get(self.kind, self.kind)
        return Difference(kind=kind, old=self.new, new=self.old, old_at=self.new_at, new_at=self.old_at)


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said beside a difference; `tone` is how it is drawn."""

    text: str
    tone: Literal["", "better", "worse"] = ""


Notes = Mapping[Difference, Sequence[Note]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Value):
    """A piece of the old document and what became of it; one side is None for a piece that was added or removed."""

    old: Piece | None
    new: Piece | None
    moved: bool = False
    differences: tuple[Difference, ...] = ()

    @property
    def renumbered(self) -> bool:
        """Whether both sides have a number, and not the same."""
        old, new = (piece.number if piece else "" for piece in (self.old, self.new))
        return bool(old and new) and old != new

    @property
    def status(self) -> Literal["same", "changed", "added", "removed"]:
        """What became of its words; a piece whose number alone changed has changed."""
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        return "changed" if self.differences else "same"

    def mirrored(self) -> Pair:
        """The same, seen from the new document."""
        differences = tuple(difference.mirrored() for difference in self.differences)
        return Pair(old=self.new, new=self.old, moved=self.moved, differences=differences)


@dataclass(frozen=True, kw_only=True)
class Comparison(Value, Tabled):
    """Two documents side by side: every character of each is in exactly one piece, every piece in exactly one pair.

    Pairs come in the order of the new document, a removed piece where it used to stand.
    """

    old: Document
    new: Document
    pairs: tuple[Pair, ...] = field(repr=False)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All differences, in the order of the pairs."""
        return tuple(difference for pair in self.pairs for difference in pair.differences)

    def counts(self) -> dict[str, int]:
        """How many differences there are of each kind, the gravest kinds first; and how many pieces moved."""
        kinds = Counter(difference.kind for difference in self.differences)
        found = {kind: kinds[kind] for kind in get_args(Kind) if kinds[kind]}
        moved = sum(pair.moved for pair in self.pairs)
        return found | ({"moved": moved} if moved else {})

    def mirrored(self) -> Comparison:
        """The same with the documents exchanged."""
        return Comparison(old=self.new, new=self.old, pairs=ordered(pair.mirrored() for pair in self.pairs))


Side = Literal["both", "old", "new"]


def layout(pairs: Iterable[Pair]) -> list[tuple[Pair, Side]]:
    """The pairs as a redline shows them: old sides in the order of the old document, new ones in that of the new.

    A moved pair comes twice, once with each side.
    """
    pairs = list(pairs)
    fixed = sorted((pair for pair in pairs if pair.old and pair.new and not pair.moved), key=_old)
    olds = sorted((pair for pair in pairs if pair.old and (pair.moved or not pair.new)), key=_old, reverse=True)
    news = sorted((pair for pair in pairs if pair.new and (pair.moved or not pair.old)), key=_new, reverse=True)
    rows: list[tuple[Pair, Side]] = []
    for pair in [*fixed, None]:
        while olds and (pair is None or _old(olds[-1]) < _old(pair)):
            rows.append((olds.pop(), "old"))
        while news and (pair is None or _new(news[-1]) < _new(pair)):
            rows.append((news.pop(), "new"))
        if pair is not None:
            rows.append((pair, "both"))
    return rows


def _old(pair: Pair) -> int:
    return pair.old.span.start if pair.old else -1


def _new(pair: Pair) -> int:
    return pair.new.span.start if pair.new else -1


def ordered(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Pairs in the order that `Comparison` keeps."""
    return tuple(pair for pair, side in layout(pairs) if side != "old" or pair.new is None)
