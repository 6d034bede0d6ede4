"""Overhead by a running server's own count."""

import json

from standin import StandIn, ids_of
from typer.testing import CliRunner

from docreview.cli import app


def test_a_server_counts(corpora):
    with StandIn("llama-server", lambda _: "") as server:
        file = corpora / "multilingual" / "vi.txt"
        done = CliRunner().invoke(app, ["overhead", str(file), "--tokenizer", server.url, "--json"])
        server.shutdown()
    assert done.exit_code == 0, done.output
    row = json.loads(done.stdout)["rows"][0]
    text = file.read_text(encoding="utf-8")
    assert row["document_tokens"] == len(ids_of(text))
    assert row["unknown"] is None
    assert row["vocabulary"] is None
