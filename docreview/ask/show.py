"""Answers for people: as text for a terminal, as HTML for a notebook."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from docreview._html import Safe, join, tag
from docreview.ask.answer import Answer, Cited, Unproven

_WIDTH: Final = 100
_QUOTE: Final = 400
"""Characters of a quote that are shown; the citation has all of it."""
_NO_MODEL: Final = "extractive, no language model"


def text(answer: Answer) -> str:
    """An answer on lines of about 100 characters."""
    return "\n".join(_lines(answer))


def _lines(answer: Answer) -> Iterator[str]:
    if not answer.sentences:
        yield from _wrapped(f"No answer: {answer.reason}.")
    for number, sentence in enumerate(answer.sentences, 1):
        yield from _wrapped(f"{number}. {sentence.text}", "   ")
        for each in sentence.cited:
            yield from _place(each, answer, quoted=not answer.extractive)
    if answer.note:
        yield from _wrapped(f"Note: {answer.note}.")
    for item in answer.unproven:
        yield from _wrapped(f"NOT PROVEN: {item.text}", "   ")
        yield from _wrapped(f"   {_problem(item)}", "   ")
    if answer.closest:
        yield "Closest places, not an answer:"
        for each in answer.closest:
            yield from _place(each, answer, quoted=True)
    yield ""
    yield from _wrapped(_foot(answer))


def _place(each: Cited, answer: Answer, *, quoted: bool) -> Iterator[str]:
    quote = f': "{_short(each.citation.quote)}"' if quoted else ""
    yield from _wrapped(f"   [{_where(each, answer)}]{quote}", "    ")


def _where(each: Cited, answer: Answer) -> str:
    """The place; the document's name is said once when there is only one."""
    span = each.citation.span
    named = each.where if answer.searched.of > 1 else each.place
    return ", ".join(filter(None, [named, f"characters {span.start:,}-{span.end:,}"]))


def _problem(item: Unproven) -> str:
    said = f' Its quote: "{_short(item.quote)}".' if item.quote else ""
    like = f' Closest: [{item.closest.where}] "{_short(item.closest.citation.quote)}".' if item.closest else ""
    return f"Why: {item.problem.rstrip('.')}.{said}{like}"


def _foot(answer: Answer) -> str:
    how = f"{answer.via}; {_NO_MODEL}" if answer.extractive else answer.via
    name = f" ({answer.searched.documents[0]})" if answer.searched.of == 1 and answer.searched.documents else ""
    return f"Searched {answer.searched}{name}. Answered by {answer.reader} ({how})."


def _short(quote: str) -> str:
    even = " ".join(quote.split())
    return even if len(even) <= _QUOTE else f"{even[: _QUOTE - 40]} ... {even[-35:]}"


def _wrapped(line: str, indent: str = "") -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def html(answer: Answer) -> str:
    """An answer as HTML; all text is escaped."""
    body = [tag("p", tag("b", answer.question))]
    if answer.sentences:
        items = (
            tag("li", s.text, *(_html_place(c, answer, quoted=not answer.extractive) for c in s.cited))
            for s in answer.sentences
        )
        body.append(tag("ol", *items))
    else:
        body.append(tag("p", f"No answer: {answer.reason}."))
    if answer.note:
        body.append(tag("p", tag("i", f"Note: {answer.note}.")))
    if answer.unproven:
        items = (tag("li", tag("s", item.text), " ", _problem(item)) for item in answer.unproven)
        body += [tag("p", tag("b", "Not proven, not an answer:")), tag("ul", *items)]
    if answer.closest:
        items = (tag("li", _html_place(each, answer, quoted=True)) for each in answer.closest)
        body += [tag("p", "Closest places, not an answer:"), tag("ul", *items)]
    body.append(tag("p", tag("small", _foot(answer))))
    return tag("div", *body, class_="docreview-answer")


def _html_place(each: Cited, answer: Answer, *, quoted: bool) -> Safe:
    quote = join(": ", tag("q", _short(each.citation.quote))) if quoted else ""
    return tag("div", tag("small", _where(each, answer), quote))
