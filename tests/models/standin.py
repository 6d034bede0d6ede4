"""A small HTTP server that answers as model servers do: their shapes, their streams, their errors.

The shapes of llama_cpp.server 0.3.36, mlx_lm.server 0.32.2 and llama-server (October 2026) were recorded; those
of vLLM, SGLang, Ollama and LM Studio are what is written about them in public. Errors are in shapes.py.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import tiny

TOKENIZER = tiny.make_tokenizer()
WINDOW = 4000


def ids_of(text):
    return TOKENIZER.encode(text, add_special_tokens=False).ids


class StandIn(ThreadingHTTPServer):
    """Plays one kind of server; `answer(prompt)` says the reply. `requests` holds what was asked."""

    daemon_threads = True

    def __init__(self, kind, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.kind, self.answer = kind, answer
        self.requests, self.cached, self.hung_up = [], [], threading.Event()
        self.fail = None  # (status, body) for the next completion
        self.forget = False  # never reuse a cache
        self.silent = False  # never say what was cached
        self.lines = None  # play these lines of a stream instead
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"server:http://127.0.0.1:{self.server_port}"


GETS = {
    "llama-server": {
        "/props": {
            "default_generation_settings": {"n_ctx": WINDOW, "params": {}},
            "total_slots": 1,
            "chat_template": tiny.TEMPLATE,
            "build_info": "b6900-1a2b3c4",
        },
        "/health": {"status": "ok"},
        "/v1/models": {"data": [{"id": "LFM2.5-8B-A1B-Q4_K_M.gguf", "owned_by": "llamacpp", "meta": {}}]},
    },
    "vLLM": {
        "/version": {"version": "0.23.0"},
        "/v1/models": {
            "data": [{"id": "LiquidAI/LFM2.5-8B-A1B", "owned_by": "vllm", "root": "x", "max_model_len": WINDOW}]
        },
    },
    "SGLang": {
        "/get_model_info": {"model_path": "LiquidAI/LFM2.5-8B-A1B", "is_generation": True},
        "/v1/models": {
            "data": [{"id": "LiquidAI/LFM2.5-8B-A1B", "owned_by": "sglang", "root": "x", "max_model_len": WINDOW}]
        },
    },
    "Ollama": {
        "/api/version": {"version": "0.14.2"},
        "/api/tags": {"models": [{"name": "lfm2.5:8b-a1b-q4_K_M", "model": "lfm2.5:8b-a1b-q4_K_M", "size": 5}]},
    },
    "LM Studio": {
        "/api/v0/models": {
            "data": [
                {"id": "text-embedding", "state": "not-loaded", "max_context_length": 512},
                {
                    "id": "lfm2.5-8b-a1b",
                    "state": "loaded",
                    "max_context_length": 128000,
                    "loaded_context_length": WINDOW,
                },
            ]
        },
    },
    "mlx_lm.server": {"/health": {"status": "ok"}, "/v1/models": None},
    "llama_cpp.server": {"/v1/models": {"object": "list", "data": [{"id": "LFM2.5-8B-A1B.gguf", "owned_by": "me"}]}},
    "OpenAI-compatible": {"/v1/models": {"data": [{"id": "lfm2.5-8b-a1b", "object": "model"}]}},
}
BEGIN_ADDED = ("SGLang", "Ollama", "LM Studio", "mlx_lm.server", "llama_cpp.server")
NO_CACHED = ("Ollama", "LM Studio", "llama_cpp.server", "OpenAI-compatible")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        shapes = GETS[self.server.kind]
        if self.path in shapes and shapes[self.path] is None:  # mlx_lm.server without a cache folder drops the call
            self.close_connection = True
        elif self.path in shapes:
            self.whole(200, shapes[self.path])
        elif self.server.kind == "LM Studio":  # answers 200 to anything
            self.whole(200, {"error": f"Unexpected endpoint or method. (GET {self.path})"})
        else:
            self.whole(404, {"detail": "Not Found"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "tokenize" in self.path:
            text = body.get("content", body.get("prompt", body.get("input")))
            begin = [1] if self.server.kind == "llama_cpp.server" else []
            return self.whole(200, {"tokens": begin + ids_of(text), "count": len(begin + ids_of(text))})
        self.server.requests.append((self.path, body, self.headers.get("Authorization")))
        if self.server.fail:
            status, answer = self.server.fail
            return self.whole(status, answer)
        return self.complete(body)

    def whole(self, status, value):
        data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def complete(self, body):
        kind, sent = self.server.kind, body["prompt"]
        text = TOKENIZER.decode(sent, skip_special_tokens=False) if isinstance(sent, list) else sent
        ids = ids_of(text)
        ids = [1, *ids] if kind in BEGIN_ADDED else ids
        assert ids[:2] == [1, 6], "the prompt begins with one <|startoftext|>"
        limit = body.get("n_predict", body.get("max_tokens", body.get("options", {}).get("num_predict")))
        full = re.findall(
            r"<\|\w+\|>|</?think>|\s*[^\s<]+|\s+", self.server.answer(TOKENIZER.decode(ids, skip_special_tokens=False))
        )
        counts = len(ids), len(full[:limit]), self.reused(ids)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        reason = "length" if limit <= len(full) else "stop"
        try:
            for line in self.server.lines or self.stream(full[:limit], reason, counts):
                self.wfile.write(line.encode() + (b"\n" if kind == "Ollama" else b"\n\n"))
                self.wfile.flush()
        except OSError:
            self.server.hung_up.set()

    def reused(self, ids):
        best = 0
        for old in self.server.cached:
            same = next((i for i, (a, b) in enumerate(zip(old, ids, strict=False)) if a != b), min(len(old), len(ids)))
            best = max(best, same)
        self.server.cached.append(ids)
        return 0 if self.server.forget else best

    def stream(self, pieces, reason, counts):
        prompt, done, cached = counts
        if self.server.kind == "llama-server":
            for i in range(1, 4):
                progress = {"total": prompt, "cache": cached, "processed": cached + (prompt - cached) * i // 3}
                yield self.data({"index": 0, "content": "", "stop": False, "prompt_progress": progress})
            for piece in pieces:
                yield self.data({"index": 0, "content": piece, "tokens": [], "stop": False, "id_slot": 0})
            yield self.data(
                {
                    "index": 0,
                    "content": "",
                    "stop": True,
                    "stop_type": {"length": "limit", "stop": "eos"}[reason],
                    "tokens_predicted": done,
                    "tokens_evaluated": prompt,
                    "tokens_cached": prompt + done,
                    "truncated": False,
                    "timings": {"cache_n": cached, "prompt_n": prompt - cached},
                }
            )
        elif self.server.kind == "Ollama":
            for piece in pieces:
                yield json.dumps({"model": "m", "created_at": "2026-11-20T10:00:00Z", "response": piece, "done": False})
            end = {"response": "", "done": True, "done_reason": reason, "prompt_eval_count": prompt, "eval_count": done}
            yield json.dumps(end)
        else:
            yield from self.openai(pieces, reason, counts)

    def openai(self, pieces, reason, counts):
        prompt, done, cached = counts
        if self.server.kind == "mlx_lm.server":
            yield f": keepalive {prompt}/{prompt}"
        for piece in pieces:
            yield self.data({"choices": [{"index": 0, "text": piece, "logprobs": None, "finish_reason": None}]})
        yield self.data({"choices": [{"index": 0, "text": "", "finish_reason": reason}]})
        if self.server.kind != "llama_cpp.server":
            usage = {"prompt_tokens": prompt, "completion_tokens": done, "total_tokens": prompt + done}
            if self.server.kind not in NO_CACHED and not self.server.silent:
                usage["prompt_tokens_details"] = {"cached_tokens": cached}
            yield self.data({"choices": [], "usage": usage})
        yield "data: [DONE]"

    def data(self, value):
        return "data: " + json.dumps(value)
