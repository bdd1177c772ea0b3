"""The look of a figure, and the figure as SVG, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

MAIN = "#1d4e79"
REST = "#a9c6e3"
ACCENT = "#d98a3d"
TRACK = "#e6ebf0"
INK = "#26323d"
ON_MAIN = "#ffffff"

WIDTH = 7.0
"""Width of a figure in inches, the text width of a page."""

# Layout is measured with DejaVu Sans, which matplotlib brings along; Verdana is as wide, and
# what a browser takes for "sans-serif" is narrower, so that no text outgrows its place.
RULES = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.grid": False,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.handlelength": 1.0,
    "legend.handleheight": 1.0,
    "patch.linewidth": 0,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.edgecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "ewm_analysis",
}


@contextmanager
def style() -> Iterator[None]:
    """Apply the house style within a ``with`` block or, as ``@style()``, within a function.

    Examples
    --------
    >>> before = mpl.rcParams["svg.fonttype"]
    >>> with style():
    ...     mpl.rcParams["svg.fonttype"]
    'none'
    >>> mpl.rcParams["svg.fonttype"] == before
    True
    """
    with mpl.rc_context(RULES):  # type: ignore[arg-type]
        yield
        is_interactive = mpl.is_interactive()
    # A notebook's backend, loaded with the first figure, switches it on: later cells need it.
    mpl.interactive(is_interactive)


def new_axes(height: float = 3.0) -> Axes:
    """Return the axes of a new figure that makes room for all its labels.

    Parameters
    ----------
    height : float
        Height in inches; every figure is `WIDTH` wide.

    Examples
    --------
    >>> [float(inches) for inches in new_axes(height=2).figure.get_size_inches()]
    [7.0, 2.0]
    """
    with style():
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return ax


def write_beside(
    ax: Axes, text: str, place: tuple[float, float], offset: tuple[float, float], **look: Any
) -> None:
    """Write a text some points beside a place of the axes, in the middle of its height."""
    ax.annotate(text, place, offset, textcoords="offset points", **{"va": "center", **look})


NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
PATH = re.compile(r'\bd="[^"]+"')
DECIMALS = re.compile(r"(\.\d\d)\d+")
"""A hundredth of a point is finer than any screen; the rest is half of the borders' bytes."""


@style()
def figure_svg(figure: Figure, prefix: str) -> str:
    """Return a figure as an ``<svg>`` element that fills the width of its place.

    Parameters
    ----------
    figure : Figure
        What `plot_*` has drawn; ``ax.figure``.
    prefix : str
        Put before every id, so that figures on one page do not meet: ``fig-1``.

    Examples
    --------
    >>> from ewm_analysis.figures import new_axes
    >>> figure_svg(new_axes(height=1).figure, "fig-1")[:46]
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink'
    """
    engine = figure.get_layout_engine()
    if engine is not None:  # makes room for all labels; matplotlib would draw once more for it
        engine.execute(figure)
        figure.set_layout_engine(None)
    return written_svg(figure, prefix)


def written_svg(figure: Figure, prefix: str) -> str:
    """Return a figure as it is laid out; see `figure_svg`."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", metadata=NO_METADATA)
    drawn = buffer.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    # A style element would reach out to the whole page: the rule moves to the root.
    drawn = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", drawn, flags=re.DOTALL)
    head, end, body = drawn.partition(">")
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    body = PATH.sub(lambda path: DECIMALS.sub(r"\1", path[0]), body)
    head += ' width="100%" style="stroke-linejoin: round; stroke-linecap: butt"'
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", body)
    return head + end + body.rstrip()
