"""How certain a model was of a call, by the probabilities of the tokens that it wrote for it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from docreview.models import ChatModel, Reply


def certainty(model: ChatModel, replies: Sequence[Reply], raw: str) -> float | None:
    """The geometric mean of the probabilities of a call's tokens (0..1); None where the backend gives none.

    It is the model's own certainty of its words, neither calibrated nor a probability that the answer is right.
    Which tokens are the call's is told by counting those of the text before it and of its own.

    Args:
        model: Counts tokens.
        replies: Those of the conversation; the last one that holds the call counts.
        raw: The call as the model wrote it.
    """
    for reply in reversed(replies):
        text, logprobs = reply.read(), reply.ending.logprobs
        at = text.rfind(raw) if raw else -1
        if at < 0 or not logprobs:
            continue
        before, after = model.count([text[:at], text[: at + len(raw)]])
        own = logprobs[before:after] or logprobs[-1:]
        return round(min(1.0, math.exp(sum(own) / len(own))), 4)
    return None
