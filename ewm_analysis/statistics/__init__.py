"""Change and difference with their uncertainty, and figures that contradict each other."""

from ewm_analysis.statistics.counts import (
    compare_counts,
    constancy,
    count_interval,
    detectable_ratio,
)
from ewm_analysis.statistics.funnel import Funnel, funnel, funnel_limits
from ewm_analysis.statistics.growth import (
    cagr,
    contributions,
    deflate,
    growth_gap,
    growth_rate,
    growth_span,
    growth_summary,
    index_series,
    index_to_base,
    trend_summary,
)
from ewm_analysis.statistics.links import (
    LinkMatrix,
    Network,
    co_participation,
    cross_cluster_matrix,
    ei_index,
)
from ewm_analysis.statistics.organisations import (
    LabelWindow,
    Quantity,
    choose_organisations,
    composition,
    eligibility,
    financing,
    label_calendar,
    label_window,
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
    employment_growth,
    hoover,
    krugman,
    location_quotient,
    location_quotients,
    shift_share,
    shift_share_by_sector,
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
from ewm_analysis.statistics.volumes import (
    Concentration,
    VolumeChange,
    VolumeComparison,
    compare_recorded_volumes,
    compare_total_volumes,
    compare_volumes,
    concentration,
    decompose_totals,
    decompose_volume,
    geometric_mean_volume,
    median_volume,
    size_summary,
    total_without_largest,
    without_largest,
    without_named,
)

__all__ = [name for name, value in [*globals().items()] if callable(value)]
