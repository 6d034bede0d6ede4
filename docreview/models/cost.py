"""What a model's cache and the reading of a prompt cost, by formula, from its own config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCost:
    """Bytes of a cache: so many for each token, and so many whatever the length."""

    per_token: int
    fixed: int

    def at(self, tokens: int) -> int:
        """Bytes for a prompt of so many tokens."""
        return self.fixed + tokens * self.per_token


def cache_cost(config: Mapping[str, Any], *, bytes_per_number: int = 2) -> CacheCost | None:
    """The cache of a model with this config.json; None when the config doesn't say enough.

    Keys and values of every attention layer: 2 * kv heads * head size numbers for each token. Short convolutions (LFM2)
    hold `conv_L_cache - 1` vectors of the hidden size each, whatever the length. LFM2.5-8B-A1B in bf16: 12 KiB a token,
    1.5 GiB at 128,000, and 144 KiB.

    Args:
        config: config.json as a dict.
        bytes_per_number: 2 for bf16 and f16, 4 for f32.
    """
    layers, heads, hidden = (config.get(key) for key in ("num_hidden_layers", "num_attention_heads", "hidden_size"))
    if not (isinstance(layers, int) and isinstance(heads, int) and isinstance(hidden, int)):
        return None
    attention = _attention(config, layers)
    head_dim = config.get("head_dim") or hidden // heads
    kv_heads = config.get("num_key_value_heads") or heads
    states = max(0, config.get("conv_L_cache", 1) - 1) * (layers - attention)
    return CacheCost(
        per_token=attention * 2 * kv_heads * head_dim * bytes_per_number, fixed=states * hidden * bytes_per_number
    )


def active_parameters(config: Mapping[str, Any]) -> int | None:
    """Parameters that work on each token of a prompt; None when the config doesn't say enough.

    Weights of matrices alone, without the output layer, which a prompt's last token alone passes. Attention: queries
    and output of all heads, keys and values of the kv heads. Short convolution (LFM2): hidden x 3 hidden in, hidden x
    hidden out. Feed-forward: 3 matrices (gate, up, down), of `num_experts_per_tok` experts where there are some.
    LFM2.5-8B-A1B: 1.42e9.
    """
    layers, heads, hidden, wide = (
        config.get(key) for key in ("num_hidden_layers", "num_attention_heads", "hidden_size", "intermediate_size")
    )
    if not (isinstance(layers, int) and isinstance(heads, int) and isinstance(hidden, int) and isinstance(wide, int)):
        return None
    attention, head_dim = _attention(config, layers), config.get("head_dim") or hidden // heads
    each = 2 * hidden * head_dim * (heads + (config.get("num_key_value_heads") or heads))
    short = hidden * (4 * hidden + config.get("conv_L_cache", 0))
    experts = config.get("num_experts") or 0
    dense = min(layers, config.get("num_dense_layers", 0)) if experts else layers
    routed = 3 * hidden * config.get("moe_intermediate_size", 0) * config.get("num_experts_per_tok", 0)
    return int(
        attention * each
        + (layers - attention) * short
        + dense * 3 * hidden * wide
        + (layers - dense) * (routed + hidden * experts)
    )


def prefill_flop(config: Mapping[str, Any], tokens: int) -> float | None:
    """Floating-point operations to read a prompt; None when the config doesn't say enough.

    Two for each active parameter and token, and 4 x heads x head size x attention layers for each of the N^2 / 2 pairs
    of a token with one before it.
    """
    active = active_parameters(config)
    if active is None:
        return None
    layers, heads = config["num_hidden_layers"], config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    return float(2 * active * tokens + 4.0 * heads * head_dim * _attention(config, layers) * tokens * tokens / 2)


def _attention(config: Mapping[str, Any], layers: int) -> int:
    """How many layers attend."""
    kinds, full = config.get("layer_types"), config.get("full_attn_idxs")
    return kinds.count("full_attention") if kinds else len(full) if full else layers
