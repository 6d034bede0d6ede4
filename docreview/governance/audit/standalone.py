"""Check a docreview audit log with plain Python: `python3 verify.py FOLDER [--checkpoint FILE]`.

Needs Python 3.9 or newer and nothing else; an export carries a copy of this file. Checks that the log's lines are
those that were written, in order, none changed, added or taken out (SHA-256 chain, RFC 6962 tree), that closed
segments match their digests, that checkpoints (C2SP signed notes, Ed25519) belong to this log, and that disclosed
payloads are the ones the log committed to. Without a checkpoint from elsewhere it can't see that the newest lines
were cut off, or that all was written anew.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

TAIL: Final = 75
"""Bytes of a line from `,"hash":"` on. What stands before is what is hashed."""
EMPTY: Final = hashlib.sha256(b"").digest()
SPECIAL: Final = (b"purge", b"recovery", b"hold")
_CHUNK: Final = 1024
_LINE: Final = re.compile(
    rb'\{"seq":([0-9]+),"at":"[0-9T:.Z-]{27}","run_id":"[0-9a-f-]*","actor":"[a-z]+","kind":"([a-z_]+)",'
    rb'"data":(\{.*\}),"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}'
)
_COMMITMENT: Final = b'"commitment":"'


class Fault(Exception):
    """The log is not what was written. `seq` is the first event concerned, None for the log as a whole."""

    def __init__(self, seq: int | None, message: str) -> None:
        self.seq, self.message = seq, message
        super().__init__(message if seq is None else f"event {seq}: {message}")


def leaf(body: bytes) -> bytes:
    """The RFC 6962 hash of a leaf."""
    return hashlib.sha256(b"\0" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The RFC 6962 hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """An RFC 6962 tree that keeps only the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes."""
        at = 0
        while at < len(leaves):
            step = _CHUNK if self.size % _CHUNK == 0 and len(leaves) - at >= _CHUNK else 1
            self._add(perfect(leaves[at : at + step]), step)
            at += step

    def _add(self, subtree: bytes, step: int) -> None:
        above = self.size // step
        while above & 1:
            subtree = node(self.edge.pop(), subtree)
            above >>= 1
        self.edge.append(subtree)
        self.size += step

    def root(self) -> bytes:
        """The tree's hash."""
        if not self.edge:
            return EMPTY
        root = self.edge[-1]
        for subtree in reversed(self.edge[:-1]):
            root = node(subtree, root)
        return root


def perfect(leaves: Sequence[bytes]) -> bytes:
    """The root over a power of two of leaf hashes."""
    level = leaves
    while len(level) > 1:
        level = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)
        ]  # node(), written out: half of all the time goes here
    return level[0]


class Chain:
    """Lines fed in order, each checked against the one before. `commitments` are those of the segment fed last."""

    def __init__(self, head: bytes, sizes: Iterable[int] = ()) -> None:
        self.seq = 0
        self.previous = hashlib.sha256(head).hexdigest().encode()
        self.tree = Tree()
        self.roots: dict[int, bytes] = {0: EMPTY}
        self.commitments: list[bytes | None] = []
        self.special: list[tuple[int, str, dict[str, Any]]] = []
        self._wanted = sorted(set(sizes))

    def feed(self, data: bytes) -> None:
        """Check a whole segment.

        Raises:
            Fault: At the first line that is not as it was written.
        """
        lines = data.split(b"\n")
        if lines.pop():
            raise Fault(self.seq + len(lines), "the last line has no end: torn by a crash, or cut")
        self.commitments, leaves = [], []
        seq, previous, fullmatch, sha256 = self.seq, self.previous, _LINE.fullmatch, hashlib.sha256
        for line in lines:
            match = fullmatch(line)
            if match is None:
                raise Fault(seq, "not a line of this log")
            number, kind, fields, before, own = match.groups()
            digest = sha256(b"\0" + line[:-TAIL]).digest()
            if digest.hex().encode() != own:
                raise Fault(seq, "its hash is not that of its content")
            if before != previous or number != b"%d" % seq:
                raise Fault(seq, "does not follow the line before: lines are missing, added or out of order")
            leaves.append(digest)
            at = fields.find(_COMMITMENT)
            self.commitments.append(None if at < 0 else fields[at + 14 : at + 78])
            if kind in SPECIAL:
                self.special.append((seq, kind.decode(), json.loads(fields)))
            previous = own
            seq += 1
        self.seq, self.previous = seq, previous
        self._grow(leaves)

    def _grow(self, leaves: list[bytes]) -> None:
        start, begin = self.tree.size, 0
        for size in self._wanted:
            if start < size <= start + len(leaves):
                self.tree.extend(leaves[begin : size - start])
                begin = size - start
                self.roots[size] = self.tree.root()
        self.tree.extend(leaves[begin:] if begin else leaves)
        self.roots[self.tree.size] = self.tree.root()


def read_head(folder: Path) -> tuple[bytes, str, bytes]:
    """The log's head: its bytes, its origin, its public key."""
    try:
        raw = (folder / "log.json").read_bytes()
        head = json.loads(raw)
        origin, key = head["origin"], base64.b64decode(head["public_key"], validate=True)
        if head["format"] != 1 or not re.fullmatch(r"[!-*,-~]+", origin) or len(key) != 32:
            raise ValueError(head["format"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Fault(None, f"log.json: missing, damaged, or not a log of this kind ({error})") from None
    return raw, origin, key


def walk(
    folder: Path,
    chain: Chain,
    visit: Callable[[str, Chain], None] | None = None,
    *,
    until: tuple[str, int] | None = None,
    complete: Callable[[str, bytes], bytes] | None = None,
) -> int:
    """Feed all segments of a log; how many there are. `visit` is called after each with its name.

    Args:
        until: Stop at this many bytes of this segment.
        complete: Gives a segment's bytes with what a killed writer had no time to add.

    Raises:
        Fault: At the first thing wrong.
    """
    names, digests = _listed(folder, until)
    for index, name in enumerate(names):
        if name != f"{chain.seq:016d}":
            raise Fault(chain.seq, f"segment {name} does not follow: one before it is missing or cut")
        data = (folder / "segments" / f"{name}.jsonl").read_bytes()
        if until is not None and name == until[0]:
            data = data[: until[1]]
        chain.feed(complete(name, data) if complete is not None else data)
        if name in digests:
            check_digest(digests.pop(name), data, chain)
        elif index < len(names) - 1:
            raise Fault(None, f"segments/{name}.digest: missing")
        if visit is not None:
            visit(name, chain)
    if digests:
        raise Fault(chain.seq, f"segment {min(digests)} is missing; its digest is there")
    return len(names)


def _listed(folder: Path, until: tuple[str, int] | None) -> tuple[list[str], dict[str, Path]]:
    places = sorted((folder / "segments").glob("*")) if (folder / "segments").is_dir() else []
    files = [file for file in places if not file.name.startswith(".tmp-")]
    strange = [f.name for f in files if not re.fullmatch(r"[0-9]{16}\.(jsonl|digest)", f.name)]
    if strange:
        raise Fault(None, f"segments/{strange[0]}: does not belong here")
    if until is not None:
        files = [f for f in files if f.stem < until[0] or (f.stem == until[0] and f.suffix == ".jsonl")]
    names = [file.stem for file in files if file.suffix == ".jsonl"]
    return names, {file.stem: file for file in files if file.suffix == ".digest"}


def digest_of(data: bytes, tree: Tree) -> bytes:
    """What is written down about a segment when it is closed; `tree` holds all lines up to its end."""
    fields = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "tree_size": tree.size,
        "tree_edge": [subtree.hex() for subtree in tree.edge],
    }
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def check_digest(file: Path, data: bytes, chain: Chain) -> None:
    """Compare a segment with its digest."""
    if file.read_bytes() != digest_of(data, chain.tree):
        raise Fault(None, f"segments/{file.name}: does not fit its segment")


def key_id(origin: str, key: bytes) -> bytes:
    """The four bytes that name an Ed25519 key in a signed note (c2sp.org/signed-note)."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]


def open_note(note: bytes, origin: str, key: bytes, verify: Callable[[bytes, bytes, bytes], bool]) -> tuple[int, bytes]:
    """Size and root of a checkpoint (c2sp.org/tlog-checkpoint) signed by this log.

    Raises:
        Fault: It is not a checkpoint, is another log's, or its signature is wrong.
    """
    text, gap, signatures = note.partition(b"\n\n")
    lines = (text + b"\n").decode("utf-8", "replace").split("\n")
    if not gap or len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise Fault(None, "the checkpoint is damaged, or is none")
    if lines[0] != origin:
        raise Fault(None, "the checkpoint belongs to another log")
    prefix = f"— {origin} ".encode()
    good = False
    for line in signatures.split(b"\n"):
        if line.startswith(prefix):
            signed = _decoded(line[len(prefix) :])
            mine = signed[:4] == key_id(origin, key) and len(signed) == 68
            if mine and not verify(key, signed[4:], text + b"\n"):
                raise Fault(None, "the checkpoint's signature is wrong")
            good = good or mine
    root = _decoded(lines[2].encode())
    if not good or len(root) != 32:
        raise Fault(None, "the checkpoint is not signed with this log's key")
    return int(lines[1]), root


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Fault(None, "the checkpoint is damaged, or is none") from None


def check_note(size: int, root: bytes, chain: Chain) -> None:
    """Whether the log still holds what a checkpoint saw."""
    if size > chain.seq:
        raise Fault(chain.seq, f"{size - chain.seq} lines that a checkpoint saw are gone: the end was cut off")
    if chain.roots.get(size) != root:
        raise Fault(None, f"the first {size} lines are not those that a checkpoint saw: the log was written anew")


def check_openings(file: Path, committed: dict[int, bytes]) -> int:
    """Compare disclosed payloads with the log's commitments; how many there are."""
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    for row in rows:
        packed = json.dumps(row["payload"], sort_keys=True, separators=(",", ":")).encode()
        hashed = hashlib.sha256(b"docreview payload\n" + bytes.fromhex(row["salt"]) + packed).hexdigest()
        if committed.get(row["seq"]) != hashed.encode():
            raise Fault(row["seq"], "the disclosed payload is not the one that was logged")
    return len(rows)


P: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
D: Final = -121665 * pow(121666, P - 2, P) % P
_Point = tuple[int, int, int, int]


def _plus(a: _Point, b: _Point) -> _Point:
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    both, twice = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, twice - both, twice + both, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _plus(total, point)
        point, n = _plus(point, point), n >> 1
    return total


def _point(raw: bytes) -> _Point | None:
    packed = int.from_bytes(raw, "little")
    sign, y = packed >> 255, packed & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def ed25519(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is right (RFC 8032, section 6). For public data only."""
    base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    public, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if base is None or public is None or r is None or s >= ORDER or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(s, base), _plus(r, _times(h, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def check(folder: Path, checkpoints: Sequence[Path]) -> dict[str, Any]:
    """What `main` prints.

    Raises:
        Fault: At the first thing wrong.
    """
    head, origin, key = read_head(folder)
    own = folder / "checkpoint.txt"
    notes = [*checkpoints, *([own] if own.is_file() and own not in checkpoints else [])]
    opened = [open_note(note.read_bytes(), origin, key, ed25519) for note in notes]
    chain = Chain(head, [size for size, _ in opened])
    committed: dict[int, bytes] = {}

    def collect(name: str, chain: Chain) -> None:
        committed.update((int(name) + i, c) for i, c in enumerate(chain.commitments) if c is not None)

    segments = walk(folder, chain, collect)
    for size, root in opened:
        check_note(size, root, chain)
    result = {"intact": True, "origin": origin, "records": chain.seq, "segments": segments}
    result["root"] = chain.tree.root().hex()
    result["checkpoints"] = [size for size, _ in opened]
    if (folder / "openings.jsonl").is_file():
        result["payloads"] = check_openings(folder / "openings.jsonl", committed)
    return result


def main() -> int:
    """Print the outcome as JSON; 0 when the log is intact, 1 when it is not."""
    parser = argparse.ArgumentParser(description="Check a docreview audit log.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--checkpoint", action="append", type=Path, default=[])
    options = parser.parse_args()
    try:
        result = check(options.folder, options.checkpoint)
    except (Fault, OSError, ValueError, KeyError) as fault:
        result = {"intact": False, "fault": str(fault)}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["intact"] else 1


if __name__ == "__main__":
    sys.exit(main())
