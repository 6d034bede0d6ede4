"""What an amendment orders, in the few forms whose effect is certain. Made for English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from docreview.types import Document, Span

Act = Literal["words", "restated", "deleted", "added"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One change that an amendment makes to a clause.

    `span` is all of it in the amendment; `number` the clause as the amendment names it; `words` the old words when only
    words are replaced; `new` what stands there from now on (None for a deletion). `bare` is False when its sentence
    says more (a condition, a date), or when it is not clear where its text ends.
    """

    act: Act
    span: Span
    number: str
    words: Span | None = None
    new: Span | None = None
    bare: bool = True


_NUMBER: Final = r"\d+(?:\.\d+)*(?:\([a-z\d]+\))*|[IVXLC]+\b"
_CLAUSE: Final = (
    rf"(?:Section|Clause|Article|Paragraph|§)\s*(?P<number>{_NUMBER})"
    r"(?:\s+of\s+[^.:;“\"]{1,80}?|\s*\([^()]{1,60}\))?"
)
_IS: Final = r"\s+(?:is|are|shall\s+be)\s+(?:hereby\s+)?"
_NAMED: Final = r"(?:the\s+(?:words?|phrase|figures?|amount|date|number)s?\s+)?"
_OLD: Final = r"[“\"](?P<old>[^“”\"]+)[”\"]"
_NEW: Final = r"[“\"](?P<new>[^“”\"]+)[”\"]"
_WORDS: Final = (
    rf"\bIn\s+{_CLAUSE},?\s+{_NAMED}{_OLD}{_IS}(?:deleted\s+and\s+)?replaced\s+(?:by|with)\s+{_NAMED}{_NEW}",
    rf"{_CLAUSE}{_IS}amended\s+by\s+(?:deleting|replacing|striking)\s+{_NAMED}{_OLD},?\s+"
    rf"(?:and\s+)?(?:replacing\s+(?:it|them)\s+|(?:inserting|substituting)\s+)?(?:therefor\s+|in\s+its\s+place\s+)?"
    rf"(?:(?:with|by)\s+)?{_NAMED}{_NEW}",
)
_ENTIRE: Final = r"(?:\s+in\s+(?:its|their)\s+entirety)?"
_READS: Final = r"\s+(?:to\s+read|(?:by|with)\s+the\s+following|as\s+follows)[^:.“\"]{0,60}:\s*"
_RESTATED: Final = (
    rf"{_CLAUSE}{_IS}(?:deleted{_ENTIRE}\s+and\s+replaced|(?:amended\s+and\s+)?restated|amended|replaced)"
    rf"{_ENTIRE}{_READS}"
)
_DELETED: Final = rf"{_CLAUSE}{_IS}deleted{_ENTIRE}(?=\s*(?:[.;]|\n\n|\Z))\s*[.;]?"
_ADDED: Final = (
    rf"The\s+following(?:\s+new)?(?:\s+(?:section|clause|paragraph|article))?{_IS}added\s+(?:to\s+[^.:;“\"]{{1,60}}?\s+)?"
    rf"as\s+(?:a\s+)?(?:new\s+)?{_CLAUSE}\s*:\s*",
    rf"A\s+new\s+{_CLAUSE}{_IS}added(?:\s+to\s+[^.:;“\"]{{1,60}}?)?(?:{_READS}|\s*:\s*)",
)
_ACTS: Final[tuple[tuple[Act, tuple[str, ...]], ...]] = (
    ("words", _WORDS),
    ("restated", (_RESTATED,)),
    ("deleted", (_DELETED,)),
    ("added", _ADDED),
)
_FORMS: Final = [(act, re.compile(form, re.IGNORECASE)) for act, forms in _ACTS for form in forms]
_BEFORE: Final = re.compile(
    r"(?:\A|[.;:]\s|\n)\W*(?:[\d.]+\W*|\([a-z\d]+\)\s*)?(?:the\s+parties\s+(?:hereby\s+)?agree\s+that\s+)?\Z",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"\s*(?:[.;]|\n\n|\Z|and\s*(?:\n|\Z))")
_HEAD: Final = 200  # characters
_BLANK: Final = re.compile(r"\n[^\S\n]*\n\s*")
_ENDS: Final = re.compile(
    rf"\s*(?:\Z|(?:(?:Section|Clause|Article|§)\s*)?(?:{_NUMBER})[.)]?\s|Signed\b|IN\s+WITNESS\b)"
)
_CLOSED: Final = re.compile(r"[”\"][.;]?(?=\s*(?:\n\n|\Z))")


def orders(amendment: Document) -> list[Order]:
    """The changes that an amendment makes, in its order, each at most once."""
    found: list[Order] = []
    for act, form in _FORMS:
        for match in form.finditer(amendment.text):
            order = _order(amendment, act, match)
            if not any(order.span.overlaps(other.span) for other in found):
                found.append(order)
    return sorted(found, key=lambda order: order.span)


def _order(amendment: Document, act: Act, match: re.Match[str]) -> Order:
    whole, number = Span(*match.span()), match["number"]
    before = amendment.text[max(0, whole.start - _HEAD) : whole.start]
    bare = _BEFORE.search(before) is not None
    if act == "words":
        bare = bare and _AFTER.match(amendment.text, whole.end) is not None
        old, new = Span(*match.span("old")), Span(*match.span("new"))
        return Order(act=act, span=whole, number=number, words=old, new=new, bare=bare)
    if act == "deleted":
        return Order(act=act, span=whole, number=number, bare=bare)
    given, end, clear = _new_text(amendment.text, match.end(), number)
    return Order(act=act, span=Span(whole.start, end), number=number, new=given, bare=bare and clear)


def _new_text(text: str, start: int, number: str) -> tuple[Span | None, int, bool]:
    """The text that an order gives, where the order ends, and whether that is clear.

    It is what stands in quotation marks, or else the paragraphs with the clause's number or one below it.
    """
    if text[start : start + 1] in ("“", '"'):
        closed = _CLOSED.search(text, start + 1)
        if closed and closed.start() > start + 1:
            given = text[start + 1 : closed.start()]
            clear = given.count("“") == given.count("”") and given.count('"') % 2 == 0
            return Span(start + 1, closed.start()), closed.end(), clear
    own = re.compile(rf"(?:\w+\s+)?{re.escape(number)}(?![\d(])")
    end = start
    while end < len(text) and (end == start or own.match(text, end)):
        blank = _BLANK.search(text, end)
        end = blank.end() if blank else len(text)
    end = start + len(text[start:end].rstrip())
    return (Span(start, end) if end > start else None), end, _ENDS.match(text, end) is not None
