"""On a phone a figure is drawn anew: the same numbers, nothing smaller than can be read."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from exported_pages import EXAMPLE, REPORT, ROOT, Pages

from ewm_analysis import figures
from ewm_analysis.figures.narrow import narrow_svg
from ewm_analysis.figures.style import figure_svg
from ewm_analysis.notebook.page import open_page
from ewm_analysis.notebook.parts import rows_of

WIDE = [f"{EXAMPLE}/2021/imk/{REPORT}/de", "20_growth/first/en", "30_comparison/last/de"]
WIDE += ["40_organisations/first/de", "50_economy/first/en", "60_regions/first/de"]
PICTURE = re.compile(r'<div class="ewm-picture".*?</svg></div>', re.DOTALL)
DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)
BROAD = range(5, 9)
"""Profiles of guidelines and of topics, who takes part in whose projects, and the network."""
NUMBER, YEAR = re.compile(r"\d[\d.,]*"), re.compile(r"20\d\d")


def drawings(html: str) -> list[tuple[str, str]]:
    """The wide and the narrow drawing of each figure."""
    pairs = [DRAWING.findall(picture) for picture in PICTURE.findall(html)]
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]


@pytest.mark.parametrize("name", WIDE)
def test_only_matrices_and_networks_keep_their_breadth(pages: Pages, name: str) -> None:
    html = pages.html(name)
    numbers = re.findall(r'<figure class="ewm-figure" id="figure-(\d+)"', html)
    drawn = map(len, map(DRAWING.findall, PICTURE.findall(html)))
    found = dict(zip(map(int, numbers), drawn, strict=True))
    assert found
    assert [each for each in found if found[each] == 1] == [
        each for each in found if name.startswith("30") and each in BROAD
    ]


@pytest.mark.parametrize("name", WIDE)
def test_both_drawings_tell_the_same_numbers(pages: Pages, name: str) -> None:
    html = pages.html(name)
    found = drawings(html)
    assert found
    for wide, narrow in found:
        told = [" ".join(TEXT.findall(each)) for each in (wide, narrow)]
        known, shown = (Counter(NUMBER.findall(each)) for each in told)
        assert not shown - known
        assert [each for each in known - shown if not YEAR.fullmatch(each)] == []  # of an axis


@pytest.mark.parametrize("name", WIDE)
def test_no_text_lies_outside_of_the_drawing(pages: Pages, name: str) -> None:
    for _, narrow in drawings(pages.html(name)):
        height = float(re.findall(r'viewBox="0 0 [\d.]+ ([\d.]+)', narrow)[0])
        places = [float(y) for y in re.findall(r'<text[^>]* y="([-\d.]+)"', narrow)]
        assert places
        assert min(places) >= 0
        assert max(places) <= height


@pytest.mark.parametrize("name", WIDE)
def test_a_phone_shows_texts_of_eleven_pixels(pages: Pages, name: str) -> None:
    for _, narrow in drawings(pages.html(name)):
        width = float(re.findall(r'viewBox="0 0 ([\d.]+)', narrow)[0])
        sizes = {float(size) for size in re.findall(r"font-size: ([\d.]+)px", narrow)}
        assert 280 / width * min(sizes) > 9.8  # 11 at 375 pixels
        assert 343 / width * min(sizes) >= 11


def test_what_is_drawn_stays_below_the_texts_above_it() -> None:
    """Texts that need more room raise a panel; they do not press it together."""
    data_dir = str(ROOT / "data" / "capital-region")
    page = open_page("economy", data_dir=data_dir, cluster_id="imk")
    rows = rows_of(page, figures.entry("economy_courses"))
    figure = figures.plot("economy_courses", rows, page.words).get_figure(root=True)
    figure_svg(figure, "a")
    narrow_svg(figure, "b")
    for ax in figure.axes:
        top = max(np.nanmax(line.get_ydata()) for line in ax.lines if line.get_marker() == "o")
        low, high = ax.get_ylim()
        assert low <= top < high
        assert ax.get_window_extent().height > 50  # points
        years = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert all(a.x1 < b.x0 for a, b in pairwise(sorted(years, key=lambda box: box.x0)))
