"""What every `ChatModel` does. A test class inherits it and has a fixture `model`."""

import threading

import pytest

from docreview.errors import ContextOverflow, ModelError
from docreview.models import Sampling
from docreview.tokens import TokenCounter

DOCUMENT = "<|startoftext|><|im_start|>system\nThe tenant pays rent – 1 200 € – on the 1st. " + "Clause. " * 60
DOCUMENT += "<|im_end|>\n"
FIRST = "<|im_start|>user\nWhat is the rent?<|im_end|>\n<|im_start|>assistant\n"
SECOND = "<|im_start|>user\nWho pays it, and when?<|im_end|>\n<|im_start|>assistant\n"
FIXED = Sampling(temperature=1, top_k=0, max_tokens=12, seed=1)


class ModelContract:
    exact = True
    """The backend reports every token of a prefix as cached."""

    def test_it_counts_tokens(self, model):
        assert isinstance(model, TokenCounter)
        counts = model.count([DOCUMENT, FIRST, ""])
        assert counts[0] > counts[1] > 0
        assert counts[2] == 0
        assert model.window > counts[0]

    def test_a_reply_comes_in_pieces_and_says_what_it_cost(self, model):
        with model.prefix(DOCUMENT) as prefix:
            reply = prefix.complete(FIRST, sampling=FIXED)
            pieces = list(reply)
        in_document, in_question = model.count([DOCUMENT, FIRST])
        assert len(pieces) > 1
        assert reply.read() == "".join(pieces)
        assert reply.finish in ("stop", "length")
        assert prefix.tokens == in_document
        assert reply.usage.prompt_tokens == in_document + in_question
        assert 0 < reply.usage.completion_tokens <= FIXED.max_tokens
        assert reply.usage.calls == 1
        assert reply.usage.seconds > 0
        if self.exact:
            assert reply.usage.cached_tokens == in_document
        assert prefix.lost == 0
        assert 0 <= prefix.cached <= prefix.tokens

    def test_nothing_is_known_of_a_reply_before_its_end(self, model):
        reply = model.complete(DOCUMENT + FIRST, sampling=FIXED)
        next(reply)
        with pytest.raises(RuntimeError, match="not ended"):
            _ = reply.ending
        reply.read()
        assert reply.ending

    def test_answers_from_a_reused_prefix_are_those_of_the_whole_prompt(self, model):
        whole = [model.complete(DOCUMENT + suffix, sampling=FIXED) for suffix in (FIRST, SECOND)]
        texts = [reply.read() for reply in whole]
        assert texts[0] != texts[1]
        assert whole[0].usage.cached_tokens == 0 or not self.exact
        with model.prefix(DOCUMENT) as prefix:
            for suffix, i in ((FIRST, 0), (SECOND, 1), (FIRST, 0), (FIRST, 0)):
                reply = prefix.complete(suffix, sampling=FIXED)
                assert reply.read() == texts[i]
                assert reply.ending.logprobs == pytest.approx(whole[i].ending.logprobs, abs=1e-4)

    def test_two_documents_are_kept_apart(self, model):
        other = DOCUMENT.replace("tenant", "landlord")
        texts = [model.complete(text + FIRST, sampling=FIXED).read() for text in (DOCUMENT, other)]
        with model.prefix(DOCUMENT) as one, model.prefix(other) as two:
            for _ in range(2):
                assert one.complete(FIRST, sampling=FIXED).read() == texts[0]
                assert two.complete(FIRST, sampling=FIXED).read() == texts[1]

    def test_replies_read_in_turns_do_not_mix(self, model):
        expected = [model.complete(DOCUMENT + suffix, sampling=FIXED).read() for suffix in (FIRST, SECOND)]
        with model.prefix(DOCUMENT) as prefix:
            one, two = prefix.complete(FIRST, sampling=FIXED), prefix.complete(SECOND, sampling=FIXED)
            next(one), next(two)
            assert [one.read(), two.read()] == expected

    def test_an_abandoned_reply_is_in_nobodys_way(self, model):
        with model.prefix(DOCUMENT) as prefix:
            expected = prefix.complete(FIRST, sampling=FIXED).read()
            left = prefix.complete(SECOND, sampling=Sampling(temperature=0, max_tokens=500))
            next(left)
            del left
            prefix.complete(SECOND, sampling=FIXED)
            assert prefix.complete(FIRST, sampling=FIXED).read() == expected

    def test_threads_that_come_and_go_may_ask(self, model):
        expected = model.complete(DOCUMENT + FIRST, sampling=FIXED).read()
        answers = []
        with model.prefix(DOCUMENT) as prefix:
            ask = lambda: answers.append(prefix.complete(FIRST, sampling=FIXED).read())  # noqa: E731
            threads = [threading.Thread(target=ask) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert answers == [expected] * 3

    def test_the_limit_of_a_reply_is_kept_and_reported(self, model):
        reply = model.complete(DOCUMENT + FIRST, sampling=Sampling(temperature=0, max_tokens=2))
        reply.read()
        assert reply.finish == "length"
        assert reply.usage.completion_tokens == 2

    def test_one_seed_one_reply(self, model):
        hot = Sampling(temperature=1.5, top_k=0, max_tokens=12, seed=3)
        texts = {model.complete(DOCUMENT + FIRST, sampling=hot).read() for _ in range(2)}
        assert len(texts) == 1

    def test_progress_of_reading_a_document(self, model):
        seen = []
        with model.prefix(DOCUMENT, progress=lambda done, total: seen.append((done, total))) as prefix:
            pass
        assert seen
        assert seen == sorted(seen)
        assert seen[-1] == (prefix.tokens, prefix.tokens)

    def test_reading_a_document_can_be_cancelled(self, model):
        cancel = threading.Event()
        cancel.set()
        with pytest.raises(ModelError) as error:
            model.prefix(DOCUMENT, cancel=cancel)
        assert error.value.code == "cancelled"

    def test_a_reply_can_be_cancelled(self, model):
        reply = model.complete(DOCUMENT + FIRST, sampling=Sampling(temperature=0, max_tokens=2000))
        first = next(reply)
        reply.cancel()
        text = reply.read()
        assert text.startswith(first)
        assert reply.finish in ("cancelled", "stop")
        cancel = threading.Event()
        cancel.set()
        reply = model.complete(DOCUMENT + FIRST, sampling=FIXED, cancel=cancel)
        assert reply.read() == ""
        assert reply.finish == "cancelled"

    def test_what_does_not_fit_is_refused_before_anything_is_computed(self, model):
        needed = model.count([DOCUMENT + FIRST])[0] + model.window
        with pytest.raises(ContextOverflow) as error:
            model.complete(DOCUMENT + FIRST, sampling=Sampling(max_tokens=model.window))
        assert (error.value.needed, error.value.available) == (needed, model.window)
        with pytest.raises(ContextOverflow), model.prefix(DOCUMENT) as prefix:
            prefix.complete(FIRST, sampling=Sampling(max_tokens=model.window))
        with pytest.raises(ContextOverflow):
            model.prefix("word " * (model.window + 1))

    def test_a_suffix_begins_with_a_turn(self, model):
        with model.prefix(DOCUMENT) as prefix, pytest.raises(ValueError, match="begins with a turn"):
            prefix.complete("and so on", sampling=FIXED)
        with pytest.raises(ValueError, match="empty"):
            model.complete("", sampling=FIXED)

    def test_what_is_closed_says_so(self, model):
        prefix = model.prefix(DOCUMENT)
        prefix.close()
        prefix.close()
        with pytest.raises(ModelError) as error:
            prefix.complete(FIRST, sampling=FIXED).read()
        assert error.value.code == "closed"

    def test_the_record_names_the_backend(self, model):
        assert model.facts["backend"]
        assert model.profile.name
