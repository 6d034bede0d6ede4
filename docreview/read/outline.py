"""From places that may begin a section to an outline: numbers count only where they follow one another.

Open lists are kept on a stack, outermost first. A number continues the list that it follows best, or begins a new list
inside the section that is open. Afterwards lists that are no sections (tables of contents, short enumerations, single
numbers) are dropped, and levels follow from how the remaining lists lie in each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from docreview.read.headings import Mark
from docreview.read.titles import title_after

_DEEPEST: Final = 6  # open lists; hostile texts begin more
_SHORTEST: Final = 60  # mean distance of headings, in characters, below which a list holds no sections
_CONTENTS: Final = 250  # mean distance below which a list that comes again later is a table of contents
_LOOK_AHEAD: Final = 20
_GAP: Final = 3
_LISTED: Final = 150  # characters between schedules in a list of them
_ADJACENT: Final = 3  # characters between a title and the first number inside its section
_FRAMES: Final = ("part", "markdown", "article")


@dataclass(slots=True, eq=False)
class Entry:
    """A heading in the outline; `title_end` is where its title ends."""

    mark: Mark
    title: str
    title_end: int
    run: Run
    goes_on: bool = False  # the next number of the same depth comes soon
    level: int = 1


@dataclass(slots=True, eq=False)
class Run:
    """Headings that follow one another; `path` is the number that was reached."""

    kind: str
    path: tuple[int, ...]
    parent: Entry | None
    entries: list[Entry] = field(default_factory=list)
    kept: bool = True
    base: int = 1
    shallowest: int = 0

    def distance(self) -> float:
        """Mean distance of its headings in characters."""
        return (self.entries[-1].mark.start - self.entries[0].mark.start) / max(1, len(self.entries) - 1)

    def titled(self) -> float:
        """Share of its headings that have a title."""
        return sum(1 for entry in self.entries if entry.title) / len(self.entries)

    def style_at(self, depth: int) -> str | None:
        """How its last heading of a depth was written, None when it has none among the last ones."""
        return next((e.mark.style for e in self.entries[-1:-12:-1] if len(e.mark.value) == depth), None)


def outline(text: str, marks: Iterable[Mark]) -> list[Entry]:
    """The headings among the marks, in order, with levels from 1."""
    outliner = _Outliner(text)
    marks = list(marks)
    for mark, goes_on in zip(marks, _go_on(marks), strict=True):
        outliner.take(mark, goes_on)
    runs = [run for run in outliner.runs if run.entries]
    _judge(runs)
    _drop_repeated(runs)
    _drop_lists_of_parts([run for run in runs if run.kind == "part"])
    for run in runs:
        _set_levels(run)
    entries = [entry for run in runs if run.kept for entry in run.entries]
    return sorted(entries, key=lambda entry: entry.mark.start)


class _Outliner:
    """Reads marks in order; `runs` are all lists in the order in which they began."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.runs: list[Run] = []
        self.stack: list[Run] = []
        self.saved: tuple[list[Run], Entry | None] = ([], None)
        self.end = 0

    def take(self, mark: Mark, goes_on: bool) -> None:
        if mark.start < self.end:
            return
        if mark.style == "weak" and mark.start - self.end <= _ADJACENT:
            mark = replace(mark, style="")
        if mark.kind == "caps":
            title, title_end = _whole_line(self.text, mark)
        else:
            title, title_end = title_after(self.text, mark.end, strong=mark.strong)
        entry = Entry(mark, title, title_end, Run(mark.kind, mark.value, None), goes_on)
        if mark.kind in ("part", "markdown", "caps"):
            self._unordered(entry)
        elif not (self._continue(entry) or self._replace(entry) or self._begin(entry) or self._return(entry)):
            return
        self.end = max(entry.mark.end, entry.title_end)

    def _unordered(self, entry: Entry) -> None:
        """Schedules, Markdown headings and lines in capitals need not follow one another."""
        kind = entry.mark.kind
        if kind == "caps":
            frame = next((run for run in reversed(self.stack) if run.kind in _FRAMES and run.entries), None)
            self._add(Run(kind, (), frame.entries[-1] if frame else None), entry)
            return
        if kind == "part" and self.stack and self.stack[-1].kind != "part":
            self.saved = (self.stack, entry)
        self.stack = [Run(kind, (), None)]
        self._add(self.stack[0], entry)
        if entry.mark.value and kind == "markdown":
            self.stack.append(Run("number", entry.mark.value, entry))

    def _continue(self, entry: Entry) -> bool:
        """Add to the open list that it follows best."""
        scores = [_fit(run, entry) for run in self.stack]
        best = max(scores, default=0)
        if not best:
            return False
        at = len(scores) - 1 - scores[::-1].index(best)
        del self.stack[at + 1 :]
        self._add(self.stack[at], entry)
        return True

    def _replace(self, entry: Entry) -> bool:
        """Take the place of the last heading when it has the same number and looks more like one."""
        run = self.stack[-1] if self.stack else None
        if run is None or run.kind != entry.mark.kind or not run.entries or run.path != entry.mark.value:
            return False
        if _looks(entry) <= _looks(run.entries[-1]) or len(run.entries) < 2:
            return False
        run.entries.pop()
        self._add(run, entry)
        return True

    def _begin(self, entry: Entry) -> bool:
        """Open a new list."""
        mark = entry.mark
        if mark.kind == "article":
            frames = [run for run in self.stack if run.kind in ("part", "markdown")]
            if mark.value != (1,) and any(run.kind == "article" for run in self.stack):
                return False
            self.saved = (self.stack, None)
            self.stack = frames
        elif not self._may_begin(entry):
            return False
        if self.stack and self.stack[-1].kind == mark.kind and len(self.stack[-1].entries) == 1:
            self.stack.pop()
        del self.stack[_DEEPEST:]
        parent = next((run.entries[-1] for run in reversed(self.stack) if run.entries), None)
        run = Run(mark.kind, mark.value, parent)
        self.stack.append(run)
        self._add(run, entry)
        return True

    def _may_begin(self, entry: Entry) -> bool:
        mark, value = entry.mark, entry.mark.value
        if mark.kind != "number":
            return value == (1,) and bool(entry.title)
        if mark.style == "weak":
            return value == (1,)
        if set(value) == {1}:
            return True
        if len(value) > 1 and value[-1] == 1 and mark.strong and not any(run.kind == "number" for run in self.stack):
            return True
        article = next((run for run in reversed(self.stack) if run.kind == "article"), None)
        if article and len(value) == 2 and value[0] == article.path[0] and value[1] == 1:
            return True
        sure = entry.goes_on or (mark.strong and bool(entry.title))
        return sure and value[0] <= _GAP and not self.saved[0] and not any(run.kind == "number" for run in self.stack)

    def _return(self, entry: Entry) -> bool:
        """Go on with the lists that were open before a schedule or an article seemed to begin."""
        stack, part = self.saved
        if not any(_fit(run, entry) for run in stack):
            return False
        if part is not None:
            part.run.entries.remove(part)
        self.stack, self.saved = stack, ([], None)
        return self._continue(entry)

    def _add(self, run: Run, entry: Entry) -> None:
        if not run.entries:
            self.runs.append(run)
        run.entries.append(entry)
        run.path = entry.mark.value
        entry.run = run


def _go_on(marks: list[Mark]) -> list[bool]:
    """For each mark whether the next number of the same depth is one of the next marks of its kind."""
    found = [False] * len(marks)
    for i, mark in enumerate(marks):
        if mark.kind == "number":
            wanted = (*mark.value[:-1], mark.value[-1] + 1)
            found[i] = any(later.value == wanted and later.kind == "number" for later in marks[i + 1 : i + _LOOK_AHEAD])
    return found


def _looks(entry: Entry) -> int:
    """How much something looks like a heading."""
    return 2 * bool(entry.title) + bool(entry.mark.style) + entry.mark.strong


def _whole_line(text: str, mark: Mark) -> tuple[str, int]:
    """The words of a line in capitals; only the word itself for "RECITALS" and the like inside a line."""
    if mark.style == "named":
        end = mark.start + len(text[mark.start : mark.start + 30].partition(":")[0].partition("\n")[0])
        words = text[mark.start : end].split()
        word = " ".join(words) if len(words[0]) == 1 else words[0]
        return word, mark.start + (len(word) if len(words[0]) > 1 else end - mark.start)
    end = text.find("\n", mark.start)
    line = text[mark.start : end if end >= 0 else len(text)].rstrip()
    return " ".join(line.split()).rstrip(" .:"), mark.start + len(line)


def _fit(run: Run, entry: Entry) -> int:
    """How well a heading follows a list: 0 not at all."""
    mark = entry.mark
    if run.kind != mark.kind or run.kind in ("part", "markdown", "caps"):
        return 0
    style = run.style_at(len(mark.value))
    if _follows(run.path, mark.value):
        if not run.entries:
            return 4
        similar = style is not None and style == mark.style
        if mark.style == "weak":
            return 3 * (len(mark.value) == 1 and len(run.path) == 1)
        return 4 + 2 * similar + (bool(entry.title) == (run.titled() >= 0.5) if len(run.entries) < 50 else 0)
    if len(run.entries) < 2 or not _follows(run.path, mark.value, gap=_GAP):
        return 0
    return 1 if entry.goes_on or (mark.strong and bool(entry.title) and style == mark.style) else 0


def _follows(path: tuple[int, ...], value: tuple[int, ...], gap: int = 1) -> bool:
    """Whether a number can come after another: (4, 2) -> (4, 3), (4, 2, 1), (5,) or (5, 1); with up to `gap` steps."""
    same = 0
    while same < len(path) and same < len(value) and path[same] == value[same]:
        same += 1
    rest = value[same:]
    if not rest:
        return False
    if same == len(path):
        return all(part <= gap for part in rest)
    return 0 < rest[0] - path[same] <= gap and all(0 < part <= gap for part in rest[1:])


def _judge(runs: list[Run]) -> None:
    for i, run in enumerate(runs):
        if run.kind in ("part", "markdown", "caps"):
            continue
        n, distance = len(run.entries), run.distance()
        if run.kind != "article" and (n < 2 or distance < _SHORTEST or _is_enumeration(run)):
            run.kept = False
        if distance < _CONTENTS and any(_comes_again(run, later) for later in runs[i + 1 : i + _LOOK_AHEAD]):
            run.kept = False


def _is_enumeration(run: Run) -> bool:
    """Whether a list without titles stands inside a section, or is one of letters."""
    inside = run.parent is not None and run.parent.run.kept and run.parent.mark.kind not in _FRAMES
    plain = all(len(entry.mark.value) == 1 for entry in run.entries)
    return plain and run.titled() < 0.5 and (inside or run.kind != "number")


def _comes_again(run: Run, later: Run) -> bool:
    if run.kind != later.kind or len(run.entries) < 2 or later.distance() < 2 * run.distance():
        return False
    values = {entry.mark.value for entry in run.entries}
    return len(values & {entry.mark.value for entry in later.entries}) >= 0.6 * len(values)


def _drop_repeated(runs: list[Run]) -> None:
    """Lines in capitals that come three times are page headers."""
    caps = [run for run in runs if run.kind == "caps"]
    counts = Counter(run.entries[0].title for run in caps)
    for run in caps:
        run.kept = bool(run.entries[0].title) and counts[run.entries[0].title] < 3


def _drop_lists_of_parts(parts: list[Run]) -> None:
    """Three schedules named close to each other are a list of them."""
    cluster: list[Run] = []
    for part in [run for run in parts if run.entries]:
        if cluster and part.entries[0].mark.start - cluster[-1].entries[0].mark.start > _LISTED:
            cluster = []
        cluster.append(part)
        if len(cluster) >= 3:
            for run in cluster[-3:]:
                run.kept = False


def _set_levels(run: Run) -> None:
    parent = run.parent
    while parent is not None and not parent.run.kept:
        parent = parent.run.parent
    run.base = parent.level + 1 if parent else 1
    run.shallowest = min(len(entry.mark.value) for entry in run.entries)
    for entry in run.entries:
        entry.level = (
            len(entry.mark.style) if run.kind == "markdown" else run.base + len(entry.mark.value) - run.shallowest
        )
