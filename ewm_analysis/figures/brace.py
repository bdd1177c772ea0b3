"""A brace beside rows that belong together, with what it sums up at its tip."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ewm_analysis.figures.style import INK

LEFT, SPINE, TIP = 1.0, 1.012, 1.026
"""Where the brace begins, runs and points, in widths of the axes."""
BEND = 0.25
"""Height of its curves, in rows."""


def draw_brace(ax: Axes, top: float, bottom: float, text: str, note: str) -> None:
    """Draw a brace right of the axes from row `top` to row `bottom`, its text above its note."""
    middle = (top + bottom) / 2
    bend = min(BEND, (bottom - top) / 4)
    corners = [
        (LEFT, top),
        (SPINE, top),
        (SPINE, top + bend),
        (SPINE, middle - bend),
        (SPINE, middle),
        (TIP, middle),
        (SPINE, middle),
        (SPINE, middle + bend),
        (SPINE, bottom - bend),
        (SPINE, bottom),
        (LEFT, bottom),
    ]
    half = [Path.CURVE3, Path.CURVE3, Path.LINETO, Path.CURVE3, Path.CURVE3]
    across = ax.get_yaxis_transform()
    path = Path(corners, [Path.MOVETO, *half, *half])
    ax.add_patch(
        PathPatch(path, fill=False, edgecolor=INK, linewidth=0.8, clip_on=False, transform=across)
    )
    for line, drop, size, side in ((text, 0, None, "bottom"), (note, -3, 7.5, "top")):
        ax.annotate(
            line,
            (TIP, middle),
            (5, drop),
            xycoords=across,
            textcoords="offset points",
            va=side,
            fontsize=size,
        )
