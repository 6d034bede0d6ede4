"""How values show themselves in a notebook, and how they become tables.

Values stand at the bottom of the house, and what knows how to draw them further up. So it registers here, by class:
`@html.register(Review)` for the picture, `@table(Review, "clause status ...")` for the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final, Generic, SupportsIndex, TypeAlias, TypeVar, overload

from docreview._html import Safe, tag
from docreview.errors import MissingExtra

if TYPE_CHECKING:
    import pandas

    Frame: TypeAlias = pandas.DataFrame

T = TypeVar("T")
MakeRows = Callable[[Any], Iterable[Sequence[object]]]
MOST_ROWS: Final = 60
"""A table in a notebook shows so many rows; the rest is in `to_pandas()`."""
_LEFT: Final = "text-align: left; vertical-align: top"
_TABLES: dict[type, tuple[tuple[str, ...], MakeRows]] = {}


@singledispatch
def html(value: object) -> str:
    """A value as HTML, in which all that is not ours is escaped: its picture, else its rows, else its `repr`."""
    kind = type(value)
    return table_html(*rows_of(kind, [value])) if kind in _TABLES else tag("pre", repr(value))


def table(kind: type, columns: str) -> Callable[[MakeRows], MakeRows]:
    """Registers what gives a class's rows: called with a value, it gives one row or several, a cell for each column."""

    def registered(rows: MakeRows) -> MakeRows:
        _TABLES[kind] = (tuple(columns.split()), rows)
        return rows

    return registered


def frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Frame:
    """Rows as a DataFrame; whole numbers stay whole where some are missing.

    Raises:
        MissingExtra: pandas is not installed.
    """
    try:
        from pandas import DataFrame
    except ImportError:
        raise MissingExtra("a table for pandas", "notebooks") from None
    made = DataFrame(list(rows), columns=list(columns))
    return made.convert_dtypes(convert_string=False, convert_floating=False)


def rows_of(kind: type, values: Iterable[Any]) -> tuple[tuple[str, ...], list[Sequence[object]]]:
    """The columns of a class, and the rows of some values of it."""
    columns, rows = _TABLES[kind]
    return columns, [row for value in values for row in rows(value)]


class Shown:
    """Something that shows itself as HTML in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return html(self)


class Tabled(Shown):
    """Something that is a table too."""

    __slots__ = ()

    def to_pandas(self) -> Frame:
        """Its rows as a DataFrame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return frame(*rows_of(type(self), [self]))


class Rows(tuple[T, ...], Generic[T]):
    """Values of one class, as a tuple that a notebook shows as a table; without any, it still has its columns."""

    kind: type[T]

    def __new__(cls, kind: type[T], values: Iterable[T] = ()) -> Rows[T]:
        """The values in their order."""
        made = super().__new__(cls, values)
        made.kind = kind
        return made

    def __getnewargs__(self) -> tuple[type[T], tuple[T, ...]]:
        return self.kind, tuple(self)

    @overload
    def __getitem__(self, at: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Rows[T]: ...
    def __getitem__(self, at: SupportsIndex | slice) -> T | Rows[T]:
        return Rows(self.kind, super().__getitem__(at)) if isinstance(at, slice) else super().__getitem__(at)

    def to_pandas(self) -> Frame:
        """The values as a DataFrame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return frame(*rows_of(self.kind, self))

    def _repr_html_(self) -> str:
        return html(self)


@html.register(Rows)
def _(values: Rows[Any]) -> str:
    if html.dispatch(values.kind) is html.dispatch(object):
        return table_html(*rows_of(values.kind, values))
    return tag("div", *(Safe(html(value)) for value in values[:MOST_ROWS]), _left_out(len(values)))


def table_html(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Safe:
    """Rows as an HTML table; cells that are `Safe` stay as they are."""
    head = tag("tr", *(tag("th", name.replace("_", " "), style=_LEFT) for name in columns))
    body = (tag("tr", *(tag("td", _cell(cell), style=_LEFT, dir="auto") for cell in row)) for row in rows[:MOST_ROWS])
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body)), _left_out(len(rows)))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if isinstance(value, float) else value if isinstance(value, str) else str(value)


def _left_out(count: int) -> Safe:
    return tag("p", f"and {count - MOST_ROWS:,} more") if count > MOST_ROWS else Safe("")
