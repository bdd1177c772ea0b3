"""Tables for readers: rows and words in, raw values and accessible HTML out.

A table is declared in a TOML file of this room, one a page: see `TableEntry`. By its name there
is ``table("actors_table", rows, words)``, and the same as ``actors_table(rows, words)``.

What functions of this room take:

rows : DataFrame
    Contract `IndicatorValues`, as ``page.rows`` chooses them; or what a statistic returned.
    Figures withheld are in it without value: they get a mark.
words : Words
    Language.

Where there is nothing to show they raise MissingDataError.
"""

from ewm_analysis.tables.table import (
    DOUBTED,
    MakeTable,
    Table,
    TableEntry,
    entries,
    named_table,
    table,
)

__all__ = ["DOUBTED", "MakeTable", "Table", "TableEntry", "entries", "named_table", "table"]


def __getattr__(name: str) -> MakeTable:
    """Return the function that makes a table that is declared: ``actors_table``."""
    if not name.endswith("_table") or name not in entries():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)
    return named_table(name)


def __dir__() -> list[str]:
    """List the names of this room, and those of the tables declared."""
    return sorted([*globals(), *entries()])
