"""Trend, volumes, decomposition and regional indices: published examples and relations."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics import (
    compare_volumes,
    concentration,
    decompose_volume,
    shift_share,
    trend,
    without_largest,
)
from ewm_analysis.statistics.growth import smallest_p
from ewm_analysis.statistics.region import krugman, location_quotient
from ewm_analysis.statistics.result import critical, inversions
from ewm_analysis.statistics.volumes import decompose_totals, geometric_mean_volume, median_volume

TUNA_LIGHTNESS = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
TUNA_QUALITY = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]


def test_kendall_on_the_canned_tuna():
    """Hollander & Wolfe, example 8.1: K = 16, n = 9, one-sided p = 0.060."""
    assert trend(TUNA_LIGHTNESS, TUNA_QUALITY).p_value == pytest.approx(0.1194, abs=5e-5)


def test_theil_sen_on_the_cloud_seeding():
    """Hollander & Wolfe, example 9.1: five years, slope -0.056."""
    result = trend([1, 2, 3, 4, 5], [1.26, 1.27, 1.12, 1.16, 1.03])
    assert result.estimate == pytest.approx(-0.05625)


def test_ties_are_counted_exactly():
    """1, 2, 2, 3, 4: 4 of 120 orders are as extreme; the normal approximation says 0.023."""
    result = trend(range(5), [1, 2, 2, 3, 4])
    assert result.p_value == pytest.approx(4 / 120)
    assert result.low > 0  # the pair without a step does not widen the interval to 0


def test_four_years_never_make_a_trend():
    result = trend([2018, 2019, 2020, 2021], [1, 10, 100, 1000])
    assert result.p_value == pytest.approx(1 / 12)
    assert not result.is_reliable
    assert "0.083" in result.note


def test_a_missing_year_is_a_gap_and_not_a_step():
    assert trend([2011, 2012, 2014], [0.0, 1.0, 3.0]).estimate == pytest.approx(1)
    assert trend([2011, 2012, 2013, 2014], [0.0, 1.0, math.nan, 3.0]).n == (3,)


def test_too_few_years_warn():
    with pytest.warns(SmallSampleWarning):
        assert trend([2020, 2021], [42, 34]).estimate is None
    with pytest.raises(ParameterError, match="own year"):
        trend([2020, 2020, 2021], [1, 2, 3])


@given(st.lists(st.integers(0, 50), min_size=3, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant_to_a_trend(values, random):
    pairs = list(enumerate(values, 2015))
    shuffled = random.sample(pairs, len(pairs))
    one, other = trend(*zip(*pairs, strict=True)), trend(*zip(*shuffled, strict=True))
    assert one == other
    if one.low is not None:
        assert one.low <= one.estimate <= one.high
        assert one.is_reliable == (not one.low <= 0 <= one.high)
        assert one.low < one.high


@pytest.mark.parametrize(
    ("values", "p_value"),
    [
        ([5, 7, 9, 4, 3, 8, 6, 1, 2, 1], 0.0574),
        ([10, 10, 10, 5, 10, 20, 18, 17, 15, 24, 15], 0.0921),
        ([0, 0, 2, 3, 4, 5, 6, 7, 8], 2 / (math.factorial(9) / 2)),
        ([5] * 10, 1.0),
    ],
)
def test_kendall_is_exact_with_ties_of_any_length(values, p_value):
    """The second: EPA QA/G-9S, ground water of eleven years, as counted by a recursion over the
    multiset; scipy's normal approximation says 0.048 of the first and 0.078 of the second."""
    assert trend(range(len(values)), values).p_value == pytest.approx(p_value, abs=5e-5)


@given(st.lists(st.integers(0, 4), min_size=3, max_size=7))
def test_kendall_counts_all_orders(values):
    """Every order of seven values, one by one."""
    early, late = np.triu_indices(len(values), 1)
    orders = np.array(list(permutations(values)))
    scores = np.abs(np.sign(orders[:, late] - orders[:, early]).sum(axis=1))
    expected = np.mean(scores >= scores[0])
    assert trend(range(len(values)), values).p_value == pytest.approx(expected)
    assert smallest_p(values) == pytest.approx(np.mean(scores == scores.max()))


def test_kendall_without_ties_is_scipys_for_thirty_years():
    values = np.random.default_rng(2).permutation(30)
    expected = stats.kendalltau(range(30), values, method="exact").pvalue
    assert trend(range(30), values).p_value == pytest.approx(expected)


def test_a_constant_has_no_trend_and_no_interval():
    result = trend(range(10), [5] * 10)
    assert (result.estimate, result.low, result.high, result.p_value) == (0, None, None, 1)


def test_the_smallest_p_knows_ties():
    """34, 34, 40, 40, 41: 30 orders, two of them steady; 0, 0, 0, 0, 1: five orders."""
    assert smallest_p([34, 34, 40, 40, 41]) == pytest.approx(2 / 30)
    assert smallest_p([0, 0, 0, 0, 1]) == pytest.approx(2 / 5)
    assert "0.067" in trend(range(5), [34, 34, 40, 40, 41]).note


def test_gini_of_one_to_five_and_under_shuffled_rows():
    """Sum of (2i - n - 1) x over n times the total: 20 / 75."""
    assert concentration([1, 2, 3, 4, 5]).gini == pytest.approx(20 / 75)
    assert concentration([4, 1, 5, 3, 2]) == concentration([1, 2, 3, 4, 5])


def test_the_five_named_projects_of_imk_2021():
    """Report p. 8: 30, 15, 14, 12.8 and 17 of 161.5 m EUR; at least 55 % in five projects."""
    named = [30e6, 15e6, 14e6, 12.8e6, 17e6]
    others = [(161.5e6 - sum(named)) / 29] * 29
    assert concentration([*named, *others]).top_shares[5] == pytest.approx(0.55, abs=0.001)
    table = without_largest({2021: [*named, *others]})
    assert table["rest"].tolist() == pytest.approx([72.7e6])


volumes = st.lists(st.floats(1, 1e8), min_size=7, max_size=30)


@given(volumes, st.floats(0.01, 100))
def test_concentration_does_not_depend_on_the_unit(values, factor):
    one, other = concentration(values), concentration([factor * v for v in values])
    assert (one.gini, one.hhi) == pytest.approx((other.gini, other.hhi), abs=1e-6)
    assert 1 <= one.effective_number <= one.n + 1e-9
    assert 0 <= one.gini < 1


@given(volumes, volumes, st.integers(0, 5))
def test_the_parts_of_a_change_add_up_to_it(first, last, k):
    parts = decompose_volume(first, last, k)
    assert parts.number + parts.size + parts.large == pytest.approx(parts.change, abs=1e-3)
    assert parts.change == pytest.approx(sum(last) - sum(first), abs=1e-3)


def test_from_totals_alone_number_and_size():
    """IMK 2020 to 2021: 42 projects, 68.9 m EUR; 34 projects, 161.5 m EUR."""
    parts = decompose_totals(42, 68.9, 34, 161.5)
    assert parts.number + parts.size == pytest.approx(92.6)
    assert parts.large is None
    with pytest.raises(ParameterError, match="no project, no mean"):
        decompose_totals(0, 0.0, 3, 5.0)
    with pytest.raises(ParameterError, match="asks for more"):
        decompose_volume([1.0] * 5, [1.0] * 9)


def test_typical_sizes_and_their_intervals():
    draw = np.random.default_rng(3).lognormal(0, 1.35, 34)
    for result in (median_volume(draw), geometric_mean_volume(draw)):
        assert result.low < result.estimate < result.high
    assert median_volume(draw) == median_volume(draw[::-1])
    assert median_volume([*draw, math.nan]).n == (34,)
    with pytest.warns(SmallSampleWarning, match="same volume"):
        assert median_volume([2.0] * 9).low is None
    with pytest.warns(SmallSampleWarning, match="fewer than five"):
        assert median_volume([1.0]).estimate is None
    with pytest.raises(ParameterError, match=r"volume: -1\.0"):
        median_volume([-1.0, 2.0])


def test_geometric_mean_has_the_t_interval_of_the_logarithms():
    draw = np.random.default_rng(3).lognormal(0, 1.35, 12)
    expected = stats.ttest_1samp(np.log(draw), 0).confidence_interval(0.95)
    result = geometric_mean_volume([*draw, 0.0, math.nan])
    assert np.log([result.low, result.high]) == pytest.approx(expected)
    assert result.n == (12,)


def test_interval_of_the_geometric_mean_holds_for_six_projects():
    draws = np.random.default_rng(8).lognormal(0, 1.3, (400, 6))
    found = [geometric_mean_volume(draw) for draw in draws]
    assert np.mean([result.low <= 1 <= result.high for result in found]) > 0.93


@pytest.mark.parametrize("middle", [[2.0] * 3, [2.0] * 4])
def test_a_median_that_nobody_moves_has_no_interval(middle):
    result = median_volume([1.0, *middle, 3.0])
    assert (result.estimate, result.low, result.high) == (2.0, None, None)
    assert median_volume([1.0, *middle[:2], 3.0, 4.0]).low == 1.0


def test_a_doubling_of_all_sizes_is_found():
    draw = np.random.default_rng(4).lognormal(0, 0.5, 60)
    result = compare_volumes(draw, 2 * draw)
    assert result.estimate == pytest.approx(2, rel=0.15)
    assert result.is_reliable
    assert result.low < result.estimate < result.high
    with pytest.warns(SmallSampleWarning):
        assert compare_volumes([1.0], [2.0]).p_value is None


def test_typical_ratio_of_four_and_four_is_rs():
    """R: exp of wilcox.test(log(y), log(x), conf.int = TRUE): 0.867 to 20.0, p = 0.057."""
    result = compare_volumes([1, 2, 3, 4.5], [3.9, 9, 14, 20])
    assert (result.low, result.high) == (pytest.approx(3.9 / 4.5), pytest.approx(20))
    assert result.p_value == pytest.approx(0.0571, abs=1e-4)


@given(
    st.lists(st.integers(1, 12), min_size=4, max_size=9),
    st.lists(st.integers(1, 12), min_size=4, max_size=9),
)
def test_test_and_interval_of_sizes_agree(first, last):
    result = compare_volumes(first, last)
    if result.low is not None:
        assert result.is_reliable == (not result.low <= 1 + 1e-12 or not result.high >= 1 - 1e-12)
        assert result.low < result.high


@pytest.mark.parametrize("ties", [False, True])
def test_sizes_have_scipys_p(ties):
    draw = np.random.default_rng(6)
    x, y = draw.lognormal(0, 1, 9), draw.lognormal(0.8, 1, 12)
    x, y = (x.round(1) + 0.1, y.round(1) + 0.1) if ties else (x, y)
    method = "asymptotic" if ties else "exact"
    expected = stats.mannwhitneyu(y, x, method=method).pvalue
    assert compare_volumes(x, y).p_value == pytest.approx(expected)


@pytest.mark.parametrize(("m", "n"), [(4, 4), (5, 5), (4, 24), (9, 13)])
def test_interval_of_sizes_covers_exactly(m, n):
    """The chance of the order statistics between which it runs: 95 % or more (F3 of the check)."""
    found = inversions([m, n])
    outside = 2 * sum(found[: critical(found) + 1]) / math.comb(m + n, m)
    assert 0 < outside <= 0.05


def test_a_family_shares_the_level_of_sizes_and_trends():
    years, values = range(6), [1, 2, 3, 5, 4, 6]
    one, seven = trend(years, values), trend(years, values, tests=7)
    assert seven.p_value == one.p_value
    assert one.is_reliable > seven.is_reliable
    assert one.low > 0 > seven.low
    sizes = [1, 2, 3, 4.5], [3.9, 9, 14, 20]
    assert compare_volumes(*sizes, tests=2).low is None  # no order of four and four is so extreme


def test_equal_volumes_have_no_interval():
    result = compare_volumes([2.0] * 5, [2.0] * 6)
    assert (result.estimate, result.low, result.high, result.p_value) == (1, None, None, 1)


levels = st.lists(st.floats(1, 1e6), min_size=3, max_size=3)


@given(levels, levels, levels, levels)
def test_shift_share_adds_up_in_every_sector(e0, e1, n0, n1):
    parts = shift_share([e0, e1], [n0, n1])
    total = parts.national + parts.industry + parts.regional
    assert total == pytest.approx(
        parts.change, abs=1e-4 * max(*e0, *e1) * max(1, *np.divide(n1, n0))
    )
    assert parts.competition + parts.allocation == pytest.approx(parts.regional)


def test_shift_share_by_hand():
    """Reference grows 10 % (sector 1: 20 %, sector 2: 0 %); the region's sector 1 by 30 %."""
    parts = shift_share([[200, 100], [260, 100]], [[1000, 1000], [1200, 1000]])
    assert parts.national == pytest.approx([20, 10])
    assert parts.industry == pytest.approx([20, -10])
    assert parts.regional == pytest.approx([20, 0])
    assert parts.competition == pytest.approx([15, 0])
    assert parts.allocation == pytest.approx([5, 0])


def test_shift_share_of_a_sector_that_starts_at_zero():
    parts = shift_share([[0, 100], [10, 100]], [[50, 100], [50, 100]])
    assert parts.regional == pytest.approx([10, 0])
    assert np.isfinite(parts.competition).all()
    with pytest.raises(ParameterError, match="starts at 0"):
        shift_share([[1, 1], [1, 1]], [[0, 1], [1, 1]])
    with pytest.raises(ParameterError, match="from 0"):
        shift_share([[1, math.nan], [1, 1]], [[1, 1], [1, 1]])


def test_dynamic_shift_share_adds_the_years():
    region, reference = [[100, 50], [130, 50], [130, 70]], [[10, 10], [11, 10], [11, 12]]
    parts = shift_share(region, reference)
    assert parts.change == pytest.approx([30, 20])
    with pytest.raises(ParameterError, match="two or more"):
        shift_share([[1]], [[1]])
    with pytest.raises(ParameterError, match="sectors"):
        shift_share([[1], [2]], [[1, 1], [2, 2]])


def test_location_quotient_without_jobs_and_indices_of_likeness():
    assert location_quotient([0, 5], [10, 20]).tolist() == [0, 1.5]
    with pytest.warns(SmallSampleWarning):
        assert np.isnan(location_quotient([0, 0], [10, 20])).all()
    with pytest.raises(ParameterError, match="part of the reference"):
        location_quotient([11, 0], [10, 20])
    assert krugman([1, 0], [0, 1]) == 2
    assert krugman([2, 6], [10, 30]) == 0
