"""A triage folder of one contract, written by hand, with known places."""

import json
from pathlib import Path

from docreview._json import dumps
from docreview.types import Citation, Clause, Coverage, Document, Review, Source, Span

TEXT = (
    "SUPPLY AGREEMENT\n\nThe rent is 400 EUR. This Agreement is governed by the laws of Ireland.\n"
    "Either party may end it on thirty (30) days' notice. Liability is not limited. 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ends it.\n"
)
SHA = "ab" * 32


def at(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


def citation(words: str) -> Citation:
    return Citation(doc_id="d1", span=at(words), quote=words, verdict="verbatim")


def proposal(name: str, words: str, *, status="found", value=None, score=0.8, note="") -> Clause:
    return Clause(name=name, status=status, citations=(citation(words),), value=value, score=score, note=note)


CLAUSES = (
    proposal("Governing Law", "the laws of Ireland", value="Ireland"),
    proposal("Rent", "The rent is 400 EUR", value="400 EUR"),
    proposal("Rent", "Liability is not limited", status="unsure", score=0.3, note="below the line"),
    Clause(name="Insurance", status="not_found"),
    Clause(name="Notice", status="not_read", note="page 2 not read"),
)


def document() -> Document:
    return Document(id="d1", source=Source(path="a.txt", media_type="text/plain", sha256=SHA), text=TEXT)


def review(clauses=CLAUSES, *, whole=True) -> Review:
    seen = Coverage.of([Span(0, len(TEXT) if whole else 10)])
    return Review(doc_id="d1", checklist="contract", clauses=tuple(clauses), coverage=seen, reader="r", run_id="ab" * 8)


def row(doc: str, name: str, *, risk: float = 1.0, **more) -> dict:
    return {
        "doc": doc, "source": doc, "sha256": SHA, "status": "done", "error": None, "message": None, "type": "supply",
        "type_score": 0.9, "pages": 0, "unread_pages": [], "chars": len(TEXT), "language": "en", "seconds": 1.0,
        "checklist": "contract", "reader": "r", "run_id": "ab" * 8, "risk": risk, "why": ["no Insurance found"],
        "questions": {"found": 2, "not_found": 1, "not_read": 1, "unsure": 0, "failed": 0}, "warnings": [],
        "text": f"text/{name}.txt", "review": f"reviews/{name}.json", "report": f"report/{name}.html",
    } | more  # fmt: skip


def write(out: Path, docs=("a.txt",), rows=(), *, told: Review | None = None) -> Path:
    for folder in ("text", "reviews", ".docreview"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    done = []
    for number, doc in enumerate(docs):
        (out / "text" / f"{doc}.txt").write_bytes(TEXT.encode())
        (out / "reviews" / f"{doc}.json").write_text(dumps(told or review()), encoding="utf-8")
        done.append(row(doc, doc, risk=float(number)))
    (out / "documents.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (*done, *rows)))
    return out
