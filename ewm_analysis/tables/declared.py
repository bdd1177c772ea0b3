"""Tables by their names: each is declared in a TOML file of this room, one file a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.catalogue.entries import Entry, Texts, load_entries
from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import MISSING, in_language
from ewm_analysis.tables.table import Column, Table

MakeTable = Callable[[pd.DataFrame, Words], Table]
Say = Callable[[Any, str, Words], str]

SAY: dict[str, Say] = {
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
    """Return the function that makes a table: one of this room, or one made from its entry."""
    if name not in entries():
        raise ParameterError("table", name, entries())
    entry = entries()[name]
    if entry.make:
        module, _, function = entry.make.partition(":")
        made: MakeTable = getattr(import_module(f"{__package__}.{module}"), function or name)
        own = entries().get(made.__name__)
        return made if own and own.caption == entry.caption else _under(name, made)

    def make(rows: pd.DataFrame, words: Words) -> Table:
        return _from_columns(entry, rows, words)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"Make the table declared as ``{name}``."
    return make


def _under(name: str, made: MakeTable) -> MakeTable:
    """Return a function that makes several tables by the name of one of them."""

    def make(rows: pd.DataFrame, words: Words) -> Table:
        return made(rows, words)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = made.__doc__
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
