"""The six gates at which personal data could leave a run, and which of them take it out: `[redaction]` of the policy.

    prompt   what a language model is shown            audit    payloads of the audit log
    log      what Python's logging writes              index    what a library folder keeps
    error    what an error message says                export   tables and reports

A gate that is not named lets everything through.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, get_args

from docreview.errors import ConfigError, PolicyError
from docreview.governance.pii.find import DEFAULT_KINDS, find_pii
from docreview.governance.pii.redact import Redacted, Surrogates, redact
from docreview.governance.pii.span import LABELS
from docreview.governance.policy import NO_POLICY, PolicyFile
from docreview.types import Document, OutlineEntry, ReadWarning, Source, Span

Gate = Literal["prompt", "log", "audit", "index", "export", "error"]
GATES: Final[tuple[Gate, ...]] = get_args(Gate)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionPolicy:
    """The table `[redaction]`. Where there is no policy, logs and errors are redacted."""

    gates: tuple[Gate, ...] = ("log", "error")
    kinds: frozenset[str] = DEFAULT_KINDS
    all_dates: bool = False
    policy_sha256: str = NO_POLICY

    @classmethod
    def load(cls, path: Path | None = None) -> RedactionPolicy:
        """From a policy file, see `PolicyFile.load`.

        Raises:
            ConfigError: The file can't be read, or a rule has an impossible value.
        """
        file = PolicyFile.load(path)
        table = dict(file.table("redaction", ("gates", "kinds", "all_dates")))
        for key, known in (("gates", GATES), ("kinds", LABELS)):
            value = table.get(key, [])
            if not isinstance(value, list) or not set(value) <= set(known):
                raise ConfigError(file.source, f"redaction.{key}", f"must be a list of {', '.join(known)}")
        if not isinstance(table.get("all_dates", False), bool):
            raise ConfigError(file.source, "redaction.all_dates", "must be true or false")
        made: dict[str, Any] = {**table, "policy_sha256": file.sha256}
        if "gates" in table:
            made["gates"] = tuple(gate for gate in GATES if gate in table["gates"])
        if "kinds" in table:
            made["kinds"] = frozenset(table["kinds"])
        return cls(**made)

    def tightened(self, *, gates: Iterable[Gate] = (), kinds: Iterable[str] | None = None) -> RedactionPolicy:
        """The same policy with more gates or more kinds.

        Raises:
            PolicyError: Kinds were left out that the policy names.
        """
        wanted = self.kinds if kinds is None else frozenset(kinds)
        if missing := sorted(self.kinds - wanted):
            raise PolicyError("redaction.kinds", f"the policy takes out {', '.join(missing)}")
        more = set(self.gates) | set(gates)
        return dataclasses.replace(self, gates=tuple(g for g in GATES if g in more), kinds=wanted)


class Gates:
    """Takes personal data out of what passes a gate that the policy names; the same surrogates at all of them.

    Args:
        surrogates: A matter's vault; by default surrogates are those of each text alone.
    """

    def __init__(self, policy: RedactionPolicy | None = None, *, surrogates: Surrogates | None = None) -> None:
        self.policy, self._surrogates = policy or RedactionPolicy(), surrogates
        self._find = partial(find_pii, kinds=self.policy.kinds, all_dates=self.policy.all_dates)

    def closed(self, gate: Gate) -> bool:
        """Whether this gate takes personal data out."""
        return gate in self.policy.gates

    def redact(self, text: str) -> Redacted:
        """The text without personal data, whatever the gate."""
        return redact(text, find=self._find, surrogates=self._surrogates)

    def text(self, gate: Gate, text: str) -> str:
        """What may pass of a text."""
        return self.redact(text).text if self.closed(gate) else text

    def value(self, gate: Gate, value: Any) -> Any:
        """What may pass of plain data: every string in it, keys too."""
        if not self.closed(gate):
            return value
        if isinstance(value, str):
            return self.redact(value).text
        if isinstance(value, Mapping):
            return {self.value(gate, key): self.value(gate, item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(gate, item) for item in value]
        return value

    def document(self, gate: Gate, document: Document) -> tuple[Document, Redacted | None]:
        """What may pass of a document, and how its places map to the original's; itself at an open gate."""
        if not self.closed(gate):
            return document, None
        done = self.redact(document.text)
        return redacted_document(document, done, self), done

    def log_filter(self) -> logging.Filter:
        """For a logging handler: records are formatted and redacted before anything writes them."""
        return _LogFilter(self)


def audit_gate(policy: RedactionPolicy | None = None) -> Callable[[Any], Any] | None:
    """What an `AuditLog` does to payloads before it seals them; None where the policy leaves that gate open."""
    gates = Gates(policy or RedactionPolicy.load())
    return partial(gates.value, "audit") if gates.closed("audit") else None


def redacted_document(document: Document, done: Redacted, gates: Gates) -> Document:
    """The redacted text with the document's pages, turns, sections and terms at their new places.

    Its id is new; the source keeps the hash and the kind of file, not the path; the file's metadata are left out.
    """

    def moved(item: Any, *names: str) -> Any:
        places = {n: done.to_redacted(s) for n in names if isinstance(s := getattr(item, n), Span)}
        return dataclasses.replace(item, **places)

    def clean(text: str) -> str:
        return gates.redact(text).text

    turns = (
        dataclasses.replace(
            moved(t, "span"),
            speaker=clean(f"{t.speaker}: x").removesuffix(": x"),
            marks=tuple((done.to_redacted(Span(at, at + 1)).start, s) for at, s in t.marks if at < len(document.text)),
        )
        for t in document.turns
    )
    return Document(
        id=f"{document.id}r",
        source=Source(path="redacted", media_type=document.source.media_type, sha256=document.source.sha256),
        text=done.text,
        pages=tuple(moved(page, "span") for page in document.pages),
        turns=tuple(turns),
        sections=tuple(
            dataclasses.replace(moved(s, "heading", "span"), title=clean(s.title)) for s in document.sections
        ),
        terms=tuple(dataclasses.replace(moved(t, "span", "definition"), term=clean(t.term)) for t in document.terms),
        outline=tuple(OutlineEntry(title=clean(o.title), level=o.level, page=o.page) for o in document.outline),
        warnings=tuple(ReadWarning(code=w.code, message=clean(w.message), page=w.page) for w in document.warnings),
    )


class _LogFilter(logging.Filter):
    def __init__(self, gates: Gates) -> None:
        super().__init__()
        self._gates = gates

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes, redacted."""
        if self._gates.closed("log"):
            record.msg, record.args = self._gates.text("log", record.getMessage()), None
            if record.exc_info:
                record.exc_text = self._gates.text("log", logging.Formatter().formatException(record.exc_info))
                record.exc_info = None
        return True
