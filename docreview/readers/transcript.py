"""The reader of meetings and calls: decisions, action items, open questions, commitments, deadlines, numbers agreed.

Rules over sentences and the answers that follow them (transcript_rules.toml); English only; nothing is trained. Every
item is one sentence inside one turn. The time it takes grows with the length of the text, no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import perf_counter
from typing import Any, Final

from docreview.checklist import Checklist
from docreview.readers import Reading
from docreview.readers.transcript_rules import Sentence, load, plain
from docreview.readers.transcript_score import QUESTIONS, Scorer
from docreview.types import Coverage, Document, Span, ToolCall, Usage

SHOWN: Final = 0.5
"""Candidates below this score are not proposed unless asked for."""
SURE: Final = 0.65
"""From this score on an item counts as found; below it a person is asked."""
_END: Final = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bHon)(?<!\bSt)[.?!。？！]+[\"'”’)]*(?:\s+|$)|\n[ \t]*\n\s*"
)
_LINE_END: Final = re.compile(r"\n+|$")
_LONG: Final = 600
"""A longer piece, in characters, that has several lines is taken line by line."""
_EDGE: Final = re.compile(r"(?:\s|\{[^}]*\}|\[[^\]]*\]|[,.;:])*")
_BREAKS_OFF: Final = ("{disfmarker}", "-", "–", "—", "...", "…", ",")
_LINE: Final = re.compile(r"[^\n]+")


class TranscriptReader:
    """Proposes items for the questions of the `transcript` checklist; other questions get no answer from it."""

    name = "transcript"
    languages = ("en",)

    def read(self, document: Document, checklist: Checklist, *, min_score: float | None = None) -> Reading:
        """Items in document order; a `record_absent` for each question without a sure item.

        Without turns every line counts as said by somebody unnamed.
        """
        begun, least = perf_counter(), SHOWN if min_score is None else min_score
        asked = [name for name in checklist.names if name in QUESTIONS]
        talk = list(_sentences(document))
        scorer = Scorer(talk)
        found: list[dict[str, Any]] = []
        for at, sentence in enumerate(talk):
            scores = ((name, scorer.score(name, at)) for name in asked)
            found += [_item(document, name, sentence, score) for name, score in scores if score and score >= least]
        calls = [("record_clause", item) for item in found]
        sure = {item["name"] for item in found if item["sure"]}
        calls += [("record_absent", {"name": name}) for name in asked if name not in sure]
        whole = (Span(0, len(document.text)),) if document.text else ()
        return Reading(
            calls=tuple(ToolCall(id=f"call-{i}", name=n, arguments=a) for i, (n, a) in enumerate(calls, 1)),
            coverage=Coverage.of(whole, document.unread_pages),
            usage=Usage(seconds=perf_counter() - begun),
        )


def _sentences(document: Document) -> Iterator[Sentence]:
    text = document.text
    spoken = [(turn.span, turn.speaker) for turn in document.turns]
    spoken = spoken or [(Span(*match.span()), "") for match in _LINE.finditer(text)]
    for turn, (span, speaker) in enumerate(spoken):
        for begin, end in _pieces(text, span):
            said = text[begin:end]
            yield Sentence(begin, end, plain(said), speaker, turn, said.endswith(_BREAKS_OFF))


def _pieces(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """The sentences of a turn, without sounds and marks in front; a sentence may go on in the next line."""
    at = span.start
    for end in _ends(text, span):
        begin = _EDGE.match(text, at, end).end()  # type: ignore[union-attr]  # matches everywhere
        if said := text[begin:end].rstrip():
            yield begin, begin + len(said)
        at = end


def _ends(text: str, span: Span) -> Iterator[int]:
    """Where the sentences of a turn end; where nothing marks the end of a sentence, where its lines do."""
    ends = [match.end() for match in _END.finditer(text, span.start, span.end)]
    at = span.start
    for end in [*ends, span.end]:
        if not ends or end - at > _LONG:
            yield from (match.end() for match in _LINE_END.finditer(text, at, end))
        at = end
        yield end


def _item(document: Document, name: str, sentence: Sentence, score: float) -> dict[str, Any]:
    return {
        "name": name,
        "start": sentence.start,
        "end": sentence.end,
        "quote": document.text[sentence.start : sentence.end],
        "score": score,
        "sure": score >= SURE,
        "value": _value(name, sentence),
    }


_FIRST: Final = re.compile(r"\bi(?:'ll|'d|'m| will| shall| can| am| promise| commit| undertake)\b")
_WE: Final = re.compile(r"\bwe(?:'ll|'d|'re| will| shall| are| promise| commit| need| have| should)\b")
_YOU: Final = re.compile(r"\b(?:can|could|would|will) you\b|\byou(?:'ll|'re| will| should| need| have)\b")
_CALLED: Final = re.compile(
    r"(?:(?:so|and|okay|ok|now|then),? )*(?!(?:yes|no|yeah|well|sorry|thanks|right|also|but|or|if)\b)"
    r"(\w[\w.'-]*(?: [\w.'-]+){0,2}), (?:please\b|(?:can|could|will|would) you\b)"
)
_GETS: Final = re.compile(r"\byou(?:'ll| will) (?:have|get|receive|hear)\b(?! to)")
_BOTH: Final = re.compile(r"\b(\w+) and i (?:will|'ll|can|are|shall)\b")
_WHAT: Final = re.compile(
    r"\b(?:i|we|you)(?:'ll| will| shall| need to| have to| should|'m going to|'re going to|'m gonna|'re gonna)\s+(.+)"
    r"|\b(?:can|could|would|will) you (?:please )?(.+)|\bplease (.+)"
)
_CLAUSE: Final = re.compile(r"[;.?!—]|, |,? (?:but|because|so that|and (?:i|we|you|then))\b")
_MOST_WORDS: Final = 20


def _value(name: str, sentence: Sentence) -> str | None:
    """A short answer in the speaker's own words (small letters, fillers left out); only what is said."""
    when, amount = (load().signs[sign].search(sentence.said) for sign in ("when", "amount"))
    if name == "Deadline":
        return when.group() if when else None
    if name == "Number Agreed":
        return amount.group() if amount else None
    if name not in ("Action Item", "Commitment"):
        return None
    when = when or load().signs["soon"].search(sentence.said)
    rows = (("who", _who(sentence)), ("what", _what(sentence)), ("by", when.group() if when else ""))
    return "; ".join(f"{key}: {text}" for key, text in rows if text) or None


def _who(sentence: Sentence) -> str:
    if called := _CALLED.match(sentence.said):
        return called[1]
    if _GETS.search(sentence.said):
        return ""
    if both := _BOTH.search(sentence.said):
        return f"{both[1]} and {sentence.speaker}" if sentence.speaker else both[1]
    if _FIRST.search(sentence.said):
        return sentence.speaker
    if _WE.search(sentence.said):
        return "we"
    return "you" if _YOU.search(sentence.said) else ""


def _what(sentence: Sentence) -> str:
    found = _WHAT.search(sentence.said)
    if found is None:
        return ""
    clause = _CLAUSE.split(next(filter(None, found.groups())))[0].rstrip(" .?!,")
    return clause if 1 < len(clause.split()) <= _MOST_WORDS else ""
