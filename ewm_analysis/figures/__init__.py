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
from ewm_analysis.figures.district_map import describe_district_map, plot_district_map
from ewm_analysis.figures.economy import describe_economy, plot_economy
from ewm_analysis.figures.export import figure_png, figure_svg
from ewm_analysis.figures.funding import describe_volumes, plot_volumes
from ewm_analysis.figures.links import describe_cross_cluster_links, plot_cross_cluster_links
from ewm_analysis.figures.origin import describe_actors_by_state, plot_actors_by_state
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
from ewm_analysis.figures.volumes import (
    describe_largest_projects,
    describe_project_volume,
    plot_largest_projects,
    plot_project_volume,
)

__all__ = [
    "describe_action_fields",
    "describe_activities",
    "describe_actors_by_state",
    "describe_actors_by_type",
    "describe_company_sizes",
    "describe_consortia",
    "describe_cross_cluster",
    "describe_cross_cluster_links",
    "describe_district_map",
    "describe_economy",
    "describe_focus_topics",
    "describe_funders",
    "describe_guidelines",
    "describe_largest_projects",
    "describe_project_volume",
    "describe_projects",
    "describe_rdi",
    "describe_status",
    "describe_technologies",
    "describe_volumes",
    "figure_png",
    "figure_svg",
    "new_axes",
    "plot_action_fields",
    "plot_activities",
    "plot_actors_by_state",
    "plot_actors_by_type",
    "plot_company_sizes",
    "plot_consortia",
    "plot_cross_cluster",
    "plot_cross_cluster_links",
    "plot_district_map",
    "plot_economy",
    "plot_focus_topics",
    "plot_funders",
    "plot_guidelines",
    "plot_largest_projects",
    "plot_project_volume",
    "plot_projects",
    "plot_status",
    "plot_technologies",
    "plot_volumes",
    "style",
]
