"""What lies behind growth: few large projects, their sizes, and the sectors of a region."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING, plural
from ewm_analysis.statistics.region import PARTS
from ewm_analysis.statistics.volumes import MEASURES
from ewm_analysis.tables.growth import signed
from ewm_analysis.tables.table import Table

SHOWN = ("national", "industry", "regional")
"""Parts with a column of their own; what makes the last one is said below."""
SIZES = ("median", "geometric_mean")
"""Measures in million euros."""
MILLION = 1_000_000


def without_largest_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the project volume of each year with and without its largest projects.

    Parameters
    ----------
    rows : DataFrame
        As `without_largest` or `without_named` returns it.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If no year tells its largest projects apart.
    """
    names = ("year", "projects", "total", "large", "rest")
    header = [words.text(f"growth.column.{name}") for name in names]
    known = rows if rows["share"].notna().any() else rows.iloc[:0]
    cells = []
    for row in known.itertuples():
        number = MISSING if pd.isna(row.projects) else words.count(row.projects)
        cells.append([str(row.year), number, words.eur(row.total), *_largest(row, words)])
    frame = known[["year", "projects", "total", "large", "share", "rest"]].reset_index(drop=True)
    large, share = (words.text(f"growth.raw.{name}") for name in ("large", "share"))
    frame.columns = pd.Index([*header[:3], large, share, header[4]])
    notes = [words.text("tables.note.missing")] if known["share"].isna().any() else []
    return Table(frame, header, cells, numbers=(1, 2, 3, 4), notes=notes)


def _largest(row: Any, words: Words) -> list[str]:
    if pd.isna(row.share):
        return [MISSING, MISSING]
    part = words.text(
        "growth.value.of_total",
        value=words.eur(row.total - row.rest),
        share=words.share(row.share),
        count=_projects(row.large, words),
    )
    return [part, words.eur(row.rest)]


def _projects(count: float, words: Words) -> str:
    key = plural(count, "one", "other")
    return words.text(f"growth.value.projects_{key}", count=words.count(count))


def sizes_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return typical size and concentration of the projects, a column a year.

    Parameters
    ----------
    rows : DataFrame
        As `size_summary` returns it.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If there is no year with known volumes.
    """
    years = sorted({int(year) for year in rows["year"]})
    found = {(row.measure, row.year): row for row in rows.itertuples()}
    header = [words.text("growth.column.measure"), *map(str, years)]
    shown = [name for name in MEASURES if any((name, year) in found for year in years)]
    smallest = rows.loc[rows["measure"].isin(SIZES), ["value", "low"]].min(axis=None)
    digits = 1 if pd.notna(smallest) and smallest >= MILLION / 10 else 2
    cells, values = [], []
    for name in shown:
        label = words.text(f"growth.measure.{name}")
        own = [found.get((name, year)) for year in years]
        cells.append([label, *(_size(name, row, words, digits) for row in own)])
        scale = MILLION if name in SIZES else 1
        values.append([label, *(pd.NA if row is None else row.value / scale for row in own)])
    frame = pd.DataFrame(values, columns=header).astype(dict.fromkeys(header[1:], "Float64"))
    notes = [words.text("growth.note.sizes")]
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=notes)


def _size(name: str, row: Any, words: Words, digits: int) -> str:
    if row is None or pd.isna(row.value):
        return MISSING
    if name.startswith("top_"):
        return words.share(row.value)
    if name not in SIZES:
        return words.number(row.value, {"projects": 0, "effective_number": 1}.get(name, 2))
    value, low, high = (
        words.number(None if pd.isna(amount) else amount / MILLION, digits)
        for amount in (row.value, row.low, row.high)
    )
    return (
        value
        if low == MISSING
        else words.text("growth.value.range", value=value, low=low, high=high)
    )


def shift_share_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the change of employees of each region by sector block, split into its parts.

    Parameters
    ----------
    rows : DataFrame
        As `shift_share_by_sector` returns it.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If no region can be compared.
    """
    names = ["total_change", *SHOWN]
    header = [words.text("growth.column.sector")]
    header += [words.text(f"growth.column.{name}") for name in names]
    shown = rows[(rows["method"] == "static") | (rows["category"] == "")]
    cells: list[list[str]] = []
    labels, indented = [], []
    for region, own in shown.groupby("region", sort=False):
        total = own["category"] == ""
        place = words.label("region", str(region))
        for row in [*own[total].itertuples(), *own[~total].itertuples()]:
            if row.category:
                indented.append(len(cells))
                label = words.label("sector", str(row.category))
            else:
                label = f"{place}: {words.text(f'growth.note.{row.method}')}"
            labels.append(label)
            parts = [row.change, *(getattr(row, name) for name in SHOWN)]
            cells.append([label, *(signed("employees_insured", part, words) for part in parts)])
    frame = _shift_frame(shown, labels, header, words)
    notes = [words.text("growth.note.dynamics"), *_esteban(shown, words)]
    return Table(
        frame, header, cells, numbers=range(1, len(header)), indented=indented, notes=notes
    )


def _esteban(rows: pd.DataFrame, words: Words) -> list[str]:
    totals = rows[(rows["method"] == "static") & (rows["category"] == "")]
    return [
        words.text(
            "growth.note.esteban",
            region=words.label("region", row.region),
            competition=signed("employees_insured", row.competition, words),
            allocation=signed("employees_insured", row.allocation, words),
        )
        for row in totals.itertuples()
    ]


def _shift_frame(
    rows: pd.DataFrame, labels: list[str], header: list[str], words: Words
) -> pd.DataFrame:
    order = rows.assign(
        place=pd.Categorical(rows["region"], [*dict.fromkeys(rows["region"])]),
        is_part=rows["category"] != "",
    ).sort_values(["place", "is_part"], kind="stable")
    frame = order[["region", "method", "change", *PARTS]].reset_index(drop=True)
    names = [words.text(f"growth.raw.{name}") for name in ("region", "method")]
    parts = [words.text(f"growth.column.{name}") for name in PARTS]
    frame.columns = pd.Index([*names, header[1], *parts])
    frame.insert(0, header[0], pd.Series(labels, dtype="object"))
    return frame
