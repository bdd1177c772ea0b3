"""A figure as SVG for a page and as PNG for a document, the same bytes each time."""

from __future__ import annotations

import re
from io import BytesIO, StringIO

from matplotlib.figure import Figure

from ewm_analysis.figures.style import style

NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
DPI = 200
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
    _lay_out(figure)
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


@style()
def figure_png(figure: Figure) -> bytes:
    """Return a figure as PNG with a transparent background, 200 dots an inch.

    Examples
    --------
    >>> from ewm_analysis.figures import new_axes
    >>> figure_png(new_axes(height=1).figure)[1:4]
    b'PNG'
    """
    _lay_out(figure)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def _lay_out(figure: Figure) -> None:
    """Make room for all labels once; matplotlib would anew, drawing twice, for each format."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)
