"""The tiny checkpoint, built once for all tests that run a real backend."""

import pytest
import tiny
import tiny_gguf


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    pytest.importorskip("transformers", reason="the transformers extra is absent")
    return tiny.build(tmp_path_factory.mktemp("checkpoint") / "tiny-lfm2-moe")


@pytest.fixture(scope="session")
def gguf_file(checkpoint):
    pytest.importorskip("llama_cpp", reason="the llama-cpp extra is absent")
    pytest.importorskip("gguf", reason="gguf, which writes the tiny file, is absent")
    return tiny_gguf.convert(checkpoint, checkpoint.parent / "Tiny-LFM2.5-8B-A1B-F32.gguf")
