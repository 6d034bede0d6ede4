"""The figures of `docreview.evaluate.overhead` as a table for people, as CSV, and as a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from docreview.errors import ConfigError, MissingExtra
from docreview.evaluate.overhead import Gain, Overhead, by_language, load_of
from docreview.models.profiles import Profile

FIELDS: Final = (
    "name", "language", "tokenizer", "vocabulary", "form", "characters", "bytes", "words", "tokens", "composed",
    "decomposed", "unknown", "tokens_per_character", "tokens_per_word", "tokens_per_byte", "ratio_to_english",
    "document_tokens", "window", "window_share", "prefill_teraflop", "cache_mib",
)  # fmt: skip


def rows_of(rows: Sequence[Overhead], profile: Profile) -> list[dict[str, Any]]:
    """Each row with its derived figures and the load on a model, under the names of `FIELDS`."""
    return [_fields(row, profile) for row in rows]


def csv_of(rows: Sequence[dict[str, Any]]) -> str:
    """A CSV file; figures that there are none of are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def table_of(rows: Sequence[Overhead], profile: Profile, *, tflops: float | None = None) -> str:
    """The figures as a table; with seconds of reading when the machine's real speed (10^12 operations/s) is given."""
    wide = max([len(row.name) for row in rows] + [4])
    kind = max([len(row.tokenizer) for row in rows] + [9])
    head = f"{'text':{wide}} lang {'tokenizer':{kind}} {'tokens':>8} {'tok/char':>8} {'tok/word':>8} {'tok/byte':>8} "
    lines = [
        head + f"{'to English':>10} {'window':>7} {'prefill':>9}  Unicode form: tokens when composed, when decomposed"
    ]
    for row in rows:
        load = load_of(profile, row.whole)
        cost = (
            "-" if load.teraflop is None else f"{load.teraflop / tflops:.1f} s" if tflops else f"{load.teraflop:.1f} TF"
        )
        lines.append(
            f"{row.name:{wide}} {row.language:4} {row.tokenizer:{kind}} {row.tokens:8,} {row.per_character:8.3f} "
            f"{_or_dash(row.per_word):>8} {row.per_byte:8.3f} {_or_dash(row.ratio):>10} {load.share:7.2%} {cost:>9}  "
            f"{row.form}: {row.composed:,}, {row.decomposed:,}{_lost(row)}"
        )
    lines += _languages(rows)
    lines.append(f"\nwindow: of {profile.name}, {profile.window:,} tokens, empty lines counted too")
    return "\n".join(lines)


def gains_of(found: Sequence[Gain]) -> str:
    """LFM2 beside LFM2.5 as a table."""
    lines = ["\n", f"{'text':20} {'characters per token, ' + 'LFM2 to LFM2.5':>38}  published by the vendor"]
    for each in found:
        said = "-" if each.published is None else f"{each.published:+.0f} % (vendor's figure, not ours)"
        lines.append(f"{each.name:20} {each.measured:+37.0f} %  {said}")
    return "\n".join(lines)


def plot(rows: Sequence[Overhead], file: Path) -> None:
    """Tokens per character by language, one bar for each tokenizer. The file's ending says its kind (svg, png, pdf).

    Raises:
        MissingExtra: matplotlib is not installed.
        ConfigError: matplotlib writes no such kind of file.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("a plot", "overhead") from None
    figures = by_language(rows)
    languages = list(dict.fromkeys(language for language, *_ in figures))
    names = list(dict.fromkeys(name for _, name, *_ in figures))
    value = {(language, name): per for language, name, _, per in figures}
    with rc_context({"svg.hashsalt": "docreview"}):
        figure = Figure(figsize=(max(6.0, 0.5 * len(languages) + 2), 4.5), layout="constrained")
        axes = figure.subplots()
        for i, name in enumerate(names):
            at = [n + (i - (len(names) - 1) / 2) * 0.8 / len(names) for n in range(len(languages))]
            axes.bar(at, [value.get((each, name), 0.0) for each in languages], 0.8 / len(names), label=name)
        axes.set_xticks(range(len(languages)), languages)
        axes.set_ylabel("tokens per character")
        axes.legend()
        try:
            figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
        except ValueError:
            raise ConfigError("plot", str(file), "name a file that ends in .svg, .png or .pdf") from None


def _fields(row: Overhead, profile: Profile) -> dict[str, Any]:
    load = load_of(profile, row.whole)
    derived = (
        _rounded(row.per_character), _rounded(row.per_word), _rounded(row.per_byte), _rounded(row.ratio),
        row.whole, load.window, _rounded(load.share), _rounded(load.teraflop), _rounded(load.cache_mib),
    )  # fmt: skip
    own = FIELDS[: len(FIELDS) - len(derived)]
    return {name: getattr(row, name) for name in own} | dict(zip(FIELDS[len(own) :], derived, strict=True))


def _languages(rows: Sequence[Overhead]) -> list[str]:
    found = by_language(rows)
    if all(texts == 1 for *_, texts, _ in found):
        return []
    return ["", "by language:"] + [
        f"  {language:4} {name}: {per:.3f} tokens per character, {texts} texts" for language, name, texts, per in found
    ]


def _lost(row: Overhead) -> str:
    return f"; {row.unknown:,} UNKNOWN, text is lost: not comparable" if row.unknown else ""


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
