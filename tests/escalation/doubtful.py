"""The document, its questions, and what must never leave."""

from pathlib import Path

from docreview.checklist import Checklist, Question

NAME, MAIL, PHONE = "Jane Zweibel", "jane.zweibel@example.org", "+1 404 815 5909"
QUOTE = f"Notices go to {NAME} ({MAIL}, {PHONE}) by registered post within ten days."
TEXT = (
    "This agreement is made between Acme Ltd and the customer.\n\n"
    + "The parties agree on the terms below. " * 40
    + f"\n\n{QUOTE}\n\n"
    + "Nothing here is of any interest. " * 40
    + f"\n\nSigned by: {NAME}, President\n"
)
CHECKLIST = Checklist(
    name="mini",
    title="Mini",
    questions=(
        Question(name="Notices", text="Where do notices go?", kind="text"),
        Question(name="Governing Law", text="Which law governs?", kind="text"),
        Question(name="Term", text="When does it end?", kind="date"),
    ),
)


def clause(name, quote, score, sure):
    start = TEXT.index(quote)
    row = {"name": name, "start": start, "end": start + len(quote), "quote": quote, "score": score, "sure": sure}
    return "record_clause", row


def written(folder: Path) -> bytes:
    """Every byte of the files under a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
