"""Indicators: contract tables in, the long table of `IndicatorValues` out."""

from ewm_analysis.indicators.compute import (
    approximations,
    compute_indicators,
    economy_values,
    members,
    published_values,
)
from ewm_analysis.indicators.long import select
from ewm_analysis.indicators.things import things_of

__all__ = [name for name, value in [*globals().items()] if callable(value)]
