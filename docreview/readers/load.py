"""Every chat model there is by one name: those of `docreview.models`, and the extractive one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docreview.models import ChatModel


def load_model(name: str = "embedded", **options: Any) -> ChatModel:
    """A model by its name: one of `docreview.models.KINDS`, or "embedded", which needs no weights and is extractive.

    Args:
        name: Its name.
        options: As for `docreview.models.load_model`; of these "embedded" takes `window`.

    Raises:
        ModelError: There is no such model, or it can't be used.
        MissingExtra: Its backend is not installed.
    """
    if name == "embedded":
        from docreview.readers.extractive import ExtractiveModel

        return ExtractiveModel(window=options.get("window"))
    from docreview.models import load_model as load

    return load(name, **options)
