"""Rounding to 100 %: a known allocation, and relations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis.statistics import largest_remainder


def test_hamiltons_seats() -> None:
    """Six parties, 100 seats, 100,000 votes: the textbook example of the method of Hamilton."""
    votes = [47_000, 16_000, 15_800, 12_000, 6_100, 3_100]
    assert largest_remainder(votes) == [0.47, 0.16, 0.16, 0.12, 0.06, 0.03]
    seats = largest_remainder([1500, 1500, 900, 500, 500, 200], digits=1)
    assert sum(seats) == pytest.approx(1)


def test_the_printed_consortia_of_clean_technologies() -> None:
    """1 and 5 of 6 are 16.7 % and 83.3 %; the report of 2022 prints 16.7 and 83.8."""
    assert largest_remainder([1, 5], digits=1) == [0.167, 0.833]


def test_nothing_has_no_shares_and_negative_parts_are_refused() -> None:
    assert largest_remainder([0, 0]) == []
    with pytest.raises(ValueError, match="negative"):
        largest_remainder([1, -1])


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(0, 2))
def test_shares_add_up_and_stay_within_a_unit(parts: list[int], digits: int) -> None:
    total, unit = sum(parts), 1 / (100 * 10**digits)
    shares = largest_remainder(parts, digits)
    if total == 0:
        assert shares == []
        return
    assert sum(shares) == pytest.approx(1)
    for part, share in zip(parts, shares, strict=True):
        assert abs(share - part / total) < unit + 1e-12
