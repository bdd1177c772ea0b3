"""Funnel limits: exact tails, relations, edge cases."""

from __future__ import annotations

import math

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
    found = funnel([10, 12, 29], [30, 28, 30])
    assert found.side == (-1, 0, 1)
    assert found.is_alarm == (False, False, True)


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
    with pytest.raises(ParameterError, match="no share"):
        funnel_limits(1.2, 10)
    with pytest.raises(ParameterError, match="1 or more"):
        funnel_limits(0.5, 0)
