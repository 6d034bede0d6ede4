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

MINILM: Final = Path(__file__).parent.parent / "assets" / "minilm-tokenizer.json"
_BATCH: Final = 2048  # texts encoded at once: bounds the memory that encodings take
_IN_FOLDER: Final = ("tokenizer.json", "tokenizer.model", "*.gguf", "*.model*")


@runtime_checkable
class TokenCounter(Protocol):
    """text -> number of tokens."""

    name: str

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, in order."""
        ...


@runtime_checkable
class Vocabulary(TokenCounter, Protocol):
    """A `TokenCounter` that has its vocabulary at hand. `size` is its number of entries."""

    size: int

    def unknown(self, texts: Sequence[str]) -> int:
        """Tokens of all texts that stand for what the vocabulary can't write: that much of the text is lost."""
        ...


class HuggingFaceCounter:
    """Counts with a `tokenizer.json`. Safe to use from several threads at once.

    A control token that is written out in a text ("[SEP]", "<|im_end|>") counts as the model would read it: one.

    Attributes:
        name: What `load_counter` was asked for.
        tokenizer: The tokenizer itself, without truncation and padding.
        size: Entries of its vocabulary.
    """

    def __init__(self, name: str, tokenizer: Tokenizer) -> None:
        self.name, self.tokenizer = name, tokenizer
        self.size = tokenizer.get_vocab_size()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, in order; nothing is cut off."""
        encode: Any = self.tokenizer.encode_batch_fast
        counts: list[int] = []
        for at in range(0, len(texts), _BATCH):
            counts += map(len, encode(list(texts[at : at + _BATCH]), add_special_tokens=False))
        return counts

    def unknown(self, texts: Sequence[str]) -> int:
        """Tokens of all texts that stand for what the vocabulary can't write; see `Vocabulary`."""
        mark = getattr(self.tokenizer.model, "unk_token", None)
        number = None if mark is None else self.tokenizer.token_to_id(mark)
        if number is None:
            return 0
        return sum(self.tokenizer.encode(text, add_special_tokens=False).ids.count(number) for text in texts)


@lru_cache(maxsize=8)
def load_counter(name_or_path: str | os.PathLike[str] = "minilm") -> Vocabulary:
    """The token counter of a model. Opens no connection; a file is loaded once.

    Args:
        name_or_path: "minilm" (shipped with the package), a Hugging Face `tokenizer.json`, a SentencePiece model, a
            GGUF file (a whole model or its vocabulary alone), or a folder with one of them. What a file is, is told
            by its content.

    Raises:
        ConfigError: There is no such file, or it is not a tokenizer that is known here.
        MissingExtra: The file needs a package that is not installed.
    """
    name = os.fspath(name_or_path)
    file = _file(name)
    with file.open("rb") as stream:
        start = stream.read(64)
    if start.startswith(b"GGUF"):
        from docreview.tokens.gguf import from_gguf

        return from_gguf(name, file)
    if start.lstrip()[:1] in (b"{", b"[", b""):
        return hugging_face(name)
    if file.suffix == ".json":
        raise ConfigError("tokenizer", name, "not a Hugging Face tokenizer.json: no JSON")
    from docreview.tokens.sentencepiece import from_file

    return from_file(name, file)


@lru_cache(maxsize=8)
def hugging_face(name_or_path: str | os.PathLike[str]) -> HuggingFaceCounter:
    """The counter of a `tokenizer.json`, or of a folder with one, with its tokenizer; errors as for `load_counter`."""
    from tokenizers import Tokenizer

    name = os.fspath(name_or_path)
    file = Path(name) / "tokenizer.json" if Path(name).is_dir() else _file(name)
    if not file.is_file():
        raise ConfigError("tokenizer", name, "no tokenizer.json in this folder")
    try:
        tokenizer = Tokenizer.from_buffer(file.read_bytes())
    except (ValueError, OSError) as error:
        raise ConfigError("tokenizer", name, f"not a Hugging Face tokenizer.json: {str(error)[:200]}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return HuggingFaceCounter(name, tokenizer)


def _file(name: str) -> Path:
    path = MINILM if name == "minilm" else Path(name)
    if path.is_dir():
        found = [file for pattern in _IN_FOLDER for file in sorted(path.glob(pattern))]
        if not found:
            raise ConfigError("tokenizer", name, f"none of {', '.join(_IN_FOLDER)} in this folder")
        path = found[0]
    if not path.is_file():
        raise ConfigError(
            "tokenizer",
            name,
            "no such file; give 'minilm', a tokenizer.json, a SentencePiece or GGUF file, or a folder",
        )
    return path
