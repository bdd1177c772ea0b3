"""Tables of growth: from first to last year, trends, what lies behind, and beside regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.indicators.compute import APPROXIMATION
from ewm_analysis.l10n import MISSING, UNDEFINED, add_up, euros_that_add_up, plural, with_sign
from ewm_analysis.statistics.counts import ASSUMED
from ewm_analysis.statistics.growth import MONITORING
from ewm_analysis.statistics.region import PARTS
from ewm_analysis.statistics.result import ALPHA, TESTS
from ewm_analysis.statistics.volumes import MEASURES
from ewm_analysis.tables.annual_report import SMALL_BASE
from ewm_analysis.tables.table import ITEMS, Column, Raw, Say, Table

SCALES = {1_000_000_000: 2, 1_000_000: 1}
"""Decimals of amounts in billions and in millions."""


def growth_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return how each key figure changed from its first to its last known year.

    Figures known for one year only, or for none, are named below the table.

    Parameters
    ----------
    rows : DataFrame
        As `growth_summary` returns it.
    """
    shown = rows[rows["gap"] != "one_year"]
    has_yearly, is_real = (bool(shown[name].notna().any()) for name in ("cagr", "real_growth"))
    is_money = any(indicator(name).unit == "eur" for name in shown["indicator"])
    told: dict[str, Say] = {"nominal" if is_money else "relative": _relative}
    told |= {"real": _changed("real_growth")} if is_real else {}
    told |= {"yearly": _changed("cagr")} if has_yearly else {}
    is_partial = (shown["gap"] == "partial").any()
    filed = SUMMARY | (PARTLY if is_partial else {}) | (_filed("real_growth") if is_real else {})
    columns = [
        _figures(_name_with_unit, filed),
        *(_column(name, _said_amount(name)) for name in ("first", "last", "change")),
        *(_column(name, say) for name, say in told.items()),
    ]
    table = _by_period(Table.of(shown, columns, words), shown, words)
    table = _noted(table, words, yearly=has_yearly)
    return _noted(_growth_notes(table, rows, shown, words), words, real=is_real)


def verdicts_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return which changes of the monitoring are reliable, and why others are not tested.

    Parameters
    ----------
    rows : DataFrame
        As `growth_summary` returns it.
    """
    shown = rows[(rows["gap"] != "one_year") & rows["indicator"].isin(MONITORING)]
    columns = [
        _figures(series_name, SUMMARY),
        _column("ratio", _ratio),
        _column("verdict", _verdict, is_text=True),
    ]
    table = _by_period(Table.of(shown, columns, words), shown, words, once=True)
    tested, untested = shown["p_value"].notna().any(), shown["low"].isna().any()
    assumed = (shown["method"] == ASSUMED).any()
    return _noted(table, words, tests=tested, assumed=assumed, untested=untested)


def trend_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the median change a year of each key figure, and whether it is a trend.

    Parameters
    ----------
    rows : DataFrame
        As `trend_summary` returns it.
    """
    columns = [
        _figures(series_name, TREND),
        _column("slope", _slope),
        _column("verdict", _trend, is_text=True),
    ]
    stocks = (rows["gap"] == "stock").any()
    tested = (rows["p_value"].notna() | (rows["gap"] == "short")).any()
    table = _by_period(Table.of(rows, columns, words), rows, words, once=True)
    return _noted(table, words, median=True, stocks=stocks, level=tested)


def _by_period(table: Table, rows: pd.DataFrame, words: Words, *, once: bool = False) -> Table:
    """Put rows below heads that name their period; say a finding once that several share."""
    label = words.text("growth.column.period")
    groups: dict[str, list[Sequence[str]]] = {}
    for line, row in zip(rows.itertuples(), table.rows, strict=True):
        groups.setdefault(f"{label} {_period(line)}", []).append(row)
    if once:
        groups = {head: _alike(own) for head, own in groups.items()}
        if any(len({row[-1] for row in own}) < len(own) for own in groups.values()):
            groups = {
                f"{head} · {finding}": [[*row[:-1], ""] for row in own if row[-1] == finding]
                for head, own in groups.items()
                for finding in dict.fromkeys(row[-1] for row in own)
            }
    width = len(table.header) - 1
    found = [row for head, own in groups.items() for row in ([head, *[""] * width], *own)]
    return replace(table, rows=found).filled()


def _alike(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return rows of which those that are alike are one."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, *cells in rows:
        found.setdefault((*cells,), []).append(name)
    return [["; ".join(names), *cells] for cells, names in found.items()]


def _column(name: str, say: Say, *, is_text: bool = False) -> Column:
    """A column for readers only: what files have stands in the first one."""
    return Column(f"growth.column.{name}", say, {}, is_text=is_text)


def _figures(say: Say, filed: Mapping[str, Raw]) -> Column:
    """The first column: which figure; in files all that is known of its growth."""
    return Column("tables.column.figure", say, {"tables.column.figure": series_name, **filed})


def _filed(*names: str, **others: str) -> dict[str, Raw]:
    columns = {**{name: name for name in names}, **others}
    return {f"growth.raw.{key}": name for key, name in columns.items()}


SUMMARY = {
    **_filed("first_year", "first_value", "last_year", "last_value", "change", "growth", "cagr"),
    # limits are named for what they bound: the ratio end / start, or the step a year
    **_filed(ratio_low="low", ratio_high="high", p_value="p_value"),
}
PARTLY = _filed("first_n_known", "first_n_all", "last_n_known", "last_n_all")
"""Of how many items of a sum how many are known."""
TREND = {
    **_filed("first_year", "last_year", "years", "slope"),
    **_filed(slope_low="low", slope_high="high", p_value="p_value"),
}


def _noted(table: Table, words: Words, **occurs: Any) -> Table:
    shared = {"tests": words.count(TESTS), "level": words.number(ALPHA / TESTS, 3)}
    return table.noting(words, "growth.note", occurs, **shared)


def series_name(row: Any, words: Words) -> str:
    """Return what a series counts: "Unternehmen, Clusterkern"."""
    name = words.indicator(row.indicator)
    if getattr(row, "delimitation", "") == APPROXIMATION:
        return f"{name}, {words.area(row.region, row.scope, row.delimitation)}"
    if not row.scope:
        return name
    scope = words.scope(row.scope)
    if getattr(row, "delimitation", "") != "other":
        return words.text("growth.series.scope", name=name, scope=scope)
    region = words.label("region", row.region)
    return words.text("growth.series.region", name=name, scope=scope, region=region)


def signed(name: str, value: float, words: Words, digits: int = 0) -> str:
    """Return a difference in the unit of an indicator, with its sign."""
    is_eur = indicator(name).unit == "eur"
    return with_sign(words.eur(value) if is_eur else words.number(value, digits))


def _period(row: Any) -> str:
    return f"{row.first_year}–{row.last_year}"


def _name_with_unit(row: Any, words: Words) -> str:
    name, scale = series_name(row, words), _scale(row)
    unit = words.text(f"growth.euros.{scale}") if scale else ""
    return words.text("growth.series.unit", name=name, unit=unit) if unit else name


def _scale(row: Any) -> int:
    """Euros of a row have one scale, which is named once."""
    if indicator(row.indicator).unit != "eur":
        return 0
    largest = max(abs(row.first_value), abs(row.last_value))
    return next((scale for scale in SCALES if largest >= scale), 1)


def _said_amount(name: str) -> Say:
    """Return what says first, last or change of a row."""

    def said(row: Any, words: Words) -> str:
        scale = _scale(row)
        value = row.change if name == "change" else getattr(row, f"{name}_value")
        if pd.isna(value):
            return UNDEFINED
        if scale:
            text = words.number(value / scale, SCALES.get(scale, 0))
        else:
            text = words.value(row.indicator, value)
        if name == "change":
            return with_sign(text)
        star = "*" if getattr(row, f"{name}_inferred") else ""
        return words.hedged(text, row, f"{name}_") + star

    return said


def _relative(row: Any, words: Words) -> str:
    if pd.isna(row.growth) or _is_small(row):
        return UNDEFINED
    return words.change(row.growth)


def _is_small(row: Any) -> bool:
    is_count = indicator(row.indicator).unit == "count"
    return is_count and pd.notna(row.growth) and row.first_value < SMALL_BASE


def _ratio(row: Any, words: Words) -> str:
    if pd.isna(row.low) or pd.isna(row.high):
        return UNDEFINED
    low, high = words.number(row.low, 2), words.number(row.high, 2)
    value = words.number(row.last_value / row.first_value if row.first_value else 0.0, 2)
    return words.text("growth.value.range", value=value, low=low, high=high)


def _tested(row: Any, change: float) -> str:
    """Return what a test finds: ``rise``, ``fall``, ``none``, or that there is no change."""
    if change == 0:
        return "same"
    return ("rise" if change > 0 else "fall") if row.is_reliable else "none"


def _verdict(row: Any, words: Words) -> str:
    if pd.notna(row.p_value):
        key = _tested(row, row.change)
        method = words.text(f"growth.method.{row.method}")
        return words.text(f"growth.verdict.{key}", p=words.p_value(row.p_value), method=method)
    if row.gap in ("partial", "rough", "negative"):
        return words.text(f"growth.verdict.{row.gap}")
    entry = indicator(row.indicator)
    why = "volume" if entry.unit == "eur" else "actors" if entry.group == "actors" else entry.name
    is_nothing = row.first_value == row.last_value == 0
    return words.text(f"growth.verdict.{'nothing' if is_nothing else why}")


def _slope(row: Any, words: Words) -> str:
    def said(value: float) -> str:
        return signed(row.indicator, value, words, digits=1 if abs(value) < 100 else 0)

    if pd.isna(row.low):
        return UNDEFINED if pd.isna(row.slope) else said(row.slope)
    low, high = said(row.low), said(row.high)
    return words.text("growth.value.interval", value=said(row.slope), low=low, high=high)


def _trend(row: Any, words: Words) -> str:
    if row.gap == "short":
        least = words.p_value(row.smallest_p)
        return words.text("growth.trend.short", n=row.years, p=least)
    if row.gap:
        return words.text(f"growth.trend.{row.gap}")
    key = _tested(row, row.slope)
    return words.text(f"growth.trend.{key}", p=words.p_value(row.p_value))


def _growth_notes(table: Table, rows: pd.DataFrame, shown: pd.DataFrame, words: Words) -> Table:
    inferred = shown[["first_inferred", "last_inferred"]].any(axis=None)
    notes = {gap: gap in {*shown["gap"]} for gap in ("rough", "zero_base", "negative")}
    notes["small_base"] = any(map(_is_small, shown.itertuples()))
    notes["partial"] = "partial" in {*shown["gap"]}
    table = _noted(table.noting(words, "tables.note", {"inferred": inferred}), words, **notes)
    lacking = [
        words.unknown(row.indicator, getattr(row, f"{end}_year"), row, f"{end}_")
        for row in shown.itertuples()
        for end in ("first", "last")
    ]
    table = table.noted(*(f"{said}." for said in lacking if said))
    once = rows[(rows["gap"] == "one_year") & (rows["delimitation"] != "other")]
    names = [
        words.text(
            "growth.value.at", value=words.within(series_name(row, words)), year=row.first_year
        )
        for row in once.itertuples()
    ]
    absent = [name for name in MONITORING if name not in {*rows["indicator"]}]
    unknown = [words.within(words.indicator(name)) for name in absent]
    for key, listed in {"one_year": names, "unknown": unknown}.items():
        table = table.noting(words, "growth.note", {key: listed}, names=words.join(listed))
    return table


def employment_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the growth of insured employees of a cluster beside regions, span by span.

    Parameters
    ----------
    rows : DataFrame
        As `employment_growth` returns it.
    """

    def period(row: Any, _: Words) -> str:
        return _period(row) + ("*" if row.is_provisional else "")

    def growth(row: Any, words: Words) -> str:
        if not row.is_printed:
            return words.change(row.growth)
        printed = words.value("employees_insured_growth", row.growth)
        return words.text("growth.value.printed", value=printed)

    # A source may print a cluster's growth of one state and of both.
    is_apart = rows.loc[rows["cluster_id"] != "", "region"].nunique() > 1

    def unit(row: Any, words: Words) -> str:
        region = words.label("region", row.region)
        if not row.cluster_id:
            return region
        own = [region, words.scope(row.scope)] if is_apart else [words.scope(row.scope)]
        name = words.label("cluster", row.cluster_id)
        return words.text("growth.series.scope", name=name, scope=", ".join(own))

    spans = _filed("first_year", "last_year", "growth", "cagr")
    columns = [
        Column("growth.column.unit", unit, {"growth.column.unit": unit, **spans}),
        _column("period", period),
        _column("growth", growth),
        _column("yearly", _changed("cagr")),
    ]
    table = Table.of(rows, columns, words)
    notes = {
        "spans": len({line[1] for line in table.rows}) > 1,
        "span": rows["cagr"].isna().any(),
        "provisional": rows["is_provisional"].any(),
        "alone": (rows["cluster_id"] != "").all(),
    }
    return _noted(table, words, **notes)


def _changed(name: str) -> Say:
    def said(row: Any, words: Words) -> str:
        value = getattr(row, name)
        return UNDEFINED if pd.isna(value) else words.change(value)

    return said


SHOWN = ("national", "industry", "regional")
"""Parts with a column of their own; what makes the last one is said below."""
ESTEBAN = ("competition", "allocation")
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

    def rest(row: Any, words: Words) -> str:
        return MISSING if pd.isna(row.share) else words.eur(_apart(row)[1])

    def total(row: Any, words: Words) -> str:
        return words.hedged(words.eur(row.total), row)

    known = rows if rows["share"].notna().any() else rows.iloc[:0]
    lacking = [words.unknown("project_volume", row.year, row) for row in known.itertuples()]
    head = "growth.measure.projects" if any(lacking) else "growth.column.projects"
    items = {f"values.column.{name}": name for name in ITEMS if any(lacking)}
    columns = [
        Column("growth.column.year", lambda row, _: str(row.year), "year"),
        Column(head, lambda row, words: words.count(row.projects), "projects"),
        Column("growth.column.total", total, {"growth.column.total": "total", **items}),
        Column("growth.column.large", _largest, _filed("large", "share")),
        Column("growth.column.rest", rest, "rest"),
    ]
    table = _noted(Table.of(known, columns, words), words, large=True)
    table = table.noting(words, "tables.note", {"missing": known["share"].isna().any()})
    return table.noted(*(f"{said}." for said in lacking if said))


def _apart(row: Any) -> list[float]:
    """Return the volume of the largest projects and that of the others."""
    return euros_that_add_up(row.total, [row.total - row.rest, row.rest])


def _largest(row: Any, words: Words) -> str:
    if pd.isna(row.share):
        return MISSING
    projects = f"growth.value.projects_{plural(row.large, 'one', 'other')}"
    return words.text(
        "growth.value.of_total",
        value=words.eur(_apart(row)[0]),
        share=words.share(row.share),
        count=words.text(projects, count=words.count(row.large)),
    )


def sizes_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return typical size and concentration of the projects, a column a year.

    Parameters
    ----------
    rows : DataFrame
        As `size_summary` returns it.
    """
    smallest = rows.loc[rows["measure"].isin(SIZES), ["value", "low"]].min(axis=None)
    digits = 1 if pd.notna(smallest) and smallest >= MILLION / 10 else 2

    columns = [
        Column("growth.column.measure", lambda name, words: words.text(f"growth.measure.{name}"))
    ]
    for year in sorted({int(year) for year in rows["year"]}):
        own = {row.measure: row for row in rows[rows["year"] == year].itertuples()}
        columns.append(Column("", partial(_size, digits=digits), _amount, own, title=str(year)))
    shown = [name for name in MEASURES if name in {*rows["measure"]}]
    return Table.of(shown, columns, words).noted(words.text("growth.note.sizes"))


def _amount(row: Any, _: Words) -> Any:
    """A value in the unit that readers see."""
    return pd.NA if row is None else row.value / (MILLION if row.measure in SIZES else 1)


def _size(row: Any, words: Words, digits: int) -> str:
    if row is None or pd.isna(row.value):
        return MISSING
    if row.measure.startswith("top_"):
        return words.share(row.value)
    if row.measure not in SIZES:
        return words.number(row.value, {"projects": 0, "effective_number": 1}.get(row.measure, 2))
    if pd.isna(row.low):
        return words.number(row.value / MILLION, digits)
    limits = {name: getattr(row, name) / MILLION for name in ("value", "low", "high")}
    said = {name: words.number(limit, digits) for name, limit in limits.items()}
    return words.text("growth.value.range", **said)


def shift_share_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the change of employees of each region by sector block, split into its parts.

    Parameters
    ----------
    rows : DataFrame
        As `shift_share_by_sector` returns it.
    """
    shown = rows[(rows["method"] == "static") | (rows["category"] == "")]
    order = shown.assign(
        place=pd.Categorical(shown["region"], [*dict.fromkeys(shown["region"])]),
        is_part=shown["category"] != "",
    ).sort_values(["place", "is_part"], kind="stable")

    def heading(row: Any, words: Words) -> str:
        if row.category:
            return words.label("sector", row.category)
        return f"{words.label('region', row.region)}: {words.text(f'growth.note.{row.method}')}"

    def part(row: Any, words: Words, place: int) -> str:
        parts = add_up(row.change, [getattr(row, name) for name in SHOWN])
        return with_sign(words.count(parts[place]))

    def changed(row: Any, words: Words) -> str:
        return with_sign(words.count(row.change))

    sector, change = "growth.column.sector", "growth.column.total_change"
    parts = {f"growth.column.{name}": name for name in PARTS}
    columns = [
        Column(sector, heading, {sector: heading, **_filed("region", "method")}),
        Column(change, changed, {change: "change", **parts}),
        *(_column(name, partial(part, place=place)) for place, name in enumerate(SHOWN)),
    ]
    table = Table.of(order, columns, words, is_part=lambda row: bool(row.category))
    table = _noted(table, words, dynamics=True)
    for row in shown[(shown["method"] == "static") & (shown["category"] == "")].itertuples():
        known = {name: with_sign(words.count(getattr(row, name))) for name in ESTEBAN}
        known |= {"region": words.label("region", row.region)}
        table = table.noting(words, "growth.note", {"esteban": True}, **known)
    return table
