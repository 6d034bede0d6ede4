"""Dates that are worked out, notes that are written, and who must say yes."""

import io
import json
import sys
from pathlib import Path

import pytest
from leases import document_of
from typer.testing import CliRunner

from docreview.cli import app
from docreview.cli._confirm import ask_person
from docreview.errors import ConfigError, PolicyError
from docreview.governance.tool_policy import ToolPolicy
from docreview.tools import Permissions, Request, Toolbox
from docreview.types import ToolCall

LEASE = document_of(
    'This Lease is made on 31 January 2024 (the "Effective Date"). The Tenant may cancel within one (1) month after '
    "the Effective Date. Rent is due ten (10) business days after each invoice. "
    "Signed on 1 March 2024 and on 2 March 2024."
)
ANCHOR = 'made on 31 January 2024 (the "Effective Date")'
PERIOD = "within one (1) month after the Effective Date"


def run(box, tool, **arguments):
    return box.run(ToolCall(id="call-0", name=tool, arguments=arguments))


def test_a_date_is_worked_out_from_two_quotes():
    box = Toolbox(LEASE, policy=ToolPolicy())
    result = run(box, "compute_date", period=PERIOD, anchor=ANCHOR)
    assert result.ok
    assert "2024-01-31 + 1 month = 2024-02-29 (the month has no day 31, so its last day counts)" in result.content
    (worked,) = box.records
    assert (worked.kind, worked.value) == ("date", "2024-02-29")
    assert [LEASE[citation.span] for citation in worked.citations] == [PERIOD, ANCHOR]


@pytest.mark.parametrize(
    ("period", "anchor", "says"),
    [
        ("within two (2) months after the Effective Date", ANCHOR, "The period is not proven"),
        (PERIOD, "made on 30 January 2024", "The anchor is not proven"),
        (PERIOD, 'the "Effective Date"', "exactly one full date"),
        (PERIOD, "Signed on 1 March 2024 and on 2 March 2024", "exactly one full date"),
        ("ten (10) business days after each invoice", ANCHOR, "calendar of holidays"),
        ("This Lease is made", ANCHOR, "no periods"),
    ],
)
def test_nothing_is_worked_out_from_the_models_own_words(period, anchor, says):
    box = Toolbox(LEASE, policy=ToolPolicy())
    result = run(box, "compute_date", period=period, anchor=anchor)
    assert not result.ok
    assert says in result.content
    assert not box.records


class Person:
    """Gives the answers that it was told to, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def __call__(self, request):
        self.asked.append(request)
        return self.answers.pop(0)


@pytest.fixture
def notes(tmp_path):
    return tmp_path / "notes" / "notes.md"


@pytest.fixture
def permissions(tmp_path):
    return Permissions(tmp_path / "config" / "permissions.json")


def box_of(notes, permissions, confirm=None, **more):
    return Toolbox(LEASE, policy=ToolPolicy(), notes=notes, permissions=permissions, confirm=confirm, **more)


def rules(box):
    return [event.data["rule"] for event in box.events if "rule" in event.data]


def test_without_a_person_nothing_is_written(notes, permissions):
    box = box_of(notes, permissions)
    assert "did not allow" in run(box, "note", text="Ask about the deposit.").content
    assert not notes.exists()
    assert rules(box) == ["tools.confirm"]


@pytest.mark.parametrize("said", ["no", None, "yes", ""])
def test_anything_but_a_clear_yes_is_a_no(notes, permissions, said):
    box = box_of(notes, permissions, Person(said))
    assert not run(box, "note", text="x").ok
    assert run(box, "note", text="x").repeated  # nobody is asked twice
    assert not notes.exists()


def test_once_is_once(notes, permissions):
    person = Person("once", "no")
    box = box_of(notes, permissions, person)
    assert run(box, "note", text="Ask about the deposit.", quote=PERIOD).ok
    assert not run(box, "note", text="And the keys.").ok
    written = notes.read_text(encoding="utf-8")
    assert "Ask about the deposit." in written
    assert f"> {PERIOD}" in written
    assert "keys" not in written
    assert person.asked[0].arguments == {"text": "Ask about the deposit.", "quote": PERIOD}
    assert rules(box) == ["tools.confirm.once", "tools.confirm"]
    decided = [event for event in box.events if event.data.get("stage") == "confirmed"]
    assert [event.actor for event in decided] == ["person"]


def test_a_session_ends_with_its_permissions(notes, permissions):
    person = Person("session")
    box = box_of(notes, permissions, person)
    assert all(run(box, "note", text=text).ok for text in "ab")
    assert len(person.asked) == 1
    assert run(box_of(notes, permissions), "note", text="c").ok
    assert not run(box_of(notes, Permissions(permissions.path)), "note", text="d").ok


def test_always_is_stored_and_can_be_taken_back(notes, permissions):
    assert run(box_of(notes, permissions, Person("always")), "note", text="a").ok
    later = Permissions(permissions.path)
    assert run(box_of(notes, later), "note", text="b").ok
    assert list(later.always()) == ["note"]
    assert later.revoke("flag") == ()
    assert later.revoke("note") == ("note",)
    assert later.revoke() == ()
    assert not run(box_of(notes, later), "note", text="c").ok


def test_what_was_allowed_for_good_does_not_outvote_the_policy(notes, permissions):
    permissions.grant("note", "always")
    box = Toolbox(LEASE, policy=ToolPolicy(allow=("flag",)), notes=notes, permissions=permissions)
    assert not run(box, "note", text="a").ok
    assert not notes.exists()
    assert rules(box) == ["tools.allow"]


@pytest.mark.parametrize("content", ["", "[]", '{"format": 2, "always": {}}', '{"format": 1}', "\udcff"])
def test_a_damaged_permissions_file_is_no_permission(notes, permissions, content):
    permissions.path.parent.mkdir()
    permissions.path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="permissions"):
        run(box_of(notes, permissions), "note", text="a")
    assert not notes.exists()


def test_a_wrong_quote_writes_no_note(notes, permissions):
    box = box_of(notes, permissions, Person("once"))
    assert not run(box, "note", text="a", quote="within two (2) months after the Effective Date").ok
    assert not notes.exists()


def test_a_note_that_cannot_be_written_is_said_to_be(tmp_path, permissions):
    (tmp_path / "file").write_text("")
    result = run(box_of(tmp_path / "file" / "notes.md", permissions, Person("once")), "note", text="a")
    assert not result.ok
    assert "not written" in result.content


def test_the_policy_can_ask_for_more_confirmation():
    person = Person("no")
    box = Toolbox(LEASE, policy=ToolPolicy(confirm=("flag",)), confirm=person)
    assert not run(box, "flag", quote=PERIOD, reason="short").ok
    assert [request.tool for request in person.asked] == ["flag"]
    assert "note" not in {schema["name"] for schema in box.schemas()}  # there is no file for notes
    assert "no such tool" in run(box, "note", text="a").content


def test_the_policy_is_loaded_and_callers_may_only_be_stricter(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text('[tools]\nallow = ["search", "flag"]\nconfirm = ["flag"]\n[model]\nthoughts = "redacted"\n')
    policy = ToolPolicy.load(file)
    assert (policy.allow, policy.confirm, policy.thoughts) == (("search", "flag"), ("flag",), "redacted")
    assert len(policy.policy_sha256) == 64
    assert policy.tightened(allow=["flag"], thoughts="off").allow == ("flag",)
    with pytest.raises(PolicyError, match="note"):
        policy.tightened(allow=["flag", "note"])
    with pytest.raises(PolicyError, match="thoughts"):
        policy.tightened(thoughts="full")


@pytest.mark.parametrize(
    "text",
    [
        "[tools]\nallow = ['eat']", "[tools]\nallow = 'flag'", "[tools]\nallow = [1]", "[tools]\nallowed = []",
        "[model]\nthoughts = 'some'", "[model]\nthoughts = ['off']", "[tool]\n", "tools = 1", "[tools",
    ],
)  # fmt: skip
def test_a_policy_that_says_something_else_is_refused(tmp_path, text):
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"policy\.toml"):
        ToolPolicy.load(file)


def test_the_shipped_policy_is_the_default(tmp_path, monkeypatch):
    shipped = ToolPolicy.load(Path(__file__).parents[2] / "governance" / "policy.toml")
    monkeypatch.chdir(tmp_path)
    none = ToolPolicy.load()
    assert set(shipped.allow) == set(none.allow) - {"record_type"}
    assert shipped.thoughts == none.thoughts == "hash"
    assert "note" in shipped.confirm


def test_permissions_are_listed_and_taken_back_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    listed = json.loads(runner.invoke(app, ["tools", "list", "--json"]).stdout)
    assert {row["name"]: row["rule"] for row in listed}["note"] == "confirm"
    assert "record_clause" in runner.invoke(app, ["tools", "list"]).stdout
    Permissions().grant("note", "always")
    assert "note" in runner.invoke(app, ["tools", "permissions"]).stdout
    assert "taken back: note" in runner.invoke(app, ["tools", "revoke", "note"]).stdout
    assert json.loads(runner.invoke(app, ["tools", "permissions", "--json"]).stdout) == {}


@pytest.mark.parametrize(
    ("typed", "said"), [("y\n", "once"), ("s\n", "session"), ("always\n", "always"), ("\n", "no"), ("maybe\n", "no")]
)
def test_a_person_at_the_terminal_is_asked(monkeypatch, capsys, typed, said):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    request = Request(tool="note", description="Write a note.", arguments={"text": "a\x1b[2Jb\u202e\nc d"})
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert ask_person(request) is None
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert ask_person(request) == said
    told = capsys.readouterr()
    assert told.out == ""
    assert r"text: a\x1b[2Jb\u202e\nc d" in told.err
