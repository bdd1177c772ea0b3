"""Figures as cells: chosen from the long table and said in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts.values import WITHHELD
from ewm_analysis.l10n import MISSING

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
