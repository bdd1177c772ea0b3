"""A table of numbers as colours, each cell with its number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ewm_analysis.figures.bars import LINE
from ewm_analysis.figures.style import MAIN, ON_MAIN, new_axes

SHADES = LinearSegmentedColormap.from_list("ewm", ["#eaf1f8", MAIN])
DARK = 0.179
"""Relative luminance below which white has more contrast than black; both then have 4.5 : 1."""
ROW = 0.3
"""Height of a row of one line, in inches."""


def draw_matrix(
    ax: Axes | None,
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    top: float,
) -> Axes:
    """Draw values as shades, darkest at `top`, each with its text; the place of nan stays blank.

    Labels of the columns are slanted, as they are longer than their cells.
    """
    heights = [max(ROW, (label.count("\n") + 1) * LINE + 0.06) for label in rows]
    ax = ax or new_axes(height=max(heights) * len(rows) + 1.0)
    sns.heatmap(
        values,
        cmap=SHADES,
        vmin=0,
        vmax=top or 1.0,
        mask=np.isnan(values),
        cbar=False,
        linewidths=1.2,
        linecolor="white",
        ax=ax,
    )
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = SHADES(0.0 if np.isnan(value) else value / (top or 1.0))
        light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
        color = ON_MAIN if light < DARK else "black"
        place = (column + 0.5, row + 0.5)
        ax.text(*place, texts[row][column], color=color, fontsize=8, ha="center", va="center")
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, rotation=0)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=35, ha="left", fontsize=8)
    return ax
