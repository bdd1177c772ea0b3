"""Funnel limits: exact tails, relations, edge cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics import funnel
from ewm_analysis.statistics.shares import ALARM, WARNING, funnel_limits

SHARES = st.floats(0.01, 0.99)
BASES = st.integers(1, 120)
LEVELS = st.sampled_from([WARNING, ALARM])
PARTS = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_limits_by_hand() -> None:
    # Binomial(10, 0.5): P(R ≤ 1) = 11/1024, P(R ≤ 2) = 56/1024; 2.5 % = 25.6/1024.
    # r = 2, alpha = (56 - 25.6) / 45; Spiegelhalter (2005), appendix A.1.
    low, high = funnel_limits(0.5, 10)
    assert low * 10 == pytest.approx(2 - 30.4 / 45)
    assert high * 10 == pytest.approx(8 + 30.4 / 45)


@given(SHARES, BASES, LEVELS)
def test_who_lies_outside_has_a_tail_below_the_level(share: float, base: int, level: float) -> None:
    low, high = funnel_limits(share, base, level)
    tail = (1 - level) / 2
    for count in range(base + 1):
        below = stats.binom.cdf(count, base, share)
        above = stats.binom.sf(count - 1, base, share)
        if min(abs(below - tail), abs(above - tail)) > 1e-9:
            assert (count / base < low - 1e-9) == (below < tail)
            assert (count / base > high + 1e-9) == (above < tail)


@given(SHARES, BASES)
def test_limits_nest_and_hold_the_share(share: float, base: int) -> None:
    low, high = funnel_limits(share, base, WARNING)
    far_low, far_high = funnel_limits(share, base, ALARM)
    assert 0 <= far_low <= low <= share <= high <= far_high <= 1


@given(SHARES, BASES, LEVELS)
def test_complement_mirrors_the_limits(share: float, base: int, level: float) -> None:
    low, high = funnel_limits(share, base, level)
    other_low, other_high = funnel_limits(1 - share, base, level)
    assert (other_low, other_high) == pytest.approx((1 - high, 1 - low), abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_share_of_none_or_all_leaves_no_room(share: float) -> None:
    assert funnel_limits(share, 20) == (share, share)


@given(st.lists(PARTS, min_size=2, max_size=9))
def test_order_of_clusters_is_irrelevant_and_nothing_is_undefined(
    parts: list[tuple[int, int]],
) -> None:
    if sum(n > 0 for _, n in parts) < 2:
        return
    found = funnel(*zip(*parts, strict=True))
    turned = funnel(*zip(*parts[::-1], strict=True))
    assert found.side == turned.side[::-1]
    assert found.share is not None
    assert math.isfinite(found.share)
    assert all(side != 0 for side, alarm in zip(found.side, found.is_alarm, strict=True) if alarm)


def test_sides_and_alarm() -> None:
    found = funnel([12, 13, 11, 14, 13, 12, 13, 12, 28], [30] * 9)
    assert found.side == (0,) * 8 + (1,)
    assert found.is_alarm == (False,) * 8 + (True,)


def test_shares_that_scatter_have_wider_limits() -> None:
    """Spiegelhalter (2005), section 3.2: phi = mean of the winsorised squares of z; by hand, z of
    five clusters of 100 at 0.5 are -4, -2, 0, 2, 4; 10 and 90 % quantiles -3.2 and 3.2."""
    found = funnel([30, 40, 50, 60, 70], [100] * 5)
    assert found.factor == pytest.approx((2 * 3.2**2 + 2 * 2**2) / 5)
    assert found.p_value == pytest.approx(stats.chi2.sf(40, 4))
    assert found.side == (0, 0, 0, 0, 0)
    low, high = funnel_limits(0.5, 100)
    wide_low, wide_high = funnel_limits(0.5, 100, factor=4)
    assert (0.5 - wide_low, wide_high - 0.5) == pytest.approx((2 * (0.5 - low), 2 * (high - 0.5)))
    assert funnel_limits(0.5, 4, factor=100) == (0, 1)


def test_one_cluster_far_off_is_not_hidden_by_itself() -> None:
    found = funnel([17, 15, 14, 16, 15, 16, 14, 15, 30], [30] * 9)
    assert found.is_alarm == (False,) * 8 + (True,)


def test_nobody_differs_where_shares_do_not_differ_at_all() -> None:
    """One beyond the limits, but the chi-square of all is 12.9 on 8: p = 0.12."""
    found = funnel([25, *[15, 15, 16, 14, 15, 15, 14, 16]], [30] * 9)
    assert found.side[0] == 1
    assert found.p_value > 0.01
    assert not any(found.is_alarm)


@pytest.mark.parametrize("uneven", [0, 0.4])
def test_a_funnel_of_chance_seldom_alarms(uneven: float) -> None:
    """Nine clusters, 500 funnels; without the factor 8.5 % alarm where logits scatter by 0.4."""
    draw, bases, alarms = np.random.default_rng(3), [34, 30, 26, 22, 18, 15, 12, 10, 8], 0
    for _ in range(500):
        chance = 1 / (1 + np.exp(-draw.normal(0, uneven, 9)))
        alarms += any(funnel(draw.binomial(bases, chance).tolist(), bases).is_alarm)
    assert alarms / 500 < 0.03


def test_cluster_without_projects_has_no_side() -> None:
    assert funnel([0, 5, 6], [0, 10, 12]).side == (0, 0, 0)


@pytest.mark.parametrize("counts", [[0, 0, 0], [10, 20, 5]])
def test_all_alike_lie_inside(counts: list[int]) -> None:
    assert funnel(counts, [10, 20, 5]).side == (0, 0, 0)


@pytest.mark.parametrize(("counts", "bases"), [([], []), ([0], [0]), ([3], [10]), ([0, 3], [0, 9])])
def test_fewer_than_two_clusters_are_said(counts: list[int], bases: list[int]) -> None:
    with pytest.warns(SmallSampleWarning, match="fewer than two"):
        found = funnel(counts, bases)
    assert set(found.side) <= {0}
    assert (found.share is None) == (sum(bases) == 0)


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ParameterError, match="no part of 3"):
        funnel([4, 1], [3, 3])
    with pytest.raises(ParameterError, match=r"share: 1\.2"):
        funnel_limits(1.2, 10)
    with pytest.raises(ParameterError, match="1 or more"):
        funnel_limits(0.5, 0)
