"""Values to axes, each figure with a sentence: `plot_*` draws, `describe_*` says it in words."""

from ewm_analysis.figures.actors import (
    describe_actors_by_type,
    describe_company_sizes,
    plot_actors_by_type,
    plot_company_sizes,
)
from ewm_analysis.figures.categories import (
    describe_action_fields,
    describe_focus_topics,
    describe_guidelines,
    describe_technologies,
    plot_action_fields,
    plot_focus_topics,
    plot_guidelines,
    plot_technologies,
)
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
from ewm_analysis.figures.links import describe_cross_cluster_links, plot_cross_cluster_links
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
from ewm_analysis.figures.project_volume import (
    describe_largest_projects,
    describe_project_volume,
    plot_largest_projects,
    plot_project_volume,
)
from ewm_analysis.figures.projects import (
    describe_activities,
    describe_projects,
    plot_activities,
    plot_projects,
)
from ewm_analysis.figures.rdi import describe_rdi
from ewm_analysis.figures.shares import (
    describe_consortia,
    describe_cross_cluster,
    describe_funders,
    describe_status,
    plot_consortia,
    plot_cross_cluster,
    plot_funders,
    plot_status,
)
from ewm_analysis.figures.style import new_axes, style
from ewm_analysis.figures.values import plot_values
from ewm_analysis.figures.values_sentence import describe_values
from ewm_analysis.figures.volumes import describe_volumes, plot_volumes

__all__ = [
    "describe_action_fields",
    "describe_activities",
    "describe_actors_by_state",
    "describe_actors_by_type",
    "describe_change",
    "describe_cluster_ranks",
    "describe_company_sizes",
    "describe_consortia",
    "describe_cross_cluster",
    "describe_cross_cluster_funnel",
    "describe_cross_cluster_links",
    "describe_detectable",
    "describe_district_map",
    "describe_economy",
    "describe_economy_index",
    "describe_focus_topic_profiles",
    "describe_focus_topics",
    "describe_funders",
    "describe_guideline_profiles",
    "describe_guidelines",
    "describe_index",
    "describe_largest_projects",
    "describe_links_matrix",
    "describe_location_quotients",
    "describe_member_counts",
    "describe_member_shares",
    "describe_members_per_staff",
    "describe_profile_difference",
    "describe_project_volume",
    "describe_projects",
    "describe_rdi",
    "describe_rdi_funnel",
    "describe_sector_years",
    "describe_shared_projects",
    "describe_shift_share",
    "describe_sizes",
    "describe_status",
    "describe_technologies",
    "describe_values",
    "describe_volume_change",
    "describe_volume_doubt",
    "describe_volumes",
    "describe_year_change",
    "figure_png",
    "figure_svg",
    "new_axes",
    "plot_action_fields",
    "plot_activities",
    "plot_actors_by_state",
    "plot_actors_by_type",
    "plot_cluster_ranks",
    "plot_company_sizes",
    "plot_consortia",
    "plot_cross_cluster",
    "plot_cross_cluster_funnel",
    "plot_cross_cluster_links",
    "plot_district_map",
    "plot_economy",
    "plot_economy_index",
    "plot_focus_topic_profiles",
    "plot_focus_topics",
    "plot_funders",
    "plot_guideline_profiles",
    "plot_guidelines",
    "plot_index",
    "plot_largest_projects",
    "plot_links_matrix",
    "plot_location_quotients",
    "plot_member_counts",
    "plot_member_shares",
    "plot_members_per_staff",
    "plot_project_volume",
    "plot_projects",
    "plot_rdi_funnel",
    "plot_shared_projects",
    "plot_shift_share",
    "plot_status",
    "plot_technologies",
    "plot_values",
    "plot_volume_change",
    "plot_volumes",
    "plot_year_change",
    "style",
]
