"""Change and difference with their uncertainty, and figures that contradict each other."""

from ewm_analysis.statistics.counts import (
    compare_counts,
    constancy,
    count_interval,
    detectable_ratio,
)
from ewm_analysis.statistics.decomposition import (
    VolumeChange,
    decompose_totals,
    decompose_volume,
)
from ewm_analysis.statistics.funnel import Funnel, funnel, funnel_limits
from ewm_analysis.statistics.growth import (
    cagr,
    contributions,
    deflate,
    growth_gap,
    growth_rate,
    index_to_base,
)
from ewm_analysis.statistics.growth_summary import (
    growth_span,
    growth_summary,
    index_series,
    trend_summary,
)
from ewm_analysis.statistics.links import LinkMatrix, cross_cluster_matrix
from ewm_analysis.statistics.network import Network, co_participation, ei_index
from ewm_analysis.statistics.organisations import (
    Quantity,
    choose_organisations,
    composition,
    financing,
    organisation_ages,
    per_head,
    quantities,
)
from ewm_analysis.statistics.plausibility import Plausibility, find_contradictions
from ewm_analysis.statistics.printed import (
    PercentCheck,
    check_percent,
    compare_printed,
    largest_remainder,
)
from ewm_analysis.statistics.ranks import Rank, rank_counts, rank_values
from ewm_analysis.statistics.region import (
    ShiftShare,
    dynamic_shift_share,
    hoover,
    krugman,
    location_quotient,
    shift_share,
)
from ewm_analysis.statistics.regional_growth import (
    employment_growth,
    location_quotients,
    shift_share_by_sector,
)
from ewm_analysis.statistics.requirements import (
    LabelWindow,
    eligibility,
    label_calendar,
    label_window,
)
from ewm_analysis.statistics.result import Result
from ewm_analysis.statistics.shares import (
    adjust,
    compare_multiresponse,
    compare_shares,
    share_interval,
    simultaneous_intervals,
)
from ewm_analysis.statistics.trend import log_linear, trend
from ewm_analysis.statistics.volume_summary import (
    VolumeComparison,
    compare_recorded_volumes,
    compare_total_volumes,
    size_summary,
    without_largest,
    without_named,
)
from ewm_analysis.statistics.volumes import (
    Concentration,
    compare_volumes,
    concentration,
    geometric_mean_volume,
    median_volume,
    total_without_largest,
)

__all__ = [
    "Concentration",
    "Funnel",
    "LabelWindow",
    "LinkMatrix",
    "Network",
    "PercentCheck",
    "Plausibility",
    "Quantity",
    "Rank",
    "Result",
    "ShiftShare",
    "VolumeChange",
    "VolumeComparison",
    "adjust",
    "cagr",
    "check_percent",
    "choose_organisations",
    "co_participation",
    "compare_counts",
    "compare_multiresponse",
    "compare_printed",
    "compare_recorded_volumes",
    "compare_shares",
    "compare_total_volumes",
    "compare_volumes",
    "composition",
    "concentration",
    "constancy",
    "contributions",
    "count_interval",
    "cross_cluster_matrix",
    "decompose_totals",
    "decompose_volume",
    "deflate",
    "detectable_ratio",
    "dynamic_shift_share",
    "ei_index",
    "eligibility",
    "employment_growth",
    "financing",
    "find_contradictions",
    "funnel",
    "funnel_limits",
    "geometric_mean_volume",
    "growth_gap",
    "growth_rate",
    "growth_span",
    "growth_summary",
    "hoover",
    "index_series",
    "index_to_base",
    "krugman",
    "label_calendar",
    "label_window",
    "largest_remainder",
    "location_quotient",
    "location_quotients",
    "log_linear",
    "median_volume",
    "organisation_ages",
    "per_head",
    "quantities",
    "rank_counts",
    "rank_values",
    "share_interval",
    "shift_share",
    "shift_share_by_sector",
    "simultaneous_intervals",
    "size_summary",
    "total_without_largest",
    "trend",
    "trend_summary",
    "without_largest",
    "without_named",
]
