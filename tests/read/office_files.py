"""Small documents made by hand, for tests."""

import io
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx(body, *, parts=None, related=None):
    """A DOCX from the XML of its body; `parts` name -> XML, `related` id -> (type, target)."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{REL}/{kind}" Target="{target}"/>'
        for key, (kind, target) in (related or {}).items()
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships><Relationship Id="r" Type="{REL}/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": f"<w:document {W} {R} {MC}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{rows}</Relationships>",
        **(parts or {}),
    }
    return packed(files)


def packed(files):
    """A ZIP file of names and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


def p(text, *, properties="", run=""):
    """A paragraph of one run."""
    run_properties = f"<w:rPr>{run}</w:rPr>" if run else ""
    space = '<w:t xml:space="preserve">'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r>{run_properties}{space}{text}</w:t></w:r></w:p>"


def pdf(pages, *, size=(595, 842), leading=14, encrypt=None, title=None):
    """A PDF by reportlab: for each page a list of lines; None leaves the distance of a paragraph."""
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=size, encrypt=encrypt, pageCompression=0)
    if title:
        sheet.setTitle(title)
    for lines in pages:
        y = size[1] - 72
        for line in lines:
            if line is not None:
                sheet.drawString(72, y, line)
            y -= leading if line is not None else leading * 0.8
        sheet.showPage()
    sheet.save()
    return out.getvalue()
