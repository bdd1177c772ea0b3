"""Growth: last / first − 1, and missing where there is no base."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics import (
    cagr,
    contributions,
    deflate,
    growth_gap,
    growth_rate,
    index_to_base,
)


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


# Average growth, contributions, index, constant prices


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


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=6))
def test_contributions_add_up_to_the_growth_of_the_whole(pairs: list[tuple[float, float]]) -> None:
    first, last = (pd.Series(values) for values in zip([1.0, 2.0], *pairs, strict=True))
    whole = growth_rate(float(first.sum()), float(last.sum()))
    assert float(contributions(first, last).sum()) == pytest.approx(whole)


def test_contribution_of_a_part_that_starts_at_zero() -> None:
    found = contributions(pd.Series({"a": 0, "b": 50}), pd.Series({"a": 5, "b": 50}))
    assert found.tolist() == [0.1, 0.0]


@pytest.mark.parametrize("parts", [[0, 0], [None, 5], [-1, 5]])
def test_contributions_need_a_positive_whole(parts: list[float]) -> None:
    with pytest.warns(SmallSampleWarning, match="no positive total"):
        assert contributions(pd.Series(parts), pd.Series([1, 2])).isna().all()


def test_index_keeps_ratios_and_missing_years() -> None:
    index = index_to_base(pd.Series({2018: 20, 2019: None, 2020: 30}), 2018)
    assert index[[2018, 2020]].tolist() == [100, 150]
    assert index.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("base", [2017, 2018, 2019])
def test_index_without_a_base_is_missing(base: int) -> None:
    # 2017 is not there, 2018 is zero, 2019 is unknown
    with pytest.warns(SmallSampleWarning, match=f"base {base}"):
        assert index_to_base(pd.Series({2018: 0, 2019: None, 2020: 30}), base).isna().all()


def test_deflated_growth_is_growth_without_prices() -> None:
    # worked by hand: 110 at prices 5 % higher are 104.76 of the base year
    real = deflate(pd.Series({2019: 100, 2020: 110}), pd.Series({2019: 80, 2020: 84}), 2019)
    assert real.tolist() == pytest.approx([100, 104.7619], abs=1e-4)
    assert deflate(pd.Series({2021: 5}), pd.Series({2019: 1}), 2019).isna().all()


@pytest.mark.parametrize(("price", "base"), [(0, 2019), (-1, 2019), (1, 2018)])
def test_deflation_needs_prices(price: float, base: int) -> None:
    with pytest.raises(ParameterError):
        deflate(pd.Series({2019: 5}), pd.Series({2019: price}), base)
