"""What the token model says of a text: its cells, what sentences come to, and the model as a file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.errors import ConfigError
from docreview.readers.token_model import TokenModel, tokenizer, wanted
from docreview.readers.tokens import CELL, MARGIN, NOTHING, Tagged, cells, fuse, pool

LABELS = ("Alpha", "Beta")


def tagged(text: str, logits: np.ndarray | None = None) -> Tagged:
    places = np.array(tokenizer().encode(text, add_special_tokens=False).offsets, np.int64).reshape(-1, 2)
    if logits is None:
        logits = np.full((len(places), 3 * len(LABELS)), NOTHING, np.float16)
    return Tagged(places[:, 0], places[:, 1], logits)


@given(st.lists(st.booleans(), max_size=1000))
def test_cells_hold_every_wanted_token_once_and_their_windows_hold_them(flags):
    flags = np.array(flags, bool)
    seen = np.zeros(len(flags), int)
    for start, end, left, right in cells(flags):
        seen[start:end] += 1
        assert left <= start < end <= right <= len(flags)
        assert right - left <= CELL + 2 * MARGIN
        assert flags[start:end].any()
    assert seen.max(initial=0) <= 1
    assert (seen[flags] == 1).all()


def test_the_tokens_of_spans_are_wanted_and_no_others():
    text = "One party. Another party here. The end."
    found = tagged(text)
    chosen = wanted(found, np.array([[11, 30]]))
    assert [text[a:b] for a, b, on in zip(found.starts, found.ends, chosen, strict=True) if on] == [
        "Another", "party", "here", ".",
    ]  # fmt: skip
    assert not wanted(found, np.zeros((0, 2), np.int64)).any()
    assert len(wanted(tagged(""), np.array([[0, 5]]))) == 0


def test_sentences_get_the_mean_and_the_peak_of_their_tokens_and_their_edges():
    text = "aa bb. cc dd."  # tokens: aa bb . cc dd .
    found = tagged(text)
    assert len(found.starts) == 6
    logits = np.zeros((6, 6), np.float16)
    logits[:, 0] = [1, 2, 3, 4, 5, 9]  # inside Alpha
    logits[0, 2], logits[5, 4] = 7, 8  # begin and end of Alpha
    pooled = pool(tagged(text, logits), np.array([[0, 6], [7, 13]]))
    assert pooled.mean[:, 0].tolist() == [2.0, 6.0]
    assert pooled.peak[:, 0].tolist() == [3.0, 9.0]
    assert pooled.begin[:, 0].tolist() == [7.0, 0.0]
    assert pooled.end[:, 0].tolist() == [0.0, 8.0]
    assert not pooled.mean[:, 1].any()


def test_a_text_without_tokens_says_nothing():
    pooled = pool(tagged(""), np.zeros((2, 2), np.int64))
    assert (pooled.mean == NOTHING).all()


def test_fusion_is_a_weighted_sum_by_label():
    text = "aa bb."
    pooled = pool(tagged(text, np.ones((3, 6), np.float16)), np.array([[0, 6]]))
    weights = np.array([[2.0, 3.0, 5.0, 7.0], [1.0, 0.0, 0.0, 0.5]])
    assert fuse(weights, np.array([[10.0, 4.0]]), pooled).tolist() == [[20.0 + 3 + 5 + 7, 4.5]]


def test_a_file_that_is_no_model_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"mine\.onnx"):
        TokenModel.load(b"not a model", "mine.onnx")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A random BERT of two layers, and its file."""
    pytest.importorskip("onnx")
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from docreview.evaluate.export_tokens import export

    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=30522, hidden_size=48, num_hidden_layers=2, num_attention_heads=12, intermediate_size=96,
        max_position_embeddings=300, initializer_range=0.3,
    )  # fmt: skip
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    head = torch.nn.Linear(48, 6)
    state, last = ({k: v.numpy() for k, v in part.state_dict().items()} for part in (model, head))
    file = tmp_path_factory.mktemp("token") / "small.onnx"
    export(file, state, last, np.arange(30522), {"labels": list(LABELS)})

    def reference(ids: list[int]) -> np.ndarray:
        with torch.no_grad():
            return head(model(input_ids=torch.tensor([[101, *ids, 102]])).last_hidden_state)[0, 1:-1].numpy()

    return file, reference


@pytest.mark.slow
def test_the_exported_model_says_what_the_trained_one_says(small):
    file, reference = small
    model = TokenModel.load(file.read_bytes())
    assert model.labels == LABELS
    text = "This Agreement is made by Alpha Ltd and Beta GmbH on 3 May 2024. " * 3
    found = model.tagged(text, np.array([[0, len(text)]]))
    expected = reference(tokenizer().encode(text, add_special_tokens=False).ids)
    assert np.corrcoef(found.logits.astype(float).ravel(), expected.ravel())[0, 1] > 0.98  # 8-bit weights
    assert np.array_equal(found.logits, model.tagged(text, np.array([[0, len(text)]])).logits)


@pytest.mark.slow
def test_only_the_cells_that_are_wanted_are_looked_at(small):
    model = TokenModel.load(small[0].read_bytes())
    text = "word " * (3 * CELL)
    found = model.tagged(text, np.array([[0, 4]]))
    assert (found.logits[CELL:] == NOTHING).all()
    assert (found.logits[:CELL] != NOTHING).any()
