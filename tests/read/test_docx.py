# ruff: noqa: E501  (markup reads better on one line)
import pytest
from office_files import MC, W, docx, p, packed

from docreview.errors import ReadError
from docreview.read import read


@pytest.fixture
def document(tmp_path):
    def make(body, **more):
        file = tmp_path / "a.docx"
        file.write_bytes(docx(body, **more))
        return read(file)

    return make


def codes(document):
    return {warning.code for warning in document.warnings}


CASES = {
    "paragraphs apart": (p("One.") + p("") + p("Two."), "One.\n\nTwo."),
    "tabs, breaks, hyphens": (
        "<w:p><w:r><w:t>A</w:t><w:tab/><w:t>B</w:t><w:br/><w:t>C</w:t><w:noBreakHyphen/><w:t>D</w:t><w:softHyphen/>"
        "<w:t>E</w:t></w:r></w:p>",
        "A\tB\nC-DE",
    ),
    "hyperlink": ("<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>", "link"),
    "insertion kept, deletion left out": (
        "<w:p><w:r><w:t>thirty </w:t></w:r><w:del><w:r><w:delText>(60)</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>(30)</w:t></w:r></w:ins><w:r><w:t> days</w:t></w:r></w:p>",
        "thirty (30) days",
    ),
    "move shown where it went": (
        "<w:p><w:moveFrom><w:r><w:t>old</w:t></w:r></w:moveFrom></w:p>"
        "<w:p><w:moveTo><w:r><w:t>new</w:t></w:r></w:moveTo></w:p>",
        "new",
    ),
    "deleted paragraph mark joins": (
        '<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>One </w:t></w:r></w:p>' + p("two."),
        "One two.",
    ),
    "field shows its result": (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF x</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>12</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
        "12",
    ),
    "field inside a field's instruction": (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>IF </w:instrText>'
        '<w:fldChar w:fldCharType="begin"/><w:fldChar w:fldCharType="separate"/><w:t>hidden</w:t>'
        '<w:fldChar w:fldCharType="end"/><w:fldChar w:fldCharType="separate"/><w:t>yes</w:t>'
        '<w:fldChar w:fldCharType="end"/></w:r></w:p>',
        "yes",
    ),
    "an unclosed field hides nothing": (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' + p("All of this is shown."),
        "All of this is shown.",
    ),
    "check boxes and lists of forms": (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>'
        '</w:fldChar><w:fldChar w:fldCharType="end"/><w:t> Yes </w:t><w:fldChar w:fldCharType="begin"><w:ffData>'
        '<w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData></w:fldChar><w:fldChar w:fldCharType="end"/>'
        '<w:t> No </w:t><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
        '<w:listEntry w:val="Rome"/><w:listEntry w:val="Wien"/></w:ddList></w:ffData></w:fldChar>'
        '<w:fldChar w:fldCharType="end"/></w:r></w:p>',
        "\u2612 Yes \u2610 No Wien",
    ),
    "content control": ("<w:sdt><w:sdtContent>" + p("inside") + "</w:sdtContent></w:sdt>", "inside"),
    "symbol": ('<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t> agreed</w:t></w:r></w:p>', "\u2611 agreed"),
    "text box after its paragraph, once": (
        f"<w:p><w:r><w:t>Anchor</w:t><mc:AlternateContent {MC}><mc:Choice><w:drawing><w:txbxContent>{p('Box')}"
        f"</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>{p('Box')}</w:txbxContent>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>" + p("After"),
        "Anchor\n\nBox\n\nAfter",
    ),
    "table": (
        f"<w:tbl><w:tr><w:tc>{p('Fee')}</w:tc><w:tc>{p('USD 5')}</w:tc></w:tr><w:tr><w:trPr><w:del/></w:trPr><w:tc>"
        f"{p('gone')}</w:tc></w:tr><w:tr><w:tc>{p('Term')}</w:tc><w:tc>{p('2 years')}</w:tc></w:tr></w:tbl>"
        + p("End."),
        "Fee\tUSD 5\nTerm\t2 years\n\nEnd.",
    ),
    "nested table": (
        f"<w:tbl><w:tr><w:tc>{p('A')}<w:tbl><w:tr><w:tc>{p('B')}</w:tc><w:tc>{p('C')}</w:tc></w:tr></w:tbl></w:tc>"
        f"<w:tc>{p('D')}</w:tc></w:tr></w:tbl>",
        "A\n\nB\tC\n\nD",
    ),
    "a table that only arranges the page": (
        f"<w:tbl><w:tr><w:tc>{p('By:')}{p('Name:')}{p('Title:')}</w:tc><w:tc>{p('Date:')}</w:tc></w:tr></w:tbl>",
        "By:\n\nName:\n\nTitle:\n\nDate:",
    ),
    "hidden text": (p("seen") + p("unseen", run="<w:vanish/>"), "seen"),
    "text in right-to-left and smart tags": (
        "<w:p><w:smartTag><w:r><w:t>a</w:t></w:r></w:smartTag><w:bdo><w:r><w:t>b</w:t></w:r></w:bdo></w:p>",
        "ab",
    ),
}


@pytest.mark.parametrize(("body", "text"), CASES.values(), ids=CASES)
def test_what_word_shows_is_the_text(document, body, text):
    assert document(body).text == text


def test_what_is_left_out_is_counted(document):
    deleted = "<w:p><w:del><w:r><w:delText>x</w:delText></w:r></w:del><w:ins><w:r><w:t>y</w:t></w:r></w:ins></w:p>"
    body = deleted + p("z", run="<w:vanish/>") + "<w:p><w:r><w:commentReference/></w:r></w:p>"
    found = document(body, parts={"word/vbaProject.bin": "x"})
    assert codes(found) == {"tracked_changes", "hidden_characters", "comments", "macros"}
    assert "1 insertions kept, 1 deletions left out" in next(
        warning.message for warning in found.warnings if warning.code == "tracked_changes"
    )


NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="ARTICLE %1"/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%3)"/></w:lvl>
 <w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlRestart w:val="0"/><w:lvlText w:val="(%4)"/>
 </w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>
<w:lvlText w:val="\uf0b7"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:pStyle w:val="Clause"/>
<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="2"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>
</w:numbering>"""
STYLES = f"""<w:styles {W}>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Sub"><w:basedOn w:val="Heading1"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Clause"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>
</w:styles>"""
BOTH = {"word/numbering.xml": NUMBERING, "word/styles.xml": STYLES}


def item(num, level, text):
    return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')


def styled(style, text):
    return p(text, properties=f'<w:pStyle w:val="{style}"/>')


def test_numbers_are_those_that_word_shows(document):
    levels = [0, 1, 1, 2, 3, 2, 3, 1, 2, 0, 1]
    body = "".join(item(1, level, "x") for level in levels)
    labels = [line.removesuffix(" x") for line in document(body, parts=BOTH).text.split("\n\n")]
    assert labels == ["ARTICLE I", "1.1", "1.2", "(a)", "(i)", "(b)", "(ii)", "1.3", "(a)", "ARTICLE II", "2.1"]


def test_bullets_styles_and_restarts(document):
    body = item(2, 0, "dot") + styled("Clause", "a") + styled("Clause", "b") + item(4, 0, "c") + styled("Clause", "d")
    assert document(body, parts=BOTH).text.split("\n\n") == ["\u2022 dot", "1. a", "2. b", "7. c", "8. d"]


def test_number_0_takes_a_style_s_number_away(document):
    body = p("plain", properties='<w:pStyle w:val="Clause"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    assert document(body, parts=BOTH).text == "plain"


def test_headings_become_sections(document):
    body = (
        styled("Heading1", "1. Term")
        + p("Text.")
        + styled("Sub", "1.1 Renewal")
        + p("More.")
        + styled("Heading1", "2. Law")
        + styled("Loop", "Austria.")
    )
    found = document(body, parts=BOTH)
    assert [(s.number, s.title, s.level) for s in found.sections] == [
        ("1", "Term", 1),
        ("1.1", "Renewal", 2),
        ("2", "Law", 1),
    ]
    assert found[found.sections[0].span] == "1. Term\n\nText.\n\n1.1 Renewal\n\nMore."
    assert found[found.sections[1].span] == "1.1 Renewal\n\nMore."
    assert found[found.sections[2].heading] == "2. Law"


def test_headers_notes_and_footers_come_in_their_places(document):
    body = (
        "<w:p><w:r><w:t>Fee</w:t><w:footnoteReference w:id='5'/><w:t> and tax</w:t><w:endnoteReference w:id='2'/></w:r>"
        "</w:p><w:sectPr><w:headerReference w:type='default' r:id='h'/><w:headerReference w:type='first' r:id='g'/>"
        "<w:footerReference w:type='default' r:id='f'/></w:sectPr>"
    )
    parts = {
        "word/header1.xml": f"<w:hdr {W}>{p('Draft')}</w:hdr>",
        "word/header2.xml": f"<w:hdr {W}>{p('not shown: no title page')}</w:hdr>",
        "word/footer1.xml": f"<w:ftr {W}>{p('Page 1')}</w:ftr>",
        "word/footnotes.xml": f"<w:footnotes {W}><w:footnote w:id='5'>{p('Net.')}{p('Twice.')}</w:footnote></w:footnotes>",
        "word/endnotes.xml": f"<w:endnotes {W}><w:endnote w:id='2'>{p('VAT.')}</w:endnote></w:endnotes>",
    }
    related = {"h": ("header", "header1.xml"), "g": ("header", "header2.xml"), "f": ("footer", "footer1.xml")}
    text = document(body, parts=parts, related=related).text
    assert text == "Draft\n\nFee[1] and tax[i]\n\n[1] Net.\n\nTwice.\n\n[i] VAT.\n\nPage 1"


def test_strict_namespaces_and_metadata(tmp_path):
    names = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    files = {
        "word/document.xml": f'<w:document xmlns:w="{names}"><w:body>{p("Strict.")}</w:body></w:document>',
        "docProps/core.xml": '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title> The Lease </dc:title></c>',
    }
    file = tmp_path / "strict.docx"
    file.write_bytes(packed(files))
    found = read(file)
    assert (found.text, found.metadata) == ("Strict.", {"title": "The Lease"})


ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
HOSTILE = {
    "entities": (ENTITIES + f"<w:document {W}><w:body>{p('&b;&x;')}</w:body></w:document>", "damaged"),
    "cut off": (f"<w:document {W}><w:body>", "damaged"),
    "nested too deeply": (f"<w:document {W}>" + "<w:ins>" * 3000 + "</w:ins>" * 3000 + "</w:document>", "damaged"),
    "empty": (f"<w:document {W}><w:body/></w:document>", "empty"),
    "bomb": ("<a>" + " " * (200 << 20) + "</a>", "too_large"),
}


@pytest.mark.parametrize(("xml", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused(tmp_path, xml, code):
    file = tmp_path / "a.docx"
    file.write_bytes(packed({"word/document.xml": xml}))
    with pytest.raises(ReadError) as caught:
        read(file)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["xl/workbook.xml", "ppt/presentation.xml", "photo.jpg"])
def test_other_packages_are_not_read(tmp_path, name):
    file = tmp_path / "a.docx"
    file.write_bytes(packed({name: "x"}))
    with pytest.raises(ReadError, match="not read") as caught:
        read(file)
    assert caught.value.code == "unsupported"
