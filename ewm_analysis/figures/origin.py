"""Where actors come from: Berlin, Brandenburg, elsewhere, by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ewm_analysis.figures.bars import draw_legend
from ewm_analysis.figures.cells import Cell, cells, hedged, marked, needed, year_clause
from ewm_analysis.figures.style import ACCENT, INK, MAIN, REST, new_axes, style
from ewm_analysis.l10n import NBSP, plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

INDICATORS = ("actors_projects", "actors_activities")
COLORS = {"be": MAIN, "bb": REST, "other": ACCENT}
GAP = 0.9
"""Space between years, in bars."""
BLOCK_GAP = 2.0
"""Space between projects and activities, in bars."""

Found = dict[str, dict[int, dict[str, Cell]]]
"""By indicator, year and state."""


@style()
def plot_actors_by_state(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the actors of each year by origin, those in projects beside those in activities.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``actors_projects`` and ``actors_activities`` by
        ``state``; up to four years are easy to read.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    found = _found(rows)
    ax = ax or new_axes(height=3.0)
    ticks: dict[float, str] = {}
    start = 0.0
    for name, years in found.items():
        first = start
        for year, origins in years.items():
            is_inferred = any(cell.is_year_inferred for cell in origins.values())
            ticks[start + (len(COLORS) - 1) / 2] = f"{year}*" if is_inferred else str(year)
            _draw_year(ax, start, origins, words)
            start += len(COLORS) + GAP
        middle = (first + start - GAP - 1) / 2
        ax.annotate(
            words.indicator(name),
            (middle, 0),
            (0, -22),
            textcoords="offset points",
            xycoords=ax.get_xaxis_transform(),
            ha="center",
            va="top",
            fontweight="bold",
        )
        start += BLOCK_GAP - GAP
    ax.set_ylim(0, 1.1 * max(cell.value for cell in _every(found)) or 1.0)
    _finish(ax, ticks, words)
    states = {cell.category for cell in _every(found)}
    draw_legend(
        ax, {words.label("state", state): COLORS[state] for state in COLORS if state in states}
    )
    return ax


def describe_actors_by_state(rows: pd.DataFrame, words: Words) -> str:
    """Say how many actors come from where in the last year, and in the year before.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    found = _found(rows)
    last = max(year for years in found.values() for year in years)
    sentences = []
    for year, key in ((last, "all"), (last - 1, "before")):
        given = {name: years[year] for name, years in found.items() if year in years}
        parts = [_counts(name, origins, words) for name, origins in given.items()]
        every = [cell for origins in given.values() for cell in origins.values()]
        when = year_clause(year, any(cell.is_year_inferred for cell in every), words)
        if parts:
            text = words.text(f"figures_records.origin.{key}", when=when, parts="; ".join(parts))
            sentences.append(text)
    return " ".join(sentences)


def _found(rows: pd.DataFrame) -> Found:
    found: Found = {}
    for name in INDICATORS:
        for cell in cells(rows, name, "state"):
            found.setdefault(name, {}).setdefault(cell.year, {})[cell.category] = cell
    needed(_every(found), "actors by origin")
    return found


def _every(found: Found) -> list[Cell]:
    return [
        cell for years in found.values() for origins in years.values() for cell in origins.values()
    ]


def _draw_year(ax: Axes, start: float, origins: dict[str, Cell], words: Words) -> None:
    for number, (state, color) in enumerate(COLORS.items()):
        if state in origins:
            cell = origins[state]
            bars = ax.bar(start + number, cell.value, 0.94, color=color)
            text = marked(words.count(cell.value), cell.precision)
            ax.bar_label(bars, [text], padding=2, color=INK, fontsize=8)


def _finish(ax: Axes, ticks: dict[float, str], words: Words) -> None:
    ax.set_xticks([*ticks], [*ticks.values()])
    ax.margins(x=0.01)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    if any(text.endswith("*") for text in ticks.values()):
        ax.set_xlabel(words.text("figures.note_inferred"), loc="left", labelpad=16)


def _counts(name: str, origins: dict[str, Cell], words: Words) -> str:
    """Say "41 actors from Berlin, 28 from Brandenburg and 12 from elsewhere in new projects"."""
    items: list[str] = []
    for state in COLORS:
        if state not in origins:
            continue
        cell = origins[state]
        count = hedged(words.count(cell.value), cell.precision, words)
        if not items:
            form = plural(cell.value, "actor", "actors")
            count += NBSP + words.text(f"figures_records.origin.{form}")
        items.append(f"{count} {words.text(f'figures_records.origin.{state}')}")
    where = words.text(f"figures_records.origin.{name}")
    return words.text("figures_records.origin.part", where=where, counts=words.join(items))
