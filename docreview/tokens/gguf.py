"""Counting with the vocabulary that a GGUF file holds, as llama.cpp reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview.errors import ConfigError, MissingExtra
from docreview.tokens import HuggingFaceCounter, Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_UNKNOWN, _CONTROL, _USER, _UNUSED = 2, 3, 4, 5
_MARK: Final = re.compile(r"\[\w+\]")
_WORDS: Final = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST: Final = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_SPLITS: Final = {
    "gpt-2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "llama-bpe": _WORDS + r"\p{N}{1,3}" + _REST,
    "qwen2": _WORDS + r"\p{N}" + _REST,
}
"""How a text is split before merging, as the models' own tokenizer.json say it."""
_SAME: Final = {
    **dict.fromkeys(("phi-2", "mpt", "olmo", "modern-bert", "jina-v2-es", "jina-v2-de", "gigachat"), "gpt-2"),
    **dict.fromkeys(
        ("llama3", "llama-v3", "lfm2", "falcon3", "falcon-h1", "pixtral", "smaug-bpe", "dbrx"), "llama-bpe"
    ),
    **dict.fromkeys(("stablelm2", "deepseek-r1-qwen", "hunyuan"), "qwen2"),
}
"""Other names (`tokenizer.ggml.pre`) of the same way to split."""
_MERGED_LAST: Final = frozenset(("llama-bpe", "llama3", "llama-v3", "lfm2", "falcon3", "falcon-h1", "pixtral"))
"""Where a word that is an entry itself is taken whole."""


def from_gguf(name: str, file: Path) -> Vocabulary:
    """The counter of a GGUF file's vocabulary; the file's weights are not read.

    Raises:
        ConfigError: The file is damaged, has no vocabulary, or one of a kind that is not known here.
        MissingExtra: The `overhead` extra is not installed.
    """
    try:
        from gguf import GGUFReader
    except ImportError:
        raise MissingExtra("a GGUF file", "overhead") from None
    try:
        fields = {key: field for key, field in GGUFReader(file).fields.items() if key.startswith("tokenizer.ggml.")}
        found = {key.removeprefix("tokenizer.ggml."): field.contents() for key, field in fields.items()}
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise ConfigError("tokenizer", name, f"a damaged GGUF file ({type(error).__name__})") from None
    kinds = {"gpt2": _merges, "llama": _pieces, "bert": _word_pieces}
    kind = found.get("model")
    if "tokens" not in found or kind not in kinds:
        raise ConfigError("tokenizer", name, f"a GGUF file whose vocabulary ({kind!r}) is not of {', '.join(kinds)}")
    return kinds[kind](name, found)


def _merges(name: str, found: Mapping[str, Any]) -> Vocabulary:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    pre = str(found.get("pre", ""))
    split = _SPLITS.get(_SAME.get(pre, pre))
    if split is None:
        known = ", ".join(sorted(_SPLITS | _SAME))
        raise ConfigError(
            "tokenizer", name, f"its way to split words ({pre!r}) is none of {known}. Give the model's tokenizer.json"
        )
    pairs = [tuple(merge.split(" ", 1)) for merge in found["merges"]]
    model = models.BPE(_numbered(found), pairs, ignore_merges=pre in _MERGED_LAST)
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return HuggingFaceCounter(name, _with_control(tokenizer, found))


def _word_pieces(name: str, found: Mapping[str, Any]) -> Vocabulary:
    """BERT's: GGUF marks where words begin, not where they go on."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    numbered = {}
    for text, number in _numbered(found).items():
        whole = _MARK.fullmatch(text)
        numbered[text if whole else text[1:] if text.startswith("\u2581") else f"##{text}"] = number
    unknown = found["tokens"][found.get("unknown_token_id", 100)]
    tokenizer = Tokenizer(models.WordPiece(numbered, unk_token=unknown, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return HuggingFaceCounter(name, _with_control(tokenizer, found))


def _pieces(name: str, found: Mapping[str, Any]) -> Vocabulary:
    from docreview.tokens.sentencepiece import build

    kinds = [{_CONTROL: _USER, _UNKNOWN: _UNUSED}.get(kind, kind) for kind in found["token_type"]]
    kinds[found.get("unknown_token_id", 0)] = _UNKNOWN
    pieces = list(zip(found["tokens"], found["scores"], kinds, strict=True))
    return build(name, pieces, space_first=bool(found.get("add_space_prefix", True)))


def _numbered(found: Mapping[str, Any]) -> dict[str, int]:
    return {text: number for number, text in enumerate(found["tokens"])}


def _with_control(tokenizer: Tokenizer, found: Mapping[str, Any]) -> Tokenizer:
    from tokenizers import AddedToken

    kinds = zip(found["tokens"], found.get("token_type", ()), strict=False)
    tokenizer.add_special_tokens(
        [AddedToken(text, normalized=False) for text, kind in kinds if kind in (_CONTROL, _USER)]
    )
    return tokenizer
