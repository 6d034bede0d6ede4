"""A real model whose first quote for each question has one word wrong, so that the correction can be seen at work."""

from __future__ import annotations

import re

from docreview.models import Ending, Reply


class Slips:
    """Everything but the first quotes is the model's own; `made` counts the slips."""

    def __init__(self, model) -> None:
        self._model, self.made = model, 0

    def __getattr__(self, name):
        return getattr(self._model, name)

    def prefix(self, *args, **options):
        return _Prefix(self, self._model.prefix(*args, **options))


class _Prefix:
    def __init__(self, slips: Slips, prefix) -> None:
        self._slips, self._prefix = slips, prefix

    def __getattr__(self, name):
        return getattr(self._prefix, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._prefix.close()

    def complete(self, suffix: str, **options) -> Reply:
        reply = self._prefix.complete(suffix, **options)
        if "<|im_start|>tool" in suffix:
            return reply
        text = reply.read()
        spoilt = re.sub(r"(quote='\S+ \S+ )\S+", r"\1zebra", text)
        self._slips.made += spoilt != text
        return Reply(iter([spoilt, Ending(finish=reply.finish, usage=reply.usage)]))
