"""`governance/mlbom.cdx.json`: every component, the models with their data and figures, as CycloneDX 1.7.

https://cyclonedx.org/docs/1.7/json/. No time and no random number is in it, so that equal sources give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from docreview._json import digest
from docreview.evaluate.papers.card import weights_of
from docreview.evaluate.papers.sources import Dataset, Model, Models
from docreview.models.profiles import Profile, profiles
from docreview.tokens import MINILM

_REQUIREMENT: Final = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?\s*((?:>=|==)\s*[\d.]+)?")
_NAMESPACE: Final = uuid.UUID("5f2a4b0e-6d0c-5c1e-9f57-0c2d6f0a7f10")
_Component = dict[str, Any]


def bill_of_materials(models: Models, pyproject: Path) -> str:
    """The file: packages by the versions that are allowed, models and data by hash or by name."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    application = {
        "type": "application",
        "bom-ref": "docreview",
        "name": "docreview",
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": f"pkg:pypi/docreview@{project['version']}",
    }
    own = [_own(models, model) for model in models.model]
    packages = list(_packages(project))
    components = [
        *own,
        _tokenizer(),
        *(_vendor(profile) for profile in profiles() if profile.licence),
        *map(_dataset, models.dataset),
        *packages,
    ]
    needed = [part["bom-ref"] for part in [*own, *packages] if part.get("scope") != "optional"] + ["tokenizer-minilm"]
    depends = [{"ref": "docreview", "dependsOn": sorted(needed)}]
    depends += [
        {"ref": f"model-{m.id}", "dependsOn": sorted(f"data-{name}" for name in m.datasets)} for m in models.model
    ]
    body = {
        "metadata": {"component": application},
        "components": components,
        "dependencies": depends,
    }
    whole = {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest(body))}",
        "version": 1,
        **body,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _own(models: Models, model: Model) -> _Component:
    sha256, _ = weights_of(model)
    metrics = [
        {"type": f.measure, "value": f.value, "slice": f"{f.dataset}: {f.how}"} for f in models.figures_of(model)
    ]
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model-{model.id}",
        "name": model.name,
        "version": sha256[:12],
        "description": f"{model.task}; docreview/assets/{model.file}",
        "hashes": [{"alg": "SHA-256", "content": sha256}],
        "licenses": [{"license": {"id": model.licence}}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": model.task,
                "modelArchitecture": model.architecture,
                "datasets": [{"ref": f"data-{name}"} for name in model.datasets],
            },
            "quantitativeAnalysis": {"performanceMetrics": metrics},
            "considerations": {
                "users": ["people who read contracts and transcripts, and decide"],
                "technicalLimitations": [model.limits],
            },
        },
        "properties": [{"name": "docreview:languages", "value": ", ".join(model.languages)}]
        + ([{"name": "docreview:base", "value": model.base}] if model.base else []),
    }


def _tokenizer() -> _Component:
    return {
        "type": "data",
        "bom-ref": "tokenizer-minilm",
        "name": "WordPiece tokenizer of all-MiniLM-L6-v2",
        "description": f"docreview/assets/{MINILM.name}",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(MINILM.read_bytes()).hexdigest()}],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }


def _vendor(profile: Profile) -> _Component:
    """A language model that a user may add. What its vendor reports is marked as that."""
    metrics = [
        {
            "type": each.measure,
            "value": f"{each.value:g}{each.unit}",
            "slice": f"{each.language} reported by the vendor".strip(),
        }
        for each in profile.published
    ]
    part: _Component = {
        "type": "machine-learning-model",
        "bom-ref": f"model-{profile.name}",
        "name": profile.name,
        "scope": "optional",
        "isExternal": True,
        "description": "added by the user; does not ship with docreview",
        "licenses": [{"license": {"name": profile.licence, "url": profile.licence_url}}],
        "properties": [{"name": "docreview:window", "value": str(profile.window)}],
    }
    if profile.downloads:
        urls = [f"https://huggingface.co/{each.repo}" for each in profile.downloads]
        part["externalReferences"] = [{"type": "distribution", "url": url} for url in dict.fromkeys(urls)]
    if metrics:
        part["modelCard"] = {"quantitativeAnalysis": {"performanceMetrics": metrics}}
    return part


def _dataset(data: Dataset) -> _Component:
    return {
        "type": "data",
        "bom-ref": f"data-{data.id}",
        "name": data.name,
        "publisher": data.holder,
        "scope": "excluded",
        "description": f"what models were made from; does not ship with docreview. Personal data: {data.personal}",
        "licenses": [{"expression": data.licence} if " " in data.licence else {"license": {"id": data.licence}}],
        "externalReferences": [{"type": "website", "url": data.url}],
    }


def _packages(project: dict[str, Any]) -> Iterator[_Component]:
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    homes: dict[str, list[str]] = {}
    ranges: dict[str, str] = {}
    for extra, lines in groups.items():
        for line in lines:
            found = _REQUIREMENT.match(line)
            if found and found.group(1) != "docreview":
                name = found.group(1).lower()
                homes.setdefault(name, []).append(extra)
                ranges.setdefault(name, (found.group(2) or "").replace(" ", ""))
    for name, extras in sorted(homes.items()):
        part: _Component = {
            "type": "library",
            "bom-ref": f"pypi-{name}",
            "name": name,
            "scope": "required" if "" in extras else "optional",
            "isExternal": True,
            "purl": f"pkg:pypi/{name}",
        }
        if ranges[name]:
            part["versionRange"] = f"vers:pypi/{ranges[name]}"
        if "" not in extras:
            part["properties"] = [{"name": "docreview:extra", "value": extra} for extra in dict.fromkeys(extras)]
        yield part
