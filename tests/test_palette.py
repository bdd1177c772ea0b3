"""The colours of the figures can be told apart in grey print and by colour-blind readers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ewm_analysis.figures.style import ACCENT, INK, MAIN, ON_MAIN, REST, TRACK

FILLS = {"main": MAIN, "rest": REST, "accent": ACCENT, "track": TRACK}

# Machado, Oliveira & Fernandes (2009), IEEE TVCG 15(6): complete loss of one kind of cone
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color: str) -> np.ndarray:
    """Return red, green and blue as amounts of light, 0 to 1 (IEC 61966-2-1)."""
    shown = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def lightness(light: np.ndarray) -> float:
    """Return CIE L*, 0 black to 100 white."""
    luminance = float(light @ [0.2126, 0.7152, 0.0722])
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def lab(light: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* under D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ light.clip(0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(first: str, second: str) -> float:
    """Return the contrast of WCAG 2.1."""
    lights = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (first, second))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize(("first", "second"), [*combinations(FILLS, 2)])
def test_fills_differ_in_grey_print(first: str, second: str) -> None:
    one, two = (lightness(linear(FILLS[name])) for name in (first, second))
    assert abs(one - two) >= 10


@pytest.mark.parametrize("kind", [*BLINDNESS])
@pytest.mark.parametrize(("first", "second"), [*combinations(FILLS, 2)])
def test_fills_differ_for_the_colour_blind(kind: str, first: str, second: str) -> None:
    seen = [lab(np.array(BLINDNESS[kind]) @ linear(FILLS[name])) for name in (first, second)]
    assert np.linalg.norm(seen[0] - seen[1]) >= 15


@pytest.mark.parametrize(
    ("text", "ground"),
    [(INK, "#ffffff"), (INK, REST), (INK, TRACK), (INK, ACCENT), (ON_MAIN, MAIN)],
)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5
