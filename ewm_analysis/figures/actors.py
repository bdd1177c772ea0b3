"""Who takes part in projects and activities: actors by type, companies by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ewm_analysis.figures.bars import draw_groups, wrapped
from ewm_analysis.figures.cells import (
    Cell,
    cells,
    hedged,
    in_order,
    marked,
    needed,
    report_cells,
    report_year,
    year_clause,
)
from ewm_analysis.figures.style import ACCENT, MAIN, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

COLORS = {"actors_projects": MAIN, "actors_activities": ACCENT}


@style()
def plot_actors_by_type(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the actors of the report year by type, in projects and in activities.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``actors_projects`` and ``actors_activities`` by
        ``actor_type``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    return _plot(rows, "actor_type", words, ax)


def describe_actors_by_type(rows: pd.DataFrame, words: Words) -> str:
    """Say how many actors take part in the report year, and which type is most frequent.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    found = _found(rows, "actor_type", words)
    parts = [_most_frequent(rows, name, by_type, words) for name, by_type in found.items()]
    when = year_clause(report_year(rows), False, words)
    return words.text("figures.actors.all", when=when, parts=words.join(parts))


@style()
def plot_company_sizes(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the companies of the report year by size, in projects and in activities.

    As `plot_actors_by_type`, by ``size_class``.
    """
    return _plot(rows, "size_class", words, ax)


def describe_company_sizes(rows: pd.DataFrame, words: Words) -> str:
    """Say how many companies of each size take part in the report year.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    sentences = []
    for name, found in _found(rows, "size_class", words).items():
        sizes = [
            words.text(
                "figures.actors.size",
                size=words.label("size_class", cell.category),
                count=hedged(words.count(cell.value), cell.precision, words),
            )
            for cell in found
        ]
        key = f"figures.actors.sizes_{name}"
        sentences.append(words.text(key, year=found[0].year, sizes=words.join(sizes)))
    return " ".join(sentences)


def _most_frequent(rows: pd.DataFrame, name: str, by_type: list[Cell], words: Words) -> str:
    """Return the number of actors, as far as it is known, and their most frequent type."""
    top = max(by_type, key=lambda cell: cell.value)
    total = next((cell for cell in cells(rows, name) if cell.year == top.year), None)
    if total is None and top.value:
        actors = words.indicator(name)
    else:
        known = total or top
        actors = hedged(words.quantity(name, known.value), known.precision, words)
    if not top.value:
        return actors
    types = [
        words.text("figures.actors.type", label=words.label("actor_type", cell.category))
        for cell in by_type
        if cell.value == top.value
    ]
    count = hedged(words.count(top.value), top.precision, words)
    return words.text("figures.actors.most", actors=actors, types=words.join(types), count=count)


def _found(rows: pd.DataFrame, dimension: str, words: Words) -> dict[str, list[Cell]]:
    found = {name: report_cells(rows, name, dimension, words) for name in COLORS}
    needed([cell for part in found.values() for cell in part], f"actors by {dimension}")
    return {name: part for name, part in found.items() if part}


def _plot(rows: pd.DataFrame, dimension: str, words: Words, ax: Axes | None) -> Axes:
    found = _found(rows, dimension, words)
    every = in_order([cell for part in found.values() for cell in part], dimension, words)
    order = [*dict.fromkeys(cell.category for cell in every)]
    records = [
        {
            "label": wrapped(words.label(dimension, cell.category)),
            "series": words.text(f"figures.actors.{name}"),
            "value": cell.value,
            "text": marked(words.count(cell.value), cell.precision),
            "position": order.index(cell.category),
        }
        for name, part in found.items()
        for cell in part
    ]
    frame = pd.DataFrame(records).sort_values("position", kind="stable")
    colors = {words.text(f"figures.actors.{name}"): color for name, color in COLORS.items()}
    return draw_groups(ax, frame, colors)
