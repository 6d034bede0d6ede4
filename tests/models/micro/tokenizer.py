"""The micro checkpoint's tokenizer, chat template and small files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tiny import CONTROL, TEMPLATE

SIZE = 2048
LFM2 = TEMPLATE.replace('"List of tools: ["', '"List of tools: <|tool_list_start|>["').replace(
    'ns.system + "]"', 'ns.system + "]<|tool_list_end|>"'
)
_KEEPS_THOUGHTS = LFM2[: LFM2.index('    {%- if m.role == "assistant"')] + (
    '    {%- if m.role == "tool" -%}\n'
    '        {%- set content = "<|tool_response_start|>" + content + "<|tool_response_end|>" -%}\n'
    "    {%- endif -%}\n"
)
CHAT_TEMPLATE = _KEEPS_THOUGHTS + LFM2[LFM2.index('    {{- "<|im_start|>" + m.role') :]
"""The form that the profile LFM2-8B-A1B writes."""


def train(texts: Iterable[str]):
    """A byte-level BPE of `SIZE` tokens with the real control tokens first."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=CONTROL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A", special_tokens=[("<|startoftext|>", 1)]
    )
    return tokenizer


def write(folder: Path, tokenizer, *, window: int) -> None:
    """tokenizer.json, tokenizer_config.json and chat_template.jinja."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}
    facts = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": window, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
