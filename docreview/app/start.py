"""Starts Streamlit with the review app: on this machine alone, telling nobody."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from docreview import config
from docreview.app.options import Options
from docreview.errors import ConfigError, MissingExtra, OutputError
from docreview.governance.pii.gates import Gates, RedactionPolicy
from docreview.models.http import is_loopback
from docreview.search.store import MANIFEST, Store

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8501
_TRIED: Final = 50  # ports from the first one on
_PACKAGE: Final = Path(__file__).resolve().parent
_PLACES: Final = (_PACKAGE / "site" / "apps" / "review", _PACKAGE.parents[1] / "apps" / "review")
"""Where the pages lie: in the installed package, or at the top of a checkout."""
_QUIET: Final[dict[str, Any]] = {
    "browser.gatherUsageStats": False,
    "client.allowedOrigins": [],  # no other page may steer this one
    "client.showErrorDetails": "type",
    "client.showErrorLinks": False,  # they would take an error's text to search engines
    "client.toolbarMode": "minimal",
    "logger.enableRich": False,  # the plain way passes the gate of logs, `_serve`
    "logger.hideWelcomeMessage": True,
    "runner.magicEnabled": False,
    "secrets.files": [],
    "server.allowRunOnSave": False,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,  # no question for an e-mail address, no browser unasked
    "server.showEmailPrompt": False,
    "theme.base": "light",
    "theme.baseFontSize": 15,
    "theme.headingFontSizes": ["1.5rem", "1.25rem", "1.1rem", "1rem", "1rem", "1rem"],
    "theme.primaryColor": "#1f4e79",
    "theme.textColor": "#1b1f24",
    "theme.linkColor": "#1f4e79",
    "theme.secondaryBackgroundColor": "#f3f5f8",
}


def folders(folder: Path | None, library: Path | None = None, **more: str) -> Options:
    """Options for a folder of results or a library, or for a new folder where there is none yet.

    Args:
        folder: What `docreview triage` or `docreview index` made; by default `docreview-results` in this folder, which
            the app makes when the first document is uploaded.
        library: A search index too, when `folder` holds results.
        more: The other fields of `Options`.

    Raises:
        OutputError: The folder holds neither; the message says what to run.
        LibraryError: The library is damaged, or there is none.
    """
    results = folder
    if folder is None:
        results = Path("docreview-results")
    elif (folder / MANIFEST).exists() and not (folder / "documents.jsonl").exists():
        results, library = None, library or folder
    elif not (folder / "documents.jsonl").exists():
        raise OutputError(
            folder,
            f"holds no results. Run: docreview triage DOCUMENTS --out {folder}. "
            "Or name no folder, and upload documents in the app",
        )
    if library is not None:
        Store(library).read()
    made = {"out": results, "library": library}
    return Options(**{key: str(path.resolve()) for key, path in made.items() if path is not None}, **more)


def start(
    options: Options,
    *,
    address: str = LOOPBACK,
    port: int = 0,
    browser: bool = True,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the app until it is stopped (Ctrl-C, SIGTERM).

    Args:
        options: What it works with; without a `token_sha256` only loopback addresses are allowed.
        address: Where it listens.
        port: 0 = the first free one from 8501 on.
        browser: Open it in the person's browser.
        ready: Called once with the app's address when somebody answers there.

    Raises:
        MissingExtra: Streamlit is not installed.
        ConfigError: The address can be reached by others and there is no token, or the port is taken.
    """
    if not all(find_spec(name) for name in ("streamlit", "pandas")):
        raise MissingExtra("The review app", "app")
    if not is_loopback(address) and not options.token_sha256:
        raise ConfigError(
            "--address", address, "other machines can reach it: name a file with --token-file, and it asks for a token"
        )
    chosen = _free_port(address, port)
    options.to_environment()
    threading.Thread(target=_announce, args=(address, chosen, browser, ready), daemon=True).start()
    _serve(script(), _flags(address, chosen))


def script() -> Path:
    """The app's entry, in the installed package or in a checkout.

    Raises:
        MissingExtra: It is in neither.
    """
    for place in _PLACES:
        if (place / "app.py").exists():
            return place / "app.py"
    raise MissingExtra("The review app", "app")


def _flags(address: str, port: int) -> dict[str, Any]:
    """Streamlit's settings, over those of any file of the user's."""
    own = {
        "server.address": address,
        "server.port": port,
        "server.maxUploadSize": config.load().max_file_mib,
        # A page of another site must not reach it under a name of that site's own (DNS rebinding).
        "server.allowedHosts": ["localhost", "127.0.0.1", "::1", address] if is_loopback(address) else [],
    }
    return _QUIET | own


def _serve(main_file: Path, flags: dict[str, Any]) -> None:
    from streamlit import net_util
    from streamlit.web import bootstrap

    # Streamlit would ask checkip.amazonaws.com for this machine's address when a page of another site calls.
    net_util.get_external_ip = _nowhere
    net_util.get_internal_ip = _nowhere
    redacted = Gates(RedactionPolicy.load()).log_filter()
    for handler in logging.getLogger("streamlit").handlers:
        handler.addFilter(redacted)
    bootstrap.load_config_options(flags)
    bootstrap.run(str(main_file), False, [], flags)


def _nowhere() -> None:
    return None


def _free_port(address: str, port: int) -> int:
    """The port asked for, or the first free one.

    Raises:
        ConfigError: It is taken, or the address is not this machine's.
    """
    for candidate in [port] if port else [*range(PORT, PORT + _TRIED), 0]:
        try:
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as trial:
                if os.name == "posix":
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((address, candidate))
                return int(trial.getsockname()[1])
        except OSError as error:
            reason = error.strerror or str(error)
            if not port and _taken(error):
                continue
            where = f"{address}:{candidate}"
        raise ConfigError("--port", where, f"{reason}. Name another, or none: a free one is found then")
    raise ConfigError("--port", str(PORT), "no port is free")


def _taken(error: OSError) -> bool:
    import errno

    return error.errno in (errno.EADDRINUSE, errno.EACCES)


def _announce(address: str, port: int, browser: bool, ready: Callable[[str], None]) -> None:
    """Wait until somebody answers, then say where."""
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(address, address)  # noqa: S104
    while True:
        try:
            socket.create_connection((host, port), timeout=5).close()
            break
        except OSError:
            time.sleep(0.1)
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    ready(url)
    if browser:
        webbrowser.open(url)
