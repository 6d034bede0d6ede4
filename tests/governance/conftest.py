from collections.abc import Iterator
from pathlib import Path

import pytest
from audit_logs import in_memory, records

from docreview.governance.audit import AuditLog


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with in_memory() as folder:
        yield folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "audit.key"


@pytest.fixture
def made(tmp_path: Path, key: Path) -> Path:
    """A closed log of 60 events in three segments or more."""
    with AuditLog(tmp_path / "log", key=key, segment_bytes=6000) as log:
        for start in range(0, 60, 5):
            log.append(records(5, start))
    return tmp_path / "log"
