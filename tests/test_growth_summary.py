"""The growth page's frames: which figures are compared, what is tested, what is left open."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import poisson_means_test
from small_project import CLUSTER, small_notebook, write_project

from ewm_analysis.batch import plan_runs
from ewm_analysis.batch.plan import span_pages
from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.indicators.long import as_values
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.statistics import (
    deflate,
    employment_growth,
    growth_summary,
    index_series,
    location_quotients,
    shift_share_by_sector,
    size_summary,
    trend_summary,
    volume_change,
    without_largest,
)
from ewm_analysis.statistics.growth import growth_span

ROOT = Path(__file__).parents[1]


def figure(year: int, indicator: str, value: float | None, **more: object) -> dict[str, object]:
    basic = {"cluster_id": "imk", "region": "bebb", "source_id": "report"}
    return {"year": year, "indicator": indicator, "value": value, **basic, **more}


def flags(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {name: frame[name].fillna(False) for name in ("is_provisional", "is_year_inferred")}


def values(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=None if rows else ["year", "indicator", "value"])
    if frame.empty:
        frame = frame.assign(cluster_id="", region="", source_id="")
    full = as_values(frame)
    fills = {"scope": "", "dimension": "", "category": "", "delimitation": "", "precision": "exact"}
    return full.fillna(fills).assign(**flags(full))


def series(indicator: str, levels: dict[int, float], **more: object) -> list[dict[str, object]]:
    return [figure(year, indicator, value, **more) for year, value in levels.items()]


def only(table: pd.DataFrame) -> pd.Series:
    assert len(table) == 1
    return table.iloc[0]


# Growth


def test_the_printed_counts_are_no_reliable_difference() -> None:
    # report of 2021, p. 7: 34 after 42 new projects; E-test by Krishnamoorthy & Thomson, of
    # halves: with two years twice the variance of independent events is assumed (36 % without)
    row = only(growth_summary(values(*series("projects_new", {2020: 42, 2021: 34}))))
    assert (row["change"], row["years"], row["gap"]) == (-8, 2, "")
    assert row["growth"] == pytest.approx(-8 / 42)
    assert row["p_value"] == pytest.approx(poisson_means_test(17, 1, 21, 1).pvalue, abs=1e-8)
    assert row["low"] < 34 / 42 < row["high"]
    assert row["cagr"] is pd.NA


def test_years_between_are_part_of_the_finding() -> None:
    """59 and 95 activities with four times 77 between are a reliable rise; with 104 and 122, no."""
    ends, steady = {2018: 59, 2021: 95}, {2016: 59, 2021: 95} | dict.fromkeys(range(2017, 2021), 77)
    alone = only(growth_summary(values(*series("activities", steady))))
    beside = only(growth_summary(values(*series("activities", ends | {2019: 104, 2020: 122}))))
    assert (alone["method"], beside["method"]) == ("E-test", "quasi-Poisson")
    assert alone["p_value"] < 0.05 / 7 < beside["p_value"]
    assert alone["low"] > 1
    assert beside[["low", "high"]].isna().all()


def test_prices_are_those_of_the_statistical_office() -> None:
    """Changes on the year before as table 61111-0001 of the Federal Statistical Office has them."""
    rows = pd.read_csv("data/capital-region/economy/economy.csv", dtype={"region": str})
    prices = rows[rows["indicator"] == "price_index"].set_index("year")["value"]
    printed = [1.9, 1.5, 1.0, 0.5, 0.5, 1.5, 1.8, 1.4, 0.5, 3.1, 6.9, 5.9]
    assert [*prices.index] == [*range(2011, 2024)]
    assert prices[2020] == 1
    assert (100 * prices.pct_change().dropna()).tolist() == pytest.approx(printed, abs=0.06)


def test_amounts_grow_less_where_prices_rise() -> None:
    """90.0 and 99.5: consumer prices of 2011 and 2019, Federal Statistical Office, 2020 = 100."""
    rows = values(
        *series("turnover_eur", {2011: 100e6, 2019: 167.5e6}),
        *series("companies", {2011: 100, 2019: 110}),
    )
    table = growth_summary(rows, {2011: 0.9, 2019: 0.995}).set_index("indicator")
    assert table.loc["turnover_eur", "growth"] == pytest.approx(0.675)
    assert table.loc["turnover_eur", "real_growth"] == pytest.approx(1.675 * 0.9 / 0.995 - 1)
    assert pd.isna(table.loc["companies", "real_growth"])
    assert growth_summary(rows, {2011: 0.9})["real_growth"].isna().all()
    with pytest.raises(ParameterError, match="price: 0"):
        deflate(5, 0)


@pytest.mark.parametrize(
    "indicator", ["projects_running", "actors_projects", "project_volume", "companies"]
)
def test_what_overlaps_between_years_is_not_tested(indicator: str) -> None:
    row = only(growth_summary(values(*series(indicator, {2020: 100, 2021: 300}))))
    assert row["growth"] == 2
    assert row[["p_value", "low", "high"]].isna().all()


def test_average_growth_takes_the_true_span_of_years() -> None:
    row = only(growth_summary(values(*series("projects_running", {2018: 100, 2020: 121}))))
    assert row["cagr"] == pytest.approx(0.1)


def test_one_year_is_no_growth() -> None:
    with pytest.warns(SmallSampleWarning, match="one year only"):
        row = only(growth_summary(values(figure(2021, "activities", 95))))
    assert row["gap"] == "one_year"
    assert row[["change", "growth", "p_value"]].isna().all()


def test_zero_base_has_a_difference_but_no_growth() -> None:
    row = only(growth_summary(values(*series("activities", {2020: 0, 2021: 7}))))
    assert (row["gap"], row["change"]) == ("zero_base", 7)
    assert row["growth"] is pd.NA
    assert row["high"] is pd.NA
    assert row["p_value"] < 0.05


def test_nothing_in_both_years_warns() -> None:
    with pytest.warns(SmallSampleWarning, match="no event"):
        row = only(growth_summary(values(*series("activities", {2020: 0, 2021: 0}))))
    assert row[["growth", "low", "high", "p_value"]].isna().all()


def test_negative_values_have_no_growth() -> None:
    row = only(growth_summary(values(*series("projects_new", {2020: -2, 2021: 7}))))
    assert (row["gap"], row["growth"], row["p_value"]) == ("negative", pd.NA, pd.NA)


def test_rough_figures_are_not_compared() -> None:
    rows = values(figure(2020, "companies", 38100, precision="approximate"),
                  figure(2021, "companies", 42000))  # fmt: skip
    row = only(growth_summary(rows))
    assert (row["gap"], row["change"]) == ("rough", pd.NA)


def test_sources_with_delimitations_of_their_own_are_kept_apart() -> None:
    rows = values(
        figure(2019, "companies", 10, scope="total", delimitation="other", source_id="a"),
        figure(2020, "companies", 20, scope="total", delimitation="other", source_id="b"),
        figure(2021, "companies", 25, scope="total", delimitation="other", source_id="b"),
    )
    with pytest.warns(SmallSampleWarning, match="one year only"):
        table = growth_summary(rows)
    assert table["years"].tolist() == [1, 2]
    assert growth_span(rows) == (2020, 2021)


def test_one_delimitation_is_one_series_whoever_prints_it() -> None:
    own = {"scope": "core", "delimitation": "clustermonitoring"}
    rows = values(
        figure(2014, "companies", 168, source_id="a", **own),
        figure(2015, "companies", 165, source_id="b", **own),
    )
    assert only(growth_summary(rows))["change"] == -3


def test_no_figure_at_all_is_an_empty_table() -> None:
    assert growth_summary(values()).empty
    assert growth_span(values()) is None
    assert trend_summary(values()).empty


# Index and trend


def test_index_begins_in_the_first_common_year() -> None:
    rows = values(
        *series("projects_new", {2018: 40, 2019: 50, 2020: 60}),
        *series("activities", {2019: 10, 2020: 20, 2021: 30}),
    )
    index = index_series(rows)
    assert set(index["base_year"]) == {2019}
    new = index[index["indicator"] == "projects_new"]
    assert new["index"].tolist() == [80, 100, 120]


@pytest.mark.parametrize(
    "rows",
    [
        series("activities", {2020: 1, 2021: 2}),
        series("activities", {2016: 1, 2017: 2, 2018: 3})
        + series("projects_new", {2019: 1, 2020: 2, 2021: 3}),
    ],
)
def test_index_needs_three_years_and_a_common_one(rows: list[dict[str, object]]) -> None:
    with pytest.warns(SmallSampleWarning, match="index"):
        assert index_series(values(*rows)).empty


def test_a_series_that_starts_at_zero_has_no_index() -> None:
    with pytest.warns(SmallSampleWarning, match="base 2019"):
        index = index_series(values(*series("activities", {2019: 0, 2020: 2, 2021: 3})))
    assert index["index"].isna().all()


def test_four_years_are_never_a_trend() -> None:
    levels = {2018: 1, 2019: 10, 2020: 100, 2021: 1000}
    row = only(trend_summary(values(*series("activities", levels))))
    assert row["gap"] == "short"
    assert row["smallest_p"] == pytest.approx(1 / 12)
    assert row[["low", "high", "p_value"]].isna().all()


def test_five_rising_years_are_too_few_among_seven_tests_and_six_are_a_trend() -> None:
    levels = {2016 + step: 10 + step for step in range(6)}
    five = only(trend_summary(values(*series("activities", dict([*levels.items()][1:])))))
    assert (five["gap"], five["smallest_p"]) == ("short", pytest.approx(1 / 60))
    row = only(trend_summary(values(*series("activities", levels))))
    assert (row["gap"], row["slope"]) == ("", 1)
    assert row["p_value"] == pytest.approx(1 / 360)
    assert row[["low", "high"]].isna().all()  # all steps alike: an interval of no width is none


def test_stocks_are_not_tested_and_constants_have_no_interval() -> None:
    stock = {2017 + step: 10 + step * step for step in range(6)}
    rows = values(
        *series("projects_running", stock),
        *series("activities", dict.fromkeys(range(2010, 2021), 5)),
    )
    table = trend_summary(rows).set_index("indicator")
    assert table["gap"].to_dict() == {"projects_running": "stock", "activities": "constant"}
    assert table[["p_value", "low", "high"]].isna().all(axis=None)


# Volume


def printed(first: float = 68.9e6, last: float = 161.5e6) -> pd.DataFrame:
    named = {"idunion": 30e6, "smart": 17e6, "mr4b": 15e6, "reskriver": 14e6, "desy": 12.8e6}
    parts = [
        figure(2021, "project_volume", value, dimension="project", category=name)
        for name, value in named.items()
    ]
    return values(
        *series("projects_new", {2020: 42, 2021: 34}),
        *series("project_volume", {2020: first, 2021: last}),
        *parts,
    )


def test_change_of_the_printed_volume() -> None:
    # report of 2021, p. 7 and 8: 42 projects of 68.9 m EUR, then 34 of 161.5 m EUR
    comparison = volume_change(printed())
    assert comparison is not None
    assert comparison.parts.number / 1e6 == pytest.approx(-25.6, abs=0.05)
    assert comparison.parts.size / 1e6 == pytest.approx(118.2, abs=0.05)
    steps = comparison.steps()
    assert steps["end"].iloc[-2] == pytest.approx(161.5e6)
    assert steps["value"].iloc[1:-1].sum() == pytest.approx(92.6e6)


def test_volume_without_the_projects_named() -> None:
    table = without_largest(printed()).set_index("year")
    assert table.loc[2021, "rest"] == pytest.approx(72.7e6)
    assert table.loc[2021, "share"] == pytest.approx(88.8 / 161.5)
    assert table.loc[2020, ["share", "rest"]].isna().all()


@pytest.mark.parametrize("total", [50e6, 0, -1.0])
def test_named_projects_above_the_total_are_no_share(total: float) -> None:
    assert without_largest(printed(last=total)).set_index("year").loc[2021, ["share"]].isna().all()


@pytest.mark.parametrize(
    "rows",
    [
        series("project_volume", {2020: 1e6, 2021: 2e6}),
        series("projects_new", {2020: 0, 2021: 3}) + series("project_volume", {2020: 0, 2021: 2e6}),
        series("projects_new", {2021: 3}) + series("project_volume", {2021: 2e6}),
    ],
)
def test_totals_of_one_year_are_not_split(rows: list[dict[str, object]]) -> None:
    with pytest.warns(SmallSampleWarning, match="fewer than two years"):
        assert volume_change(values(*rows)) is None


def test_parts_of_recorded_volumes_add_up() -> None:
    years = {2020: [1e6, 2e6, 3e6, 4e6, 5e6, 6e6, math.nan], 2021: [2e6] * 4 + [9e6, 8e6, 7e6]}
    comparison = volume_change(years)
    assert comparison is not None
    parts = comparison.parts
    assert parts.large is not None
    assert parts.number + parts.size + parts.large == pytest.approx(parts.change)
    assert parts.change == pytest.approx(comparison.last - comparison.first)


def test_few_projects_are_split_into_number_and_size_only() -> None:
    with pytest.warns(SmallSampleWarning, match="fewer than four projects"):
        comparison = volume_change({2020: [5e6], 2021: [1e6, 2e6]})
    assert comparison is not None
    assert comparison.parts.large is None
    assert comparison.sizes is not None
    assert comparison.sizes.estimate is None


@pytest.mark.parametrize("years", [{}, {2021: [1e6]}, {2020: [math.nan], 2021: [1e6]}, {2021: []}])
def test_one_year_of_volumes_is_not_compared(years: dict[int, list[float]]) -> None:
    with pytest.warns(SmallSampleWarning, match="fewer than two years"):
        assert volume_change(years) is None


def test_volumes_that_are_all_zero() -> None:
    with pytest.warns(SmallSampleWarning):
        comparison = volume_change({2020: [0.0] * 7, 2021: [0.0] * 8})
    assert comparison is not None
    assert comparison.parts.change == 0
    assert without_largest({2020: [0.0] * 7}).empty
    assert size_summary({2020: [0.0] * 7}).empty


def test_negative_volume_is_refused() -> None:
    with pytest.raises(ParameterError, match="volume: -1"):
        size_summary({2021: [-1.0, 2.0]})


def test_one_project_is_all_and_leaves_nothing_out() -> None:
    assert without_largest({2021: [5e6]}).empty
    with pytest.warns(SmallSampleWarning, match="fewer than five"):
        table = size_summary({2021: [5e6]}).set_index("measure")
    assert "top_1" not in table.index
    assert table[["low", "high"]].isna().all(axis=None)


def test_equal_projects_have_no_interval() -> None:
    with pytest.warns(SmallSampleWarning, match="same volume"):
        table = size_summary({2021: [1e6] * 9}).set_index("measure")
    assert table[["low", "high"]].isna().all(axis=None)
    assert table.loc["effective_number", "value"] == pytest.approx(9)


# Region


@pytest.fixture(scope="module")
def official(real: Dataset) -> Iterator[pd.DataFrame]:
    from ewm_analysis.indicators import economy_values

    return economy_values(real.economy)


def test_shift_share_of_the_real_regions(official: pd.DataFrame) -> None:
    table = shift_share_by_sector(official)
    total = table[table["category"] == ""].set_index(["region", "method"])
    berlin = total.loc[("be", "static")]
    # official sums by sector: 1,426,453 in 2017 and 1,582,535 in 2021
    assert berlin["change"] == pytest.approx(156082)
    assert (berlin["first_year"], berlin["last_year"], berlin["years"]) == (2017, 2021, 4)
    for row in table.itertuples():
        assert row.national + row.industry + row.regional == pytest.approx(row.change, abs=1e-6)
        assert row.competition + row.allocation == pytest.approx(row.regional, abs=1e-6)
    sectors = table[table["category"] != ""].groupby(["region", "method"])["change"].sum()
    assert sectors.to_dict() == pytest.approx(total["change"].to_dict())


def test_quotients_of_the_real_regions(official: pd.DataFrame) -> None:
    table = location_quotients(official)
    assert set(table["year"]) == {2021}
    assert table["quotient"].between(table["lowest"], table["highest"]).all()
    assert (table["lowest"] < table["highest"]).all()
    weighted = (table["reference"] * table["quotient"]).groupby(table["region"]).sum()
    whole = table.groupby("region")["reference"].sum()
    assert (weighted / whole).tolist() == pytest.approx([1, 1])
    levels = table[["value", "reference"]]
    shares = levels / levels.groupby(table["region"]).transform("sum")
    quotients = shares["value"] / shares["reference"]
    assert quotients.tolist() == pytest.approx(table["quotient"].astype(float).tolist())
    assert (table["krugman"] == 2 * table["hoover"]).all()


def test_regions_without_years_in_common_are_left_out() -> None:
    with pytest.warns(SmallSampleWarning, match="fewer than two years"):
        assert shift_share_by_sector(values()).empty
    with pytest.warns(SmallSampleWarning, match="no year in common"):
        assert location_quotients(values()).empty


def test_employment_keeps_the_years_of_each_growth(official: pd.DataFrame) -> None:
    table = employment_growth(official[official["year"] <= 2021], "imk", 2017)
    own = table[table["cluster_id"] == "imk"].set_index("first_year")
    assert own.loc[2011, "growth"] == 0.705  # report of 2021, Tab. 1
    assert own.loc[2011, "cagr"] == pytest.approx(1.705 ** (1 / 9) - 1)
    germany = table[table["region"] == "de"].iloc[0]
    assert germany["growth"] == pytest.approx(33802173 / 32164973 - 1)
    assert germany["is_provisional"]
    assert employment_growth(values(), "imk", 2017).empty


# Planning


def test_pages_on_growth_span_the_years_that_can_be_compared(real: Dataset) -> None:
    pages = {page["cluster_id"]: page for page in span_pages(real)}
    assert set(pages) == {"ew", "imk", "op"}
    assert pages["imk"] == {"cluster_id": "imk", "first_year": 2012, "last_year": 2022}
    assert pages["ew"] == {"cluster_id": "ew", "first_year": 2014, "last_year": 2015}
    runs = plan_runs([real], ROOT, ROOT / "outputs", clusters=["op"], notebooks=["20_growth"])
    assert {run.cluster_id for run in runs} == {"op"}


def test_a_page_on_growth_stands_in_the_folder_of_its_last_year(tmp_path: Path) -> None:
    span = "first_year: int = 2020  # first year\nlast_year: int = 2021  # last year\n"
    root = write_project(tmp_path, nb_20_growth=small_notebook(takes=CLUSTER + span))
    data_set = open_dataset(root / "data" / "example")
    runs = plan_runs([data_set], root, root / "outputs", locales=["de"])
    # gw has figures of one year only
    assert [str(run) for run in runs] == ["example 2021 imk 20_growth de"]
    assert runs[0].parameters["first_year"] == 2020
    folder = runs[0].folder.relative_to(root).as_posix()
    assert folder == "outputs/example/2021/imk/20_growth/de"
