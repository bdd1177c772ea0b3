"""Indicators: contract tables in, the long table of `IndicatorValues` out."""

from ewm_analysis.indicators.compute import (
    approximations,
    compute_indicators,
    economy_values,
    published_values,
)
from ewm_analysis.indicators.declared import members, things_of
from ewm_analysis.indicators.long import select

__all__ = [
    "approximations",
    "compute_indicators",
    "economy_values",
    "members",
    "published_values",
    "select",
    "things_of",
]
