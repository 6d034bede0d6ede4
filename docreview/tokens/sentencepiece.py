"""Counting with SentencePiece models (Llama 2, Mistral v1 to v3, Phi-3, Gemma, T5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from docreview.errors import ConfigError, MissingExtra

_TIKTOKEN: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2} \d+\n")


class SentencePieceCounter:
    """Counts with a SentencePiece model. Safe to use from several threads at once.

    Attributes:
        name: What `load_counter` was asked for.
        size: Entries of its vocabulary.
    """

    def __init__(self, name: str, processor: Any) -> None:
        self.name, self._processor = name, processor
        self.size: int = processor.get_piece_size()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, in order."""
        return [len(ids) for ids in self._processor.encode(list(texts))]

    def unknown(self, texts: Sequence[str]) -> int:
        """Tokens of all texts that stand for what the vocabulary can't write; see `Vocabulary`."""
        number = self._processor.unk_id()
        return sum(ids.count(number) for ids in self._processor.encode(list(texts)))


def from_file(name: str, file: Path) -> SentencePieceCounter:
    """The counter of a `tokenizer.model`; errors as for `docreview.tokens.load_counter`."""
    data = file.read_bytes()
    if _TIKTOKEN.match(data):
        raise ConfigError(
            "tokenizer",
            name,
            "a tiktoken table: it doesn't say how words are split. Give the model's tokenizer.json",
        )
    return from_bytes(name, data)


def from_bytes(name: str, data: bytes) -> SentencePieceCounter:
    """The counter of a SentencePiece model that is in memory; errors as for `docreview.tokens.load_counter`."""
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError:
        raise MissingExtra("a SentencePiece model", "overhead") from None
    processor: Any = SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(data)
    except RuntimeError:
        raise ConfigError("tokenizer", name, "not a tokenizer.json, SentencePiece model or GGUF file") from None
    return SentencePieceCounter(name, processor)


def build(name: str, pieces: Sequence[tuple[str, float, int]], *, space_first: bool) -> SentencePieceCounter:
    """The counter of a vocabulary given piece by piece: text, score, and type (numbers of SentencePiece's own).

    Args:
        space_first: Whether a text is read as if a space came before it.

    Raises:
        ConfigError: The pieces are no vocabulary.
        MissingExtra: The `overhead` extra is not installed.
    """
    try:
        from sentencepiece import sentencepiece_model_pb2
    except ImportError:
        raise MissingExtra("a SentencePiece vocabulary", "overhead") from None
    model: Any = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    kinds = model.SentencePiece
    for text, score, kind in pieces:
        model.pieces.add(piece=text, score=score, type=kind)
    model.trainer_spec.model_type = model.trainer_spec.BPE
    model.trainer_spec.byte_fallback = any(kind == kinds.BYTE for *_, kind in pieces)
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = space_first
    model.normalizer_spec.remove_extra_whitespaces = False
    return from_bytes(name, model.SerializeToString())
