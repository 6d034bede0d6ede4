import pytest
from leases import TEXT, document_of


@pytest.fixture
def lease():
    return document_of(TEXT)
