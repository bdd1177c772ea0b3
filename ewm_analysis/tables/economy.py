"""Tables of the economy page: all figures of a cluster, and the totals of states and nation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.table import Column, Table, say, unit

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
    listed = [*words.reference.valid("region")["category"]]
    regions = [code for code in listed if code in {*rows["region"]}]
    found = {(_line(row), row.region): row for row in rows.itertuples()}
    lines = [*dict.fromkeys(line for line, _ in found)]
    columns = [Column("growth.column.period", _period, {"tables.column.figure": _heading})]
    for region in regions:
        own = {line: found.get((line, region)) for line in lines}
        title = words.label("region", region)
        columns.append(Column("", _value, _raw, own, title=title))
    table = _below_heads(Table.of(lines, columns, words), [_name(line, words) for line in lines])
    return table.marked(words).noted(*_provisional(rows, words))


def branch_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return one indicator by region and sector: a line a sector, a column a year.

    Euros are in millions, as the caption says.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: one indicator of whole regions, undivided or by sector.
    """
    found = {(row.region, row.category, int(row.year)): row for row in rows.itertuples()}
    regions = [code for code in words.reference.valid("region")["category"] if _has(found, code)]
    sectors = ["", *words.reference.valid("sector")["category"]]
    known = {key[:2] for key in found}
    lines = [(region, code) for region in regions for code in sectors if (region, code) in known]
    columns = [Column("growth.column.sector", _sector, {
        "economy.column.region": lambda line, words: words.label("region", line[0]),
        "growth.column.sector": _sector,
    })]  # fmt: skip
    for year in sorted({key[2] for key in found}):
        own = {line: found.get((*line, year)) for line in lines}
        columns.append(Column("", _millions, _raw, own, title=str(year)))
    heads = [words.label("region", region) for region, _ in lines]
    table = _below_heads(Table.of(lines, columns, words), heads)
    return table.marked(words).noted(*_provisional(rows, words))


def _has(found: Mapping[tuple[str, str, int], Any], region: str) -> bool:
    return any(key[0] == region for key in found)


def _sector(line: tuple[str, str], words: Words) -> str:
    code = line[1]
    return words.label("sector", code) if code else words.text("values.all_sectors")


def _millions(row: Any, words: Words) -> str:
    is_eur = row is not None and indicator(row.indicator).unit == "eur"
    return words.count(row.value / 1_000_000) if is_eur else _value(row, words)


class Line(NamedTuple):
    """A figure of a year, or growth from a base year to it."""

    indicator: str
    year: int
    base_year: int | None


def _line(row: Any) -> Line:
    base_year = None if pd.isna(row.base_year) else int(row.base_year)
    return Line(row.indicator, int(row.year), base_year)


def _heading(line: Line, words: Words) -> str:
    return f"{_name(line, words)} ({_period(line, words)})"


def _raw(row: Any, _: Words) -> Any:
    return pd.NA if row is None else row.value


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
