"""Where the app listens, what it opens, and who may see it."""

import http.client
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from serving import serve

from docreview.app import Options, folders, start, token
from docreview.app.options import VARIABLE, digest
from docreview.errors import ConfigError, LibraryError, OutputError
from docreview.search.store import Manifest, Store


def test_a_folder_of_results_is_opened(tmp_path):
    (tmp_path / "documents.jsonl").touch()
    assert folders(tmp_path) == Options(out=str(tmp_path))


def test_a_folder_without_results_says_what_to_run(tmp_path):
    with pytest.raises(OutputError, match="docreview triage DOCUMENTS --out"):
        folders(tmp_path)
    with pytest.raises(OutputError, match="docreview triage DOCUMENTS --out"):
        folders(tmp_path / "none")


def test_no_folder_is_a_new_one_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert folders(None).out == str(tmp_path / "docreview-results")
    assert not (tmp_path / "docreview-results").exists()


def test_a_library_is_opened_alone_or_beside_results(tmp_path):
    library, out = tmp_path / "library", tmp_path / "out"
    library.mkdir()
    out.mkdir()
    Store(library).write(Manifest())
    (out / "documents.jsonl").touch()
    assert folders(library) == Options(library=str(library))
    assert folders(out, library) == Options(out=str(out), library=str(library))
    with pytest.raises(LibraryError, match="none"):
        folders(out, tmp_path / "none")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_another_address_needs_a_token(address):
    with pytest.raises(ConfigError, match="--token-file"):
        start(Options(), address=address)


def test_a_taken_port_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="--port"):
        start(Options(), port=taken.getsockname()[1])


def test_an_address_that_is_not_ours_is_said():
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        start(Options(token_sha256=digest("x" * 20)), address="192.0.2.1")


def test_a_token_is_made_once_and_is_private(tmp_path):
    file = tmp_path / "app.token"
    made = token(file)
    assert len(made) >= 32
    assert token(file) == made
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    assert token(tmp_path / "other.token") != made


@pytest.mark.parametrize("content", ["", "\n", "short\n", "fifteen-letters\n", "\nlong-enough-but-on-line-two\n"])
def test_a_token_that_could_be_guessed_is_refused(tmp_path, content):
    file = tmp_path / "app.token"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="fewer than 16"):
        token(file)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_token_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "app.token"
    file.write_text("x" * 30)
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        token(file)


def test_a_token_file_that_cannot_be_made_is_said(tmp_path):
    with pytest.raises(ConfigError, match="can't be made"):
        token(tmp_path / "none" / "app.token")


def test_options_go_through_the_environment(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    options = Options(out="/a b/ü", reviewer="Zoë", token_sha256=digest("x"))
    options.to_environment()
    assert Options.from_environment() == options
    assert options.opens("x")
    assert not options.opens("y")
    monkeypatch.delenv(VARIABLE)
    assert Options.from_environment() == Options()


def test_the_command_says_what_is_wrong_and_ends_with_2(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "docreview", "app", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "docreview triage DOCUMENTS" in done.stderr
    assert "Traceback" not in done.stderr


def knock(url: str, **headers: str) -> int:
    """The status that the app's websocket answers a caller with."""
    ask = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    ask["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    caller = http.client.HTTPConnection(url.removeprefix("http://"), timeout=120)
    caller.putrequest("GET", "/_stcore/stream", skip_host="Host" in headers)
    for name, value in (ask | headers).items():
        caller.putheader(name, value)
    caller.endheaders()
    status = caller.getresponse().status
    caller.close()
    return status


@pytest.mark.slow
def test_it_serves_this_machine_alone_and_ctrl_c_ends_it(tmp_path):
    (tmp_path / "documents.jsonl").touch()
    with serve(tmp_path, folder=tmp_path) as app:
        assert app.url.startswith("http://127.0.0.1:")
        port = app.url.rpartition(":")[2]
        assert knock(app.url, Origin=app.url) == 101
        assert knock(app.url, Origin="http://evil.example") == 403
        assert knock(app.url, Origin=f"http://evil.example:{port}", Host=f"evil.example:{port}") == 403
        assert app.interrupt() == 130
        assert "Traceback" not in app.said


@pytest.mark.slow
def test_two_apps_take_two_ports(tmp_path):
    (tmp_path / "documents.jsonl").touch()
    other = tmp_path / "other"
    other.mkdir()
    with serve(tmp_path, folder=tmp_path) as one, serve(tmp_path, folder=other) as two:
        assert one.url != two.url


@pytest.mark.slow
def test_the_token_is_in_no_log_and_no_list_of_processes(tmp_path):
    (tmp_path / "documents.jsonl").touch()
    with serve(tmp_path, "--token-file", tmp_path / "t", "--address", "0.0.0.0", folder=tmp_path) as app:
        made = token(tmp_path / "t")
        assert knock(app.url, Origin=app.url) == 101
        if Path("/proc/self/environ").exists():
            for name in ("environ", "cmdline"):
                assert made.encode() not in Path(f"/proc/{app.process.pid}/{name}").read_bytes()
        assert made not in app.said
