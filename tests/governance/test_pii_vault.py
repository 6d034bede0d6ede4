"""One matter's surrogates: the same everywhere, sealed, never doubled."""

import multiprocessing

import pytest

from docreview.errors import VaultError
from docreview.governance import redact, restore
from docreview.governance.audit import AuditLog, verify
from docreview.governance.pii.vault import Vault

FIRST = "Attn: Kurt Dresch, (404) 815-5909"
SECOND = "Dear Kurt Dresch, call (404) 815-5909 or write to Jane Roe, General Counsel."


@pytest.fixture
def opened(tmp_path):
    return lambda: Vault(tmp_path / "matter.vault", key_file=tmp_path / "away" / "key")


def test_surrogates_are_the_same_across_documents_and_restarts(opened):
    first = redact(FIRST, surrogates=opened())
    second = redact(SECOND, surrogates=opened())
    assert first.text == "Attn: [PERSON_1], [PHONE_1]"
    assert second.text == "Dear [PERSON_1], call [PHONE_1] or write to [PERSON_2], General Counsel."
    assert restore("[PERSON_2] and [PERSON_1] agree", opened()) == "Jane Roe and Kurt Dresch agree"


def test_a_vault_sees_what_another_process_wrote(opened):
    here, there = opened(), opened()
    redact(FIRST, surrogates=there)
    assert here.values()["[PERSON_1]"] == "Kurt Dresch"
    assert redact("Mr. Ian Fleming", surrogates=here).text == "[PERSON_2]"


def test_nothing_is_on_the_disk_in_clear(opened, tmp_path):
    redact(SECOND, surrogates=opened())
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert not any(word in file.read_bytes() for word in (b"Kurt", b"Dresch", b"815-5909", b"PERSON"))
    assert (tmp_path / "away" / "key").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_passphrase_opens_it_and_no_other(tmp_path):
    place = tmp_path / "matter.vault"
    redact(FIRST, surrogates=Vault(place, passphrase="a long passphrase"))
    assert len(Vault(place, passphrase="a long passphrase")) == 2
    with pytest.raises(VaultError, match="key is wrong"):
        Vault(place, passphrase="a long passphrasf")
    with pytest.raises(VaultError, match="passphrase"):
        Vault(place, key_file=tmp_path / "key")


def test_another_key_is_refused(opened, tmp_path):
    redact(FIRST, surrogates=opened())
    with pytest.raises(VaultError, match="key is wrong"):
        Vault(tmp_path / "matter.vault", key_file=tmp_path / "other-key")
    for both in ({}, {"passphrase": "x", "key_file": tmp_path / "k"}, {"passphrase": ""}):
        with pytest.raises(VaultError, match="passphrase or a key file"):
            Vault(tmp_path / "matter.vault", **both)
    (tmp_path / "bad").write_text("ff")
    with pytest.raises(VaultError, match="64"):
        Vault(tmp_path / "matter.vault", key_file=tmp_path / "bad")


def test_every_flipped_byte_is_refused(opened, tmp_path):
    place = tmp_path / "matter.vault"
    redact(FIRST, surrogates=opened())
    whole = place.read_bytes()
    for at in range(0, len(whole) - 1, 7):
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VaultError):
            opened()
    for cut in (b"", whole[:40], whole[:-20]):
        place.write_bytes(cut)
        with pytest.raises(VaultError):
            opened()


def _fill(folder, start):
    vault = Vault(folder / "matter.vault", key_file=folder / "key")
    for i in range(12):
        redact(f"Attn: Mr. Ann N{'abcdefghijkl'[(i + start) % 12]}lson", surrogates=vault)


@pytest.mark.slow
def test_eight_processes_make_no_duplicate(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(tmp_path, i)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    values = Vault(tmp_path / "matter.vault", key_file=tmp_path / "key").values()
    assert len(values) == len(set(values.values())) == 12
    assert set(values) == {f"[PERSON_{n}]" for n in range(1, 13)}


def test_one_person_can_be_forgotten(opened, tmp_path):
    with AuditLog(tmp_path / "log", key=tmp_path / "audit.key") as log:
        vault = opened()
        done = redact(SECOND, surrogates=vault)
        log.add("export", {"count": len(done.replacements)}, payload={"text": done.text})
        assert vault.forget("Kurt Dresch") == 1
        log.add("record", payload={"forgotten": 1})
    assert "Kurt Dresch" not in opened().values().values()
    assert restore(done.text, opened()).startswith("Dear [PERSON_1], call (404) 815-5909")
    assert redact("Dear Kurt Dresch", surrogates=opened()).text == "Dear [PERSON_3]"
    assert verify(tmp_path / "log", key=tmp_path / "audit.key")["records"] == 2
    assert vault.forget("nobody") == 0
