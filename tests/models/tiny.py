"""A tiny checkpoint of the real architecture (LFM2-MoE) with random weights, and a small tokenizer with the real
control tokens. `python tests/models/tiny.py FOLDER` writes one for `docreview bench model transformers:FOLDER`.
"""

import json
import sys
from pathlib import Path

CONTROL = (
    "<|pad|> <|startoftext|> <|endoftext|> <|fim_pre|> <|fim_mid|> <|fim_suf|> <|im_start|> <|im_end|> "
    "<|tool_list_start|> <|tool_list_end|> <|tool_call_start|> <|tool_call_end|> <|tool_response_start|> "
    "<|tool_response_end|> <|reserved_4|> <|reserved_5|> <think> </think>"
).split()
LAYERS = ["conv", "conv", "full_attention", "conv", "full_attention", "conv"]

# Written for these tests after the rules in docs/models.md; what the real one says of the cases in test_prompts.py.
TEMPLATE = """{{- bos_token -}}
{%- set ns = namespace(system="", last=-1) -%}
{%- if messages[0].role == "system" -%}
    {%- set ns.system = messages[0].content -%}{%- set messages = messages[1:] -%}
{%- endif -%}
{%- if tools -%}
    {%- set ns.system = ns.system + ("\\n" if ns.system else "") + "List of tools: [" -%}
    {%- for tool in tools -%}
        {%- set ns.system = ns.system + (tool | tojson) + (", " if not loop.last else "") -%}
    {%- endfor -%}
    {%- set ns.system = ns.system + "]" -%}
{%- endif -%}
{%- if ns.system -%}{{- "<|im_start|>system\\n" + ns.system + "<|im_end|>\\n" -}}{%- endif -%}
{%- for m in messages if m.role == "user" -%}{%- set ns.last = messages.index(m) -%}{%- endfor -%}
{%- for m in messages -%}
    {%- set content = m.content -%}
    {%- if m.role == "assistant" and loop.index0 <= ns.last and "</think>" in content -%}
        {%- set content = content.split("</think>")[-1] | trim -%}
    {%- endif -%}
    {{- "<|im_start|>" + m.role + "\\n" + content + "<|im_end|>\\n" -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- "<|im_start|>assistant\\n" -}}{%- endif -%}"""


def build(folder: Path, *, seed: int = 0, window: int = 32_768) -> Path:
    """Write the checkpoint; float32, under 2 MB."""
    import torch
    from transformers import Lfm2MoeConfig, Lfm2MoeForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": window, **special})
    )
    torch.manual_seed(seed)
    config = Lfm2MoeConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        intermediate_size=128,
        moe_intermediate_size=32,
        num_hidden_layers=len(LAYERS),
        layer_types=LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        num_dense_layers=2,
        num_experts=8,
        num_experts_per_tok=4,
        max_position_embeddings=window,
        rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
        initializer_range=0.2,
        eos_token_id=7,
        dtype="float32",
    )
    Lfm2MoeForCausalLM(config).save_pretrained(folder)
    return folder


def make_tokenizer():
    """Byte-level BPE with the real control tokens at the start of the vocabulary."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=CONTROL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([Path(__file__).read_text(encoding="utf-8"), (__doc__ or "") * 8], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A", special_tokens=[("<|startoftext|>", 1)]
    )
    return tokenizer


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
