"""Counts and shares against published examples, and by relations that must hold."""

import math
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics import (
    adjust,
    compare_counts,
    compare_multiresponse,
    compare_shares,
    constancy,
    count_interval,
    detectable_ratio,
    share_interval,
)
from ewm_analysis.statistics.counts import e_test


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.39)],
)
def test_count_interval_is_garwoods(count, low, high):
    """Garwood (1936), the exact 95 % limits printed in every table since."""
    result = count_interval(count)
    assert (result.low, result.high) == (
        pytest.approx(low, rel=1e-3),
        pytest.approx(high, rel=1e-3),
    )


def test_e_test_on_the_clover_seeds():
    """Przyborowski & Wilenski (1940), as worked by Krishnamoorthy & Thomson (2004): 0 and 3."""
    assert compare_counts(0, 3).p_value == pytest.approx(0.0884, abs=5e-5)


def test_the_printed_fall_from_42_to_34_is_no_reliable_difference():
    """IMK report 2021, p. 7: "etwas weniger Projekte"."""
    result = compare_counts(42, 34)
    assert result.p_value == pytest.approx(0.36, abs=0.005)
    assert not result.is_reliable
    assert result.low < 1 < result.high


@pytest.mark.parametrize(
    ("first", "last"), [(59, 95), (42, 34), (7, 0), (1, 9), (0, 4), (6, 15), (8, 18)]
)
def test_e_test_is_scipys(first, last):
    """The closed form of the sum against scipy's double sum (Krishnamoorthy & Thomson 2004)."""
    expected = stats.poisson_means_test(last, 1, first, 1).pvalue
    assert e_test(first, last) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("first", [0, 1, 2, 4, 6, 8, 11, 16, 25])
def test_test_and_interval_of_two_counts_agree(first):
    """(0, 4), (6, 15), (8, 18): a score interval beside the E-test contradicts it."""
    for last in range(0 if first else 1, 40):
        result = compare_counts(first, last)
        low, high = result.low, np.inf if result.high is None else result.high
        assert result.is_reliable == (not low <= 1 <= high), (first, last)
        assert low < high


def chances(first, count, last, later):
    """Chance of each pair of Poisson counts of these means, below `first` and below `last`."""
    return np.outer(stats.poisson.pmf(range(first), count), stats.poisson.pmf(range(last), later))


def test_interval_of_a_ratio_covers():
    """Exact coverage of the ratio 1.5 over all pairs with means 8 and 12: at least 95 %."""
    chance = chances(30, 8, 40, 12)
    covered = sum(
        chance[first, last]
        for first in range(30)
        for last in range(40)
        if first + last and chance[first, last] > 1e-6
        if (r := compare_counts(first, last)).low <= 1.5 <= (r.high or np.inf)
    )
    assert 0.94 < covered < 0.98


def test_counts_that_scatter_are_held_against_their_scatter():
    """59 and 95 with 104 and 122 between: dispersion 22.1 on 3 degrees of freedom. By hand: of it
    (36² / 2) / 95 = 6.82 are the difference, 15.3 on 2 are left: F = 0.89."""
    alone, beside = compare_counts(59, 95), compare_counts(59, 95, others=[104, 122])
    assert alone.is_reliable
    assert (beside.method, beside.low, beside.high) == ("quasi-Poisson", None, None)
    assert beside.p_value == pytest.approx(stats.f.sf(6.8211 / (15.3053 / 2), 1, 2), abs=1e-3)
    assert beside.estimate == alone.estimate


def test_two_years_alone_are_held_against_twice_the_variance():
    """Halves of counts of twice the variance vary as Poisson's: scipy's E-test of 21 and 17."""
    result = compare_counts(42, 34, others=[])
    assert result.method == "E-test at twice the variance"
    assert result.p_value == pytest.approx(stats.poisson_means_test(17, 1, 21, 1).pvalue, abs=1e-8)
    assert (result.n, result.estimate) == ((42, 34), compare_counts(42, 34).estimate)
    for last in range(60, 200, 7):
        result = compare_counts(59, last, others=[], tests=7)
        assert result.is_reliable == (not result.low <= 1 <= result.high)
    assert compare_counts(59, 95, tests=7).is_reliable
    assert not compare_counts(59, 95, others=[], tests=7).is_reliable


def test_what_is_seen_at_twice_the_variance_is_eighty_per_cent():
    _, rise = detectable_ratio(20, 7, variance=2)
    chance = chances(60, 20, 160, 20 * rise)
    seen = sum(
        chance[a, b]
        for a in range(60)
        for b in range(160)
        if a + b and e_test(a / 2, b / 2) < 0.05 / 7
    )
    assert seen == pytest.approx(0.8, abs=1e-3)


def test_counts_that_scatter_by_chance_are_tested_as_before():
    assert compare_counts(42, 34, others=[38, 44]) == compare_counts(42, 34)
    assert compare_counts(42, 34, others=[40]) == compare_counts(42, 34)


@pytest.mark.parametrize(("years", "factor"), [(2, 2), (3, 2), (4, 2), (4, 5), (8, 2), (8, 5)])
def test_scatter_alone_is_seldom_called_a_difference(years, factor, monkeypatch):
    """600 series without change, variance a factor of Poisson's, each as one of seven tests."""
    # Intervals are not asked for here, and take fifty times as long as the test.
    monkeypatch.setattr("ewm_analysis.statistics.counts._edge", lambda *_: math.nan)
    draw = np.random.default_rng(7)
    shape = 50 / (factor - 1)
    found = alone = 0
    for _ in range(600):
        first, *others, last = draw.poisson(draw.gamma(shape, 50 / shape, years)).tolist()
        found += compare_counts(first, last, others=others, tests=7).is_reliable
        alone += e_test(first, last) < 0.05 / 7
    assert found / 600 < 0.025
    assert alone / 600 > 0.035


def test_a_family_shares_the_level():
    one, seven = compare_counts(59, 95), compare_counts(59, 95, tests=7)
    assert seven.p_value == one.p_value
    assert (seven.level, one.level) == (0.05 / 7, 0.05)
    assert seven.low < one.low
    for last in range(80, 110):
        result = compare_counts(59, last, tests=7)
        assert result.is_reliable == (not result.low <= 1 <= result.high)


def test_counts_of_ten_millions_need_little_memory():
    """A double sum over both counts would take gigabytes."""
    tracemalloc.start()
    result = compare_counts(10**7, 10**7 + 10_000)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    z = 10_000 / math.sqrt(2 * 10**7 + 10_000)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(z), rel=1e-3)
    assert result.low > 1


def test_ratio_with_a_zero_has_an_interval_of_positive_width():
    """statsmodels' score interval returns (0.768, 0.768) here."""
    fall, rise = compare_counts(5, 0), compare_counts(0, 5)
    assert (fall.estimate, fall.low, rise.estimate, rise.high) == (0, 0, None, None)
    assert fall.high == pytest.approx(1 / rise.low)
    assert e_test(5, 0, 0.999 * fall.high) >= 0.05 > e_test(5, 0, 1.001 * fall.high)


def test_no_event_at_all_warns_and_says_so():
    with pytest.warns(SmallSampleWarning, match="no event"):
        result = compare_counts(0, 0)
    assert (result.estimate, result.p_value) == (None, None)


@pytest.mark.parametrize("wrong", [-1, 2.5, float("nan"), float("inf")])
def test_what_is_no_count_is_refused(wrong):
    with pytest.raises(ParameterError, match="is no count"):
        count_interval(wrong)


@given(st.integers(0, 300), st.integers(0, 300))
def test_comparing_counts_the_other_way_round_turns_the_ratio(first, last):
    if first + last == 0:
        return
    one, other = compare_counts(first, last), compare_counts(last, first)
    assert one.p_value == pytest.approx(other.p_value, abs=1e-9)
    if first and last:
        assert one.estimate * other.estimate == pytest.approx(1)
        assert one.low == pytest.approx(1 / other.high, rel=1e-5)  # both are found by iteration
        assert one.low <= one.estimate <= one.high


@given(st.integers(0, 2000))
def test_count_interval_contains_the_count(count):
    result = count_interval(count)
    assert result.low <= count <= result.high
    assert result.low < result.high


def chance_to_see(count, later, tests=1):
    """Exact chance that the E-test finds a difference between Poisson counts of these means."""
    chance = chances(count + 40, count, int(2 * later) + 40, later)
    return sum(
        chance[a, b]
        for a, b in np.argwhere(chance > 1e-6)
        if a + b > 0 and stats.poisson_means_test(b, 1, a, 1).pvalue < 0.05 / tests
    )


@pytest.mark.parametrize(("count", "fall", "rise"), [(30, 0.41, 1.85), (60, 0.55, 1.58)])
def test_detectable_ratio_is_near_gus(count, fall, rise):
    """Power of the score test, Gu et al. (2008), a normal approximation."""
    found = detectable_ratio(count)
    assert found == (pytest.approx(fall, abs=0.015), pytest.approx(rise, abs=0.015))


@pytest.mark.parametrize(("count", "tests"), [(3, 1), (10, 1), (10, 7)])
def test_eighty_per_cent_are_eighty(count, tests):
    """Summed over all pairs of counts, with scipy's E-test."""
    fall, rise = detectable_ratio(count, tests)
    assert chance_to_see(count, count * rise, tests) == pytest.approx(0.8, abs=1e-3)
    if fall is not None:
        assert chance_to_see(count, count * fall, tests) == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_from_a_handful_no_fall_can_be_seen(count):
    """Even a fall to none is found by the E-test in fewer than 80 % of all cases."""
    fall, rise = detectable_ratio(count)
    assert fall is None
    assert rise > 3
    assert chance_to_see(count, 0) < 0.8


def test_from_six_only_a_fall_to_none_can_be_seen():
    """The E-test finds none after six with 85 %."""
    assert chance_to_see(6, 0) == pytest.approx(0.85, abs=0.005)
    assert math.floor(6 * detectable_ratio(6)[0]) == 0


@pytest.mark.parametrize("count", range(6, 60))
def test_a_fall_that_can_be_seen_is_reliable_where_it_is_met(count):
    fall, _ = detectable_ratio(count)
    assert compare_counts(count, math.floor(count * fall)).is_reliable


def test_nothing_is_detectable_from_zero():
    assert detectable_ratio(0) == (None, None)


def test_constancy_of_five_years():
    """Sum of squares 138.8 over the mean 37.2 is 3.731 on 4 degrees of freedom."""
    assert constancy([38, 44, 41, 34, 29]).p_value == pytest.approx(0.4436, abs=1e-4)
    with pytest.warns(SmallSampleWarning):
        assert constancy([7]).p_value is None


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_share_interval_is_newcombes_method_3(count, base, low, high):
    """Newcombe (1998), Stat. Med. 17, 857-872, table I."""
    result = share_interval(count, base)
    assert (result.low, result.high) == (
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )


@pytest.mark.parametrize(
    ("last", "first", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_compare_shares_is_newcombes_method_10(last, first, low, high):
    """Newcombe (1998), Stat. Med. 17, 873-890, table II; statsmodels' score method fails on
    several of these."""
    result = compare_shares(first, last)
    assert (result.low, result.high) == (
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )


shares = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_shares_of_a_page_share_its_level():
    """Boschloo of 18 of 42 and 24 of 34: p = 0.017; the interval is as wide as the level asks."""
    alone, seventh = (compare_shares((18, 42), (24, 34), tests=tests) for tests in (1, 7))
    assert alone.p_value == seventh.p_value == pytest.approx(0.017, abs=5e-4)
    assert (alone.is_reliable, seventh.is_reliable) == (True, False)
    assert seventh.low < 0 < alone.low


@given(shares, shares)
def test_difference_of_shares_lies_in_its_interval(first, last):
    result = compare_shares(first, last)
    assert result.low - 1e-12 <= result.estimate <= result.high + 1e-12
    assert 0 <= result.p_value <= 1


@given(shares)
def test_share_interval_is_mirrored_and_never_without_width(share):
    count, base = share
    result, mirror = share_interval(count, base), share_interval(base - count, base)
    assert result.low <= result.estimate <= result.high
    assert result.low < result.high
    assert result.low == pytest.approx(1 - mirror.high)


def test_a_share_of_nothing_warns():
    with pytest.warns(SmallSampleWarning, match="base is zero"):
        assert share_interval(0, 0).estimate is None
    with pytest.raises(ParameterError, match="no part of 3"):
        share_interval(4, 3)


@pytest.mark.parametrize("tables", [((18, 42), (24, 34)), ((1, 10), (4, 25)), ((0, 6), (5, 9))])
def test_boschloo_is_scipys(tables):
    """Boschloo (1970); scipy maximises on a coarse grid, so that it may stay a little below."""
    (k1, n1), (k2, n2) = tables
    expected = stats.boschloo_exact([[k2, k1], [n2 - k2, n1 - k1]], n=128).pvalue
    assert compare_shares(*tables).p_value == pytest.approx(expected, rel=2e-3)


def test_shares_of_nine_hundred_are_compared_at_once():
    """19 s with scipy's table; the p value is near that of the normal approximation."""
    start = time.perf_counter()
    result = compare_shares((450, 900), (495, 900))
    assert time.perf_counter() - start < 1
    z = 45 / math.sqrt(2 * 900 * 0.525 * 0.475)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(z), abs=0.003)


def test_adjusting_p_values():
    """Holm by hand: 3 × 0.01, max(…, 2 × 0.03), max(…, 0.04)."""
    assert adjust([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert adjust([0.01, 0.04, 0.03], for_claims=False) == pytest.approx([0.03, 0.04, 0.04])
    assert adjust([]) == []


def test_adjusted_p_values_are_those_of_statsmodels() -> None:
    draw = np.random.default_rng(7)
    for size in (1, 2, 9, 72):
        p_values = draw.random(size).round(2) ** 2  # some are equal, some are 0 or 1
        for method, for_claims in (("holm", True), ("fdr_bh", False)):
            known = multipletests(p_values, method=method)[1].tolist()
            assert adjust(p_values.tolist(), for_claims=for_claims) == known


def test_multiresponse_of_one_category_is_pearsons_chi_square():
    from scipy import stats

    first, last = np.repeat([[1], [0]], [7, 27], axis=0), np.repeat([[1], [0]], [1, 33], axis=0)
    expected = stats.chi2_contingency([[7, 27], [1, 33]], correction=False).pvalue
    assert compare_multiresponse(first, last).p_value == pytest.approx(expected)


def test_multiresponse_of_a_doubled_category_counts_it_once():
    """Two identical columns carry the information of one."""
    first, last = np.repeat([[1], [0]], [7, 27], axis=0), np.repeat([[1], [0]], [1, 33], axis=0)
    one = compare_multiresponse(first, last).p_value
    two = compare_multiresponse(np.hstack([first] * 2), np.hstack([last] * 2)).p_value
    assert two == pytest.approx(one)


def test_multiresponse_keeps_its_level():
    """500 pairs of years drawn alike, dependent items: about 5 % are called different."""
    draw = np.random.default_rng(1)

    def year() -> np.ndarray:
        common = draw.random((34, 1)) < 0.5
        return ((draw.random((34, 4)) < 0.3) | (common & (draw.random((34, 4)) < 0.5))).astype(int)

    found = [compare_multiresponse(year(), year()).is_reliable for _ in range(500)]
    assert 0.02 < np.mean(found) < 0.085


def test_multiresponse_refuses_what_is_no_assignment():
    with pytest.raises(ParameterError, match="neither 0 nor 1"):
        compare_multiresponse(np.array([[2], [0]]), np.array([[1], [0]]))
    with pytest.warns(SmallSampleWarning):
        assert compare_multiresponse(np.array([[1], [1]]), np.array([[1], [1]])).p_value is None
