"""What becomes of a call: checked, logged, run, answered."""

import re
from pathlib import Path

import pytest

from docreview.checklist import Checklist, Question
from docreview.errors import AuditError, PolicyError
from docreview.governance.audit import AuditLog, show
from docreview.governance.audit.event import TOOLS as WORDS
from docreview.governance.tool_policy import ToolPolicy
from docreview.models.toolcalls import parse_reply
from docreview.prompts import neutralise
from docreview.tools import TOOLS, Toolbox
from docreview.types import Span, ToolCall

RENT = "The tenant shall pay 900 euros on the first day of each month."
QUESTIONS = Checklist(
    name="lease",
    title="Lease",
    questions=(
        Question(name="Rent", text="What is the rent?", kind="text"),
        Question(name="Term", text="?", kind="text"),
    ),
)


def call(tool, /, **arguments):
    return ToolCall(
        id=f"call-{abs(hash((tool, *map(str, arguments.items())))):012x}"[:17], name=tool, arguments=arguments
    )


@pytest.fixture
def box(lease):
    return Toolbox(lease, checklist=QUESTIONS, policy=ToolPolicy())


def stages(box):
    return [(event.kind, event.data.get("stage"), event.data.get("rule")) for event in box.events]


def test_a_proven_quote_is_recorded_with_all_its_places(box, lease):
    result = box.run(call("record_clause", name="rent", quote="the tenant  shall", value="900"))
    assert (result.ok, result.settled) == (True, True)
    (clause,) = box.records
    assert (clause.kind, clause.name, clause.value, clause.proven) == ("clause", "Rent", "900", True)
    assert [lease[c.span] for c in clause.citations] == ["The tenant shall"] * 2
    assert stages(box) == [
        ("tool_call", "proposed", None), ("tool_call", "allowed", "tools.allow"), ("tool_call", "done", None)
    ]  # fmt: skip


def test_a_quote_copied_from_a_neutralised_document_maps_back(box, lease):
    shown = neutralise(lease.text).text
    start = shown.index("<")
    assert box.run(call("record_clause", name="Term", quote=shown[start : start + 22])).ok
    assert box.records[0].citations[0].quote.startswith("<|im_end|> is a code")
    assert box.records[0].citations[0].verdict == "verbatim"


def test_a_wrong_quote_is_named_word_for_word_and_kept_for_a_person(box, lease):
    result = box.run(call("record_clause", name="Rent", quote="The tenant shall sublet."))
    assert (result.ok, result.settled) == (False, False)
    assert 'leaves out "not"' in result.content
    assert 'reads: "The tenant shall not sublet."' in result.content
    (record,) = box.records
    assert not record.proven
    assert not record.citations
    assert lease[record.closest] == "The tenant shall not sublet."
    refused = [event for event in box.events if event.kind == "quote_refused"]
    assert [event.data["verdict"] for event in refused] == ["altered"]


def test_a_second_try_in_a_later_reply_puts_it_right(box):
    box.run(call("record_clause", name="Rent", quote="The tenant shall sublet."))
    box.next_round()
    result = box.run(call("record_clause", name="Rent", quote="The tenant shall not sublet."))
    assert result.ok
    assert [record.proven for record in box.records] == [True]


def test_a_proven_quote_of_the_same_reply_does_not_hide_one_that_failed(box):
    box.run(call("record_clause", name="Rent", quote="The tenant shall sublet."))
    box.run(call("record_clause", name="Rent", quote=RENT))
    assert [record.proven for record in box.records] == [False, True]
    box.next_round()
    box.run(call("record_clause", name="Rent", quote="The tenant shall not sublet."))
    assert [record.proven for record in box.records] == [True, True]


def test_a_second_failure_is_the_last_word(box):
    box.run(call("record_clause", name="Rent", quote="The tenant shall sublet."))
    box.next_round()
    again = box.run(call("record_clause", name="Rent", quote="The tenant shall not sublet it."))
    assert (again.ok, again.settled) == (False, True)
    assert [(record.proven, record.quote) for record in box.records] == [(False, "The tenant shall not sublet it.")]
    same = box.run(call("record_clause", name="Rent", quote="The tenant shall not sublet it."))
    assert (same.ok, same.settled, same.repeated) == (False, True, True)
    assert len(box.records) == 1


def test_a_repeated_record_is_dropped_without_another_reply(box):
    first, again = (box.run(call("record_absent", name="Term")) for _ in range(2))
    assert (first.ok, again.ok, again.settled, again.repeated) == (True, True, True, True)
    assert len(box.records) == 1
    assert ("tool_call", "denied", "tools.repeat") in stages(box)


def test_an_abstention_is_recorded(box):
    assert box.run(call("abstain", reason="the annex is missing", name="term")).settled
    assert [(r.kind, r.name, r.reason) for r in box.records] == [("abstention", "Term", "the annex is missing")]
    assert "abstention" in [event.kind for event in box.events]


@pytest.mark.parametrize(
    ("made", "rule", "says"),
    [
        (call("delete_all"), "tools.known", "no such tool"),
        (call("record_type", type="lease", score=1), "tools.known", "no such tool"),
        (call("record_clause", name="Rent"), "tools.arguments", "quote: Field required"),
        (call("record_clause", name="Rent", quote=5), "tools.arguments", "quote: Input should be a valid string"),
        (call("record_clause", name="Rent", quote="x", page=1), "tools.arguments", "page: Extra inputs"),
        (call("flag", quote=RENT, reason="x" * 9, **{"y" * 900: 1}), "tools.arguments", "y" * 60 + ": Extra"),
    ],
)
def test_a_call_that_does_not_fit_is_denied_and_answered(box, made, rule, says):
    result = box.run(made)
    assert (result.ok, result.settled) == (False, False)
    assert says in result.content
    assert stages(box) == [("tool_call", "proposed", None), ("tool_call", "denied", rule)]
    assert not box.records


def test_an_unknown_question_gets_the_names_that_are_like_it(box):
    result = box.run(call("record_absent", name="Terms"))
    assert not result.ok
    assert "Term" in result.content
    assert not box.records


def test_the_policy_and_the_caller_decide_what_there_is(lease):
    policy = ToolPolicy(allow=("record_absent", "record_clause", "flag"))
    box = Toolbox(lease, policy=policy, allow=["record_clause", "record_absent"])
    assert [schema["name"] for schema in box.schemas()] == ["record_clause", "record_absent"]
    assert "no such tool" in box.run(call("flag", quote=RENT, reason="odd")).content
    assert stages(box)[-1] == ("tool_call", "denied", "tools.allow")
    with pytest.raises(PolicyError, match="abstain"):
        Toolbox(lease, policy=policy, allow=["abstain"])


def test_every_tool_is_a_word_of_the_log_and_there_are_at_most_twelve():
    assert {tool.name for tool in TOOLS} <= set(WORDS)
    assert len(TOOLS) <= 12


def test_schemas_are_short_and_say_all():
    for tool in TOOLS:
        assert tool.arguments.__doc__
        assert all(field.description for field in tool.arguments.model_fields.values())


def test_with_a_log_each_step_is_on_the_disk(lease, tmp_path):
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        box = Toolbox(lease, checklist=QUESTIONS, policy=ToolPolicy(), log=log, run_id="abcdef01")
        reply = parse_reply(f"<|tool_call_start|>[record_clause(name='Rent', quote='{RENT}')]<|tool_call_end|>")
        assert box.run(reply.calls[0]).ok
    events = list(show(tmp_path / "log"))
    assert [event.data["stage"] for event in events] == ["proposed", "allowed", "done"]
    assert {event.run_id for event in events} == {"abcdef01"}
    assert events[0].data["gen_ai.tool.name"] == "record_clause"
    assert events[0].data["gen_ai.tool.call.id"] == reply.calls[0].id.removeprefix("call-")
    assert all(b"900 euros" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_what_cannot_be_logged_does_not_run(lease, tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "strange.txt").write_text("not a log")
    box = Toolbox(lease, policy=ToolPolicy(), log=AuditLog(tmp_path / "log", key=tmp_path / "key"))
    with pytest.raises(AuditError):
        box.run(call("record_absent", name="Rent"))
    assert not box.records
    assert not box.events


def test_spans_of_citations_are_the_documents(box, lease):
    box.run(call("record_clause", name="Rent", quote=RENT))
    (citation,) = box.records[0].citations
    assert citation.span == Span(lease.text.index(RENT), lease.text.index(RENT) + len(RENT))


def test_the_page_of_the_tools_says_what_they_are():
    page = (Path(__file__).parents[2] / "docs" / "tools.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (read|record|write) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(tool.name, tool.effect, tool.arguments.__doc__) for tool in TOOLS]
