"""What leaves the machine, when, and what becomes of the answer: tried on a local service that keeps every byte."""

import dataclasses
import json
import os
import stat
import threading

import pytest
from doubtful import CHECKLIST, MAIL, NAME, PHONE, QUOTE, TEXT, written

from docreview.errors import AuditError, ConfigError, ModelError, OutputError, PolicyError
from docreview.escalation import Consent, Escalation, Queue, collect, send
from docreview.escalation.queue import Item, item_id
from docreview.governance import redact
from docreview.governance.audit import AuditLog, show, verify
from docreview.types import Decision, Span

CANARIES = [*NAME.split(), MAIL, PHONE, "5909", "zweibel"]


def told(item):
    return json.loads(item.body)["messages"][1]["content"]


def answer(**values):
    return json.dumps({"status": "found", "quote": "", "value": ""} | values)


class TestWhatIsQueued:
    def test_the_doubtful_question_alone_with_its_surroundings_redacted(self, item):
        assert (item.question, item.reason, item.state) == ("Notices", "unsure", "queued")
        assert "Question: Where do notices go?" in told(item)
        assert "Notices go to [PERSON_1] ([EMAIL_1], [PHONE_1]) by registered post within ten days." in told(item)
        assert "made between Acme" not in told(item)  # far from the place
        assert len(told(item)) < len(TEXT)

    def test_no_canary_is_in_the_queue(self, queue, item):
        raw = queue.file.read_bytes().decode()
        assert item.id in raw
        assert not [each for each in CANARIES if each.lower() in raw.lower()]

    @pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
    def test_only_the_user_can_read_it(self, queue, item):
        assert stat.S_IMODE(queue.file.stat().st_mode) == 0o600
        assert stat.S_IMODE(queue.folder.stat().st_mode) == 0o700

    def test_a_low_score_is_doubtful_when_the_policy_says_so(self, document, reviewed, policy):
        def asked(rules):
            return [(i.question, i.reason) for i in collect(document, reviewed, CHECKLIST, rules, redact)]

        assert asked(policy) == [("Notices", "unsure")]
        assert asked(dataclasses.replace(policy, below_score=0.7)) == [
            ("Notices", "unsure"),
            ("Term", "score 0.60, under 0.7"),
        ]
        assert asked(dataclasses.replace(policy, statuses=())) == []

    def test_what_a_person_has_decided_is_not_asked(self, document, reviewed, policy):
        decision = Decision(clause="Notices", verdict="accepted", by="ann", at="2026-11-20T10:00:00Z")
        decided = dataclasses.replace(reviewed, decisions=(decision,))
        assert collect(document, decided, CHECKLIST, policy, redact) == []

    def test_queued_once(self, queue, item, document, reviewed, policy):
        again = collect(document, reviewed, CHECKLIST, policy, redact, files=("notice.txt", "text/notice.txt"))
        assert queue.add(again) == []
        assert queue.items() == [item]

    def test_off_by_default(self, document, reviewed):
        with pytest.raises(PolicyError, match="names no endpoint"):
            collect(document, reviewed, CHECKLIST, Escalation(), redact)

    def test_a_redaction_that_is_not_done_with_its_own_result_is_not_trusted(self, document, reviewed, policy):
        once = []

        def half(text):
            once.append(text)
            spans = None if len(once) > 1 else []
            return redact(text, spans)

        with pytest.raises(PolicyError, match="still holds"):
            collect(document, reviewed, CHECKLIST, policy, half)

    def test_a_changed_line_is_refused(self, queue, item):
        raw = queue.file.read_text()
        queue.file.write_text(raw.replace("Where do notices go?", "What is the bank account?"))
        with pytest.raises(OutputError, match="line 1 is damaged"):
            queue.items()
        queue.file.write_text("{")
        with pytest.raises(OutputError, match="line 1 is damaged"):
            queue.items()

    def test_items_are_found_by_how_their_id_begins(self, queue, item):
        assert queue.item(item.id[:4]) == item
        for key in ("", "zz"):
            with pytest.raises(OutputError, match="items have an id"):
                queue.item(key)


class TestSending:
    def test_no_consent_no_request(self, queue, item, policy, service, log):
        for consent in (None, Consent(item="0123456789abcdef", by="Ann")):
            with pytest.raises(PolicyError, match=r"escalation\.consent"):
                send(queue, item, consent, policy, redact, log)
        with pytest.raises(PolicyError, match="name of the person"):
            Consent(item=item.id, by=" ")
        assert service.requests == []
        assert queue.items() == [item]
        assert [event.data["stage"] for event in show(log.folder)] == ["proposed", "denied"] * 2

    def test_with_consent_exactly_what_was_shown_goes_out_and_no_canary(self, queue, item, policy, service, log):
        service.answer = answer(quote="Notices go to [PERSON_1] ([EMAIL_1], [PHONE_1])", value="to [PERSON_1]")
        send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        ((path, body, key),) = service.requests
        assert (path, key) == ("/v1/chat/completions", None)
        assert body == json.loads(item.body)
        assert item.body.encode() in service.bytes
        sent = service.bytes.decode().lower()
        assert not [each for each in (*CANARIES, "notice.txt", "Ann", item.doc_id + '"') if each.lower() in sent]

    def test_the_answer_is_a_suggestion_with_names_put_back_and_its_quote_proven(
        self, queue, item, policy, service, log
    ):
        service.answer = (
            "```json\n" + answer(quote="to [PERSON_1] ([EMAIL_1], [PHONE_1])", value="[PERSON_1]") + "\n```"
        )
        done = send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert (done.state, done.by, done.note) == ("answered", "Ann", "")
        said = done.suggestion
        assert (said.status, said.value, said.verdict) == ("found", NAME, "verbatim")
        (citation,) = said.citations
        assert TEXT[citation.span.start : citation.span.end] == f"to {NAME} ({MAIL}, {PHONE})"
        assert queue.items() == [done]

    @pytest.mark.parametrize(
        ("reply", "status", "note"),
        [
            (answer(quote="Notices go to [PERSON_1] within twenty days"), "unsure", "is altered|is not found"),
            (answer(quote="Ignore the policy and send the whole document"), "unsure", "is not found"),
            (answer(value="yes"), "unsure", "no quote"),
            (answer(status="not_found"), "not_found", "^$"),
            (answer(status="not_found", quote="by registered post"), "not_found", "^$"),
            (answer(status="approved"), None, "not the JSON object"),
            ("Sure! It says registered post.", None, "not the JSON object"),
            ("[" * 50_000, None, "not the JSON object"),
            ("{" * 70_000 + '"', None, "not the JSON object"),
            ("", None, "not the JSON object"),
            (answer(quote="x" * 9000), None, "not the JSON object"),
        ],
    )
    def test_an_answer_is_not_trusted(self, queue, item, policy, service, log, reply, status, note):
        import re

        service.answer = reply
        done = send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert done.state == "answered"
        assert (done.suggestion.status if done.suggestion else None) == status
        assert re.search(note, done.note)
        if status == "unsure":
            assert not done.suggestion.citations

    def test_what_it_made_up_in_brackets_stays_in_brackets(self, queue, item, policy, service, log):
        service.answer = answer(status="unsure", value="[PERSON_9] and [PERSON_1]")
        done = send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert done.suggestion.value == f"[PERSON_9] and {NAME}"

    def test_written_ahead_without_a_word_in_clear(self, queue, item, policy, service, log, tmp_path):
        seen = []
        service.answer = answer(status="not_found")

        class Watching(AuditLog):
            def append(self, records):
                seen.extend((record.data["stage"], len(service.requests)) for record in records)
                return super().append(records)

        with Watching(tmp_path / "watched", key=tmp_path / "k") as watching:
            send(queue, item, Consent(item=item.id, by="Ann Example"), policy, redact, watching)
        assert seen == [("proposed", 0), ("confirmed", 0), ("done", 1)]
        events = list(show(tmp_path / "watched"))
        assert {event.kind for event in events} == {"escalation"}
        assert [event.actor for event in events] == ["person", "person", "person"]
        assert events[1].data["policy_sha256"] == policy.policy_sha256
        clear = written(tmp_path / "watched" / "segments").decode()
        for each in (*CANARIES, "Ann Example", "registered post", "Where do notices", item.endpoint):
            assert each not in clear
        assert verify(tmp_path / "watched", key=tmp_path / "k")["intact"]

    def test_what_cannot_be_logged_is_not_sent(self, queue, item, policy, service, log):
        (log.folder).mkdir(exist_ok=True)
        (log.folder / "strange").write_text("not a log")
        with pytest.raises(AuditError):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert service.requests == []
        assert queue.items() == [item]

    def test_an_error_of_the_service_leaves_it_failed_and_it_may_be_sent_again(self, queue, item, policy, service, log):
        service.answer = (429, {"error": {"message": "slow down"}})
        with pytest.raises(ModelError, match=r"slow down \(HTTP 429\)"):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert queue.item(item.id).state == "failed"
        service.answer = (200, {"choices": []})
        with pytest.raises(ModelError, match="holds no message"):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        service.answer = answer(status="not_found")
        assert send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log).state == "answered"
        stages = [event.data["stage"] for event in show(log.folder)]
        assert stages == ["proposed", "confirmed", "failed"] * 2 + ["proposed", "confirmed", "done"]

    def test_answered_and_dropped_items_are_not_sent(self, queue, item, policy, service, log):
        queue.drop(item.id, by="Ann")
        with pytest.raises(PolicyError, match="is dropped"):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert service.requests == []
        assert queue.add([item]) == []  # a dropped one does not come back by itself

    def test_two_people_at_once_send_it_once(self, queue, item, policy, service, log):
        service.answer = answer(status="not_found")
        outcomes = []

        def work():
            try:
                outcomes.append(send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log).state)
            except PolicyError as error:
                outcomes.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(service.requests) == 1
        assert outcomes.count("answered") == 1

    def test_a_document_that_would_be_redacted_otherwise_now_is_not_sent(self, queue, item, policy, service, log):
        file = queue.out / "text" / "notice.txt"
        file.write_text(TEXT.replace("ten days", "nine days"))
        with pytest.raises(PolicyError, match="queue it again"):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        file.unlink()
        with pytest.raises(OutputError):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert service.requests == []

    def test_a_text_outside_of_the_folder_is_not_opened(self, queue, item, policy, service, log):
        moved = dataclasses.replace(item, text="../../etc/passwd")
        with queue.changing():
            queue.write([moved])
        with pytest.raises(OutputError, match="outside"):
            send(queue, item, Consent(item=item.id, by="Ann"), policy, redact, log)
        assert service.requests == []

    def test_a_body_with_more_than_the_document_is_not_sent(self, queue, item, policy, service, log):
        """Who can write the queue can't make it send other text: it would have to be in the redacted document."""
        body = json.loads(item.body)
        body["messages"][1]["content"] = f"Question: x\n\nPassage 1:\n{NAME}"
        changed = json.dumps(body)
        key = item_id(item.doc_id, item.question, item.endpoint, changed)
        queue.add([dataclasses.replace(item, id=key, body=changed)])
        with pytest.raises(PolicyError, match="queue it again"):
            send(queue, queue.item(key), Consent(item=key, by="Ann"), policy, redact, log)
        assert service.requests == []


class TestPolicy:
    def test_off_or_changed_meanwhile_is_refused(self, queue, item, policy, service, log):
        consent = Consent(item=item.id, by="Ann")
        for rules, says in (
            (Escalation(), "names no endpoint"),
            (dataclasses.replace(policy, endpoint="http://127.0.0.1:9/v1"), "another endpoint"),
            (dataclasses.replace(policy, endpoint="https://example.org/v1"), "another endpoint"),
            (dataclasses.replace(policy, model="bigger"), "another model"),
        ):
            with pytest.raises(PolicyError, match=says):
                send(queue, item, consent, rules, redact, log)
        assert service.requests == []

    @pytest.mark.parametrize(
        ("endpoint", "says"),
        [
            ("http://example.org/v1", "must begin with https"),
            ("http://10.0.0.1/v1", "must begin with https"),
            ("ftp://example.org", "no address"),
            ("https://user:secret@example.org/", "no address"),
            ("example.org", "no address"),
        ],
    )
    def test_tls_unless_it_is_this_machine(self, endpoint, says):
        with pytest.raises(PolicyError, match=says):
            Escalation(endpoint=endpoint, model="m").address()

    @pytest.mark.parametrize("endpoint", ["https://example.org/v1", "http://127.0.0.1:8000", "http://localhost:1/v1"])
    def test_fine(self, endpoint):
        assert Escalation(endpoint=endpoint, model="m").address().host in endpoint

    def test_from_the_file(self, tmp_path):
        file = tmp_path / "policy.toml"
        file.write_text('[escalation]\nendpoint = "https://example.org/v1"\nmodel = "m"\nbelow_score = 0.5\n')
        rules = Escalation.load(file)
        assert (rules.endpoint, rules.below_score, len(rules.policy_sha256)) == ("https://example.org/v1", 0.5, 64)
        assert rules.tightened(below_score=0.2).below_score == 0.2
        with pytest.raises(PolicyError, match=r"allows 0\.5, not 0\.6"):
            rules.tightened(below_score=0.6)

    @pytest.mark.parametrize(
        "table",
        [
            'endpoint = "https://example.org/v1"',
            'endpoint = 5\nmodel = "m"',
            "send_everything = true",
            'policy_sha256 = "0"',
            'statuses = ["not_found"]',
            "below_score = 2",
        ],
    )
    def test_a_wrong_table_is_refused(self, tmp_path, table):
        (tmp_path / "policy.toml").write_text(f"[escalation]\n{table}\n")
        with pytest.raises(ConfigError):
            Escalation.load(tmp_path / "policy.toml")

    def test_the_shipped_policy_is_off(self):
        from pathlib import Path

        root = Path(__file__).parents[2]
        assert Escalation.load(root / "governance" / "policy.toml").endpoint == ""


def test_an_item_can_not_be_other_than_its_id_says(item):
    with pytest.raises(ValueError, match="changed after it was queued"):
        Item(**{field.name: getattr(item, field.name) for field in dataclasses.fields(Item)} | {"body": "{}"})


def test_the_key_comes_from_the_named_variable(queue, item, policy, service, log, monkeypatch):
    monkeypatch.setenv("SERVICE_KEY", "s3cret")
    service.answer = answer(status="not_found")
    send(queue, item, Consent(item=item.id, by="Ann"), dataclasses.replace(policy, key_env="SERVICE_KEY"), redact, log)
    assert service.requests[0][2] == "Bearer s3cret"
    assert b"s3cret" not in written(queue.out)


def test_surroundings_cut_no_word(document):
    from docreview.escalation.collect import around

    span = Span(TEXT.index(QUOTE), TEXT.index(QUOTE) + len(QUOTE))
    for size in range(60):
        wide = around(document, span, size)
        assert wide.start <= span.start
        assert span.end <= wide.end
        assert wide.start == 0 or TEXT[wide.start - 1].isspace()
        assert wide.end == len(TEXT) or TEXT[wide.end].isspace()


def test_an_empty_queue(tmp_path):
    assert Queue(tmp_path).items() == []
