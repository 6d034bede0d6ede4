"""Made-up agreements and transcripts in any number, each with clauses planted at known places.

Document `i` of a seed is always the same, however many are made; one is held in memory at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from docreview.errors import ConfigError
from docreview.evaluate.corpora import pdf, spoken, word
from docreview.evaluate.corpora.sources import WORDS_A_SECOND, Said
from docreview.evaluate.corpora.wording import Voice, templates, wordings

CONTRACTS: Final = ("txt", "pdf", "docx")
TRANSCRIPTS: Final = ("txt", "vtt", "srt", "json")
_WIDTH: Final = 78


@dataclass(slots=True)
class Made:
    """One made-up document: blocks of text with a kind (title, heading, paragraph, turn), and what was planted.

    `planted` holds category, start and end in `text`.
    """

    name: str
    kind: str
    blocks: list[tuple[str, str]] = field(default_factory=list)
    planted: list[tuple[str, int, int]] = field(default_factory=list)
    wrapped: bool = False
    size: int = 0

    def add(self, kind: str, *sentences: tuple[str, str], lead: str = "") -> None:
        """Append a block made of (category or "", text) sentences, parted by spaces, after `lead`."""
        out, at = [lead] if lead else [], self.size + len(lead)
        for category, text in sentences:
            if category:
                self.planted.append((category, at, at + len(text)))
            out += [text, " "]
            at += len(text) + 1
        self.blocks.append((kind, "".join(out)[:-1]))
        self.size += len(self.blocks[-1][1]) + (1 if kind == "turn" else 2)

    @property
    def text(self) -> str:
        """The plain text that the offsets point into."""
        text = "".join(block + ("\n" if kind == "turn" else "\n\n") for kind, block in self.blocks)
        return _wrap(text) if self.wrapped else text


def _wrap(text: str) -> str:
    """Lines of at most `_WIDTH` characters; a space becomes a line break, so that no offset moves."""
    out = []
    for line in text.split("\n"):
        start = 0
        while len(line) - start > _WIDTH and (cut := line.rfind(" ", start, start + _WIDTH)) > start:
            out.append(line[start:cut])
            start = cut + 1
        out.append(line[start:])
    return "\n".join(out)


def document(seed: int, number: int, *, kind: str = "") -> Made:
    """Document `number` of a seed; `kind` is "contract" or "transcript", by chance (4 to 1) when empty."""
    rng = Random(f"docreview {seed} {number}")  # noqa: S311
    drawn = "transcript" if rng.random() < 0.2 else "contract"
    return _transcript(rng, number) if (kind or drawn) == "transcript" else _contract(rng, number)


def _pick(rng: Random, options: Sequence[Any]) -> Any:
    return options[int(rng.random() * len(options))]


def _contract(rng: Random, number: int) -> Made:
    roles = _pick(rng, wordings()["role"]["pairs"]).split("|")
    voice = Voice(rng, (roles[0], roles[1]))
    made = Made(f"contract-{number:06}", "contract", wrapped=rng.random() < 0.2)
    title = voice.say(_pick(rng, templates("title", "contract")))
    made.add("title", ("Document Name", title.upper() if rng.random() < 0.5 else title))
    _preamble(made, voice, title)
    paragraphs = _paragraphs(voice, int(12 * 18 ** rng.random()))
    per_section = 2 + int(rng.random() * 5)
    headings = rng.sample(wordings()["heading"]["names"], len(wordings()["heading"]["names"]))
    style = _pick(rng, _STYLES)
    for i, sentences in enumerate(paragraphs):
        section, place = divmod(i, per_section)
        if place == 0:
            made.add("heading", ("", style(section + 1, 0) + headings[section % len(headings)]))
        made.add("paragraph", *sentences, lead=style(section + 1, place + 1))
    made.add("paragraph", ("", "IN WITNESS WHEREOF the parties have signed this Agreement."))
    made.add(
        "paragraph", ("", f"{voice.companies[0]}: {voice.people[0]}"), ("", f"{voice.companies[1]}: {voice.people[1]}")
    )
    return made


_ROMAN: Final = "I II III IV V VI VII VIII IX X".split()
_STYLES: Final[tuple[Callable[[int, int], str], ...]] = (
    lambda s, p: f"{s}.{p} " if p else f"{s}. ",
    lambda s, p: f"Section {s}.{p:02} " if p else f"SECTION {s}. ",
    lambda s, p: f"{s}.{p} " if p else f"ARTICLE {_ROMAN[s - 1] if s <= len(_ROMAN) else s} - ",
    lambda s, p: f"({chr(96 + p)}) " if p else f"§ {s} ",
    lambda s, p: "",  # noqa: ARG005
)


def _preamble(made: Made, voice: Voice, title: str) -> None:
    first, second = voice.companies
    made.add(
        "paragraph",
        ("", f"This {title} (the \"Agreement\") is made on"), ("Agreement Date", voice.date()), ("", "between"),
        ("Parties", f'{first} ("{voice.a}")'), ("", "and"), ("Parties", f'{second} ("{voice.b}").'),
    )  # fmt: skip


def _paragraphs(voice: Voice, count: int) -> list[list[tuple[str, str]]]:
    """Boilerplate in `count` paragraphs with clauses strewn in; one clause in four documents stands there twice."""
    rng, filler = voice.rng, templates("filler", "contract")
    paragraphs = [[("", voice.say(_pick(rng, filler))) for _ in range(1 + int(rng.random() * 4))] for _ in range(count)]
    names = list(wordings()["clause"])
    chosen = rng.sample(names, min(len(names), 3 + int(rng.random() * count * 0.6)))
    planted = [(name, voice.say(_pick(rng, templates("clause", name)))) for name in chosen]
    if rng.random() < 0.25:
        planted.append(_pick(rng, planted))
    for clause in planted:
        paragraph = _pick(rng, paragraphs)
        paragraph.insert(int(rng.random() * (len(paragraph) + 1)), clause)
    return paragraphs


def _transcript(rng: Random, number: int) -> Made:
    voice = Voice(rng, ("supplier", "customer"))
    made = Made(f"transcript-{number:06}", "transcript")
    made.add("title", ("", voice.say(_pick(rng, templates("title", "transcript"))) + ", " + voice.date()))
    speakers = voice.people[: 2 + int(rng.random() * 5)]
    filler, items = templates("filler", "transcript"), list(wordings()["item"])
    for turn in range(int(20 * 20 ** rng.random())):
        said = [("", voice.say(_pick(rng, filler))) for _ in range(1 + int(rng.random() * 3))]
        if rng.random() < 0.15 or turn == 10:  # at least one item in every transcript
            name = _pick(rng, items)
            said.insert(int(rng.random() * (len(said) + 1)), (name, voice.say(_pick(rng, templates("item", name)))))
        made.add("turn", *said, lead=_pick(rng, speakers) + ": ")
    return made


def make(out: Path, *, n: int, seed: int, formats: Sequence[str] = ("txt",)) -> Iterator[Made]:
    """Write `n` documents and `truth.jsonl` into a folder, one at a time.

    Each line of `truth.jsonl` is `{"doc","category","start","end","text"}`. The offsets are code points into the file,
    for TXT; other formats move the text, and have null there. A document comes in one of the formats, by turns.

    Yields:
        Each document once its file and its lines of truth are written.

    Raises:
        ConfigError: A format is not known.
        MissingExtra: PDF or DOCX was asked for, and their packages are not installed.
    """
    unknown = sorted(set(formats) - {*CONTRACTS, *TRANSCRIPTS})
    if unknown or not formats:
        known = ", ".join(dict.fromkeys((*CONTRACTS, *TRANSCRIPTS)))
        raise ConfigError("formats", ",".join(unknown) or "(none)", f"no such format; there are {known}")
    by_kind = {
        "contract": [f for f in formats if f in CONTRACTS],
        "transcript": [f for f in formats if f in TRANSCRIPTS],
    }
    only = "" if all(by_kind.values()) else next(kind for kind, usable in by_kind.items() if usable)
    out.mkdir(parents=True, exist_ok=True)
    with (out / "truth.jsonl").open("w", encoding="utf-8", newline="\n") as truth:
        for number in range(1, n + 1):
            made = document(seed, number, kind=only)
            usable = by_kind[made.kind]
            suffix = usable[number % len(usable)]
            _write(out / f"{made.name}.{suffix}", made, suffix)
            truth.writelines(_truth(made, suffix))
            yield made


def _write(path: Path, made: Made, suffix: str) -> None:
    if suffix in ("pdf", "docx"):
        options = {"title": made.name, "type": made.kind, "pdf": {"footer": made.name, "whole": False}}
        body = "\n\n".join({"title": "# ", "heading": "## "}.get(kind, "") + text for kind, text in made.blocks)
        path.write_bytes((pdf.as_pdf if suffix == "pdf" else word.as_docx)(body, options))
        return
    if suffix == "txt":
        text = made.text
    else:
        writer = {"vtt": spoken.as_vtt, "srt": spoken.as_srt, "json": spoken.as_whisper}[suffix]
        text = writer(_said(made), made.blocks[0][1])
    path.write_bytes(text.encode())


def _said(made: Made) -> list[Said]:
    turns, clock = [], 0.0
    for kind, block in made.blocks:
        if kind == "turn":
            speaker, _, text = block.partition(": ")
            end = clock + len(text.split()) / WORDS_A_SECOND
            turns.append(Said(speaker=speaker, pieces=((text, round(clock, 2), round(end, 2)),)))
            clock = end + 0.4
    return turns


def _truth(made: Made, suffix: str) -> Iterator[str]:
    text, exact, doc = made.text, suffix == "txt", f"{made.name}.{suffix}"
    for category, start, end in sorted(made.planted, key=lambda row: row[1:]):
        row = {
            "doc": doc, "category": category, "start": start if exact else None, "end": end if exact else None,
            "text": text[start:end] if exact else " ".join(text[start:end].split()),
        }  # fmt: skip
        yield json.dumps(row, ensure_ascii=False) + "\n"
