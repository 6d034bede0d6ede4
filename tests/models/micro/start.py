"""The micro model before training: small random weights, or such that copying needs little to be learnt.

Dimension 0 of every embedding is the same number. With it the first convolution's gates can be constant, and the
convolution writes the token before, turned by a fixed rotation, beside each token. Attention then starts with heads
that look for a place whose token before is the present one, and copy what stands there.
"""

from __future__ import annotations

import torch

LAYERS = ["conv", "full_attention", "conv", "full_attention", "conv", "full_attention"]
SIZE, HEADS, KEYS, WINDOW = 256, 4, 2, 4096


def model(vocabulary: int, *, plain: bool = False, seed: int = 0):
    """An Lfm2MoeForCausalLM of 4.3 million parameters in float32."""
    from transformers import Lfm2MoeConfig, Lfm2MoeForCausalLM

    torch.manual_seed(seed)
    config = Lfm2MoeConfig(
        vocab_size=vocabulary,
        hidden_size=SIZE,
        intermediate_size=512,
        moe_intermediate_size=128,
        num_hidden_layers=len(LAYERS),
        layer_types=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEYS,
        num_dense_layers=2,
        num_experts=4,
        num_experts_per_tok=2,
        max_position_embeddings=WINDOW,
        rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
        initializer_range=0.04,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=7,
        dtype="float32",
    )
    made = Lfm2MoeForCausalLM(config)
    if not plain:
        _prepare(made.model)
    return made


@torch.no_grad()
def _prepare(base) -> None:
    words = base.embed_tokens.weight
    words.normal_(std=SIZE**-0.5)
    words[:, 0] = 0.5
    turned = torch.linalg.qr(torch.randn(SIZE, SIZE))[0]
    turned[:, 0] = 0
    for layer in base.layers:
        if layer.is_attention_layer:
            _prepare_attention(layer.self_attn, turned)
        else:
            _prepare_conv(layer.conv, turned)
        inner = layer.feed_forward
        (inner.experts.down_proj if hasattr(inner, "experts") else inner.w2.weight).normal_(std=0.002)


def _prepare_conv(conv, turned) -> None:
    gates = conv.in_proj.weight
    gates.normal_(std=0.01)
    gates[: 2 * SIZE, 0] += 1 / 7
    gates[2 * SIZE :] += turned
    conv.out_proj.weight.normal_(std=0.0006).add_(torch.eye(SIZE) / 16)
    conv.conv.weight.normal_(std=0.1)
    conv.conv.weight[:, 0, 1] += 1


def _prepare_attention(attention, turned) -> None:
    size = attention.head_dim
    slow = torch.tensor([*range(size // 4 - 1, size // 2), *range(3 * size // 4 - 1, size)])
    """The dimensions of a head that the rotary embedding hardly turns within a thousand tokens."""
    for each in (attention.q_proj, attention.k_proj, attention.v_proj):
        each.weight.normal_(std=0.01)
    attention.out_proj.weight.normal_(std=0.0006)
    for key in range(KEYS):
        look = torch.linalg.qr(torch.randn(SIZE, len(slow)))[0].T
        look[:, 0] = 0
        attention.k_proj.weight[key * size + slow] += look @ turned.T if key == 0 else look
        copied = torch.linalg.qr(torch.randn(SIZE, size))[0].T
        copied[:, 0] = 0
        attention.v_proj.weight[key * size : (key + 1) * size] += copied
        for head in range(key * HEADS // KEYS, (key + 1) * HEADS // KEYS):
            attention.q_proj.weight[head * size + slow] += look
            attention.out_proj.weight[:, head * size : (head + 1) * size] += (copied.T if key == 0 else -copied.T) / 16
    attention.q_layernorm.weight.fill_(1.75)
    attention.k_layernorm.weight.fill_(1.75)
