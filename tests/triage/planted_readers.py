"""Readers for the tests of runs: deterministic, with planted misbehaviour."""

import os
import re
import time

from docreview.readers import Reading
from docreview.types import Coverage, Span, ToolCall


class Planted:
    """Finds "Governing law: ..." and "Liability: ..." lines; says of the rest that it is absent."""

    name, languages = "planted-1", ("en",)
    pause = 0.0

    def read(self, document, checklist, *, min_score=None):
        time.sleep(self.pause)
        if "CRASH" in document.text:
            os.abort()
        calls = [ToolCall(id="t", name="record_type", arguments={"type": "Lease", "score": 0.9})]
        for name in checklist.names:
            word = {"Governing Law": "Governing law", "Cap on Liability": "Liability"}.get(name, "\0")
            places = list(re.finditer(rf"{word}: (.+)", document.text))
            calls += [self.call(name, match) for match in places]
            if not places:
                calls.append(ToolCall(id="a", name="record_absent", arguments={"name": name}))
        return Reading(calls=tuple(calls), coverage=Coverage.of([Span(0, len(document))], document.unread_pages))

    @staticmethod
    def call(name, match):
        values = {"name": name, "start": match.start(), "end": match.end(), "quote": match[0]}
        more = {"score": 0.75, "sure": "perhaps" not in match[0], "value": match[1]}
        return ToolCall(id="c", name="record_clause", arguments=values | more)


class Slow(Planted):
    """Takes its time, so that a run can be killed in the middle."""

    pause = 0.3
