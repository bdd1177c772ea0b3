"""Ranks and their ranges: exact chances, relations, edge cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics import rank_counts, rank_values
from ewm_analysis.statistics.counts import DRAWS, Rank

COUNTS = st.lists(st.integers(0, 200), min_size=2, max_size=12)


def exact_range(counts: list[int], own: int) -> tuple[int, int]:
    """Return the 95 % range of a rank by integrating over the cluster's own rate.

    Given its rate, the number of others above it is a sum of unequal coin throws; their
    distribution is the product of polynomials. No random number is drawn.
    """
    shapes = np.array(counts) + 0.5
    others = np.delete(shapes, own)

    def chance(rate: float) -> np.ndarray:
        above = stats.gamma.sf(rate, others)
        ways = np.array([1.0])
        for p in above:
            ways = np.convolve(ways, [1 - p, p])
        return ways * stats.gamma.pdf(rate, shapes[own])

    grid = np.linspace(1e-6, max(shapes) + 12 * np.sqrt(max(shapes)), 4001)
    ranks = integrate.simpson(np.array([chance(rate) for rate in grid]), x=grid, axis=0)
    upto = np.cumsum(ranks / ranks.sum())
    return int(np.searchsorted(upto, 0.025)) + 1, int(np.searchsorted(upto, 0.975)) + 1


@pytest.mark.parametrize("counts", [[36, 29, 34, 30, 43, 12, 12, 17, 15], [60, 20, 5], [9, 8]])
def test_ranges_are_those_of_the_exact_posterior(counts: list[int]) -> None:
    found = [(place.low, place.high) for place in rank_counts(counts)]
    assert found == [exact_range(counts, own) for own in range(len(counts))]


def test_two_clusters_swap_as_often_as_the_beta_distribution_says() -> None:
    # P(rate of 30 > rate of 20) is a Beta tail: X / (X + Y) of two gammas is Beta.
    assert stats.beta.sf(0.5, 30.5, 20.5) == pytest.approx(0.9217, abs=1e-4)
    assert [(p.rank, p.low, p.high) for p in rank_counts([30, 20])] == [(1, 1, 2), (2, 1, 2)]
    assert stats.beta.sf(0.5, 50.5, 20.5) > 0.975
    assert [(p.rank, p.low, p.high) for p in rank_counts([50, 20])] == [(1, 1, 1), (2, 2, 2)]


@given(COUNTS)
def test_range_holds_the_rank(counts: list[int]) -> None:
    for place in rank_counts(counts):
        assert place.low is not None
        assert place.high is not None
        assert 1 <= place.low <= place.rank <= place.high <= len(counts)


@given(COUNTS)
def test_larger_count_has_better_rank(counts: list[int]) -> None:
    places = rank_counts(counts)
    ordered = sorted(zip(counts, places, strict=True), key=lambda pair: -pair[0])
    for (first, better), (last, worse) in itertools.pairwise(ordered):
        assert (better.rank < worse.rank) == (first > last)


def test_order_of_clusters_changes_a_range_by_no_more_than_its_random_numbers() -> None:
    counts = [36, 29, 34, 30, 43, 12, 12, 17, 15]
    forward, backward = rank_counts(counts), rank_counts(counts[::-1])[::-1]
    assert [place.rank for place in forward] == [place.rank for place in backward]
    gaps = [
        abs((one.low or 0) - (two.low or 0)) + abs((one.high or 0) - (two.high or 0))
        for one, two in zip(forward, backward, strict=True)
    ]
    assert max(gaps) <= 1


def test_same_counts_give_the_same_ranges() -> None:
    assert DRAWS == 10_000
    assert rank_counts([5, 4, 3]) == rank_counts([5, 4, 3])


def test_equal_values_share_the_better_rank_and_have_no_range() -> None:
    assert rank_values([2.0, 7.5, 7.5]) == [Rank(3), Rank(1), Rank(1)]
    assert rank_values([]) == []


def test_all_zero_leaves_every_rank_open() -> None:
    assert [(p.rank, p.low, p.high) for p in rank_counts([0] * 5)] == [(1, 1, 5)] * 5


@pytest.mark.parametrize("counts", [[], [34]])
def test_nothing_to_rank_is_said(counts: list[int]) -> None:
    with pytest.warns(SmallSampleWarning, match="fewer than two"):
        assert [place.rank for place in rank_counts(counts)] == [1] * len(counts)


@pytest.mark.parametrize("counts", [[1, -1], [1.5, 2], [float("nan"), 1], [float("inf"), 1]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    with pytest.raises(ParameterError):
        rank_counts(counts)  # type: ignore[arg-type]
