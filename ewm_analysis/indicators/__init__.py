"""Indicators: contract tables in, the long table of `IndicatorValues` out."""

from ewm_analysis.indicators.actors import (
    actors_by_district,
    actors_by_size,
    actors_by_state,
    actors_by_type,
    actors_total,
    cross_cluster,
    cross_cluster_links,
    participants,
)
from ewm_analysis.indicators.comparison import (
    by_cluster,
    category_matrix,
    cluster_figures,
    projects_shared,
)
from ewm_analysis.indicators.compute import compute_indicators
from ewm_analysis.indicators.long import select
from ewm_analysis.indicators.projects import (
    activities,
    activities_by_category,
    funding_volume,
    project_volume,
    projects_by_category,
    projects_new,
    projects_rdi,
    projects_running,
)
from ewm_analysis.indicators.published import economy_values, published_values

__all__ = [
    "activities",
    "activities_by_category",
    "actors_by_district",
    "actors_by_size",
    "actors_by_state",
    "actors_by_type",
    "actors_total",
    "by_cluster",
    "category_matrix",
    "cluster_figures",
    "compute_indicators",
    "cross_cluster",
    "cross_cluster_links",
    "economy_values",
    "funding_volume",
    "participants",
    "project_volume",
    "projects_by_category",
    "projects_new",
    "projects_rdi",
    "projects_running",
    "projects_shared",
    "published_values",
    "select",
]
