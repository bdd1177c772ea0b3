"""Tables of the annual report, and those of every page: targets, and any indicator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import SCOPES
from ewm_analysis.indicators.long import series_labels, series_of, where
from ewm_analysis.l10n import MISSING, NBSP, UNDEFINED, with_sign
from ewm_analysis.statistics import deflate, growth_rate, targets
from ewm_analysis.statistics.counts import POWER, event_interval
from ewm_analysis.tables.table import (
    CONFIDENTIAL,
    DOUBTED,
    Column,
    Raws,
    Table,
    by_key,
    latest_year,
    say,
    unit,
    with_items,
)

LEVELS = (
    "companies",
    "turnover_eur",
    "employees_insured",
    "employees_marginal",
    "employees_total",
)
GROWTHS = ("turnover_growth", "employees_insured_growth")

Series = dict[tuple[str, str, int, int | None], Any]
"""Figures by scope, indicator, year and base year."""


class Line(NamedTuple):
    """A line of Tab. 1: a figure of a year, or growth from a base year to it."""

    name: str
    year: int
    base_year: int | None = None
    is_real: bool = False


def economy_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return Tab. 1: the latest figures of core and total, and the growth up to them.

    Growth is shown as printed; where none is printed it is computed from the first and the
    last year of the series, and marked. Growth of amounts is told beside prices, too, where a price
    index of both years is known. Each line names its years; a cell is a dash where nothing is known
    for them.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: economic figures of one cluster up to the report year, and the
        ``price_index`` of years.
    """
    index = rows[rows["indicator"] == "price_index"]
    prices = dict(zip(index["year"].astype(int), index["value"].astype(float), strict=True))
    series = _series(rows, words)
    known = {name: [year for _, of, year, _ in series if of == name] for name in LEVELS}
    lines = [Line(name, max(years)) for name, years in known.items() if years]
    for line in filter(None, (_growth(name, series) for name in GROWTHS)):
        is_priced = _is_money(line) and {line.year, line.base_year} <= {*prices}
        lines += [line, line._replace(is_real=True)] if is_priced else [line]
    filed: Raws = {
        "tables.column.figure": lambda line, words: ", ".join(
            [words.indicator(line.name), *([words.text("tables.real")] if line.is_real else [])]
        ),
        "tables.column.year": "year",
        "tables.column.base": "base_year",
        "tables.column.unit": lambda line, words: unit(line.name, words),
    }
    columns = [Column("tables.column.figure", _heading, filed)]
    for scope in SCOPES:
        found = {line: _found(scope, line, series, prices) for line in lines}
        columns.append(Column(f"word.scope.{scope}", _text, _value, found))
    notes = {"real": any(line.is_real for line in lines)}
    return Table.of(lines, columns, words).marked(words).noting(words, "tables.note", notes)


def _is_money(line: Line) -> bool:
    return indicator(indicator(line.name).base or line.name).unit == "eur"


def _heading(line: Line, words: Words) -> str:
    span = f"{line.base_year}–{line.year}" if line.base_year else str(line.year)
    terms = [words.text(f"tables.{'real' if line.is_real else 'nominal'}")]
    return f"{words.indicator(line.name)} ({', '.join([span, *terms * _is_money(line)])})"


def _series(rows: pd.DataFrame, words: Words) -> Series:
    regions = words.reference.clusters.set_index("cluster_id")["region"]
    own = rows[rows["region"] == rows["cluster_id"].map(regions)]
    found: Series = {}
    for row in where(own, delimitation="clustermonitoring", dimension="").itertuples():
        base_year = None if pd.isna(row.base_year) else int(row.base_year)
        found[row.scope, row.indicator, int(row.year), base_year] = row
    return found


def _growth(name: str, series: Series) -> Line | None:
    """Growth up to the latest year, over the longest span; printed growth comes first."""
    spans = [(year, 1, -base) for _, known, year, base in series if known == name and base]
    for scope in SCOPES:
        level = (scope, indicator(name).base)
        years = [year for place, known, year, _ in series if (place, known) == level]
        if len(years) > 1:
            spans.append((max(years), 0, -min(years)))
    if not spans:
        return None
    year, _, first = max(spans)
    return Line(name, year, -first)


def _found(scope: str, line: Line, series: Series, prices: Mapping[int, float]) -> Any:
    """Return a row of the long table; or growth computed from exact figures."""
    if line.is_real and line.base_year:
        grown = _found(scope, line._replace(is_real=False), series, prices)
        if grown is None or (hasattr(grown, "value") and not _is_exact(grown)):
            return None
        ends = ((1.0, line.base_year), (1 + _value(grown, None), line.year))
        return growth_rate(*(v if pd.isna(v) else deflate(v, prices[at]) for v, at in ends))
    printed = series.get((scope, line.name, line.year, line.base_year))
    if printed is not None or line.base_year is None:
        return printed
    level = str(indicator(line.name).base)
    years = (line.base_year, line.year)
    known: list[Any] = [series.get((scope, level, year, None)) for year in years]
    return growth_rate(*(row.value if _is_exact(row) else pd.NA for row in known))


def _is_exact(row: Any) -> bool:
    return getattr(row, "precision", "") == "exact"


def _value(found: Any, _: Words | None) -> Any:
    """A printed row or a computed growth as a number."""
    return getattr(found, "value", found)


def _text(found: Any, words: Words) -> str:
    if found is None or hasattr(found, "value"):
        return say(found, words)
    if pd.isna(found):
        return MISSING
    return words.text("tables.computed", value=words.change(found))


KEY_FIGURES = (
    "projects_new",
    "projects_running",
    "project_volume",
    "activities",
    "actors_projects",
    "actors_activities",
)
SMALL_BASE = 10
"""A growth from fewer than ten is told as a difference: from 2 to 4 is not "+100 %"."""


class Change(NamedTuple):
    """How a key figure changed where it is exact in both years."""

    relative: Any
    absolute: Any
    is_known: bool
    is_small: bool
    mark: str = ""
    verdict: str = ""


def key_figures_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return key figures of the latest year and the year before, with their change.

    The change is relative; from a base below 10 it is a difference. It is left out where one
    of the two figures is approximate.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: figures of one cluster up to the report year; those with a
        ``verdict`` say whether the change is reliable.
    """
    rows = where(rows, indicator=KEY_FIGURES, dimension="")
    found = by_key(rows, words)
    year = latest_year(rows) if len(rows) else 0
    now, before = (
        {name: found.get((name, known, "", "")) for name in KEY_FIGURES}
        for known in (year, year - 1)
    )
    names = [name for name in KEY_FIGURES if now[name] is not None or before[name] is not None]
    changes = {name: _change(name, now[name], before[name]) for name in names}
    columns = [
        Column("tables.column.figure", _label, LABEL_AND_UNIT),
        *(
            Column("", say, with_items(head, own.values(), words), own, title=head)
            for head, own in ((str(year), now), (str(year - 1), before))
        ),
        Column("tables.column.change", _say_change, CHANGES, changes),
    ]
    verdicts = {change.verdict for change in changes.values()}
    if verdicts != {""}:
        columns.append(Column("tables.column.reliable", _say_verdict, of=changes, is_text=True))
    is_small = any(change.is_small for change in changes.values())
    is_money = any(indicator(name).unit == "eur" and changes[name].is_known for name in names)
    notes = {"nominal": is_money, "small_base": is_small, "untested": "untested" in verdicts}
    return (
        Table.of(names, columns, words).filled().marked(words).noting(words, "tables.note", notes)
    )


def _label(name: str, words: Words) -> str:
    return words.indicator(name)


LABEL_AND_UNIT: Raws = {"tables.column.figure": _label, "tables.column.unit": unit}
CHANGES: Raws = {
    "tables.column.change_relative": "relative",
    "tables.column.change_absolute": "absolute",
}


def _change(name: str, now: Any, before: Any) -> Change:
    relative, absolute = pd.NA, pd.NA
    if _is_exact(now) and _is_exact(before):
        relative, absolute = growth_rate(before.value, now.value), now.value - before.value
    is_count = indicator(name).unit == "count"
    is_small = is_count and pd.notna(absolute) and before.value < SMALL_BASE
    known = [row.value for row in (now, before) if row is not None and pd.notna(row.value)]
    is_doubted = any(getattr(row, "is_doubted", False) for row in (now, before))
    mark = DOUBTED if is_doubted and pd.notna(relative) else ""
    verdict = getattr(now, "verdict", "")
    return Change(relative, absolute, len(known) == 2, is_small, mark, verdict)


def _say_change(change: Change, words: Words) -> str:
    if change.is_small:
        return with_sign(words.count(change.absolute)) + change.mark
    if change.is_known and pd.isna(change.relative):
        return UNDEFINED
    return words.change(change.relative) + change.mark


def _say_verdict(change: Change, words: Words) -> str:
    """Say whether a change is reliable; where there is none, the sign that says so."""
    said = words.text(f"tables.verdict.{change.verdict}") if change.verdict else ""
    return said or _say_change(change, words)


BETWEEN = " · "


def largest_projects_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the projects that the report names, largest first, with place in the source.

    Where a volume is printed twice, both values are shown with their places.

    Parameters
    ----------
    rows : DataFrame
        Contract `Published` (all mentions) or `IndicatorValues`, of one cluster.
    """
    named = where(rows, indicator="project_volume", dimension="project")
    named = named[named["year"] == named["year"].max()]
    if "mention" in named:
        named = named.sort_values("mention", kind="stable")
    largest = named.groupby("category")["value"].transform("max")
    named = named.assign(_largest=largest).sort_values(
        ["_largest", "category"], ascending=[False, True], kind="stable"
    )
    cells = []
    width = 3 if (named["reference"] != "").any() else 2  # records have no place in a source
    for code, mentions in named.groupby("category", sort=False):
        told = [say(row, words) for row in mentions.itertuples()]
        places = [words.place(place) for place in mentions["reference"] if place]
        name = words.label("project", str(code))
        parts = [BETWEEN.join(dict.fromkeys(parts)) for parts in (told, places)]
        cells.append([name, *parts][:width])
    header = [words.text(f"tables.column.{name}") for name in ("project", "volume", "place")]
    frame = pd.DataFrame(
        {
            header[0]: [words.label("project", code) for code in named["category"]],
            words.text("tables.column.volume_eur"): named["value"].to_numpy(),
            header[2]: named["reference"].to_numpy(),
        }
    )
    return Table(frame.iloc[:, :width], header[:width], cells, numbers=(1,)).marked(words)


COLUMNS = ("actors_activities", "actors_projects")


def actors_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return Tab. 2: types of actors, size classes below companies, and the total.

    The total is the printed or computed figure, never a sum made here. What is not published
    is named so.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: ``actors_activities`` and ``actors_projects`` of one
        cluster, undivided, by ``actor_type`` and by ``size_class``.
    """
    is_divided = rows["dimension"].isin(("actor_type", "size_class"))
    divided = rows[rows["indicator"].isin(COLUMNS) & is_divided]
    year = latest_year(divided) if len(divided) else 0
    found = by_key(rows, words)
    columns = [Column("tables.dimension.actor_type", _actor_type)]
    for name in COLUMNS:
        own = {key[2:]: row for key, row in found.items() if key[:2] == (name, year)}
        columns.append(Column("", _actors, "value", own, title=words.indicator(name)))
    stated = {key[2:] for key in found if key[0] in COLUMNS and key[1] == year}
    keys = [key for key in _categories(words, year) if key in stated]
    keys += [TOTAL] if keys else []
    table = Table.of(keys, columns, words, is_part=lambda key: key[0] == "size_class")
    not_stated = re.escape(words.text("tables.not_stated"))
    patterns = {"not_stated": not_stated, "withheld": CONFIDENTIAL}
    return replace(table, is_closed=True).marked(words, patterns)


def _actor_type(key: tuple[str, str], words: Words) -> str:
    if key == TOTAL:
        return words.text("tables.total")
    label = words.label(*key)
    return words.text("tables.of_which", label=label) if key[0] == "size_class" else label


def _actors(row: Any, words: Words) -> str:
    return words.text("tables.not_stated") if row is None else say(row, words)


TOTAL = ("", "")
"""Dimension and category of the undivided figure."""


def _categories(words: Words, year: int) -> list[tuple[str, str]]:
    """Types in the order of the reference table; sizes follow the companies."""
    sizes = [("size_class", code) for code in words.reference.valid("size_class", year)["category"]]
    found: list[tuple[str, str]] = []
    for code in words.reference.valid("actor_type", year)["category"]:
        found.append(("actor_type", code))
        found += sizes if code == "company" else []
    return found


def values_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the figures of one indicator: years by series, or categories by year.

    Several series that are divided by category stand beside each other, with their last year.
    A single count of events has its interval beside it.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one indicator and one breakdown; withheld ones without value.

    Raises
    ------
    MissingDataError
        If there is no row.
    """
    dimension = str(rows["dimension"].iloc[0]) if len(rows) else ""
    series = series_of(rows, words)
    is_beside = len(series) > 1
    if dimension and is_beside:
        series = series_of(rows[rows["year"] == rows["year"].max()], words)
    labels = series_labels(series, words, short=is_beside)
    found: dict[str, dict[str, list[Any]]] = {}
    for key, own in series.items():
        for row in own.itertuples():
            line = words.label(dimension, row.category) if dimension else str(row.year)
            column = str(row.year) if dimension and not is_beside else labels[key]
            found.setdefault(line, {}).setdefault(column, []).append(row)
    lines = [*found] if dimension else sorted(found)
    titles = [*dict.fromkeys(title for line in lines for title in found[line])]
    first = f"tables.dimension.{dimension}" if dimension else "tables.column.year"
    columns = [Column(first, lambda line, _: line)]
    for title in titles:
        own = {line: found[line].get(title, []) for line in lines}
        columns.append(Column("", _said, _first, own, title=title))
    notes = []
    if len(titles) == 1:
        chances = {line: _chance(*found[line].values(), words=words) for line in lines}
        if {*chances.values()} != {MISSING}:
            columns.append(Column("tables.values.interval", lambda line, _: chances[line], {}))
            notes.append(words.text("tables.values.chance_note"))
    return Table.of(lines, columns, words).marked(words).noted(*notes)


def _said(rows: list[Any], words: Words) -> str:
    """Return a figure; where a source prints it twice, both."""
    return BETWEEN.join(dict.fromkeys(say(row, words) for row in rows)) or MISSING


def _first(rows: list[Any], _: Words) -> Any:
    return rows[0].value if rows else pd.NA


def _chance(rows: list[Any], *, words: Words) -> str:
    limits = event_interval(rows[0])
    if limits is None:
        return MISSING
    low, high = (words.number(limit, 0) for limit in limits)
    return words.text("tables.values.chance", low=low, high=high)


COURSE = ("base_year", "base_value", "last_year", "last_value")


def targets_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return each target with the figures of its base year and its last known year.

    Parameters
    ----------
    rows : DataFrame
        As `judge_targets` returns it, with the ``owner`` on a page of several clusters.
    """

    def filed(*names: str) -> dict[str, str]:
        return {f"targets.raw.{name}": name for name in names}

    columns = [
        Column("targets.column.figure", targets.say_subject),
        Column(
            "targets.column.asked", targets.say_asked, filed("target_year", "target"), is_text=True
        ),
        Column("targets.column.verdict", targets.say_verdict, is_text=True),
        Column("targets.column.course", _course, filed(*COURSE), is_text=True),
        Column("targets.column.planned", _planned, filed("planned")),
    ]
    notes = {
        "met": rows["verdict"].isin(["reached", "missed"]).any(),
        "tested": rows["p_value"].notna().any(),
        "earliest": rows["earliest"].notna().any(),
        "untested": any(map(targets.is_untested, rows.itertuples())),
    }
    table = Table.of(rows, columns, words)
    return table.noting(words, "targets.note", notes, power=words.share(POWER))


def _course(row: Any, words: Words) -> str:
    ends = [(row.base_value, row.base_year), (row.last_value, row.last_year)]
    known = [(value, year) for value, year in dict.fromkeys(ends) if pd.notna(value)]
    told = [f"{targets.say_amount(row, value, words)}{NBSP}({year})" for value, year in known]
    return " → ".join(told) or MISSING


def _planned(row: Any, words: Words) -> str:
    return targets.say_amount(row, row.planned, words)
