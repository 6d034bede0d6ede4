"""One matter's surrogates on disk, sealed: the same person has the same surrogate in all its documents.

A vault is one file: a header line (how the key is made, no secrets) and one AES-256-GCM box with everything in it. The
header is authenticated with the box. Every change writes the whole file anew, under a lock, by an atomic rename.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from docreview.errors import AuditError, VaultError
from docreview.governance.audit.files import FileOps, write_whole
from docreview.governance.audit.lock import WriterLock

_VERSION: Final = 1
_SCRYPT: Final = {"n": 1 << 17, "r": 8, "p": 1}
"""RFC 7914, with the cost that OWASP recommends (2023); 128 MiB of memory."""
_MOST_COST: Final = 1 << 20
_WAIT_SECONDS: Final = 60.0
_NONCE: Final = 12

Pair = tuple[str, str]


class Vault:
    """Surrogates for all documents of one matter (see `Surrogates`), kept across processes and restarts.

    Args:
        path: The vault's file; made with the first value that is put in.
        passphrase: Opens it; or else
        key_file: a file with a key, made with mode 0600 when it is not there. Keep it where the vault is not.

    Raises:
        VaultError: Neither or both are given; the key is wrong; the file was changed or can't be read.
    """

    def __init__(self, path: Path, *, passphrase: str | None = None, key_file: Path | None = None) -> None:
        if (passphrase is None) == (key_file is None) or passphrase == "":
            raise VaultError(path, "give a passphrase or a key file")
        self.path, self._passphrase, self._key_file = Path(path), passphrase, key_file
        self._lock = WriterLock(self.path.with_name(self.path.name + ".lock"), seconds=_WAIT_SECONDS)
        self._header: dict[str, Any] = {}
        self._key = b""
        self._stamp: tuple[int, ...] = ()
        self._tokens: dict[Pair, str] = {}
        self._next: dict[str, int] = {}
        self._load()

    def tokens(self, values: Iterable[Pair], reserved: Iterable[str] = ()) -> dict[Pair, str]:
        """The surrogate of each (label, value); new ones are on the disk before this returns.

        Args:
            reserved: Surrogates that stand in the text already and are given to no new value.

        Raises:
            VaultError: The vault can't be written, or another process keeps it locked.
        """
        wanted = list(dict.fromkeys(values))
        if any(pair not in self._tokens for pair in wanted):
            taken = frozenset(reserved)
            with self._writing():
                for pair in wanted:
                    if pair not in self._tokens:
                        self._tokens[pair] = self._fresh(pair[0], taken)
                self._save()
        return {pair: self._tokens[pair] for pair in wanted}

    def _fresh(self, label: str, taken: frozenset[str]) -> str:
        while True:
            self._next[label] = number = self._next.get(label, 0) + 1
            if (token := f"[{label}_{number}]") not in taken:
                return token

    def values(self) -> Mapping[str, str]:
        """The value of every surrogate, as the file has them now."""
        self._load()
        return {token: value for (_, value), token in self._tokens.items()}

    def forget(self, value: str) -> int:
        """Delete every row that holds this value, and of a name also those with a part of it; how many there were.

        Its surrogates are never given to anyone else: texts that hold them can't be restored any more.

        Raises:
            VaultError: The vault can't be written.
        """
        wanted = value.casefold()
        with self._writing():
            gone = [pair for pair in self._tokens if _concerns(pair, wanted)]
            for pair in gone:
                del self._tokens[pair]
            if gone:
                self._save()
        return len(gone)

    def __len__(self) -> int:
        return len(self._tokens)

    def _writing(self) -> _Locked:
        return _Locked(self)

    def _load(self) -> None:
        """Read the file if it is there and changed."""
        try:
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            if stamp == self._stamp:
                return
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise VaultError(self.path, f"can't be read ({error.strerror})") from None
        table = self._opened(raw)
        self._tokens = {(label, value): token for token, label, value in table["rows"]}
        self._next, self._stamp = table["next"], stamp

    def _opened(self, raw: bytes) -> Any:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        head, _, body = raw.partition(b"\n")
        try:
            header = json.loads(head)
            if header["vault"] != _VERSION:
                raise VaultError(self.path, f"made by another version of docreview (format {header['vault']})")
            if header != self._header:
                self._key, self._header = self._derived(header), header
            box = base64.b64decode(body.strip(), validate=True)
            return json.loads(AESGCM(self._key).decrypt(box[:_NONCE], box[_NONCE:], head))
        except InvalidTag:
            raise VaultError(self.path, "the key is wrong, or the file was changed") from None
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise VaultError(self.path, "not a vault, or a damaged one") from None

    def _save(self) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self._header:
            header = {"vault": _VERSION, "id": os.urandom(16).hex(), "kdf": "file", "salt": os.urandom(16).hex()}
            if self._passphrase is not None:
                header |= {"kdf": "scrypt", **_SCRYPT}
            self._key, self._header = self._derived(header), header
        head = json.dumps(self._header, sort_keys=True).encode()
        rows = [[token, label, value] for (label, value), token in self._tokens.items()]
        plain = json.dumps({"next": self._next, "rows": rows}).encode()
        nonce = os.urandom(_NONCE)
        box = nonce + AESGCM(self._key).encrypt(nonce, plain, head)
        try:
            write_whole(FileOps(), self.path, head + b"\n" + base64.b64encode(box) + b"\n")
            state = self.path.stat()
        except OSError as error:
            raise VaultError(self.path, f"can't be written ({error.strerror})") from None
        self._stamp = (state.st_mtime_ns, state.st_size, state.st_ino)

    def _derived(self, header: Mapping[str, Any]) -> bytes:
        salt = bytes.fromhex(header["salt"])
        if self._passphrase is None:
            if header["kdf"] != "file":
                raise VaultError(self.path, "opens with a passphrase, not with a key file")
            return hmac.new(self._file_key(), b"docreview vault\n" + salt, hashlib.sha256).digest()
        if header["kdf"] != "scrypt":
            raise VaultError(self.path, "opens with a key file, not with a passphrase")
        n, r, p = header["n"], header["r"], header["p"]
        if not _SCRYPT["n"] <= n <= _MOST_COST or (r, p) != (_SCRYPT["r"], _SCRYPT["p"]):
            raise VaultError(self.path, "not a vault, or a damaged one")
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(self._passphrase.encode("utf-8", "surrogatepass"))

    def _file_key(self) -> bytes:
        place = self._key_file
        if place is None:
            raise VaultError(self.path, "give a passphrase or a key file")
        try:
            if not place.exists():
                _make_key(place)
            key = bytes.fromhex(place.read_text(encoding="ascii").strip())
        except OSError as error:
            raise VaultError(place, f"the key file can't be used ({error.strerror})") from None
        except ValueError:
            key = b""
        if len(key) != 32:
            raise VaultError(place, "not a key file of a vault (64 hexadecimal digits)")
        return key


def _concerns(pair: Pair, wanted: str) -> bool:
    label, value = pair[0], pair[1].casefold()
    return bool(wanted) and (wanted in value or (label == "PERSON" and set(value.split()) <= set(wanted.split())))


def _make_key(place: Path) -> None:
    """A new key in a file for its owner alone. Of several processes at once, one makes it and all use it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".tmp-{os.getpid()}-{place.name}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(os.urandom(32).hex() + "\n")
        with suppress(FileExistsError):
            os.link(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)


class _Locked:
    """The vault as it is on the disk now, for one writer at a time."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __enter__(self) -> None:
        vault = self._vault
        try:
            vault.path.parent.mkdir(parents=True, exist_ok=True)
            vault._lock.__enter__()
        except OSError as error:
            raise VaultError(vault.path, f"its folder can't be used ({error.strerror})") from None
        except AuditError:
            raise VaultError(vault.path, "another process keeps it locked; end that one, then try again") from None
        try:
            vault._load()
        except BaseException:
            vault._lock.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        self._vault._lock.__exit__()
