"""Bytes to text: the right encoding, nothing replaced silently, binary data refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.errors import ReadError
from docreview.read.decode import decode

GERMAN = "Der Lieferant schuldet für jede Größe 25 € – „ohne Abzug“, Fräulein Müller prüft Straße und Gewähr.\n" * 4
RUSSIAN = "Настоящий Договор вступает в силу с момента подписания и действует до полного исполнения обязательств.\n" * 4
POLISH = (
    "Strony zgodnie oświadczają, że umowa może zostać rozwiązana w każdym czasie za miesięcznym wypowiedzeniem.\n" * 4
)
JAPANESE = "本契約は日本法に準拠し、東京地方裁判所を専属的合意管轄裁判所とする。\n" * 4


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"a\r\nb\rc\n", "a\nb\nc\n", "utf-8"),
        (GERMAN.encode("utf-8-sig"), GERMAN, "utf-8"),
        (GERMAN.encode("utf-16"), GERMAN, "utf-16-le"),
        (b"\xfe\xff" + GERMAN.encode("utf-16-be"), GERMAN, "utf-16-be"),
        (GERMAN.encode("utf-16-le"), GERMAN, "utf-16-le"),
        (GERMAN.encode("utf-16-be"), GERMAN, "utf-16-be"),
        (GERMAN.encode("utf-32"), GERMAN, "utf-32-le"),
        (GERMAN.encode("cp1252"), GERMAN, "windows-1252"),
        (POLISH.encode("cp1250"), POLISH, "cp1250"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251"),
        (RUSSIAN.encode("koi8-r"), RUSSIAN, "koi8_r"),
        (JAPANESE.encode("shift_jis"), JAPANESE, "cp932"),
        (JAPANESE.encode("iso2022_jp"), JAPANESE, "iso2022_jp"),
        ("a\x85b\u2028c".encode(), "a\x85b\u2028c", "utf-8"),
    ],
)
def test_encodings(data: bytes, text: str, encoding: str) -> None:
    decoded = decode(data, "x.txt")
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "cp1251", "shift_jis"])
def test_a_guessed_encoding_is_reported(encoding: str) -> None:
    text = {"cp1252": GERMAN, "cp1250": POLISH, "cp1251": RUSSIAN, "shift_jis": JAPANESE}[encoding]
    assert [w.code for w in decode(text.encode(encoding), "x.txt").warnings] == ["encoding"]


def test_bytes_that_are_wrong_are_counted_and_placed() -> None:
    decoded = decode("Größe und Gewähr für alle ".encode() + b"\xff and \xfe.", "x.txt")
    assert decoded.text.count("\ufffd") == 2
    (warning,) = decoded.warnings
    assert warning.code == "invalid_bytes"
    assert "2 places" in warning.message
    assert "byte 30 of" in warning.message


def test_few_odd_bytes_in_ascii_are_damage_not_an_exotic_encoding() -> None:
    decoded = decode(b"The liability of either party shall not exceed it. \xc3\x28 \xe2\x28\xa1 \xf0\x90\x28", "x.txt")
    assert decoded.encoding == "utf-8"
    assert [w.code for w in decoded.warnings] == ["invalid_bytes"]


def test_control_characters_are_kept_and_reported() -> None:
    decoded = decode(b"The party\x00 shall\x1b[31m not pay.", "x.txt")
    assert "\x00" in decoded.text
    assert [w.code for w in decoded.warnings] == ["control_characters"]
    assert "2 control characters (U+0000, U+001B), 1 of them NUL" in decoded.warnings[0].message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"\x00" * 500, "empty"),
        (bytes(range(256)) * 40, "garbled"),
        (b"\x00\x01\x00\x02\x00\x03abc" * 50, "garbled"),
        (b"%PDF-1.7\n1 0 obj", "garbled"),
        (b"PK\x03\x04abcdef", "garbled"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        decode(data, "folder/x.txt")
    assert (caught.value.code, caught.value.path) == (code, "folder/x.txt")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_utf8_comes_back_as_it_is(text: str) -> None:
    assert decode(text.encode("utf-8"), "x.txt").text == text.removeprefix("\ufeff")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_typed_error(data: bytes) -> None:
    try:
        decoded = decode(data, "x.txt")
    except ReadError:
        return
    assert "\r" not in decoded.text
    assert decoded.text.strip()


def test_guessing_looks_at_a_sample_only() -> None:
    data = (POLISH * 5000).encode("cp1250")
    assert decode(data, "x.txt").encoding == "cp1250"
