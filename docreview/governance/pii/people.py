"""Names of people, without a model: by the words beside them, then wherever else in the document they stand.

A run of capitalised words is a name when a label, a title or a verb before it says so ("Attn:", "Mr", "signed by"), when
what follows is said of people ("..., President", "..., passport no."), or when an e-mail address spells it. In scripts
without capitals the words on both sides decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from docreview.governance.pii.flat import Look, Phrases, phrases, said_before, words
from docreview.governance.pii.span import PiiSpan

UP: Final = (
    "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƏƠƯȘȚΆΈΉΊΌΎΏΑ-ΡΣ-ΫЀ-ЯҐӘӨҮІЇЄ"
    + "".join(chr(c) for c in range(0x1E00, 0x1F00) if chr(c).isupper())
)
_WORD: Final = rf"[{UP}](?:\.|[^\W\d_]*(?:['\-.][^\W\d_]+)*\.?)"
_PARTICLE: Final = r"(?:van|von|de[lnrs]?|della|dello|dei|degli|d[aiou]|dos|das|la|le|ter?|ten|zu[mr]?|vom|'t|[ea]l|bin|ibn|ben|bint|abu|af|av|[yei]|in|op|of)"
_RUN: Final = re.compile(
    rf"[{UP}](?<![^\W_].)(?:\.|[^\W\d_]*(?:['\-.][^\W\d_]+)*\.?)(?:(?: |(?<=\.))(?:{_PARTICLE} ){{0,2}}{_WORD}){{0,7}}(?:, (?:Jr|Sr)\.?)?"
)
_TOKEN: Final = re.compile(r"[^\s,]+")
_SUFFIXES: Final = frozenset("jr jr. sr sr. ii iii iv".split())
_ORG_AFTER: Final = re.compile(
    r",? (?:(?:inc|llc|l\.l\.c|llp|l\.p|lp|ltd|limited|corp|corporation|company|co|plc|gmbh|ag|kg|s\.a|n\.v|b\.v|lda|ltda|a\.ş)\b|& )"
)
_GAP_AFTER: Final = re.compile(r"\s?(?:,|\(|\[|\n|  |–|-|—)[\s(]{0,6}")
_MAIL_LABEL: Final = re.compile(
    r"[\s,;:(]{0,4}(?:e-?mail|email address|phone|tel|telephone|mobile|cell|e:|t:|m:|direct)\b"
)
_JOINED: Final = re.compile(r"(?:\s|,|;|/|&|and|und|et|y|e|en|i|и)+")
_SINGLE_OK: Final = frozenset(
    [
        "my name is",
        "name is",
        "dear",
        "i'm",
        "i am",
        "hi",
        "hello",
        "me llamo",
        "je m'appelle",
        "ich heiße",
        "mein name ist",
        "mi chiamo",
    ]
)
_SAYS: Final = re.compile(r":[ \t]+\S")
_ATTENTION: Final = re.compile(r"\batt(?:n|ention)?\b")
_LONGEST: Final = 6


class Name(NamedTuple):
    """A run of capitalised words that may be a name, and where it and what belongs to it stand."""

    start: int
    end: int
    tokens: tuple[str, ...]
    next_token: str


@lru_cache(maxsize=1)
def _table() -> dict[str, frozenset[str]]:
    table = words()["person"]
    sets = {key: frozenset(table[key]) for key in ("stop", "titles", "organisation", "double")}
    cues = frozenset(w for key in ("label", "spoken", "titles") for w in table[key] if " " not in w and len(w) > 1)
    sets["stop"] |= cues - {"don", "ad", "bay", "pan", "sig", "gen", "do"}
    sets["last"] = frozenset(
        p.rpartition(" ")[2].strip(".:/") for key in ("label", "spoken", "titles", "after") for p in table[key]
    )
    sets["first"] = frozenset(p.partition(" ")[0].strip(".,") for key in ("after", "later") for p in table[key])
    return sets


def candidates(look: Look) -> Iterator[Name]:
    """Every run of capitalised words, without the words that no name has."""
    table = _table()
    stop, organisation = table["stop"], table["organisation"]
    for run in _RUN.finditer(look.flat):
        kept: list[re.Match[str]] = []
        for token in _TOKEN.finditer(look.flat, run.start(), run.end()):
            low = look.low[token.start() : token.end()].rstrip(".")
            if look.flat[token.end() : token.end() + 1].isdigit():
                continue  # the beginning of a code: "M88R49125"
            if look.flat[token.start()].islower():
                if kept:
                    kept.append(token)  # "van der"
            elif low in table["double"] and sum(len(t.group()) > 2 for t in kept) == 1:
                kept.append(token)  # "Jane Price"
            elif (len(low) > 1 and low in stop) or low in organisation:
                if kept:
                    yield _name(look, kept, low)
                kept = []
            else:
                kept.append(token)
        if kept:
            yield _name(look, kept, "")


def _name(look: Look, kept: list[re.Match[str]], following: str) -> Name:
    kept = kept[:_LONGEST]
    while kept[-1].group()[0].islower():
        kept = kept[:-1]
    last = kept[-1]
    end = last.end()
    if look.low.endswith("'s", 0, end) and end - last.start() > 3:
        end -= 2
    if (
        look.flat[end - 1] == "."
        and len(last.group()) > 2
        and last.group().lower() not in _SUFFIXES
        and not last.group()[:-1].isupper()
    ):
        end -= 1
    return Name(kept[0].start(), end, tuple(t.group() for t in kept), following)


def find_people(look: Look, known: Iterable[PiiSpan]) -> list[PiiSpan]:
    """Names of people.

    Args:
        known: What was found before: e-mail addresses spell names, identifiers follow them.
    """
    known = sorted(known)
    mailed = _mailed(look, known)
    marks = [s.start for s in known if s.label in ("ID", "SSN", "CREDIT_CARD", "DATE")]
    found: list[PiiSpan] = []
    speakers: dict[str, list[PiiSpan]] = {}
    for name in candidates(look):
        name = _before_organisation(look, name)
        start, score = _judged(look, name, marks, mailed, found)
        if score:
            found.append(PiiSpan(start, name.end, "PERSON", score))
        elif label := _speaker(look, name):
            speakers.setdefault(label, []).append(PiiSpan(name.start, name.end, "PERSON", 0.7))
    spoken = sum(len(spans) for spans in speakers.values())
    transcript = spoken > 1 and spoken * 2 >= sum(bool(line.strip()) for line in look.flat.split("\n"))
    for spans in speakers.values():
        if len(spans) > 1 or transcript:
            found += spans
    found += _uncased(look)
    return [*found, *_elsewhere(look, found)]


def _before_organisation(look: Look, name: Name) -> Name:
    """Only first and last name where a company's name follows on the same line ("Attn: Jane Doe Acme, Inc.")."""
    if name.next_token not in _table()["organisation"] and not _ORG_AFTER.match(look.low, name.end):
        return name
    if not _has_initial(name) and not said_before("person", look.low, name.start, key="label", fillers=0):
        return name
    end, whole = name.start, 0
    for number, token in enumerate(name.tokens[:-1]):
        end = look.flat.index(token, end) + len(token)
        whole += len(token.rstrip(".")) > 1 and token[0].isupper()
        if whole == 2:
            return Name(name.start, end, name.tokens[: number + 1], "")
    return name


def _judged(
    look: Look, name: Name, marks: list[int], mailed: frozenset[str], found: list[PiiSpan]
) -> tuple[int, float]:
    """Where the name begins (with its title) and how sure it is that this is one; 0 when nothing says so."""
    if name.next_token in _table()["organisation"] or _ORG_AFTER.match(look.low, name.end):
        return name.start, 0
    size = sum(len(t) > 1 for t in name.tokens)
    full = len(name.tokens) >= 2 and size >= 1
    before = look.low[max(0, name.start - 24) : name.start].rstrip(" .:\n\t_,'\"(")
    if before.rpartition(" ")[2].rpartition("\n")[2].strip("(.:/'\"") in _table()["last"] or before.endswith("/s"):
        start, score = _announced(look, name, full)
        if score:
            return start, score
    if full and name.tokens[0][0] != "." and _followed(look, name, marks):
        return name.start, 0.7
    if _has_initial(name):
        return name.start, 0.6
    if full and _spelt(name) & mailed:
        return name.start, 0.8
    if (
        full
        and found
        and 0 <= name.start - found[-1].end < 12
        and _JOINED.fullmatch(look.low, found[-1].end, name.start)
    ):
        return name.start, 0.6
    return name.start, 0


def _announced(look: Look, name: Name, full: bool) -> tuple[int, float]:
    title = said_before("person", look.low, name.start, key="titles", fillers=0)
    if title and _initial_or_word(name):
        at = look.low.rfind(title, 0, name.start)
        if (look.flat[at].isupper() and (full or len(title) > 1)) or (full and len(title) > 2):
            return at, 0.85
    gap = look.flat[max(0, name.start - 24) : name.start].rstrip(" _\t")[-2:]
    label = said_before("person", look.low, name.start, key="label", fillers=1)
    if label and (full or ":" in gap) and (len(label) > 2 or any(c in gap for c in ":/")) and _initial_or_word(name):
        if (
            label in ("by", "from", "to", "name", "at", "ad", "nom", "contact", "signature", "author", "employee")
            and ":" not in gap
            and "/" not in gap
        ):
            return name.start, 0
        return name.start, 0.8 if full else 0.65
    if full and _to_a_role(look, name):
        return name.start, 0.7
    spoken = said_before("person", look.low, name.start, key="spoken", fillers=0)
    if spoken and (full or spoken in _SINGLE_OK):
        return name.start, 0.75
    return name.start, 0


def _to_a_role(look: Look, name: Name) -> bool:
    """Whether a label and a role stand before it ("Attn: General Counsel, Jane Doe")."""
    line = look.low[max(0, name.start - 80) : name.start].rpartition("\n")[2]
    return bool(_ATTENTION.search(line)) and said_before("person", look.low, name.start, key="after", fillers=0) != ""


def _has_initial(name: Name) -> bool:
    """Whether it is written as only people are: "Jane Q. Doe"."""
    first, middle, last = (*name.tokens, "", "", "")[:3]
    return (
        len(middle) == 2
        and middle[1] == "."
        and first[1:].islower()
        and last[1:].islower()
        and len(first) > 2 < len(last)
    )


def _initial_or_word(name: Name) -> bool:
    return any(len(t) > 1 for t in name.tokens)


def _followed(look: Look, name: Name, marks: list[int]) -> bool:
    """Whether what comes after is said of people."""
    gap = _GAP_AFTER.match(look.low, name.end)
    after: Phrases = phrases("person", "after")
    if gap and after.start_of(look.low[gap.end() : gap.end() + 32]):
        return True
    if look.low[name.end : name.end + 1] == " " and phrases("person", "later").start_of(
        look.low[name.end + 1 : name.end + 28]
    ):
        return True
    if _MAIL_LABEL.match(look.low, name.end):
        return True
    if gap is None and look.low[name.end : name.end + 2] not in ("'s", "’s"):
        return False
    near = next((m for m in marks if name.end <= m <= name.end + 48), None)
    return near is not None and len(name.tokens) <= 5 and "\n" not in look.flat[name.end : near]


def _speaker(look: Look, name: Name) -> str:
    """The name as a label at the start of a line ("JANE DOE:"), in small letters; "" when it is none."""
    if not _SAYS.match(look.flat, name.end) or name.end - name.start > 40:
        return ""
    line = look.flat[max(0, name.start - 24) : name.start].rpartition("\n")[2]
    opened = name.start < 24 or "\n" in look.flat[max(0, name.start - 24) : name.start]
    if not opened or any(c.isalpha() for c in line):
        return ""
    return look.low[name.start : name.end]


def _mailed(look: Look, known: list[PiiSpan]) -> frozenset[str]:
    """What e-mail addresses spell: "kurt.dresch@" is "kurt dresch" and "kdresch@" is "kdresch"."""
    spelt = set()
    for span in known:
        if span.label == "EMAIL":
            local = look.low[span.start : span.end].partition("@")[0]
            parts = [p for p in re.split(r"[._\-+\d]+", local) if p]
            if len(parts) >= 2:
                spelt.add(f"{parts[0]} {parts[-1]}")
            elif parts and len(parts[0]) >= 5:
                spelt.add(parts[0])
    return frozenset(spelt)


def _spelt(name: Name) -> frozenset[str]:
    first, last = name.tokens[0].lower().strip("."), name.tokens[-1].lower().strip(".")
    if len(last) < 3:
        return frozenset()
    return frozenset((f"{first} {last}", first[0] + last, first + last, last + first[0], f"{first[0]} {last}"))


_WORDS_OF: Final = re.compile(rf"[{UP}](?<![^\W_].)[^\W\d_]*(?:['\-][^\W\d_]+)*")
_NOT_NAME: Final = "(?![由为於于的与與和及在是有不本该該其此代])"
_MOST_UNCASED: Final = 200


def _elsewhere(look: Look, found: list[PiiSpan]) -> Iterator[PiiSpan]:
    """The same names, and surnames alone, in the rest of the document."""
    full: dict[str, set[str]] = {}
    surnames = set()
    for span in found:
        places = [m.span() for m in _WORDS_OF.finditer(look.flat, span.start, span.end)]
        tokens = [look.low[a:b] for a, b in places if look.low[a:b] not in _table()["titles"]]
        if len(tokens) >= 2 and look.flat[span.start].isupper():
            start = next(a for a, b in places if look.low[a:b] == tokens[0])
            full.setdefault(tokens[0], set()).add(look.low[start : span.end])
            surnames.add(tokens[-1])
        elif len(tokens) == 1 and span.score >= 0.8:
            surnames.add(tokens[0])
    if full or surnames:
        yield from _cased_elsewhere(look, full, _rare(look, surnames))
    values = {look.text[s.start : s.end] for s in found if not look.flat[s.start].isupper()}
    for value in sorted(values)[:_MOST_UNCASED]:
        at = look.text.find(value)
        while at >= 0:
            yield PiiSpan(at, at + len(value), "PERSON", 0.6)
            at = look.text.find(value, at + len(value))


def _cased_elsewhere(look: Look, full: dict[str, set[str]], surnames: frozenset[str]) -> Iterator[PiiSpan]:
    organisation = _table()["organisation"]
    for match in _WORDS_OF.finditer(look.flat):
        low = look.low[match.start() : match.end()]
        if low not in full and low not in surnames:
            continue
        whole = max((n for n in full.get(low, ()) if look.low.startswith(n, match.start())), key=len, default="")
        if not whole and low not in surnames:
            continue
        end = match.start() + len(whole) if whole else match.end()
        following = look.low[end : end + 16].lstrip(" ,").partition(" ")[0].rstrip(".,;")
        if look.low[end : end + 1].isalnum() or (following in organisation and look.low[end : end + 1] in " ,"):
            continue
        yield PiiSpan(match.start(), end, "PERSON", 0.65 if whole else 0.5)


def _rare(look: Look, surnames: Iterable[str]) -> frozenset[str]:
    """Surnames of four letters or more that are no ordinary word of this document."""
    plain = frozenset(re.findall(r"(?<![^\W_])[a-z]{4,}", look.flat)) if surnames else frozenset()
    stop, organisation = _table()["stop"], _table()["organisation"]
    return frozenset(s for s in surnames if len(s) >= 4 and s not in plain and s not in stop and s not in organisation)


def _uncased(look: Look) -> Iterator[PiiSpan]:
    """Names in Chinese, Japanese, Korean, Arabic, Hebrew and Hindi, from the words before and after them."""
    chars = set(look.flat)
    if not any(c >= "\u0590" for c in chars):
        return
    for first, last, pattern in _uncased_patterns():
        if any(first <= c <= last for c in chars):
            for match in pattern.finditer(look.flat):
                yield PiiSpan(*match.span(match.lastgroup or 0), "PERSON", 0.7)


@lru_cache(maxsize=1)
def _uncased_patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """For each script its range, and its names: between two such words, or before one at the start of a sentence."""
    table = words()["uncased"]
    heads, tails = (
        "(?:" + "|".join(re.escape(p) for p in sorted(table[key], key=len, reverse=True)) + ")"
        for key in ("before", "after")
    )
    scripts = (
        (
            "\u4e00",
            "\u9fff",
            rf"(?:{_NOT_NAME}[\u4e00-\u9fff々]){{1,4}}?(?: ?(?:{_NOT_NAME}[\u4e00-\u9fff々ぁ-んァ-ヶ]){{1,4}}?)",
        ),
        ("\uac00", "\ud7a3", "[가-힣]{2,4}?"),
        ("\u0600", "\u06ff", r"[\u0620-\u065f]+(?: [\u0620-\u065f]+){1,4}?"),
        ("\u0590", "\u05ff", r"[\u05d0-\u05ea\"'׳״\-־]+(?: [\u05d0-\u05ea\"'׳״\-־]+){1,3}?"),
        ("\u0900", "\u097f", r"[\u0904-\u0939\u0958-\u0961][\u0900-\u0963]*(?: [\u0904-\u0939][\u0900-\u0963]*){1,3}?"),
    )
    compiled = []
    for first, last, name in scripts:
        between = rf"{heads}(?:[:：] ?(?P<labelled>{name})(?=\s?{tails}|\s*[\n、，,。;；]|\Z)| ?(?P<between>{name})(?=\s?{tails}))"
        begins = rf"(?:\A|[\n。]|[.!?] )(?P<begins>{name})(?=\s?{tails})"
        compiled.append((first, last, re.compile(f"{between}|{begins}")))
    return tuple(compiled)
