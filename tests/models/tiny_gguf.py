"""The tiny checkpoint as a GGUF file, for llama.cpp: the same weights in 32 bit, the same tokens.
`python tests/models/tiny_gguf.py FOLDER FILE.gguf` converts one that `tiny.py` wrote.

What goes where follows llama.cpp's own converter (conversion/lfm2.py, October 2026); names are mapped by `gguf`.
"""

import json
import sys
from pathlib import Path


def convert(folder: Path, file: Path, *, plain: bool = False) -> Path:
    """Write the GGUF file of a folder with an LFM2-MoE checkpoint and a byte-level BPE tokenizer.

    `plain`: one whose likeliest tokens are ASCII. Random weights write halves of characters without end, and
    llama_cpp.server keeps such text back: it would write nothing, and notice nobody hanging up.
    """
    import gguf
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(file, "lfm2moe")
    _settings(writer, gguf, config)
    _vocabulary(writer, gguf, json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")))
    writer.add_chat_template((folder / "chat_template.jinja").read_text(encoding="utf-8"))
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LFM2MOE, config["num_hidden_layers"])
    weights = load_file(folder / "model.safetensors")
    if plain:
        _silence(weights, json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"])
    for name, tensor in _tensors(weights, config["num_experts"]):
        found = names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert found, name
        writer.add_tensor(found, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _silence(weights, vocabulary):
    from tokenizers import decoders

    decoder = decoders.ByteLevel()
    for token, i in vocabulary.items():
        if not decoder.decode([token]).isascii():
            weights["model.embed_tokens.weight"][i] = 0


def _settings(writer, gguf, config):
    kinds = config["layer_types"]
    writer.add_name("Tiny LFM2.5 8B A1B")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_block_count(len(kinds))
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    kv_heads = config["num_key_value_heads"]
    writer.add_head_count_kv([kv_heads if kind == "full_attention" else 0 for kind in kinds])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["norm_eps"])
    writer.add_expert_count(config["num_experts"])
    writer.add_expert_used_count(config["num_experts_per_tok"])
    writer.add_expert_feed_forward_length(config["moe_intermediate_size"])
    writer.add_leading_dense_block_count(config["num_dense_layers"])
    writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_shortconv_l_cache(config["conv_L_cache"])


def _vocabulary(writer, gguf, tokenizer):
    model = tokenizer["model"]
    control = {each["content"] for each in tokenizer["added_tokens"] if each["special"]}
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    kinds = gguf.TokenType
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")  # as the tiny tokenizer splits; the real one is "lfm2"
    writer.add_token_list(tokens)
    writer.add_token_types([kinds.CONTROL if token in control else kinds.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(7)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)


def _tensors(weights, experts):
    import numpy as np

    for name, tensor in weights.items():
        if ".experts." in name:
            head, expert, kind = name.rsplit(".experts.", 1)[0], *name.rsplit(".", 3)[1:3]
            if expert == "0":
                parts = [weights[f"{head}.experts.{i}.{kind}.weight"] for i in range(experts)]
                yield f"{head}.experts.{kind}.weight".removeprefix("model."), np.stack(parts)
        elif name.endswith(".conv.conv.weight"):
            yield name, tensor.squeeze(1)
        else:
            yield name.replace(".expert_bias", ".expert_bias.bias"), tensor


if __name__ == "__main__":
    print(convert(Path(sys.argv[1]), Path(sys.argv[2]), plain="--plain" in sys.argv))
