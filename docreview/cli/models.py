"""`docreview models list | show | pull | caches`: language models that docreview knows, and what one costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from docreview.models.profiles import Profile
    from docreview.models.saved import Caches

models = typer.Typer(help="Language models: what is known, what is here, how to get one.", no_args_is_help=True)

caches = typer.Typer(help="What models computed of documents, kept on disk with their content.", no_args_is_help=True)
models.add_typer(caches, name="caches")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(models, name="models")


@models.command("list")
def list_() -> None:
    """Models with a profile, their downloads, and which are on this machine. Opens no connection."""
    from docreview.models import KINDS, profiles

    for profile in profiles():
        typer.echo(f"{profile.name}: window {profile.window:,}, licence {profile.licence or 'not known'}")
        for each in profile.downloads:
            file = f" ({each.file}, for llama-server and llama-cpp:)" if each.file else ""
            state = "" if each.format == "gguf" else ", " + _state(each.format, each.repo)
            typer.echo(f"  {each.format}:{each.repo}{file}, about {each.gigabytes:g} GB{state}")
    named = ["embedded, the default: extractive, no language model, nothing to download", *KINDS.values()]
    typer.echo("\nName one as:\n  " + "\n  ".join(named))


@models.command("show")
def show(
    name: Annotated[
        str, typer.Argument(help="mlx:..., llama-cpp:..., transformers:..., server:http://127.0.0.1:8080 or a profile.")
    ],
    tokenizer: Annotated[str | None, typer.Option(help="tokenizer.json of a server's model.")] = None,
    allow_host: Annotated[list[str] | None, typer.Option(help="A server that is not this machine.")] = None,
) -> None:
    """A model's window, limits, licence and the memory of its cache; of a server, what it is."""
    from docreview.models import profile_named

    if name.startswith(("server:", "llama-cpp:")):
        lines = _loaded(name, tokenizer, allow_host or [])
    elif ":" in name:
        lines = _folder(name)
    else:
        profile = profile_named(name)
        lines = _profile(profile, profile.window)
    for line in lines:
        typer.echo(line)


@models.command("pull")
def pull(
    name: Annotated[str, typer.Argument(help="mlx:, transformers: or llama-cpp:, then OWNER/NAME or a profile.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Download a model from Hugging Face, after saying its size and licence. Goes on where a download broke off."""
    from docreview.models import profile_named
    from docreview.models.pull import plan
    from docreview.models.pull import pull as fetch

    wanted = plan(name)
    typer.echo(f"{wanted.repo}: {len(wanted.files)} files, {_size(wanted.bytes)}; {_size(wanted.left)} to download")
    typer.echo(f"licence: {wanted.licence}")
    profile = profile_named(wanted.profile)
    if profile.licence_note:
        typer.echo(f"{profile.licence_note} {profile.licence_url}")
    if wanted.left and not yes and not typer.confirm("Download it?"):
        raise typer.Exit(1)
    typer.echo(f"{fetch(wanted)}")


@caches.command("list")
def list_caches() -> None:
    """What models computed of documents and was kept (`--keep-cache`): when last used, size, tokens, model."""
    kept = _caches()
    found = kept.listed()
    for each in found:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.used))
        typer.echo(f"{each.key[:12]}  {used}  {_size(each.bytes):>9}  {each.tokens:>7,} tokens  {each.model}")
    typer.echo(f"{len(found)} caches, {_size(sum(each.bytes for each in found))}, in {kept.folder}", err=True)


@caches.command("clear")
def clear_caches() -> None:
    """Delete all of them."""
    kept = _caches()
    typer.echo(f"{kept.clear()} caches deleted from {kept.folder}")


def _caches() -> Caches:
    from docreview import config
    from docreview.models.saved import Caches, folder_of

    return Caches(folder_of(config.load()))


def _folder(name: str) -> Iterator[str]:
    from docreview.models import profile_for
    from docreview.models.cost import cache_cost
    from docreview.models.find import folder_of
    from docreview.models.folder import facts_of, names_of, window_of
    from docreview.models.text import read_json

    kind, _, rest = name.partition(":")
    folder = folder_of(name, rest, "mlx" if kind == "mlx" else "transformers")
    profile = profile_for(rest, *names_of(folder))
    window = window_of(folder) or profile.window
    yield from _profile(profile, window)
    if cost := cache_cost(read_json(folder / "config.json")):
        yield f"cache: {cost.per_token / 1024:g} KiB a token, {_size(cost.at(window))} at {window:,} tokens (16 bit)"
    yield from (f"{key}: {value}" for key, value in facts_of(folder).items())
    yield f"chat template: {_template(folder, profile)}"


def _template(folder: Path, profile: Profile) -> str:
    from docreview.errors import MissingExtra
    from docreview.models.folder import template_of
    from docreview.prompts import agrees_with

    template = template_of(folder)
    if template is None:
        return "the model has none"
    try:
        return "the same text as ours" if agrees_with(template, profile) else "DIFFERS from what docreview writes"
    except MissingExtra as error:
        return f"not checked: {error}"
    except ValueError as error:
        return f"not checked: {error}"


def _loaded(name: str, tokenizer: str | None, hosts: list[str]) -> Iterator[str]:
    from docreview.models import load_model

    model: Any = load_model(name, tokenizer=tokenizer, allow_hosts=hosts)
    yield from _profile(model.profile, model.window)
    yield from (f"{key}: {value}" for key, value in model.facts.items())
    if name.startswith("server:"):
        yield from (f"note: {note}" for note in model.server.notes)


def _profile(profile: Profile, window: int) -> Iterator[str]:
    yield f"profile: {profile.name}"
    yield f"window: {window:,} tokens; prompts up to {profile.prompt_limit(window):,}"
    yield f"reasoning: {profile.reasoning}"
    chosen = profile.sampling_for(window)
    yield f"sampling: temperature {chosen.temperature:g}, top_k {chosen.top_k}, at most {chosen.max_tokens:,} tokens"
    if profile.licence:
        yield f"licence: {profile.licence}. {profile.licence_note} {profile.licence_url}"
    yield from (f"note: {note}" for note in profile.notes)


def _state(form: Any, repo: str) -> str:
    from docreview.errors import MissingExtra, ModelError
    from docreview.models.find import folder_of

    try:
        return f"here: {folder_of(f'{form}:{repo}', repo, form)}"
    except MissingExtra:
        return f"needs pip install 'docreview[{form}]'"
    except ModelError as error:
        return "not here" if error.code == "missing" else "incomplete"


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
