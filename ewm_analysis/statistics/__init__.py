"""Change and difference with their uncertainty, and figures that contradict each other.

A test or an interval is a `Result`. What the numbers cannot carry is None or missing, never a
number that looks like one, and a ``SmallSampleWarning`` says why. ``first`` and ``last`` are the
earlier and the later of two years; counts are whole numbers, 0 or more, shares and growth
fractions, amounts EUR. ``rows`` are those of the contract `IndicatorValues`, of one cluster and
the years in question; ``facts`` those of `Organisations`.
"""

from ewm_analysis.statistics.counts import (
    compare_counts,
    constancy,
    count_interval,
    detectable_ratio,
    rank_counts,
    rank_values,
)
from ewm_analysis.statistics.growth import (
    cagr,
    deflate,
    growth_rate,
    growth_summary,
    index_series,
    trend,
    trend_summary,
)
from ewm_analysis.statistics.links import co_participation, cross_cluster_matrix
from ewm_analysis.statistics.organisations import (
    choose_organisations,
    composition,
    eligibility,
    financing,
    label_calendar,
    organisation_ages,
    per_head,
    quantities,
)
from ewm_analysis.statistics.plausibility import find_contradictions
from ewm_analysis.statistics.printed import check_percent, compare_printed
from ewm_analysis.statistics.region import (
    employment_growth,
    index_by_sector,
    location_quotients,
    shift_share,
    shift_share_by_sector,
)
from ewm_analysis.statistics.shares import (
    adjust,
    compare_multiresponse,
    compare_shares,
    funnel,
    share_interval,
)
from ewm_analysis.statistics.targets import judge_target, judge_targets
from ewm_analysis.statistics.volumes import (
    compare_volumes,
    concentration,
    decompose_volume,
    size_summary,
    volume_change,
    without_largest,
)

__all__ = [name for name, value in [*globals().items()] if callable(value)]
