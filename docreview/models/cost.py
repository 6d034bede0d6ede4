"""What a model's cache costs, by formula, from its own config."""

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
    kinds = config.get("layer_types")
    full = config.get("full_attn_idxs")
    attention = kinds.count("full_attention") if kinds else len(full) if full else layers
    head_dim = config.get("head_dim") or hidden // heads
    kv_heads = config.get("num_key_value_heads") or heads
    states = max(0, config.get("conv_L_cache", 1) - 1) * (layers - attention)
    return CacheCost(
        per_token=attention * 2 * kv_heads * head_dim * bytes_per_number, fixed=states * hidden * bytes_per_number
    )
