"""The review app as one person uses it, for a proof: started, opened, a decision made. `python -m ...visit OUT`.

It is started by `docreview app` in a process of its own; this one asks it for its files and opens a session, as a
browser does. The decision is made in the same pages, by Streamlit's own test driver.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Final

from docreview.app import Options
from docreview.app.start import script
from docreview.decisions import Decisions

_SECONDS: Final = 300


def main(out: Path) -> None:
    """Do all of it on a folder of results.

    Raises:
        RuntimeError: Something of it did not work.
    """
    command = [sys.executable, "-m", "docreview", "app", str(out), "--no-browser"]
    app = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = app.stdout.readline() if app.stdout else ""
        if "http://" not in said:
            raise RuntimeError("the app did not start")
        _load(said.split()[-1])
    finally:
        app.send_signal(signal.SIGINT)
        code = app.wait(_SECONDS)
    if code != 130:
        raise RuntimeError(f"the app ended with {code}")
    _decide(out)


def _load(url: str) -> None:
    """The page, and a session in which it was drawn without an error."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=_SECONDS) as answer:
        if b"<script" not in answer.read():
            raise RuntimeError("the app's page is none")
    kinds = _session(url.replace("http://", "ws://") + "/_stcore/stream")
    if not kinds or "exception" in kinds:
        raise RuntimeError(f"the app drew {sorted(kinds) or 'nothing'}")


def _session(url: str) -> set[str]:
    """The kinds of elements that the app draws for a new session."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ClientState_pb2 import ClientState
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect
    from websockets.typing import Origin, Subprotocol

    kinds: set[str] = set()
    origin = Origin(url.replace("ws://", "http://").removesuffix("/_stcore/stream"))
    with connect(url, subprotocols=[Subprotocol("streamlit")], origin=origin, proxy=None, max_size=None) as server:
        server.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        while True:
            message = ForwardMsg.FromString(server.recv(_SECONDS))
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                return kinds
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                kinds.add(str(message.delta.new_element.WhichOneof("type")))


def _decide(out: Path) -> None:
    """Accept the first answer of the first document, on the page that is there for it."""
    from streamlit.testing.v1 import AppTest

    Options(out=str(out.resolve()), reviewer="a person").to_environment()
    sys.path.insert(0, str(script().parents[2]))
    page = AppTest.from_string("from apps.review.views.review import page\npage()", default_timeout=_SECONDS).run()
    page.button(key="do-accept").click().run()
    if page.exception:
        raise RuntimeError(f"the Review page failed: {page.exception[0].value}")
    if not any(entry.verdict == "accepted" for entry in Decisions(out).entries()):
        raise RuntimeError("the decision was not kept")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
