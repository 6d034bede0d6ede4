"""The tools' arguments, as pydantic models: their docstrings and descriptions are what the model is told."""

from __future__ import annotations

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


def schema(name: str, arguments: type[Arguments]) -> dict[str, Any]:
    """A tool as JSON schema, as short as it can be said: every prompt pays for it."""
    properties = {
        key: {
            "type": "string" if field.annotation in (str, str | None) else "integer",
            "description": field.description,
        }
        for key, field in arguments.model_fields.items()
    }
    required = [key for key, field in arguments.model_fields.items() if field.is_required()]
    return {
        "name": name,
        "description": arguments.__doc__,
        "parameters": {"type": "object", "properties": properties, "required": required},
    }
