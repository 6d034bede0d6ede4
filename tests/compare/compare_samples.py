"""Documents for comparisons, made without a file."""

import hashlib
import io
import re
import zipfile

from lxml import etree

from docreview.read.structure import find_sections, find_terms
from docreview.types import Document, Source

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TITLES = ("SERVICES", "FEES", "TERM", "LIABILITY", "NOTICES", "GENERAL")
BODIES = (
    "The Supplier shall provide the maintenance services listed in Schedule 1 with reasonable care and skill.",
    "The Customer shall pay USD 40,000 for each quarter within thirty (30) days after it receives an invoice.",
    "This agreement begins on May 1, 2024 and goes on for three (3) years unless it is ended earlier.",
    "The Supplier's liability for loss of data shall not exceed the fees paid in the twelve months before the loss.",
    "A notice is given in writing and counts as received on the second business day after it was posted.",
    "Neither party may assign this agreement without the written consent of the other, see Section 4.1.",
)
CONTRACT = "".join(
    f"{i}. {title}\n\n{i}.1 {body}\n\n{i}.2 Further rules on {title.lower()} stand in Annex {i} and prevail.\n\n"
    for i, (title, body) in enumerate(zip(TITLES, BODIES, strict=True), 1)
)
TABLE = "Part\tDescription\tUnit price (USD)\nHP-3\tCompact pump\t118.40\nHP-5\tLarge pump\t210.00\n"


def document(text, name="contract.txt"):
    """A text as a document with its sections."""
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    source = Source(path=name, media_type="text/plain", sha256=sha256)
    sections = find_sections(text)
    return Document(id=sha256[:16], source=source, text=text, sections=sections, terms=find_terms(text))


def resolved(docx, *, accept):
    """The text of a DOCX with all its tracked changes accepted or rejected: a paragraph's end is a blank line."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    gone = "del" if accept else "ins"
    parts = []
    paragraphs = root.findall(f".//{W}p")
    for number, paragraph in enumerate(paragraphs):
        nodes = paragraph.iter(f"{W}t", f"{W}delText", f"{W}br", f"{W}tab")
        kept = [node for node in nodes if not any(above.tag == W + gone for above in node.iterancestors())]
        parts += [{"br": "\n", "tab": "\t"}.get(etree.QName(node).localname) or node.text for node in kept]
        if number < len(paragraphs) - 1 and paragraph.find(f"{W}pPr/{W}rPr/{W}{gone}") is None:
            parts.append("\n\n")
    return "".join(parts)


def squeezed(text):
    """A text with its white space evened out, paragraphs kept."""
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\n\s*", text) if paragraph.strip()]
