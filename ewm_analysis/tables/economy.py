"""Tab. 1: companies, turnover and employment of a cluster, core and total."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts.values import SCOPES
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics import growth_rate
from ewm_analysis.tables.cells import notes, raw, say, unit
from ewm_analysis.tables.table import Table

LEVELS = (
    "companies", "turnover_eur", "employees_insured", "employees_marginal", "employees_total",
)  # fmt: skip
GROWTHS = ("turnover_growth", "employees_insured_growth")

Series = dict[tuple[str, str, int, int | None], Any]
"""Figures by scope, indicator, year and base year."""


def economy_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return Tab. 1: the latest figures of core and total, and the growth up to them.

    Growth is shown as printed; where none is printed it is computed from the first and the
    last year of the series, and marked. Each line names its years; a cell is a dash where
    nothing is known for them.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: economic figures of one cluster up to the report year.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If there is no figure of the cluster's own region.
    """
    series = _series(rows, words)
    lines = [line for name in LEVELS if (line := _level(name, series))]
    lines += [line for name in GROWTHS if (line := _growth(name, series))]
    cells, values = [], []
    for name, year, base_year, found in lines:
        span = f"{base_year}–{year}" if base_year else str(year)
        texts = [_text(found[scope], words) for scope in SCOPES]
        cells.append([f"{words.indicator(name)} ({span})", *texts])
        numbers = [_value(found[scope]) for scope in SCOPES]
        values.append([words.indicator(name), year, base_year, unit(name, words), *numbers])
    scopes = [words.text(f"word.scope.{scope}") for scope in SCOPES]
    columns = [words.text(f"tables.column.{name}") for name in ("figure", "year", "base", "unit")]
    frame = pd.DataFrame(values, columns=[*columns, *scopes])
    dtypes = {columns[1]: "Int64", columns[2]: "Int64", **dict.fromkeys(scopes, "Float64")}
    header = [columns[0], *scopes]
    return Table(frame.astype(dtypes), header, cells, numbers=(1, 2), notes=notes(cells, words))


Line = tuple[str, int, int | None, dict[str, Any]]


def _series(rows: pd.DataFrame, words: Words) -> Series:
    regions = words.reference.clusters.set_index("cluster_id")["region"]
    own = rows["region"] == rows["cluster_id"].map(regions)
    usable = own & (rows["delimitation"] == "clustermonitoring") & (rows["dimension"] == "")
    found: Series = {}
    for row in rows[usable].itertuples():
        base_year = None if pd.isna(row.base_year) else int(row.base_year)
        found[row.scope, row.indicator, int(row.year), base_year] = row
    return found


def _level(name: str, series: Series) -> Line | None:
    years = [year for _, known, year, _ in series if known == name]
    if not years:
        return None
    year = max(years)
    return name, year, None, {scope: series.get((scope, name, year, None)) for scope in SCOPES}


def _growth(name: str, series: Series) -> Line | None:
    """Growth up to the latest year, over the longest span; printed growth comes first."""
    level = indicator(name).base
    spans = [(year, 1, -base) for _, known, year, base in series if known == name and base]
    for scope in SCOPES:
        years = [year for place, known, year, _ in series if (place, known) == (scope, level)]
        if len(years) > 1:
            spans.append((max(years), 0, -min(years)))
    if not spans:
        return None
    year, _, first = max(spans)
    found = {}
    for scope in SCOPES:
        ends = [series.get((scope, level, end, None)) for end in (-first, year)]
        computed = growth_rate(*map(_exact, ends))
        found[scope] = series.get((scope, name, year, -first), computed)
    return name, year, -first, found


def _exact(row: Any) -> Any:
    return raw(row) if row is not None and row.precision == "exact" else pd.NA


def _value(found: Any) -> Any:
    """A printed row or a computed growth as a number."""
    return found.value if hasattr(found, "value") else pd.NA if found is None else found


def _text(found: Any, words: Words) -> str:
    if found is None or hasattr(found, "value"):
        return say(found, words)
    if pd.isna(found):
        return MISSING
    return words.text("tables.computed", value=words.change(found))
