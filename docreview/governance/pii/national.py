"""Numbers that prove themselves: check digits and the shape that a country prescribes (python-stdnum)."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Final

# Shapes that are enough by themselves, each with the python-stdnum module that checks its digits ("" where the shape is
# all there is). Identifiers of bare digits with a single check digit are not here: one number in ten would pass. Those
# need a word beside them (`[id]` in words.toml), whatever their country.
_SHAPES: Final[tuple[tuple[str, str], ...]] = (
    (r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    (r"[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    (r"\d{17}[\dX]", "cn.ric"),
    (r"\d{8}-?[A-Z]", "es.dni"),
    (r"[XYZ]-?\d{7}-?[A-Z]", "es.nie"),
    (r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "mx.curp"),
    (r"\d{3}\.\d{3}\.\d{3}-\d\d", "br.cpf"),
    (r"\d\d\.\d{3}\.\d{3}/\d{4}-\d\d", "br.cnpj"),
    (r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", "cl.rut"),
    (r"\d\d-\d{8}-\d", "ar.cuit"),
    (r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", ""),
    (r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", "in_.pan"),
    (r"[STFGM]\d{7}[A-Z]", ""),
    (r"\d{6}[-+]\d{4}", "se.personnummer"),
    (r"\d{6}-\d{4}", "dk.cpr"),
    (r"\d{6}[-+A-FY]\d{3}[0-9A-Y]", "fi.hetu"),
    (r"\d{11}", "no.fodselsnummer"),
    (r"\d{6}-[1-8]\d{6}", "kr.rrn"),
    (r"[A-Z][1289]\d{8}", "tw.nationalid"),
    (r"\d{6}/\d{3,4}", "cz.rc"),
    (r"[1-8]\d{12}", "ro.cnp"),
    (r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", "be.nn"),
    (r"\d{13}", "za.idnr"),
    (r"756\.?\d{4}\.?\d{4}\.?\d\d", "ch.ssn"),
    (r"CHE-?\d{3}\.?\d{3}\.?\d{3}", "ch.uid"),
    (r"\d{7}[A-W][A-IW]?", "ie.pps"),
    (r"(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)[A-Z0-9]{8,12}", "eu.vat"),
)
_COMPILED: Final = tuple((re.compile(shape), module) for shape, module in _SHAPES)
_CARD_GROUPS: Final = re.compile(r"\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}")
_CARD_PREFIX: Final = re.compile(
    r"4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720|131)|3[47]|30[0-5]|3[689]|35|6(?:011|[2-9])|1800"
)
_NOT_DIGIT: Final = re.compile(r"\D+")


@lru_cache(maxsize=64)
def _module(name: str) -> object:
    return import_module(f"stdnum.{name}")


def _valid(name: str, value: str) -> bool:
    return bool(_module(name).is_valid(value))  # type: ignore[attr-defined]


def national_id(value: str) -> bool:
    """Whether a number or code is a person's or a company's identifier by its shape and check digits alone."""
    if not 8 <= len(value) <= 22:
        return False
    return any(shape.fullmatch(value) and (not module or _valid(module, value)) for shape, module in _COMPILED)


def is_card(value: str, *, said: bool = False) -> bool:
    """Whether a number is a payment card's: grouped, prefixed and checked as one; only grouped when a word says so."""
    if not _CARD_GROUPS.fullmatch(value):
        return False
    digits = _NOT_DIGIT.sub("", value)
    if said:
        return 12 <= len(digits) <= 19
    if not 13 <= len(digits) <= 19 or not _CARD_PREFIX.match(digits) or len(set(digits)) < 3:
        return False
    return _valid("luhn", digits)


def is_iban(value: str) -> bool:
    """Whether the country, length and check digits fit."""
    compact = value.replace(" ", "")
    return 15 <= len(compact) <= 34 and _iban_check(compact)


def _iban_check(compact: str) -> bool:
    """ISO 13616: the first four moved to the end and letters read as numbers, the remainder by 97 is 1."""
    number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return int(number) % 97 == 1
