"""A table for readers: its raw values and its HTML; and how single figures are said in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import WITHHELD
from ewm_analysis.errors import MissingDataError
from ewm_analysis.l10n import MISSING


@dataclass(frozen=True)
class Table:
    """What a table shows.

    ``frame`` holds the raw values under readable column names. ``header`` and ``rows`` are
    the texts of the cells, the first of each row being its heading. Columns listed in
    ``numbers`` are right-aligned, rows listed in ``indented`` are parts of the row above.
    """

    frame: pd.DataFrame
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    indented: Sequence[int] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.rows:
            raise MissingDataError("The table has no rows: nothing of it is published.")

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
        return _template().render(table=self, caption=caption, table_id=table_id, ids=ids)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["text"] = escape
    return environment.get_template("table.html.j2")


Key = tuple[str, int, str, str]
"""Indicator, year, dimension and category."""

CONFIDENTIAL = "•"
"""Stands for a figure that is known, but must not be shown."""


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
    """Return a figure as readers see it: "rund 50.000" if approximate, "98*" if inferred."""
    if row is not None and row.precision == WITHHELD:
        return CONFIDENTIAL
    if row is None or pd.isna(row.value):
        return MISSING
    value = words.value(row.indicator, float(row.value))
    star = "*" if row.is_year_inferred else ""
    return words.text(f"word.precision.{row.precision}", value=value) + star


def raw(row: Any) -> Any:
    """Return the value of a figure, missing if there is none."""
    return pd.NA if row is None else row.value


def unit(name: str, words: Words) -> str:
    """Return what an indicator is measured in."""
    return words.text(f"tables.unit.{indicator(name).unit}")


def notes(cells: list[list[str]], words: Words) -> list[str]:
    """Explain the marks that occur in the cells."""
    shown = [cell for line in cells for cell in line[1:]]
    keys = []
    if MISSING in shown:
        keys.append("missing")
    if CONFIDENTIAL in shown:
        keys.append("withheld")
    if any(cell.endswith("*") for cell in shown):
        keys.append("inferred")
    if any(cell.endswith("†") for cell in shown):
        keys.append("computed")
    return [words.text(f"tables.note.{key}") for key in keys]
