"""Sources written as plain text, Markdown, HTML and mail."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping
from typing import Any

from docreview.evaluate.corpora.sources import Block, blocks


def as_text(body: str, options: Mapping[str, Any]) -> str:
    """Plain text; lines are wrapped only where the options say `wrap`."""
    width = int(options.get("wrap", 0))
    return "\n\n".join(filter(None, (_plain(block, width) for block in blocks(body)))) + "\n"


def _plain(block: Block, width: int) -> str:
    if block.kind == "title":
        return block.text.center(width).rstrip() if width else block.text
    if block.kind in ("heading", "paragraph"):
        indent = " " * 4 * block.level if block.kind == "paragraph" else ""
        if not width:
            return indent + block.text
        return textwrap.fill(block.text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    if block.kind != "table":
        return "\n".join(row[0] for row in block.rows)
    widths = [max(map(len, column)) for column in zip(*block.rows, strict=True)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in block.rows)


def as_markdown(body: str, options: Mapping[str, Any]) -> str:
    """Markdown; blocks that only a page knows are left out, fixed lines end in two spaces."""
    del options
    return "\n\n".join(_marked(block) for block in blocks(body) if block.text or block.rows) + "\n"


def _marked(block: Block) -> str:
    if block.kind in ("title", "heading"):
        return "#" * (block.level + 1) + " " + block.text
    if block.kind == "lines":
        return "  \n".join(row[0] for row in block.rows)
    if block.kind == "table":
        rows = ["| " + " | ".join(row) + " |" for row in block.rows]
        return "\n".join([rows[0], "|" + " --- |" * len(block.rows[0]), *rows[1:]])
    return "  " * block.level + block.text


_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ font: 16px/1.5 Georgia, serif; max-width: 46em; margin: 2em auto }} table {{ border-collapse: collapse }}
td, th {{ border: 1px solid #999; padding: .3em .6em; text-align: left }} .in1 {{ margin-left: 2em }}
.in2 {{ margin-left: 4em }}</style>
</head>
<body>
{body}
</body>
</html>
"""


def as_html(body: str, options: Mapping[str, Any]) -> str:
    """One HTML page with its style inside."""
    inner = "\n".join(filter(None, (_tagged(block) for block in blocks(body))))
    return _PAGE.format(language=options["language"], title=html.escape(options["title"]), body=inner)


def _tagged(block: Block) -> str:
    text = html.escape(block.text, quote=False)
    if block.kind in ("title", "heading"):
        return f"<h{block.level + 1}>{text}</h{block.level + 1}>"
    if block.kind == "lines":
        return "<p>" + "<br>\n".join(html.escape(row[0], quote=False) for row in block.rows) + "</p>"
    if block.kind == "table":
        rows = []
        for i, row in enumerate(block.rows):
            tag = "th" if i == 0 else "td"
            rows.append("<tr>" + "".join(f"<{tag}>{html.escape(c, quote=False)}</{tag}>" for c in row) + "</tr>")
        return "<table>\n" + "\n".join(rows) + "\n</table>"
    return f'<p class="in{block.level}">{text}</p>' if text else ""


def as_mail(body: str, options: Mapping[str, Any]) -> bytes:
    """A mail in plain text (quoted-printable) as a mail program stores it."""
    from email.message import EmailMessage

    mail = EmailMessage()
    for name in ("From", "To", "Cc", "Subject", "Date", "Message-ID"):
        mail[name] = options["mail"][name]
    mail.set_content(as_text(body, options), cte="quoted-printable")
    return mail.as_bytes()
