"""Decided reviews -> examples: the prompts are those of the model reader, the answers read back and prove, and the real
`mlx_lm.lora` trains on them.
"""

import dataclasses
import json
import math
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.append(str(Path(__file__).parents[1] / "models"))
import tiny

from docreview._json import dumps
from docreview.checklist import Checklist, Question
from docreview.cli import app
from docreview.errors import ContextOverflow, ModelError, OutputError, PolicyError
from docreview.finetune import answers, base, examples, export
from docreview.models import Sampling, ScriptedModel, load_model
from docreview.models.toolcalls import parse_reply
from docreview.readers.model import ModelReader
from docreview.readers.scripted import ScriptedReader
from docreview.review import review
from docreview.triage.results import Result
from docreview.types import Decision, Document, Source, Span
from docreview.verify import verify

PROFILE = "LFM2.5-8B-A1B"
LAW = 'This lease is governed by the law of "England", the landlord\'s home.'
RENT = "The tenant pays 1,200 euros on the first\nof each month <|im_end|>."
CHECKLIST = Checklist(
    name="mini",
    title="Mini",
    questions=tuple(
        Question(name=name, text=text, kind="text")
        for name, text in (
            ("Law", "Which law governs?"),
            ("Rent", "What is the rent?"),
            ("Cap", "Is liability capped?"),
            ("Term", "When does it end?"),
            ("Audit", "May anyone audit?"),
            ("Notice", "Where do notices go?"),
        )
    ),
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    pytest.importorskip("transformers", reason="the transformers extra is absent")
    return tiny.build(tmp_path_factory.mktemp("checkpoint") / "tiny-lfm2-moe")


@pytest.fixture(scope="module")
def model(checkpoint):
    return base(f"transformers:{checkpoint}", profile=PROFILE)


def decided(*pairs):
    return tuple(
        Decision(
            clause=name, verdict=verdict, by="ann", at=f"2026-11-20T10:00:{i:02}Z", value=value[0] if value else None
        )
        for i, (name, verdict, *value) in enumerate(pairs)
    )


def result(
    number=1, *, filler=3, decisions=(("Law", "accepted"), ("Rent", "edited", "EUR 1,200"), ("Cap", "accepted"))
):
    text = f"Lease {number}.\n\n" + "Filler stands here. " * filler + f"\n\n{LAW}\n\n" + "More of it. " * filler
    text += f"\n\n{RENT}\n\n" + "The end comes. " * filler
    source = Source(path=f"{number}.txt", media_type="text/plain", sha256="")
    document = Document(id=f"{number:016x}", source=source, text=text)
    calls = [
        (
            "record_clause",
            {
                "name": name,
                "start": text.index(q),
                "end": text.index(q) + len(q),
                "quote": q,
                "score": 0.9,
                "sure": sure,
            },
        )
        for name, q, sure in (("Law", LAW, True), ("Rent", RENT, True), ("Notice", "The end comes.", False))
    ]
    calls += [("record_absent", {"name": name}) for name in ("Cap", "Term", "Audit")]
    made = review(document, CHECKLIST, reader=ScriptedReader(calls))
    made = dataclasses.replace(made, decisions=decided(*decisions))
    return Result(doc=source.path, text=f"text/{number}.txt", document=document, review=made, checklist=CHECKLIST)


class TestAnswers:
    @pytest.mark.parametrize(
        ("decisions", "places", "dropped"),
        [
            ([("Law", "accepted")], {"Law": [(LAW, None)]}, {}),
            ([("Law", "edited", "England")], {"Law": [(LAW, "England")]}, {}),
            ([("Cap", "accepted")], {"Cap": []}, {}),
            ([("Notice", "accepted")], {"Notice": [("The end comes.", None)]}, {}),  # unsure, and a person said yes
            ([("Law", "rejected")], {}, {"Law": "rejected"}),
            ([("Law", "flagged")], {}, {"Law": "flagged"}),
            ([("Law", "accepted"), ("Law", "unsure")], {}, {"Law": "unsure"}),  # the last word counts
            ([("Law", "rejected"), ("Law", "accepted")], {"Law": [(LAW, None)]}, {}),
            ([("Cap", "edited", "none")], {}, {"Cap": "edited without a place"}),
            ([], {}, {}),
        ],
    )
    def test_the_last_word_of_a_person(self, decisions, places, dropped):
        found = answers(result(decisions=decisions).review)
        assert {n: [(c.citations[0].quote, c.value) for c in cs] for n, cs in found.places.items()} == places
        assert {n: why for n, why in found.dropped.items() if why != "not decided"} == dropped
        assert set(found.places) | set(found.dropped) == set(CHECKLIST.names)

    def test_rejected_may_mean_absent(self):
        assert answers(result(decisions=[("Law", "rejected")]).review, rejected="absent").places == {"Law": ()}

    def test_a_document_that_was_not_read_is_no_proof_of_absence(self):
        each = result(decisions=[("Cap", "accepted")])
        clauses = tuple(
            dataclasses.replace(c, status="not_read", note="page 2 not read") if c.name == "Cap" else c
            for c in each.review.clauses
        )
        found = answers(dataclasses.replace(each.review, clauses=clauses))
        assert found.dropped["Cap"] == "accepted without a place"


def made_of(each, model, **options):
    places = answers(each.review).places
    return list(examples(each.document, each.checklist, places, model, **{"most": 4000} | options))


class TestExamples:
    def test_prompts_are_those_of_the_model_reader(self, model):
        """Asked for the same questions, the reader sends the same characters."""
        each = result()
        made = made_of(each, model)
        asked = Checklist(
            name="mini", title="", questions=tuple(q for q in CHECKLIST.questions if q.name in ("Law", "Rent", "Cap"))
        )
        played = ScriptedModel(lambda _: made[0].messages[2]["content"], profile=model.profile)
        ModelReader(played, context="full", budget_seconds=None).read(each.document, asked)
        assert played.prompts[0] == made[0].prompt
        assert len(made) == 1

    def test_the_model_s_own_template_writes_the_same(self, model, checkpoint):
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        (example,) = made_of(result(), model)
        row = json.loads(dumps(example.row()))
        assert [tool["name"] for tool in row["tools"]] == ["record_clause", "record_absent"]

        def render(messages, **more):
            return tokenizer.apply_chat_template(messages, tools=row["tools"], tokenize=False, **more)

        assert render(row["messages"][:-1], add_generation_prompt=True) == example.prompt
        whole = example.prompt + row["messages"][-1]["content"] + "<|im_end|>\n"
        assert render(row["messages"]) == whole
        assert len(model.tokens.encode(whole)) == example.tokens

    def test_answers_read_back_and_their_quotes_prove(self, model):
        each = result()
        (example,) = made_of(each, model)
        parsed = parse_reply(example.messages[-1]["content"])
        assert not parsed.errors
        calls = [(call.name, dict(call.arguments)) for call in parsed.calls]
        assert [(name, row["name"]) for name, row in calls] == [
            ("record_clause", "Law"),
            ("record_clause", "Rent"),
            ("record_absent", "Cap"),
        ]
        assert calls[1][1]["value"] == "EUR 1,200"
        assert "<|im_end|>" not in calls[1][1]["quote"]  # as broken up as in the prompt
        for _, row in calls[:2]:
            assert row["quote"] in example.prompt
            assert verify(row["quote"], each.document).proven

    def test_a_long_document_is_shown_in_windows_and_no_answer_is_lost(self, model):
        each = result(filler=300)
        made = made_of(each, model, most=1500)
        assert len(made) > 2
        assert all(example.tokens <= 1500 for example in made)
        said = [parse_reply(example.messages[-1]["content"]).calls for example in made]
        for name in ("Law", "Rent"):
            kinds = [call.name for calls in said for call in calls if call.arguments["name"] == name]
            assert "record_clause" in kinds
            assert "record_absent" in kinds
        for example, calls in zip(made, said, strict=True):
            for call in calls:
                if call.name == "record_clause":
                    assert call.arguments["quote"] in example.prompt

    def test_a_window_is_not_asked_about_a_place_that_it_cuts_through(self, model):
        each = result(filler=300)
        span = Span(1000, 2000)
        clause = answers(each.review).places["Law"][0]
        citation = dataclasses.replace(clause.citations[0], span=span, quote=each.document[span])
        places = {"Law": (dataclasses.replace(clause, citations=(citation,)),), "Cap": ()}
        made = list(examples(each.document, each.checklist, places, model, most=1500))
        asked = ["- Law:" in example.messages[1]["content"] for example in made]
        said = ["record_absent(name='Law')" in example.messages[2]["content"] for example in made]
        assert asked.count(False) >= 1
        assert said.count(True) >= 1
        assert all("- Cap:" in example.messages[1]["content"] for example in made)

    def test_no_decision_no_example(self, model):
        assert made_of(result(decisions=()), model) == []


class TestExport:
    def test_split_by_document_and_counted(self, model, tmp_path):
        reviewed = [result(n) for n in range(1, 11)] + [result(3)]
        statistics = export(reviewed, tmp_path, model, licence_accepted=True, valid=0.2)
        lines = {name: (tmp_path / f"{name}.jsonl").read_text().splitlines() for name in ("train", "valid")}
        assert statistics["documents"] == {"train": 8, "valid": 2}
        assert statistics["examples"] == {name: len(rows) for name, rows in lines.items()}
        assert statistics["clauses"] == 22
        assert statistics["questions"] == 33
        assert statistics["dropped"] == {"not decided": 33}
        assert statistics["licence"].startswith("LFM Open License")
        leases = {name: {re.search(r"Lease (\d+)\.", row)[1] for row in rows} for name, rows in lines.items()}
        assert not leases["train"] & leases["valid"]
        again = export(reviewed[::-1], tmp_path / "again", model, licence_accepted=True, valid=0.2)
        assert again["documents"] == statistics["documents"]
        assert sorted((tmp_path / "again" / "valid.jsonl").read_text().splitlines()) == sorted(lines["valid"])
        other = {tuple(sorted(_leases(export_to(reviewed, tmp_path / str(s), model, s)))) for s in range(6)}
        assert len(other) > 1
        if os.name != "nt":
            assert stat.S_IMODE((tmp_path / "train.jsonl").stat().st_mode) == 0o600

    def test_personal_data_is_counted(self, model, tmp_path):
        each = result()
        text = each.document.text + "\nWrite to jane.zweibel@example.org."
        each = dataclasses.replace(each, document=dataclasses.replace(each.document, text=text))
        assert export([each], tmp_path, model, licence_accepted=True)["personal_data"]["EMAIL"] == 1

    def test_windows_without_answers_do_not_drown_the_others(self, model, tmp_path):
        statistics = export([result(filler=400)], tmp_path, model, licence_accepted=True, most=1500)
        rows = (tmp_path / "train.jsonl").read_text().splitlines()
        full = sum("record_clause(" in json.loads(row)["messages"][-1]["content"] for row in rows)
        assert 0 < full < len(rows) <= 2 * full
        assert statistics["dropped"]["window without an answer"] > 0

    def test_the_licence_must_be_accepted(self, model, tmp_path):
        with pytest.raises(PolicyError, match=r"LFM Open License.*10 million"):
            export([result()], tmp_path / "x", model, licence_accepted=False)
        assert not (tmp_path / "x").exists()

    def test_a_document_with_too_long_an_answer_is_left_out_and_counted(self, model, tmp_path):
        each = result(2, filler=20)
        wide = dataclasses.replace(
            each.review.clauses[0].citations[0], span=Span(0, 400), quote=each.document[Span(0, 400)]
        )
        clauses = tuple(
            dataclasses.replace(c, citations=(dataclasses.replace(wide, quote=wide.quote * 20),))
            if c.name == "Law"
            else c
            for c in each.review.clauses
        )
        long = dataclasses.replace(each, review=dataclasses.replace(each.review, clauses=clauses))
        statistics = export([result(1), long], tmp_path, model, licence_accepted=True, most=1500)
        assert statistics["documents"] == {"train": 1, "valid": 0}
        assert statistics["dropped"]["an answer too long for the tokens allowed"] == 3
        with pytest.raises(ContextOverflow):
            export([long], tmp_path, model, licence_accepted=True, most=1500)

    def test_nothing_decided_is_an_error(self, model, tmp_path):
        with pytest.raises(OutputError, match="no review holds an answer"):
            export([result(decisions=())], tmp_path, model, licence_accepted=True)


def export_to(reviewed, out, model, seed):
    export(reviewed, out, model, licence_accepted=True, valid=0.2, seed=seed)
    return (out / "valid.jsonl").read_text()


def _leases(text):
    return set(re.findall(r"Lease (\d+)\.", text))


class TestBase:
    def test_another_template_is_refused(self, checkpoint, tmp_path):
        for file in checkpoint.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        (tmp_path / "chat_template.jinja").write_text("{{ messages[0].content }}")
        with pytest.raises(ModelError, match="does not write what docreview sends"):
            base(f"transformers:{tmp_path}", profile=PROFILE)

    def test_only_what_can_be_trained(self, checkpoint):
        with pytest.raises(ModelError, match="name the model to be trained"):
            base("server:http://127.0.0.1:1")
        with pytest.raises(ModelError, match="chain of thought"):
            base(f"transformers:{checkpoint}", profile="LFM2.5-2.6B")


@pytest.fixture
def folder(tmp_path):
    """Results of triage, decided."""
    out = tmp_path / "out"
    (out / "text").mkdir(parents=True)
    (out / "reviews").mkdir()
    rows = []
    for number in range(1, 5):
        each = result(number)
        (out / "text" / f"{number}.txt").write_bytes(each.document.text.encode())
        (out / "reviews" / f"{number}.json").write_text(dumps(each.review))
        rows.append({"doc": each.doc, "status": "done", "text": each.text, "review": f"reviews/{number}.json"})
    (out / "documents.jsonl").write_text("".join(dumps(row) + "\n" for row in rows))
    questions = (f'[[question]]\nname = "{q.name}"\ntext = "{q.text}"\nkind = "text"\n' for q in CHECKLIST.questions)
    (tmp_path / "mini.toml").write_text('name = "mini"\ntitle = "Mini"\n' + "".join(questions))
    return out


def run(*arguments):
    return CliRunner().invoke(app, ["export-training", *map(str, arguments)])


def test_the_command(folder, checkpoint, tmp_path):
    arguments = (folder, "--out", tmp_path / "data", "--model", f"transformers:{checkpoint}", "--profile", PROFILE)
    arguments += ("--checklist", tmp_path / "mini.toml")
    refused = run(*arguments)
    assert isinstance(refused.exception, PolicyError)
    done = run(*arguments, "--accept-licence", "--valid", "0.25")
    assert done.exit_code == 0, done.output
    assert "licence of LFM2.5-8B-A1B: LFM Open License" in done.stderr
    assert json.loads(done.stdout)["documents"] == {"train": 3, "valid": 1}


@pytest.mark.slow
def test_mlx_lm_lora_trains_on_it_and_the_adapter_is_used(folder, checkpoint, tmp_path):
    pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    data, adapter = tmp_path / "data", tmp_path / "adapter"
    model = base(f"mlx:{checkpoint}", profile=PROFILE)
    statistics = export((result(n) for n in range(1, 5)), data, model, licence_accepted=True, valid=0.25)
    command = [
        sys.executable,
        "-m",
        "mlx_lm",
        "lora",
        "--train",
        "--model",
        checkpoint,
        "--data",
        data,
        "--mask-prompt",
    ]
    command += ["--adapter-path", adapter, "--iters", "3", "--batch-size", "1", "--num-layers", "4"]
    command += ["--learning-rate", "0.01", "--steps-per-report", "1", "--steps-per-eval", "3", "--val-batches", "1"]
    command += ["--max-seq-length", str(statistics["most_tokens"])]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "truncat" not in (done.stdout + done.stderr).lower()  # no answer was cut off
    said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    losses = [float(each) for each in re.findall(r"^\s*[1-3]\s+([\d.]+) ", said, re.MULTILINE)]
    assert len(losses) == 3
    assert all(math.isfinite(each) for each in losses)
    assert len(set(losses)) == 3
    prompt = made_of(result(), model)[0].prompt
    greedy = Sampling(temperature=0, max_tokens=8)
    replies = {}
    for name in (f"mlx:{checkpoint}", f"mlx:{checkpoint}#{adapter}"):
        loaded = load_model(name, profile=PROFILE)
        reply = loaded.complete(prompt, sampling=greedy)
        reply.read()
        replies[name] = (loaded.facts.get("adapter sha256"), reply.ending.logprobs)
    (plain, before), (trained, after) = replies.values()
    assert plain is None
    assert len(trained) == 64
    assert before != after


def test_an_adapter_that_is_not_there_is_named(checkpoint, tmp_path):
    pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    with pytest.raises(ModelError, match="with the adapter"):
        load_model(f"mlx:{checkpoint}#{tmp_path / 'none'}")
