"""What the tests of integrations share: documents of this project, read once."""

import pytest

from docreview import read


@pytest.fixture(scope="session")
def lease(corpora):
    return read(corpora / "contracts" / "lease.docx")


@pytest.fixture(scope="session")
def meeting(corpora):
    return read(corpora / "transcripts" / "project-meeting.vtt")


@pytest.fixture(scope="session")
def msa(corpora):
    return read(corpora / "contracts" / "msa.pdf")
