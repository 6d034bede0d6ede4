"""Values against annotated answers: how often what the rules read off a clause is what its annotators answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview._dates import lengths_in
from docreview.evaluate.data import Contract, folds
from docreview.types import Span
from docreview.values import ANCHORS, Answer, Party, normalise, parties

DATED: Final = (*ANCHORS, "Expiration Date")
LENGTHS: Final = ("Renewal Term", "Notice Period to Terminate Renewal")
LAW: Final = "Governing Law"
_PARTS: Final = re.compile(r"^(\d{1,2}|\[\s*\])/(\d{1,2}|\[\s*\])/(\d{4}|\d{2}(?:\[\s*\])?|\[\s*\])$")
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_QUOTED: Final = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")
_COUNTRIES: Final = re.compile(r"(?i),?\s*\b(?:united\s+kingdom|uk|usa|united\s+states(?:\s+of\s+america)?)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One contract's answers to one question: the annotators' and ours, in one form; several only for parties."""

    doc: str
    held: bool
    name: str
    gold: tuple[str, ...]
    ours: tuple[str, ...]


def rows(contracts: Sequence[Contract], *, seed: int = 7) -> list[Row]:
    """Answers of all contracts to the questions that they have an annotated clause for.

    Args:
        seed: Of the split into quarters by group. The rules were written on the first three; the last is held out.
    """
    quarter = folds([contract.group for contract in contracts], 4, seed)
    return [
        Row(doc=contract.doc, held=bool(quarter[i] == 3), name=name, gold=gold, ours=ours)
        for i, contract in enumerate(contracts)
        for name, gold, ours in _answers(contract)
    ]


def quoted(contract: Contract, name: str) -> str:
    """The annotated clauses of a question under each other, in the annotators' order."""
    return "\n".join(contract.text[s["start"] : s["end"]] for s in contract.clauses.get(name, ()))


def _answers(contract: Contract) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    anchors = _anchors(contract)
    for name in sorted(set(contract.answers) - {"Document Name", "Parties"}):
        text, gold = quoted(contract, name), contract.answers[name]
        if text:
            ours = (
                anchors.get(name) if name in ANCHORS else normalise(name, text, document=contract.text, anchors=anchors)
            )
            yield name, (_gold(name, gold),), (_ours(name, ours),)
    places = [Span(s["start"], s["end"]) for s in contract.clauses.get("Parties", ())]
    if places:
        listed = gold_parties(contract.answers.get("Parties", ""))
        found = parties(contract.text, places)
        yield "Parties", _names(listed), _names(found)
        yield "Parties with the names they are given", _pairs(listed), _pairs(found)


def _anchors(contract: Contract) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for name in reversed(ANCHORS):
        if answer := normalise(name, quoted(contract, name), document=contract.text, anchors=found):
            found[name] = answer
    return found


def _gold(name: str, answer: str) -> str:
    if name in DATED:
        return gold_date(answer)
    if name == LAW:
        return _law(answer)
    return _length(answer) if name in LENGTHS else answer


def _ours(name: str, answer: Answer | None) -> str:
    if answer is None or (name in DATED and answer.kind != "date"):
        return ""
    if name == LAW:
        return _law(answer.value)
    return _length(answer.value) if name in LENGTHS else answer.value


def gold_date(answer: str) -> str:
    """An annotated date, month/day/year with brackets for blanks, in our form; "" for none."""
    answer = answer.strip()
    if answer.lower() == "perpetual":
        return "perpetual"
    match = _PARTS.match(answer)
    if not match:
        return answer
    month, day, year = (part.replace("[", "").replace("]", "").strip() for part in match.groups())
    if month.isdigit() and int(month) > 12:
        month, day = day, month
    return f"{year.ljust(4, 'X')}-{month.zfill(2) if month else 'XX'}-{day.zfill(2) if day else 'XX'}"


def _length(answer: str) -> str:
    """Lengths in one spelling, in alphabetical order: "(6) months", "successive one year", "5 year", "0.5 year"."""
    parts = []
    for part in re.split(r"[;/]", answer.lower().replace("0.5 year", "6 months")):
        lengths = [f"{one.count} {one.unit}" for one in lengths_in(part.replace("(", " ").replace(")", " "))]
        again = "successive " * bool(re.search(r"succes|consecutive", part))
        parts.append(again + " ".join(lengths) if lengths else re.sub(r"\[\]|\W+$", "", part).strip())
    return "; ".join(sorted(filter(None, parts)))


def _law(answer: str) -> str:
    """Jurisdictions without "State of" and without the country of an American or British one, in alphabetical order."""
    answer = re.sub(r"(?i)\bengland and wales\b", "England; Wales", answer)
    parts = [_COUNTRIES.sub("", part.strip()) or part.strip() for part in re.split(r";", answer)]
    bare = [
        re.sub(r"(?i)^(?:the\s+)?(?:(?:state|province|commonwealth|republic)\s+of\s+)?", "", part) for part in parts
    ]
    return "; ".join(sorted(part.lower() for part in bare if part not in ("", "[]")))


def gold_parties(answer: str) -> tuple[Party, ...]:
    """Annotated parties, `Name ("Seller"); Other ("Buyer")`; what stands in brackets about all of them is left out."""
    found = []
    for part in answer.split(";"):
        name = " ".join(_BRACKETS.sub(" ", part).split()).strip(" ,.")
        terms = [term for bracket in _BRACKETS.findall(part) for term in _QUOTED.findall(bracket)]
        own = tuple(
            term.strip(" ,.") for term in terms if not re.match(r"(?i)\s*(?:an?\s+|the\s+)?part(?:y|ies)\W*$", term)
        )
        both = re.search(r"\band\b|^individually\b|\bcollectively\b", name) and (terms or '"' in name) and not own
        if name and not both:
            found.append(Party(name=name, called=own, marks=()))
    return tuple(found)


def _names(found: Sequence[Party]) -> tuple[str, ...]:
    return tuple(sorted({_bare(party.name) for party in found} - {""}))


def _pairs(found: Sequence[Party]) -> tuple[str, ...]:
    return tuple(sorted({f"{_bare(party.name)} = {_bare(term)}" for party in found for term in party.called}))


def _bare(name: str) -> str:
    name = re.sub(r"[\W_]+", " ", _BRACKETS.sub(" ", name).lower()).strip()
    return name.removeprefix("the ")


def measure(contracts: Sequence[Contract], *, seed: int = 7) -> dict[str, Any]:
    """Figures by question, for all contracts and for the parts written on and held out; yes-or-no questions are one.

    Of a question with one answer: `n` contracts with an annotated clause, `right` the share that is exactly the
    annotators' (both empty counts as right). Of parties: precision, recall and F1 over all names of all contracts.
    """
    found = rows(contracts, seed=seed)
    parts = {"all": found, "written_on": [r for r in found if not r.held], "held_out": [r for r in found if r.held]}
    return {part: _figures(some) for part, some in parts.items() if some}


def _figures(found: Sequence[Row]) -> dict[str, Any]:
    single = (*DATED, *LENGTHS, LAW)
    groups: dict[str, list[Row]] = {}
    for row in found:
        name = row.name if row.name in single or row.name.startswith("Parties") else "yes or no"
        groups.setdefault(name, []).append(row)
    return {name: _f1(some) if name.startswith("Parties") else _exact(some) for name, some in sorted(groups.items())}


def _exact(found: Sequence[Row]) -> dict[str, Any]:
    return {"n": len(found), "right": round(sum(row.gold == row.ours for row in found) / len(found), 4)}


def _f1(found: Sequence[Row]) -> dict[str, Any]:
    both = sum(len(set(row.gold) & set(row.ours)) for row in found)
    gold, ours = sum(len(row.gold) for row in found), sum(len(row.ours) for row in found)
    precision, recall = both / max(ours, 1), both / max(gold, 1)
    f1 = 2 * both / max(ours + gold, 1)
    return {"n": gold, "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def wrong(contracts: Sequence[Contract], *, seed: int = 7) -> Iterator[str]:
    """Every answer of the part that the rules were written on that differs from the annotators', a line each."""
    for row in rows(contracts, seed=seed):
        if not row.held and row.gold != row.ours:
            yield f"{row.doc}: {row.name}: {'; '.join(row.gold)!r} is read as {'; '.join(row.ours)!r}"
