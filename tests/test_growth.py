"""Growth: last / first − 1, and missing where there is no base."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics import cagr, growth_rate
from ewm_analysis.statistics.growth import growth_gap


def test_growth_of_the_printed_volumes() -> None:
    # report of 2021, p. 7: 161.5 million after 68.9 million
    assert growth_rate(68.9e6, 161.5e6) == pytest.approx(1.34398, abs=1e-5)


@pytest.mark.parametrize(
    ("first", "last"), [(0, 5), (-3, 5), (None, 5), (pd.NA, 5), (float("nan"), 5), (5, None)]
)
def test_growth_without_base_or_end_is_missing(first: object, last: object) -> None:
    assert growth_rate(first, last) is pd.NA


def test_growth_to_zero_is_a_fall_by_all() -> None:
    assert growth_rate(4, 0) == -1


def test_growth_of_series_is_matched_by_index() -> None:
    first = pd.Series([10, 0, None], index=["a", "b", "c"])
    last = pd.Series([3, 15, 5], index=["c", "a", "b"])
    growth = growth_rate(first, last)
    assert growth.dtype == "Float64"
    assert growth["a"] == pytest.approx(0.5)
    assert growth[["b", "c"]].isna().all()


def test_growth_from_one_base_to_a_series() -> None:
    assert list(growth_rate(100, pd.Series([110, 90]))) == pytest.approx([0.1, -0.1])


@given(st.floats(1, 1e4), st.floats(1, 1e4))
def test_growth_and_its_way_back_cancel(first: float, last: float) -> None:
    there, back = growth_rate(first, last), growth_rate(last, first)
    assert (1 + there) * (1 + back) == pytest.approx(1)


# Average growth


def test_cagr_of_the_printed_growth_of_turnover() -> None:
    # report of 2021, Tab. 1: +67.5 % from 2011 to 2019, eight yearly steps
    assert cagr(1, 1.675, 8) == pytest.approx(0.0666, abs=5e-5)


def test_cagr_over_one_period_is_the_growth_rate() -> None:
    assert cagr(80, 100, 1) == pytest.approx(growth_rate(80, 100))


@pytest.mark.parametrize(
    ("first", "last", "gap"),
    [
        (0, 5, "zero_base"),
        (0, 0, "zero_base"),
        (-3, 5, "negative"),
        (3, -5, "negative"),
        (None, 5, "missing"),
        (5, pd.NA, "missing"),
        (5, 0, ""),
    ],
)
def test_a_growth_that_is_missing_says_why(first: object, last: object, gap: str) -> None:
    assert growth_gap(first, last) == gap
    assert (cagr(first, last, 2) is pd.NA) == bool(gap)


@pytest.mark.parametrize("periods", [0, -1, float("nan")])
def test_cagr_needs_time(periods: float) -> None:
    with pytest.raises(ParameterError, match="more than 0 years"):
        cagr(1, 2, periods)


@given(st.floats(1, 1e6), st.floats(0.5, 2), st.integers(1, 20))
def test_cagr_carries_the_first_value_to_the_last(first: float, ratio: float, n: int) -> None:
    assert first * (1 + cagr(first, first * ratio, n)) ** n == pytest.approx(first * ratio)
