"""Tables for readers: rows and words in, raw values and accessible HTML out."""

from ewm_analysis.tables.actors import actors_table
from ewm_analysis.tables.agreement import agreement_table
from ewm_analysis.tables.contents import contracts_table, definitions_table
from ewm_analysis.tables.coverage import coverage_table, sources_table
from ewm_analysis.tables.economy import economy_table
from ewm_analysis.tables.key_figures import key_figures_table
from ewm_analysis.tables.plausibility import checks_table, contradictions_table
from ewm_analysis.tables.projects import largest_projects_table
from ewm_analysis.tables.table import Table

__all__ = [
    "Table",
    "actors_table",
    "agreement_table",
    "checks_table",
    "contracts_table",
    "contradictions_table",
    "coverage_table",
    "definitions_table",
    "economy_table",
    "key_figures_table",
    "largest_projects_table",
    "sources_table",
]
