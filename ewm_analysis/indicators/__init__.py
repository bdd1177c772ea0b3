"""Indicators: contract tables in, the long table of `IndicatorValues` out."""

from ewm_analysis.indicators.comparison import (
    by_cluster,
    category_matrix,
    cluster_figures,
    projects_shared,
)
from ewm_analysis.indicators.compute import compute_indicators, economy_values, published_values
from ewm_analysis.indicators.declared import members, participants, things_of
from ewm_analysis.indicators.long import select

__all__ = [
    "by_cluster",
    "category_matrix",
    "cluster_figures",
    "compute_indicators",
    "economy_values",
    "members",
    "participants",
    "projects_shared",
    "published_values",
    "select",
    "things_of",
]
