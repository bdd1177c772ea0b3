"""How the new projects divide: status, funders, consortia, cross-cluster cooperation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ewm_analysis.figures.bars import Bar, draw_bars, draw_shares
from ewm_analysis.figures.cells import (
    Cell,
    cells,
    hedged,
    in_order,
    marked,
    needed,
    report_cells,
    report_year,
    said_share,
    year_text,
)
from ewm_analysis.figures.style import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

COUNT, SHARE = "projects_new", "projects_new_share"
CROSS_CLUSTER = ("projects_cross_cluster_share", "activities_cross_cluster_share")


@style()
def plot_status(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the new projects by status: counts of the report year, or else the shares printed.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``projects_new`` or ``projects_new_share`` by ``status``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    counts = _parts(rows, COUNT, "status", words)
    if counts:
        return draw_bars(ax, [_bar(cell, COUNT, "status", words) for cell in counts])
    bars = []
    for cell in _status_shares(rows, words):
        year = year_text(cell.year, cell.is_year_inferred, words)
        label = f"{words.label('status', cell.category)} ({year})"
        bars.append(Bar(label, cell.value, marked(words.value(SHARE, cell.value), cell.precision)))
    return draw_shares(ax, bars)


def describe_status(rows: pd.DataFrame, words: Words) -> str:
    """Say how the new projects divide by status.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    counts = _parts(rows, COUNT, "status", words)
    if counts:
        return _division(counts, COUNT, "status", words)
    parts = [
        words.text(
            "figures.status.item",
            status=words.label("status", cell.category),
            share=hedged(words.value(SHARE, cell.value), cell.precision, words),
            year=year_text(cell.year, cell.is_year_inferred, words),
        )
        for cell in _status_shares(rows, words)
    ]
    return words.text("figures.status.shares", parts=words.join(parts))


@style()
def plot_funders(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the new projects of the report year by funder: counts, or else the shares printed.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``projects_new`` or ``projects_new_share`` by ``funder``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    return _plot_division(rows, "funder", words, ax)


def describe_funders(rows: pd.DataFrame, words: Words) -> str:
    """Say how the new projects divide by funder, and whether the printed shares add up.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    return _describe_division(rows, "funder", words)


@style()
def plot_consortia(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the new projects of the report year by consortium: counts, or else the shares printed.

    As `plot_funders`, by ``consortium_type``.
    """
    return _plot_division(rows, "consortium_type", words, ax)


def describe_consortia(rows: pd.DataFrame, words: Words) -> str:
    """Say how the new projects divide by consortium, and whether the printed shares add up.

    As `describe_funders`.
    """
    return _describe_division(rows, "consortium_type", words)


@style()
def plot_cross_cluster(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the shares of cross-cluster projects and activities in the report year.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``projects_cross_cluster_share`` and
        ``activities_cross_cluster_share``, and the counts behind them where they are known.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    bars = [
        Bar(
            label=words.text(f"figures.cross_cluster.{name}_label"),
            value=cell.value,
            text=marked(said_share(rows, name, cell, words), cell.precision),
        )
        for name, cell in _cross_cluster(rows).items()
    ]
    return draw_shares(ax, bars)


def describe_cross_cluster(rows: pd.DataFrame, words: Words) -> str:
    """Say which shares of projects and activities rest on cross-cluster cooperation.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    parts = [
        words.text(
            f"figures.cross_cluster.{name}",
            share=hedged(said_share(rows, name, cell, words), cell.precision, words),
        )
        for name, cell in _cross_cluster(rows).items()
    ]
    return words.text("figures.cross_cluster.all", year=report_year(rows), parts=words.join(parts))


def _cross_cluster(rows: pd.DataFrame) -> dict[str, Cell]:
    year = report_year(rows)
    found = {
        name: cell for name in CROSS_CLUSTER for cell in cells(rows, name) if cell.year == year
    }
    needed([*found.values()], "cross-cluster shares")
    return found


def _status_shares(rows: pd.DataFrame, words: Words) -> list[Cell]:
    """Return the shares of all years, the last first: a report looks back on the year before."""
    found = needed(cells(rows, SHARE, "status"), "projects by status")
    return sorted(in_order(found, "status", words), key=lambda cell: -cell.year)


def _division_cells(rows: pd.DataFrame, dimension: str, words: Words) -> tuple[Sequence[Cell], str]:
    counts = _parts(rows, COUNT, dimension, words)
    if counts:
        return counts, COUNT
    shares = _parts(rows, SHARE, dimension, words)
    return needed(shares, f"projects by {dimension}"), SHARE


def _parts(rows: pd.DataFrame, indicator: str, dimension: str, words: Words) -> list[Cell]:
    """Return a breakdown without categories that hold others: "started or finished" beside both."""
    found = report_cells(rows, indicator, dimension, words)
    listed = words.reference.valid(dimension)
    known = listed["category"].isin([cell.category for cell in found])
    parents = {*listed.loc[known, "parent"]}
    return [cell for cell in found if cell.category not in parents]


def _bar(cell: Cell, indicator: str, dimension: str, words: Words) -> Bar:
    return Bar(
        label=words.label(dimension, cell.category),
        value=cell.value,
        text=marked(words.value(indicator, cell.value), cell.precision),
    )


def _plot_division(rows: pd.DataFrame, dimension: str, words: Words, ax: Axes | None) -> Axes:
    found, indicator = _division_cells(rows, dimension, words)
    bars = [_bar(cell, indicator, dimension, words) for cell in found]
    return draw_bars(ax, bars) if indicator == COUNT else draw_shares(ax, bars)


def _describe_division(rows: pd.DataFrame, dimension: str, words: Words) -> str:
    found, indicator = _division_cells(rows, dimension, words)
    text = _division(found, indicator, dimension, words)
    if indicator == COUNT or _adds_up(found):
        return text
    total = words.value(SHARE, sum(cell.value for cell in found))
    return f"{text} {words.text('figures.division.total', total=total)}"


def _division(found: Sequence[Cell], indicator: str, dimension: str, words: Words) -> str:
    parts = [
        words.text(
            "figures.division.item",
            label=words.label(dimension, cell.category),
            value=hedged(words.value(indicator, cell.value), cell.precision, words),
        )
        for cell in found
    ]
    return words.text(f"figures.division.{dimension}", year=found[0].year, parts=words.join(parts))


def _adds_up(found: Sequence[Cell]) -> bool:
    """Tell whether shares make 100 %, each rounded to the decimals that are printed."""
    if any(cell.precision != "exact" for cell in found):
        return True
    percents = [cell.value * 100 for cell in found]
    is_whole = all(abs(percent - round(percent)) < 1e-9 for percent in percents)
    half_a_digit = 0.5 if is_whole else 0.05
    return abs(sum(percents) - 100) <= half_a_digit * len(percents) + 1e-9
