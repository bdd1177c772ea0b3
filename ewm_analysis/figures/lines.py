"""Lines by year in panels: key figures as index, courses with their breaks, and any indicator."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.cells import marked, needed, umbrellas
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.kinds import LETTERS, Bar, draw_bars, draw_matrix, wrapped
from ewm_analysis.figures.style import (
    ACCENT,
    INK,
    MAIN,
    TRACK,
    WHOLE,
    WIDTH,
    mark,
    write_beside,
)
from ewm_analysis.indicators.compute import APPROXIMATION
from ewm_analysis.indicators.long import series_labels, series_of
from ewm_analysis.statistics.counts import event_interval
from ewm_analysis.statistics.growth import SERIES
from ewm_analysis.statistics.region import NATION

PANELS = 2
"""Panels side by side; more would be too narrow for a phone."""
TITLE = 46
"""Longest line of a panel's title, in characters."""
End = tuple[float, int, str, str]
"""Value, year, text and colour of the last point of a line."""


def panels(
    titles: Sequence[str], note: str, height: float, foot: float, columns: int
) -> list[Axes]:
    """Return panels with titles above a note; heights in inches, of a row and of the note."""
    lines = -(-len(titles) // columns)
    figure, grid = plt.subplots(
        lines,
        columns,
        figsize=(WIDTH, lines * height + foot),
        squeeze=False,
        layout="constrained",
    )
    flat: list[Axes] = [*grid.ravel()]
    for ax, title in zip(flat, titles, strict=False):
        ax.set_title(textwrap.fill(title, LETTERS // columns), loc="left", fontsize=9, color=INK)
        ax.spines["left"].set_visible(False)
    for ax in flat[len(titles) :]:
        ax.set_axis_off()
    figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=INK)
    return flat[: len(titles)]


def draw_course(ax: Axes, rows: pd.DataFrame, name: str, color: str = MAIN, **look: Any) -> None:
    """Draw a column of rows by year, a missing year as gap and no step; mark where each row is."""
    course = rows.groupby("year")[name].first().astype(float)
    course = course.reindex(range(int(course.index.min()), int(course.index.max()) + 1))
    ax.plot(course.index, course, color=color, **look)
    known = rows[rows[name].notna()]
    for row, year, value in zip(known.index, known["year"], known[name], strict=True):
        mark(ax, row, (int(year), float(value)))


def name_years(ax: Axes, years: Sequence[int], bounds: tuple[float, float] | None = None) -> None:
    """Name years below a panel, whose axis ends at its bounds."""
    ax.set_xticks(years, [str(year) for year in years], fontsize=8)
    if bounds:
        ax.spines["bottom"].set_bounds(*bounds)


def label_ends(ax: Axes, ends: Iterable[End], offset: float, step: float, **look: Any) -> None:
    """Write at the ends of lines; two that meet give way: the lower label down, the upper up."""
    found = sorted(ends)
    for place, (value, year, text, color) in enumerate(found):
        shift = step * (2 * place - len(found) + 1)
        write_beside(ax, text, (year, value), (offset, shift), color=color, **look)


# --- key figures as index -----------------------------------------------------------------------

ROOM_FOR_NUMBER, ROOM_FOR_SCOPE = 0.16, 0.55
"""Room for the label at the end of a line, as part of the span of years."""


def draw_index(view: View, _: Axes | None) -> Axes:
    """Each key figure as index in a panel of its own, all on one scale; returns the first."""
    rows, words = needed(view.rows, "index"), view.words
    names = [*dict.fromkeys(needed(rows[rows["index"].notna()], "index")["indicator"])]
    first, last = int(rows["year"].min()), int(rows["year"].max())
    base = int(rows["base_year"].iloc[0])
    is_approximated = APPROXIMATION in {*rows["delimitation"]}
    note = view.name("base").format(year=base)
    if is_approximated:
        note = f"{note}. {view.name('approximation')}"
    titles = [textwrap.fill(words.indicator(name), 44) for name in names]
    flat = panels(titles, note, 1.3, 0.2, PANELS)
    room = ROOM_FOR_SCOPE if is_approximated or (rows["scope"] != "").any() else ROOM_FOR_NUMBER
    asked = _targets_as_index(view)
    low, high = rows["index"].min(), rows["index"].max()
    reach = max(high - low, 20.0) / 2  # a target beyond it would press all courses flat
    near = asked["asked"][asked["asked"].between(low - reach, high + reach)]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.12 * max(high - low, 20.0)
    for ax, name in zip(flat, names, strict=True):
        _draw_index_lines(ax, rows[rows["indicator"] == name], words)
        ax.set_xlim(first - 0.2, last + room * (last - first))
        ax.set_ylim(low - margin, high + (1 if asked.empty else 2.5) * margin)
        _draw_targets(ax, asked[asked["indicator"] == name], (first, last), words)
        name_years(ax, sorted({first, base, last}), (first - 0.2, last))
        ax.set_yticks([100], ["100"], fontsize=8)
    return flat[0]


def _draw_index_lines(ax: Axes, rows: pd.DataFrame, words: Words) -> None:
    ax.axhline(100, color=TRACK, linewidth=1, zorder=0)
    ends: list[End] = []
    for (scope, region, counted), series in rows.groupby(["scope", "region", "delimitation"]):
        color = ACCENT if region == NATION else WHOLE if scope == "total" else MAIN
        draw_course(ax, series, "index", color, linewidth=1.6, marker="o", markersize=2.6)
        name = words.label("region", region) if counted == APPROXIMATION else words.scope(scope)
        known = series[series["index"].notna()].tail(1)
        for year, value in zip(known["year"], known["index"].astype(float), strict=True):
            ends.append((value, int(year), f"{words.number(value, 0)} {name}".strip(), color))
    label_ends(ax, ends, 5, 5)


def _targets_as_index(view: View) -> pd.DataFrame:
    """Return the targets of the figures drawn as ``asked``, on the scale of their index."""
    rows = view.rows
    base = rows[(rows["year"] == rows["base_year"]) & rows["index"].notna()]
    start = base[[*SERIES[:3], "value"]].rename(columns={"value": "start"})
    both = view.asked.merge(start, on=SERIES[:3])
    return both.assign(asked=100.0 * (both["target"] / both["start"]).astype(float))


def _draw_targets(ax: Axes, asked: pd.DataFrame, years: tuple[int, int], words: Words) -> None:
    """Draw a line for each target of a panel, its year above it; an arrow leads to one beyond."""
    low, high = ax.get_ylim()
    beyond: dict[str, list[str]] = {}
    for row in asked.itertuples():
        text = words.text("targets.line", asked=f"{row.target_year}: {words.number(row.asked, 0)}")
        if low < row.asked < high:
            ax.plot(years, [row.asked] * 2, color=INK, linewidth=0.9, linestyle="--", zorder=0)
            write_beside(ax, text, (years[0], row.asked), (0, 2), va="bottom", fontsize=8)
        else:
            arrow = "↑" if row.asked >= high else "↓"
            beyond.setdefault(arrow, []).append(f"{text} {arrow}")
    for arrow, texts in beyond.items():  # one below the other
        edge, va = (high, "top") if arrow == "↑" else (low, "bottom")
        write_beside(ax, "\n".join(texts), (years[0], edge), (0, 0), va=va, fontsize=8)


# --- courses with their breaks, and branches ----------------------------------------------------

BRANCH, NOTE = 1.1, 0.3
"""Heights of a panel of a branch, and of the note, in inches."""
FEW_LABELS = 4
"""Of more years only the ends of a line carry their value."""
LABEL = 0.14
"""Width of a label, as part of the span of years."""


def draw_courses(view: View, _: Axes | None) -> Axes:
    """A panel a figure, region and delimitation; a change of the source breaks it."""
    courses, words = courses_of(view), view.words
    has_breaks = any(len(families) > 1 for families in courses.values())
    flat = panels([*courses], view.name("break") if has_breaks else "", 1.25, NOTE, 1)
    first, last = int(view.rows["year"].min()), int(view.rows["year"].max())
    margin = 0.06 * (last - first)
    for ax, families in zip(flat, courses.values(), strict=True):
        for before, after in pairwise(families):
            middle = (int(before["year"].max()) + int(after["year"].min())) / 2
            ax.axvline(middle, ymax=0.7, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        for own in families:
            draw_course(ax, own, "value", linewidth=1.6, marker="o", markersize=3.6)
        _label_families(ax, families, LABEL * (last - first), words)
        ax.set_xlim(first - margin, last + margin)
        ax.set_ylim(0, 1.5 * max(float(own["value"].max()) for own in families) or 1.0)
        name_years(ax, sorted({int(year) for own in families for year in own["year"]}))
        ax.yaxis.set_visible(False)
    return flat[0]


def _label_families(ax: Axes, families: Sequence[pd.DataFrame], width: float, words: Words) -> None:
    """Write the values of short families, and the ends of long ones; neighbours at two heights."""
    ends = [own if len(own) <= FEW_LABELS else own.iloc[[0, -1]] for own in families]
    before, low = -math.inf, True
    for row in pd.concat(ends).itertuples():
        low = not (low and row.year - before < width)
        before = int(row.year)
        text = marked(words.value(row.indicator, float(row.value)), row.precision)
        place = (before, float(row.value))
        write_beside(ax, text, place, (0, 8 if low else 19), ha="center", fontsize=8)


def courses_of(view: View) -> dict[str, Sequence[pd.DataFrame]]:
    """Return the families of each course, in the order of years, by what it is called."""
    if view.rows.empty:
        raise MissingDataError("No figure is known for two years in one delimitation.")
    keys = ["indicator", "region", "scope", "delimitation"]
    found: dict[str, Sequence[pd.DataFrame]] = {}
    for (name, region, scope, delimitation), own in view.rows.groupby(keys, sort=False):
        families = [each.sort_values("year") for _, each in own.groupby("family")]
        label = f"{view.words.indicator(name)}, {view.words.area(region, scope, delimitation)}"
        found[label] = sorted(families, key=lambda each: int(each["year"].min()))
    return found


def draw_branches(view: View, _: Axes | None) -> Axes:
    """A panel a branch: the index of Berlin and of Germany, all on one scale."""
    rows, words = needed(view.rows, "branch"), view.words
    listed = (*words.reference.valid("sector")["category"], "")
    codes = [code for code in listed if code in {*rows["category"]}]
    titles = [words.label("sector", code) if code else view.name("all") for code in codes]
    base, last = int(rows["base_year"].min()), int(rows["year"].max())
    flat = panels(titles, view.name("base").format(year=base), BRANCH, NOTE, PANELS)
    colors = {"be": MAIN, NATION: ACCENT}
    for ax, code in zip(flat, codes, strict=True):
        ends: list[End] = []
        for region, own in rows[rows["category"] == code].groupby("region"):
            color = colors[str(region)]
            draw_course(ax, own, "index", color, linewidth=1.4)
            end = float(own.sort_values("year")["index"].iloc[-1])
            label = f"{words.number(end, 0)} {words.label('region', str(region))}"
            ends.append((end, last, label, color))
        label_ends(ax, ends, 5, 5, fontsize=8)
        ax.axhline(100, color=TRACK, linewidth=1, zorder=0)
        ax.set_xlim(base, last + 0.5 * (last - base))
        ax.set_ylim(rows["index"].min() - 10, rows["index"].max() + 10)
        name_years(ax, [base, last], (base, last))
        ax.yaxis.set_visible(False)
    return flat[0]


# --- any indicator: lines by year, bars by category, or both as matrix --------------------------

MOST_LABELS = 6
"""Of more years only the ends of a line carry their value."""
TOO_FLAT = 8
"""Panels whose values are smaller by this factor would be flat on the scale of the largest."""
NAMED = 3
"""Figures that the sentence names."""
SCOPES = {"core": MAIN, "total": WHOLE}

Key = tuple[Any, ...]


def draw_values(view: View, _: Axes | None) -> Axes:
    """Lines by year, or the last year by category."""
    known, words = _known(view), view.words
    if known["dimension"].iloc[0]:
        return _draw_categories(known[known["year"] == known["year"].max()], words)
    series = series_of(known, words)
    if max(own["year"].nunique() for own in series.values()) > 1:
        return _draw_panels(series, view)
    labels = series_labels(series, words)  # one year a series: a bar each, with its year
    return draw_bars(
        None,
        [
            Bar(f"{labels[key]} ({row.year})", row.value, row.text, row=row.Index)
            for key, own in series.items()
            for row in own.itertuples()
        ],
    )


def _known(view: View) -> pd.DataFrame:
    """Return the rows that have a value, as a label (``text``) and a sentence (``said``) say it.

    ``low`` and ``high`` are the interval of a count of events.
    """
    known, words = view.rows[view.rows["value"].notna()], view.words
    if known.empty:
        raise MissingDataError("There is no number to show.")
    rows = [*known.astype({"value": float}).itertuples()]
    values = [words.value(row.indicator, row.value) for row in rows]
    texts = [
        marked(value, row.precision) + "*" * bool(row.is_year_inferred)
        for value, row in zip(values, rows, strict=True)
    ]
    limits = np.array([event_interval(row) or (np.nan, np.nan) for row in rows])
    return known.astype({"value": float}).assign(
        text=texts,
        said=[words.hedged(*each) for each in zip(values, rows, strict=True)],
        low=limits[:, 0],
        high=limits[:, 1],
    )


def _draw_categories(rows: pd.DataFrame, words: Words) -> Axes:
    """One series as bars; several as a matrix, so that all can be read beside each other."""
    dimension = str(rows["dimension"].iloc[0])
    order = [*words.reference.valid(dimension)["category"]]
    present = [*dict.fromkeys(rows["category"])]
    codes = sorted(present, key=lambda code: order.index(code) if code in order else 0)
    labels = [words.label(dimension, code) for code in codes]
    series = series_of(rows, words)
    found = [
        own.assign(row=own.index).set_index("category").reindex(codes) for own in series.values()
    ]
    values, texts, places = (
        pd.concat([own[name] for own in found], axis=1) for name in ("value", "text", "row")
    )
    rows_at = places.astype(object).where(places.notna(), None).to_numpy()
    if len(found) == 1:
        cells = zip(labels, values.iloc[:, 0], texts.iloc[:, 0], rows_at[:, 0], strict=True)
        bars = [Bar(label, value, text, row=row) for label, value, text, row in cells]
        # places and clusters have no order of their own
        return draw_bars(None, bars if order else sorted(bars, key=lambda bar: -bar.value))
    columns = [*series_labels(series, words, short=True).values()]
    shown, top = texts.fillna("").to_numpy(), float(np.nanmax(values))
    names = [*map(wrapped, labels)]
    return draw_matrix(None, values.to_numpy(), shown, names, columns, top=top, shown=rows_at)


def _draw_panels(series: dict[Key, pd.DataFrame], view: View) -> Axes:
    """A panel a cluster, all on one scale; core and whole cluster share a panel."""
    grouped: dict[Key, list[pd.DataFrame]] = {}
    for (cluster, region, _, *rest), own in series.items():
        grouped.setdefault((cluster, region, "", *rest), []).append(own)
    rows = pd.concat(series.values())
    scales, is_own = _scales([pd.concat(lines) for lines in grouped.values()])
    notes = [view.name("band")] * bool(rows["high"].notna().all())
    notes += [view.name("own_scale")] * is_own
    titles = [textwrap.fill(label, TITLE) for label in series_labels(grouped, view.words).values()]
    is_wide = len(titles) == 1  # the heading names a single one
    height = 2.7 if len(titles) <= PANELS else 1.75
    columns = min(PANELS, len(titles))
    flat = panels([""] if is_wide else titles, " ".join(notes), height, NOTE, columns)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    for ax, lines, (low, high) in zip(flat, grouped.values(), scales, strict=True):
        for own in lines:
            _draw_line(ax, own)
        _draw_labels(ax, lines, is_wide=is_wide)
        _finish_panel(ax, first, last, has_ends=len(lines) > 1)
        ax.set_ylim(low, low + 1.16 * ((high - low) or 1.0))
    handles = [
        Patch(color=color, label=view.words.text(f"word.scope.{scope}"))
        for scope, color in SCOPES.items()
        if scope in {*rows["scope"]}
    ]
    if handles:
        flat[0].figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return flat[0]


def _draw_line(ax: Axes, own: pd.DataFrame) -> None:
    color = WHOLE if own["scope"].iloc[0] == "total" else MAIN
    years = own["year"].astype(int)
    if own["high"].notna().all():
        ax.fill_between(years, own["low"], own["high"], color=TRACK, zorder=0)
    draw_course(ax, own, "value", color, linewidth=1.6)
    ax.plot(years, own["value"], "o", color=color, markersize=3.6)


def _draw_labels(ax: Axes, lines: list[pd.DataFrame], *, is_wide: bool) -> None:
    """Label a single line above its points, several lines to the right of their ends."""
    size = 8 + is_wide
    if len(lines) > 1:
        last = pd.concat([own.tail(1) for own in lines]).itertuples()
        ends = [(row.value, int(row.year), row.text, INK) for row in last]
        label_ends(ax, ends, 6, 4, fontsize=size)
        return
    (own,) = lines
    shown = own if is_wide and len(own) <= MOST_LABELS else own.iloc[sorted({0, len(own) - 1})]
    look = {"ha": "center", "va": "baseline", "color": INK, "fontsize": size}
    for row in shown.itertuples():
        write_beside(ax, row.text, (int(row.year), row.value), (0, 6), **look)


def _finish_panel(ax: Axes, first: int, last: int, *, has_ends: bool) -> None:
    span = last - first
    margin = 0.4 if span < MOST_LABELS else 0.08 * span
    ax.set_xlim(first - margin, last + (0.3 * span if has_ends else margin))
    step = 1 if span < MOST_LABELS else max(2, round(span / 4))
    bounds = (first - margin, last if has_ends else last + margin)
    name_years(ax, [*range(last, first - 1, -step)], bounds)
    ax.yaxis.set_visible(False)


def _scales(panels: Sequence[pd.DataFrame]) -> tuple[list[tuple[float, float]], bool]:
    """Return the ends of each panel, from zero so that heights can be compared.

    Panels that would be flat beside the largest have scales of their own, which is told.
    """
    ends = [
        (min(0.0, float(own["value"].min())), max(0.0, float(own[["value", "high"]].max().max())))
        for own in panels
    ]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    is_own = any(top - bottom < (high - low) / TOO_FLAT for bottom, top in ends)
    return ends if is_own else [(low, high)] * len(ends), is_own


@tells(
    "name who first first_year before before_year last last_year low high",
    "year several single value",
)
def value_facts(view: View) -> dict[str, Any]:
    """The course of one series, or the highest figures of several."""
    known, words = _known(view), view.words
    series = series_of(known, words)
    if known["dimension"].iloc[0] or len(series) > 1:
        return _highest(known, view)
    ((key, own),) = series.items()
    places = {"last": -1}
    places |= {"first": 0} if len(own) > 1 else {}
    places |= {"before": -2} if len(own) > 2 else {}
    last = own.iloc[-1]
    return {
        "name": words.indicator(last["indicator"]),
        "who": series_labels([key], words)[key],
        **{name: own["said"].iloc[place] for name, place in places.items()},
        **{f"{name}_year": own["year"].iloc[place] for name, place in places.items()},
        **{end: words.number(last[end], 0) for end in ("low", "high") if pd.notna(last[end])},
    }


def _highest(known: pd.DataFrame, view: View) -> dict[str, Any]:
    """The highest figures of the last year."""
    words, year = view.words, int(known["year"].max())
    last = known[known["year"] == year].sort_values("value", ascending=False, kind="stable")
    facts = {"name": words.indicator(str(last["indicator"].iloc[0])), "year": year}
    if (last["value"] == 0).all():
        return facts
    if last["cluster_id"].nunique() > 1 and {*last["scope"]} == {"core", "total"}:
        last = last[last["scope"] == "total"]  # a core is not ranked among whole clusters
    parents = umbrellas(str(last["dimension"].iloc[0]), last["category"], words)
    last = last[~last["category"].isin(parents)]
    series = series_of(last, words)
    labels = series_labels(series, words)
    owner = {row: labels[key] for key, own in series.items() for row in own.index}
    items = []
    for row in last.head(NAMED).itertuples():
        who = [] if len(series) == 1 and row.category else [owner[row.Index]]
        who += [words.label(row.dimension, row.category)] if row.category else []
        items.append(view.say("item", who=": ".join(who), value=row.said))
    return facts | {"single" if len(items) == 1 else "several": items}
