"""Watches a Python process from its start: notes each attempt to reach beyond this machine, and refuses it.

This file stands alone. `docreview doctor --prove-offline` puts it where Python looks for `sitecustomize`, so that every
Python process that a job starts, whatever it runs, loads it first.
"""

import ipaddress
import json
import os
import socket
import sys

PLACE = "OFFLINE_WITNESS"
"""Environment variable: the file that notes are appended to."""
_NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
_SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_HERE = ("", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


def is_here(host: object) -> bool:
    """Whether a host is this machine: its loopback addresses, the name localhost, or none at all."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or not isinstance(name, str) or name.lower() in _HERE:
        return name is None or isinstance(name, str)
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def judge(event: str, args: tuple[object, ...]) -> str:
    """What an audit event would reach beyond this machine; empty when nothing."""
    if event in _NAMES:
        host = args[0][0] if event == "socket.getnameinfo" and isinstance(args[0], tuple) else args[0]
        return "" if is_here(host) else f"{event} {host!s}"
    if event not in (*_SENDS, "socket.bind"):
        return ""
    family, address = getattr(args[0], "family", None), args[1]
    if family not in (socket.AF_INET, socket.AF_INET6):
        return "" if family in _LOCAL else f"{event} {family!s}"
    if not isinstance(address, tuple) or not address:
        return ""  # sendmsg on a socket that is connected already
    if event == "socket.bind":
        return "" if address[0] != "" and is_here(address[0]) else f"{event} {address[0]!s}:{address[1]}"
    return "" if is_here(address[0]) and address[0] != "" else f"{event} {address[0]!s}:{address[1]}"


_LOCAL = tuple(getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name))


def install(place: str) -> None:
    """Note that this process is watched, then watch it."""
    file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(**fields: object) -> None:
        os.write(file, json.dumps({"pid": os.getpid(), **fields}).encode() + b"\n")

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event.startswith("socket.") and (attempt := judge(event, args)):
            note(attempt=attempt)
            raise PermissionError(f"{attempt}: refused, this run must stay on this machine")

    note(started=os.path.basename(sys.executable))
    sys.addaudithook(hook)


if os.environ.get(PLACE):
    install(os.environ[PLACE])
