"""The tools that look things up: places, the text itself, sections, definitions. Each says how to read on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from docreview.search.library import places
from docreview.tools.arguments import ListSections, LookupDefinition, ReadSpan, Search
from docreview.tools.desk import Desk, Refusal, alike, answer
from docreview.tools.values import MAX_RESULT, ToolResult
from docreview.types import DefinedTerm, Document, Section, Span, ToolCall

PLACES: Final = 6
"""Places shown at once."""
_SHOWN: Final = 850  # characters of one place or definition
_ROOM: Final = MAX_RESULT - 300  # for text, beside what is said about it
_TERMS: Final = 5  # definitions shown at once


def search(desk: Desk, call: ToolCall, given: Search) -> ToolResult:
    """The best places for a query, best first, with the characters where they stand."""
    if not given.query.strip():
        raise Refusal("The query is empty.")
    wanted = given.skip + PLACES
    if desk.library is not None and (given.doc is not None or desk.document is None):
        name = desk.named(given.doc) if given.doc else None
        found = [
            (hit.doc, desk.open(hit.doc), hit.passage.span)
            for hit in desk.library.search(given.query, wanted, doc=name)
        ]
    else:
        document = desk.open()
        found = [("", document, span) for span in _ranked(desk, given.query)[:wanted]]
    shown = [_place(*each) for each in found[given.skip :]]
    if not shown:
        return answer(call, "Nothing more was found." if given.skip else "Nothing was found.")
    more = f"\n\nMore places: search again with skip={wanted}." if len(found) == wanted else ""
    return answer(call, "\n\n".join(shown) + more)


def _ranked(desk: Desk, query: str) -> list[Span]:
    ranker = desk.ranker()
    spans, scores = ranker.entry.units.tolist(), ranker.scores(query).tolist()
    groups = places(scores, spans, [True] * len(spans))
    groups.sort(key=lambda group: -max(scores[i] for i in group))
    return [Span(spans[group[0]][0], spans[group[-1]][1]) for group in groups]


def read_span(desk: Desk, call: ToolCall, given: ReadSpan) -> ToolResult:
    """The text from a place on, as much as a result holds, to the end of the page or section if that is named."""
    document = desk.open(given.doc)
    named = [key for key in ("start", "page", "section") if getattr(given, key) is not None]
    if len(named) > 1:
        raise Refusal(f"Give one of {', '.join(named)}, not {len(named)}.")
    start, end = _asked(document, given)
    if start >= len(document):
        raise Refusal(f"The text ends at character {len(document)}.")
    stop = _cut(document.text, start, end)
    where = "; ".join(filter(None, (_where(document, start), f"characters {start}-{stop} of {len(document)}")))
    more = f"\nRead on with start={stop}." if stop < end else ""
    return answer(call, f"[{where}]\n{document.text[start:stop]}{more}")


def _asked(document: Document, given: ReadSpan) -> tuple[int, int]:
    if given.page is not None:
        span = _page(document, given.page)
    elif given.section is not None:
        span = _section(document, given.section).span
    else:
        return given.start or 0, len(document)
    return span.start, span.end


def _page(document: Document, number: int) -> Span:
    found = next((page for page in document.pages if page.number == number), None)
    if found is None:
        raise Refusal(f"There is no page {number}; the document has {len(document.pages) or 'no'} pages.")
    if found.span is None:
        raise Refusal(f"Page {number} could not be read: it holds no text.")
    return found.span


def _section(document: Document, wanted: str) -> Section:
    """The section of this number, else of this title, else the first whose label has it as a part."""
    text = " ".join(wanted.split()).casefold().rstrip(".")
    keys = (_number, lambda section: section.title.casefold(), lambda section: _label(section).casefold())
    for key in keys:
        for section in document.sections:
            if key(section) == text:
                return section
    for section in document.sections:
        if text and text in _label(section).casefold():
            return section
    hint = alike(wanted, tuple(dict.fromkeys(map(_label, document.sections))))
    raise Refusal(f"There is no such section. {hint or 'list_sections shows those that there are.'}")


def _number(section: Section) -> str:
    return section.number.casefold().rstrip(".")


def _cut(text: str, start: int, end: int) -> int:
    """Where to stop: at `end`, or at the last white space that fits into a result."""
    if end - start <= _ROOM:
        return end
    blank = max(text.rfind(mark, start + _ROOM // 2, start + _ROOM) for mark in "\n ")
    return blank + 1 if blank > 0 else start + _ROOM


def list_sections(desk: Desk, call: ToolCall, given: ListSections) -> ToolResult:
    """The sections in order, as many as a result holds, each with the character where it begins."""
    document = desk.open(given.doc)
    if not document.sections:
        pages = f" on {len(document.pages)} pages" if document.pages else ""
        return answer(call, f"No sections were recognised. The text has {len(document)} characters{pages}.")
    lines = _fitting(
        f"{s.span.start}{_on_page(document, s.span.start)}: {_label(s)[:120]}" for s in document.sections[given.skip :]
    )
    done = given.skip + len(lines)
    more = f"\nMore: list_sections with skip={done}." if done < len(document.sections) else ""
    return answer(
        call, f"{len(document.sections)} sections, by the character where each begins\n" + "\n".join(lines) + more
    )


def _fitting(lines: Iterable[str]) -> list[str]:
    kept, size = [], 0
    for line in lines:
        size += len(line) + 1
        if size > _ROOM:
            break
        kept.append(line)
    return kept


def lookup_definition(desk: Desk, call: ToolCall, given: LookupDefinition) -> ToolResult:
    """Where a term is defined, and how."""
    document = desk.open(given.doc)
    found = list(_defined(document, given.term))
    if not found:
        hint = alike(given.term, tuple(dict.fromkeys(term.term for term in document.terms)))
        raise Refusal(f"No definition of this term was found. {hint}".strip())
    shown = [f'"{term.term}" {_place("", document, term.definition)}' for term in found[:_TERMS]]
    more = f"\n\n{len(found) - _TERMS} more definitions are not shown." if len(found) > _TERMS else ""
    return answer(call, "\n\n".join(shown) + more)


def _defined(document: Document, wanted: str) -> Iterator[DefinedTerm]:
    keys = _forms(wanted)
    return (term for term in document.terms if keys & _forms(term.term))


def _forms(term: str) -> set[str]:
    """A term as it may be written: without quotation marks, article or plural."""
    plain = " ".join(term.strip("\"'“”‘’ ").casefold().split())
    plain = plain.removeprefix("the ")
    return {plain, plain.removesuffix("s"), plain.removesuffix("ies") + "y" * plain.endswith("ies")} - {""}


def _place(name: str, document: Document, span: Span) -> str:
    """A place with its characters, its section and page; what is too long says how to read on."""
    end = span.end if len(span) <= _SHOWN else span.start + _SHOWN
    more = f" ... (read on: read_span start={end})" if end < span.end else ""
    where = "; ".join(filter(None, (name, _where(document, span.start), f"characters {span.start}-{end}")))
    return f"[{where}]\n{document.text[span.start : end]}{more}"


def _where(document: Document, offset: int) -> str:
    section, turn = document.section_at(offset), document.turn_at(offset)
    named = (_label(section)[:80] if section else "", turn.speaker if turn else "")
    return ", ".join(filter(None, (*named, _on_page(document, offset).strip())))


def _on_page(document: Document, offset: int) -> str:
    page = document.page_at(offset)
    return f" page {page.number}" if page else ""


def _label(section: Section) -> str:
    return f"{section.number} {section.title}".strip()
