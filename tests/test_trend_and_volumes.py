"""Trend, volumes, decomposition and regional indices: published examples and relations."""

import math

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
from ewm_analysis.statistics.region import krugman, location_quotient
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
    assert trend(range(5), [1, 2, 2, 3, 4]).p_value == pytest.approx(4 / 120)


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
    assert one.low <= one.estimate <= one.high


def test_theil_with_a_zero():
    """One of two has all: T = ln 2; L has no value (not infinity)."""
    result = concentration([0.0, 1.0])
    assert result.theil_t == pytest.approx(math.log(2))
    assert result.theil_l is None


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
    assert (one.gini, one.hhi, one.theil_t, one.theil_l) == pytest.approx(
        (other.gini, other.hhi, other.theil_t, other.theil_l), abs=1e-6
    )
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
    with pytest.raises(ParameterError, match="no volume"):
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


def test_equal_volumes_are_not_unequal():
    assert str(concentration([2.0, 2.0, 2.0]).theil_l) == "0.0"


def test_a_doubling_of_all_sizes_is_found():
    draw = np.random.default_rng(4).lognormal(0, 0.5, 60)
    result = compare_volumes(draw, 2 * draw)
    assert result.estimate == pytest.approx(2, rel=0.15)
    assert result.is_reliable
    assert result.low < result.estimate < result.high
    with pytest.warns(SmallSampleWarning):
        assert compare_volumes([1.0], [2.0]).p_value is None


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
    with pytest.raises(ParameterError, match="0 or more"):
        shift_share([[1, math.nan], [1, 1]], [[1, 1], [1, 1]])


def test_dynamic_shift_share_adds_the_years():
    region, reference = [[100, 50], [130, 50], [130, 70]], [[10, 10], [11, 10], [11, 12]]
    parts = shift_share(region, reference)
    assert parts.change == pytest.approx([30, 20])
    with pytest.raises(ParameterError, match="two or more"):
        shift_share([[1]], [[1]])
    with pytest.raises(ParameterError, match="sectors"):
        shift_share([[1], [2]], [[1, 1], [2, 2]])


def test_location_quotient_interval_covers():
    """Simulation: 400 regions drawn from one reference; about 95 % cover the true quotient."""
    draw, reference = np.random.default_rng(5), np.array([2000, 5000, 9000])
    chance = np.array([0.15, 0.1, 0.1])
    truth = 0.15 / ((reference * chance).sum() / reference.sum())
    hits = 0
    for _ in range(400):
        result = location_quotient(draw.binomial(reference, chance), reference)[0]
        hits += result.low <= truth <= result.high
    assert 0.92 < hits / 400 < 0.98


def test_location_quotient_without_jobs_and_indices_of_likeness():
    assert location_quotient([0, 5], [10, 20])[0].estimate == 0
    with pytest.warns(SmallSampleWarning):
        assert location_quotient([0, 0], [10, 20])[0].estimate is None
    with pytest.raises(ParameterError, match="part of the reference"):
        location_quotient([11, 0], [10, 20])
    assert krugman([1, 0], [0, 1]) == 2
    assert krugman([2, 6], [10, 30]) == 0
