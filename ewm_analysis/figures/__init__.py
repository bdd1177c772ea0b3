"""Values to axes, each figure with a sentence: ``plot`` draws, ``describe`` says it in words.

A figure is declared in a TOML file of this room, one a notebook: see `grammar.Figure`. By its
name there are ``plot("funders", rows, words)`` and ``describe("funders", rows, words)``, and the
same as ``plot_funders(rows, words)`` and ``describe_funders(rows, words)``.

What functions of this room take:

rows : DataFrame
    Contract `IndicatorValues`, as ``page.rows`` chooses them; or what a statistic returned.
words : Words
    Language.
ax : Axes, optional
    Where to draw; a new figure if not given.

Where there is no number to show they raise MissingDataError.
"""

from typing import Any

from ewm_analysis.figures.change import (
    describe_change,
    describe_detectable,
    describe_sizes,
    describe_volume_doubt,
)
from ewm_analysis.figures.comparison import (
    describe_cluster_ranks,
    describe_year_change,
    plot_cluster_ranks,
    plot_year_change,
)
from ewm_analysis.figures.district_map import describe_district_map, plot_district_map
from ewm_analysis.figures.economy import describe_economy, plot_economy
from ewm_analysis.figures.export import figure_png, figure_svg
from ewm_analysis.figures.funnel import (
    describe_cross_cluster_funnel,
    describe_rdi_funnel,
    plot_cross_cluster_funnel,
    plot_rdi_funnel,
)
from ewm_analysis.figures.grammar import describe, entries, entry, named_function, plot
from ewm_analysis.figures.growth import (
    describe_economy_index,
    describe_index,
    describe_volume_change,
    plot_economy_index,
    plot_index,
    plot_volume_change,
)
from ewm_analysis.figures.growth_regions import (
    describe_location_quotients,
    describe_sector_years,
    describe_shift_share,
    plot_location_quotients,
    plot_shift_share,
)
from ewm_analysis.figures.links_matrix import describe_links_matrix, plot_links_matrix
from ewm_analysis.figures.network import describe_shared_projects, plot_shared_projects
from ewm_analysis.figures.organisation_ratios import (
    describe_members_per_staff,
    plot_members_per_staff,
)
from ewm_analysis.figures.organisations import (
    describe_member_counts,
    describe_member_shares,
    plot_member_counts,
    plot_member_shares,
)
from ewm_analysis.figures.origin import describe_actors_by_state, plot_actors_by_state
from ewm_analysis.figures.profiles import (
    describe_focus_topic_profiles,
    describe_guideline_profiles,
    describe_profile_difference,
    plot_focus_topic_profiles,
    plot_guideline_profiles,
)
from ewm_analysis.figures.style import new_axes, style
from ewm_analysis.figures.values import plot_values
from ewm_analysis.figures.values_sentence import describe_values
from ewm_analysis.figures.volumes import describe_volumes, plot_volumes

__all__ = [
    "describe",
    "describe_actors_by_state",
    "describe_change",
    "describe_cluster_ranks",
    "describe_cross_cluster_funnel",
    "describe_detectable",
    "describe_district_map",
    "describe_economy",
    "describe_economy_index",
    "describe_focus_topic_profiles",
    "describe_guideline_profiles",
    "describe_index",
    "describe_links_matrix",
    "describe_location_quotients",
    "describe_member_counts",
    "describe_member_shares",
    "describe_members_per_staff",
    "describe_profile_difference",
    "describe_rdi_funnel",
    "describe_sector_years",
    "describe_shared_projects",
    "describe_shift_share",
    "describe_sizes",
    "describe_values",
    "describe_volume_change",
    "describe_volume_doubt",
    "describe_volumes",
    "describe_year_change",
    "entries",
    "entry",
    "figure_png",
    "figure_svg",
    "new_axes",
    "plot",
    "plot_actors_by_state",
    "plot_cluster_ranks",
    "plot_cross_cluster_funnel",
    "plot_district_map",
    "plot_economy",
    "plot_economy_index",
    "plot_focus_topic_profiles",
    "plot_guideline_profiles",
    "plot_index",
    "plot_links_matrix",
    "plot_location_quotients",
    "plot_member_counts",
    "plot_member_shares",
    "plot_members_per_staff",
    "plot_rdi_funnel",
    "plot_shared_projects",
    "plot_shift_share",
    "plot_values",
    "plot_volume_change",
    "plot_volumes",
    "plot_year_change",
    "style",
]


def __getattr__(name: str) -> Any:
    """Return ``plot_NAME`` or ``describe_NAME`` of a figure that is declared."""
    verb, _, declared = name.partition("_")
    known = entries().get(declared) if verb in ("plot", "describe") else None
    if known is None or (verb == "plot" and not known.draw):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)
    return named_function(verb, declared)


def __dir__() -> list[str]:
    """List the names of this room, and those made from the figures declared."""
    made = [f"plot_{name}" for name, entry in entries().items() if entry.draw]
    return sorted([*globals(), *made, *(f"describe_{name}" for name in entries())])
