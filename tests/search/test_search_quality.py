"""Retrieval inside the named document, on documents and questions as they come (those were trained on: a smoke alarm
for the whole path; honest figures come from `train_search`, see docs/search.md)."""

import json
import subprocess
import sys

import pytest

from docreview.search import Library, build

pytestmark = pytest.mark.slow


def test_contractnli_recall(shared, tmp_path):
    from docreview._json import read_jsonl

    data = shared / "contractnli" / "dev"
    build(data / "contracts", tmp_path / "lib")
    library = Library.open(tmp_path / "lib")
    with open(tmp_path / "hits.jsonl", "w", encoding="utf-8") as file:
        for row in read_jsonl(data / "retrieval_queries.jsonl"):
            for hit in library.search(row["question"], 64, doc=row["doc"]):
                span = hit.passage.span
                file.write(
                    json.dumps({"query_id": row["id"], "doc": hit.doc, "start": span.start, "end": span.end}) + "\n"
                )
    scorer = shared.parent / "scorers" / "score_retrieval.py"
    command = [sys.executable, str(scorer), str(data / "retrieval_queries.jsonl"), str(tmp_path / "hits.jsonl")]
    scores = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert scores["recall_in_2000_chars"] > 0.9
