"""Starts JupyterLab as docs/notebooks.md says, and asks it what its pages ask it: run by test_lab.py, under watch."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def ask(port: int, path: str, **more: str) -> object:
    """What the server says; it is given time to start."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "token t"}, **more)
    for _ in range(600):
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.5)
    raise SystemExit("JupyterLab did not start")


def main() -> None:
    """Fails where the server asks somebody, or listens to others."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", f"--config={ROOT / 'notebooks' / 'jupyter_lab_config.json'}"]
    options = ["--no-browser", "--allow-root", "--IdentityProvider.token=t", f"--ServerApp.port={port}"]
    server = subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert ask(port, "/lab/api/news") == {"news": []}
        assert ask(port, "/lab/api/update") == {"notification": None}
        assert isinstance(ask(port, "/lab/api/extensions"), list)
        assert ask(port, "/lab/api/extensions?query=theme") == []
        assert ask(port, "/api/contents/notebooks")["type"] == "directory"
    finally:
        server.terminate()
        said = server.communicate(timeout=120)[1]
    assert f"127.0.0.1:{port}" in said


if __name__ == "__main__":
    main()
