"""The catalogue of indicators and of their breakdowns, from the two TOML files beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import FALLBACK, LOCALES, Locale


class Entry(BaseModel):
    """What the catalogue holds: nothing else is allowed, and nothing changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_known_languages(words: dict[str, Any]) -> dict[str, Any]:
    if FALLBACK not in words:
        raise ValueError(f"has no words in {FALLBACK!r}, which every other language falls back to")
    if unknown := {*words} - {*LOCALES}:
        raise ValueError(f"has words in {sorted(unknown)}; known are {', '.join(LOCALES)}")
    return words


Texts = Annotated[dict[Locale, str], AfterValidator(_in_known_languages)]
"""The same text by language code."""
Clauses = Annotated[dict[Locale, str | tuple[str, ...]], AfterValidator(_in_known_languages)]
"""A clause by language code: a text, or texts of which the first is said that can be."""
Sentences = Annotated[
    dict[Locale, tuple[str | tuple[str, ...], ...]], AfterValidator(_in_known_languages)
]
"""Clauses in a row by language code."""


class Counted(Entry):
    """How records give an indicator; ``indicators.toml`` says what the conditions may be."""

    each: Literal[
        "project",
        "activity",
        "actor in project",
        "actor in activity",
        "participation in project",
        "participation in activity",
    ]
    where: tuple[str, ...] = ()
    sum: str = ""
    at_most: str = ""
    beside: str = ""

    @property
    def unit(self) -> str:
        """What is counted: a project, an activity, an actor or a participation."""
        return self.each.partition(" in ")[0]

    @property
    def item(self) -> str:
        """The project or activity that it belongs to or is."""
        return self.each.rpartition(" in ")[2]


class Dimension(Entry):
    """Where the category of a breakdown stands, and how its parts make a whole."""

    column: str = ""
    assigned: bool = False
    within: str = ""
    beyond: str = ""
    inside: tuple[str, ...] = ()
    ordered: bool = False


class Indicator(Entry):
    """What one indicator means.

    ``parts`` says what may be done with a breakdown: ``sum`` (the parts make the whole),
    ``overlap`` (they count some units twice and are never summed), ``none`` (a ratio).
    ``base`` names the indicator that a share is a share of, ``part`` the one whose share it is
    where records give it; ``of`` the whole that contains it, ``sum_of`` the indicators it adds
    up. ``counted`` says how records give it. ``lag`` is the number of years until it is known.
    """

    name: str
    unit: Literal["count", "eur", "fraction", "persons"]
    group: Literal["projects", "activities", "actors", "economy"]
    parts: Literal["sum", "overlap", "none"]
    label: Texts
    one: Texts | None = None
    other: Texts | None = None
    definition: Texts
    dimensions: tuple[str, ...] = ()
    counted: Counted | None = None
    part: str = ""
    base: str = ""
    of: str = ""
    sum_of: tuple[str, ...] = ()
    lag: int = 0

    @property
    def is_event(self) -> bool:
        """True of counts of what is new each year: only these vary by chance as events do."""
        how = self.counted
        if how is None or how.sum:
            return False
        return how.each == "activity" or (how.each == "project" and "is_new" in how.where)


def _tables(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _catalogue() -> dict[str, Indicator]:
    found = {name: Indicator(name=name, **own) for name, own in _tables("indicators.toml").items()}
    check_names(found)
    return found


def check_names(entries: Mapping[str, Indicator]) -> None:
    """Refuse entries that name indicators or breakdowns that do not exist."""
    for entry in entries.values():
        for name in filter(None, (entry.part, entry.base, entry.of, *entry.sum_of)):
            if name not in entries:
                raise ParameterError(f"indicator that {entry.name!r} names", name, entries)
        for name in entry.dimensions if entry.counted else ():
            dimension(name)


@cache
def _dimensions() -> dict[str, Dimension]:
    return {name: Dimension(**own) for name, own in _tables("dimensions.toml").items()}


def indicators() -> tuple[str, ...]:
    """Return the names of all indicators, in the order of the catalogue."""
    return tuple(_catalogue())


def indicator(name: str) -> Indicator:
    """Return what an indicator means.

    Raises
    ------
    ParameterError
        If the catalogue has no such indicator; the closest name is offered.

    Examples
    --------
    >>> indicator("project_volume").unit
    'eur'
    """
    try:
        return _catalogue()[name]
    except KeyError:
        raise ParameterError("indicator", name, indicators()) from None


def dimension(name: str) -> Dimension:
    """Return how a breakdown of records is made; unknown ones raise `ParameterError`."""
    try:
        return _dimensions()[name]
    except KeyError:
        raise ParameterError("dimension", name, _dimensions()) from None
