"""Scores for sentences of talk: the cues of a question, what others answer, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from docreview.readers.transcript_rules import Sentence, load

QUESTIONS: Final = ("Decision", "Action Item", "Open Question", "Commitment", "Deadline", "Number Agreed")
_MIN_WORDS: Final = 3
_MAX_WORDS: Final = 90
_NEAR: Final = 12


class Scorer:
    """Judges the sentences of one conversation. A score orders candidates; it is no probability."""

    def __init__(self, talk: Sequence[Sentence]) -> None:
        self.talk, self.rules = talk, load()
        judges = (self._decision, self._action, self._question, self._commitment, self._deadline, self._number)
        self._judges = dict(zip(QUESTIONS, judges, strict=True))

    def score(self, question: str, at: int) -> float:
        """How well a sentence answers a question, 0..0.99."""
        sentence = self.talk[at]
        if not _MIN_WORDS <= sentence.words <= _MAX_WORDS:
            return 0.0
        score = self._judges[question](at, sentence)
        return round(min(score * (0.7 if sentence.broken else 1.0), 0.99), 4)

    def _decision(self, at: int, sentence: Sentence) -> float:
        score = self.rules.shown("Decision", sentence.said)
        proposal = self.rules.sign("proposes", sentence.said) or self.rules.sign("closes", sentence.said)
        if score == 0 and not proposal:
            return 0.0
        agreed = self._agreement(at)
        if proposal:
            score = _both(score, 0.45 * agreed)
        if score > 0 and (self.rules.sign("when", sentence.said) or self.rules.sign("amount", sentence.said)):
            score = _both(score, 0.15)
        if score > 0:
            score = _both(score, 0.2 * agreed)
        if _asks(sentence):
            score *= 0.6 if agreed else 0.4
        score *= (0.6 if sentence.words < 4 else 1.0) * (0.8 if sentence.words > 45 else 1.0)
        return self._damped(score, sentence, hedge=0.65, recalls=0.6, meeting=0.5)

    def _action(self, at: int, sentence: Sentence) -> float:
        score = self.rules.shown("Action Item", sentence.said)
        if score == 0:
            return 0.0
        if self.rules.sign("when", sentence.said):
            score = _both(score, 0.35)
        elif self.rules.sign("soon", sentence.said):
            score = _both(score, 0.25)
        request = self.rules.sign("request", sentence.said)
        if request and self._accepted(at):
            score = _both(score, 0.35)
        score *= 0.6 if _asks(sentence) and not request else 1.0
        score = _both(score, 0.2 * self._agreement(at)) * (0.7 if sentence.words < 5 else 1.0)
        return self._damped(score, sentence, hedge=0.7, at_once=0.65, meeting=0.5, wonders=0.5)

    def _question(self, at: int, sentence: Sentence) -> float:
        score = self.rules.shown("Open Question", sentence.said)
        if _asks(sentence) and sentence.words >= 4 and not self.rules.sign("request", sentence.said):
            replies = self._answers(at)
            unknown = [reply for reply in [*replies, sentence] if self.rules.sign("unknown", reply.said)]
            if unknown:
                weighty = sentence.words >= 6 or self.rules.sign("ahead", sentence.said)
                firm = weighty and self.rules.sign("asks", sentence.said) and any(r.words <= 12 for r in unknown)
                plainly = any(reply.words <= 4 for reply in unknown)
                score = _both(score, (0.66 if plainly else 0.62) if firm else 0.3)
            elif self._ends_turn(at) and all(map(_asks, replies)):
                score = _both(score, 0.25)
        score *= 0.75 if sentence.words < 5 else 1.0
        return self._damped(score, sentence, meeting=0.6, clarifies=0.3)

    def _commitment(self, _: int, sentence: Sentence) -> float:
        score = self.rules.shown("Commitment", sentence.said)
        if score > 0 and (self.rules.sign("when", sentence.said) or self.rules.sign("soon", sentence.said)):
            score = _both(score, 0.25)
        score *= (0.3 if _asks(sentence) else 1.0) * (0.6 if sentence.words < 4 else 1.0)
        return self._damped(score, sentence, conditional=0.8, meeting=0.75)

    def _deadline(self, at: int, sentence: Sentence) -> float:
        if not self.rules.sign("when", sentence.said) and not self.rules.sign("due", sentence.said):
            return 0.0
        asks = _asks(sentence) and not self.rules.sign("request", sentence.said)
        score = self.rules.shown("Deadline", sentence.said) * (0.6 if asks else 1.0)
        if at and _asks(self.talk[at - 1]) and self.rules.sign("asks_when", self.talk[at - 1].said):
            score = _both(score, 0.35)
        return self._damped(score, sentence, past=0.55, hedge=0.85, meeting=0.6, conditional=0.85)

    def _number(self, at: int, sentence: Sentence) -> float:
        if not self.rules.sign("amount", sentence.said):
            return 0.0
        score = self.rules.shown("Number Agreed", sentence.said)
        agreed = self._agreement(at)
        if score > 0:
            score = _both(score, 0.3 * agreed)
        score *= ((0.8 if agreed == 1 else 0.55) if _asks(sentence) else 1.0) * (0.75 if sentence.words > 40 else 1.0)
        return self._damped(score, sentence, hedge=0.75, past=0.7, meeting=0.6)

    def _damped(self, score: float, sentence: Sentence, **factors: float) -> float:
        """The score times the factor of every sign that the sentence shows."""
        if score == 0:
            return 0.0
        for sign, factor in factors.items():
            score *= factor if self.rules.sign(sign, sentence.said) else 1.0
        return score

    def _replies(self, at: int, count: int) -> list[Sentence]:
        """The first sentences of the next turns by others, up to `count`, among the next few sentences."""
        found: list[Sentence] = []
        for after in self.talk[at + 1 : at + _NEAR]:
            other = after.turn != self.talk[at].turn and after.speaker != self.talk[at].speaker
            if other and (not found or found[-1].turn != after.turn):
                found.append(after)
            if len(found) == count:
                break
        return found

    def _answers(self, at: int) -> list[Sentence]:
        """The next sentence of the turn, and the first two sentences of the next turn by somebody else."""
        own = [] if self._ends_turn(at) else [self.talk[at + 1]]
        turns = [reply.turn for reply in self._replies(at, 1)]
        return own + [after for after in self.talk[at + 1 : at + _NEAR] if after.turn in turns][:2]

    def _accepted(self, at: int) -> bool:
        """Whether the next one to speak takes on what is asked for."""
        return any(self.rules.sign("accepts", reply.said) for reply in self._replies(at, 1))

    def _ends_turn(self, at: int) -> bool:
        return at + 1 >= len(self.talk) or self.talk[at + 1].turn != self.talk[at].turn

    def _agreement(self, at: int) -> float:
        """How firmly somebody else agrees right after the turn, if it ends here or one sentence on: 0, ½ or 1."""
        if not self._ends_turn(at) and not self._ends_turn(at + 1):
            return 0.0
        for reply in self._replies(at, 1):
            if self.rules.sign("firm_agrees", reply.said):
                return 1.0
            return 0.5 if self.rules.sign("agrees", reply.said) else 0.0
        return 0.0


def _both(one: float, other: float) -> float:
    return 1 - (1 - one) * (1 - other)


def _asks(sentence: Sentence) -> bool:
    return sentence.said.endswith("?")
