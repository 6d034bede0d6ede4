"""The tools' arguments, as pydantic models: their docstrings and descriptions are what the model is told."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Arguments(BaseModel):
    """Base of all arguments: nothing is converted, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RecordClause(Arguments):
    """Record one place of the document that answers a question."""

    name: str = Field(description="The question's name.")
    quote: str = Field(description="The place, copied from the document character for character.")
    value: str | None = Field(default=None, description="A short answer in your own words.")


class RecordAbsent(Arguments):
    """Record that the document does not answer a question."""

    name: str = Field(description="The question's name.")


class Search(Arguments):
    """Find the places that answer a question."""

    query: str = Field(description="What to look for.")
    skip: int = Field(default=0, ge=0, description="Leave out so many of the best places.")
    doc: str | None = Field(default=None, description="Only in this document.")


class ReadSpan(Arguments):
    """Read the text itself: from a character, a page or a section on."""

    start: int | None = Field(default=None, ge=0, description="The first character.")
    page: int | None = Field(default=None, ge=1, description="The page's number.")
    section: str | None = Field(default=None, description="The section's number or title.")
    doc: str | None = Field(default=None, description="The document's name.")


class ListSections(Arguments):
    """List the sections with the characters where they begin."""

    skip: int = Field(default=0, ge=0, description="Leave out so many.")
    doc: str | None = Field(default=None, description="The document's name.")


class LookupDefinition(Arguments):
    """Say how a term is defined."""

    term: str = Field(description="The defined term.")
    doc: str | None = Field(default=None, description="The document's name.")


class ComputeDate(Arguments):
    """Work out a date from a period and the date that it counts from, both quoted."""

    period: str = Field(description="The period, copied: 'thirty (30) days after the Effective Date'.")
    anchor: str = Field(description="The place that gives the date it counts from, copied.")
    doc: str | None = Field(default=None, description="The document's name.")


class Flag(Arguments):
    """Mark a place that a person should look at."""

    quote: str = Field(description="The place, copied from the document character for character.")
    reason: str = Field(description="Why, in a few words.")
    doc: str | None = Field(default=None, description="The document's name.")


class Note(Arguments):
    """Write a note into the reviewer's notes file."""

    text: str = Field(description="The note.")
    quote: str | None = Field(default=None, description="The place it is about, copied character for character.")
    doc: str | None = Field(default=None, description="The document's name.")


class Cite(Arguments):
    """Give one sentence of your answer with the place that proves it."""

    sentence: str = Field(description="One sentence of the answer, in your own words.")
    quote: str = Field(description="The place that proves it, copied from the document character for character.")
    doc: str | None = Field(default=None, description="The document's name.")


class Abstain(Arguments):
    """Say that you cannot answer."""

    reason: str = Field(description="What is missing.")
    name: str | None = Field(default=None, description="The question's name, if it has one.")


def schema(name: str, arguments: type[Arguments], *, leave_out: Container[str] = ()) -> dict[str, Any]:
    """A tool as JSON schema, as short as it can be said: every prompt pays for it."""
    fields = {key: field for key, field in arguments.model_fields.items() if key not in leave_out}
    properties = {
        key: {
            "type": "string" if field.annotation in (str, str | None) else "integer",
            "description": field.description,
        }
        for key, field in fields.items()
    }
    required = [key for key, field in fields.items() if field.is_required()]
    return {
        "name": name,
        "description": arguments.__doc__,
        "parameters": {"type": "object", "properties": properties, "required": required},
    }
