"""LFM2-MoE for training on a CPU: the parameters are the transformers model's, the arithmetic is arranged so that
bfloat16 matrix units get few, large products. Every expert is computed for every token; unused ones get weight 0.
"""

from __future__ import annotations

import torch
from torch.nn import functional


def hidden(model, ids, places, bias, kind=torch.bfloat16):
    """The last hidden states, and each expert's share of the tokens in each MoE layer.

    `bias` is added to attention scores: 0 or -inf, shape (rows, 1, length, length).
    """
    base = model.model
    angles = places[:, None, :, None].float() * base.pos_emb.inv_freq
    turn = torch.cat((angles, angles), -1)
    cos, sin = turn.cos().to(kind), turn.sin().to(kind)
    x, loads = base.embed_tokens.weight[ids].to(kind), []
    for layer in base.layers:
        y = _norm(x, layer.operator_norm)
        x = x + (_attend(layer.self_attn, y, cos, sin, bias) if layer.is_attention_layer else _conv(layer.conv, y))
        y = _norm(x, layer.ffn_norm)
        if hasattr(layer.feed_forward, "experts"):
            z, chosen = _experts(layer.feed_forward, y)
            loads.append(chosen)
        else:
            mlp = layer.feed_forward
            z = _linear(functional.silu(_linear(y, mlp.w1)) * _linear(y, mlp.w3), mlp.w2)
        x = x + z
    return _norm(x, base.embedding_norm), torch.stack(loads)


def logits(model, x):
    """Scores of the vocabulary, in float32."""
    return functional.linear(x, model.model.embed_tokens.weight.to(x.dtype)).float()


def _norm(x, module):
    return functional.rms_norm(x, (x.shape[-1],), module.weight.to(x.dtype), module.variance_epsilon)


def _linear(x, module):
    return functional.linear(x, module.weight.to(x.dtype))


def _conv(conv, x):
    b, c, v = _linear(x, conv.in_proj).chunk(3, -1)
    padded, length = functional.pad(b * v, (0, 0, 2, 0)), x.shape[1]
    taps = conv.conv.weight.to(x.dtype)[:, 0]
    y = sum(padded[:, i : i + length] * taps[:, i] for i in range(3))
    return _linear(c * y, conv.out_proj)


def _attend(attention, x, cos, sin, bias):
    rows, length, size = *x.shape[:2], attention.head_dim
    split = lambda y: y.view(rows, length, -1, size).transpose(1, 2)  # noqa: E731
    q = _rotate(_norm(split(_linear(x, attention.q_proj)), attention.q_layernorm) * attention.scaling, cos, sin)
    k = _rotate(_norm(split(_linear(x, attention.k_proj)), attention.k_layernorm), cos, sin)
    v = split(_linear(x, attention.v_proj))
    keys, heads = k.shape[1], q.shape[1]
    scores = (q.reshape(rows, keys, -1, size) @ k.transpose(2, 3)).view(rows, heads, length, length)
    seen = torch.softmax(scores + bias, -1).view(rows, keys, -1, length) @ v
    return _linear(seen.view(rows, heads, length, size).transpose(1, 2).reshape(rows, length, -1), attention.out_proj)


def _rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


def _experts(block, x):
    experts, gate = block.experts, block.gate
    count, inner, size = experts.num_experts, experts.intermediate_dim, x.shape[-1]
    scores = functional.linear(x.float(), gate.weight).sigmoid()
    best = torch.topk((scores + block.expert_bias).detach(), gate.top_k, -1).indices
    chosen = torch.zeros_like(scores).scatter(-1, best, 1.0)
    weights = scores * chosen
    weights = weights / (weights.sum(-1, keepdim=True) + 1e-6)
    gates, ups = (
        experts.gate_up_proj.to(x.dtype).view(count, 2, inner, size).transpose(0, 1).reshape(2, count * inner, size)
    )
    h = functional.silu(functional.linear(x, gates)) * functional.linear(x, ups)
    h = h * weights.to(x.dtype).repeat_interleave(inner, -1)
    down = experts.down_proj.to(x.dtype).transpose(0, 1).reshape(size, count * inner)
    return functional.linear(h, down), chosen.mean((0, 1))
