"""A table for readers: its raw values and its HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ewm_analysis.errors import MissingDataError


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
