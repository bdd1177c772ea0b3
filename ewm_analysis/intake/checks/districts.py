"""The district of a place, where the municipalities name exactly one."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

import pandas as pd

from ewm_analysis.intake.checks.spelling import plain

SHORT = {"a": "an", "d": "der", "o": "oder", "b": "bei", "i": "in", "st": "sankt"}
"""How places are shortened: "Frankfurt a. d. Oder", "Frankfurt/O."."""

LINKS = {"an", "der", "die", "das", "in", "bei", "am", "im"}
"""Words between the parts of a name: "Frankfurt (Oder)" is "Frankfurt an der Oder"."""


def district_of(place: str, municipalities: pd.DataFrame) -> str:
    """Return the key of the district in which a place lies, empty if that is not certain.

    A place must be the whole name of a municipality; only spelling, brackets and "an der" may
    differ. A name that two districts share, or the first half of a name, is not certain.

    Parameters
    ----------
    place : str
        As reported: "Cottbus", "Frankfurt/Oder", "Brandenburg a. d. Havel".
    municipalities : DataFrame
        Contract `Municipalities`.

    Examples
    --------
    >>> towns = pd.DataFrame({"name": ["Frankfurt (Oder)", "Cottbus"],
    ...                       "district_ags": ["12053", "12052"]})
    >>> district_of("Frankfurt a. d. Oder", towns), district_of("FRANKFURT", towns)
    ('12053', '')
    """
    names = zip(municipalities["name"], municipalities["district_ags"], strict=True)
    districts = _by_name(tuple(names)).get(_name(place), set())
    return next(iter(districts)) if len(districts) == 1 else ""


@lru_cache(maxsize=8)
def _by_name(names: tuple[tuple[str, str], ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, district in names:
        found[_name(name)].add(district)
    found.pop("", None)
    return dict(found)


def _name(place: str) -> str:
    words = [SHORT.get(word, word) for word in re.findall(r"[a-z]+", plain(place))]
    return " ".join(word for word in words if word not in LINKS)
