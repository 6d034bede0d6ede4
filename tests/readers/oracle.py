"""A model that answers a question group from a table, as far as it can see the place: for tests of the model reader."""

import re

from docreview.checklist import Checklist, Question
from docreview.models import ScriptedModel
from docreview.types import Document, Section, Source, Span

START, END = "<|tool_call_start|>", "<|tool_call_end|>"
NAMES = ("Rent", "Term", "Law", "Cap", "Notice", "Audit")


def checklist(*names):
    return Checklist(
        name="planted",
        title="Planted",
        questions=tuple(
            Question(name=name, text=f"What does it say of the {name}?", kind="text") for name in names or NAMES
        ),
    )


def document(text, **more):
    return Document(
        id="d" * 16, source=Source(path="d.txt", media_type="text/plain", sha256="0" * 64), text=text, **more
    )


def sections(text):
    """A section for each line that begins with a number."""
    starts = [m.start() for m in re.finditer(r"^\d+\. ", text, re.MULTILINE)]
    ends = [*starts[1:], len(text)]
    return tuple(
        Section(
            number=text[a : text.index(".", a)],
            title=text[text.index(" ", a) + 1 : text.index("\n", a)],
            level=1,
            heading=Span(a, text.index("\n", a)),
            span=Span(a, b),
        )
        for a, b in zip(starts, ends, strict=True)
    )


def asked(prompt):
    """The names of the questions in the last turn of a user."""
    return re.findall(r"^- ([^:\n]+):", prompt.rsplit("<|im_start|>user\n", 1)[1], re.MULTILINE)


def shown(prompt):
    return prompt.split("<document>\n", 1)[1].split("\n</document>", 1)[0]


def block(*calls):
    written = ", ".join(f"{name}({', '.join(f'{k}={v!r}' for k, v in given.items())})" for name, given in calls)
    return f"<think>Let me look.</think>{START}[{written}]{END}"


def clause(name, quote, **more):
    return ("record_clause", {"name": name, "quote": quote, **more})


def absent(name):
    return ("record_absent", {"name": name})


def oracle(answers, **options):
    """A model that quotes `answers[name]` (a text, or several) where it is shown, and says absent elsewhere."""

    def reply(prompt):
        calls = []
        for name in asked(prompt):
            quotes = answers.get(name, ())
            quotes = [quotes] if isinstance(quotes, str) else quotes
            seen = [quote for quote in quotes if quote in shown(prompt)]
            calls += [clause(name, quote) for quote in seen] or [absent(name)]
        return block(*calls)

    return ScriptedModel(reply, **options)
