import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview.search import Embedder, HashEmbedder
from docreview.search.embed import MiniLM, available
from docreview.search.static import packed, static, unpacked

TEXTS = ["Either party may terminate.", "", "?!", "sixty (60) days", "สัญญา", "a " * 3000, "Either party may terminate."]


@pytest.fixture(
    params=[
        "hash",
        "static",
        pytest.param("minilm", marks=pytest.mark.slow),
        pytest.param("torch", marks=pytest.mark.slow),
    ]
)
def embedder(request) -> Embedder:
    if request.param == "hash":
        return HashEmbedder()
    if request.param == "static":
        return static()
    if not available():
        pytest.skip("the dense extra is absent")
    return MiniLM("torch" if request.param == "torch" else None)


def test_contract(embedder):
    assert isinstance(embedder, Embedder)
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(rows[0], rows[-1], atol=1e-3)
    alone = embedder.embed([TEXTS[3]])[0]
    assert float(alone @ rows[3]) > 0.999  # a text's row does not depend on its company
    assert embedder.embed([]).shape == (0, embedder.dim)


def test_the_static_embedder_knows_some_meaning():
    rows = static().embed(["terminate the agreement", "end the contract", "the weather in April"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


@pytest.mark.slow
def test_openvino_and_torch_agree():
    pytest.importorskip("openvino")
    if not available():
        pytest.skip("the dense extra is absent")
    texts = ["Either party may terminate this Agreement.", "The fee is due within thirty days of the invoice."]
    assert np.min(np.sum(MiniLM("openvino").embed(texts) * MiniLM("torch").embed(texts), axis=1)) > 0.999


@given(st.lists(st.lists(st.floats(-5, 5, width=32), min_size=3, max_size=3), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_packing_loses_little(rows):
    table = np.array(rows, dtype=np.float32)
    error = np.abs(unpacked(packed(table, "t"), "t") - table)
    assert np.all(error <= np.abs(table).max(axis=1, keepdims=True) / 127 + 1e-6)
