"""A drawing laid out anew for a phone: labels above rows, legend stacked, panels in one column.

The artists stay what they are; only their places change, so that it costs little more than writing
them once more.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Annotation, Text

from ewm_analysis.figures.style import measured_once, style, written_svg
from ewm_analysis.l10n import NBSP

WIDTH = 3.15
"""In inches: as wide as the smallest phones, where `SMALLEST` is then 11 pixels high."""
SMALLEST = 9.0
"""Size of the smallest text, in points."""
LETTERS = 39
"""That fit into a line of this size."""
SIGN = 3
"""Letters that the sign before an entry of a legend takes the place of."""
LETTER = 0.62 * SMALLEST / 72
"""Width of a letter in inches."""
LINE, GAP, EDGE = 0.16, 0.12, 0.03
"""Height of a line of text, space between rows and at the edges, in inches."""
MARK = 0.08
"""Half of the height of a mark, in inches."""


@style()
@measured_once()
def narrow_svg(figure: Figure, prefix: str) -> str:
    """Return a drawn figure as a narrow ``<svg>``, or an empty text where all of its breadth is
    needed (a matrix, a network); the figure itself is changed.

    Parameters
    ----------
    figure : Figure
        What `figure_svg` has written: laid out, with its labels in place.
    prefix : str
        Put before every id, as for `figure_svg`.

    Examples
    --------
    >>> from ewm_analysis.figures import figure_svg
    >>> from ewm_analysis.figures.bars import Bar, draw_bars
    >>> figure = draw_bars(None, [Bar("Verbund", 17, "17"), Bar("Einzelprojekt", 2, "2")]).figure
    >>> wide, narrow = figure_svg(figure, "a"), narrow_svg(figure, "b")
    >>> 'viewBox="0 0 504 ' in wide, 'viewBox="0 0 226.8 ' in narrow
    (True, True)
    """
    if any(map(_needs_breadth, figure.axes)):
        return ""
    panels = [_Panel(ax, _height(ax)) for ax in figure.axes if ax.has_data()]
    figure.set_size_inches(WIDTH, sum(panel.height for panel in panels))
    for panel in panels:
        panel.turn()
    _stack(figure, panels)
    return written_svg(figure, prefix)


def _needs_breadth(ax: Axes) -> bool:
    """Tell a matrix, whose columns have names, or lines between named places without an axis."""
    is_network = not ax.axison and bool(ax.lines)
    return is_network or any(isinstance(each, QuadMesh) for each in ax.collections)


def _height(ax: Axes) -> float:
    """Return the height of axes in inches; those of one scale in both directions shrink."""
    whole: Any = ax.figure
    size: Any = ax.get_window_extent().size / whole.dpi
    return float(size[1] * (1.0 if ax.get_aspect() == "auto" else WIDTH / size[0]))


@dataclass
class _Panel:
    """Axes and how high they are, in inches."""

    ax: Axes
    height: float

    def turn(self) -> None:
        """Give the axes the form that suits a narrow page."""
        ax = self.ax
        for text in (*ax.texts, _title(ax), ax.xaxis.label):
            text.set_fontsize(max(SMALLEST, text.get_fontsize()))
        for text in (_title(ax), ax.xaxis.label):
            text.set_text(textwrap.fill(_said(text), LETTERS))
        if legend := ax.get_legend():
            _restack(ax, legend)
        if not ax.axison:
            _simplify(ax)
            return
        if ax.xaxis.get_visible():
            ax.tick_params("x", labelsize=SMALLEST)
        if not ax.yaxis.get_visible():
            _make_room_between(ax, self.height)
        elif ax.yaxis_inverted():  # rows have their first on top
            self._labels_above()
        else:
            ax.tick_params("y", labelsize=SMALLEST)

    def _labels_above(self) -> None:
        """Stretch the gaps between rows and write the labels into them."""
        ax = self.ax
        labels = [label for label in ax.get_yticklabels() if _said(label)]
        places = [float(label.get_position()[1]) for label in labels]
        low, high = sorted(ax.get_ylim())
        scale = self.height / (high - low)
        rows = _contents(ax, places, MARK / scale)
        texts = [textwrap.fill(_said(label), LETTERS) for label in labels]
        knots, inches = [low], [0.0]
        for text, (start, end) in zip(texts, rows, strict=True):
            room = LINE * (text.count("\n") + 1) + (GAP if len(knots) > 1 else 0)
            knots += [start, end]
            inches += [inches[-1] + room, inches[-1] + room + (end - start) * scale]
        knots, inches = [*knots, high + 1e-6], [*inches, inches[-1] + EDGE]

        def stretched(at: Any) -> Any:
            return np.interp(at, knots, inches)

        def back(at: Any) -> Any:
            return np.interp(at, inches, knots)

        ax.set_yscale("function", functions=(stretched, back))
        ax.set_ylim(high, low)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        for text, label, (start, _) in zip(texts, labels, rows, strict=True):
            look: dict[str, Any] = {"fontweight": label.get_fontweight(), "va": "bottom"}
            across = ax.get_yaxis_transform()
            ax.annotate(text, (0, start), (0, 2), across, "offset points", **look)
        self.height = inches[-1]


def _simplify(ax: Axes) -> None:
    """Leave of the labels of a map their numbers, the table of values has the names; of its
    borders every second point.
    """
    patches: Any = ax.patches
    for patch in patches:
        path = patch.get_path()
        if path.codes is not None:
            kept = (path.codes != Path.LINETO) | (np.arange(len(path.codes)) % 2 == 0)
            patch.set_path(Path(path.vertices[kept], path.codes[kept]))
    for text in ax.texts:
        if str(text.get_gid()).startswith("label-"):
            text.set_text(text.get_text().rpartition("\n")[2])


UNIT = re.compile(f"{NBSP}(?=\\S+{NBSP}€)")
"""Between an amount and its unit of two words."""


def _make_room_between(ax: Axes, height: float) -> None:
    """Write what stands above columns in more lines, or upright where they are too close."""
    groups = _groups(ax)
    texts = [text for text in _beside(ax) if text not in groups]
    for text in groups:
        text.set_text(textwrap.fill(_said(text), LETTERS // len(groups)))
    places = sorted({float(text.xy[0]) for text in texts})
    low, high = ax.get_xlim()
    pitch = min(np.diff(places), default=high - low) / (high - low) * WIDTH
    for text in texts:
        text.set_text(UNIT.sub("\n", text.get_text()))
    room = LINE * max((_lines(text) - 1 for text in texts), default=0)
    if max(map(_breadth, texts), default=0.0) > 1.2 * pitch:
        for text in texts:
            text.set(text=_said(text), rotation=90)
        room = max(map(_breadth, texts))
    ax.set_ylim(ax.get_ylim()[0], ax.get_ylim()[1] * height / (height - room))


def _groups(ax: Axes) -> list[Annotation]:
    """Return the labels of groups of columns: they hang below the axis, not at a value."""
    if ax.yaxis.get_visible():
        return []
    return [text for text in _beside(ax) if not isinstance(text.xycoords, str)]


def _beside(ax: Axes) -> list[Annotation]:
    """Return the texts that stand beside a place."""
    return [text for text in ax.texts if isinstance(text, Annotation) and text.get_text()]


def _title(ax: Axes) -> Any:
    return ax._left_title  # type: ignore[attr-defined]


def _breadth(text: Text) -> float:
    """Return about how broad a text is, in inches; to measure it takes as long as to write it."""
    return max(len(line) for line in text.get_text().split("\n")) * LETTER


def _lines(text: Text) -> int:
    """Return how many lines a text has; none where it is empty."""
    return text.get_text().count("\n") + 1 if text.get_text() else 0


def _entries(legend: Legend) -> int:
    """Return how many lines a legend has with its title, if it has one."""
    return sum(map(_lines, [*legend.get_texts(), legend.get_title()]))


def _said(text: Text) -> str:
    return text.get_text().replace("\n", " ").strip()


def _contents(ax: Axes, places: Sequence[float], mark: float) -> list[tuple[float, float]]:
    """Return where what is drawn of each row begins and ends."""
    found = {place: [place] for place in places}
    for bar in ax.patches:
        if isinstance(bar, Rectangle):
            ends = [bar.get_y(), bar.get_y() + bar.get_height()]
            found[min(places, key=lambda place: abs(place - sum(ends) / 2))] += ends
    if any(len(ends) > 1 for ends in found.values()):
        mark = 0.01  # a heading has no bar
    return [(min(ends) - mark, max(ends) + mark) for ends in found.values()]


def _restack(ax: Axes, legend: Legend) -> None:
    """Write a legend anew above the axes, an entry a line."""
    handles = legend.legend_handles
    labels = [textwrap.fill(_said(text), LETTERS - SIGN) for text in legend.get_texts()]
    title = _said(legend.get_title())
    ax.legend(
        handles=handles,
        labels=labels,
        title=title or None,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.8,
        borderpad=0,
        alignment="left",
    )


def _stack(figure: Figure, panels: Sequence[_Panel]) -> None:
    """Put panels one below the other, each with the room that its labels need."""
    tops, y = [], EDGE + LINE * len(figure.legends)
    for panel in panels:
        ax = panel.ax
        legend = ax.get_legend()
        y += (LINE + 0.05) * (_entries(legend) if legend else _lines(_title(ax)))
        y += 0.04 * bool(legend)
        tops.append(y)
        has_axis = ax.axison and ax.xaxis.get_visible()
        below = _lines(ax.xaxis.label) + max((_lines(each) + 1 for each in _groups(ax)), default=0)
        y += panel.height + has_axis * (0.22 + LINE * below) + EDGE
        y += GAP * (len(panels) > 1)
    note = figure._supxlabel  # type: ignore[attr-defined]
    if note is not None:
        note.set(text=textwrap.fill(_said(note), LETTERS), fontsize=SMALLEST)
        y += LINE * _lines(note)
    figure.set_size_inches(WIDTH, y)
    for panel, top in zip(panels, tops, strict=True):
        place = EDGE / WIDTH, 1 - (top + panel.height) / y
        left = _before(panel.ax) / WIDTH + place[0]
        ax, place = panel.ax, (left, place[1])
        ax.set_position((*place, 1 - left - EDGE / WIDTH, panel.height / y))
        ax.set_position((*place, 1 - left - (EDGE + _beyond(ax)) / WIDTH, panel.height / y))


def _before(ax: Axes) -> float:
    """Return the room that an axis of values needs on the left, in inches."""
    if not (ax.axison and ax.yaxis.get_visible()):
        return 0.0
    return max((_breadth(text) for text in ax.get_yticklabels()), default=0.0)


def _beyond(ax: Axes) -> float:
    """Return how far texts beside their places stand out of axes to the right, in inches."""
    whole: Any = ax.figure
    end, dpi = ax.get_window_extent().x1, whole.dpi
    named: dict[Any, Any] = {"data": ax.transData, "axes fraction": ax.transAxes}
    beyond = 0.0
    texts: Any = _beside(ax)
    for text in texts:
        to = text.xycoords[0] if isinstance(text.xycoords, tuple) else text.xycoords
        is_label = not isinstance(to, str) and not text.xy[0]  # of a row, from edge to edge
        if text.get_ha() == "left" and not text.get_rotation() and not is_label:
            across = named[to] if isinstance(to, str) else to
            is_placed = text.anncoords == "data"  # or else so many points away
            start = across.transform(text.xyann if is_placed else text.xy)[0]
            start += 0 if is_placed else text.xyann[0] * dpi / 72
            beyond = max(beyond, (start - end) / dpi + _breadth(text))
    return beyond
