"""Lines by year in panels side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from ewm_analysis.figures.style import INK, WIDTH, write_beside

PANELS = 2
"""Panels side by side; more would be too narrow for a phone."""

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
        ax.set_title(title, loc="left", fontsize=9, color=INK)
    for ax in flat[len(titles) :]:
        ax.set_axis_off()
    figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=INK)
    return flat[: len(titles)]


def with_gaps(course: pd.Series) -> pd.Series:
    """Return values of all years: a missing year breaks a line, it is a gap and not a step."""
    return course.reindex(range(int(course.index.min()), int(course.index.max()) + 1))


def label_ends(ax: Axes, ends: Iterable[End], offset: float, step: float, **look: Any) -> None:
    """Write at the ends of lines; two that meet give way: the lower label down, the upper up."""
    found = sorted(ends)
    for place, (value, year, text, color) in enumerate(found):
        shift = step * (2 * place - len(found) + 1)
        write_beside(ax, text, (year, value), (offset, shift), color=color, **look)
