"""What the data set ``data/example`` is made from."""

from __future__ import annotations

from typing import TypedDict


class Settings(TypedDict):
    """What a synthetic data set is made from."""

    seed: int
    clusters: tuple[str, ...]
    first_year: int
    last_year: int
    projects_per_year: int


EXAMPLE: Settings = {
    "seed": 2021,
    "clusters": ("gw", "vml", "imk", "op", "et", "ew", "kc", "me", "to"),
    "first_year": 2018,
    "last_year": 2021,
    "projects_per_year": 35,
}
"""Settings of the data set ``data/example``."""
