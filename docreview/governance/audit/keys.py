"""The log's key file: signs checkpoints and seals payloads. It lies outside the log folder, so that no copy of the log
holds it. Beside it lie the last checkpoints that it signed, so that it never signs one that contradicts them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from docreview.config import user_file
from docreview.errors import AuditError
from docreview.governance.audit.files import FileOps, write_all, write_whole
from docreview.governance.audit.standalone import key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def default_key() -> Path:
    """Where the user's key lies when none is named."""
    return user_file().parent / "audit.key"


class Key:
    """A key file, made on first use with mode 0600 (Ed25519, PEM PKCS #8, without a password)."""

    def __init__(self, path: Path | None = None, *, files: FileOps | None = None) -> None:
        self.path, self._files = path or default_key(), files or FileOps()

    @property
    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.path.is_file()

    def make(self) -> None:
        """Make the file if there is none. Of several processes at once, one makes it and all use it.

        Raises:
            AuditError: It can't be written.
        """
        if self.exists:
            return
        from cryptography.hazmat.primitives import serialization as s
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        pem = Ed25519PrivateKey.generate().private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
        try:
            self._files.make_folder(self.path.parent)
            self._place(pem)
        except OSError as error:
            raise AuditError(
                None, f"{self.path}: the key can't be made ({error.strerror}); name a place with --key"
            ) from None

    def _place(self, pem: bytes) -> None:
        temporary = self.path.with_name(f".tmp-{os.getpid()}-{self.path.name}")
        fd = self._files.open(temporary)
        try:
            write_all(self._files, fd, pem, 0)
            self._files.sync(fd)
            os.link(temporary, self.path)
            self._files.sync_folder(self.path.parent)
        except FileExistsError:
            pass
        finally:
            os.close(fd)
            temporary.unlink(missing_ok=True)

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            mode = self.path.stat().st_mode
            key = load_pem_private_key(self.path.read_bytes(), None)
        except OSError as error:
            raise AuditError(None, f"{self.path}: the log's key can't be read ({error.strerror})") from None
        except (ValueError, TypeError):
            raise AuditError(None, f"{self.path}: not a key file of the audit log") from None
        if os.name != "nt" and mode & 0o077:
            raise AuditError(None, f"{self.path}: others may read the log's key. Run: chmod 600 {self.path}")
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditError(None, f"{self.path}: not an Ed25519 key")
        return key

    @cached_property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def sealing_key(self, origin: str) -> bytes:
        """The 32 bytes that seal one log's payloads (HMAC-SHA256 of the private key over the log's name)."""
        raw = self._private.private_bytes_raw()
        return hmac.new(raw, b"docreview payloads\n" + origin.encode(), hashlib.sha256).digest()

    def sign(self, origin: str, text: bytes) -> bytes:
        """The text as a note signed under the log's name (c2sp.org/signed-note)."""
        signature = base64.b64encode(key_id(origin, self.public) + self._private.sign(text))
        return text + f"\n— {origin} ".encode() + signature + b"\n"

    def _memory(self, origin: str) -> Path:
        name = re.sub(r"[^0-9A-Za-z.-]", "_", origin)
        return self.path.with_name(self.path.name + ".signed") / f"{name}.txt"

    def last_signed(self, origin: str) -> bytes | None:
        """The last checkpoint signed for a log; it is public, so no private key is needed."""
        try:
            return self._memory(origin).read_bytes()
        except FileNotFoundError:
            return None

    def remember(self, origin: str, note: bytes) -> None:
        """Keep a checkpoint, durably, before anyone sees it."""
        place = self._memory(origin)
        self._files.make_folder(place.parent)
        write_whole(self._files, place, note)


def verify_ed25519(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is right."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
