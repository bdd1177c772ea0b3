"""A table for readers: raw values, HTML and name; and how single figures are said in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from html import escape
from importlib import import_module
from typing import Any, Self

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from pydantic import BaseModel, ConfigDict

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.catalogue.entries import Entry, Texts, load_entries
from ewm_analysis.contracts import WITHHELD
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.l10n import MISSING, UNDEFINED, in_language

Say = Callable[[Any, Words], str]
Raw = str | Callable[[Any, Words], Any]
"""The raw value of a row: an attribute of it, or what is made from it."""
Raws = Mapping[str, Raw]
"""Several by the heads they have in files."""


CONFIDENTIAL = "•"
"""Stands for a figure that is known, but must not be shown."""
DOUBTED = "‡"
"""Marks a printed figure that contradicts another; the page says below what is odd."""
MARKS = {
    "missing": MISSING,
    "undefined": UNDEFINED,
    "withheld": CONFIDENTIAL,
    "inferred": r".*\*",
    "computed": ".*†",
}
"""Patterns of cells that need a note, by the key of the note."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, what readers see of a row, and what files have of it.

    ``head`` is the key of a message, or ``title`` the text itself. ``raw`` holds what stands in
    files in the place of this column: a value, or several by heads of the same form. Without it
    files have what readers see. Where rows are keys, ``of`` holds what is said of them, None
    where it holds nothing. Columns are numbers, aligned right, but for the first one and those
    that are ``is_text``.
    """

    head: str
    say: Say
    raw: Raw | Raws | None = None
    of: Mapping[Any, Any] | None = None
    is_text: bool = False
    title: str = ""

    def filed(self, lines: list[Any], words: Words) -> dict[str, Any]:
        """Return the columns of a file by their heads in words."""
        if isinstance(self.raw, Mapping):
            named = self.raw
        else:
            named = {self.title or self.head: self.raw or self.say}
        return {
            head if self.title else words.text(head): pd.array(
                [getattr(x, raw, pd.NA) if isinstance(raw, str) else raw(x, words) for x in lines]
            )
            for head, raw in named.items()
        }

    def told(self, lines: list[Any]) -> list[Any]:
        """Return what the column tells of: the lines, or what it holds of them."""
        return lines if self.of is None else [*map(self.of.get, lines)]


@dataclass(frozen=True)
class Table:
    """What a table shows.

    ``frame`` holds the raw values under readable column names. ``header`` and ``rows`` are
    the texts of the cells, the first of each row being its heading. Columns listed in
    ``numbers`` are right-aligned, rows listed in ``indented`` are parts of the row above; the last
    row of one that ``is_closed`` is the sum or the median of all.
    """

    frame: pd.DataFrame
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    indented: Sequence[int] = ()
    notes: Sequence[str] = ()
    is_closed: bool = False

    def __post_init__(self) -> None:
        if not self.rows:
            raise MissingDataError("The table has no rows: nothing of it is published.")

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame | Iterable[Any],
        columns: Sequence[Column],
        words: Words,
        *,
        is_part: Callable[[Any], bool] = lambda row: False,
        nothing: str = "",
    ) -> Self:
        """Make a table row by row.

        Parameters
        ----------
        rows : DataFrame or iterable
            Whatever the columns take; of a frame, its rows as named tuples.
        is_part : callable
            Tells of a row whether it is part of the one above it.
        nothing : str
            What one line says where there are no rows.
        """
        lines = [*(rows.itertuples() if isinstance(rows, pd.DataFrame) else rows)]
        told = [(column, column.told(lines)) for column in columns]
        said = [[column.say(one, words) for one in own] for column, own in told]
        empty = [[nothing, *[MISSING] * (len(columns) - 1)]] if nothing else []
        filed = {
            head: raw for column, own in told for head, raw in column.filed(own, words).items()
        }
        made = cls(
            pd.DataFrame(filed),
            [column.title or words.text(column.head) for column in columns],
            [list(cells) for cells in zip(*said, strict=True)] or empty,
            numbers=[at for at, column in enumerate(columns) if at and not column.is_text],
            indented=[at for at, line in enumerate(lines) if is_part(line)],
        )
        return made.filled() if empty else made

    def filled(self) -> Self:
        """Return the table without the columns in which no row says anything; files have them."""
        kept = [at for at in range(len(self.header)) if not at or self._says(at)]
        return replace(
            self,
            header=[self.header[at] for at in kept],
            rows=[[row[at] for at in kept] for row in self.rows],
            numbers=[place for place, at in enumerate(kept) if at in self.numbers],
        )

    def _says(self, place: int) -> bool:
        return any(row[place] not in ("", MISSING) for row in self.rows)

    def noted(self, *notes: str) -> Self:
        """Return the table with further notes below it."""
        return replace(self, notes=[*self.notes, *notes])

    def noting(self, words: Words, place: str, occurs: Mapping[str, Any], **known: str) -> Self:
        """Return the table with those notes of a place among the messages whose case occurs."""
        keys = [f"{place}.{key}" for key, does in occurs.items() if does]
        return self.noted(*(words.text(key, **known) for key in keys))

    def marked(self, words: Words, marks: Mapping[str, str] = MARKS, room: str = "tables") -> Self:
        """Return the table with notes that explain the marks in its cells, by their patterns."""
        shown = {cell for line in self.rows for cell in line[1:]}
        occurs = {
            key: any(re.fullmatch(pattern, cell) for cell in shown)
            for key, pattern in marks.items()
        }
        return self.noting(words, f"{room}.note", occurs)

    def _repr_html_(self) -> str:
        """Show the table as the result of a cell."""
        return self.html("", f"table-{id(self):x}")

    def html(self, caption: str, table_id: str) -> str:
        """Return ``<table>`` with caption and headings that screen readers can follow.

        Its look is left to the page: classes ``gt_right`` (numbers), ``gt_stub`` (heading of
        a row), ``gt_indent_2`` (part of the row above), ``gt_sourcenote`` (note).

        Parameters
        ----------
        caption : str
            Number and title, as plain text.
        table_id : str
            Start of the ids of the headings; must be unique on a page.

        Examples
        --------
        >>> table = Table(pd.DataFrame({"n": [34]}), ["Art", "Zahl"], [["neu", "34"]], numbers=[1])
        >>> print(table.html("Tab. 1: Projekte", "t1").splitlines()[1])
        <caption>Tab. 1: Projekte</caption>
        """
        # The first id is made from the heading: letters, digits, and hyphens for all else.
        first = re.sub(r"[^\w.:-]+", "-", self.header[0]).strip("-") or "stub"
        names = [first, *(f"c{place}" for place in range(1, len(self.header)))]
        ids = [f"{table_id}-{name}" for name in names]
        beside = [self._beside(place) for place in range(len(ids))]
        given = {"table": self, "caption": caption, "table_id": table_id, "ids": ids}
        return _template().render(**given, beside=beside, split=split)

    def _beside(self, place: int) -> int:
        """Return how many letters the longest bracket behind a number of a column has: all get as
        much room, so that the numbers stand one below the other.
        """
        found = [split(row[place])[1] for row in self.rows] if place in self.numbers else []
        return max((len(bracket) - 1 for bracket in found if bracket), default=0)


BRACKET = re.compile(r"(.*\S)(\s\([^()]{1,16}\))")


def split(cell: str) -> tuple[str, str]:
    """Return a number and what stands in a short bracket behind it, if anything does.

    Examples
    --------
    >>> split("36 (+7)"), split("36")
    (('36', ' (+7)'), ('36', ''))
    """
    found = BRACKET.fullmatch(cell)
    return (found[1], found[2]) if found else (cell, "")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["text"] = _whole
    return environment.get_template("table.html.j2")


def _whole(text: str) -> str:
    """Escape a text; a range, "2011–2019" or "(G–I)", does not break at its dash."""
    return re.sub(r"\(?\w+–\w+\)?", r'<span class="ewm-whole">\g<0></span>', escape(text))


Key = tuple[str, int, str, str]
"""Indicator, year, dimension and category."""


def latest_year(rows: pd.DataFrame) -> int:
    """Return the last year of the rows."""
    return int(rows["year"].max())


def by_key(rows: pd.DataFrame, words: Words) -> dict[Key, Any]:
    """Return rows by indicator, year, dimension and category; the cluster's own region wins."""
    regions = words.reference.clusters.set_index("cluster_id")["region"]
    foreign = rows["region"] != rows["cluster_id"].map(regions)
    ordered = rows.assign(_foreign=foreign).sort_values("_foreign", kind="stable")
    found: dict[Key, Any] = {}
    for row in ordered.drop(columns="_foreign").itertuples():
        found.setdefault((row.indicator, int(row.year), row.dimension, row.category), row)
    return found


def say(row: Any, words: Words) -> str:
    """Return a figure as readers see it: "rund 50.000" if approximate, "98*" if inferred.

    Of a row that `is_doubted` the mark tells: "68,9 Mio. €‡".
    """
    if row is not None and row.precision == WITHHELD:
        return CONFIDENTIAL
    if row is None or pd.isna(row.value):
        return MISSING
    value = words.value(row.indicator, float(row.value))
    mark = DOUBTED * bool(getattr(row, "is_doubted", False)) + "*" * bool(row.is_year_inferred)
    return words.hedged(value, row) + mark


ITEMS = ("n_known", "n_all")


def with_items(head: str, rows: Iterable[Any], words: Words) -> Raws:
    """Return the value for files and, of sums known in part, of how many items how many are."""
    is_partial = any(pd.notna(getattr(row, "n_known", pd.NA)) for row in rows)
    items = {f"{head}: {words.text(f'values.column.{name}')}": name for name in ITEMS}
    return {head: "value", **(items if is_partial else {})}


def unit(name: str, words: Words) -> str:
    """Return what an indicator is measured in."""
    return words.text(f"tables.unit.{indicator(name).unit}")


# --- tables by their names: each is declared in a TOML file of this room, one file a page ---------

MakeTable = Callable[[pd.DataFrame, Words], Table]

SAY: dict[str, Callable[[Any, str, Words], str]] = {
    "text": lambda value, _, words: str(value) or MISSING,
    "count": lambda value, _, words: words.count(value),
    "date": lambda value, _, words: words.date(value),
    "message": lambda value, key, words: words.text(f"{key}.{value}"),
    "indicator": lambda value, _, words: words.indicator(value),
    "definition": lambda value, _, words: in_language(indicator(value).definition, words.locale),
}
"""How a value is said; ``message tables.contents`` names where its message stands."""
AS_SAID = ("message", "indicator", "definition")
"""Files have these in words, too: the value is only a code."""


class DeclaredColumn(BaseModel):
    """A column of a table: its head, how its values are said, and of which column they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: Texts
    say: str = "text"
    value: str = ""


class TableEntry(Entry):
    """A table that a page shows, made from its rows column by column, or by a function.

    ``make`` names the module of this room whose function has the name of the table, or
    ``module:function``. Without it ``columns`` are shown, with rows in the order of the column
    ``sort``; ``nothing`` is what one line says where there are no rows. One that is not
    ``numbered`` stands outside the numbers of tables.
    """

    make: str = ""
    columns: Mapping[str, DeclaredColumn] = {}
    sort: str = ""
    nothing: Texts | None = None
    numbered: bool = True

    def check(self) -> None:
        """Raise ParameterError where the entry names what does not exist."""
        super().check()
        self.need("say", (one.say.partition(" ")[0] for one in self.columns.values()), SAY)


def entries() -> dict[str, TableEntry]:
    """Return all tables declared, by name."""
    return load_entries("tables", TableEntry)


def table(name: str, rows: pd.DataFrame, words: Words) -> Table:
    """Make a table that is declared.

    Parameters
    ----------
    name : str
        An entry of this room: ``actors_table``.

    Raises
    ------
    ParameterError
        If there is no such table.
    MissingDataError
        If it would have no rows.
    """
    return named_table(name)(rows, words)


@cache
def named_table(name: str) -> MakeTable:
    """Return the function that makes a table, by its name: one of this room, or by columns."""
    if name not in entries():
        raise ParameterError("table", name, entries())
    entry = entries()[name]
    module, _, function = entry.make.partition(":")
    room = import_module(f"{__package__}.{module}") if module else None
    made = getattr(room, function or name, partial(_from_columns, entry))

    def make(rows: pd.DataFrame, words: Words) -> Table:
        return made(rows, words)

    own = entries().get(function)  # tables of one caption have one name
    make.__name__ = make.__qualname__ = own.name if own and own.caption == entry.caption else name
    make.__doc__ = made.__doc__ if room else f"Make the table declared as ``{name}``."
    return make


def _from_columns(entry: TableEntry, rows: pd.DataFrame, words: Words) -> Table:
    if entry.sort:
        rows = rows.sort_values(entry.sort, kind="stable")
    columns = [_column(name, one, words) for name, one in entry.columns.items()]
    nothing = in_language(entry.nothing, words.locale) if entry.nothing else ""
    return Table.of(rows, columns, words, nothing=nothing).filled()


def _column(name: str, one: DeclaredColumn, words: Words) -> Column:
    kind, _, key = one.say.partition(" ")
    value = one.value or name

    def say(row: Any, words: Words) -> str:
        return SAY[kind](getattr(row, value), key, words)

    def raw(row: Any, words: Words) -> Any:
        """A text stays one in files, also where it looks like a number."""
        found = getattr(row, value)
        return str(found) if kind == "text" else found

    head = in_language(one.head, words.locale)
    return Column("", say, None if kind in AS_SAID else raw, is_text=kind != "count", title=head)
