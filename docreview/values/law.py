"""The jurisdiction whose law governs."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

from docreview.types import Span
from docreview.values.answer import Answer

_EXCEPTED: Final = re.compile(
    r"(?i)(?:\b(?:regardless\s+of|without\s+(?:regard|reference|giving|recourse)|conflicts?\s+of|choice\s+of|excluding|exclusive\s+of|"
    r"other\s+than|irrespective|except|arbitration|courts?|venue)\b[^.;,]{0,60}|\b(?:copyright|trademark|patent|tax|securities)\s+)$"
)
_COUNTRY: Final = {"canada": "Canada", "australia": "Australia"}


@lru_cache(maxsize=1)
def _places() -> tuple[dict[str, str], dict[str, str]]:
    """Names of jurisdictions by their lower-case form, and the adjectives of their laws."""
    names: dict[str, str] = {}
    adjectives: dict[str, str] = {}
    for line in files(__package__).joinpath("places.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *others = line.split("|")
            names |= {form.lower(): name for form in (name, *(o for o in others if not o.startswith("~")))}
            adjectives |= {form[1:].lower(): name for form in others if form.startswith("~")}
    return names, adjectives


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    names, adjectives = _places()
    place = r"(?P<place>" + _either(names) + r")(?!\w)"
    title = r"(?:(?:the\s+)?(?:state|commonwealth|province|republic|kingdom|federal\s+republic|territory)\s+of\s+)?"
    law = r"\b(?:laws?|legislation|jurisdiction)\b(?:\s*\([^)]{0,160}\))?"
    of = rf"{law}(?:[\s,]+(?:and|or)\s+(?:judicial\s+)?\w+)?(?:,?\s+of\s+|\s+in\s+)(?:the\s+)?{title}{place}"
    its = rf"\b(?P<place>{_either(names | adjectives)})\s+(?:state\s+)?laws?\b"
    return (
        re.compile(of, re.IGNORECASE),
        re.compile(its, re.IGNORECASE),
        re.compile(rf"\W*(?:the\s+)?{title}{place}\W*$", re.IGNORECASE),
    )


def _either(forms: dict[str, str]) -> str:
    longest = sorted(forms, key=lambda form: (-len(form), form))
    return "|".join(re.escape(form).replace(r"\ ", r"\s+").replace("'", "['’]") for form in longest)


def law(text: str) -> Answer | None:
    """The jurisdictions whose law a clause names, in its order, joined by "; "; None when it names none that is known.

    Laws that are excepted ("conflict of laws", "trademark law of the United States") do not govern and are left out.
    A part of a country has the country behind it when the clause names that too: "Ontario, Canada".
    """
    of, its, alone = _patterns()
    found: dict[str, Span] = {}
    for match in sorted((m for p in (of, its) for m in p.finditer(text)), key=lambda m: m.start()):
        if not _EXCEPTED.search(text[max(0, match.start() - 80) : match.start()]):
            found.setdefault(_name(match["place"]), Span(match.start("place"), match.end("place")))
    if not found and (only := alone.match(text)):
        found[_name(only["place"])] = Span(only.start("place"), only.end("place"))
    if not found:
        return None
    names = _with_country(found, text)
    return Answer(kind="law", value="; ".join(names), marks=tuple(sorted(found.values())))


def single_place(text: str) -> str | None:
    """The one jurisdiction whose law a text names; None when there is none, or more than one."""
    answer = law(text)
    return answer.value if answer and ";" not in answer.value else None


def _name(form: str) -> str:
    names, adjectives = _places()
    key = " ".join(form.lower().replace("’", "'").split())
    return names.get(key) or adjectives[key]


def _with_country(found: dict[str, Span], text: str) -> list[str]:
    """Names, where a country that follows its part belongs to it."""
    named = []
    for name, span in found.items():
        behind = re.match(r"\s*,\s*(canada|australia)\b", text[span.end :], re.IGNORECASE)
        federal = re.search(r"\bfederal\s+laws?\s+of\s+(canada|australia)\b", text, re.IGNORECASE)
        country = behind or (federal if name not in _COUNTRY.values() else None)
        named.append(f"{name}, {_COUNTRY[country[1].lower()]}" if country else name)
    held = {name.split(", ")[1] for name in named if ", " in name}
    kept = [name for name in named if name not in held]
    return [name for name in kept if name != "United States"] or kept
