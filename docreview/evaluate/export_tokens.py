"""The trained token model as an ONNX file: 8-bit weights, and only the word pieces that the training data hold."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from docreview._json import canonical, write_atomic
from docreview.errors import MissingExtra
from docreview.readers.token_model import UNKNOWN

_FUSED: Final = "com.microsoft"  # ONNX Runtime's own operators
_OPSET: Final = 17
_NORM: Final = 1e-12


def export(out: Path, state: Mapping[str, Any], head: Mapping[str, Any], kept: Any, meta: Mapping[str, Any]) -> None:
    """Write the model.

    Args:
        state: A BERT encoder's weights by their usual names, numpy float32.
        head: "weight" (outputs, width) and "bias" of the last layer.
        kept: The word pieces, ascending, that get a row of their own; all others share that of `UNKNOWN`.
        meta: What the model is; `labels` among it.

    Raises:
        MissingExtra: onnx is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError:
        raise MissingExtra("training", "train") from None
    model = _model(_Graph(), state, head, kept)
    onnx.helper.set_model_props(model, {"docreview": canonical(meta).decode()})
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        onnx.save(model, plain)
        known = {"DefaultTensorType": onnx.TensorProto.FLOAT}
        quantize_dynamic(
            plain, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True, extra_options=known
        )
        write_atomic(out, small.read_bytes())


@dataclass
class _Graph:
    """Nodes and weights in the order in which they are added."""

    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def weight(self, name: str, value: Any) -> str:
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, inputs: Sequence[str], name: str, domain: str = "", **settings: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **settings))
        return name


def _model(graph: _Graph, state: Mapping[str, Any], head: Mapping[str, Any], kept: Any) -> Any:
    """Ids (1, tokens) and positions (1, tokens) in, logits (1, tokens, outputs) out."""
    from onnx import TensorProto, helper

    x = _embed(graph, state, kept)
    number = 0
    while f"encoder.layer.{number}.output.dense.weight" in state:
        x = _layer(graph, state, f"encoder.layer.{number}.", x)
        number += 1
    x = graph.node("MatMul", [x, graph.weight("head", head["weight"].T.copy())], "head.out")
    graph.node("Add", [x, graph.weight("head.bias", head["bias"])], "logits")
    shape = (1, "tokens")
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "positions")]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, (1, "tokens", len(head["bias"])))
    body = helper.make_graph(graph.nodes, "tokens", inputs, [output], graph.weights)
    versions = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(body, opset_imports=versions, ir_version=9, producer_name="docreview")


def _embed(graph: _Graph, state: Mapping[str, Any], kept: Any) -> str:
    import numpy as np

    words = state["embeddings.word_embeddings.weight"]
    rows = np.full(len(words), np.searchsorted(kept, UNKNOWN), np.int64)
    rows[kept] = np.arange(len(kept))
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    ids = graph.node("Gather", [graph.weight("rows", rows), "ids"], "row")
    word = graph.node("Gather", [graph.weight("words", words[kept]), ids], "word")
    place = graph.node("Gather", [graph.weight("places", places), "positions"], "place")
    both = graph.node("Add", [word, place], "both")
    scale, shift = (graph.weight(f"norm.{k}", state[f"embeddings.LayerNorm.{k}"]) for k in ("weight", "bias"))
    return graph.node("LayerNormalization", [both, scale, shift], "embedded", epsilon=_NORM)


def _layer(graph: _Graph, state: Mapping[str, Any], name: str, x: str) -> str:
    """One layer of BERT (Devlin et al. 2019): attention and two dense layers, each with its residual and norm."""

    def weight(key: str) -> str:
        return graph.weight(name + key, state[name + key])

    def dense(key: str, left: str) -> str:
        right = graph.weight(f"{name}{key}.weight", state[f"{name}{key}.weight"].T.copy())
        return graph.node("MatMul", [left, right], f"{name}{key}.out")

    def added(key: str, left: str, skip: str) -> str:
        norms = [weight(f"{key}.LayerNorm.weight"), weight(f"{key}.LayerNorm.bias"), weight(f"{key}.dense.bias")]
        kind = "SkipLayerNormalization"
        return graph.node(kind, [dense(f"{key}.dense", left), skip, *norms], f"{name}{key}.x", _FUSED, epsilon=_NORM)

    sides = []
    for side in ("query", "key", "value"):
        key = f"attention.self.{side}"
        sides.append(graph.node("Add", [dense(key, x), weight(f"{key}.bias")], f"{name}{side}"))
    seen = graph.node("MultiHeadAttention", sides, f"{name}seen", _FUSED, num_heads=12)
    x = added("attention.output", seen, x)
    wide = dense("intermediate.dense", x)
    wide = graph.node("BiasGelu", [wide, weight("intermediate.dense.bias")], f"{name}wide", _FUSED)
    return added("output", wide, x)
