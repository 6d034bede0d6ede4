"""How far a long job is: told to the caller, or shown as a bar in a notebook or terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int], None]
"""Called with how much is done, and how much there is."""


@contextmanager
def telling(progress: Told | bool, unit: str, what: str) -> Iterator[Told]:
    """Who is told: the caller, a bar (tqdm: a widget in Jupyter, stderr elsewhere) that goes away, or nobody."""
    if not isinstance(progress, bool):
        yield progress
        return
    if not progress:
        yield lambda *_: None
        return
    from tqdm.auto import tqdm

    with tqdm(unit=unit, desc=what, leave=False) as bar:

        def told(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield told
