"""Saved caches: the same answers as without one, for the same text and model alone, and never from a damaged file."""

import json
import os
import stat
import subprocess
import sys

import pytest
import tiny
from contract import DOCUMENT, FIRST, FIXED, SECOND

from docreview.models import ScriptedModel, load_model
from docreview.models.saved import Caches, Saved

pytestmark = pytest.mark.slow


@pytest.fixture(params=["transformers", "mlx"])
def model(request, checkpoint):
    if request.param == "mlx":
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    return load_model(f"{request.param}:{checkpoint}")


def ask(prefix):
    replies = []
    for suffix in (FIRST, SECOND, FIRST):
        reply = prefix.complete(suffix, sampling=FIXED)
        replies.append((reply.read(), reply.ending.logprobs))
    return replies


def files(folder, ending):
    return sorted(file for file in folder.glob(f"*{ending}") if file.name != "weights.json")


def test_answers_from_a_loaded_cache_are_those_of_a_computed_one(model, tmp_path):
    caches = Caches(tmp_path / "caches")
    with model.prefix(DOCUMENT) as prefix:
        expected = ask(prefix)
    with caches.prefix(model, DOCUMENT) as first:
        assert first.cached == 0
        assert ask(first) == expected
    seen = []
    with caches.prefix(model, DOCUMENT, progress=lambda done, total: seen.append((done, total))) as again:
        assert again.cached == again.tokens == first.tokens
        assert ask(again) == expected  # log-probabilities to the last bit
    assert seen == [(again.tokens, again.tokens)]
    (saved,) = caches.listed()
    assert saved.tokens == first.tokens
    assert saved.bytes == files(tmp_path / "caches", ".safetensors")[0].stat().st_size
    assert saved.model == model.name
    reloaded = load_model(model.name)
    with caches.prefix(reloaded, DOCUMENT) as other:
        assert other.cached
        assert ask(other) == expected


def test_another_document_or_model_gets_no_cache_of_this_one(model, tmp_path, tmp_path_factory):
    caches = Caches(tmp_path / "caches")
    caches.prefix(model, DOCUMENT).close()
    assert caches.prefix(model, DOCUMENT.replace("tenant", "landlord")).cached == 0
    other = tiny.build(tmp_path_factory.mktemp("other") / "tiny", seed=1)  # equal files but for the weights
    twin = load_model(model.name.partition(":")[0] + f":{other}")
    assert caches.prefix(twin, DOCUMENT).cached == 0
    assert len(caches.listed()) == 3
    assert caches.prefix(model, DOCUMENT).cached


@pytest.mark.parametrize("damage", ["cut", "byte", "foreign", "swapped", "gone", "no json"])
def test_a_damaged_cache_is_left_aside_with_a_warning(model, damage, tmp_path, caplog):
    caches = Caches(tmp_path)
    with caches.prefix(model, DOCUMENT) as prefix:
        expected = ask(prefix)
    numbers, described = files(tmp_path, ".safetensors")[0], files(tmp_path, ".json")[0]
    raw = numbers.read_bytes()
    if damage == "cut":
        numbers.write_bytes(raw[:-100])
    if damage == "byte":
        numbers.write_bytes(raw[:-9] + bytes([raw[-9] ^ 255]) + raw[-8:])
    if damage == "foreign":
        numbers.write_bytes(b"no numbers at all")
    if damage == "swapped":
        caches.prefix(model, DOCUMENT.replace("Clause. ", "")).close()
        other = next(file for file in files(tmp_path, ".safetensors") if file != numbers)
        numbers.write_bytes(other.read_bytes())
        sha = next(saved.sha256 for saved in caches.listed() if saved.key == other.stem)
        described.write_text(json.dumps(json.loads(described.read_text()) | {"sha256": sha}))
    if damage == "gone":
        numbers.unlink()
    if damage == "no json":
        described.write_text("{")
    with caches.prefix(model, DOCUMENT) as again:
        assert again.cached == 0
        assert ask(again) == expected
    assert ("left aside" in caplog.text) == (damage in ("cut", "byte", "foreign", "swapped"))
    assert "tenant" not in caplog.text
    assert caches.prefix(model, DOCUMENT).cached


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_owner_can_read_them(checkpoint, tmp_path):
    model = load_model(f"transformers:{checkpoint}")
    Caches(tmp_path / "caches").prefix(model, DOCUMENT).close()
    assert stat.S_IMODE(os.stat(tmp_path / "caches").st_mode) == 0o700
    made = [*files(tmp_path / "caches", ".safetensors"), *files(tmp_path / "caches", ".json")]
    assert len(made) == 2
    assert {stat.S_IMODE(os.stat(file).st_mode) for file in made} == {0o600}


def test_old_ones_go_when_the_room_is_used_up_and_clear_deletes_nothing_else(checkpoint, tmp_path):
    model = load_model(f"transformers:{checkpoint}")
    caches = Caches(tmp_path)
    caches.prefix(model, DOCUMENT).close()
    (one,) = caches.listed()
    small = Caches(tmp_path, gib=1.5 * one.bytes / (1 << 30))
    small.prefix(model, DOCUMENT + FIRST).close()
    (left,) = small.listed()
    assert left.key != one.key
    stale = Saved(format=1, key="a" * 64, model="old", tokens=1, bytes=1, sha256="0" * 64, used=0.0)
    (tmp_path / f"{stale.key}.json").write_text(json.dumps({n: getattr(stale, n) for n in Saved.__slots__}))
    caches.prefix(model, DOCUMENT).close()
    assert "old" not in {saved.model for saved in caches.listed()}
    (tmp_path / "mine.json").write_text("{}")
    assert caches.clear() == 2
    assert caches.listed() == []
    assert {file.name for file in tmp_path.iterdir()} == {"mine.json", "weights.json"}


def test_a_folder_that_cannot_be_used_costs_only_a_warning(checkpoint, tmp_path, caplog):
    model = load_model(f"transformers:{checkpoint}")
    (tmp_path / "file").write_text("")
    with Caches(tmp_path / "file" / "caches").prefix(model, DOCUMENT) as prefix:
        assert ask(prefix)
    assert "could not be saved" in caplog.text


def test_models_elsewhere_keep_nothing(tmp_path):
    model = ScriptedModel(["Yes."])
    with Caches(tmp_path / "caches").prefix(model, DOCUMENT) as prefix:
        assert prefix.complete(FIRST).read() == "Yes."
    assert not (tmp_path / "caches").exists()


def test_the_process_waits_for_a_job_that_nobody_reads_any_more():
    code = """
import sys, time
from docreview.models.threads import OneThread
def job(put, gone):
    put(1)
    while not gone.is_set():
        time.sleep(0.01)
    time.sleep(0.2)
    sys.stdout.write("stopped")
    sys.stdout.flush()
left = OneThread("work").stream(job)
next(left)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "stopped")
