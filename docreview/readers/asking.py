"""Questions put to a language model behind one computed prefix, and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from docreview.checklist import Question
from docreview.context import View
from docreview.dialogue import Budget, Outcome, add, converse
from docreview.errors import ContextOverflow, ModelError
from docreview.models import ChatModel, Prefix, Reply, Sampling
from docreview.readers.certainty import certainty
from docreview.readers.wording import group_text
from docreview.tools import Recorded, Toolbox
from docreview.types import Finding, Span, Usage

FIRST_TRY: Final = 1.0
REPAIRED: Final = 0.7
"""Scores of proven quotes where the backend gives no log-probabilities: right at once, or after a correction."""
SURE: Final = 0.5
"""A place with a lower score is for a person to decide."""
MOST_PLACES: Final = 3
"""Of a quote that stands in more places than this, the first ones count."""
_UNSEEN: Final = "the quote stands in a part of the document that the model was not shown"
STOPPED: Final = {
    "loop": "the model repeated itself, twice",
    "rounds": "the model did not finish within its rounds",
    "tokens": "the model did not finish within its tokens",
    "time": "the model did not finish in time",
    "unparsable": "the model's reply could not be read, twice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that the model quoted, or, with a note, one that is like what it quoted."""

    span: Span
    score: float
    value: str | None = None
    note: str = ""


@dataclass(slots=True)
class Answer:
    """What the model said to one question. All parts may be empty: it gave no answer."""

    places: list[Place] = field(default_factory=list)
    absent: bool = False
    unsure: list[str] = field(default_factory=list)
    failed: str = ""

    @property
    def given(self) -> bool:
        """Whether there is an answer of any kind."""
        return bool(self.places or self.absent or self.unsure or self.failed)


@dataclass
class Asker:
    """Asks about one document; `usage` and `findings` grow with every question group.

    Args:
        model: Which the prefixes belong to.
        toolbox: Makes a fresh one for each conversation.
        size: Questions in a group.
        last_error: Why the last conversation failed, if it did.
        succeeded: Whether any did not.
    """

    model: ChatModel
    toolbox: Callable[[], Toolbox]
    size: int
    budget: Budget
    sampling: Sampling | None = None
    cancel: Event | None = None
    anywhere: bool = False
    """Whether a quote counts wherever it stands: the model has tools to read what its prompt does not show."""
    asked: Callable[[int], None] = lambda _: None
    """Called with the number of questions done, after each group."""
    usage: Usage = field(default_factory=Usage)
    findings: list[Finding] = field(default_factory=list)
    last_error: ModelError | ContextOverflow | None = None
    succeeded: bool = False

    def ask(self, prefix: Prefix, view: View, questions: Sequence[Question]) -> dict[str, Answer]:
        """An answer for every question, by name. A model call that fails costs its group alone.

        Raises:
            ModelError: It was cancelled.
            AuditError: The log can't be written.
        """
        answers = {question.name: Answer() for question in questions}
        for group in groups(questions, self.size):
            self._group(prefix, view, group, answers)
            self.asked(len(group))
        return answers

    def _group(self, prefix: Prefix, view: View, group: Sequence[Question], answers: dict[str, Answer]) -> None:
        """Ask once, then once more what was left out."""
        for _ in range(2):
            group = [question for question in group if not answers[question.name].given]
            if not group:
                return
            why = self._converse(prefix, view, group_text(group), answers)
            if why:
                for question in group:
                    answer = answers[question.name]
                    if not answer.given:
                        answer.unsure.append(why)
                return
            if self.last_error is not None:
                for question in group:
                    answers[question.name].failed = f"the model failed: {self.last_error}"
                return

    def _converse(self, prefix: Prefix, view: View, text: str, answers: dict[str, Answer]) -> str:
        """One conversation; why it stopped before its end, or nothing."""
        self.last_error = None
        toolbox, heard = self.toolbox(), Heard(prefix)
        try:
            outcome = converse(
                self.model, heard, text, toolbox, budget=self.budget, sampling=self.sampling, cancel=self.cancel
            )
        except (ModelError, ContextOverflow) as error:
            if self.cancel is not None and self.cancel.is_set():
                raise
            self.last_error = error
            return ""
        finally:
            self.usage = add(self.usage, *(reply.usage for reply in heard.ended()))
        if outcome.finish == "cancelled":
            raise ModelError(self.model.name, "cancelled", "the review was cancelled")
        self.succeeded = True
        for recorded in toolbox.records:
            self._take(recorded, outcome, heard, view, answers)
        return STOPPED.get(outcome.finish, "")

    def _take(self, recorded: Recorded, outcome: Outcome, heard: Heard, view: View, answers: dict[str, Answer]) -> None:
        if recorded.kind == "flag":
            message = f"the model flags a place: {recorded.reason}"
            self.findings.append(
                Finding(rule="model-flag", severity="info", message=message, citations=recorded.citations)
            )
            return
        named = [answers[recorded.name]] if recorded.name in answers else []
        if recorded.kind == "abstention" and not recorded.name:
            named = [answer for answer in answers.values() if not answer.given]
        for answer in named:
            if recorded.kind == "absent":
                answer.absent = True
            elif recorded.kind == "abstention":
                answer.unsure.append(f"the model abstained: {recorded.reason}")
            else:
                self._place(answer, recorded, outcome, heard, view)

    def _place(self, answer: Answer, recorded: Recorded, outcome: Outcome, heard: Heard, view: View) -> None:
        if not recorded.citations:
            self._unproven(answer, recorded, view)
            return
        seen = [citation for citation in recorded.citations if self.anywhere or citation.span in view]
        if not seen:
            answer.unsure.append(_UNSEEN)
        score = self._score(recorded, outcome, heard)
        answer.places += [Place(span=each.span, score=score, value=recorded.value) for each in seen[:MOST_PLACES]]

    def _unproven(self, answer: Answer, recorded: Recorded, view: View) -> None:
        """A quote that stayed wrong: the place that is most like it, for a person to look at."""
        note = f"the model's quote could not be proven. {recorded.problem}"
        if recorded.closest is not None and recorded.closest in view:
            answer.places.append(Place(span=recorded.closest, score=0.0, value=recorded.value, note=note))
        else:
            answer.unsure.append(note)

    def _score(self, recorded: Recorded, outcome: Outcome, heard: Heard) -> float:
        calls = {call.id: call for call, _ in outcome.results}
        call = calls.get(recorded.call_id)
        found = certainty(self.model, heard.ended(), call.raw) if call else None
        if found is not None:
            return found
        wrong = any(not result.ok and c.arguments.get("name") == recorded.name for c, result in outcome.results)
        return REPAIRED if wrong else FIRST_TRY


class Heard:
    """A prefix that keeps the replies made from it; a `Prefix` itself."""

    def __init__(self, prefix: Prefix) -> None:
        self._prefix = prefix
        self.tokens, self.cached, self.lost = prefix.tokens, prefix.cached, prefix.lost
        self.replies: list[Reply] = []

    def complete(self, suffix: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply, kept."""
        reply = self._prefix.complete(suffix, sampling=sampling, cancel=cancel)
        self.replies.append(reply)
        self.lost = self._prefix.lost
        return reply

    def ended(self) -> list[Reply]:
        """The replies that came to their end."""
        return [reply for reply in self.replies if reply.ended]

    def close(self) -> None:
        """The prefix stays for others."""

    def __enter__(self) -> Prefix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def groups(questions: Sequence[Question], size: int) -> Iterator[Sequence[Question]]:
    """The questions in order, so many at a time."""
    return (questions[at : at + size] for at in range(0, len(questions), size))
