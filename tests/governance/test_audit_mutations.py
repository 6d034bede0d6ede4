"""Whatever is changed in a log, it is found."""

import random

import pytest
from audit_logs import copy, harm, records

from docreview.governance.audit import AuditLog, checkpoint, standalone, verify


def check_mutations(made, key, tmp_path, seeds):
    work = tmp_path / "work"
    found = done = 0
    for seed in seeds:
        what = harm(copy(made, work), seed)
        if what:
            done += 1
            found += not verify(work, key=key)["intact"] or pytest.fail(f"seed {seed}: {what} was not found")
    assert found == done > len(seeds) * 0.9


def test_every_mutation_is_found_without_a_checkpoint(made, key, tmp_path):
    check_mutations(made, key, tmp_path, range(150))


@pytest.mark.slow
def test_every_one_of_a_thousand_mutations_is_found(made, key, tmp_path):
    check_mutations(made, key, tmp_path, range(1000, 2100))


def tails(folder):
    """The log with its newest line, then all of its newest segment, cut off without a trace."""
    last = sorted((folder / "segments").glob("*.jsonl"))[-1]
    rows = folder / "payloads" / f"{last.stem}.rows"
    lines = last.read_bytes().splitlines(keepends=True)
    gone = len(lines) - 1 + int(last.stem)
    last.write_bytes(b"".join(lines[:-1]))
    kept = [row for row in rows.read_bytes().splitlines(keepends=True) if int(row.split()[0]) < gone]
    rows.write_bytes(b"".join(kept))
    yield "a line"
    rows.unlink()
    last.unlink()
    yield "a segment"


def test_a_cut_tail_is_found_by_a_checkpoint_and_only_by_one(made, key, tmp_path):
    away = tmp_path / "checkpoint.txt"
    away.write_text(checkpoint(made, key=key))
    stranger = tmp_path / "elsewhere" / "audit.key"  # a machine that remembers no checkpoint
    assert verify(made, key=stranger, checkpoints=[away])["intact"]
    for what in tails(copy(made, tmp_path / "cut")):
        assert verify(tmp_path / "cut", key=stranger)["intact"], what
        assert not verify(tmp_path / "cut", key=stranger, checkpoints=[away])["intact"], what
        assert not verify(tmp_path / "cut", key=key)["intact"], what  # remembered beside the key


def test_a_fork_is_found_and_not_signed(made, key, tmp_path):
    other = copy(made, tmp_path / "fork")
    for folder, word in ((made, 100), (other, 200)):
        with AuditLog(folder, key=key) as log:
            log.append(records(4, word))
    away = tmp_path / "checkpoint.txt"
    away.write_text(checkpoint(made, key=key))
    stranger = tmp_path / "elsewhere" / "audit.key"
    assert verify(other, key=stranger)["intact"]
    assert "anew" in verify(other, key=stranger, checkpoints=[away])["fault"]
    with pytest.raises(Exception, match="Nothing was signed"):
        checkpoint(other, key=key)


def test_a_rewritten_log_is_found_by_a_checkpoint(tmp_path, made, key):
    away = tmp_path / "checkpoint.txt"
    away.write_text(checkpoint(made, key=key))
    forged = tmp_path / "forged"
    with AuditLog(forged, key=tmp_path / "forger.key") as log:
        log.append(records(60))
    assert "another log" in verify(forged, checkpoints=[away], key=tmp_path / "none")["fault"]
    (forged / "log.json").write_bytes((made / "log.json").read_bytes())
    assert not verify(forged, checkpoints=[away], key=tmp_path / "none")["intact"]


def test_every_flipped_bit_of_a_checkpoint_is_refused(made, key, tmp_path):
    good = checkpoint(made, key=key).encode()
    _, origin, public = standalone.read_head(made)
    dice = random.Random(5)
    file = tmp_path / "checkpoint.txt"
    for _ in range(100):
        at = dice.randrange(len(good) - 1)
        file.write_bytes(good[:at] + bytes([good[at] ^ (1 << dice.randrange(8))]) + good[at + 1 :])
        assert not verify(made, key=key, checkpoints=[file])["intact"], at
    assert standalone.open_note(good, origin, public, standalone.ed25519)[0] == 60


def test_a_log_without_its_key_is_checked_but_for_its_payloads(made, tmp_path):
    result = verify(made, key=tmp_path / "none")
    assert result["intact"]
    assert result["records"] == 60
    assert not result["payloads"]["opened"]
