"""Notices, while a model writes, that it goes round in circles."""

from __future__ import annotations

import re
from collections import deque
from typing import Final, Literal
from zlib import crc32

from docreview.models.toolcalls.values import MAX_CALLS

Loop = Literal["repetition", "counting", "restarts", "calls", "blank"]

GRAM: Final = 5
"""Tokens in a row that must have been seen before to suspect a repetition."""
REACH: Final = 2_048
"""Tokens remembered: a longer period is not noticed."""
SLACK: Final = 1.05
"""A repetition counts once more than this many periods came back: text that stands there twice is no loop."""
EXACT: Final = 300
"""Characters that must have come back unchanged, ..."""
COUNTED: Final = 430
"""... or with other numbers in the same places. Calls with other numbers in them may be meant (the same quote for one
question after the other): they are a loop when there are more of them than a reply may hold."""
RESTARTS: Final = 5
"""Restarts ("Wait, let me check again") within `RESTART_REACH` tokens: 25 per 1,000 tokens."""
RESTART_REACH: Final = 200
SAME_CALLS: Final = 3
"""Times that the same block of tool calls is made among the last `CALLS`; a row of two or more needs only twice."""
CALLS: Final = 16
BLANK: Final = 640
"""Characters without a single letter or digit."""

_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_START, _END = "<|tool_call_start|>", "<|tool_call_end|>"
_TOKEN: Final = re.compile(
    rf"[^\W\d_{_UNSPACED}]{{1,24}}|[{_UNSPACED}]|\d{{1,24}}|<\|tool_call_(?:start|end)\|>|([^\w\s]|_)\1{{0,23}}"
)
_NUMBER_WORDS: Final = (
    "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx "
    "one two three four five six seven eight nine ten "
    "first second third fourth fifth sixth seventh eighth ninth tenth"
)
_COUNTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz") | frozenset(_NUMBER_WORDS.split())
_LEADS: Final = frozenset({"but", "no", "oh", "hmm", "actually", "and"})
_AGAIN: Final = frozenset(
    {"re", "recheck", "reread", "reconsider", "rethink", "revisit", "double", "check", "verify", "look", "start", "try"}
)
_STOPS: Final = frozenset(".!?:;…-*>()\"'“”。！？")


class LoopDetector:
    """Tells when a stream of text has become a loop. Constant memory; the answer doesn't depend on how text is cut.

    Found are: words, sentences or blocks repeated exactly or with other numbers in them; one restart after the other;
    the same tool calls again and again; endless white space or dots. Sentences that only resemble each other are not.
    A passage that merely occurs twice, a table and a blank form are no loops. docs/tool-calls.md has the rules.
    """

    def __init__(self) -> None:
        self.kind: Loop | None = None
        """What was found; None while there is no loop."""
        self._held = ""
        self._end = 0  # characters seen
        self._spoken = 0  # where the last letter or digit stands
        self._rules = (_Repeats(), _Restarts(), _Calls())

    def feed(self, piece: str) -> bool:
        """Take the next piece; True from the moment that a loop is certain."""
        if self.kind is not None:
            return True
        text = self._held + piece
        start = self._end - len(self._held)
        self._end += len(piece)
        self._held = ""
        for found in _TOKEN.finditer(text):
            if found.end() == len(text) or _unfinished(text, found.start()):
                self._held = text[found.start() :]
                break
            self._add(found[0], start + found.start())
        self._check_blank(self._end - len(self._held) if self._held[:1].isalnum() else self._end)
        return self.kind is not None

    def _add(self, raw: str, at: int) -> None:
        if raw[0].isalnum():
            self._check_blank(at)
            self._spoken = at + len(raw)
        for rule in self._rules:
            self.kind = self.kind or rule.add(raw, at)

    def _check_blank(self, at: int) -> None:
        if at - self._spoken >= BLANK:
            self.kind = self.kind or "blank"


def _unfinished(text: str, start: int) -> bool:
    """Whether the text ends within what may become a marker of calls."""
    rest = text[start : start + len(_START)]
    return rest[0] == "<" and len(text) - start < len(_START) and (_START.startswith(rest) or _END.startswith(rest))


def _normal(raw: str) -> str:
    """A token as it is compared: numbers and counters are all alike, and so are lines of any length."""
    if raw[0].isalpha():
        word = raw.lower()
        return "#" if word in _COUNTERS else word
    return "#" if raw[0].isdigit() else raw[0]


class _Repeats:
    """Text that equals the text one period before, for longer than a period."""

    def __init__(self) -> None:
        self._tokens, self._raws, self._places = [""] * REACH, [""] * REACH, [0] * REACH
        self._grams: list[tuple[str, ...]] = [()] * REACH
        self._seen: dict[tuple[str, ...], int] = {}  # the token with which a gram ended last
        self._gram: tuple[str, ...] = ("",) * GRAM
        self._count = 0
        self._lag = self._start = self._exact = 0  # of the present run: tokens; where it began; exact from here on
        self._in_calls, self._called = False, -REACH  # whether a block of calls is open; its last token

    def add(self, raw: str, at: int) -> Loop | None:
        token, here, slot = _normal(raw), self._count, self._count % REACH
        self._tokens[slot], self._raws[slot], self._places[slot] = token, raw, at
        self._gram = (*self._gram[1:], token)
        self._in_calls = raw == _START or (self._in_calls and raw != _END)
        self._called = here if self._in_calls else self._called
        last = self._seen.get(self._gram, -REACH)
        self._remember(slot, here)
        if self._lag:
            self._go_on(here, token, raw, at)
        if not self._lag and last > here - REACH + GRAM:
            self._begin(here, here - last)
        self._count += 1
        return self._loop(at) if self._lag else None

    def _remember(self, slot: int, here: int) -> None:
        old = self._grams[slot]
        if old and self._seen[old] <= here - REACH:
            del self._seen[old]
        self._grams[slot] = self._gram
        self._seen[self._gram] = here

    def _go_on(self, here: int, token: str, raw: str, at: int) -> None:
        then = (here - self._lag) % REACH
        if token != self._tokens[then]:
            self._lag = 0
        elif raw != self._raws[then] and raw[0].isalnum():
            self._exact = at + len(raw)

    def _begin(self, here: int, lag: int) -> None:
        """A run at this distance, from where it began: at most `2 * GRAM` tokens ago."""
        self._lag, self._exact = lag, -1
        for back in range(min(2 * GRAM, here - lag + 1)):
            now, then = (here - back) % REACH, (here - back - lag) % REACH
            if self._tokens[now] != self._tokens[then]:
                break
            self._start = self._places[now]
            if self._exact < 0 and self._raws[now] != self._raws[then] and self._raws[now][0].isalnum():
                self._exact = self._start + len(self._raws[now])
        self._exact = max(self._exact, self._start)

    def _loop(self, at: int) -> Loop | None:
        run, exact = at - self._start, at - self._exact
        if run < EXACT:
            return None
        period = SLACK * (at - self._places[(self._count - 1 - self._lag) % REACH])
        if exact >= max(EXACT, period):
            return "repetition"
        among_calls = self._count - self._called <= self._lag + 1
        return "counting" if run >= max(COUNTED, period * (MAX_CALLS if among_calls else 1)) else None


class _Restarts:
    """Sentences that begin by starting over."""

    def __init__(self) -> None:
        self._count = 0
        self._before, self._two_before = ".", "."
        self._at: deque[int] = deque(maxlen=RESTARTS)

    def add(self, raw: str, _at: int) -> Loop | None:
        self._count += 1
        word = raw.lower()
        opens = word == "wait" and (self._before in _STOPS or self._before in _LEADS)
        again = (word in _AGAIN and (self._two_before, self._before) == ("let", "me")) or (
            word == "on" and self._before == "hold" and self._two_before in _STOPS
        )
        self._two_before, self._before = self._before, word if raw.isalnum() else raw[0]
        if not opens and not again:
            return None
        if not self._at or self._count - self._at[-1] > 2 * GRAM:
            self._at.append(self._count)
        return "restarts" if len(self._at) == RESTARTS and self._count - self._at[0] < RESTART_REACH else None


class _Calls:
    """The same block of tool calls again and again."""

    def __init__(self) -> None:
        self._open: int | None = None
        self._made: deque[int] = deque(maxlen=CALLS)

    def add(self, raw: str, _at: int) -> Loop | None:
        if raw == _START:
            self._open = 0
        elif self._open is not None and raw != _END:
            self._open = crc32(raw.encode("utf-8", "surrogatepass"), self._open)
        elif self._open is not None:
            self._made.append(self._open)
            self._open = None
            return "calls" if self._cycle() else None
        return None

    def _cycle(self) -> bool:
        made = list(self._made)
        rows = range(2, len(made) // 2 + 1)
        return made.count(made[-1]) >= SAME_CALLS or any(made[-n:] == made[-2 * n : -n] for n in rows)
