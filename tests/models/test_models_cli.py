"""`docreview models ...` and `docreview bench model`; downloads from a stand-in for Hugging Face that break off."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tiny
from typer.testing import CliRunner

from docreview.cli import app
from docreview.evaluate.model_bench import bench, report
from docreview.models import load_model, profile_named
from docreview.models.pull import note_once

REPO = "someone/LFM2.5-8B-A1B-tiny"
SHA = "0123456789abcdef0123456789abcdef01234567"


def run(*arguments, **options):
    return CliRunner().invoke(app, list(arguments), **options)


class Hub(ThreadingHTTPServer):
    """As much of Hugging Face as a download needs. `cut` breaks off every transfer there."""

    daemon_threads = True

    def __init__(self, files, cut=None):
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.files, self.cut, self.ranges = files, cut, []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class HubHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path.startswith(f"/api/models/{REPO}/tree/"):
            rows = [
                {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for name, data in self.server.files.items()
            ]
            return self.send(json.dumps(rows).encode())
        if path.startswith(f"/api/models/{REPO}"):
            siblings = [{"rfilename": name, "size": len(data)} for name, data in self.server.files.items()]
            card = {"license": "other", "license_name": "lfm1.0"}
            info = {"id": REPO, "modelId": REPO, "sha": SHA, "siblings": siblings, "cardData": card, "tags": []}
            return self.send(json.dumps(info).encode())
        name = path.rpartition("/")[2]
        if path.startswith(f"/{REPO}/resolve/{SHA}/") and name in self.server.files:
            return self.file(name, self.server.files[name])
        self.send_response(404)
        self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", "0")
        return self.end_headers()

    def send(self, data):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def file(self, name, data):
        start = 0
        if wanted := self.headers.get("Range"):
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            self.server.ranges.append((name, start))
        self.send_response(206 if wanted else 200)
        self.send_header("X-Repo-Commit", SHA)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("Accept-Ranges", "bytes")
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.server.cut is not None and start < self.server.cut < len(data):
            self.wfile.write(data[start : self.server.cut])
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(data[start:])


def pull(hub, cache, *more, name=f"transformers:{REPO}"):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")} | {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [sys.executable, "-m", "docreview", "models", "pull", name, *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, input="n\n", timeout=300)


@pytest.mark.slow
def test_a_download_says_its_size_asks_and_goes_on_where_it_broke_off(checkpoint, tmp_path):
    files = {file.name: file.read_bytes() for file in checkpoint.iterdir()} | {"README.md": b"not needed"}
    files["other.safetensors"] = bytes(24 << 20)  # huggingface_hub writes in pieces of 10 MiB
    hub = Hub(files, cut=22 << 20)
    asked = pull(hub, tmp_path)
    assert asked.returncode == 1
    assert "MB to download" in asked.stdout
    assert "LFM Open License v1.0" in asked.stdout
    broken = pull(hub, tmp_path, "--yes")
    assert broken.returncode == 2
    assert "broke off" in broken.stderr
    hub.cut = None
    done = pull(hub, tmp_path, "--yes")
    assert done.returncode == 0, done.stderr
    assert ("other.safetensors", 20 << 20) in hub.ranges
    again = pull(hub, tmp_path)
    assert "0.0 MB to download" in again.stdout
    hub.shutdown()
    folder = done.stdout.splitlines()[-1]
    assert "README.md" not in os.listdir(folder)
    assert load_model(f"transformers:{folder}").profile.name == "LFM2.5-8B-A1B"


@pytest.mark.slow
def test_of_a_gguf_repository_one_file_is_fetched(tmp_path):
    hub = Hub({"m-Q4_K_M.gguf": b"GGUF four", "m-Q8_0.gguf": b"GGUF eight", "README.md": b"not needed"})
    done = pull(hub, tmp_path, "--yes", name=f"llama-cpp:{REPO}")
    hub.files.pop("m-Q4_K_M.gguf")
    lacking = pull(hub, tmp_path, name=f"llama-cpp:{REPO}")
    hub.shutdown()
    assert done.returncode == 0, done.stderr
    with open(done.stdout.splitlines()[-1], "rb") as file:
        assert file.read() == b"GGUF four"
    assert lacking.returncode == 2
    assert "no file *Q4_K_M.gguf" in lacking.stderr


@pytest.mark.slow
def test_what_cannot_be_downloaded_says_why(tmp_path):
    hub = Hub({})
    missing = pull(hub, tmp_path, name="mlx:nobody/nothing")
    hub.shutdown()
    hub.server_close()
    gone = pull(hub, tmp_path, name=f"mlx:{REPO}")
    assert (missing.returncode, gone.returncode) == (2, 2)
    assert "has no model nobody/nothing" in missing.stderr
    assert "can't be asked" in gone.stderr
    assert "Traceback" not in missing.stderr + gone.stderr
    assert run("models", "pull", "server:http://127.0.0.1").exit_code != 0


def test_list_and_show_of_profiles():
    listed = run("models", "list").stdout
    assert "mlx:LiquidAI/LFM2.5-8B-A1B-MLX-8bit, about 9 GB" in listed
    shown = run("models", "show", "lfm2.5-8b-a1b").stdout
    assert "window: 128,000 tokens; prompts up to 119,808" in shown
    assert "10 million US dollars" in shown


def test_show_of_a_folder(checkpoint, tmp_path):
    folder = tmp_path / "lfm2.5-8b-a1b"
    folder.symlink_to(checkpoint)
    shown = run("models", "show", f"transformers:{folder}").stdout
    assert "chat template: the same text as ours" in shown
    assert "cache: 0.25 KiB a token" in shown
    assert "template sha256: " in shown


def test_the_licence_note_is_shown_once(tmp_path):
    record = tmp_path / "below" / "licences.txt"
    profile = profile_named("LFM2.5-8B-A1B")
    assert "10 million" in note_once(profile, record)
    assert note_once(profile, record) == ""
    assert note_once(profile_named("chatml"), record) == ""
    assert "10 million" in note_once(profile, tmp_path)  # a folder: can't be written, so it comes each time
    assert "10 million" in note_once(profile, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["transformers", "mlx"])
def test_one_read_serves_many_questions(checkpoint, kind):
    """The whole claim (12,000 tokens, 20 questions) takes longer: `docreview bench model`. Here the shape of it."""
    if kind == "mlx":
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    model = load_model(f"{kind}:{checkpoint}")
    cost = bench(model, tokens=4000, questions=10, reply_tokens=8)
    assert cost.cached_tokens == cost.document_tokens > 3500
    assert cost.lost == 0
    assert sum(cost.questions) < sum(cost.uncached) / len(cost.uncached) * 10 / 2
    assert "cost over one prefill and decoding" in report("x", cost)


def test_the_builder_of_the_checkpoint_runs_as_a_script(tmp_path):
    assert tiny.build(tmp_path / "x", window=500).joinpath("model.safetensors").is_file()
