"""Tables of the economy page: all figures of a cluster, and the totals of states and nation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.table import Column, Raws, Table, say, unit

INDEX = "price_index"
"""Its base year is 100, and goes before it as after."""


def known_economy_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return every economic figure of a cluster below what it covers and who counted it.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: economic figures of one cluster, in the order of the table.
    """
    titles = words.titles()
    covered = [
        f"{words.area(row.region, row.scope, row.delimitation)}: {titles[row.source_id]}"
        for row in rows.itertuples()
    ]
    ordered = rows.assign(covered=pd.Categorical(covered, [*dict.fromkeys(covered)]))
    ordered = ordered.sort_values("covered", kind="stable")
    filed: dict[str, Any] = {
        "economy.column.covered": "covered",
        "tables.column.figure": _name,
        "tables.column.year": "year",
        "tables.column.base": "base_year",
        "tables.column.unit": lambda row, words: unit(row.indicator, words),
    }
    columns = [
        Column("tables.column.figure", _name, filed),
        Column("growth.column.period", _period, {}),
        Column("notebook.column.value", _value, "value"),
    ]
    table = Table.of(ordered, columns, words)
    return _below_heads(table, [*ordered["covered"]]).noted(*_provisional(rows, words))


def _below_heads(table: Table, heads: list[str]) -> Table:
    """Set the first of those rows that share a head below it, and indent them all."""
    lines: list[Sequence[str]] = []
    indented: list[int] = []
    for place, (head, line) in enumerate(zip(heads, table.rows, strict=True)):
        if place == 0 or head != heads[place - 1]:
            lines.append([head, *[""] * (len(line) - 1)])
        indented.append(len(lines))
        lines.append(line)
    return replace(table, rows=lines, indented=indented)


def state_totals_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return official totals: below each figure a line a period, a column a region.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: undivided figures of whole regions.
    """
    found: dict[Any, dict[str, Any]] = {}
    for row in rows.itertuples():
        found.setdefault((row.indicator, row.year, str(row.base_year)), {})[row.region] = row
    first = {line: next(iter(own.values())) for line, own in found.items()}
    filed = {"tables.column.figure": _heading}
    columns = [Column("growth.column.period", _period, filed, of=first)]
    for region in _regions(rows, words):
        own = {line: by_region.get(region) for line, by_region in found.items()}
        columns.append(Column("", _value, "value", own, title=words.label("region", region)))
    heads = [_name(row, words) for row in first.values()]
    table = _below_heads(Table.of(found, columns, words), heads)
    return table.marked(words).noted(*_provisional(rows, words))


def _regions(rows: pd.DataFrame, words: Words) -> list[str]:
    return [
        code for code in words.reference.valid("region")["category"] if code in {*rows["region"]}
    ]


def branch_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return one indicator by region and sector: a line a sector, a column a year.

    Euros are in millions, as the caption says.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: one indicator of whole regions, undivided or by sector.
    """
    known = {*zip(rows["region"], rows["category"], strict=True)}
    sectors = ["", *words.reference.valid("sector")["category"]]
    every = product(_regions(rows, words), sectors)
    lines = [line for line in every if line in known]
    filed: Raws = {"economy.column.region": _region, "growth.column.sector": _sector}
    columns = [Column("growth.column.sector", _sector, filed)]
    for year, rows_of_year in rows.groupby("year"):
        own = {(row.region, row.category): row for row in rows_of_year.itertuples()}
        columns.append(Column("", _millions, "value", own, title=str(year)))
    table = _below_heads(Table.of(lines, columns, words), [_region(line, words) for line in lines])
    return table.marked(words).noted(*_provisional(rows, words))


def _region(line: tuple[str, str], words: Words) -> str:
    return words.label("region", line[0])


def _sector(line: tuple[str, str], words: Words) -> str:
    code = line[1]
    return words.label("sector", code) if code else words.text("values.all_sectors")


def _millions(row: Any, words: Words) -> str:
    is_eur = row is not None and indicator(row.indicator).unit == "eur"
    return words.count(row.value / 1_000_000) if is_eur else _value(row, words)


def _heading(row: Any, words: Words) -> str:
    return f"{_name(row, words)} ({_period(row, words)})"


def _name(row: Any, words: Words) -> str:
    return words.indicator(row.indicator)


def _period(row: Any, words: Words) -> str:
    if row.indicator == INDEX:
        return words.text("economy.value.index", year=row.year, base=row.base_year)
    return str(row.year) if pd.isna(row.base_year) else f"{row.base_year}–{row.year}"


def _value(row: Any, words: Words) -> str:
    if row is None:
        return MISSING
    said = words.number(row.value * 100, 1) if row.indicator == INDEX else say(row, words)
    return words.text("economy.value.provisional", value=said) if row.is_provisional else said


def _provisional(rows: pd.DataFrame, words: Words) -> list[str]:
    return [words.text("economy.note.provisional")] if rows["is_provisional"].any() else []
