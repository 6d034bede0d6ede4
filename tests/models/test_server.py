"""Model servers: the contract against a stand-in for each kind, their errors, and who may be asked at all."""

import contextlib
import hashlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import time

import pytest
import tiny_gguf
from contract import DOCUMENT, FIRST, FIXED, SECOND, ModelContract
from shapes import BROKEN, ERRORS, NO_MODEL, STREAMS, TOO_LONG
from standin import GETS, NO_CACHED, TOKENIZER, StandIn

from docreview.errors import ModelError
from docreview.models import Sampling, load_model
from docreview.models.http import is_loopback, message_of
from docreview.models.servers import servers


def answer(prompt):
    words = hashlib.sha256(prompt.encode()).hexdigest()
    return "<think>Clause 1.</think>" + " ".join(words[i : i + 2] for i in range(0, 64, 2)) + " word" * 2000


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    TOKENIZER.save(str(file))
    return str(file)


def load(server, tokenizer, **options):
    counts = any(each.name == server.kind and each.tokenize for each in servers())
    return load_model(
        server.url, tokenizer=None if counts else tokenizer, **{"window": 4000, "profile": "LFM2.5-8B-A1B"} | options
    )


@pytest.mark.parametrize("kind", GETS, scope="class")
class TestServers(ModelContract):
    exact = False

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, kind, tokenizer):
        server = StandIn(kind, answer)
        yield load(server, tokenizer)
        server.shutdown()


@pytest.fixture
def stand_in():
    made = []

    def start(kind, reply=answer):
        made.append(StandIn(kind, reply))
        return made[-1]

    yield start
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", GETS)
def test_a_server_is_recognised_and_recorded(stand_in, tokenizer, kind):
    model = load(stand_in(kind), tokenizer, profile=None)
    assert model.facts["backend"] == f"server {kind}"
    assert model.window == 4000
    if kind != "mlx_lm.server":  # it doesn't say which model it holds
        assert model.profile.name == "LFM2.5-8B-A1B"
    if kind == "llama-server":
        assert model.facts["version"] == "b6900-1a2b3c4"
        assert len(model.facts["template sha256"]) == 64


@pytest.mark.parametrize("kind", [kind for kind in GETS if kind not in ("mlx_lm.server", "llama_cpp.server")])
def test_control_tokens_of_calls_reach_us(stand_in, tokenizer, kind):
    reply = "<think>Look.</think><|tool_call_start|>[f(quote='Supplier's cap')]<|tool_call_end|>"
    server = stand_in(kind, lambda _: reply)
    assert load(server, tokenizer).complete(DOCUMENT + FIRST, sampling=Sampling(max_tokens=500)).read() == reply
    _, body, _ = server.requests[-1]
    assert "tools" not in body
    if kind == "llama-server":
        assert "<|tool_call_start|>" in body["preserved_tokens"]
    if kind in ("vLLM", "SGLang"):
        assert body["skip_special_tokens"] is False


@pytest.mark.parametrize("kind", [kind for kind in GETS if kind not in NO_CACHED])
def test_cached_tokens_are_read_back_and_a_lost_cache_is_a_warning(stand_in, tokenizer, kind, caplog):
    server = stand_in(kind)
    model = load(server, tokenizer)
    long = DOCUMENT.replace("Clause. ", "Clause. " * 8)
    with model.prefix(long) as prefix:
        reply = prefix.complete(FIRST, sampling=FIXED)
        reply.read()
        assert reply.usage.cached_tokens >= prefix.tokens
        assert prefix.lost == 0
        server.forget = True
        with caplog.at_level(logging.WARNING):
            prefix.complete(SECOND, sampling=FIXED).read()
    assert prefix.lost == 1
    assert "of the document again" in caplog.text
    assert "tenant" not in caplog.text


@pytest.mark.parametrize("kind", [kind for kind in GETS if kind not in NO_CACHED])
def test_a_server_that_does_not_say_what_was_cached_has_lost_nothing(stand_in, tokenizer, kind, caplog):
    """vLLM says it only with --enable-prompt-tokens-details, SGLang with --enable-cache-report."""
    if kind == "llama-server":
        pytest.skip("it always says")
    server = stand_in(kind)
    server.silent = True
    with load(server, tokenizer).prefix(DOCUMENT.replace("Clause. ", "Clause. " * 8)) as prefix:
        assert prefix.complete(FIRST, sampling=FIXED).read()
    assert prefix.lost == 0
    assert not caplog.text


@pytest.mark.parametrize("what", [TOO_LONG, NO_MODEL, BROKEN])
@pytest.mark.parametrize("kind", ERRORS)
def test_errors_of_servers_are_understood(stand_in, tokenizer, kind, what):
    server = stand_in(kind)
    model = load(server, tokenizer)
    server.fail = status, body = ERRORS[kind][what]
    with pytest.raises(ModelError) as error:
        model.complete(DOCUMENT + FIRST, sampling=FIXED).read()
    assert error.value.code == "server"
    said = body if isinstance(body, str) else message_of(body)
    assert len(said) > 5
    assert " ".join(said.split()) in str(error.value)
    assert "{" not in str(error.value)
    assert f"HTTP {status}" in str(error.value)


def test_every_server_of_the_table_has_its_errors():
    assert set(ERRORS) == set(STREAMS) == {server.name for server in servers()} == set(GETS)
    assert all(set(shapes) == {TOO_LONG, NO_MODEL, BROKEN} for shapes in ERRORS.values())


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_that_breaks_off_is_no_reply(stand_in, tokenizer, kind):
    server = stand_in(kind)
    model = load(server, tokenizer)
    server.lines = STREAMS[kind]
    with pytest.raises(ModelError) as error:
        model.complete(DOCUMENT + FIRST, sampling=FIXED).read()
    assert error.value.code in ("cut", "server")


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (422, {"detail": [{"loc": ["body"], "msg": "Input should be an integer"}]}, "should be an integer"),
        (500, "", "no reason given"),
    ],
)
def test_other_forms_of_errors(stand_in, tokenizer, status, body, says):
    server = stand_in("vLLM")
    model = load(server, tokenizer)
    server.fail = (status, body)
    with pytest.raises(ModelError, match=says):
        model.complete(DOCUMENT + FIRST, sampling=FIXED).read()


@pytest.mark.parametrize(
    ("kind", "lines", "code"),
    [
        ("vLLM", ['data: {"choices": [{"text": "The rent"}]}'], "cut"),
        ("vLLM", ['data: {"choices": [{"text": "x", "finish_reason": "abort"}]}'], "server"),
        ("vLLM", ['data: {"error": {"message": "engine died"}}'], "server"),
        ("llama-server", ['error: {"code": 500, "message": "out of memory"}'], "server"),
        ("mlx_lm.server", ['data: {"choices": [{"text": "", "finish_reason": "tool_calls"}]}'], "raw"),
        ("Ollama", ['{"error": "unexpected EOF"}'], "server"),
        (
            "Ollama",  # cut the prompt silently
            ['{"response": "x", "done": true, "done_reason": "stop", "prompt_eval_count": 40, "eval_count": 1}'],
            "cut",
        ),
        (
            "LM Studio",  # a prompt over the loaded window: 200, and nothing was written (lmstudio-bug-tracker#2339)
            [
                'data: {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}',
                'data: {"choices": [], "usage": {"completion_tokens": 0, "total_tokens": 0}}',
                "data: [DONE]",
            ],
            "cut",
        ),
        ("vLLM", ["", ": ping", "event: x", "data: not json", "data: [1]"], "cut"),
    ],
)
def test_a_reply_that_is_not_whole_is_an_error(stand_in, tokenizer, kind, lines, code):
    server = stand_in(kind)
    model = load(server, tokenizer)
    server.lines = lines
    with pytest.raises(ModelError) as error:
        model.complete(DOCUMENT + FIRST, sampling=FIXED).read()
    assert error.value.code == code


def test_a_cancelled_reply_hangs_up_so_that_the_server_stops(stand_in, tokenizer):
    server = stand_in("vLLM", lambda _: "word " * 100_000)
    model = load(server, tokenizer)
    server.lines = ('data: {"choices": [{"text": "' + "word " * 200 + '"}]}' for _ in iter(int, 1))
    reply = model.complete(DOCUMENT + FIRST, sampling=Sampling(max_tokens=3000))
    next(reply)
    reply.cancel()
    reply.read()
    assert reply.finish == "cancelled"
    assert server.hung_up.wait(60)


def test_the_penalty_is_sent_only_where_it_can_be_held_to_the_reply(stand_in, tokenizer):
    sampling = Sampling(repetition_penalty=1.1, repetition_window=32, max_tokens=5)
    sent = {}
    for kind in ("llama-server", "vLLM", "Ollama", "mlx_lm.server"):
        server = stand_in(kind)
        load(server, tokenizer).complete(DOCUMENT + FIRST, sampling=sampling).read()
        sent[kind] = server.requests[-1][1]
    assert (sent["llama-server"]["repeat_penalty"], sent["llama-server"]["repeat_last_n"]) == (1.1, 32)
    assert sent["vLLM"]["repetition_penalty"] == 1.0
    assert sent["Ollama"]["options"]["repeat_penalty"] == 1.1
    assert sent["Ollama"]["options"]["num_ctx"] == 4000
    assert sent["Ollama"]["truncate"] is False
    assert sent["mlx_lm.server"]["repetition_context_size"] == 32


def test_progress_is_the_server_s_own(stand_in, tokenizer):
    seen = []
    model = load(stand_in("llama-server"), tokenizer)
    model.prefix(DOCUMENT, progress=lambda done, total: seen.append((done, total))).close()
    total = model.count([DOCUMENT])[0]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {of for _, of in seen} == {total}
    assert len(seen) >= 3


def test_a_server_that_cannot_count_needs_a_tokenizer(stand_in):
    with pytest.raises(ModelError) as error:
        load_model(stand_in("Ollama").url)
    assert error.value.code == "tokenizer"


def test_one_of_several_models_is_picked_by_name(stand_in, tokenizer, monkeypatch):
    several = {"models": [{"name": "a:1"}, {"name": "lfm2.5:8b-a1b"}]}
    monkeypatch.setitem(GETS["Ollama"], "/api/tags", several)
    server = stand_in("Ollama")
    with pytest.raises(ModelError, match=r"#NAME; there are: a:1, lfm2\.5:8b-a1b"):
        load_model(server.url, tokenizer=tokenizer)
    with pytest.raises(ModelError, match="no model 'b'"):
        load_model(server.url + "#b", tokenizer=tokenizer)
    model = load_model(server.url + "#lfm2.5:8b-a1b", tokenizer=tokenizer, window=2000)
    model.complete(DOCUMENT + FIRST, sampling=FIXED).read()
    assert server.requests[-1][1]["model"] == "lfm2.5:8b-a1b"
    assert model.profile.name == "LFM2.5-8B-A1B"


def test_a_key_is_sent_and_nothing_known_is_an_error(stand_in, tokenizer, monkeypatch):
    server = stand_in("vLLM")
    load_model(server.url, key="secret").complete(DOCUMENT + FIRST, sampling=FIXED).read()
    assert server.requests[-1][2] == "Bearer secret"
    monkeypatch.setitem(GETS, "vLLM", {})
    with pytest.raises(ModelError, match="none of llama-server"):
        load_model(server.url)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "0.0.0.0", "example.org", "localhost.example.org", "::ffff:8.8.8.8", "2130706433"]
)
def test_not_this_machine(host):
    assert not is_loopback(host)
    with pytest.raises(ModelError) as error:
        load_model(f"server:http://{'[' + host + ']' if ':' in host else host}:8080")
    assert error.value.code == "host"


def test_a_host_that_was_named_may_be_asked(tokenizer):
    with pytest.raises(ModelError) as error:
        load_model("server:http://model.invalid:8080", allow_hosts=["model.invalid"])
    assert error.value.code == "unreachable"


class TestLive(ModelContract):
    """`TEST_MODEL_SERVER=server:http://127.0.0.1:8000 TEST_MODEL_TOKENIZER=FILE pytest -k TestLive`: a real server."""

    exact = False

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls):
        if not os.environ.get("TEST_MODEL_SERVER"):
            pytest.skip("no TEST_MODEL_SERVER was named")
        return load_model(os.environ["TEST_MODEL_SERVER"], tokenizer=os.environ.get("TEST_MODEL_TOKENIZER"))


@contextlib.contextmanager
def serving(command, *arguments, **options):
    """The model of a real server while it runs; it is waited for as long as nobody answers, and no longer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*command, *map(str, arguments), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield wait_for(process, f"server:http://127.0.0.1:{port}", options)
    finally:
        process.kill()
        process.wait()


def wait_for(process, name, options):
    for _ in range(600):
        with contextlib.suppress(ModelError):
            return load_model(name, window=8000, profile="LFM2.5-8B-A1B", **options)
        assert process.poll() is None, "the server ended"
        time.sleep(0.5)
    pytest.fail("the server did not start")


@pytest.mark.slow
class TestMlxServer(ModelContract):
    """The real mlx_lm.server with the tiny checkpoint."""

    exact = False

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, checkpoint):
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
        command = [sys.executable, "-m", "mlx_lm", "server"]
        with serving(command, "--model", checkpoint, tokenizer=str(checkpoint)) as model:
            yield model


@pytest.fixture(scope="session")
def plain_gguf(checkpoint):
    pytest.importorskip("gguf", reason="gguf, which writes the tiny file, is absent")
    return tiny_gguf.convert(checkpoint, checkpoint.parent / "plain.gguf", plain=True)


@pytest.mark.slow
class TestLlamaCppServer(ModelContract):
    """The real llama_cpp.server with the tiny checkpoint. It may be installed in an environment of its own:
    `TEST_LLAMA_CPP_PYTHON=.../bin/python`.
    """

    exact = False

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, plain_gguf):
        python = os.environ.get("TEST_LLAMA_CPP_PYTHON", sys.executable)
        here = subprocess.run([python, "-c", "import llama_cpp, uvicorn, sse_starlette"], capture_output=True)
        if here.returncode:
            pytest.skip("llama-cpp-python[server] is absent; TEST_LLAMA_CPP_PYTHON may name a Python that has it")
        with serving([python, "-m", "llama_cpp.server"], "--model", plain_gguf, "--n_ctx", 8000) as model:
            assert model.server.name == "llama_cpp.server"
            yield model


@pytest.mark.slow
class TestLlamaServer(ModelContract):
    """The real llama-server with the tiny checkpoint: the one on the path, or `TEST_LLAMA_SERVER=.../llama-server`."""

    exact = False

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, plain_gguf):
        program = os.environ.get("TEST_LLAMA_SERVER") or shutil.which("llama-server")
        if not program:
            pytest.skip("llama-server is absent; TEST_LLAMA_SERVER may name one")
        template = ("--no-jinja", "--chat-template", "chatml")  # it can't run the tests' own; we never use it anyway
        with serving([program], "-m", plain_gguf, "-c", 8000, "-np", 1, "--offline", *template) as model:
            assert model.server.name == "llama-server"
            yield model
