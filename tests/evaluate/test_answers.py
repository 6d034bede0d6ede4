"""Fitting the chance that a sentence answers: what is kept apart stays apart."""

import pytest

from docreview.errors import ConfigError
from docreview.evaluate.asking import figures, run
from docreview.evaluate.search_data import Asked, Question
from docreview.evaluate.train_answers import HIDDEN, seen
from docreview.evaluate.train_search import fold_of
from docreview.types import Document, Source


def asked(source, number):
    document = Document(id="d", source=Source(path="d", media_type="text/plain", sha256="0" * 64), text="x")
    questions = tuple(Question(id=str(i), text="?", topic=f"{source}:{i}", gold=((0, 1),)) for i in range(20))
    return Asked(source=source, name=f"{number}.txt", group=f"g{number}", document=document, questions=questions)


def test_the_search_model_sees_neither_held_documents_nor_hidden_kinds():
    every = [asked(source, i) for source in ("cuad", "qmsum") for i in range(100)]
    kept = seen(every)
    assert 80 < len(kept) < 160
    groups = {one.group for one in kept}
    assert all((one.group in groups) == any(k.group == one.group for k in kept) for one in every)
    for one in kept:
        hidden = [q for q in one.questions if fold_of(q.topic) in HIDDEN]
        assert not hidden or one.source == "qmsum"
        assert one.source == "cuad" or len(one.questions) == 20


def test_a_file_of_questions_must_fit_its_documents(tmp_path):
    with pytest.raises(ConfigError, match="can't be read"):
        list(run(tmp_path))
    (tmp_path / "a.txt").write_text("1. Rent is 900 euros a month.\n\n2. The tenant pays.\n", encoding="utf-8")
    row = (
        '[[document]]\nfile = "a.txt"\nset = "test"\nquestion = [{ text = "How much is the rent?", answer = ["%s"] }]\n'
    )
    (tmp_path / "questions.toml").write_text(row % "Rent is 800", encoding="utf-8")
    with pytest.raises(ConfigError, match="does not stand"):
        list(run(tmp_path))
    (tmp_path / "questions.toml").write_text(row % "Rent is 900", encoding="utf-8")
    rows = list(run(tmp_path))
    assert figures(rows)["with_answer"] == 1
    assert figures([])["first"] == 0
