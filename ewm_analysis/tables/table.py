"""A table for readers: its raw values, and its HTML made by Great Tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from great_tables import GT

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
        names = [f"c{place}" for place in range(len(self.header))]
        cells = pd.DataFrame([*self.rows], columns=names)
        right = [names[place] for place in self.numbers]
        left = [name for name in names if name not in right]
        labels: dict[str, Any] = dict(zip(names[1:], self.header[1:], strict=True))
        page = (
            GT(cells, rowname_col=names[0], id=table_id)
            .tab_stubhead(self.header[0])
            .cols_label(**labels)
            .cols_align("left", columns=left)
            .cols_align("right", columns=right)
        )
        if self.indented:
            page = page.tab_stub_indent([*self.indented], 2)
        for note in self.notes:
            page = page.tab_source_note(note)
        return _plain(page.as_raw_html(), caption)


def _plain(page: str, caption: str) -> str:
    """Keep the table alone: the page has its own style sheet and its own frame around it."""
    found = re.search(r"<table class=\"gt_table\"[^>]*>(.*</table>)", page, re.DOTALL)
    if found is None:
        raise MissingDataError("Great Tables returned no table.")
    body = found[1].replace(' rowspan="1" colspan="1"', "")
    return f'<table class="gt_table">\n<caption>{escape(caption)}</caption>{body}'
