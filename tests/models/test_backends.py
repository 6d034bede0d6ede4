"""Every backend that runs in this process keeps the contract; transformers and MLX agree with each other."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from contract import DOCUMENT, FIRST, FIXED, SECOND, ModelContract

from docreview.errors import ModelError
from docreview.models import Sampling, ScriptedModel, load_model, profile_named
from docreview.models.cost import cache_cost
from docreview.models.text import Decoder, Tokens, read_json


class TestScripted(ModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls):
        def answer(prompt):
            words = re.findall("..", hashlib.sha256(prompt.encode()).hexdigest()) * 20
            return "<think>Clause 1.</think>" + " ".join(words)

        return ScriptedModel(answer)


class TestTransformers(ModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, checkpoint):
        return load_model(f"transformers:{checkpoint}")


class TestMlx(ModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, checkpoint):
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
        return load_model(f"mlx:{checkpoint}")


@pytest.fixture(scope="module")
def both(checkpoint):
    pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    return load_model(f"transformers:{checkpoint}"), load_model(f"mlx:{checkpoint}")


def test_logits_of_transformers_and_mlx_agree(both):
    import numpy as np

    from docreview.models import mlx, transformers

    reference, model = both
    ids = reference._tokens.encode(DOCUMENT + FIRST)
    theirs = transformers.THREAD.run(
        lambda: reference.engine.logits(reference.engine.start(), ids, last=len(ids)).copy()
    )
    ours = mlx.THREAD.run(lambda: model.engine.logits(model.engine.start(), ids))
    assert np.abs(theirs - ours).max() < 1e-4
    assert (theirs.argmax(-1) == ours.argmax(-1)).all()


def test_replies_of_transformers_and_mlx_agree(both):
    hot = Sampling(temperature=1, top_k=50, max_tokens=40, seed=5, repetition_penalty=1.05)
    replies = []
    for model in both:
        with model.prefix(DOCUMENT) as prefix:
            reply = prefix.complete(FIRST, sampling=hot)
            replies.append((reply.read(), reply.ending.logprobs))
    assert replies[0][0] == replies[1][0]
    assert replies[0][1] == pytest.approx(replies[1][1], abs=1e-4)


def test_memory_of_a_cache_is_as_the_formula_says(both):
    for model in both:
        cost = cache_cost(read_json(Path(model.facts["folder"]) / "config.json"), bytes_per_number=4)
        with model.prefix(DOCUMENT) as prefix:
            room = 256 * cost.per_token if model.facts["backend"] == "mlx" else 0  # MLX grows in steps of 256 tokens
            assert cost.at(prefix.tokens) <= prefix.bytes <= cost.at(prefix.tokens) * 1.05 + room


def test_the_formula_gives_what_is_known_of_the_real_model():
    real = {
        "num_hidden_layers": 24,
        "layer_types": ["conv"] * 18 + ["full_attention"] * 6,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "hidden_size": 2048,
        "conv_L_cache": 3,
    }
    cost = cache_cost(real)
    assert cost.per_token == 12 * 1024
    assert cost.fixed == 144 * 1024
    assert cost.at(131_072) == int(1.5 * 2**30) + 144 * 1024
    assert cache_cost({}) is None


@pytest.mark.slow
def test_prefixes_in_use_at_once_do_not_disturb_each_other_in_mlx(both):
    """The rewind works in place: nothing of one reply may be left for the next."""
    _, model = both
    with model.prefix(DOCUMENT) as prefix:
        seen = set()
        for length in (1, 30, 2, 400, 1):
            prefix.complete(SECOND, sampling=Sampling(temperature=1, max_tokens=length)).read()
            reply = prefix.complete(FIRST, sampling=FIXED)
            seen.add((reply.read(), reply.ending.logprobs))
    assert len(seen) == 1  # equal to the last bit


def test_a_tokenizer_of_mlx_lm_gives_the_same_tokens(both, checkpoint):
    import mlx_lm

    ids = mlx_lm.load(str(checkpoint))[1].encode(DOCUMENT, add_special_tokens=False)
    assert ids == both[1]._tokens.encode(DOCUMENT)


def test_half_characters_wait_for_their_other_half(checkpoint):
    tokens = Tokens(checkpoint, profile_named("LFM2.5-8B-A1B"))
    text = "Miete – 1 200 € für 🏠 ไทย <|tool_call_start|>[f()]<|tool_call_end|>"
    decoder = Decoder(tokens)
    pieces = [decoder.feed(token) for token in tokens.encode(text)]
    assert "".join(pieces) + decoder.close() == text
    assert not any("\ufffd" in piece for piece in pieces)


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("gpt-4", "unknown", "name a model as one of"),
        ("mlx:", "unknown", "name a model"),
        ("transformers:/nowhere/at/all", "missing", "no such folder"),
        ("mlx:LiquidAI/LFM2.5-8B-A1B-MLX-8bit", "missing", "docreview models pull mlx:LiquidAI/LFM2.5-8B-A1B-MLX-8bit"),
        ("mlx:lfm2.5-8b-a1b", "missing", "docreview models pull mlx:lfm2.5-8b-a1b"),
        ("mlx:no-such-model", "unknown", "neither a folder"),
        ("scripted:nothing.jsonl", "missing", "no such file"),
        ("server:ftp://127.0.0.1", "unknown", "no address"),
        ("server:http://example.org:80", "host", "is not this machine"),
        ("server:http://127.0.0.1:9", "unreachable", "nobody answers"),
    ],
)
def test_what_cannot_be_loaded_says_why(name, code, says, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=says) as error:
        load_model(name)
    assert error.value.code == code


def test_a_folder_that_lacks_weights_is_named(checkpoint, tmp_path):
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    with pytest.raises(ModelError, match=r"lacks \*\.safetensors"):
        load_model(f"transformers:{tmp_path}")
    (tmp_path / "model.safetensors").write_bytes((checkpoint / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelError, match="transformers can't load"):
        load_model(f"transformers:{tmp_path}")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config\.json can't be read"):
        load_model(f"transformers:{tmp_path}")


def test_the_window_is_the_config_s_or_less(checkpoint):
    assert load_model(f"transformers:{checkpoint}").window == 32_768
    assert load_model(f"transformers:{checkpoint}", window=1000).window == 1000


def test_a_script_from_a_file(tmp_path):
    file = tmp_path / "script.jsonl"
    file.write_text('{"reply": "First."}\n{"reply": "Rent.", "when": "the rent"}\n{"reply": "Second."}\n')
    model = load_model(f"scripted:{file}")
    with model.prefix(DOCUMENT) as prefix:
        said = [prefix.complete(suffix).read() for suffix in (SECOND, FIRST, FIRST, SECOND)]
        assert said == ["First.", "Rent.", "Rent.", "Second."]
        with pytest.raises(ModelError, match="no reply is left"):
            prefix.complete(SECOND).read()
    file.write_text('{"answer": "x"}\n')
    with pytest.raises(ModelError, match="JSON lines"):
        load_model(f"scripted:{file}")


OFFLINE = """
import sys
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        print("CONNECTS", event, arguments[-1], flush=True)
sys.addaudithook(hook)
from docreview.models import Sampling, load_model
model = load_model(sys.argv[1])
print(model.complete("<|im_start|>user\\nx", sampling=Sampling(max_tokens=3)).read() is not None)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["transformers", "mlx"])
def test_loading_and_answering_open_no_connection_and_end_cleanly(checkpoint, kind):
    if kind == "mlx":
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, f"{kind}:{checkpoint}"], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.splitlines() == ["True"]
