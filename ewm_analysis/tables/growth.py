"""Tables of growth: from first to last year, trends, what lies behind, and beside regions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.l10n import MISSING, plural, with_sign
from ewm_analysis.statistics.growth import MONITORING
from ewm_analysis.statistics.region import PARTS
from ewm_analysis.statistics.result import ALPHA
from ewm_analysis.statistics.volumes import MEASURES
from ewm_analysis.tables.annual_report import DECIMAL_BASE, SMALL_BASE
from ewm_analysis.tables.table import Table

VERDICTS = {
    "projects_running": "projects_running",
    **dict.fromkeys(("project_volume", "funding_volume"), "volume"),
    **dict.fromkeys(("actors_projects", "actors_activities"), "actors"),
}
"""Why a key figure of the monitoring is not tested."""

SCALES = {1_000_000_000: 2, 1_000_000: 1}
"""Decimals of amounts in billions and in millions."""

RAW = (
    "first_year", "first_value", "last_year", "last_value", "change", "growth", "cagr",
    "ratio_low", "ratio_high", "p_value",
)  # fmt: skip
RATIO = {"low": "ratio_low", "high": "ratio_high"}
"""The limits are those of the ratio end / start."""


def growth_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return how each key figure changed from its first to its last known year.

    Figures known for one year only, or for none, are named below the table.

    Parameters
    ----------
    rows : DataFrame
        As `growth_summary` returns it.
    """
    shown = rows[rows["gap"] != "one_year"]
    has_yearly = bool(shown["cagr"].notna().any())
    names = ["first", "last", "change", "relative", *(["yearly"] if has_yearly else [])]
    header = [words.text("tables.column.figure"), *_columns(names, words)]
    cells = []
    for row in shown.itertuples():
        unit, amounts = _amounts(row, words)
        line = [_heading(row, words, unit), *amounts, _relative(row, words)]
        cells.append([*line, *([words.change(row.cagr)] if has_yearly else [])])
    labels = [series_name(row, words) for row in shown.itertuples()]
    frame = _raw(shown.rename(columns=RATIO), RAW, labels, header[0], words)
    notes = _growth_notes(rows, shown, has_yearly, words)
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=notes)


def verdicts_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return which changes of the monitoring are reliable, and why others are not tested.

    Parameters
    ----------
    rows : DataFrame
        As `growth_summary` returns it.
    """
    shown = rows[(rows["gap"] != "one_year") & rows["indicator"].isin(MONITORING)]
    header = [words.text("tables.column.figure"), *_columns(["ratio", "verdict"], words)]
    labels, cells = [], []
    for row in shown.itertuples():
        labels.append(series_name(row, words))
        cells.append([_heading(row, words), _ratio(row, words), _verdict(row, words)])
    frame = _raw(shown.rename(columns=RATIO), RAW, labels, header[0], words)
    tested = shown["p_value"].notna().any()
    notes = [words.text("growth.note.tests")] if tested else []
    return Table(frame, header, cells, numbers=(1,), notes=notes)


def _columns(names: list[str], words: Words) -> list[str]:
    return [words.text(f"growth.column.{name}") for name in names]


def _raw(
    rows: pd.DataFrame, names: tuple[str, ...], labels: list[str], head: str, words: Words
) -> pd.DataFrame:
    frame = rows[[*names]].reset_index(drop=True)
    frame.columns = pd.Index([words.text(f"growth.raw.{name}") for name in names])
    frame.insert(0, head, pd.Series(labels, dtype="object"))
    return frame


def series_name(row: Any, words: Words) -> str:
    """Return what a series counts: "Unternehmen, Clusterkern"."""
    name = words.indicator(row.indicator)
    if not row.scope:
        return name
    scope = words.text(f"word.scope.{row.scope}")
    if getattr(row, "delimitation", "") != "other":
        return words.text("growth.series.scope", name=name, scope=scope)
    region = words.label("region", row.region)
    return words.text("growth.series.region", name=name, scope=scope, region=region)


def signed(name: str, value: float, words: Words, digits: int = 0) -> str:
    """Return a difference in the unit of an indicator, with its sign."""
    is_eur = indicator(name).unit == "eur"
    return with_sign(words.eur(value) if is_eur else words.number(value, digits))


def _heading(row: Any, words: Words, unit: str = "") -> str:
    name = series_name(row, words)
    if unit:
        name = words.text("growth.series.unit", name=name, unit=unit)
    return words.text("growth.series.period", name=name, years=_period(row))


def _amounts(row: Any, words: Words) -> tuple[str, list[str]]:
    """Return first, last and difference; euros in one scale, which is named once."""
    values, unit = [row.first_value, row.last_value, row.change], ""
    if indicator(row.indicator).unit == "eur":
        largest = max(abs(value) for value in values[:2])
        scale = next((scale for scale in SCALES if largest >= scale), 1)
        unit = words.text(f"growth.euros.{scale}")
        said = [words.number(value / scale, SCALES.get(scale, 0)) for value in values]
    else:
        said = [words.value(row.indicator, value) for value in values]
    marks = ((row.first_precision, row.first_inferred), (row.last_precision, row.last_inferred))
    ends = [
        words.text(f"word.precision.{precision}", value=text) + ("*" if is_inferred else "")
        for text, (precision, is_inferred) in zip(said, marks, strict=False)
    ]
    return unit, [*ends, with_sign(said[2])]


def _relative(row: Any, words: Words) -> str:
    if pd.isna(row.growth) or _is_small(row):
        return MISSING
    is_count = indicator(row.indicator).unit == "count"
    digits = 0 if is_count and min(row.first_value, row.last_value) < DECIMAL_BASE else 1
    return words.change(row.growth, digits)


def _is_small(row: Any) -> bool:
    is_count = indicator(row.indicator).unit == "count"
    return is_count and pd.notna(row.growth) and row.first_value < SMALL_BASE


def _ratio(row: Any, words: Words) -> str:
    if pd.isna(row.low) or pd.isna(row.high):
        return MISSING
    low, high = words.number(row.low, 2), words.number(row.high, 2)
    value = words.number(row.last_value / row.first_value if row.first_value else 0.0, 2)
    return words.text("growth.value.range", value=value, low=low, high=high)


def _verdict(row: Any, words: Words) -> str:
    if pd.notna(row.p_value):
        key = "none"
        if row.p_value < ALPHA:
            key = "rise" if row.change > 0 else "fall"
        return words.text(f"growth.verdict.{key}", p=words.p_value(row.p_value))
    if row.gap in ("rough", "negative"):
        return words.text(f"growth.verdict.{row.gap}")
    if row.first_value == row.last_value == 0:
        return words.text("growth.verdict.nothing")
    return words.text(f"growth.verdict.{VERDICTS[row.indicator]}")


def _growth_notes(
    rows: pd.DataFrame, shown: pd.DataFrame, has_yearly: bool, words: Words
) -> list[str]:
    notes = [words.text("growth.note.yearly")] if has_yearly else []
    inferred = bool(shown[["first_inferred", "last_inferred"]].any(axis=None))
    notes += [words.text("tables.note.inferred")] if inferred else []
    gaps = [gap for gap in ("rough", "zero_base", "negative") if (shown["gap"] == gap).any()]
    notes += [words.text(f"growth.note.{gap}") for gap in gaps]
    small = any(_is_small(row) for row in shown.itertuples())
    notes += [words.text("growth.note.small_base")] if small else []
    once = rows[(rows["gap"] == "one_year") & (rows["delimitation"] != "other")]
    names = [
        words.text("growth.value.at", value=series_name(row, words), year=row.first_year)
        for row in once.itertuples()
    ]
    unknown = [words.indicator(name) for name in MONITORING if name not in {*rows["indicator"]}]
    for key, listed in (("one_year", names), ("unknown", unknown)):
        notes += [words.text(f"growth.note.{key}", names=words.join(listed))] if listed else []
    return notes


def trend_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the typical step a year of each key figure, and whether it is a trend.

    Parameters
    ----------
    rows : DataFrame
        As `trend_summary` returns it.
    """
    header = [words.text("tables.column.figure")]
    header += _columns(["slope", "verdict"], words)
    labels = [series_name(row, words) for row in rows.itertuples()]
    cells = [
        [_heading(row, words), _slope(row, words), _trend(row, words)] for row in rows.itertuples()
    ]
    names = ("first_year", "last_year", "years", "slope", "slope_low", "slope_high", "p_value")
    raw = rows.rename(columns={"low": "slope_low", "high": "slope_high"})
    frame = _raw(raw, names, labels, header[0], words)
    notes = [words.text("growth.note.stocks")] if (rows["gap"] == "stock").any() else []
    return Table(frame, header, cells, numbers=(1,), notes=notes)


def _period(row: Any) -> str:
    # word joiners: a period is not torn at the end of a line
    return f"{row.first_year}\u2060–\u2060{row.last_year}"


def _slope(row: Any, words: Words) -> str:
    def said(value: float) -> str:
        return signed(row.indicator, value, words, digits=1 if abs(value) < 100 else 0)

    if pd.isna(row.low):
        return said(row.slope)
    low, high = said(row.low), said(row.high)
    return words.text("growth.value.interval", value=said(row.slope), low=low, high=high)


def _trend(row: Any, words: Words) -> str:
    if row.gap == "short":
        least = words.p_value(row.smallest_p)
        return words.text("growth.trend.short", n=row.years, p=least)
    if row.gap:
        return words.text(f"growth.trend.{row.gap}")
    key = "none"
    if row.p_value < ALPHA:
        key = "rise" if row.slope > 0 else "fall"
    return words.text(f"growth.trend.{key}", p=words.p_value(row.p_value))


def employment_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the growth of insured employees of a cluster beside regions, span by span.

    Parameters
    ----------
    rows : DataFrame
        As `employment_growth` returns it.
    """
    header = _columns(["unit", "period", "growth", "yearly"], words)
    cells = []
    for row in rows.itertuples():
        growth = words.change(row.growth)
        if row.is_printed:
            growth = words.text("growth.value.printed", value=growth)
        star = "*" if row.is_provisional else ""
        cells.append([_unit(row, words), _period(row) + star, growth, words.change(row.cagr)])
    names = ("first_year", "last_year", "growth", "cagr")
    frame = _raw(rows, names, [line[0] for line in cells], header[0], words)
    spans = {line[1] for line in cells}
    notes = [words.text("growth.note.spans")] if len(spans) > 1 else []
    provisional = bool(rows["is_provisional"].any())
    notes += [words.text("growth.note.provisional")] if provisional else []
    return Table(frame, header, cells, numbers=(1, 2, 3), notes=notes)


def _unit(row: Any, words: Words) -> str:
    if not row.cluster_id:
        return words.label("region", row.region)
    scope = words.text(f"word.scope.{row.scope}")
    return words.text(
        "growth.series.scope", name=words.label("cluster", row.cluster_id), scope=scope
    )


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
        As `without_largest` returns it.
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
