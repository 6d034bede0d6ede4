"""Counting tokens of the model that will read a text; never characters divided by four."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from docreview.errors import ConfigError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MINILM: Final = Path(__file__).parent / "assets" / "minilm-tokenizer.json"
_BATCH: Final = 2048  # texts encoded at once: bounds the memory that encodings take


@runtime_checkable
class TokenCounter(Protocol):
    """text -> number of tokens."""

    name: str

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, in order."""
        ...


class HuggingFaceCounter:
    """Counts with a `tokenizer.json`. Safe to use from several threads at once.

    A control token that is written out in a text ("[SEP]", "<|im_end|>") counts as the model would read it: one.

    Attributes:
        name: What `load_counter` was asked for.
        tokenizer: The tokenizer itself, without truncation and padding.
    """

    def __init__(self, name: str, tokenizer: Tokenizer) -> None:
        self.name, self.tokenizer = name, tokenizer

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, in order; nothing is cut off."""
        encode: Any = self.tokenizer.encode_batch_fast
        counts: list[int] = []
        for at in range(0, len(texts), _BATCH):
            counts += map(len, encode(list(texts[at : at + _BATCH]), add_special_tokens=False))
        return counts


@lru_cache(maxsize=8)
def load_counter(name_or_path: str | os.PathLike[str] = "minilm") -> HuggingFaceCounter:
    """The token counter of a model. Opens no connection; a file is loaded once.

    Args:
        name_or_path: "minilm" (shipped with the package), or a Hugging Face `tokenizer.json`, or a folder with one.

    Raises:
        ConfigError: There is no such file, or it is not a tokenizer.
    """
    from tokenizers import Tokenizer

    name = os.fspath(name_or_path)
    file = MINILM if name == "minilm" else Path(name)
    if file.is_dir():
        file /= "tokenizer.json"
    if not file.is_file():
        raise ConfigError("tokenizer", name, "no such file; give 'minilm', a tokenizer.json, or a folder with one")
    try:
        tokenizer = Tokenizer.from_buffer(file.read_bytes())
    except (ValueError, OSError) as error:
        raise ConfigError("tokenizer", name, f"not a Hugging Face tokenizer.json: {str(error)[:200]}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return HuggingFaceCounter(name, tokenizer)
