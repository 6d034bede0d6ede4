import os
import time

import pytest

from docreview._worker import Worker
from docreview.errors import WorkerError

pytestmark = pytest.mark.slow

MEMORY = 400 << 20


def echo(value, data):
    return [value, len(data)]


def misbehave(how, data):
    if how == "sleep":
        time.sleep(60)
    if how == "die":
        os.abort()
    if how == "eat":
        return len(bytearray(2 << 30))
    if how == "print":
        print("noise on stdout")
        os.write(1, b"more noise")
    return how


@pytest.fixture
def worker():
    with Worker(f"{__name__}:misbehave", memory_bytes=MEMORY) as one:
        yield one


def test_answers_survive_any_text():
    value = {"text": "ß \ud800 \x00 𝔘", "list": [1, 2.5, None, True]}
    with Worker(f"{__name__}:echo", memory_bytes=MEMORY) as one:
        assert [one.call(value, b"\0\xff" * size, timeout=120) for size in (0, 1, 1 << 20)] == [
            [value, 2 * size] for size in (0, 1, 1 << 20)
        ]


@pytest.mark.parametrize(("how", "code"), [("sleep", "timeout"), ("die", "crashed"), ("eat", "memory")])
def test_a_failing_child_is_named_and_replaced(worker, how, code):
    assert worker.call("fine", timeout=120) == "fine"
    with pytest.raises(WorkerError) as caught:
        worker.call(how, timeout=1 if how == "sleep" else 120)
    assert caught.value.code == code
    assert worker.call("fine again", timeout=120) == "fine again"


def test_what_a_parser_prints_does_not_reach_the_pipe(worker):
    assert worker.call("print", timeout=120) == "print"
