"""Names in running text, by models on this machine."""

import json
import subprocess
import sys

import pytest

from docreview.errors import ConfigError, MissingExtra
from docreview.governance import find_pii
from docreview.governance.names import PresidioNames, recogniser
from docreview.governance.pii.span import LABELS

PROSE = "In March the applicant, Susan Miller, travelled from London to Istanbul with Peter Brown."


def test_rules_need_no_model_and_unknown_ones_are_refused():
    assert recogniser("rules") is None
    with pytest.raises(ConfigError, match="rules, small"):
        recogniser("large")


def test_finding_personal_data_loads_no_heavy_package():
    code = (
        "from docreview.governance import find_pii; find_pii('Attn: Kurt Dresch (404) 815-5909'); import sys;"
        "print([m for m in ('spacy', 'torch', 'numpy', 'cryptography', 'presidio_analyzer') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


class Analyzer:
    """Answers as presidio's AnalyzerEngine does."""

    def analyze(self, text, language):
        at = text.index("Susan Miller")
        result = type("Result", (), {"entity_type": "PERSON", "start": at, "end": at + 12, "score": 0.85})
        other = type("Result", (), {"entity_type": "NRP", "start": 0, "end": 2, "score": 0.85})
        return [result, other]


def test_a_presidio_analyzer_can_be_plugged_in():
    (span,) = PresidioNames(Analyzer())(PROSE)
    assert (PROSE[span.start : span.end], span.label) == ("Susan Miller", "PERSON")
    assert "Susan Miller" in [PROSE[s.start : s.end] for s in find_pii(PROSE, names=PresidioNames(Analyzer()))]


def test_presidio_that_is_not_there_is_said():
    try:
        import presidio_analyzer  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtra, match="presidio"):
            recogniser("presidio")
    else:
        pytest.skip("Presidio is installed")


def test_the_shipped_model_finds_people_and_places():
    pytest.importorskip("spacy")
    found = {(PROSE[s.start : s.end], s.label) for s in recogniser("small")(PROSE)}
    assert {("Susan Miller", "PERSON"), ("London", "LOCATION"), ("Istanbul", "LOCATION")} <= found
    assert "Susan Miller" not in [PROSE[s.start : s.end] for s in find_pii(PROSE)]
    assert "Susan Miller" in [PROSE[s.start : s.end] for s in find_pii(PROSE, names=recogniser("small"))]
    odd = "\ud800 \x00\n\n  王晓燕[PERSON_1]" + "a" * 25_000
    assert all(0 <= s.start < s.end <= len(odd) for s in recogniser("small")(odd))


def test_the_shipped_model_is_small_and_holds_no_words_of_its_texts():
    from importlib.resources import files

    folder = files("docreview.assets").joinpath("ner")
    assert json.loads(folder.joinpath("vocab", "strings.json").read_text()) == sorted(
        ("PERSON", "LOCATION", "ADDRESS", "ORG")
    )
    assert sum(len(f.read_bytes()) for f in folder.joinpath("ner").iterdir()) < 15_000_000


def test_an_installed_pipeline_of_ones_own(tmp_path):
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "GPE", "pattern": "London"}, {"label": "CARDINAL", "pattern": "In"}]
    )
    nlp.to_disk(tmp_path / "own")
    (span,) = recogniser(f"spacy:{tmp_path / 'own'}")(PROSE)
    assert (PROSE[span.start : span.end], span.label) == ("London", "LOCATION")
    with pytest.raises(ConfigError, match="on this machine"):
        recogniser("spacy:no_such_pipeline")


def test_training_makes_a_model_that_can_be_loaded(tmp_path):
    pytest.importorskip("spacy")
    from docreview.evaluate.train_ner import fold_of, rows, train_ner

    data = tmp_path / "data.jsonl"
    lines = []
    for i in range(12):
        text = f"Then Anna Berg{'abcdefghijkl'[i]} spoke in Paris."
        spans = [{"start": 5, "end": 15, "label": "PERSON"}, {"start": 25, "end": 30, "label": "LOCATION"}]
        lines.append({"id": str(i), "text": text, "spans": spans, "labels_annotated": ["PERSON"], "doc": f"d{i}:{i}"})
    lines.append({"id": "x", "text": "12", "spans": [], "labels_annotated": ["PHONE"]})
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = train_ner(data, tmp_path / "ner", folds=2, epochs=1, judged=tmp_path / "judged.jsonl", say=lambda _: None)
    assert result["texts"] == 12
    assert len((tmp_path / "judged.jsonl").read_text().splitlines()) == 12
    assert all(s.label in LABELS for s in recogniser(f"spacy:{tmp_path / 'ner'}")(PROSE))
    assert len({fold_of(row, 2) for row in rows(data)}) == 2
