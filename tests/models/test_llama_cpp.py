"""llama.cpp in this process keeps the contract and agrees with transformers. Needs the llama-cpp extra and gguf:
`pip install 'docreview[llama-cpp]' gguf`.
"""

import threading

import pytest
from contract import DOCUMENT, FIRST, FIXED, SECOND, ModelContract

from docreview.errors import MissingExtra, ModelError
from docreview.models import Sampling, load_model
from docreview.models.saved import Caches


@pytest.fixture(scope="module")
def model(gguf_file):
    return load_model(f"llama-cpp:{gguf_file}")


class TestLlamaCpp(ModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, gguf_file):
        return load_model(f"llama-cpp:{gguf_file}")


def test_the_file_says_which_profile_and_window(model, gguf_file):
    assert model.profile.name == "LFM2.5-8B-A1B"
    assert model.window == 32_768
    assert load_model(f"llama-cpp:{gguf_file}", window=1000).window == 1000
    assert model.facts["weights"].startswith(gguf_file.name)
    assert len(model.facts["template sha256"]) == 64


def test_tokens_are_those_of_the_checkpoint(model, checkpoint):
    theirs = load_model(f"transformers:{checkpoint}")
    text = "Miete – 1 200 € für 🏠 ไทย\r\n\t\0x <|tool_call_start|>[f()]<|tool_call_end|><think>a</think>"
    for each in (DOCUMENT, FIRST, text, "<|im_start|>user\n" + text):
        assert model._tokens.encode(each) == theirs._tokens.encode(each)
    assert model._tokens.decode(model._tokens.encode(text)) == text
    assert model._tokens.ends == theirs._tokens.ends


def test_replies_agree_with_transformers(model, checkpoint):
    """Keys and values are 16 bit here and 32 there, so log-probabilities agree less closely than those of MLX."""
    other = load_model(f"transformers:{checkpoint}")
    greedy = Sampling(temperature=0, max_tokens=40)
    replies = []
    for each in (model, other):
        with each.prefix(DOCUMENT) as prefix:
            reply = prefix.complete(FIRST, sampling=greedy)
            replies.append((reply.read(), reply.ending.logprobs))
    assert replies[0][0] == replies[1][0]
    assert replies[0][1] == pytest.approx(replies[1][1], abs=0.02)


def test_documents_that_take_turns_in_the_one_context_stay_exact(model):
    """One is cut back in place, the other saved and loaded whole: both to the last bit."""
    other = DOCUMENT.replace("tenant", "landlord")
    with model.prefix(DOCUMENT) as one, model.prefix(other) as two:
        seen = {}
        for prefix in (one, one, two, one, two, two, one):
            prefix.complete(SECOND, sampling=Sampling(temperature=1, max_tokens=20)).read()
            reply = prefix.complete(FIRST, sampling=FIXED)
            seen.setdefault(prefix, set()).add((reply.read(), reply.ending.logprobs))
        assert [len(seen[prefix]) for prefix in (one, two)] == [1, 1]
        assert seen[one] != seen[two]
        assert 100_000 < one.bytes < two.bytes  # a longer word


def test_a_document_is_kept_on_the_disk_for_the_next_run(model, gguf_file, tmp_path):
    caches = Caches(tmp_path / "caches")
    with caches.prefix(model, DOCUMENT) as first:
        assert first.cached == 0
        expected = first.complete(FIRST, sampling=FIXED)
        expected.read()
    again = load_model(f"llama-cpp:{gguf_file}")
    with caches.prefix(again, DOCUMENT) as second:
        assert second.cached == second.tokens == first.tokens
        for _ in range(2):
            reply = second.complete(FIRST, sampling=FIXED)
            assert reply.read() == expected.read()
            assert reply.ending.logprobs == expected.ending.logprobs


def test_a_closed_document_is_not_kept(model):
    prefix = model.prefix(DOCUMENT)
    prefix.close()
    assert model.engine._held() is None


def test_a_model_that_goes_frees_its_file_and_prefixes_stay_harmless(gguf_file):
    model = load_model(f"llama-cpp:{gguf_file}", window=2000)
    prefix = model.prefix(DOCUMENT)
    model.close()
    with pytest.raises(ModelError) as error:
        prefix.complete(FIRST, sampling=FIXED).read()
    assert error.value.code == "closed"
    assert model.count(["still counts"])[0] > 0


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (None, "missing", "No such file"),
        (b"PK\x03\x04", "damaged", "no GGUF file"),
        (b"GGUF\x03\x00\x00\x00" + b"\xff" * 64, "damaged", "can't load"),
    ],
)
def test_what_is_no_model_says_so(tmp_path, data, code, says):
    pytest.importorskip("llama_cpp", reason="the llama-cpp extra is absent")
    file = tmp_path / "x.gguf"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(ModelError, match=says) as error:
        load_model(f"llama-cpp:{file}")
    assert error.value.code == code


def test_half_a_file_is_damaged(gguf_file, tmp_path):
    half = tmp_path / "half.gguf"
    half.write_bytes(gguf_file.read_bytes()[: gguf_file.stat().st_size // 2])
    with pytest.raises(ModelError, match="can't load"):
        load_model(f"llama-cpp:{half}")


def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "llama_cpp", None)
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    with pytest.raises(MissingExtra, match=r"docreview\[llama-cpp\]"):
        load_model(f"llama-cpp:{tmp_path / 'x.gguf'}")


def test_a_long_document_is_cancelled_between_chunks(model):
    cancel = threading.Event()
    seen = []

    def progress(done, total):
        seen.append((done, total))
        cancel.set()

    with pytest.raises(ModelError) as error:
        model.prefix(DOCUMENT * 40, progress=progress, cancel=cancel)
    assert error.value.code == "cancelled"
    assert seen[0][0] < seen[0][1]
