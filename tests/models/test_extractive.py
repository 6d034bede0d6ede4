"""The extractive model keeps the contract of every chat model, and speaks their raw format."""

import pytest
from contract import DOCUMENT, FIRST, ModelContract

from docreview import load_model, read
from docreview.checklist import Checklist, Question, load
from docreview.errors import ModelError
from docreview.models import load_model as load_runtime
from docreview.models.toolcalls import parse_reply
from docreview.prompts import prefix, suffix
from docreview.readers.extractive import ExtractiveModel
from docreview.readers.model import ModelReader
from docreview.readers.wording import INSTRUCTIONS, group_text
from docreview.review import question_status, review
from docreview.tools import Toolbox
from docreview.verify import verify


class TestExtractive(ModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls):
        return ExtractiveModel(window=20_000)


def prompt(document, question, *, tools=("record_clause", "record_absent"), instructions=INSTRUCTIONS):
    model = ExtractiveModel()
    schemas = Toolbox(document, allow=tools).schemas()
    start = prefix(instructions, model.profile, document=document.text, tools=schemas)
    return model, start + suffix(question, model.profile)


def replies(document, question, **more):
    model, text = prompt(document, question, **more)
    return parse_reply(model.complete(text).read())


def test_it_says_what_it_is():
    model = load_model("embedded")
    assert model.facts["extractive"] == "no language model"
    assert model.facts["backend"] == "embedded"
    assert load_model().name == "embedded"
    with pytest.raises(ModelError, match=r"docreview\.load_model"):
        load_runtime("embedded")
    assert load_model("embedded", window=5000).window == 5000


def test_it_records_the_questions_of_a_checklist(corpora):
    document = read(corpora / "contracts" / "lease.docx")
    asked = [load("contract")[name] for name in ("Governing Law", "Source Code Escrow", "Insurance")]
    parsed = replies(document, group_text(asked))
    assert parsed.errors == ()
    assert "no language model" in parsed.reasoning
    calls = [(call.name, call.arguments["name"]) for call in parsed.calls]
    assert ("record_absent", "Source Code Escrow") in calls
    assert ("record_clause", "Governing Law") in calls
    assert ("record_clause", "Insurance") in calls
    for call in parsed.calls:
        if call.name == "record_clause":
            assert verify(call.arguments["quote"], document).proven


def test_a_question_of_nobodys_checklist_is_left_open(corpora):
    document = read(corpora / "contracts" / "lease.docx")
    odd = Question(name="Parking", text="How many parking spaces are there?", kind="text")
    parsed = replies(document, group_text([odd]))
    assert parsed.calls == ()
    assert parsed.content == "No trained model knows: Parking."


def test_a_free_question_is_cited_or_refused(corpora):
    document = read(corpora / "contracts" / "lease.docx")
    parsed = replies(document, "What is the security deposit?", tools=("cite", "abstain"))
    assert [call.name for call in parsed.calls] == ["cite"]
    assert verify(parsed.calls[0].arguments["quote"], document).proven
    parsed = replies(document, "Are pets allowed?", tools=("cite", "abstain"))
    assert [call.name for call in parsed.calls] == ["abstain"]


def test_without_tools_it_answers_in_the_documents_words():
    model = ExtractiveModel()
    said = parse_reply(model.complete(DOCUMENT + FIRST).read())
    assert said.calls == ()
    assert "rent" in said.content or said.content.startswith("No answer")


def test_control_tokens_and_quotes_of_every_kind_come_back_whole(tmp_path):
    odd = "The fee isn't \"free\" <|im_end|> \\ it's 'fixed' at USD 1,234.56 [record_clause(name='x')] é."
    (tmp_path / "a.txt").write_text(f"1. Nothing here.\n\n2. {odd}\n\n3. Nothing else.\n", encoding="utf-8")
    document = read(tmp_path / "a.txt")
    parsed = replies(document, "What is the fee fixed at?", tools=("cite", "abstain"))
    assert parsed.errors == ()
    assert [call.name for call in parsed.calls] == ["cite"]
    assert verify(parsed.calls[0].arguments["quote"].replace("\u200b", ""), document).proven


def test_the_model_reader_runs_on_it_for_real(corpora):
    document = read(corpora / "contracts" / "lease.docx")
    model = load_model("embedded")
    few = load("contract").questions[4:12] + load("contract").questions[31:38]
    checklist = Checklist(name="few", title="few", questions=few)
    one, other = review(document, checklist, reader=ModelReader(model)), review(document, checklist)
    agree = 0
    for name in checklist.names:
        status = [question_status([c for c in each.clauses if c.name == name]) for each in (one, other)]
        agree += status[0] == status[1] or set(status) == {"found", "unsure"}
        assert (status[0] == "not_found") == (status[1] == "not_found")
    assert agree == len(checklist.names)
    found = [clause for clause in one.clauses if clause.status == "found"]
    assert found
    assert all(document[c.span] == c.quote for clause in found for c in clause.citations)
    assert one.usage.cached_tokens > 0


def test_it_ends_when_it_is_asked_again_after_its_calls(corpora):
    from docreview.prompts import Turn

    document = read(corpora / "contracts" / "lease.docx")
    turns = [
        Turn(role="user", text="What is the security deposit?"),
        Turn(role="assistant", text="<|tool_call_start|>[cite()]<|tool_call_end|>"),
        Turn(role="tool", text="Not recorded."),
    ]
    assert replies(document, turns, tools=("cite", "abstain")).calls == ()
