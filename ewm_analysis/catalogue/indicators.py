"""The catalogue of indicators, from ``indicators.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import Locale


class Bilingual(BaseModel):
    """The same text in German and English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    de: str
    en: str

    def in_(self, locale: Locale) -> str:
        """Return the text in one language."""
        return self.de if locale == "de" else self.en


class Indicator(BaseModel):
    """What one indicator means.

    ``parts`` says what may be done with a breakdown: ``sum`` (the parts make the whole),
    ``overlap`` (they count some units twice and are never summed), ``none`` (a ratio).
    ``base`` names the indicator that a share is a share of, ``of`` the whole that contains it,
    ``sum_of`` the indicators it adds up. ``lag`` is the number of years until it is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: Literal["count", "eur", "fraction", "persons"]
    group: Literal["projects", "activities", "actors", "economy"]
    parts: Literal["sum", "overlap", "none"]
    label: Bilingual
    one: Bilingual | None = None
    other: Bilingual | None = None
    definition: Bilingual
    dimensions: tuple[str, ...] = ()
    base: str = ""
    of: str = ""
    sum_of: tuple[str, ...] = ()
    lag: int = 0


@cache
def _catalogue() -> dict[str, Indicator]:
    tree = tomllib.loads(files(__package__).joinpath("indicators.toml").read_text("utf-8"))
    return {name: Indicator(name=name, **entry) for name, entry in tree.items()}


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
