"""A drawing on a page says less than matplotlib writes, and shows the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis import figures
from ewm_analysis.figures import figure_svg
from ewm_analysis.figures.style import short_path, style
from ewm_analysis.notebook import figure

EXAMPLE = Path(__file__).parents[1] / "data" / "example"
STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")

Point = tuple[float, ...]
Look = frozenset[tuple[str, str]]


def ends(data: str) -> list[Point]:
    """Return where the steps of a path end, each once."""
    found: list[Point] = []
    at, start = (0.0, 0.0), (0.0, 0.0)
    for command, given_numbers in STEP.findall(data):
        numbers = [float(number) for number in NUMBER.findall(given_numbers)]
        size = {"q": 4, "c": 6, "h": 1, "v": 1}.get(command.lower(), 2)
        if command in "zZ":
            at = start
        for first in range(0, len(numbers), size):
            x, y = {
                "h": [*numbers[first : first + 1], 0],
                "v": [0, *numbers[first : first + 1]],
            }.get(command, numbers[first : first + size][-2:])
            at = (at[0] + x, at[1] + y) if command.islower() else (x, y)
            start = at if command == "M" else start
            found.append(at)
    return found


def shown(svg: str) -> Iterator[tuple[Look, str, Point]]:
    """Yield how each word and each point of a drawing looks, wherever that is said."""

    def walk(
        element: ElementTree.Element, look: dict[str, str]
    ) -> Iterator[tuple[Look, str, Point]]:
        style = re.sub(r"url\([^)]*\)", "url", element.get("style", ""))
        own = dict(each.split(": ") for each in style.split("; ") if each)
        look = {**look, **own}
        seen = frozenset(look.items())
        kind = element.tag.rpartition("}")[2]
        if kind == "path" and own != {"fill": "none"}:  # nobody sees that
            yield from ((seen, "", place) for place in ends(element.get("d", "")))
        elif kind in ("text", "use"):
            said = [element.get(name, "") for name in ("transform", "x", "y")]
            numbers = NUMBER.findall(" ".join(said))
            is_turned = len(numbers) == 5 and float(numbers[0])
            place = numbers[:3] if is_turned else numbers[-2:]
            yield seen, element.text or "", tuple(map(float, place))
        for child in element:
            yield from walk(child, look)

    root = ElementTree.fromstring(svg)
    font = {"font-size": "9px", "font-family": "'DejaVu Sans', 'Verdana', sans-serif"}
    edges = {"text-anchor": "start", "stroke-linejoin": "round", "stroke-linecap": "butt"}
    yield from (found for child in root for found in walk(child, font | edges))


def alike(found: Iterator[tuple[Look, str, Point]]) -> list[tuple[Look, str, Point]]:
    """Round places to tenths; what does not move is one."""
    tenths = ((look, said, tuple(round(n * 10) for n in at)) for look, said, at in found)
    return [each for each, _ in groupby(tenths)]


@pytest.mark.parametrize(
    "name", ["projects", "guidelines", "district_map", "cross_cluster_links", "economy_courses"]
)
def test_it_shows_what_matplotlib_wrote(name: str) -> None:
    figure(name, EXAMPLE, cluster_id="imk", year=2021)
    drawn = plt.gcf()
    short = figures.figure_svg(drawn, "a")
    with figures.style():
        drawn.savefig(written := io.StringIO(), format="svg")
    plt.close(drawn)
    assert len(short) < 0.6 * len(written.getvalue())
    old, new = (alike(shown(svg)) for svg in (written.getvalue(), short))
    assert len(old) > 20
    assert new == old


@given(st.lists(st.tuples(*[st.floats(-500, 500)] * 2), min_size=2, max_size=30))
def test_a_long_way_does_not_drift(places: list[tuple[float, float]]) -> None:
    data = "M" + "L".join(f" {x:.6f} {y:.6f} " for x, y in places)
    both = [alike((frozenset(), "", at) for at in ends(each)) for each in (data, short_path(data))]
    assert both[0] == both[1]


def test_a_text_that_is_measured_once_stands_where_it_stood() -> None:
    drawn = [
        figure("funders", EXAMPLE, cluster_id="imk", year=2021, locale=locale).figure
        for locale in ("de", "de", "en")
    ]
    svgs = [figure_svg(each, "a") for each in drawn[1:]]
    with style():
        asked_anew = figure_svg.__wrapped__.__wrapped__(drawn[0], "a")  # type: ignore[attr-defined]
    assert svgs[0] == asked_anew != svgs[1]
    plt.close("all")
