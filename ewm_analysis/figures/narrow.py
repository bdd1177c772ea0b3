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
from matplotlib.transforms import Transform

from ewm_analysis.figures.labels import NAME, place_labels
from ewm_analysis.figures.style import INK, ON_MAIN, measured_once, style, written_svg
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
BROAD = re.compile("[%mMW+−]")
"""Letters half as broad again."""
LINE, GAP, EDGE = 0.16, 0.12, 0.03
"""Height of a line of text, space between rows and at the edges, in inches."""
PAD = 0.06
"""Between an axis and its labels, in inches."""
MARK = 0.08
"""Half of the height of a mark, in inches."""

HANGING = {"top": (0.0, LINE), "center": (MARK, MARK), "bottom": (LINE, 0.0)}
"""How far a text beside a place reaches above and below it, in inches."""


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
    >>> from ewm_analysis.figures.kinds import Bar, draw_bars
    >>> figure = draw_bars(None, [Bar("Verbund", 17, "17"), Bar("Einzelprojekt", 2, "2")]).figure
    >>> wide, narrow = figure_svg(figure, "a"), narrow_svg(figure, "b")
    >>> 'viewBox="0 0 504 ' in wide, 'viewBox="0 0 226.8 ' in narrow
    (True, True)
    """
    if any(map(_needs_breadth, figure.axes)):
        return ""
    panels = [_Panel(ax, _height(ax)) for ax in figure.axes if ax.has_data()]
    figure.set_dpi(72)  # of SVG, in which texts were measured last
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
        for text in (*ax.texts, ax.xaxis.label):
            text.set_fontsize(max(SMALLEST, text.get_fontsize()))
        ax.xaxis.label.set_text(textwrap.fill(_said(ax.xaxis.label), LETTERS))
        if title := textwrap.fill(_said(_title(ax)), LETTERS):
            ax.set_title(title, loc="left", pad=10, fontsize=SMALLEST)
        if legend := ax.get_legend():
            _restack(ax, legend)
        if not ax.axison:
            _simplify(ax)
            return
        if ax.xaxis.get_visible():
            _thin_out(ax)
        if not ax.yaxis.get_visible():
            self.height += _make_room_between(ax, self.height)
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
        rows = _contents(ax, places, scale)
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

        _turn_out(ax)
        ax.set_yscale("function", functions=(stretched, back))
        ax.set_ylim(high, low)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        for text, label, (start, _) in zip(texts, labels, rows, strict=True):
            look: dict[str, Any] = {"fontweight": label.get_fontweight(), "va": "bottom"}
            if ax.lines:  # which would run through the words
                look["bbox"] = {"facecolor": "white", "pad": 1}
            across = ax.get_yaxis_transform()
            ax.annotate(text, (0, start), (0, 2), across, "offset points", **look)
        self.height = inches[-1]


def _turn_out(ax: Axes) -> None:
    """Write beside a bar what is too broad to stand in it, all that is beside in two lines."""
    texts: Any = _beside(ax)
    inside = [text for text in texts if text.get_color() == ON_MAIN]
    if not inside:
        return
    beside = [text for text in texts if text not in inside]
    for text in beside:
        text.set_text(UNIT.sub("\n", text.get_text()))
    room = (WIDTH - max(map(_breadth, beside), default=0.0) - 2 * PAD) / ax.get_xlim()[1]
    for text in inside:
        if _breadth(text) > room * text.xy[0]:
            text.set(color=INK, ha="left", position=(5, 0))


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


def _thin_out(ax: Axes) -> None:
    """Leave out labels of the axis below that would meet the next ones; the last one stays."""
    ax.tick_params("x", labelsize=SMALLEST)
    low, high = ax.get_xlim()
    kept: list[tuple[float, str]] = []
    labels = {label.get_position()[0]: label for label in ax.get_xticklabels() if _said(label)}
    for place in sorted(labels, reverse=True):
        room = (_breadth(labels[place]) + LETTER) * (high - low) / WIDTH
        if low <= place <= high and (not kept or kept[-1][0] - place >= room):
            kept.append((place, labels[place].get_text()))
    if kept:
        ax.set_xticks(*zip(*kept, strict=True))


UNIT, ANY_UNIT = (re.compile(NBSP + unit) for unit in (f"(?=\\S+{NBSP}€)", "(?=[^\\W\\d]+)"))
"""Between an amount and its unit of two words, or of one."""


def _make_room_between(ax: Axes, height: float) -> float:
    """Write what stands above columns in more lines, or upright where they are too close; return
    the height that this takes above what is drawn, in inches.
    """
    groups = _groups(ax)
    texts: Any = [text for text in _beside(ax) if text not in groups]
    for text in groups:
        text.set_text(textwrap.fill(_said(text), LETTERS // len(groups)))
    for text in texts:
        unit = ANY_UNIT if text.get_color() == ON_MAIN else UNIT  # a column is less broad
        text.set_text(unit.sub("\n", text.get_text(), count=1))
    lines = max(map(_lines, texts), default=1)
    is_upright = max(map(_breadth, texts), default=0.0) > 1.2 * _pitch(ax, texts)
    floating = [text for text in texts if text.get_va() == "center"]
    levels = len({text.xyann[1] for text in floating}) or 1
    for text in texts:
        if text in floating:  # near a line, at one of two heights
            height = 4 + (text.xyann[1] - 8) * lines * (not is_upright)
            text.set(va="bottom", position=(0, height))
        if is_upright:
            text.set(text=_said(text), rotation=90)
    room = max(map(_breadth, texts)) if is_upright else LINE * ((lines - 0.7) * levels - 0.3)
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, bottom + (top - bottom) * (height + room) / height)
    return room


def _pitch(ax: Axes, texts: Sequence[Any]) -> float:
    """Return how close places are that have a text at one height above, in inches."""
    rows: dict[float, set[float]] = {}
    for text in texts:
        rows.setdefault(text.xyann[1], set()).add(float(text.xy[0]))
    low, high = ax.get_xlim()
    gaps = [high - low, *np.concatenate([np.diff(sorted(row)) for row in (*rows.values(), ())])]
    return float(min(gaps)) / (high - low) * WIDTH


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
    lines = text.get_text().split("\n")
    return max(len(line) + 0.5 * len(BROAD.findall(line)) for line in lines) * LETTER


def _lines(text: Text) -> int:
    """Return how many lines a text has; none where it is empty."""
    return text.get_text().count("\n") + 1 if text.get_text() else 0


def _entries(legend: Legend) -> int:
    """Return how many lines a legend has with its title, if it has one."""
    return sum(map(_lines, [*legend.get_texts(), legend.get_title()]))


def _said(text: Text) -> str:
    return text.get_text().replace("\n", " ").strip()


def _contents(ax: Axes, places: Sequence[float], scale: float) -> list[tuple[float, float]]:
    """Return where what is drawn of each row begins and ends; `scale` is inches a row."""
    found = {place: [place] for place in places}
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    drawn = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in bars]
    courses: Any = [line.get_ydata() for line in ax.lines]
    for low, high in ((min(course), max(course)) for course in courses if len(course)):
        if any(low < place < high < low + 1 for place in places):
            drawn.append((low, high))
    mark = 0.01 if bars else MARK / scale  # a heading has no bar
    texts: Any = _beside(ax)
    for text in texts:
        if text.xycoords == "data":
            above, below = HANGING[text.get_va()]
            drawn.append((text.xy[1] - above / scale, text.xy[1] + below / scale))
    for ends in drawn:
        found[min(places, key=lambda place: abs(place - sum(ends) / 2))] += ends
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
        y += 0.04 * bool(legend or _lines(_title(ax)))
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
        _place(panel, 1 - (top + panel.height) / y, panel.height / y)


def _place(panel: _Panel, bottom: float, height: float) -> None:
    """Give axes all of the breadth that texts beside them leave; both in parts of the figure."""
    ax, left, right = panel.ax, EDGE, EDGE
    for _ in range(4):  # what stands within narrower axes stands out further
        ax.set_position((left / WIDTH, bottom, 1 - (left + right) / WIDTH, height))
        left, right = (EDGE + out for out in _beyond(ax))
    back = EDGE - ax.get_position().x0 * WIDTH  # to the edge of the figure
    for text in _beside(ax):
        if _is_label(text):
            text.xyann = (72 * back, text.xyann[1])
    if legend := ax.get_legend():
        start = back / WIDTH / ax.get_position().width
        legend.set_bbox_to_anchor((start, 1), ax.transAxes)
    place_labels(ax)


def _is_label(text: Annotation) -> bool:
    """Tell the label of a row, which stands from edge to edge."""
    return isinstance(text.xycoords, Transform) and not text.xy[0]


START = {"left": 0.0, "center": 0.5, "right": 1.0}
"""Which part of a text stands before its place."""


def _beyond(ax: Axes) -> tuple[float, float]:
    """Return how far texts stand out of axes to the left and to the right, in inches."""
    whole: Any = ax.figure
    dpi, box = whole.dpi, ax.get_window_extent()
    named: dict[Any, Any] = {"data": ax.transData, "axes fraction": ax.transAxes}
    start, end = box.x0 / dpi, box.x1 / dpi
    spans = [(start, end)]
    if ax.axison and ax.yaxis.get_visible():
        spans += [(start - _breadth(text) - PAD, start) for text in ax.get_yticklabels()]

    def add(text: Any, at: float) -> None:
        breadth = LINE if text.get_rotation() else _breadth(text)
        first = at / dpi - START[text.get_ha()] * breadth
        spans.append((first, first + breadth))

    texts: Any = _beside(ax)
    for text in texts:
        if _is_label(text) or text.get_gid() == NAME:
            continue
        to = text.xycoords[0] if isinstance(text.xycoords, tuple) else text.xycoords
        across = named[to] if isinstance(to, str) else to
        is_placed = text.anncoords == "data"  # or else so many points away
        at = across.transform(text.xyann if is_placed else text.xy)[0]
        add(text, at + (0 if is_placed else text.xyann[0] * dpi / 72))
    if ax.axison and ax.xaxis.get_visible():
        for text in ax.get_xticklabels():
            add(text, ax.transData.transform((text.get_position()[0], 0))[0])
    starts, ends = zip(*spans, strict=True)
    return start - min(starts), max(ends) - end
