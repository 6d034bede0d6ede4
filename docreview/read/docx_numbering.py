"""The numbers that Word writes before paragraphs, computed from numbering.xml as Word does.

Rules: ECMA-376 Part 1, 17.9. Counters belong to the abstract list; a `num` with a start override restarts them when
it is first used; using a level restarts the deeper ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from docreview.read.docx_styles import W, switched_on, value, whole
from docreview.read.numerals import formatted

_PLACE: Final = re.compile(r"%([1-9])")
_PLAIN_BULLETS: Final = frozenset("-*\u2010\u2011\u2012\u2013\u2014+>")
LEVELS: Final = 9


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    suffix: str = " "
    style: str | None = None


@dataclass(slots=True)
class _Num:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


class Numbering:
    """Counters of all lists of a document; ask for labels in document order."""

    def __init__(self, root: Any | None) -> None:
        self._abstract: dict[str, dict[int, Level]] = {}
        self._nums: dict[str, _Num] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._restarted: set[tuple[str, int]] = set()
        if root is not None:
            self._load(root)

    def restart(self) -> None:
        """Start all lists anew."""
        self._counters.clear()
        self._restarted.clear()

    def _load(self, root: Any) -> None:
        linked: dict[str, str] = {}
        links: dict[str, str] = {}
        for item in root.iterfind(f"{W}abstractNum"):
            key = item.get(f"{W}abstractNumId", "")
            self._abstract[key] = dict(_levels(item))
            if target := value(item, "styleLink"):
                linked[target] = key
            if link := value(item, "numStyleLink"):
                links[key] = link
        for item in root.iterfind(f"{W}num"):
            key = value(item, "abstractNumId") or ""
            self._nums[item.get(f"{W}numId", "")] = _num(item, linked.get(links.get(key, ""), key))

    def level_of_style(self, num_id: str, style_id: str) -> int:
        """The level that a list gives to a paragraph style; the first when it gives none."""
        num = self._nums.get(num_id)
        levels = self._abstract.get(num.abstract, {}) | num.levels if num else {}
        return next((ilvl for ilvl, level in levels.items() if level.style == style_id), 0)

    def label(self, num_id: str, ilvl: int) -> tuple[str, str]:
        """The next number of a list, and what sets it apart from the text; empty when the list shows none."""
        num = self._nums.get(num_id)
        if num is None or not 0 <= ilvl < LEVELS:
            return "", ""
        counters = self._advance(num_id, num, ilvl)
        level = self._level(num, ilvl)
        if level.form == "bullet":
            return (level.text if level.text in _PLAIN_BULLETS else "\u2022") if level.text else "", level.suffix

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            form = self._level(num, at).form
            return formatted(counters[at] or 0, "decimal" if level.legal and form != "none" else form)

        return _PLACE.sub(shown, level.text), level.suffix

    def _level(self, num: _Num, ilvl: int) -> Level:
        return num.levels.get(ilvl) or self._abstract.get(num.abstract, {}).get(ilvl) or Level()

    def _advance(self, num_id: str, num: _Num, ilvl: int) -> list[int | None]:
        counters = self._counters.setdefault(num.abstract, [None] * LEVELS)
        if ilvl in num.starts and (num_id, ilvl) not in self._restarted:
            self._restarted.add((num_id, ilvl))
            counters[ilvl] = num.starts[ilvl]
        else:
            now = counters[ilvl]
            counters[ilvl] = self._level(num, ilvl).start if now is None else now + 1
        for above in range(ilvl):
            if counters[above] is None:
                counters[above] = self._level(num, above).start
        for below in range(ilvl + 1, LEVELS):
            restart = self._level(num, below).restart
            if restart is None or ilvl < restart:
                counters[below] = None
        return counters


def _num(item: Any, abstract: str) -> _Num:
    num = _Num(abstract)
    for override in item.iterfind(f"{W}lvlOverride"):
        start = whole(value(override, "startOverride"))
        if start is not None:
            num.starts[whole(override.get(f"{W}ilvl")) or 0] = start
        num.levels |= dict(_levels(override))
    return num


def _levels(parent: Any) -> list[tuple[int, Level]]:
    found = []
    for item in parent.iterfind(f"{W}lvl"):
        start = whole(value(item, "start"))
        level = Level(
            start=0 if start is None else start,
            form=value(item, "numFmt") or "decimal",
            text=value(item, "lvlText") or "",
            restart=whole(value(item, "lvlRestart")),
            legal=bool(switched_on(item, "isLgl")),
            suffix="" if value(item, "suff") == "nothing" else " ",
            style=value(item, "pStyle"),
        )
        found.append((whole(item.get(f"{W}ilvl")) or 0, level))
    return found
