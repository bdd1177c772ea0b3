"""A line as small as a word: how a figure moved over the years."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

WIDTH, HEIGHT, MARGIN = 84, 24, 3


def sparkline(values: Mapping[int, float], sentence: str) -> str:
    """Return an ``<svg>`` with a line from zero upward; a year without a value breaks it.

    Parameters
    ----------
    values : mapping of int to float
        The known values by year, none of them negative.
    sentence : str
        What the line says, for those who cannot see it.

    Examples
    --------
    >>> sparkline({2019: 0, 2020: 4, 2021: 2}, "0, 4, 2").count("<circle")
    1
    """
    years = range(min(values), max(values) + 1)
    top, steps = max(values.values()) or 1, max(len(years) - 1, 1)
    at = {
        year: (
            MARGIN + (year - years[0]) * (WIDTH - 2 * MARGIN) / steps,
            HEIGHT - MARGIN - value * (HEIGHT - 2 * MARGIN) / top,
        )
        for year, value in values.items()
    }
    path = ""
    for year in years:
        if year in at:
            pen = "L" if year - 1 in at else "M"
            path += f"{pen}{at[year][0]:.1f} {at[year][1]:.1f}"
    x, y = at[max(at)]
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(sentence)}"><path d="{path}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/></svg>'
    )
