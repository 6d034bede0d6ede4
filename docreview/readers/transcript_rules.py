"""Sentences of talk in a plain form, and the hand-written cues they are judged by (transcript_rules.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

_MARGIN: Final = re.compile(r"\n[ \t]*\d{1,2}[ \t]{2,}")
_NOISE: Final = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\b(?:u+h+m*|u+m+|e+r+m*|m+hmm|hmm+|mm+)\b[ ,.]*")
_SPACE: Final = re.compile(r"\s+")
_APOSTROPHE: Final = re.compile(r" ?['’‘](?=(?:ll|re|ve|m|s|d|t)\b)")
_AGAIN: Final = re.compile(r"(?<![\w'])([\w']+(?: [\w']+)?)(?: ,)? \1(?![\w'])")
_MARK: Final = re.compile(r" +([,.?!;:])")
_PART: Final = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of talk: its place, its plain form, who says it, in which turn, and whether it breaks off."""

    start: int
    end: int
    said: str
    speaker: str
    turn: int
    broken: bool

    @property
    def words(self) -> int:
        """How many words the plain form has."""
        return self.said.count(" ") + 1


@dataclass(frozen=True, slots=True)
class Rules:
    """Cues with their weights for each question, and signs that several questions look for."""

    cues: Mapping[str, tuple[tuple[re.Pattern[str], float], ...]]
    signs: Mapping[str, re.Pattern[str]]

    def shown(self, question: str, said: str) -> float:
        """What the cues of a question make of a sentence, 0..1: 1 - (1 - w1)(1 - w2)..."""
        left = 1.0
        for pattern, weight in self.cues[question]:
            if pattern.search(said):
                left *= 1 - weight
        return 1 - left

    def sign(self, name: str, said: str) -> bool:
        """Whether a sentence shows a sign."""
        return self.signs[name].search(said) is not None


@lru_cache(maxsize=1)
def load() -> Rules:
    """The rules of the package."""
    data = tomllib.loads(files(__package__).joinpath("transcript_rules.toml").read_text(encoding="utf-8"))
    parts: dict[str, str] = data["signs"] | data["parts"]

    def whole(pattern: str) -> str:
        return _PART.sub(lambda m: f"(?:{whole(parts[m[1]])})", pattern)

    cues: dict[str, list[tuple[re.Pattern[str], float]]] = {}
    for cue in data["cue"]:
        cues.setdefault(cue["question"], []).append((re.compile(whole(cue["pattern"])), cue["weight"]))
    signs = {name: re.compile(whole(pattern)) for name, pattern in data["signs"].items()}
    return Rules({question: tuple(rows) for question, rows in cues.items()}, signs)


def plain(sentence: str) -> str:
    """Small letters, one space, no fillers, no sounds in brackets, no line numbers, no word said twice."""
    text = _NOISE.sub(" ", _APOSTROPHE.sub("'", _MARGIN.sub(" ", sentence.lower())))
    text = _MARK.sub(r"\1", _SPACE.sub(" ", text))
    return _AGAIN.sub(r"\1", text).strip(" ,;:-")
