"""`governance/model_card.md`: our own models with what was measured here, language models with what others report."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from docreview._version import __version__
from docreview.evaluate.papers.scores import section
from docreview.evaluate.papers.sources import Model, Models, table
from docreview.models.profiles import Profile, Published, profiles
from docreview.readers.token_model import TokenModel
from docreview.readers.weights import shipped
from docreview.tokens import MINILM

_TASKS: Final = {
    "clauses": "token-classification",
    "names": "token-classification",
    "nda": "text-classification",
    "types": "text-classification",
}


_HEAD: Final = """\
# Model card

Made from models.toml and the weights themselves by `docreview governance build`; a test compares it.

Two kinds of models: small ones that ship with docreview, made and measured here; and language models that a user may
add, of which we know what their vendor reports. **No figure of a language model below was measured by us.**"""
_MEASURED: Final = "The data are not in the repository; each figure has its command."
_USE: Final = """\
Meant for: proposing places in contracts and transcripts to people who decide. Every quote is proven against the
document before anyone sees it.

Not meant for: deciding without a person; documents in other languages than English (they are named, and not judged);
scans without OCR; legal advice. "Not found" means that all of the document was read and nothing was proposed, not that
there is nothing.

People in the training data: names in public filings and meetings. The weights hold hashes of words and numbers, no
text."""
_REASONING: Final = {"inline": "writes its thoughts itself", "open": "always thinks first", "none": "none"}


def weights_of(model: Model) -> tuple[str, dict[str, Any]]:
    """SHA-256 of a shipped model, and what it says of itself, if anything.

    Of a folder: SHA-256 of the lines "HASH  NAME" of its files, by name, as sha256sum writes them.
    """
    place = MINILM.parent / model.file
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.is_file())
        lines = (f"{_sha256(file)}  {file.relative_to(place).as_posix()}\n" for file in files)
        return hashlib.sha256("".join(lines).encode()).hexdigest(), {}
    if place.suffix == ".onnx":
        return _sha256(place), dict(TokenModel.load(place.read_bytes(), place.name).meta)
    with zipfile.ZipFile(place) as parts:
        described = "meta.npy" in parts.namelist()
    return _sha256(place), dict(shipped(model.file).meta) if described else {}


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def model_card(models: Models, scores: Mapping[str, Any] | None = None) -> str:
    """The page, with Hugging Face's metadata block at its head.

    Args:
        scores: How far scores of clauses can be believed, from `read_scores`.
    """
    parts = [
        _metadata(models),
        _HEAD,
        f"# Shipped with docreview {__version__}\n\nMeasured {models.measured}. {_MEASURED}",
        *(_own(models, model) for model in models.model),
        section(scores),
        "## Data\n\n" + _data(models),
        "## Use\n\n" + _USE,
        "# Language models that may be added\n\nNone ships with docreview, and none is downloaded unasked.",
        *(_vendor(profile) for profile in profiles() if profile.licence),
    ]
    return "\n\n".join(parts) + "\n"


def _metadata(models: Models) -> str:
    """YAML; its values are JSON, which YAML reads."""
    fields: dict[str, Any] = {
        "license": "apache-2.0",
        "library_name": "docreview",
        "language": sorted({language for model in models.model for language in model.languages}),
        "tags": ["contracts", "legal", "transcripts", "clause-extraction", "retrieval", "on-device"],
        "pipeline_tag": "token-classification",
        "datasets": [dataset.id for dataset in models.dataset],
        "model-index": list(_index(models)),
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---"])


def _index(models: Models) -> Iterator[dict[str, Any]]:
    names = {dataset.id: dataset.name for dataset in models.dataset}
    for model in filter(models.figures_of, models.model):
        results = [
            {
                "task": {"type": _TASKS.get(model.id, "text-retrieval"), "name": model.task},
                "dataset": {"type": figure.dataset, "name": names[figure.dataset]},
                "metrics": [{"type": figure.measure, "value": float(figure.value), "verified": False}],
                "source": {"name": figure.command, "url": figure.document},
            }
            for figure in models.figures_of(model)
        ]
        yield {"name": model.name, "results": results}


def _own(models: Models, model: Model) -> str:
    sha256, meta = weights_of(model)
    rows = [(f.measure, f.value, f"{f.dataset}: {f.how}", f"`{f.command}`") for f in models.figures_of(model)]
    facts = [
        ("task", model.task),
        ("kind", model.architecture),
        ("languages", ", ".join(model.languages)),
        ("made from", ", ".join(model.datasets) + (f"; {model.base}" if model.base else "")),
        ("file", f"`docreview/assets/{model.file}`"),
        ("licence of the weights", model.licence),
        ("SHA-256", f"`{sha256}`"),
        ("SHA-256 of its data", f"`{meta.get('data', 'not recorded')}`"),
        ("seed", str(meta.get("seed", "not recorded"))),
        ("limits", model.limits),
    ]
    measured = table(("measured", "", "on", "command"), rows) if rows else "No figure of it is recorded here."
    return f"## {model.name}\n\n{table(('', ''), facts)}\n\n{measured}"


def _data(models: Models) -> str:
    rows = [(d.id, d.name, f"{d.holder}, {d.licence}", d.personal, d.url) for d in models.dataset]
    return table(("", "", "holder, licence", "personal data", "where"), rows)


def _vendor(profile: Profile) -> str:
    facts = [
        ("window", f"{profile.window:,} tokens"),
        ("licence", f"{profile.licence}. {profile.licence_note} {profile.licence_url}"),
        (
            "reasoning",
            {"inline": "writes its thoughts itself", "open": "always thinks first"}.get(profile.reasoning, "none"),
        ),
        ("to be had as", ", ".join(f"{each.format}:{each.repo}" for each in profile.downloads)),
        *(("note", note) for note in profile.notes),
    ]
    text = f"## {profile.name}\n\n{table(('', ''), facts)}"
    if not profile.published:
        return text
    rows = [(_named(each), f"{each.value:g}{each.unit}", _before(each)) for each in profile.published]
    return (
        f"{text}\n\n**Reported by the vendor, not measured here** ({profile.published_source}):\n\n"
        f"{table(('measure', 'value', 'model before'), rows)}"
    )


def _named(each: Published) -> str:
    return f"{each.measure}, {each.language}" if each.language else each.measure


def _before(each: Published) -> str:
    return "" if each.before is None else f"{each.before:g}{each.unit}"
