"""What kind of thing a question asks for, and which sentences hold such a thing: an amount, a date, a name."""

from __future__ import annotations

import re
from typing import Final, Literal

Want = Literal["money", "date", "duration", "number", "person", "place", "reason", "rule", ""]

_FORMS: Final[tuple[tuple[Want, str], ...]] = (
    ("duration", r"\bhow (?:long|quickly|soon|often|early|late)\b|\bhow (?:much|many) (?:\w+ )?(?:notice|time|days|"
                 r"weeks|months|years|hours)\b|\bwhat (?:is|was) the (?:\w+ )?(?:period|duration|term length)\b|"
                 r"\bfor what period\b|\bat what age\b"),
    ("number", r"\bhow many\b|\bwhat (?:number|percentage|share|percent|ratio)\b|\bwhich (?:version|percentage)\b|"
               r"\b(?:number|percentage) of\b.*\?|\bwhat is the [\w' ]*number\b"),
    ("money", r"\bhow (?:much|expensive)\b|\bat what (?:price|amount|cost|rate)\b|\bwhat (?:is|are|was|were|did) the "
              r"[\w' ]*(?:price|fees?|costs?|salary|rent|amounts?|charges?|penalty|budget|deposit|bonus|royalty|"
              r"royalties|cap|dividend)\b|\bwhat (?:salary|fee|price|amount|royalty|bonus|rent)\b"),
    ("date", r"\bwhen\b|\b(?:what|which|by what|on what) (?:date|day|year|month|deadline)\b"),
    ("person", r"\bwho(?:m|se)?\b"),
    ("place", r"\bwhere\b|\bin (?:which|what) (?:country|city|state|place)\b|\b(?:what|which) (?:address|city|country|"
              r"courts?)\b"),
    ("reason", r"\bwhy\b|\bfor what reason\b|\bwhat (?:is|was) the (?:reason|cause)\b"),
    ("rule", r"^\W*(?:may|must|can|shall|is|are|does|do|has|have|should)\b"),
)  # fmt: skip
_ASKS: Final = tuple((want, re.compile(pattern, re.IGNORECASE)) for want, pattern in _FORMS)
_MONTH: Final = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|tomorrow|today|tonight|noon|o'clock)"
)
_COUNT: Final = (
    r"(?:\d[\d.,/:-]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|"
    r"half|third|quarter|dozen)"
)
_ORDINAL: Final = r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twentieth)"
_UNIT: Final = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|fortnights?|anniversary)"
_HOLDS: Final[dict[Want, re.Pattern[str]]] = {
    "money": re.compile(
        rf"[$€£¥]|\b(?:usd|eur|gbp|inr|aud|cad|chf|jpy|dollars?|euros?|pounds?|rupees?|cents?)\b|%|per\s?cent|"
        rf"\b{_COUNT}(?: and a half| and a quarter)? (?:hundred|thousand|million|billion|lakh)|\bfree of charge\b|"
        rf"\bno charge\b|\bfull replacement cost\b",
        re.IGNORECASE,
    ),
    "date": re.compile(
        rf"\b{_MONTH}\b|\b(?:19|20)\d\d\b|\bupon\b|\bafter\b|\bbefore\b|\bwithin\b|\bno later than\b|\bby the\b|"
        rf"\b{_ORDINAL}\b",
        re.IGNORECASE,
    ),
    "duration": re.compile(
        rf"\b{_COUNT}\)?[\s-]+(?:\(\d+\)[\s-]+)?(?:\w+\s)?{_UNIT}\b|\bperpetual|\bindefinite|\bno limit in time\b|"
        rf"\bpromptly\b|\bimmediately\b|\bas long as\b",
        re.IGNORECASE,
    ),
    "number": re.compile(rf"\b{_COUNT}\b|\d", re.IGNORECASE),
    "person": re.compile(
        r"\b(?:Mr|Mrs|Ms|Dr|Prof)\b\.?|\b[A-Z][a-z]+(?:-[A-Z][a-z]+)? [A-Z][a-z]+|\b[A-Z][A-Za-z]+ shall\b|"
        r"\b(?:[Tt]he|[Ee]ach|[Ee]ither|[Nn]either) (?:[A-Z][a-z]+|[Pp]arty|[Pp]arties)\b|\b[A-Z][a-z]+,? [A-Z]\b"
    ),
    "reason": re.compile(r"\b(?:because|since|due to|so that|in order to|reason|therefore)\b", re.IGNORECASE),
    "rule": re.compile(
        r"\b(?:shall|may|must|will|can|cannot|can't|not|no|nor|neither|prohibited|permitted|required|entitled|yes)\b",
        re.IGNORECASE,
    ),
    "place": re.compile(r"\b(?:in|at|to|from|of) (?:the )?[A-Z][a-z]+|\b[A-Z]{2} \d{5}\b"),
}


def wanted(question: str) -> Want:
    """What a question asks for; empty when that is no such thing."""
    return next((want for want, pattern in _ASKS if pattern.search(question)), "")


def holds(want: Want, text: str) -> bool:
    """Whether a sentence holds such a thing."""
    return bool(want) and _HOLDS[want].search(text) is not None
