"""Labels beside points: each where it least covers points, lines and the labels before it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from ewm_analysis.figures.style import INK

PLACES = (
    *((7, 0), (-7, 0), (0, 7), (0, -7)),
    *product((6, -6), (6, -6)),
    *product((16, -16), (12, -12)),
    *((0, 18), (0, -18)),
)
"""Where a label may stand beside its point, in points, best first."""
ACROSS = {1: "left", 0: "center", -1: "right"}
UPRIGHT = {1: "bottom", 0: "center", -1: "top"}
"""How a text is aligned that stands to the right of its point or above, beside, or opposite."""
COVERED = 0.2
"""Weight of what is covered of a line, against that of a point or label."""
NAME = "point"
"""Of a label that may be moved around its point."""


def label_points(ax: Axes, points: np.ndarray, texts: Sequence[str]) -> None:
    """Write a label beside each point of axes that are drawn."""
    # the layout must stand before text is measured
    ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    look: dict[str, Any] = {"fontsize": 8, "color": INK, "gid": NAME}
    for point, text in zip(points, texts, strict=True):
        ax.annotate(text, tuple(point), (0, 0), textcoords="offset points", **look)
    place_labels(ax)


def place_labels(ax: Axes) -> None:
    """Move each label of a point to where it covers least."""
    labels: Any = [text for text in ax.texts if text.get_gid() == NAME]
    if not labels:
        return
    points = _around(ax.transData.transform([label.xy for label in labels]), 7)
    lines = [_course(line) for line in ax.lines if len(line.get_path()) > 1]
    crossed = _around(np.vstack(lines), 2)
    frame, boxes = np.array([ax.get_window_extent().extents]), np.zeros((len(labels), 4))
    for own, label in [*enumerate(labels)] * 2:  # once more, when all have a place
        others = np.delete(np.hstack([points, boxes]), own, axis=0).reshape(-1, 4)
        _put(label, min(PLACES, key=partial(_cost, label, frame, others, crossed)))
        boxes[own] = label.get_window_extent().extents


def _cost(label: Annotation, frame: Any, others: Any, lines: Any, place: tuple[int, int]) -> float:
    """Return what a label would cover, and how much of it would stand outside the frame; a line
    may rather be covered.
    """
    _put(label, place)
    box = label.get_window_extent()
    outside = box.width * box.height - _shared(box, frame)
    return _shared(box, others) + outside + COVERED * _shared(box, lines)


def _put(label: Annotation, place: tuple[int, int]) -> None:
    across, upright = np.sign(place)
    label.set(position=place, ha=ACROSS[across], va=UPRIGHT[upright])


def _course(line: Line2D) -> Any:
    """Return the places of a line, close to each other."""
    path: Any = line.get_path()
    return line.get_transform().transform(path.interpolated(200 // len(path) + 1).vertices)


def _around(spots: np.ndarray, radius: float) -> Any:
    return np.hstack([spots - radius, spots + radius])


def _shared(box: Bbox, others: np.ndarray) -> float:
    """Return the area that a box has in common with others, each x0, y0, x1, y1."""
    sides = np.minimum(box.max, others[:, 2:]) - np.maximum(box.min, others[:, :2])
    return float(sides.clip(0).prod(axis=1).sum())
