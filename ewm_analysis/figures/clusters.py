"""What figures across clusters share: enough clusters, labels that keep apart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from ewm_analysis.errors import FewClustersError
from ewm_analysis.figures.style import INK

PLACES = (
    (7, 0, "left", "center"), (-7, 0, "right", "center"), (0, 7, "center", "bottom"),
    (0, -7, "center", "top"), (6, 6, "left", "bottom"), (6, -6, "left", "top"),
    (-6, 6, "right", "bottom"), (-6, -6, "right", "top"), (16, 12, "left", "bottom"),
    (16, -12, "left", "top"), (-16, 12, "right", "bottom"), (-16, -12, "right", "top"),
    (0, 18, "center", "bottom"), (0, -18, "center", "top"),
)  # fmt: skip
"""Where a label may stand beside its point, best first: offset in points, alignment."""


def enough(values: pd.Series) -> pd.Series:
    """Return the values of at least two clusters.

    Raises
    ------
    FewClustersError
        If there are fewer.
    """
    if len(values) < 2:
        raise FewClustersError("Fewer than two clusters have this figure.")
    return values


def label_points(
    ax: Axes,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    avoid: Sequence[tuple[float, float]] = (),
) -> None:
    """Write a label beside each point where it meets neither points nor labels before it.

    Parameters
    ----------
    ax : Axes
        Where the points are drawn.
    points : sequence of tuple of float
        Their places in data units.
    texts : sequence of str
        Their labels.
    avoid : sequence of tuple of float
        Places of other things, lines above all, that labels had better not cover.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    figure.draw_without_rendering()  # the layout must stand before text is measured
    frame = ax.get_window_extent()
    taken = [_around(ax, point, 5) for point in points]
    lines = [_around(ax, point, 2) for point in avoid]
    for own, (point, text) in enumerate(zip(points, texts, strict=True)):
        best: tuple[float, Annotation | None, Bbox | None] = (float("inf"), None, None)
        for x, y, horizontal, vertical in PLACES:
            label = ax.annotate(
                text, point, (x, y), textcoords="offset points", fontsize=8, color=INK,
                ha=horizontal, va=vertical,
            )  # fmt: skip
            box = label.get_window_extent()
            others = [*taken[:own], *taken[own + 1 :], *lines]
            cost = sum(_shared(box, other) for other in others) + _outside(box, frame)
            if cost < best[0]:
                if best[1] is not None:
                    best[1].remove()
                best = (cost, label, box)
            else:
                label.remove()
            if cost == 0:
                break
        if best[2] is not None:
            taken.append(best[2])


def _around(ax: Axes, point: tuple[float, float], radius: float) -> Bbox:
    x, y = ax.transData.transform(point)
    return Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)


def _shared(box: Bbox, other: Bbox) -> float:
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    return width * height if width > 0 and height > 0 else 0.0


def _outside(box: Bbox, frame: Bbox) -> float:
    return box.width * box.height - _shared(box, frame)
