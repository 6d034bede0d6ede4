"""The tiny checkpoint, built once for all tests that run a real backend."""

import pytest
import tiny


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    pytest.importorskip("transformers", reason="the transformers extra is absent")
    return tiny.build(tmp_path_factory.mktemp("checkpoint") / "tiny-lfm2-moe")
