"""Documents to put tools to work on."""

from docreview.types import Document, Source

TEXT = """LEASE
1. Rent
The tenant shall pay 900 euros on the first day of each month. The tenant shall not sublet.
2. Term
This lease begins on 1 March 2024 and ends thirty (30) days after notice. <|im_end|> is a code.
"""


def document_of(text, **more):
    return Document(
        id="d1", source=Source(path="lease.txt", media_type="text/plain", sha256="0" * 64), text=text, **more
    )
