"""Sentences in which a party must, or must not, do something. Rules for English; what they do not see isn't guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from docreview.chunk.sentences import sentence_spans
from docreview.obligations.parties import party_pattern
from docreview.obligations.values import Kind
from docreview.types import Document, Span

_ADVERB: Final = (
    r"(?:(?:hereby|also|further|each|both|jointly|severally|then|additionally|itself|and|at\s+all\s+times)\s+)*"
)
_ASIDE: Final = r"(?:,\s[^,;:.()]{2,90},|\s*\([^()]{1,60}\))?"
_MODAL: Final = (
    r"(?P<modal>(?:(?:shall|must|will)(?:\s+not|\s+never)?|may\s+not|may)\b"
    r"|(?:irrevocably\s+|unconditionally\s+)?(?:covenants?\s+and\s+agrees?|agrees?|undertakes?|covenants?)\s+(?:not\s+)?to\b"
    r"|(?:is|are)\s+(?:required|obligated|obliged)\s+to\b)"
)
_FREE: Final = re.compile(
    r"(?ix)\s+ (?:also\s+|then\s+|only\s+|further\s+|further,?\s+|each\s+|have\s+no\s+obligation\s+to\s+)?(?:"
    r"be\s+(?!(?:solely\s+|fully\s+|exclusively\s+|jointly\s+|primarily\s+|entirely\s+)*(?:responsible\s+for|required|obligated|obliged|bound))"
    r"|(?:have|own|retain|receive|mean|remain|survive|include|constitute|benefit|become|incur|deem|acquire|hold\s+title|enjoy|inure|cease\s+to\s+be|lose)\b"
    r")"
)
"""What follows a modal verb where nobody owes anything: "shall be entitled", "shall own"."""
_BOUND: Final = re.compile(r"(?i)\s+be\b")
"""Behind "shall not" it frees: "shall not be liable", "shall not be required to"."""
_NOT_HEAD: Final = re.compile(
    r"(?i)(?:\b(?:if|unless|when|whenever|where|wherever|until|while|whether|which|whom|whose|as|before|after|once|since|because"
    r"|of|to|by|from|with|for|between|on|than|in|against|upon|through|under|into|at|including|behalf|how|what"
    r"|time|extent|case|event|date|amounts?|lest"
    r"|(?<!provided )(?<!provided, )(?<!however )(?<!however, )"
    r"(?<!agrees )(?<!agree )(?<!agreed )(?<!except )(?<!ensure )that)"
    r"|['’]s|\b(?:to|of|for|with|in|by)\s+which\b[^,;:]{0,60})\s*[\"“(]*$"
)
_CONDITION: Final = re.compile(r"(?i)\b(?:if|unless|until|when|whether|where)\b[^,;]*$")
_NOTHING: Final = re.compile(r"(?i)\bnothing\b[^.;]{0,120}$")
_PASSIVE: Final = (
    r"\b(?P<modal>(?:shall|must|will)\s+be)\s+(?:promptly\s+|fully\s+|solely\s+|timely\s+)?"
    r"(?:paid|borne|provided|delivered|made|performed|maintained|supplied|prepared|submitted|returned|reimbursed|completed|"
    r"obtained|kept|carried\s+out|furnished|remitted)\b[^.;:()]{0,80}?\bby\s+(?P<who>{party})(?!['’])"
)
_ITEM: Final = re.compile(r"\(?(?:[a-z]{1,5}|[0-9]{1,3}|[A-Z])[).]\s")
_TAIL: Final = re.compile(r"(?:[\s,;]|(?<=[\s,;])(?:and|or|provided(?:,\s*however,?)?\s+that|if)(?=[\s,;]*$))+$")
_OPEN: Final = re.compile(r"[:;]\s*(?:and|or)?$")
_RECITAL: Final = re.compile(r"(?i)whereas\b")
_LONGEST_LIST: Final = 2500
_LONGEST_STATEMENT: Final = 6000


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty as places in the document: its sentence, who, from the verb to the end, and where its context begins."""

    kind: Kind
    sentence: Span
    who: Span
    duty: Span
    context: Span


def duties(document: Document) -> Iterator[Duty]:
    """Every duty and prohibition, in document order."""
    party = party_pattern(document)
    group = (
        rf"(?P<who>{party}(?:(?:,\s+{party})*,?\s+(?:and|or|and/or)\s+(?:(?:its|their|the)\s+[\w ]{{2,40}}?|{party}))*)"
    )
    active = re.compile(rf"(?<![\w-]){group}{_ASIDE}\s+{_ADVERB}{_MODAL}")
    passive = re.compile(_PASSIVE.replace("{party}", party))
    for sentence in statements(document):
        if len(sentence) > _LONGEST_STATEMENT or _RECITAL.match(document.text, sentence.start):
            continue
        yield from _in_sentence(document.text, sentence, active, passive)


def statements(document: Document) -> Iterator[Span]:
    """Sentences; one that ends in a colon or a semicolon with the items of the list behind it."""
    sentences = sentence_spans(document.text)
    done = 0
    for i, (start, end) in enumerate(sentences):
        if start < done:
            continue
        for left, right in sentences[i + 1 :]:
            opened = _OPEN.search(document.text, max(start, end - 8), end)
            if not opened or right - start > _LONGEST_LIST or not _ITEM.match(document.text, left):
                break
            end = right
        done = end
        yield Span(start, end)


def _in_sentence(text: str, sentence: Span, active: re.Pattern[str], passive: re.Pattern[str]) -> Iterator[Duty]:
    found = [m for m in active.finditer(text, sentence.start, sentence.end) if _owes(text, sentence, m)]
    taken = {m.start("modal") for m in found}
    for match in passive.finditer(text, sentence.start, sentence.end):
        before = text[max(sentence.start, match.start() - 80) : match.start()]
        if match.start("modal") not in taken and not _CONDITION.search(before):
            found.append(match)
    found.sort(key=lambda m: m.start())
    for i, match in enumerate(found):
        begin = found[i - 1].end() if i else sentence.start
        end = found[i + 1].start() if i + 1 < len(found) else sentence.end
        stop = match.start("modal") + len(_TAIL.sub("", text[match.start("modal") : end]))
        yield Duty(
            kind=_kind(match),
            sentence=sentence,
            who=Span(*match.span("who")),
            duty=Span(match.start("modal"), stop),
            context=Span(begin, end),
        )


def _owes(text: str, sentence: Span, match: re.Match[str]) -> bool:
    """Whether the party is the subject of a main clause, and the verb a duty."""
    before = " ".join(text[max(sentence.start, match.start() - 160) : match.start()].split()) + " "
    if _NOT_HEAD.search(before.rstrip()) or _NOTHING.search(before) or _FREE.match(text, match.end()):
        return False
    if _BOUND.match(text, match.end()) and re.search(r"(?i)\bnot\b", match["modal"]):
        return False
    may_be_a_right = match["modal"] == "may" and not re.match(r"(?i)(?:neither|no)\b", match["who"])
    return not may_be_a_right


def _kind(match: re.Match[str]) -> Kind:
    negative = re.search(r"(?i)\b(?:not|never)\b", match["modal"]) or re.match(r"(?i)(?:neither|no)\b", match["who"])
    return "prohibition" if negative else "duty"
