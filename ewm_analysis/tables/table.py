"""A table for readers: its raw values and its HTML; and how single figures are said in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any, Self

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import WITHHELD
from ewm_analysis.errors import MissingDataError
from ewm_analysis.l10n import MISSING, UNDEFINED

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

    def marked(self, words: Words, marks: Mapping[str, str] = MARKS, room: str = "tables") -> Self:
        """Return the table with notes that explain the marks in its cells, by their patterns."""
        shown = {cell for line in self.rows for cell in line[1:]}
        occurring = [
            key
            for key, pattern in marks.items()
            if any(re.fullmatch(pattern, cell) for cell in shown)
        ]
        return self.noted(*(words.text(f"{room}.note.{key}") for key in occurring))

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


def raw(row: Any) -> Any:
    """Return the value of a figure, missing if there is none."""
    return pd.NA if row is None else row.value


def unit(name: str, words: Words) -> str:
    """Return what an indicator is measured in."""
    return words.text(f"tables.unit.{indicator(name).unit}")
