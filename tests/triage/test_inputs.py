import os

import pytest

from docreview.errors import ConfigError
from docreview.triage.inputs import discover
from docreview.triage.names import safe_names


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "in"
    for name in ("b.txt", "a.txt", "sub/c.pdf", "sub/deep/d.txt", ".hidden.txt", "-rf --help.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("text")
    return root


def found(*inputs, out="/nowhere"):
    from pathlib import Path

    return {item.doc: item for item in discover(inputs, Path(out))}


def test_a_folder_is_read_with_all_in_it_in_a_fixed_order(folder):
    assert list(found(folder)) == ["-rf --help.txt", ".hidden.txt", "a.txt", "b.txt", "sub/c.pdf", "sub/deep/d.txt"]
    assert list(found(folder / "a.txt")) == ["a.txt"]
    assert not any(item.error for item in found(folder).values())


def test_links_loops_and_special_files_are_named_and_not_followed(folder):
    (folder / "loop").symlink_to(folder)
    (folder / "broken.txt").symlink_to(folder / "gone")
    (folder / "link.txt").symlink_to(folder / "a.txt")
    os.mkfifo(folder / "pipe.txt")
    items = found(folder)
    assert {name: items[name].error for name in ("loop", "broken.txt", "link.txt", "pipe.txt")} == {
        "loop": "unsupported",
        "broken.txt": "missing",
        "link.txt": "",
        "pipe.txt": "unsupported",
    }
    assert not any(name.startswith("loop/") for name in items)


def test_system_files_are_accounted_for_as_no_documents(folder):
    for name in (".DS_Store", "Thumbs.db", "~$a.docx", "._a.txt"):
        (folder / name).write_text("x")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    system = {name for name, item in found(folder).items() if item.system}
    assert system == {".DS_Store", "Thumbs.db", "~$a.docx", "._a.txt", ".git/"}
    assert ".git/config" not in found(folder)


def test_the_output_and_earlier_outputs_are_not_read(folder):
    out, earlier = folder / "out", folder / "sub" / "earlier"
    for place in (out, earlier):
        (place / ".docreview").mkdir(parents=True)
        (place / ".docreview" / "journal.jsonl").touch()
        (place / "report.html").touch()
    items = found(folder, out=out)
    assert not any(name.startswith("out") for name in items)
    assert [name for name, item in items.items() if item.system] == ["sub/earlier/"]


def test_names_that_inputs_share_are_told_apart_and_nothing_is_read_twice(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("x")
    assert {"in/a.txt", "other/a.txt", "b.txt"} <= set(found(folder, other))
    twice = found(folder, folder / "a.txt", folder / "sub")
    assert len(twice) == len(found(folder))


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_wrong_input_is_said_at_once(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=name):
        found(tmp_path / name)


def test_the_input_itself_is_no_place_for_results(folder):
    with pytest.raises(ConfigError, match="INPUT itself"):
        found(folder, out=folder)


@pytest.mark.skipif(os.getuid() == 0, reason="root may open everything")
def test_a_folder_that_may_not_be_opened_is_named(folder):
    (folder / "sub").chmod(0)
    assert found(folder)["sub/"].error == "permission"
    (folder / "sub").chmod(0o700)


def test_bytes_that_are_no_text_in_a_name(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"bad\xff.txt")
    try:
        with open(path, "w") as file:
            file.write("x")
    except OSError:
        pytest.skip("this file system takes no such names")
    [name] = found(tmp_path)
    assert name == "bad\\xff.txt"


def test_plain_names_are_kept():
    docs = ["lease.pdf", "a/b.txt", "Grüße & Co (1).txt", "契約書.pdf", "-rf.txt", ".hidden.txt"]
    names = safe_names(docs)
    assert [names[doc] for doc in docs[:4]] == ["lease.pdf", "a__b.txt", "Grüße & Co (1).txt", "契約書.pdf"]
    assert not any(name.startswith((".", "-")) for name in names.values())


def test_file_names_are_safe_and_different():
    odd = [
        "A.txt",
        "a.txt",
        "a/b",
        "a__b",
        "con.txt",
        "NUL",
        "x:y?.txt",
        'q"uote.txt',
        "rtl_\u202etxt.exe",
        "é",
        "e\u0301",
    ]
    odd += ["x" * 300, "x" * 299 + "y", "契" * 200, "end.", "end", "..", "📄.txt", "a\nb", "a\\b"]
    names = safe_names(odd)
    assert len({name.casefold() for name in names.values()}) == len(odd)
    for name in names.values():
        assert 0 < len(name.encode()) < 200
        assert not set(name) & set('<>:"/\\|?*\n\u202e')
        assert name.upper().split(".")[0] not in ("CON", "NUL")
        assert not name.startswith(".")
        assert not name.endswith((".", " "))
