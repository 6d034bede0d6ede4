"""HTTP to a model server on this machine: JSON in, JSON or a stream of JSON events out. Follows no redirect, uses no
proxy, and connects to nobody but the host that was named.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import queue
import socket
import struct
import sys
import threading
from collections.abc import Collection, Iterator
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from docreview.errors import ModelError
from docreview.models.reply import Stop

_CONNECT: Final = 10.0  # seconds
_ANSWER: Final = 60.0
_POLL: Final = 0.1
_MAX_ERROR: Final = 65_536  # bytes of an error's body that are read
_MAX_LINE: Final = 1 << 24
_MAX_WHOLE: Final = 1 << 25
_RESET: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # linger, for no time at all


class Address:
    """A server's address, checked: this machine, or a host that was allowed by name.

    Raises:
        ModelError: It is no http address, or a host that was not allowed.
    """

    def __init__(self, name: str, url: str, allow_hosts: Collection[str] = ()) -> None:
        parts = _split(name, url)
        self.name, self.host, self.https = name, parts.hostname or "", parts.scheme == "https"
        self.port = parts.port or (443 if self.https else 80)
        self.base = parts.path.rstrip("/").removesuffix("/v1")
        if self.host not in allow_hosts and not is_loopback(self.host):
            raise ModelError(
                name,
                "host",
                f"{self.host} is not this machine. Documents would leave it; name the host in allow_hosts "
                "(--allow-host) if that is meant",
            )

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        """A connection, not opened yet."""
        kind = http.client.HTTPSConnection if self.https else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout)


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username:
            return parts
    except ValueError:
        pass
    raise ModelError(name, "unknown", f"{url!r} is no address like http://127.0.0.1:8080")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its address or because "localhost" leads nowhere else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        if host != "localhost":
            return False
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(each[4][0]).partition("%")[0]).is_loopback for each in found)


class Client:
    """Requests to one server.

    Args:
        address: Where it is.
        key: Sent as a bearer token.
    """

    def __init__(self, address: Address, key: str | None = None) -> None:
        self.address = address
        self.turn: threading.Lock | None = None
        """Held by each streamed request, for servers that break one off when the next comes."""
        self._headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str) -> Any:
        """The JSON at a path; None when there is none (an error, or no JSON)."""
        try:
            status, data = self._whole("GET", path, None)
        except http.client.HTTPException:
            return None
        return _json(data) if status == 200 else None

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers a JSON body.

        Raises:
            ModelError: The server answered with an error, or with something else.
        """
        try:
            with self.turn or contextlib.nullcontext():
                status, data = self._whole("POST", path, body)
        except http.client.HTTPException as error:
            raise self._error("server", f"{path}: no HTTP answer ({type(error).__name__})") from None
        found = _json(data)
        if status != 200 or found is None:
            raise self.failed(path, status, found if found is not None else data[:300].decode("utf-8", "replace"))
        return found

    def events(self, path: str, body: Any, stop: Stop) -> Iterator[Any]:
        """The JSON values of a streamed answer, as they come: server-sent events or JSON lines. Comments come as text.

        Ends early, and hangs up, when `stop` says so or nobody reads any more: servers then stop their model.

        Raises:
            ModelError: The server answered with an error or hung up.
        """
        call = _Call(self.address.connect(_CONNECT))
        threading.Thread(target=self._pump, args=(call, path, body), daemon=True).start()
        try:
            while not stop:
                try:
                    line = call.lines.get(timeout=_POLL)
                except queue.Empty:
                    continue
                if line is None:
                    return
                if isinstance(line, Exception):
                    raise line
                yield from _event(line)
        finally:
            call.hang_up()

    def failed(self, path: str, status: int, found: Any) -> ModelError:
        """An error's body in one line: what of it people can use."""
        return self._error("server", f"{path}: {message_of(found) or 'no reason given'} (HTTP {status})")

    def _error(self, code: str, message: str) -> ModelError:
        return ModelError(self.address.name, code, message)

    def _whole(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        connection = self.address.connect(_ANSWER)
        try:
            response = self._send(connection, method, path, body)
            data = response.read(_MAX_WHOLE + 1)
            if len(data) > _MAX_WHOLE:
                raise self._error("server", f"{path}: an answer of more than {_MAX_WHOLE >> 20} MiB")
            return response.status, data
        except http.client.HTTPException:  # some are OSErrors too
            raise
        except OSError as error:
            raise self._unreachable(error) from None
        finally:
            connection.close()

    def _send(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Any
    ) -> http.client.HTTPResponse:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        connection.request(method, self.address.base + path, data, self._headers)
        return connection.getresponse()

    def _pump(self, call: _Call, path: str, body: Any) -> None:
        """Send the request and hand over the answer's lines, from a thread of its own: prefill may take minutes."""
        with self.turn or contextlib.nullcontext():
            try:
                if call.connect():
                    self._receive(call, path, body)
                call.lines.put(None)
            except (OSError, http.client.HTTPException) as error:
                broken = self._error("cut", f"the connection broke off ({type(error).__name__})")
                call.lines.put(broken if call.sock else self._unreachable(error))
            finally:
                call.connection.close()

    def _receive(self, call: _Call, path: str, body: Any) -> None:
        """Hand over lines until the answer ends or nobody waits: after a shutdown a socket may still deliver data."""
        response = self._send(call.connection, "POST", path, body)
        if response.status != 200:
            data = response.read(_MAX_ERROR)
            found = _json(data)
            call.lines.put(self.failed(path, response.status, found if found is not None else _plain(data)))
        while response.status == 200 and not call.gone and (line := response.readline(_MAX_LINE)):
            call.lines.put(line)
        response.close()  # the connection has left its socket to the response

    def _unreachable(self, error: Exception) -> ModelError:
        where = f"{self.address.host}:{self.address.port}"
        return self._error(
            "unreachable", f"nobody answers at {where} ({error or type(error).__name__}). Is it running?"
        )


class _Call:
    """A streamed request under way, shared by who reads it and the thread that receives it."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.connection = connection
        self.lines: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        self.sock: socket.socket | None = None
        self.gone = False

    def connect(self) -> bool:
        """Open the connection; False when nobody waits for the answer any more."""
        if not self.gone:
            self.connection.connect()
            self.connection.sock.settimeout(None)
            self.sock = self.connection.sock
        return not self.gone

    def hang_up(self) -> None:
        """End the call while the other thread waits for data; that thread closes the connection.

        It is reset, not ended politely: a server with a full send buffer would not notice for a minute.
        """
        self.gone = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.sock.shutdown(socket.SHUT_RDWR)


def message_of(found: Any) -> str:
    """The message of an error's body, in any of the forms that servers have for it; empty when there is none."""
    if isinstance(found, str):
        return " ".join(found.split())[:300]
    if isinstance(found, list):
        return "; ".join(filter(None, map(message_of, found)))[:300]
    if not isinstance(found, dict):
        return ""
    for key in ("error", "message", "detail", "msg"):
        if text := message_of(found.get(key)):
            return text
    return ""


def _event(line: bytes) -> Iterator[Any]:
    """What one line of a stream says: JSON after "data:" or alone; an error; a comment as text."""
    text = line.decode("utf-8", "replace").strip()
    if text.startswith(":"):
        yield text[1:].strip()
        return
    field, colon, rest = text.partition(":")
    rest = rest.strip() if colon and field in ("data", "error") else text
    if not rest.startswith("{"):
        return
    found = _json(rest.encode("utf-8", "replace"))
    if isinstance(found, dict):
        yield {"error": found} if field == "error" else found


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def _plain(data: bytes) -> str:
    return data[:300].decode("utf-8", "replace")
