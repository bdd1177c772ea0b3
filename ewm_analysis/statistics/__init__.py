"""Change and difference with their uncertainty, and figures that contradict each other."""

from ewm_analysis.statistics.agreement import compare_printed
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
from ewm_analysis.statistics.growth import growth_rate
from ewm_analysis.statistics.percent import PercentCheck, check_percent
from ewm_analysis.statistics.plausibility import Plausibility, find_contradictions
from ewm_analysis.statistics.region import (
    ShiftShare,
    dynamic_shift_share,
    hoover,
    krugman,
    location_quotient,
    shift_share,
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
    compare_volumes,
    concentration,
    geometric_mean_volume,
    median_volume,
    total_without_largest,
)

__all__ = [
    "Concentration",
    "PercentCheck",
    "Plausibility",
    "Result",
    "ShiftShare",
    "VolumeChange",
    "adjust",
    "check_percent",
    "compare_counts",
    "compare_multiresponse",
    "compare_printed",
    "compare_shares",
    "compare_volumes",
    "concentration",
    "constancy",
    "count_interval",
    "decompose_totals",
    "decompose_volume",
    "detectable_ratio",
    "dynamic_shift_share",
    "find_contradictions",
    "geometric_mean_volume",
    "growth_rate",
    "hoover",
    "krugman",
    "location_quotient",
    "log_linear",
    "median_volume",
    "share_interval",
    "shift_share",
    "simultaneous_intervals",
    "total_without_largest",
    "trend",
]
