"""Tables of the annual report: Tab. 1 and Tab. 2, key figures, and projects by name."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import SCOPES
from ewm_analysis.l10n import MISSING, with_sign
from ewm_analysis.statistics import growth_rate
from ewm_analysis.tables.table import (
    CONFIDENTIAL,
    Table,
    by_key,
    latest_year,
    notes,
    raw,
    say,
    unit,
)

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


KEY_FIGURES = (
    "projects_new", "projects_running", "project_volume", "activities",
    "actors_projects", "actors_activities",
)  # fmt: skip
DECIMAL_BASE = 50
"""Changes of smaller counts are told without decimals."""
SMALL_BASE = 10
"""A growth from fewer than ten is told as a difference: from 2 to 4 is not "+100 %"."""


def key_figures_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return key figures of the latest year and the year before, with their change.

    The change is relative; from a base below 10 it is a difference. It is left out where one
    of the two figures is approximate.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: figures of one cluster up to the report year.
    """
    rows = rows[rows["indicator"].isin(KEY_FIGURES) & (rows["dimension"] == "")]
    found = by_key(rows, words)
    year = latest_year(rows) if len(rows) else 0
    cells, values, is_small = [], [], False
    for name in KEY_FIGURES:
        now, before = (found.get((name, known, "", "")) for known in (year, year - 1))
        if now is None and before is None:
            continue
        relative, absolute = _change(now, before)
        is_count = indicator(name).unit == "count"
        small = is_count and pd.notna(absolute) and raw(before) < SMALL_BASE
        is_small |= small
        digits = _digits(now, before) if is_count else 1
        change = with_sign(words.count(absolute)) if small else words.change(relative, digits)
        cells.append([words.indicator(name), say(now, words), say(before, words), change])
        numbers = [raw(now), raw(before), relative, absolute]
        values.append([words.indicator(name), unit(name, words), *numbers])
    names = ("figure", "unit", "change_relative", "change_absolute", "change")
    first, units, *changes, change_name = (words.text(f"tables.column.{name}") for name in names)
    years = [str(year), str(year - 1)]
    frame = pd.DataFrame(values, columns=[first, units, *years, *changes])
    frame = frame.astype(dict.fromkeys([*years, *changes], "Float64"))
    told = notes(cells, words) + ([words.text("tables.note.small_base")] if is_small else [])
    return Table(frame, [first, *years, change_name], cells, numbers=(1, 2, 3), notes=told)


def _change(now: Any, before: Any) -> tuple[Any, Any]:
    exact = [row is not None and row.precision == "exact" for row in (now, before)]
    if not all(exact):
        return pd.NA, pd.NA
    return growth_rate(before.value, now.value), now.value - before.value


def _digits(now: Any, before: Any) -> int:
    """A tenth of a per cent says nothing of 34 projects."""
    known = [row.value for row in (now, before) if row is not None and pd.notna(row.value)]
    return 0 if min(known, default=0) < DECIMAL_BASE else 1


BETWEEN = " · "


def largest_projects_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the projects that the report names, largest first, with place in the source.

    Where a volume is printed twice, both values are shown with their places.

    Parameters
    ----------
    rows : DataFrame
        Contract `Published` (all mentions) or `IndicatorValues`, of one cluster.
    """
    chosen = (rows["indicator"] == "project_volume") & (rows["dimension"] == "project")
    named = rows[chosen]
    named = named[named["year"] == named["year"].max()]
    if "mention" in named:
        named = named.sort_values("mention", kind="stable")
    largest = named.groupby("category")["value"].transform("max")
    named = named.assign(_largest=largest).sort_values(
        ["_largest", "category"], ascending=[False, True], kind="stable"
    )
    cells = []
    for code, mentions in named.groupby("category", sort=False):
        told = [say(row, words) for row in mentions.itertuples()]
        places = [words.place(place) for place in mentions["reference"] if place]
        name = words.label("project", str(code))
        cells.append([name, *(BETWEEN.join(dict.fromkeys(parts)) for parts in (told, places))])
    header = [words.text(f"tables.column.{name}") for name in ("project", "volume", "place")]
    frame = pd.DataFrame(
        {
            header[0]: [words.label("project", code) for code in named["category"]],
            words.text("tables.column.volume_eur"): named["value"].to_numpy(),
            header[2]: named["reference"].to_numpy(),
        }
    )
    return Table(frame, header, cells, numbers=(1,), notes=notes(cells, words))


COLUMNS = ("actors_activities", "actors_projects")


def actors_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return Tab. 2: types of actors, size classes below companies, and the total.

    The total is the printed or computed figure, never a sum made here. Zero is shown as a
    dash, as the reports do; what is not published is named so.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: ``actors_activities`` and ``actors_projects`` of one
        cluster, undivided, by ``actor_type`` and by ``size_class``.
    """
    divided = rows[rows["indicator"].isin(COLUMNS) & rows["dimension"].isin(_DIMENSIONS)]
    if divided.empty:
        return Table(divided, [], [])
    year = latest_year(divided)
    found = by_key(rows, words)
    lines: list[tuple[str, str, list[Any]]] = []
    for dimension, code in _categories(words, year):
        figures = [found.get((name, year, dimension, code)) for name in COLUMNS]
        if any(figure is not None for figure in figures):
            lines.append((dimension, words.label(dimension, code), figures))
    totals = [found.get((name, year, "", "")) for name in COLUMNS]
    lines.append(("", words.text("tables.total"), totals))
    cells = [
        [_heading(dimension, label, words), *(_cell(row, words) for row in figures)]
        for dimension, label, figures in lines
    ]
    header = [words.text("tables.dimension.actor_type"), *map(words.indicator, COLUMNS)]
    values = [[cell[0], *map(raw, line[2])] for cell, line in zip(cells, lines, strict=True)]
    frame = pd.DataFrame(values, columns=header).astype(dict.fromkeys(header[1:], "Int64"))
    indented = [place for place, line in enumerate(lines) if line[0] == "size_class"]
    told = _notes(cells, words)
    return Table(frame, header, cells, numbers=(1, 2), indented=indented, notes=told)


_DIMENSIONS = ("actor_type", "size_class")


def _categories(words: Words, year: int) -> list[tuple[str, str]]:
    """Types in the order of the reference table; sizes follow the companies."""
    sizes = [("size_class", code) for code in words.reference.valid("size_class", year)["category"]]
    found: list[tuple[str, str]] = []
    for code in words.reference.valid("actor_type", year)["category"]:
        found.append(("actor_type", code))
        found += sizes if code == "company" else []
    return found


def _heading(dimension: str, label: str, words: Words) -> str:
    return words.text("tables.of_which", label=label) if dimension == "size_class" else label


def _cell(row: Any, words: Words) -> str:
    if row is None:
        return words.text("tables.not_stated")
    return MISSING if pd.notna(row.value) and row.value == 0 else say(row, words)


def _notes(cells: list[list[str]], words: Words) -> list[str]:
    shown = {cell for line in cells for cell in line[1:]}
    stated = words.text("tables.not_stated")
    marks = {"zero": MISSING, "not_stated": stated, "withheld": CONFIDENTIAL}
    return [words.text(f"tables.note.{key}") for key, mark in marks.items() if mark in shown]
