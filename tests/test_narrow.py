"""On a phone a figure is drawn anew: the same numbers, nothing smaller than can be read."""

from __future__ import annotations

import re

import pytest
from exported_pages import EXAMPLE, REPORT, Pages

WIDE = [f"{EXAMPLE}/2021/imk/{REPORT}/de", "20_growth/first/en", "30_comparison/last/de"]
PICTURE = re.compile(r'<div class="ewm-picture".*?</svg></div>', re.DOTALL)
DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)
BROAD = range(5, 9)
"""Profiles of guidelines and of topics, who takes part in whose projects, and the network."""
NUMBER = re.compile(r"\d[\d.,]*")

pytestmark = pytest.mark.xdist_group("pages")


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
        numbers = [sorted(NUMBER.findall(each)) for each in told]
        assert numbers[0] == numbers[1]


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
