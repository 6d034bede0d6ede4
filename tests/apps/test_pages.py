"""Compare, Playbook, Timeline, Governance, Upload and Export, used as a person uses them."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from docreview.decisions import Decisions, Entry
from docreview.errors import DecisionConflict
from docreview.export import FORMATS
from docreview.governance.audit import AuditLog, show
from docreview.timeline import timeline
from docreview.triage.results import results
from tests.apps.conftest import HOSTILE, HOSTILE_TEXT
from tests.apps.screens import choose, html, markdown, press, unharmed

pytestmark = pytest.mark.slow

OTHER = HOSTILE_TEXT.replace("March 31, 2026", "April 30, 2026").replace("shall deliver", "may deliver")


def result(out, name):
    return next(each for each in results(out) if each.doc == name)


def upload(app, key, *files):
    field = next(each for each in app.file_uploader if each.key.startswith(key))
    field.set_value([(name, data, "application/octet-stream") for name, data in files])
    app.run()
    assert not app.exception
    return app


def type_in(app, key, text):
    next(each for each in app.text_input if each.key == key).set_value(text)
    app.run()
    assert not app.exception
    return app


def rows(app, key):
    return next(each for each in app.dataframe if each.key == key).value.to_dict("records")


def frame(app):
    return app.get("iframe")[0].proto.srcdoc


@pytest.mark.parametrize("name", ["compare", "playbook", "timeline", "upload", "governance", "ask"])
def test_an_empty_folder_says_what_to_do(alone, tmp_path, name):
    said = markdown(alone(name, out=str(tmp_path)))
    assert any(word in said for word in ("Upload", "Choose two documents", "--audit", "Documents"))


# Compare


@pytest.fixture
def compared(alone, few):
    app = choose(alone("compare", out=str(few)), "compare-old", HOSTILE)
    choose(app, "compare-new", "A file from this computer …")
    return upload(app, "compare-new-file", ("new.txt", OTHER.encode()))


def test_two_documents_side_by_side_with_each_difference_and_its_kind(compared):
    assert [(row["kind"], row["was"], row["is"]) for row in rows(compared, "compare-difference-table")] == [
        ("obligation", "shall", "may"),
        ("date", "March 31", "April 30"),
    ]
    assert ">shall<" in frame(compared)
    assert "default-src 'none'" in frame(compared)
    assert [each.label.split(" (")[0] for each in compared.download_button] == ["Redline", "Side by side"]


def test_kinds_of_difference_can_be_left_out(compared):
    kinds = compared.multiselect[0]
    kinds.set_value(["date"])
    compared.run()
    assert [row["kind"] for row in rows(compared, "compare-difference-table")] == ["date"]
    assert '<mark id="old0-0" title="obligation">' not in frame(compared)
    assert 'title="date"' in frame(compared)


def test_differences_are_judged_by_a_playbook(alone, own):
    old = "Each party's liability under this Agreement shall not exceed the fees paid in the twelve months before.\n"
    new = "Each party's liability under this Agreement is not limited.\n"
    law = "1. Governing Law. This Agreement is governed by the laws of Ireland.\n\n2. Liability. "
    app = alone("compare", out=str(own))
    for side, words in (("old", old), ("new", new)):
        choose(app, f"compare-{side}", "A file from this computer …")
        upload(app, f"compare-{side}-file", (f"{side}.txt", f"SUPPLY AGREEMENT\n\n{law}{words}".encode()))
    assert "playbook" not in rows(app, "compare-difference-table")[0]
    choose(app, "compare-book-name", "vendor-msa")
    told = " ".join(row["playbook"] for row in rows(app, "compare-difference-table"))
    assert "Playbook vendor-msa" in told
    assert "worse" in frame(app)


def test_a_difference_leads_to_its_place(compared, few):
    press(compared, "compare-open-old")
    assert compared.session_state["doc"] == HOSTILE
    assert result(few, HOSTILE).document[compared.session_state["place"]] == "shall"


def test_hostile_documents_are_compared_as_text(compared):
    unharmed(compared)
    assert "<img" not in frame(compared)
    assert "&lt;img src=x onerror=alert(1)&gt;" in frame(compared)


def test_the_same_file_and_a_file_that_is_no_document_are_said(alone, few):
    app = choose(alone("compare", out=str(few)), "compare-old", "sow-3.docx")
    assert "Choose two documents" in markdown(app)
    assert "same file" in markdown(choose(app, "compare-new", "sow-3.docx"))
    choose(app, "compare-new", "A file from this computer …")
    upload(app, "compare-new-file", ("x.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 99))
    assert "unpack it" in html(app)


def test_the_terms_in_force_name_what_a_person_must_apply(alone, few):
    app = choose(alone("compare", out=str(few)), "compare-what", "Terms in force")
    choose(app, "terms-master", "sow-3.docx")
    choose(app, "terms-amendments", ["sow-3-amendment-1.txt"])
    assert "changes applied" in html(app)
    assert "as amended" in frame(app)
    assert [each.label for each in app.download_button] == ["Text", "Page (HTML)"]


# Playbook


def test_deviations_come_gravest_first_with_quote_and_text_to_propose(alone, few):
    app = choose(alone("playbook", out=str(few)), "playbook-doc", "msa.pdf")
    drawn = html(app)
    verdicts = [
        line.split("<strong>")[1].split(":")[0].split(" (")[0] for line in drawn.splitlines() if "<strong>" in line
    ]
    order = ["unacceptable", "missing", "needs review", "not read"]
    assert verdicts
    assert verdicts == sorted(verdicts, key=order.index)
    assert app.code, "text to propose, with a button to copy it"
    opened = next(each for each in app.button if "-open-" in each.key)
    press(app, opened.key)
    span = app.session_state["place"]
    assert len(result(few, "msa.pdf").document[span]) > 10


def test_verdicts_and_strictness_can_be_chosen(alone, few):
    app = choose(alone("playbook", out=str(few)), "playbook-doc", "msa.pdf")
    before = html(app)
    assert "<strong>acceptable" not in before
    verdicts = app.multiselect[0]
    verdicts.set_value(["acceptable"])
    app.run()
    assert "<strong>acceptable" in html(app)
    choose(app, "playbook-mode", "permissive")
    assert html(app) != before


def test_another_checklist_is_asked_on_request(alone, few):
    app = choose(alone("playbook", out=str(few)), "playbook-name", "nda-recipient")
    assert "reviewed with the checklist" in markdown(app)
    press(app, next(each.key for each in app.button if each.key.startswith("playbook-again")))
    assert "<strong>" in html(app)


def test_a_playbook_of_ones_own_and_what_is_wrong_with_it(alone, few, tmp_path):
    app = choose(alone("playbook", out=str(few)), "playbook-name", "A file of your own …")
    assert "Name the file" in markdown(app)
    type_in(app, "playbook-path", str(tmp_path / "none.toml"))
    assert "can&#x27;t be read" in html(app)
    book = tmp_path / "own.toml"
    book.write_text(
        'title = "Mine"\nchecklist = "contract"\n[[clause]]\nid = "law"\ntitle = "**Law** [x](http://evil.example)"\n'
        'questions = ["Governing Law"]\nfallback = "Irish law."\n[[clause.position]]\nid = "irish"\n'
        'level = "walk_away"\ntext = "Irish"\nplaces = ["Ireland"]\n',
        encoding="utf-8",
    )
    type_in(app, "playbook-path", str(book))
    assert "**Law** [x](http://evil.example)" in html(app)
    unharmed(app)


def test_all_documents_at_once(alone, few):
    app = choose(alone("playbook", out=str(few)), "playbook-view", "All documents")
    table = rows(app, "playbook-matrix-table")
    assert {row["document"] for row in table} == {each.doc for each in results(few)}
    assert all(isinstance(row["unacceptable"], int) for row in table)
    press(app, "playbook-matrix-open")
    assert next(each for each in app.selectbox if each.key == "playbook-doc").value == table[0]["document"]


# Timeline


def test_a_day_enters_the_calendar_only_when_a_person_confirmed_it(alone, own):
    app = choose(alone("timeline", out=str(own)), "timeline-doc", HOSTILE)
    assert app.download_button[0].disabled
    assert "to check" in {row["status"] for row in rows(app, "timeline-event-table")}
    choose(app, "timeline-days", "to confirm")
    choose(app, "timeline-kind", "duties")
    assert rows(app, "timeline-event-table")[0]["day"] == "2026-03-31"
    press(app, "timeline-confirm")
    (entry,) = Decisions(own).entries()
    assert (entry.doc, entry.kind, entry.by, entry.value) == (HOSTILE, "date", "Ann", "2026-03-31")
    assert "Nothing fits" in markdown(app)
    assert not app.download_button[0].disabled
    choose(app, "timeline-days", "confirmed")
    press(app, "timeline-back")
    assert [each.value for each in Decisions(own).entries()] == ["2026-03-31", None]
    assert app.download_button[0].disabled
    unharmed(app)


def test_a_person_may_set_another_day(alone, own):
    app = choose(alone("timeline", out=str(own)), "timeline-doc", "supply.docx")
    choose(app, "timeline-days", "without a day")
    app.date_input[0].set_value(date(2027, 5, 1))
    app.run()
    press(app, "timeline-confirm")
    assert Decisions(own).entries()[0].value == "2027-05-01"


def test_without_a_name_nothing_is_decided(alone, own):
    app = choose(alone("timeline", out=str(own), reviewer=""), "timeline-doc", HOSTILE)
    choose(app, "timeline-days", "to confirm")
    press(app, "timeline-confirm")
    assert "Type your name" in markdown(app)
    assert not Decisions(own).entries()


def test_two_people_at_once_lose_nothing(own):
    one = result(own, HOSTILE)
    event = next(e for e in timeline(one.document, one.review, one.checklist) if e.date)
    store = Decisions(own)
    said = {"doc": HOSTILE, "kind": "date", "clause": event.question, "span": event.span}
    store.add(Entry(**said, by="Ann", value="2026-03-31"), seen=0)
    with pytest.raises(DecisionConflict, match="the day is 2026-03-31"):
        store.add(Entry(**said, by="Ben", value="2026-04-01"), seen=0)


def test_all_documents_and_filters(alone, few):
    app = choose(alone("timeline", out=str(few)), "timeline-view", "All documents")
    everything = rows(app, "timeline-event-table")
    assert len({row["document"] for row in everything}) >= 4
    days = [row["day"] for row in everything if row["day"]]
    assert days == sorted(days)
    assert "notice" in {row["kind"] for row in everything}
    type_in(app, "timeline-words", "exit plan")
    assert 0 < len(rows(app, "timeline-event-table")) < len(everything)
    press(app, "timeline-open")
    assert app.session_state["doc"] == "msa.pdf"
    type_in(app, "timeline-words", "zzzz")
    assert "Nothing fits" in markdown(app)


# Governance


@pytest.fixture
def logged(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with AuditLog(tmp_path / "log") as log:
        log.add("run_started", payload={"question": "**who** [x](http://evil.example)?"})
        log.add("run_ended", {"status": "done"})
    return tmp_path / "log"


def test_the_log_is_shown_checked_and_signed(alone, few, logged):
    app = alone("governance", out=str(few), audit=str(logged))
    assert "intact: 2 events" in markdown(app)
    assert [row["kind"] for row in rows(app, "audit-event-table")] == ["run_ended", "run_started"]
    choose(app, "audit-kind", "run_started")
    assert len(rows(app, "audit-event-table")) == 1
    press(app, "audit-payload")
    assert any("**who**" in each.value for each in app.code)
    unharmed(app)
    press(app, "audit-sign")
    note = app.session_state["audit-note"]
    assert note.splitlines()[1] == "2"
    upload(app, "audit-note-given", ("note.txt", note.encode()))
    assert markdown(app).count("intact: 2 events") == 2


def test_a_log_that_was_changed_is_said(alone, few, logged):
    (segment,) = (logged / "segments").iterdir()
    segment.write_bytes(segment.read_bytes().replace(b"run_started", b"run_stopped"))
    app = alone("governance", out=str(few), audit=str(logged))
    assert "NOT intact" in html(app)
    assert not app.success


def test_without_a_log_it_says_how_to_keep_one(alone, few, tmp_path):
    assert "--audit" in markdown(alone("governance", out=str(few)))
    assert "no events yet" in markdown(alone("governance", out=str(few), audit=str(tmp_path / "new")))


def test_redaction_is_shown_side_by_side_and_kinds_can_be_switched(alone, few):
    app = choose(alone("governance", out=str(few)), "governance-part", "Redaction")
    choose(app, "redaction-doc", "msa.pdf")
    left, right = [each for each in app.get("html") if "dr-side" in each.value]
    assert "[PERSON_1]" in right.value
    assert "[PERSON_1]" not in left.value
    assert "<mark" in left.value
    kinds = app.multiselect[0]
    kinds.set_value(["EMAIL"])
    app.run()
    assert not any("[PERSON_1]" in each.value for each in app.get("html"))
    app.multiselect[0].set_value([])
    app.run()
    assert "at least one kind" in markdown(app)
    app.multiselect[0].set_value(["PERSON"])
    choose(app, "redaction-doc", HOSTILE)
    unharmed(app)


def test_tokens_of_the_open_document_and_a_tokenizer_that_is_not_there(alone, few, tmp_path):
    app = choose(alone("governance", out=str(few)), "governance-part", "Tokens")
    choose(app, "tokens-doc", "msa.pdf")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["tokenizer"], row["window"]) == ("minilm", 128_000)
    assert row["tokens"] > 5_000
    type_in(app, "tokens-place", str(tmp_path / "tokenizer.json"))
    assert "no such file" in html(app)


def test_peoples_figures_against_a_baseline(alone, own):
    store = Decisions(own)
    clause = next(c for c in result(own, "msa.pdf").review.clauses if c.citations)
    place = {"doc": "msa.pdf", "clause": clause.name, "span": clause.citations[0].span}
    store.add(Entry(**place, by="Ann", verdict="accepted", seconds=60.0))
    store.add(Entry(**place, by="Ben", verdict="rejected", seconds=120.0), seen=1)
    app = choose(alone("governance", out=str(own)), "governance-part", "People")
    shown = {each.label: each.value for each in app.metric}
    assert (shown["Minutes per document"], shown["Change, percent"], shown["Reviewers"]) == ("3", "not known", "2")
    assert shown["Same verdict"] == "0"
    app.number_input[0].set_value(6.0)
    app.run()
    assert {each.label: each.value for each in app.metric}["Change, percent"] == "-50"


# Upload


def test_files_are_checked_read_and_reviewed_and_a_bad_one_stops_no_other(alone, own, tmp_path):
    app = alone("upload", out=str(own), audit=str(tmp_path / "log"))
    upload(
        app,
        "upload-files",
        ("../../<b>evil</b>.txt", OTHER.encode()),
        ("bad.pdf", b"%PDF-1.7\nnothing"),
        ("archive.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 99),
        ("again.txt", HOSTILE_TEXT.encode()),
    )
    press(app, "upload-go")
    drawn = html(app)
    assert "archive.7z: not taken" in drawn
    assert "unpack it" in drawn
    assert "bad.pdf: kept, but it could not be read" in drawn
    assert "same content is here already" in drawn
    documents = {row["doc"]: row for row in map(json.loads, (own / "documents.jsonl").read_text().splitlines())}
    assert documents["uploads/b_.txt"]["status"] == "done"
    assert len(documents) == 7
    table = app.dataframe[0].value
    assert dict(zip(table["document"], table["status"], strict=True)) == {
        "uploads/b_.txt": "done",
        "uploads/bad.pdf": "quarantined",
    }
    assert list(show(tmp_path / "log")), "the audit log sees it"
    unharmed(app)
    press(app, "upload-open-0")
    assert app.session_state["doc"] == "uploads/b_.txt"


def test_the_same_name_with_other_content_overwrites_nothing(alone, own):
    app = alone("upload", out=str(own))
    press(upload(app, "upload-files", ("a.txt", OTHER.encode())), "upload-go")
    press(upload(app, "upload-files", ("a.txt", OTHER.replace("Globex", "Initech").encode())), "upload-go")
    assert "kept as uploads/a (2).txt" in html(app)
    assert (own / "uploads" / "a.txt").read_bytes() == OTHER.encode()


def test_a_folder_in_use_keeps_the_files_and_says_what_to_do(alone, own):
    from docreview.triage.journal import Lock

    app = alone("upload", out=str(own))
    upload(app, "upload-files", ("a.txt", OTHER.encode()))
    lock = Lock(own)
    try:
        press(app, "upload-go")
        assert "another run is writing here" in html(app)
        assert Path(own, "uploads", "a.txt").exists()
    finally:
        lock.release()
    press(app, "upload-again")
    assert "uploads/a.txt" in (own / "documents.jsonl").read_text()


# Table


def test_a_table_of_documents_and_questions_leads_to_each_place(alone, few):
    app = alone("table", out=str(few))
    table = next(each for each in app.dataframe if each.key.startswith("table-cells")).value
    assert list(table.columns)[:2] == ["document", "Document Name"]
    assert len(table) == 5
    app.multiselect[0].set_value(["Governing Law", "Expiration Date"]).run()
    table = next(each for each in app.dataframe if each.key.startswith("table-cells")).value
    law = {row["document"]: row["Governing Law"] for row in table.to_dict("records")}
    assert "Ireland" in law[HOSTILE]
    choose(app, "table-doc", HOSTILE)
    choose(app, "table-question", "Governing Law")
    assert "Ireland" in html(app)
    press(app, "table-open-0")
    place = app.session_state["place"]
    assert app.session_state["doc"] == HOSTILE
    assert "Ireland" in result(few, HOSTILE).document[place]
    unharmed(app)


def test_the_table_keeps_what_says_the_words(alone, few):
    app = alone("table", out=str(few))
    type_in(app, "table-words", "no such words")
    assert "No answer to these questions says that." in markdown(app)
    type_in(app, "table-words", "")
    app.multiselect[0].set_value([]).run()
    assert "Choose at least one question." in markdown(app)


# Export


def test_every_format_gives_a_file_and_label_studio_two_in_a_zip(alone, few):
    app = alone("export", out=str(few))
    for name in FORMATS:
        app.selectbox[0].set_value(name).run()
        press(app, "export-make")
        (_, (file, data)) = app.session_state["export-made"]
        assert data
        assert [button.label for button in app.download_button] == [f"Save {file}"]
        if name == "label-studio":
            assert sorted(zipfile.ZipFile(io.BytesIO(data)).namelist()) == ["label-studio.json", "label-studio.xml"]
        else:
            assert file == FORMATS[name][0]
