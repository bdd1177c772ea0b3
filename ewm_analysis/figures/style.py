"""The look of a figure, and the figure as SVG, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

SHEET = Path(__file__).with_name("ewm.mplstyle")
RULES = mpl.rc_params_from_file(SHEET, use_default_template=False)
"""The house style, a style sheet of matplotlib."""

INK: str = RULES["text.color"]
MAIN = "#1d4e79"
REST = "#a9c6e3"
ACCENT = "#d98a3d"
TRACK = "#e6ebf0"
WHOLE = "#4a78a3"
"""Of a line where `REST` would be too pale: the whole beside its core."""
QUIET = "#77828d"
"""What is there to be compared with: the year before, a common share, a decline."""
ON_MAIN = "#ffffff"

WIDTH = 7.0
"""Width of a figure in inches, the text width of a page."""


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
    if mpl.rcParams["svg.hashsalt"] == RULES["svg.hashsalt"]:  # within another block
        yield
        return
    with mpl.rc_context(RULES):
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
    given = {"textcoords": "offset points", "annotation_clip": False, "va": "center", **look}
    ax.annotate(text, place, offset, **given)


MARKS: WeakKeyDictionary[Any, list[tuple[int, Axes, tuple[float, float]]]] = WeakKeyDictionary()
"""Where each figure shows which of its rows."""


def mark(ax: Axes, row: int | None, place: tuple[float, float]) -> None:
    """Remember where a row of the figure is drawn, in the units of its axes."""
    if row is not None:
        MARKS.setdefault(ax.get_figure(root=True), []).append((row, ax, place))


def marks(figure: Figure) -> list[tuple[int, float, float]]:
    """Return the rows of a figure that is drawn, and where, in points from above on the left.

    Examples
    --------
    >>> ax = new_axes(height=1)
    >>> mark(ax, 7, (0.5, 0.5))
    >>> _ = figure_svg(ax.figure, "fig-1")
    >>> [(row, round(y)) for row, _, y in marks(ax.figure)]
    [(7, 31)]
    """
    height, scale = figure.bbox.height, 72 / figure.dpi
    found = []
    for row, ax, place in MARKS.get(figure, []):
        x, y = ax.transData.transform(place)
        found.append((row, float(x) * scale, float(height - y) * scale))
    return found


NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
FONT = "font-size: 9px; font-family: 'DejaVu Sans', 'Verdana', sans-serif; "
"""Of nearly all texts: said once, at the root."""
LEAN = {
    # A style element would reach out to the whole page: its rule stands at the root.
    r"\s*<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->": "",
    r'transform="translate\(([-\d.]+) ([-\d.]+)\)"': r'x="\1" y="\2"',
    r' transform="rotate\(-0 [^"]*"': "",
    "|".join((*re.findall("[^;]+; ", FONT), "text-anchor: start; ")): "",
    r'<path d="[^"]*"(?: clip-path="[^"]*")? style="fill: none"/>': "",
    r">\s+<": ">\n<",
}
"""What matplotlib writes and a drawing can do without."""
DATA, SEGMENT = re.compile(r'(?<= d=")[^"]+'), re.compile(r"([MLQCz])([^MLQCz]*)")
PLACE = re.compile(r'(?<= )(?:(?:x|y|width|height)="|transform="rotate\()[^)"]*')
NUMBER = re.compile(r"\d+\.\d+")
GROUP = re.compile(r"\s*<(/?)g( [^>]*)?>")
LOOK = re.compile(r' style="[^"]*"')
REFERENCE = re.compile(r'(\bid="|href="#|url\(#)(\w+)')
TENTH = {n: f"{n / 10:g}".replace("0.", ".") for n in range(-9, 10)}
AREAS = re.compile(
    r'<path d="[^"]+"((?: clip-path="[^"]+")? style="fill: #\w+"/>)(?:\s<path d="[^"]+"\1)+'
)
"""Areas without an outline that follow each other in one colour."""


MEASURED: dict[object, Any] = {}
MOST_MEASURED = 5000


@contextmanager
def measured_once() -> Iterator[None]:
    """Within it each text is measured once: layout and drawing ask for it some six times.

    How large a text is depends on itself, its look, and what draws it; on no place.
    """
    artist: Any = Text
    measure = artist._get_layout
    if len(MEASURED) > MOST_MEASURED:
        MEASURED.clear()

    def remembered(text: Any, renderer: Any) -> Any:
        if text.get_wrap():
            return measure(text, renderer)
        key = (
            *(type(renderer), text.get_figure(root=True).dpi, text.get_text()),
            *(hash(text.get_fontproperties()), text.get_rotation(), text.get_rotation_mode()),
            *(text.get_ha(), text.get_va(), text._multialignment, text._linespacing),
        )
        if key not in MEASURED:
            MEASURED[key] = measure(text, renderer)
        return MEASURED[key]

    artist._get_layout = remembered
    try:
        yield
    finally:
        artist._get_layout = measure


@style()
@measured_once()
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
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata=NO_METADATA)
    drawn = buffer.getvalue()
    head, end, body = drawn[drawn.index("<svg") :].partition(">")
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    head += f' width="100%" style="{FONT}stroke-linejoin: round; stroke-linecap: butt"'
    body = _ungrouped(body)
    for pattern, short in LEAN.items():
        body = re.sub(pattern, short, body, flags=re.DOTALL)
    body = PLACE.sub(lambda place: NUMBER.sub(_tenths, place[0]), body)
    body = DATA.sub(lambda data: short_path(data[0]), body)
    body = AREAS.sub(lambda run: f'<path d="{"".join(DATA.findall(run[0]))}"{run[1]}', body)
    body = "\n".join(_shared(body.strip().split("\n")))
    names: dict[str, str] = {}
    body = REFERENCE.sub(
        lambda name: f"{name[1]}{prefix}-{names.setdefault(name[2], str(len(names)))}", body
    )
    return f"{head}{end}\n{body}"


def _tenths(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 1):g}"


def _ungrouped(body: str) -> str:
    """Return a drawing without groups that do nothing but bear a name."""
    kept: list[str] = []

    def tag(found: re.Match[str]) -> str:
        is_end, given = found.groups()
        if is_end:
            return found[0] if kept.pop() else ""
        does = re.sub(r' id="[^"]*"', "", given or "")
        if does != "/":
            kept.append(does)
        return f"\n<g{does}>" if does.strip("/") else ""

    return GROUP.sub(tag, body)


def _shared(lines: Sequence[str]) -> Iterator[str]:
    """Say the look of elements that follow each other once, at a group."""

    def look(line: str) -> str:
        found = LOOK.search(line)
        return found[0] if found and "opacity" not in found[0] else ""  # of a group it is another

    for said, alike in groupby(lines, look):
        run = list(alike)
        if said and len(run) > 1:
            run = [f"<g{said}>", *(line.replace(said, "", 1) for line in run), "</g>"]
        yield from run


def short_path(data: str) -> str:
    """Return the data of a path in tenths of a point, each step told from the one before.

    A tenth of a point is finer than any screen. What does not move is left out.

    Examples
    --------
    >>> short_path("M 10 20.04 L 30.26 20 L 30.26 20.01 L 30.26 9.5 L 10 9.5 z")
    'M10 20h20.3v-10.5h-20.3z'
    >>> short_path("M 0 0 Q 1 2 3.25 4 L 4 4.5")
    'M0 0q1 2 3.2 4l.8 .5'
    """
    told, x, y, before = "", 0, 0, ""
    start = 0, 0
    for letter, given in SEGMENT.findall(data):
        to = [round(float(number) * 10) for number in given.split()]
        steps = [n - (y if place % 2 else x) for place, n in enumerate(to)]
        x, y = to[-2:] or start
        command = letter.lower()
        if letter == "M":
            command, steps, start = letter, to, (x, y)
        elif letter == "L":
            if not any(steps) and before != "M":
                continue
            command = "l" if all(steps) else "v" if steps[1] else "h"
            steps = [step for step in steps if step] or [0]
        numbers = " ".join(f"{n / 10:g}" if abs(n) > 9 else TENTH[n] for n in steps)
        told += (" " if command == before else command) + numbers
        before = command
    return told.replace(" -", "-")
