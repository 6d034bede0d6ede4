"""A run with one doubtful clause whose surroundings hold names and numbers, and a stand-in service to ask."""

import pytest
from doubtful import CHECKLIST, QUOTE, TEXT, clause
from service import Service

from docreview._json import dumps
from docreview.escalation import Escalation, Queue, collect
from docreview.governance import redact
from docreview.governance.audit import AuditLog
from docreview.readers.scripted import ScriptedReader
from docreview.review import review
from docreview.types import Document, Source


@pytest.fixture
def document():
    return Document(id="d1", source=Source(path="notice.txt", media_type="text/plain", sha256=""), text=TEXT)


@pytest.fixture
def reviewed(document):
    calls = [
        clause("Notices", QUOTE, 0.3, False),
        clause("Term", "The parties agree on the terms below.", 0.6, True),
        ("record_absent", {"name": "Governing Law"}),
    ]
    return review(document, CHECKLIST, reader=ScriptedReader(calls))


@pytest.fixture
def service():
    server = Service()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def policy(service):
    return Escalation(endpoint=service.url, model="big", below_score=0.2)


@pytest.fixture
def out(tmp_path, document, reviewed):
    """A folder as `docreview triage` writes it."""
    (tmp_path / "text").mkdir()
    (tmp_path / "reviews").mkdir()
    (tmp_path / "text" / "notice.txt").write_bytes(document.text.encode())
    (tmp_path / "reviews" / "notice.json").write_text(dumps(reviewed))
    row = {"doc": "notice.txt", "status": "done", "text": "text/notice.txt", "review": "reviews/notice.json"}
    (tmp_path / "documents.jsonl").write_text(dumps(row) + "\n" + dumps({"doc": "x", "status": "quarantined"}) + "\n")
    (tmp_path / "mini.toml").write_text(
        'name = "mini"\ntitle = "Mini"\n'
        + "".join(
            f'[[question]]\nname = "{q.name}"\ntext = "{q.text}"\nkind = "{q.kind}"\n' for q in CHECKLIST.questions
        )
    )
    return tmp_path


@pytest.fixture
def queue(out, document, reviewed, policy):
    made = Queue(out)
    files = ("notice.txt", "text/notice.txt")
    made.add(collect(document, reviewed, CHECKLIST, policy, redact, files=files))
    return made


@pytest.fixture
def item(queue):
    (found,) = queue.items()
    return found


@pytest.fixture
def log(tmp_path):
    with AuditLog(tmp_path / "audit", key=tmp_path / "audit.key") as made:
        yield made
