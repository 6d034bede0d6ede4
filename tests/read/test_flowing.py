# ruff: noqa: E501  (markup reads better on one line)
"""HTML, mail, RTF and ODT."""

import pytest
from office_files import packed

from docreview.errors import ReadError
from docreview.read import read


@pytest.fixture
def document(tmp_path):
    def make(data, name):
        file = tmp_path / name
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read(file)

    return make


def codes(document):
    return {warning.code for warning in document.warnings}


HTML = {
    "blocks": ("<p>One <b>bold</b>\n  word.</p><div>Two</div>Three<br>Four", "One bold word.\n\nTwo\n\nThree\nFour"),
    "entities": ("<p>5&nbsp;&euro; &amp; &sect;&#160;4</p>", "5\u00a0\u20ac & \u00a7\u00a04"),
    "scripts and styles": (
        "<style>p{}</style><p>Seen</p><script>x='<p>no</p>'</script><template>no</template>",
        "Seen",
    ),
    "hidden": ("<p>a</p><p hidden>b</p><p style='display: none'>c</p>", "a"),
    "deletions": ("<p>thirty <del>(60)</del><ins>(30)</ins></p>", "thirty (30)"),
    "table": (
        "<table><tr><th>Fee<th>Term</tr><tr><td>5 <i>EUR</i><td><p>2 years</p></tr></table>after",
        "Fee\tTerm\n5 EUR\t2 years\n\nafter",
    ),
    "nested table": (
        "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td><td>d</td></tr></table>",
        "a\n\nb\tc\n\nd",
    ),
    "lists": (
        "<ol type=a start=3><li>x<li>y</ol><ul><li>z</ul><ol><li value=9><p>p</p></ol>",
        "c. x\n\nd. y\n\n\u2022 z\n\n9. p",
    ),
    "preformatted": ("<pre>a  b\n  c</pre>", "a  b\nc"),
    "stray cells": ("<td>a</td><tr>b", "a\n\nb"),
    "forms": ("<input value='Wien'><input type=checkbox checked>yes<input type=hidden value=no>", "Wien\u2612 yes"),
    "comments": ("<p>a<!-- b -->c</p>", "ac"),
    "broken": ("<p>a<b>b</p><i>c", "ab\n\nc"),
}


@pytest.mark.parametrize(("markup", "text"), HTML.values(), ids=HTML)
def test_html_is_what_a_browser_shows(document, markup, text):
    assert document(f"<html><body>{markup}</body></html>", "a.html").text == text


def test_html_headings_and_title(document):
    found = document("<title>The  Lease</title><h1>1. Term</h1><p>x</p><h2>1.1 End</h2>y<h1>2. Law</h1>z", "a.html")
    assert found.metadata == {"title": "The Lease"}
    assert [(s.number, s.title, s.level) for s in found.sections] == [
        ("1", "Term", 1),
        ("1.1", "End", 2),
        ("2", "Law", 1),
    ]
    assert found[found.sections[0].span] == "1. Term\n\nx\n\n1.1 End\n\ny"


@pytest.mark.parametrize(
    "data",
    [
        "<meta charset=windows-1252><p>für 5 €</p>".encode("cp1252"),
        "<meta charset='iso-8859-1'><p>für 5 €</p>".encode("cp1252"),
        "<p>für 5 €</p>".encode(),
        "<p>für 5 €</p>".encode("cp1252"),
        "\ufeff<p>für 5 €</p>".encode("utf-16-le"),
        "<meta charset=nonsense><p>für 5 €</p>".encode(),
    ],
)
def test_html_encodings(document, data):
    assert document(data, "a.htm").text == "für 5 €"


def test_html_nested_deeply_is_read_in_full_or_not_at_all(document):
    assert document("<div>" * 1500 + "deep", "a.html").text == "deep"
    assert document("<table><tr><td>" * 400 + "deep", "b.html").text == "deep"
    with pytest.raises(ReadError, match="nested") as caught:
        document("<p>seen</p>" + "<div>" * 100_000 + "unseen", "c.html")
    assert caught.value.code == "damaged"


def test_html_without_anything_to_read(document):
    with pytest.raises(ReadError) as caught:
        document("<script>x</script><img src='http://127.0.0.1:9/x.png'>", "a.html")
    assert caught.value.code == "empty"
    assert "1 pictures" in str(caught.value)


MAIL = """Received: from a
From: =?utf-8?q?Anna_M=C3=BCller?= <anna@example.org>
To: bo@example.org,
 cy@example.org
Subject: The lease
Date: Mon, 1 Jan 2024 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/html; charset=utf-8

<p>HTML <b>form</b></p>
--y
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

F=FCr Sie.

--y--
--x
Content-Type: application/pdf; name="lease.pdf"
Content-Disposition: attachment; filename="lease.pdf"

%PDF
--x
Content-Type: text/html

<p>Footer</p>
--x--
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_mail(document, line_end):
    found = document(MAIL.replace("\n", line_end), "a.eml")
    assert found.text == (
        "From: Anna Müller <anna@example.org>\nTo: bo@example.org, cy@example.org\nDate: Mon, 01 Jan 2024 10:00:00 +0000\n"
        "Subject: The lease\n\nFür Sie.\n\nFooter"
    )
    assert found.metadata["title"] == "The lease"
    assert [warning.message for warning in found.warnings] == ["1 attachments were not read: lease.pdf"]


@pytest.mark.slow
def test_mail_that_is_damaged_or_hostile(document):
    assert (
        "body"
        in document("Subject: =?x-no?b?!!!?=\nFrom: <<>\nContent-Type: text/plain; charset=nope\n\nbody", "a.eml").text
    )
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(1200))
    with pytest.raises(ReadError):
        document("Subject: \n" + nested, "b.eml")
    with pytest.raises(ReadError) as caught:
        document("just text without any header", "c.eml")
    assert caught.value.code == "damaged"


RTF = {
    "paragraphs": (r"One \b bold\b0  word.\par Two\line three", "One bold word.\n\nTwo\nthree"),
    "characters": (
        r"\'fcber \u8364? \u-10179?\u-8704? \ldblquote x\rdblquote\~5\_a",
        "\u00fcber \u20ac \U0001f600 \u201cx\u201d\u00a05-a",
    ),
    "more stand-ins": (r"\uc2\u8364 ab c", "\u20ac c"),
    "another alphabet": (r"\f1 \'cf\'f0\'e8", "\u041f\u0440\u0438"),
    "two bytes": (r"\f2 \'93\'fa\'96\'7b", "\u65e5\u672c"),
    "skipped": (r"{\*\unknown no}{\pict\wmetafile8 0102}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}", "link"),
    "binary": (r"a{\pict\bin5 }}{{\}b", "ab"),
    "deleted and hidden": (r"thirty {\deleted (60) }{\v secret}(30)", "thirty (30)"),
    "list numbers as written": (r"{\listtext\pard 1.\tab}First\par{\pntext 2.\tab}Second", "1.\tFirst\n\n2.\tSecond"),
    "table": (r"\trowd\intbl a\cell b\cell\row\trowd\intbl c\cell d\cell\row\pard after", "a\tb\nc\td\n\nafter"),
    "note": (r"Fee{\footnote  Net.} due", "Fee[1] due\n\n[1] Net."),
    "header": (r"{\header Draft}Body", "Body\n\nDraft"),
    "braces": (r"\{x\} \\", "{x} \\"),
}


@pytest.mark.parametrize(("body", "text"), RTF.values(), ids=RTF)
def test_rtf(document, body, text):
    fonts = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 Mincho;}}"
    data = (r"{\rtf1\ansi\ansicpg1252\deff0" + fonts + r"{\info{\title no}}\f0 " + body + "}").encode("latin-1")
    assert document(data, "a.rtf").text == text


def test_rtf_headings_and_depth(document):
    found = document(
        r"{\rtf1 \pard\outlinelevel0 1. Term\par\pard x\par\pard\outlinelevel1 1.1 End\par\outlinelevel0 2 L\par}",
        "a.rtf",
    )
    assert [(s.number, s.title, s.level) for s in found.sections] == [
        ("1", "Term", 1),
        ("1.1", "End", 2),
        ("2", "L", 1),
    ]
    with pytest.raises(ReadError) as caught:
        document(r"{\rtf1 " + "{" * 5000 + "x", "b.rtf")
    assert caught.value.code == "damaged"


NS = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table", "style")
)
LISTS = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="a" style:num-prefix="(" style:num-suffix=")"/>'
    '</text:list-style><text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="x"/>'
    "</text:list-style>"
)
ODT = {
    "white space": ("<text:p>a  b<text:s text:c='2'/>c<text:tab/>d<text:line-break/>e\n f</text:p>", "a b  c\td\ne f"),
    "list": (
        "<text:list text:style-name='L'><text:list-item><text:p>x</text:p><text:list><text:list-item><text:p>y</text:p>"
        "</text:list-item><text:list-item><text:p>z</text:p></text:list-item></text:list></text:list-item><text:list-item>"
        "<text:p>w</text:p></text:list-item></text:list>",
        "1. x\n\n(a) y\n\n(b) z\n\n2. w",
    ),
    "bullets": (
        "<text:list text:style-name='B'><text:list-item><text:p>x</text:p></text:list-item></text:list>",
        "\u2022 x",
    ),
    "table": (
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b"
        "</text:p></table:table-cell></table:table-row></table:table>",
        "a\tb",
    ),
    "note": (
        "<text:p>Fee<text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>Net.</text:p></text:note-body></text:note> due</text:p>",
        "Fee[1] due\n\n[1] Net.",
    ),
    "deletion and comment": (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>no</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes><text:p>a<office:annotation><text:p>no</text:p></office:annotation>b</text:p>",
        "ab",
    ),
}


def odt(body):
    content = (
        f"<office:document-content {NS}><office:automatic-styles>{LISTS}</office:automatic-styles><office:body><office:text>"
        f"{body}</office:text></office:body></office:document-content>"
    )
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


@pytest.mark.parametrize(("body", "text"), ODT.values(), ids=ODT)
def test_odt(document, body, text):
    assert document(odt(body), "a.odt").text == text


def test_odt_headings(document):
    body = "".join(
        f"<text:h text:outline-level='{level}'>{text}</text:h>" for level, text in [(1, "A"), (2, "B"), (1, "C")]
    )
    found = document(odt(body), "a.odt")
    assert [(s.title, s.level) for s in found.sections] == [("A", 1), ("B", 2), ("C", 1)]
    assert codes(found) == set()
