"""One reply of a model, listened to as it comes: cut off when it loops, takes too long, or is not wanted any more."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from threading import TIMEOUT_MAX, Timer
from typing import Final, Literal

from docreview.dialogue.values import OnText
from docreview.models import Reply
from docreview.models.loops import Loop, LoopDetector
from docreview.models.toolcalls import ParsedReply, ReplyStream
from docreview.types import Usage

How = Literal["stop", "length", "loop", "time", "cancelled"]
_OPEN_THOUGHT: Final = re.compile(r"<think>.*?(?=<\|tool_call_start\|>|\Z)", re.DOTALL)
_CONTROL: Final = re.compile(r"<\|[a-z_]+\|>|</?think>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A reply to its end: its raw text, what it says, how it ended, what it cost."""

    text: str
    parsed: ParsedReply
    how: How
    usage: Usage
    loop: Loop | None = None
    thinking_open: bool = False

    @property
    def spoken(self) -> str:
        """The raw text without its chains of thought."""
        text = self.text if not self.thinking_open or "<think>" in self.text else "<think>" + self.text
        text = text.split("</think>")[-1]
        return _OPEN_THOUGHT.sub("", text).strip()


def listen(reply: Reply, *, thinking_open: bool, deadline: float, on_text: OnText | None) -> Heard:
    """Read a reply. One that loops is stopped as soon as that is certain.

    Args:
        reply: From `Prefix.complete`.
        thinking_open: Whether the prompt ended inside `<think>`.
        deadline: When to stop it, on the clock of `time.monotonic`.
        on_text: Called in this thread for every piece.

    Raises:
        ModelError: The backend failed.
    """
    stream, detector, pieces = ReplyStream(thinking_open=thinking_open), LoopDetector(), list[str]()
    timer = Timer(min(max(0.0, deadline - time.monotonic()), TIMEOUT_MAX), reply.cancel)
    timer.daemon = True
    timer.start()
    try:
        for piece in reply:
            if detector.kind:
                continue  # what comes after the loop was noticed
            pieces.append(piece)
            stream.feed(piece)
            if on_text and (shown := _CONTROL.sub("", piece)):
                on_text(shown, stream.phase)
            if detector.feed(piece):
                reply.cancel()
    except BaseException:
        reply.cancel()
        raise
    finally:
        timer.cancel()
    return Heard(
        text="".join(pieces),
        parsed=stream.close(),
        how=_how(reply, detector, deadline),
        usage=reply.usage,
        loop=detector.kind,
        thinking_open=thinking_open,
    )


def _how(reply: Reply, detector: LoopDetector, deadline: float) -> How:
    if detector.kind:
        return "loop"
    if reply.finish != "cancelled":
        return reply.finish
    return "time" if time.monotonic() >= deadline else "cancelled"
