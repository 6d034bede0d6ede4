"""The model to be trained, as far as its examples depend on it: tokens, template, licence. No weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass

from docreview.errors import ModelError
from docreview.models.find import folder_of
from docreview.models.folder import names_of, template_of
from docreview.models.profiles import Profile, profile_for, profile_named
from docreview.models.text import Tokens
from docreview.prompts import agrees_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A model's profile and tokenizer."""

    name: str
    profile: Profile
    tokens: Tokens

    @property
    def licence(self) -> str:
        """What must be known and accepted before anything is derived from the model; empty when nothing is known."""
        profile = self.profile
        return f"{profile.licence}. {profile.licence_note} {profile.licence_url}".strip() if profile.licence else ""


def base(name: str, *, profile: str | None = None) -> Base:
    """A model by its name, checked.

    Args:
        name: mlx:... or transformers:..., as for `load_model`.
        profile: A profile's name; by default the one that fits the model's name.

    Raises:
        ModelError: The model is not here; or its chat template writes other text than docreview sends, so that it would
            be trained on prompts that it never sees.
        MissingExtra: transformers, which runs templates, is not installed.
    """
    kind, _, rest = name.partition(":")
    if kind not in ("mlx", "transformers") or not rest:
        raise ModelError(name, "unknown", "name the model to be trained as mlx:MODEL or transformers:FOLDER")
    folder = folder_of(name, rest, "mlx" if kind == "mlx" else "transformers")
    chosen = profile_named(profile) if profile else profile_for(rest, *names_of(folder))
    if chosen.reasoning == "open":
        raise ModelError(name, "unknown", "its prompts open a chain of thought, which reviews do not hold")
    template = template_of(folder)
    try:
        fits = template is not None and agrees_with(template, chosen)
    except ValueError:
        fits = False
    if not fits:
        raise ModelError(
            name,
            "damaged",
            "its chat template does not write what docreview sends; training on it would teach other prompts",
        )
    return Base(name=name, profile=chosen, tokens=Tokens(folder, chosen))
