"""The NDA model's second stage: what speaks for a unit of text (a sentence, an item) as evidence on a question."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

CUES: Final = "nda_words.toml"
"""A file beside this one."""
_MOST: Final = 3
"""Cues of one question, at most."""
_TOP: Final = 20
"""So many units, the best by the first stage, are looked at for each question; others only if they show a cue."""
_NOTHING: Final = -0.3
"""First-stage score where there is no unit."""
_NEAR: Final = 6
_ENDS: Final = {":": 1, ";": 2, ".": 3, ",": 4}
_ITEM: Final = re.compile(r"\(?(?:[a-z]{1,4}|\d{1,2})[).]")


@dataclass(frozen=True, slots=True)
class Pairs:
    """`features` (units, questions, features) float32; `chosen` (units, questions): which pairs to look at closely;
    `first` (units, questions): the first stage's score as evidence either way.
    """

    features: Any
    chosen: Any
    first: Any


@dataclass(frozen=True, slots=True)
class Cues:
    """Patterns that hint at a question, and those that hint at its being denied, allowed or required."""

    general: tuple[re.Pattern[str], ...]
    questions: Mapping[str, tuple[re.Pattern[str], ...]]


@lru_cache(maxsize=1)
def cues() -> Cues:
    """The cues that come with the package."""
    data = tomllib.loads(files(__package__).joinpath(CUES).read_text(encoding="utf-8"))
    return Cues(_patterns(data["general"]), {name: _patterns(row) for name, row in data["questions"].items()})


def _patterns(rows: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row, re.IGNORECASE | re.DOTALL) for row in rows)


def pairs(texts: Sequence[str], for_: Any, against: Any, names: Sequence[str]) -> Pairs:
    """Every unit of a document with every question.

    Args:
        texts: The units in document order, at least one.
        for_: (units, questions), the first stage's score as evidence that entails.
        against: As evidence that contradicts.
        names: The questions.
    """
    import numpy as np

    layout = _layout(texts)
    own, general = _shown(texts, names)
    first = for_ + against
    ranks = np.argsort(np.argsort(-first, axis=0, kind="stable"), axis=0)
    columns = [*_scores(for_, against, ranks, layout), *_words(own, general, layout.heads), *layout.columns]
    shape = for_.shape
    features = np.stack([np.broadcast_to(_wide(column), shape) for column in columns], axis=2)
    return Pairs(features.astype(np.float32), (ranks < _TOP) | own.any(2), first)


def _wide(column: Any) -> Any:
    """A column of one number for each unit, ready to stand for all questions."""
    return column[:, None] if column.ndim == 1 else column


@dataclass(frozen=True, slots=True)
class _Layout:
    """`heads` and `intros`: for each unit the number of the short unit, and of the one ending in a colon, above it;
    -1 for none.
    """

    heads: Any
    intros: Any
    columns: list[Any]


def _layout(texts: Sequence[str]) -> _Layout:
    import numpy as np

    count, places = len(texts), np.arange(len(texts))
    lengths = np.array([len(text) for text in texts], np.float32)
    words = np.array([len(text.split()) for text in texts])
    item = np.array([bool(_ITEM.match(text)) for text in texts], np.float32)
    lower = np.array([text[0].islower() for text in texts], np.float32)
    ends = np.array([_ENDS.get(text[-1], 0) for text in texts], np.float32)
    heads, intros = _above(words <= 8, _NEAR), _above(ends == 1, 2 * _NEAR)
    columns = [lengths, words, item, lower, ends, _moved(ends, -1, 3), _moved(item, 1, 0), places / count]
    columns += [np.full(count, count), _moved(lengths, -1, 0), _moved(lengths, 1, 0), places - heads]
    return _Layout(heads, intros, columns)


def _above(wanted: Any, most: int) -> Any:
    """For each unit the nearest wanted one above it, at most `most` units away; -1 for none."""
    import numpy as np

    places = np.arange(len(wanted))
    found = np.concatenate([[-1], np.maximum.accumulate(np.where(wanted, places, -1))[:-1]])
    return np.where(places - found > most, -1, found)


def _moved(values: Any, step: int, fill: float) -> Any:
    """For each unit the value `step` units further on; `fill` beyond the ends."""
    import numpy as np

    out, count = np.full_like(values, fill), len(values)
    if 0 < step < count:
        out[:-step] = values[step:]
    elif -count < step < 0:
        out[-step:] = values[:step]
    return out


def _at(values: Any, rows: Any, fill: float) -> Any:
    """The values of the units `rows`; `fill` where that is -1."""
    import numpy as np

    return np.where((rows >= 0)[:, None], values[rows], fill)


def _scores(for_: Any, against: Any, ranks: Any, layout: _Layout) -> list[Any]:
    """The first stage's opinion of the unit, its neighbours, the document's best, and the other questions."""
    import numpy as np

    both = for_ + against
    near = {step: _moved(both, step, _NOTHING) for step in range(-_NEAR, _NEAR + 1)}
    best = np.sort(both, axis=0)[::-1][np.minimum([0, 1, 2], len(both) - 1)]
    rivals = np.sort(both, axis=1)[:, ::-1]
    rival = np.where(both == rivals[:, :1], rivals[:, 1:2], rivals[:, :1])
    columns = [for_, against, np.maximum(for_, against), both, *(near[step] for step in (-2, -1, 1, 2))]
    columns += [np.max([near[-step] for step in range(1, _NEAR + 1)], axis=0)]
    columns += [np.max([near[step] for step in range(1, _NEAR + 1)], axis=0)]
    columns += [_at(both, rows, _NOTHING) for rows in (layout.heads, layout.intros)]
    columns += [np.broadcast_to(row, both.shape) for row in best]
    columns += [best[0] - both, ranks, rival, both - rivals[:, :1], (both > 0.15).sum(1)]
    columns += [np.broadcast_to((both > 0.3).sum(0), both.shape)]
    return [*columns, np.broadcast_to(np.arange(both.shape[1]), both.shape)]


def _shown(texts: Sequence[str], names: Sequence[str]) -> tuple[Any, Any]:
    """Which cues each unit shows: (units, questions, `_MOST`) and (units, general cues)."""
    import numpy as np

    known = cues()
    own = np.zeros((len(texts), len(names), _MOST), np.float32)
    general = np.zeros((len(texts), len(known.general)), np.float32)
    for row, text in enumerate(texts):
        general[row] = [bool(pattern.search(text)) for pattern in known.general]
        for question, name in enumerate(names):
            for column, pattern in enumerate(known.questions.get(name, ())):
                own[row, question, column] = bool(pattern.search(text))
    return own, general


def _words(own: Any, general: Any, heads: Any) -> list[Any]:
    import numpy as np

    any_ = own.max(2)
    columns = [own[:, :, column] for column in range(_MOST)]
    columns += [own.sum(2), _moved(any_, -1, 0), _moved(any_, 1, 0), _at(any_, heads, 0)]
    return [*columns, np.broadcast_to(any_.sum(0), any_.shape), *general.T]
