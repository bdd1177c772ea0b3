"""Tables for readers: rows and words in, raw values and accessible HTML out."""

from ewm_analysis.tables.actors import actors_table
from ewm_analysis.tables.agreement import agreement_table
from ewm_analysis.tables.comparison import comparison_table, ranks_table
from ewm_analysis.tables.contents import contracts_table, definitions_table
from ewm_analysis.tables.corrections import actor_merges_table, corrections_table
from ewm_analysis.tables.coverage import coverage_table, sources_table
from ewm_analysis.tables.economy import economy_table
from ewm_analysis.tables.economy_of_clusters import economy_of_clusters_table
from ewm_analysis.tables.growth import (
    employment_table,
    growth_table,
    trend_table,
    verdicts_table,
)
from ewm_analysis.tables.growth_parts import (
    shift_share_table,
    sizes_table,
    without_largest_table,
)
from ewm_analysis.tables.key_figures import key_figures_table
from ewm_analysis.tables.network import network_table
from ewm_analysis.tables.organisation_rules import (
    criteria_areas_table,
    eligibility_table,
    label_calendar_table,
    programme_table,
    requirements_table,
    service_areas_table,
)
from ewm_analysis.tables.organisations import (
    financing_table,
    organisation_sizes_table,
    organisations_table,
    per_head_table,
)
from ewm_analysis.tables.plausibility import checks_table, contradictions_table
from ewm_analysis.tables.projects import largest_projects_table
from ewm_analysis.tables.table import Table
from ewm_analysis.tables.values import values_table

__all__ = [
    "Table",
    "actor_merges_table",
    "actors_table",
    "agreement_table",
    "checks_table",
    "comparison_table",
    "contracts_table",
    "contradictions_table",
    "corrections_table",
    "coverage_table",
    "criteria_areas_table",
    "definitions_table",
    "economy_of_clusters_table",
    "economy_table",
    "eligibility_table",
    "employment_table",
    "financing_table",
    "growth_table",
    "key_figures_table",
    "label_calendar_table",
    "largest_projects_table",
    "network_table",
    "organisation_sizes_table",
    "organisations_table",
    "per_head_table",
    "programme_table",
    "ranks_table",
    "requirements_table",
    "service_areas_table",
    "shift_share_table",
    "sizes_table",
    "sources_table",
    "trend_table",
    "values_table",
    "verdicts_table",
    "without_largest_table",
]
