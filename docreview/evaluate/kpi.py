"""What a deployment achieves: from the folders that `docreview triage` wrote, people's decisions, and the audit log.

What nobody measured is None, never 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any, Final

from docreview._json import load, read_jsonl
from docreview._shown import Tabled, table
from docreview.decisions import Decisions, Entry
from docreview.errors import OutputError
from docreview.evaluate.metrics import aurc, omniscience, pass_hat_k
from docreview.evaluate.people import Decided, people
from docreview.review import question_status
from docreview.types import Clause, Coverage, Review, Value

_ENDS: Final = ("denied", "failed", "done")
_FIELDS: Final = ("clause", "verdict", "by", "at", "value", "note")
_JUDGED: Final = {"accepted": "correct", "edited": "partial", "rejected": "incorrect", "added": "incorrect"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Value):
    """A reader's answer to one question, and what a person said of it.

    `answered`: whether the reader gave one, found or not found; unsure, not read and failed are none. `outcome`:
    "correct" (accepted), "partial" (edited, or right in some places), "incorrect" (rejected, or only others added),
    "abstained" (a person has decided where the reader gave no answer), or "" when nobody has decided.
    """

    document: str
    question: str
    answered: bool
    outcome: str
    confidence: float | None


class Figures(dict[str, Any], Tabled):
    """The measures by name, in groups; as a table one a row."""


@table(Figures, "figure value")
def _table(figures: Figures) -> list[tuple[object, ...]]:
    return list(_rows(figures))


def _rows(figures: Mapping[str, Any], under: str = "") -> Iterator[tuple[object, ...]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _rows(value, f"{under}{name}.")
        else:
            yield f"{under}{name}", value


def kpi(outs: Sequence[Path] = (), log: Path | None = None, *, baseline: float | None = None, k: int = 2) -> Figures:
    """All measures; those that nothing is known of are None.

    Args:
        outs: Folders that `docreview triage` wrote. Several of the same documents are trials of the same questions.
        log: An audit log.
        baseline: Minutes that a document took before.
        k: Of pass^k.

    Raises:
        OutputError: A folder is none of triage's.
        AuditError: There is no log, or it can't be read.
    """
    folders = [_Out(folder) for folder in outs]
    events = _events(log) if log is not None else None
    answers = [answer for folder in folders for answer in folder.answers()]
    decided = [each for folder in folders for each in folder.decided]
    minutes = None if decided or events is None else events["minutes"]
    return Figures(
        documents=_documents(folders),
        coverage=_coverage(folders),
        answers=_quality(answers, k),
        people=people(decided, baseline, minutes=minutes),
        audit={key: value for key, value in events.items() if key != "minutes"} if events else None,
    )


class _Out:
    """One triage folder."""

    def __init__(self, folder: Path) -> None:
        try:
            self.rows: list[dict[str, Any]] = list(read_jsonl(folder / "documents.jsonl"))
        except (OSError, ValueError) as error:
            raise OutputError(folder, f"no folder of `docreview triage` ({type(error).__name__})") from None
        self.reviews = {row["doc"]: _review(folder / row["review"]) for row in self.done}
        self.decided = list(self._decided(folder))

    @property
    def done(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["status"] == "done"]

    def _decided(self, folder: Path) -> Iterator[Decided]:
        for doc, review in self.reviews.items():
            for each in review.decisions:
                entry = Entry(doc=doc, **{name: getattr(each, name) for name in _FIELDS})
                yield Decided(document=(str(folder), doc), entry=entry)
        for entry in Decisions(folder).entries():
            yield Decided(document=(str(folder), entry.doc), entry=entry)

    def answers(self) -> Iterator[Answer]:
        """The answers to all questions of all documents, each with the last words on it."""
        last = {each.entry.key: each.entry.verdict for each in self.decided if each.entry.verdict}
        said: dict[tuple[str, str], set[str]] = defaultdict(set)
        for (doc, question, _), verdict in last.items():
            said[doc, question] |= {verdict} - {"withdrawn"}
        for row in self.done:
            clauses: dict[str, list[Clause]] = defaultdict(list)
            for clause in self.reviews[row["doc"]].clauses:
                clauses[clause.name].append(clause)
            for name, group in clauses.items():
                scores = [clause.score for clause in group if clause.score is not None and clause.status == "found"]
                answered = question_status(group) in ("found", "not_found")
                yield Answer(
                    document=row["sha256"],
                    question=name,
                    answered=answered,
                    outcome=_outcome(answered, said[row["doc"], name]),
                    confidence=max(scores, default=None),
                )


def _review(file: Path) -> Review:
    return load(Review, file.read_bytes())


def _outcome(answered: bool, verdicts: set[str]) -> str:
    """What the last verdicts on a question's places say of the answer: all right, all wrong, or partly right."""
    if not answered:
        return "abstained" if verdicts else ""
    judged = {_JUDGED[verdict] for verdict in verdicts & _JUDGED.keys()}
    return judged.pop() if len(judged) == 1 else "partial" if judged else ""


def _documents(folders: Sequence[_Out]) -> dict[str, Any]:
    rows = [row for folder in folders for row in folder.rows]
    done = [row["seconds"] for folder in folders for row in folder.done if row["seconds"] is not None]
    used = [review.usage for folder in folders for review in folder.reviews.values()]
    return {
        "all": len(rows),
        "done": sum(len(folder.done) for folder in folders),
        "seconds": _spread(done),
        "tokens": {
            "input": sum(usage.prompt_tokens for usage in used),
            "output": sum(usage.completion_tokens for usage in used),
            "cached": sum(usage.cached_tokens for usage in used),
        },
    }


def _coverage(folders: Sequence[_Out]) -> dict[str, Any]:
    """How much of the text a reader saw, of documents that were read; and how many of all documents were read whole."""
    seen = chars = whole = documents = 0
    for folder in folders:
        documents += len(folder.rows)
        for row in folder.done:
            coverage: Coverage = folder.reviews[row["doc"]].coverage
            seen, chars = seen + len(coverage), chars + row["chars"]
            whole += len(coverage) >= row["chars"] and not coverage.unread_pages and not row["unread_pages"]
    return {"characters": _share(seen, chars), "documents_whole": _share(whole, documents)}


def _quality(answers: Sequence[Answer], k: int) -> dict[str, Any]:
    judged = [answer for answer in answers if answer.outcome]
    found = Counter(answer.outcome for answer in judged)
    sure = [each for each in judged if each.confidence is not None and each.outcome != "abstained"]
    counts = (found["correct"], found["incorrect"], found["partial"], found["abstained"])
    trials: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for answer in judged:
        trials[answer.document, answer.question].append(answer.outcome == "correct")
    chances = [pass_hat_k(len(each), sum(each), k) for each in trials.values()]
    known = [chance for chance in chances if chance is not None]
    return {
        "all": len(answers),
        "answered": _share(sum(answer.answered for answer in answers), len(answers)),
        "judged": len(judged),
        **{word: found[word] for word in ("correct", "incorrect", "partial", "abstained")},
        **omniscience(*counts),
        "aurc": aurc([each.confidence or 0.0 for each in sure], [each.outcome == "correct" for each in sure]),
        "pass_hat_k": {"k": k, "value": fmean(known) if known else None, "tasks": len(known)},
    }


def _events(log: Path) -> dict[str, Any]:
    """What the audit log says. A tool call is one proposal with its outcome; one without outcome was interrupted."""
    from docreview.governance.audit import show

    kinds: Counter[str] = Counter()
    seconds: dict[str, list[float]] = defaultdict(list)
    tokens: Counter[str] = Counter()
    stages: dict[str, set[str]] = defaultdict(set)
    spent: Counter[str] = Counter()
    for event in show(log):
        data, stage = event.data, event.data.get("stage")
        if stage in (None, "proposed") or "action" not in data:
            kinds[event.kind] += 1
        if "seconds" in data:
            seconds[event.kind].append(data["seconds"])
        for name in ("input", "output", "cache_read.input"):
            tokens[name] += data.get(f"gen_ai.usage.{name}_tokens", 0)
        if event.kind == "tool_call":
            key = data.get("action") or f"#{event.seq}"
            stages[key].add("failed" if data.get("ok") is False else stage or "done")
        if event.kind == "decision" and "seconds" in data and "document_sha256" in data:
            spent[data["document_sha256"]] += data["seconds"]
    return {
        "events": dict(kinds),
        "model_call_seconds": _spread(seconds["model_call"]),
        "tool_call_seconds": _spread(seconds["tool_call"]),
        "run_seconds": _spread(seconds["run_ended"]),
        "tool_calls": _calls(stages.values()),
        "abstentions": kinds["abstention"],
        "loops": kinds["loop"],
        "quotes_refused": kinds["quote_refused"],
        "tokens": {"input": tokens["input"], "output": tokens["output"], "cached": tokens["cache_read.input"]},
        "minutes": [value / 60 for value in spent.values()],
    }


def _calls(stages: Iterable[set[str]]) -> dict[str, Any]:
    """Calls by how they ended; success is the share of those that ended well among all that ended."""
    found = Counter(map(_end, stages))
    counts = {name: found[name] for name in (*_ENDS, "interrupted")}
    return {**counts, "success": _share(found["done"], sum(found[name] for name in _ENDS))}


def _end(stages: set[str]) -> str:
    return next((stage for stage in _ENDS if stage in stages), "interrupted")


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {
        "count": len(values),
        "mean": fmean(values) if values else None,
        "median": median(values) if values else None,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def report(figures: Mapping[str, Any]) -> str:
    """The figures one a line; what nobody measured reads "not known"."""
    lines = []
    for name, value in _rows(figures):
        shown = "not known" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
        lines.append(f"{name:42} {shown}")
    return "\n".join(lines)
