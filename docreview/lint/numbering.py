"""Numbers of sections that were given twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from docreview.lint.fault import Fault
from docreview.types import Document, Span

_NUMBERED: Final = re.compile(
    r"(?m)^[ \t]{0,40}(?P<number>(?P<stem>\d{1,3}(?:\.\d{1,3}){0,2})\.(?P<tail>\d{1,3}))\.?[ \t]+\S"
)


def duplicate_numbers(document: Document) -> Iterator[Fault]:
    """Two lines in a row, in one section, that begin with one number: 5.1, 5.2, 5.2, 5.3. Tables of contents and lists
    that begin anew are none.
    """
    lines = list(_NUMBERED.finditer(document.text))
    for depth in (1, 2, 3):  # what is numbered deeper does not part two neighbours
        level = [line for line in lines if line["number"].count(".") <= depth]
        for (_, dots), run in groupby(level, key=lambda line: (line["stem"], line["number"].count("."))):
            if dots == depth:
                yield from _twice(list(run))


def _twice(run: list[re.Match[str]]) -> Iterator[Fault]:
    tails = [int(line["tail"]) for line in run]
    for i in range(1, len(run) - 2):
        if tails[i - 1 : i + 3] == [tails[i] - 1, tails[i], tails[i], tails[i] + 1]:
            spans = tuple(Span(line.start("number"), line.end("number")) for line in run[i : i + 2])
            yield Fault(f"{run[i]['number']} is there twice", spans, "error")
