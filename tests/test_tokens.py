"""Counting tokens: with the tokenizer that is shipped, and with others from a file."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from docreview.errors import ConfigError
from docreview.tokens import MINILM, TokenCounter, load_counter


def test_minilm() -> None:
    counter = load_counter()
    assert isinstance(counter, TokenCounter)
    assert counter.name == "minilm"
    assert counter.count(["hello world agreement", "a", "", "indemnification"]) == [3, 1, 0, 4]
    assert counter.count([]) == []


def test_nothing_is_cut_off() -> None:
    assert load_counter("minilm").count(["word " * 5000]) == [5000]


def test_a_file_or_its_folder(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(MINILM.read_bytes())
    for name in (tmp_path, tmp_path / "tokenizer.json"):
        assert load_counter(name).count(["hello world"]) == [2]


@pytest.mark.parametrize("content", [None, "", "[]", json.dumps({"model": 1})])
def test_what_is_no_tokenizer_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "other.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=r"other\.json"):
        load_counter(file)


def test_threads_share_one_counter() -> None:
    texts = [["word " * n, "two words"] for n in range(1, 60)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(load_counter().count, texts)) == [[n, 2] for n in range(1, 60)]


def test_other_tokenizers(shared: Path) -> None:
    folder = shared / "tokenizers" / "llama-3"
    if not folder.is_dir():
        pytest.skip("the llama-3 tokenizer is absent")
    assert load_counter(folder).count(["hello world", "Thirty (30) days"]) == [2, 5]
