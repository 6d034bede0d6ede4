"""A stand-in for a service with /v1/chat/completions; keeps every byte that it gets."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service(ThreadingHTTPServer):
    """`answer` is the message it gives, or (status, body)."""

    daemon_threads = True

    def __init__(self, answer=""):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.bytes, self.requests = b"", []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bytes += str(self.path).encode() + bytes(self.headers) + data
        self.server.requests.append((self.path, json.loads(data), self.headers.get("Authorization")))
        status, body = self.server.answer if isinstance(self.server.answer, tuple) else (200, _chat(self.server.answer))
        out = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)


def _chat(text):
    message = {"role": "assistant", "content": text}
    return {"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
