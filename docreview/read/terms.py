"""Terms that a document defines: "Confidential Information" means ..., (the "Agreement"), hereinafter called X."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from docreview.read.titles import even_blanks
from docreview.types import DefinedTerm, Span

_QUOTED: Final = re.compile(r"[\"“„«”]\s?([^\W_](?:[^\"“”„»«\n]|\n(?!\s*\n)){0,78}?)[,.;]?\s?[\"”“»]")
_SINGLE: Final = re.compile(r"['‘](?<!\w['‘])([A-Z](?:[^'‘’\"“”\n]|['’](?=\w)){1,60})['’](?!\w)")
_ARTICLE: Final = re.compile(r"(?:the|an?|each|such|der|die|das|le|la|les|el|los|las)\s+(?=\w)", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(
    r"[.?!](?<!\bInc\.)(?<!\bNo\.)(?<!\bNos\.)(?<!\bCo\.)(?<!\bCorp\.)(?<!\bLtd\.)(?<!\bSec\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)"
    r"(?<![\s.][A-Z]\.)(?<!\bi\.e\.)(?<!\be\.g\.)(?<!\d\.)[\"”’)]{0,3}(?=\s+[\"“‘'(\[]{0,2}[^\W_a-z])|\n[ \t]*\n"
)
_MEANS: Final = re.compile(
    r"[\s_*]*(?:\([^()\n]{0,80}\)[\s,]*)?(?:,[^,.;\n]{0,80},\s*)?"
    r"(?:(?:or|and|oder|ou|o|y)\s+[\"“„«”][^\"“”»\n]{1,80}[\"”“»],?\s*){0,4}"
    r"(?:(?:as\s+used\s+(?:herein|in\s+this\s+\w+)|when\s+used\s+\w+|for\s+(?:the\s+)?purposes?\s+of\s+this\s+\w+),?\s*)?"
    r"(?:(?:shall|will|is|are|has|have|wird|hat|haben|tendrá|aura)\s+)?(?:each\s+|also\s+|collectively\s+|have\s+|be\s+)*"
    r"(?:means?\b|mean\s|meaning\b|refers?\s+to|includes?\b|defined\b|the\s+(?:respective\s+)?meanings?|has\s+the\s+meaning"
    r"|set\s+forth|bedeutet|bezeichnet|die\s+Bedeutung|désigne|signifie|s['’]entend|significa|designa|se\s+entiende|[:–—-]\s)"
)
_BEFORE: Final = re.compile(
    r"(?:\(|\b(?:the|an?|this|such|each|individually|collectively|together|jointly|referred\s+to\s+(?:herein\s+)?as|known\s+as"
    r"|called|defined\s+as|hereinafter|hereafter|herein|as|or|and|der|die|das|nachfolgend|nachstehend|im\s+Folgenden|ci-après"
    r"|en\s+adelante|el|la|los|las|le|les|l['’])[,:]?)[\s,:*_]*\Z",
    re.IGNORECASE,
)
_UNQUOTED: Final = re.compile(
    r"(?i:\b(?:hereinafter|hereafter)(?:\s+(?:collectively|individually|jointly))?"
    r"(?:\s+(?:referred\s+to(?:\s+(?:individually|collectively|herein))?|called|known))?(?:\s+as)?)\s+(?i:the\s+|an?\s+)?"
    r"(?=[A-Z])([A-Z][\w&'’-]*(?:\s[A-Z][\w&'’-]*){0,4})"
)
_ENTRY: Final = re.compile(
    r"\n[ \t]{0,40}(?:\(?\w{1,5}[.)]\s|[\d.]{2,9}\s)?[ \t]{0,8}[*_]{0,2}"
    r"([A-Z][\w&’'/-]*(?:[ ](?:[A-Z(][\w&’'/()-]*|of|and|or|the|to)){0,7})[*_]{0,2}"
    r"[ ](?:shall\s+mean|means|(?:shall\s+have|has)\s+the\s+meaning|refers\s+to"
    r"|bedeutet|bezeichnet|désigne|significa)\b"
)
_PARENTHESIS: Final = 200
_MOST_BLANKS: Final = 400  # taken off a definition's ends: more would cost time on hostile texts
_BLANKS: Final = re.compile(r"\s{0,400}")


def find_terms(text: str) -> tuple[DefinedTerm, ...]:
    """The terms that a document defines, in document order; one that is defined twice comes twice.

    Found are quoted terms with a verb of definition behind them or inside parentheses that introduce them, names after
    "hereinafter referred to as", and entries of definition lists. `definition` is the sentence. Takes time linear in
    the length of the text.
    """
    text = even_blanks(text)
    found = sorted({*_quoted(text), *_unquoted(text)})
    if not found:
        return ()
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    terms: list[DefinedTerm] = []
    for start, end in found:
        if terms and start < terms[-1].span.end:
            continue
        term = " ".join(text[start:end].split())
        terms.append(DefinedTerm(term=term, span=Span(start, end), definition=_sentence(text, ends, start, end)))
    return tuple(terms)


def _sentence(text: str, ends: list[int], start: int, end: int) -> Span:
    """The sentence around a term, without outer white space."""
    before, after = bisect_right(ends, start), bisect_left(ends, end)
    left = ends[before - 1] if before else 0
    right = ends[after] if after < len(ends) else len(text)
    skipped = _BLANKS.match(text, left, start)
    tail = text[max(end, right - _MOST_BLANKS) : right]
    return Span(skipped.end() if skipped else left, right - len(tail) + len(tail.rstrip()))


def _quoted(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_QUOTED, _SINGLE):
        for match in pattern.finditer(text):
            if _MEANS.match(text, match.end()) or _is_introduced(text, match):
                article = _ARTICLE.match(match[1])
                yield match.start(1) + (article.end() if article else 0), match.end(1)


def _is_introduced(text: str, match: re.Match[str]) -> bool:
    """Whether a quoted term stands inside parentheses that give a name to what is before them."""
    before = text[max(0, match.start() - _PARENTHESIS) : match.start()]
    opening = before.rfind("(")
    if opening < 0 or ")" in before[opening:] or not _BEFORE.search(before):
        return False
    return ")" in text[match.end() : match.end() + _PARENTHESIS]


def _unquoted(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_UNQUOTED, _ENTRY):
        for match in pattern.finditer(text):
            yield match.span(1)
