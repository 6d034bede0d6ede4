"""The tiny checkpoint of tests/models, for readers over the real runtimes."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    pytest.importorskip("transformers", reason="the transformers extra is absent")
    import tiny

    return tiny.build(tmp_path_factory.mktemp("checkpoint") / "tiny-lfm2-moe")
