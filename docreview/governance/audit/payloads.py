"""The payload store: what the events are about, sealed with AES-256-GCM, one row an event, apart from the log.

A row is `SEQ BOX`, BOX being base64 of nonce (12 bytes) and ciphertext of salt (32 bytes) and payload. A deleted
payload's row is overwritten in place by dashes: salt and payload are gone, and nobody can open the commitment any more.
What lies in the disk's own spare blocks, in snapshots and in backups is out of reach; it is ciphertext there.
"""

from __future__ import annotations

import binascii
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from docreview.governance.audit.event import commitment_of
from docreview.governance.audit.standalone import Fault

SALT: Final = 32
_NONCE: Final = 12
_ROW: Final = re.compile(rb"([0-9]+) ([A-Za-z0-9+/]+=*|-+)")
_TORN: Final = re.compile(rb"[0-9]*( [A-Za-z0-9+/]*=*)?")


class Sealer:
    """Seals and opens payloads with one log's key."""

    def __init__(self, key: bytes) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._box, self._wrong = AESGCM(key), InvalidTag

    def seal(self, payload: bytes) -> tuple[str, Callable[[int], bytes]]:
        """The commitment to a payload, and what makes its row once its event's number is known."""
        random = os.urandom(_NONCE + SALT)
        nonce, salt = random[:_NONCE], random[_NONCE:]

        def row(seq: int) -> bytes:
            number = b"%d" % seq
            box = binascii.b2a_base64(nonce + self._box.encrypt(nonce, salt + payload, number), newline=False)
            return number + b" " + box + b"\n"

        return commitment_of(salt + payload), row

    def open(self, number: bytes, box: bytes) -> bytes:
        """Salt and payload of a row.

        Raises:
            Fault: The row was changed, or sealed with another key.
        """
        try:
            raw = binascii.a2b_base64(box)
            if binascii.b2a_base64(raw, newline=False) != box:
                raise ValueError(len(box))
            return self._box.decrypt(raw[:_NONCE], raw[_NONCE:], number)
        except (self._wrong, ValueError):
            raise Fault(int(number), "its payload was changed, or sealed with another key") from None


class Rows:
    """The rows of one segment's payloads, checked against the segment's commitments."""

    def __init__(self, first: int, commitments: Sequence[bytes | None], sealer: Sealer | None) -> None:
        self._first, self._commitments, self._sealer = first, commitments, sealer
        self.blank: list[int] = []
        self.dashes = 0
        self.missing: list[int] = []
        self.leftover = 0

    def check(self, data: bytes, *, last: bool) -> int:
        """How many payloads are there and right. `last`: a killed writer may have left rows of no event behind.

        Raises:
            Fault: A row is not as it was written. One that is missing is no fault here: see `missing`.
        """
        lines = data.split(b"\n")
        torn = lines.pop()
        if torn and not (last and _TORN.fullmatch(torn)):
            raise Fault(None, f"payloads/{self._first:016d}.rows: what follows its last row was not written there")
        self.leftover += bool(torn)
        good, at = 0, 0
        for seq, commitment in enumerate(self._commitments, self._first):
            if commitment is None:
                continue
            number, _, box = (lines[at] if at < len(lines) else b"").partition(b" ")
            if number != b"%d" % seq:
                self.missing.append(seq)
                continue
            at += 1
            if box[:1] == b"-":
                self._deleted(seq, box)
                continue
            good += 1
            if self._sealer is not None and commitment_of(self._sealer.open(number, box)).encode() != commitment:
                raise Fault(seq, "its payload is not the one that was logged")
        self._rest(lines[at:], last)
        return good

    def _deleted(self, seq: int, box: bytes) -> None:
        if box.count(b"-") != len(box):
            raise Fault(seq, "its deleted payload's row was changed")
        self.blank.append(seq)
        self.dashes += len(box)

    def _rest(self, lines: list[bytes], last: bool) -> None:
        end = self._first + len(self._commitments)
        for line in lines:
            match = _ROW.fullmatch(line)
            if match is None or not last or int(match[1]) < end:
                raise Fault(None, f"payloads/{self._first:016d}.rows: holds a row that was not written there")
            self.leftover += 1


def find(data: bytes, wanted: Callable[[int], bool]) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset of the box, and box of the rows wanted that are not deleted."""
    offset = 0
    for line in data.split(b"\n")[:-1]:
        number, _, box = line.partition(b" ")
        if number.isdigit() and not box.startswith(b"-") and wanted(int(number)):
            yield int(number), offset + len(number) + 1, box
        offset += len(line) + 1


def covers(ranges: Iterable[Sequence[int]]) -> Callable[[int], bool]:
    """Whether a number lies in any of these ranges, ends included."""
    lows: list[int] = []
    highs: list[int] = []
    for low, high in sorted((r[0], r[1]) for r in ranges):
        if highs and low <= highs[-1] + 1:
            highs[-1] = max(highs[-1], high)
        else:
            lows.append(low)
            highs.append(high)

    def covered(number: int) -> bool:
        place = bisect_right(lows, number) - 1
        return place >= 0 and number <= highs[place]

    return covered


def ranges_of(numbers: Sequence[int]) -> list[list[int]]:
    """Sorted numbers as ranges, ends included."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
