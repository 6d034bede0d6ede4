"""Quotes set otherwise, which verification must accept, and falsified ones, which it must not. Seeded.

A maker takes the random source and a quote and gives the new quote, or None when the quote offers nothing to change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from random import Random
from typing import Final

Maker = Callable[[Random, str], str | None]

_LONG: Final = re.compile(r"(?<![\w-])[A-Za-z]{7,}(?![\w-])")
_SPACE: Final = re.compile(r"(?<=[^\W_])[ \n]+(?=[^\W_])")


def _some(rng: Random, pattern: str, new: Callable[[re.Match[str]], str], quote: str) -> str | None:
    """The quote with half of the matches replaced, at least one; None without a match."""
    found = list(re.finditer(pattern, quote))
    if not found:
        return None
    chosen = set(rng.sample(range(len(found)), (len(found) + 1) // 2))
    pieces, at = [], 0
    for i in sorted(chosen):
        pieces += [quote[at : found[i].start()], new(found[i])]
        at = found[i].end()
    changed = "".join([*pieces, quote[at:]])
    return changed if changed != quote else None


def _one(rng: Random, pattern: str, new: Callable[[re.Match[str]], str], quote: str) -> str | None:
    found = list(re.finditer(pattern, quote))
    if not found:
        return None
    match = rng.choice(found)
    changed = quote[: match.start()] + new(match) + quote[match.end() :]
    return changed if changed != quote else None


def curly(rng: Random, quote: str) -> str | None:
    """Curly quotation marks for straight ones, straight for curly."""
    flipped = quote.translate({34: rng.choice("“”„«"), 39: rng.choice("’‘"), 0x201C: '"', 0x201D: '"', 0x2019: "'"})
    return flipped if flipped != quote else None


def dashes(rng: Random, quote: str) -> str | None:
    """Another dash for each dash."""
    return _some(rng, "[-‐‑–—]", lambda m: rng.choice([d for d in "-‐‑–—−" if d != m[0]]), quote)


def spaces(rng: Random, quote: str) -> str | None:
    """No-break and other spaces, tabs, double spaces."""
    return _some(rng, _SPACE.pattern, lambda _: rng.choice(["\xa0", "  ", "\t", "\u2009", "\u202f", " \xa0 "]), quote)


def rewrapped(rng: Random, quote: str) -> str | None:
    """Other line breaks."""
    return _some(rng, _SPACE.pattern, lambda _: rng.choice(["\n", " \n", "\n    ", "\r\n", "\n\n"]), quote)


def unwrapped(_: Random, quote: str) -> str | None:
    """All on one line."""
    flat = " ".join(quote.split())
    return flat if flat != quote else None


def hyphenated(rng: Random, quote: str) -> str | None:
    """Words parted by a hyphen at a line end."""

    def part(match: re.Match[str]) -> str:
        at = rng.randrange(2, len(match[0]) - 2)
        return match[0][:at] + rng.choice(["-\n", "-\n   ", "‐\n"]) + match[0][at:]

    return _some(rng, _LONG.pattern, part, quote)


def soft_hyphens(rng: Random, quote: str) -> str | None:
    """Soft hyphens inside words, some at a line end."""

    def part(match: re.Match[str]) -> str:
        at = rng.randrange(2, len(match[0]) - 2)
        return match[0][:at] + rng.choice(["\xad", "\xad\n"]) + match[0][at:]

    return _some(rng, _LONG.pattern, part, quote)


def zero_width(rng: Random, quote: str) -> str | None:
    """Characters without width between any two others."""
    if len(quote) < 2:
        return None
    for _ in range(1 + len(quote) // 40):
        at = rng.randrange(1, len(quote))
        quote = quote[:at] + rng.choice("\u200b\u200c\u200d\u2060\ufeff\u200e\u200f") + quote[at:]
    return quote


def ligatures(_: Random, quote: str) -> str | None:
    """Typographic ligatures."""
    changed = quote
    for plain, joined in (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("st", "ﬆ")):
        changed = changed.replace(plain, joined)
    return changed if changed != quote else None


def decomposed(_: Random, quote: str) -> str | None:
    """Letters and their accents apart, or together where they were apart."""
    other = unicodedata.normalize("NFD", quote)
    other = other if other != quote else unicodedata.normalize("NFC", quote)
    return other if other != quote else None


def full_width(_: Random, quote: str) -> str | None:
    """Latin letters, digits and marks in their wide East Asian form."""
    changed = quote.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F) if chr(c) not in "\"'-.`"})
    return changed if changed != quote else None


def upper(_: Random, quote: str) -> str | None:
    """Capitals."""
    return quote.upper() if quote.upper() != quote else None


def lower(_: Random, quote: str) -> str | None:
    """Small letters."""
    return quote.lower() if quote.lower() != quote else None


def mixed(rng: Random, quote: str) -> str | None:
    """Three of these at once."""
    makers = (upper, curly, dashes, ligatures, decomposed, rewrapped, hyphenated, zero_width)
    changed = quote
    for i in sorted(rng.sample(range(len(makers)), 3)):
        changed = makers[i](rng, changed) or changed
    return changed if changed != quote else None


TRUE: Final[dict[str, Maker]] = {
    maker.__name__: maker
    for maker in (
        curly,
        dashes,
        spaces,
        rewrapped,
        unwrapped,
        hyphenated,
        soft_hyphens,
        zero_width,
        ligatures,
        decomposed,
        full_width,
        upper,
        lower,
        mixed,
    )
}

_NUMBERS: Final = """
    one two three four five six seven eight nine ten twelve fifteen twenty thirty forty sixty ninety
    hundred thousand million
"""
_MONTHS: Final = "January February March April May June July August September October November December"
_PAIRS: Final = (
    ("Licensor", "Licensee"), ("Buyer", "Seller"), ("Landlord", "Tenant"), ("Franchisor", "Franchisee"),
    ("Company", "Customer"), ("Disclosing", "Receiving"), ("Distributor", "Supplier"), ("Client", "Contractor"),
    ("Company", "Consultant"), ("either", "neither"), ("party", "third party"), ("Affiliate", "Subsidiary"),
)  # fmt: skip
_TURNED: Final = (
    ("more than", "less than"), ("prior to", "after"), ("before", "after"), ("at least", "at most"), ("and", "or"),
    ("including", "excluding"), ("with", "without"), ("any", "no"), ("all", "some"), ("exclusive", "non-exclusive"),
    ("maximum", "minimum"), ("increase", "decrease"), ("business days", "days"), ("net", "gross"), ("upon", "within"),
    ("direct", "indirect"), ("limited", "unlimited"), ("reasonable", "unreasonable"), ("months", "years"),
)  # fmt: skip


def _exchange(rng: Random, pairs: tuple[tuple[str, str], ...], quote: str) -> str | None:
    there = dict(pairs) | {b: a for a, b in pairs}
    pattern = r"\b(?:" + "|".join(sorted(there, key=len, reverse=True)) + r")\b"
    return _one(rng, pattern, lambda m: there[m[0]], quote)


def number(rng: Random, quote: str) -> str | None:
    """Another number in words."""
    words = _NUMBERS.split()
    return _one(rng, rf"\b(?:{'|'.join(words)})\b", lambda m: rng.choice([w for w in words if w != m[0]]), quote)


def digit(rng: Random, quote: str) -> str | None:
    """One digit changed."""
    return _one(rng, r"\d", lambda m: rng.choice([d for d in "0123456789" if d != m[0]]), quote)


def digit_more(rng: Random, quote: str) -> str | None:
    """A digit more or less, a decimal point moved, a thousand more."""
    forms = [lambda m: m[0] + "0", lambda m: "1" + m[0], lambda m: m[0][:-1] or "7", lambda m: m[0] + ".5"]
    return _one(rng, r"\d+", rng.choice(forms), quote)


def raised(rng: Random, quote: str) -> str | None:
    """A superscript, a fraction or a circled digit for a digit."""
    return _one(rng, r"[1-3]", lambda m: rng.choice(["¹²³", "①②③", "½⅔¾", "₁₂₃"])[int(m[0]) - 1], quote)


def negation_dropped(rng: Random, quote: str) -> str | None:
    """A negation left out."""
    return _one(rng, r"\b(?:not|no|never|nor)\s+", lambda _: "", quote)


def negation_added(rng: Random, quote: str) -> str | None:
    """A negation put in."""
    return _one(rng, r"\b(?:shall|may|will|must|is|are)\b(?!\s+not)", lambda m: m[0] + " not", quote)


def modal(rng: Random, quote: str) -> str | None:
    """May for shall, shall for may."""
    turned = {"may": "shall", "shall": "may", "must": "may", "will": "may", "should": "shall", "can": "must"}
    return _one(rng, r"\b(?:may|shall|must|will|should|can)\b", lambda m: turned[m[0]], quote)


def currency(rng: Random, quote: str) -> str | None:
    """Another currency."""
    turned = {"$": "€", "€": "£", "£": "$", "USD": "EUR", "US": "CA", "dollars": "euros", "Dollars": "Euros"}
    return _one(rng, r"[$€£]|\b(?:USD|US(?=\$)|[Dd]ollars)\b", lambda m: turned[m[0]], quote)


def date(rng: Random, quote: str) -> str | None:
    """Another month or year."""
    months = _MONTHS.split()
    pattern = rf"\b(?:{'|'.join(months)})(?=\s+\d)|\b(?:19|20)\d\d\b"
    return _one(rng, pattern, lambda m: str(int(m[0]) + 1) if m[0].isdigit() else _other(rng, months, m[0]), quote)


def percent(rng: Random, quote: str) -> str | None:
    """Another percentage, or none."""
    return _one(rng, r"\d+\s?%", lambda m: rng.choice(["1" + m[0], m[0][:-1], m[0][:-1] + "‰"]), quote)


def parties(rng: Random, quote: str) -> str | None:
    """One party for the other."""
    return _exchange(rng, _PAIRS, quote)


def turned(rng: Random, quote: str) -> str | None:
    """More for less, and for or, days for business days."""
    return _exchange(rng, _TURNED, quote)


def defined_term(rng: Random, quote: str) -> str | None:
    """One capitalised word for another of the same quote."""
    names = sorted(set(re.findall(r"\b[A-Z][a-z]{3,}\b", quote)))
    if len(names) < 2:
        return None
    return _one(rng, r"\b[A-Z][a-z]{3,}\b", lambda m: _other(rng, names, m[0]), quote)


def _other(rng: Random, words: list[str], word: str) -> str:
    return rng.choice([w for w in words if w != word])


def word_dropped(rng: Random, quote: str) -> str | None:
    """A word in the middle left out."""
    words = quote.split(" ")
    inner = [i for i in range(1, len(words) - 1) if any(map(str.isalnum, words[i]))]
    if not inner:
        return None
    at = rng.choice(inner)
    return " ".join(words[:at] + words[at + 1 :])


def word_added(rng: Random, quote: str) -> str | None:
    """A word put in."""
    extra = rng.choice(["materially", "reasonably", "only", "exclusive", "written", "solely", "knowingly"])
    return _one(rng, _SPACE.pattern, lambda m: f"{m[0]}{extra} ", quote)


def words_exchanged(rng: Random, quote: str) -> str | None:
    """Two neighbouring words in the other order."""
    return _one(rng, r"\b([A-Za-z]{2,}) ([A-Za-z]{2,})\b", lambda m: f"{m[2]} {m[1]}", quote)


def words_joined(rng: Random, quote: str) -> str | None:
    """The space between two words left out."""
    return _one(rng, r"(?<=[A-Za-z]) (?=[A-Za-z])", lambda _: "", quote)


def word_parted(rng: Random, quote: str) -> str | None:
    """A word cut in two by a space."""
    return _one(rng, _LONG.pattern, lambda m: m[0][:3] + " " + m[0][3:], quote)


def hyphen_lost(rng: Random, quote: str) -> str | None:
    """A hyphen inside a line left out."""
    return _one(rng, r"(?<=[A-Za-z])-(?=[A-Za-z])", lambda _: "", quote)


def cut_start(_: Random, quote: str) -> str | None:
    """The first letters or digits of the first word or number left out."""
    match = re.match(r"[A-Za-z]{4,}|\d[\d,]*\d", quote)
    return quote[2:] if match and len(quote) > 12 and quote[2].isalnum() and quote[1].isalnum() else None


def cut_end(_: Random, quote: str) -> str | None:
    """The last letters or digits of the last word or number left out."""
    match = re.search(r"(?:[A-Za-z]{4,}|\d[\d,]*\d)$", quote)
    return quote[:-2] if match and len(quote) > 12 and quote[-3].isalnum() and quote[-2].isalnum() else None


FALSE: Final[dict[str, Maker]] = {
    maker.__name__: maker
    for maker in (
        number,
        digit,
        digit_more,
        raised,
        negation_dropped,
        negation_added,
        modal,
        currency,
        date,
        percent,
        parties,
        turned,
        defined_term,
        word_dropped,
        word_added,
        words_exchanged,
        words_joined,
        word_parted,
        hyphen_lost,
        cut_start,
        cut_end,
    )
}
