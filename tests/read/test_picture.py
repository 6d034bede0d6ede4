"""A PDF page as a picture, with marks where words stand."""

import hashlib
import io

import pytest

pytest.importorskip("PIL", reason="pages as pictures need Pillow (the extra `app`)")

from PIL import Image

from docreview.errors import PolicyError, ReadError
from docreview.read import page_picture, read
from docreview.triage.printed import printed_page


@pytest.fixture(scope="module")
def contract(corpora):
    path = corpora / "contracts" / "distribution.pdf"
    return path, hashlib.sha256(path.read_bytes()).hexdigest(), read(path)


def coloured(png, active=False):
    """How many dots have the colour of a mark."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    count = picture.width * picture.height
    dots = picture.getcolors(count)
    return sum(n for n, (r, _, b) in dots if (b > r + 25 if active else r > b + 25))


def test_a_page_is_drawn_with_its_places_marked(contract):
    path, sha, document = contract
    quote = document[document.pages[0].span].splitlines()[0]
    plain, nothing = page_picture(path, 1, sha256=sha, width=600)
    assert Image.open(io.BytesIO(plain)).width == pytest.approx(600, abs=2)
    assert nothing == ()
    marked, numbers = page_picture(path, 1, sha256=sha, quotes=["not in it at all", quote], width=600)
    assert numbers == (1,)
    assert coloured(marked) > coloured(plain)
    chosen, _ = page_picture(path, 1, sha256=sha, quotes=["not in it at all", quote], active=1, width=600)
    assert coloured(chosen, active=True) > coloured(plain, active=True)


def test_what_can_not_be_drawn_is_said(contract, tmp_path):
    path, sha, _ = contract
    with pytest.raises(ReadError, match="no page 99"):
        page_picture(path, 99, sha256=sha)
    with pytest.raises(ReadError, match="has changed"):
        page_picture(path, 1, sha256="0" * 64)
    with pytest.raises(ReadError):
        page_picture(tmp_path / "gone.pdf", 1, sha256=sha)
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(ReadError):
        page_picture(tmp_path / "x.pdf", 1, sha256=hashlib.sha256(b"%PDF-1.7\nnothing").hexdigest())


def test_where_results_are_redacted_no_printed_page_is_shown(contract, tmp_path, monkeypatch):
    path, sha, _ = contract
    row = {"source": str(path), "sha256": sha}
    assert printed_page(row, 1, out=tmp_path / "out", width=300)[0].startswith(b"\x89PNG")
    (tmp_path / "governance").mkdir()
    (tmp_path / "governance" / "policy.toml").write_text('[redaction]\ngates = ["export"]\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolicyError, match="printed page"):
        printed_page(row, 1, out=tmp_path)


def test_a_path_that_is_not_absolute_is_found_beside_the_results(contract, tmp_path, monkeypatch):
    path, sha, _ = contract
    (tmp_path / "work" / "in").mkdir(parents=True)
    (tmp_path / "work" / "in" / "a.pdf").write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    row = {"source": "in/a.pdf", "sha256": sha}
    assert printed_page(row, 1, out=tmp_path / "work" / "out", width=200)[0].startswith(b"\x89PNG")
    with pytest.raises(ReadError):
        printed_page(row, 1, out=tmp_path / "elsewhere" / "out")
