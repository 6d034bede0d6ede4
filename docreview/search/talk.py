"""What the ranker sees of a meeting: who speaks, and each signal over stretches of words instead of single turns.

What a question asks about is talked about for minutes, by several people, and hardly in its words: a turn alone says
little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from docreview.search.entry import Entry
from docreview.search.words import STOP, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

REACHES: Final = (60, 150, 300, 500, 900)
"""Standard deviations, in words, of the bells that signals are smoothed with."""
_PEAKS: Final = (150, 300, 500)
_NAMED: Final = (60, 150, 500)
_SHORT: Final = 3
"""A part of a name of so few letters says nothing."""


@dataclass(frozen=True)
class Talk:
    """The units of a meeting on an axis of words, with their speakers."""

    entry: Entry

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Words of each unit."""
        import numpy as np

        return np.diff(self.entry.starts).astype(np.int64)

    @cached_property
    def middles(self) -> Floats:
        """The middle of each unit, in words from the beginning."""
        import numpy as np

        out: Floats = (np.cumsum(self.sizes) - self.sizes / 2).astype(np.float32)
        return out

    @cached_property
    def speakers(self) -> list[str]:
        """Who says each unit; "" before the first turn."""
        import numpy as np

        turns = self.entry.turns
        inside = np.searchsorted([turn[0] for turn in turns], self.entry.units.mean(axis=1), side="right") - 1
        return [turns[i][2] if i >= 0 else "" for i in inside.tolist()]

    def smooth(self, signal: Floats, reach: int) -> Floats:
        """The mean of a signal around each unit, words counted alike: three box means, which come near a bell.

        Args:
            reach: Its standard deviation in words (three boxes of half width h have h).
        """
        import numpy as np

        edges = np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.float64)
        left = np.clip(self.middles - reach, 0, edges[-1])
        right = np.clip(self.middles + reach, 0, edges[-1])
        for _ in range(3):
            total = np.concatenate([[0.0], np.cumsum(signal * self.sizes, dtype=np.float64)])
            area = np.interp(right, edges, total) - np.interp(left, edges, total)
            signal = (area / np.maximum(right - left, 1e-9)).astype(np.float32)
        return signal

    def named(self, question: str) -> Floats:
        """1 for the units of people whom a question names, by their label or by a part of it that nobody else has."""
        import numpy as np

        asked = words(question)
        people = {speaker: words(speaker) for speaker in set(self.speakers)}
        shared = Counter(part for parts in people.values() for part in set(parts))
        meant = {
            speaker
            for speaker, parts in people.items()
            if _runs(parts, asked)
            or any(p in asked for p in parts if shared[p] == 1 and len(p) > _SHORT and p not in STOP)
        }
        return np.array([speaker in meant for speaker in self.speakers], dtype=np.float32)

    def features(self, signals: Sequence[Floats], question: str) -> Floats:
        """One row for each unit: every signal alone and smoothed, whether its speaker is named, place and length."""
        import numpy as np

        columns: list[Any] = []
        for signal in signals:
            even = (signal - signal.mean()) / (signal.std() + 1e-6)
            columns.append(even)
            for reach in REACHES:
                smooth = self.smooth(even, reach)
                columns.append(smooth)
                if reach in _PEAKS:
                    columns.append((smooth - smooth.max()) / (smooth.std() + 1e-6))
        named, length = self.named(question), max(float(self.sizes.sum()), 1.0)
        columns += [named, *(self.smooth(named, reach) for reach in _NAMED), np.full(len(named), named.any())]
        columns += [self.middles / length, np.log1p(self.sizes) / 3, np.full(len(named), np.log(length) / 5)]
        return np.stack(columns, axis=1).astype(np.float32)


def _runs(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether words stand in a text one after the other."""
    size = len(part)
    return size > 0 and any(list(whole[i : i + size]) == list(part) for i in range(len(whole) - size + 1))
