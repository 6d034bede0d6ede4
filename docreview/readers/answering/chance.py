"""The chance that a sentence answers, from its signals: a logistic model with its numbers in `chance.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from docreview.readers.answering.signals import NAMES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`answer`: the chance from which a sentence is given as an answer. `measured` says what that was worth."""

    answer: float
    measured: str


def chances(rows: NDArray[np.float32], kind: str) -> list[float]:
    """For each row of signals the chance that the place answers the question; `kind` is "prose" or "talk"."""
    import numpy as np

    model = _data()[kind]
    odds = model["bias"] + rows @ np.array([model["weights"][name] for name in NAMES], dtype=np.float32)
    out: list[float] = (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).tolist()
    return out


@lru_cache(maxsize=1)
def limits() -> Limits:
    """From which chance on a sentence is an answer."""
    return Limits(answer=_data()["answer"], measured=_data()["measured"])


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("chance.toml").read_text(encoding="utf-8"))
