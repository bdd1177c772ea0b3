"""The synthetic example: a complete data set from a seed, which meets a list of printed figures."""

from typing import Any, TypedDict

__all__ = ["EXAMPLE", "Settings", "write_example"]


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


def __getattr__(name: str) -> Any:
    """Import the generator when it is used: the command line shows the settings without it."""
    if name != "write_example":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ewm_analysis.example.write import write_example

    return write_example
