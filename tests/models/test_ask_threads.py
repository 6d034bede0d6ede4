"""Conversations over real runtimes from threads that come and go, as Streamlit and notebooks have them."""

import threading

import pytest

from docreview import Conversation, load_model
from docreview.ask.conversation import Options
from docreview.dialogue import Budget
from docreview.errors import ModelError
from docreview.models import Sampling

pytestmark = pytest.mark.slow

TEXT = "1. Rent is 900 euros a month.\n\n2. The tenant pays on the first.\n\n" + "3. Nothing else is said. " * 30
SHORT = Options(budget=Budget(rounds=1, tokens=16, seconds=600.0), sampling=Sampling(temperature=0, max_tokens=16))
LONG = Options(budget=Budget(rounds=1, tokens=4000, seconds=600.0), sampling=Sampling(temperature=1, max_tokens=4000))


@pytest.fixture(params=["transformers", "mlx"], scope="module")
def model(request, checkpoint):
    if request.param == "mlx":
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    return load_model(f"{request.param}:{checkpoint}")


@pytest.fixture
def document(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "a.txt"


def in_thread(job):
    """Run a job in a thread of its own; its result, or its error raised here."""
    out = []

    def run():
        try:
            out.append((job(), None))
        except ModelError as error:
            out.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    result, error = out[0]
    if error:
        raise error
    return result


def test_every_question_may_come_from_another_thread(model, document):
    talk = in_thread(lambda: Conversation(document, model=model, options=SHORT))
    answers = [in_thread(lambda i=i: talk.ask(f"How much is the rent? {i}")) for i in range(3)]
    assert all(answer.usage.cached_tokens > 300 for answer in answers)
    assert all(answer.sentences == () for answer in answers)  # random weights prove nothing
    in_thread(talk.close)


def test_questions_at_once_wait_for_each_other(model, document):
    with Conversation(document, model=model, options=SHORT) as talk:
        threads = [threading.Thread(target=talk.ask, args=(f"Who pays? {i}",)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(talk.answers) == 3


def test_a_reply_is_stopped_from_another_thread(model, document):
    writing = threading.Event()
    with Conversation(document, model=model, options=LONG) as talk:
        asker = threading.Thread(
            target=talk.ask, args=("Talk.",), kwargs={"on_text": lambda text, phase: writing.set()}
        )
        asker.start()
        assert writing.wait(300)
        talk.cancel()
        asker.join(300)
        assert not asker.is_alive()
        assert talk.answers[0].reason
        talk.options = SHORT
        assert talk.ask("Who pays?").usage.cached_tokens > 300


def test_reading_a_document_is_stopped_and_can_be_begun_again(model, document):
    stop = threading.Event()
    stop.set()
    with Conversation(document, model=model, options=SHORT) as talk:
        with pytest.raises(ModelError) as error:
            in_thread(lambda: talk.ask("Who pays?", cancel=stop))
        assert error.value.code == "cancelled"
        assert talk.ask("Who pays?").reason


def test_progress_of_reading_is_told(model, document):
    seen = []
    with Conversation(document, model=model, options=SHORT, progress=lambda *step: seen.append(step)) as talk:
        talk.ask("Who pays?")
    assert seen[-1][0] == seen[-1][1] > 300


def test_a_bar_shows_progress(model, document, capsys):
    with Conversation(document, model=model, options=SHORT, progress=True) as talk:
        talk.ask("Who pays?")
    assert "reading" in capsys.readouterr().err
