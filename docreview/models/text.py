"""Text to tokens and back, for models that run in this process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from docreview.errors import ConfigError, ModelError
from docreview.models.profiles import Profile
from docreview.tokens import hugging_face

_HELD: Final = 32
"""Tokens held back at most while they end in half a character; a model that writes no text at all must not stall us."""


class Tokenizer(Protocol):
    """Text to tokens and back. Control tokens written out in a text become control tokens, and none are added."""

    ends: frozenset[int]
    """Tokens that end a reply."""

    def encode(self, text: str) -> list[int]:
        """Token ids."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, control tokens written out."""
        ...


class Tokens:
    """A model folder's tokenizer and the tokens that end its replies."""

    def __init__(self, folder: Path, profile: Profile) -> None:
        try:
            self._counter = hugging_face(folder)
        except ConfigError as error:
            raise ModelError(str(folder), "damaged", f"no usable tokenizer.json ({error})") from None
        self.tokenizer = self._counter.tokenizer
        known = (self.tokenizer.token_to_id(text) for text in profile.markers.stops)
        self.ends = frozenset(i for i in known if i is not None) | _configured_ends(folder)

    def encode(self, text: str) -> list[int]:
        """Token ids; control tokens written out in the text become control tokens, and none are added."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self._counter.count(texts)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, control tokens written out."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=False)
        return text


class Decoder:
    """Tokens to text, one at a time; holds back what may be half of a character."""

    def __init__(self, tokens: Tokenizer) -> None:
        self._tokens = tokens
        self._before: list[int] = []  # tokens already written that the next ones may need beside them
        self._held: list[int] = []

    def feed(self, token: int) -> str:
        """The text that is certain now; often a piece of a word, sometimes nothing."""
        self._held.append(token)
        text = self._text()
        if text.endswith("\ufffd") and len(self._held) < _HELD:
            return ""
        self._before, self._held = self._held, []
        return text

    def close(self) -> str:
        """What was held back."""
        return self._text() if self._held else ""

    def _text(self) -> str:
        done = self._tokens.decode(self._before) if self._before else ""
        return self._tokens.decode(self._before + self._held)[len(done) :]


def read_json(file: Path) -> dict[str, Any]:
    """A model folder's JSON file; empty when it isn't there, or when the model is one file.

    Raises:
        ModelError: It is there and is not a JSON object.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(str(file.parent), "damaged", f"{file.name} can't be read: {error}") from None
    if not isinstance(data, dict):
        raise ModelError(str(file.parent), "damaged", f"{file.name} is not a JSON object")
    return data


def _configured_ends(folder: Path) -> frozenset[int]:
    ends: set[int] = set()
    for name in ("config.json", "generation_config.json"):
        found = read_json(folder / name).get("eos_token_id")
        ends.update(each for each in (found if isinstance(found, list) else [found]) if isinstance(each, int))
    return frozenset(ends)
