"""What a page shows, found by the name that an entry of figures or tables gives it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pandas as pd

from ewm_analysis.catalogue.entries import Entry
from ewm_analysis.notebook.page import Page

PARTS = {
    "clusters": "comparison:Comparison",
    "growth": "growth:compute_growth",
    "organisations": "organisations:Organisations",
}
"""What only some pages have: functions of a page, read and called when first asked for."""


def rows_of(page: Page, entry: Entry) -> pd.DataFrame:
    """Return the rows that an entry shows."""
    if isinstance(entry.rows, str):
        return part_of_page(page, entry.rows)
    chosen: dict[str, Any] = {"dimension": entry.dimension, "withheld": entry.withheld}
    if entry.years is not None:
        chosen["years"] = entry.years
    owner = part_of_page(page, entry.of) if entry.of else page
    rows: pd.DataFrame = owner.rows(*entry.rows, **chosen)
    is_old = entry.current and page.parameters.year not in {*rows["year"]}
    return rows.iloc[:0] if is_old else rows


def part_of_page(page: Page, path: str) -> Any:
    """Return a part of a page by its path: ``growth.index``; functions in it are called."""
    first, *rest = path.split(".")
    if first in PARTS:
        if first not in page.parts:
            module, _, name = PARTS[first].partition(":")
            page.parts[first] = getattr(import_module(f"{__package__}.{module}"), name)(page)
        found = page.parts[first]
    else:
        found, rest = page, [first, *rest]
    for name in rest:
        found = getattr(found, name)
        found = found() if callable(found) else found
    return found
