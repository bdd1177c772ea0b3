"""The innovation survey of Berlin and Germany: a real series of eleven years, by branch."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ewm_analysis import figures, statistics, tables
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError, SmallSampleWarning
from ewm_analysis.indicators import approximations, compute_indicators, economy_values
from ewm_analysis.loaders import Dataset
from ewm_analysis.statistics.region import SURVEY

MILLION = 1_000_000


@pytest.fixture(scope="module")
def values(real: Dataset) -> pd.DataFrame:
    return compute_indicators(real)


@pytest.fixture(scope="module")
def words(real: Dataset) -> Words:
    return Words(real.reference, "de")


def surveyed(values: pd.DataFrame, name: str, year: int, category: str = "") -> float:
    """Return a figure of Berlin, as Technologiestiftung Berlin prints it."""
    rows = values[
        (values["delimitation"] == "survey")
        & (values["region"] == "be")
        & (values["indicator"] == name)
        & (values["year"] == year)
        & (values["category"] == category)
    ]
    (value,) = rows["value"]
    return float(value)


def test_totals_of_berlin(values: pd.DataFrame) -> None:
    assert surveyed(values, "turnover_eur", 2012) == 78_810 * MILLION
    assert surveyed(values, "turnover_eur", 2022) == 133_021 * MILLION
    assert surveyed(values, "companies", 2012) == 5656
    assert surveyed(values, "companies", 2022) == 7555
    assert surveyed(values, "rd_expenditure_eur", 2012) == 1713 * MILLION
    assert surveyed(values, "rd_expenditure_eur", 2022) == 3414 * MILLION


def test_software_has_quadrupled_its_turnover(values: pd.DataFrame) -> None:
    first, last = (surveyed(values, "turnover_eur", year, "62-63") for year in (2012, 2022))
    assert round(statistics.growth_rate(first, last), 3) == 3.109
    assert round(statistics.cagr(first, last, 10), 4) == 0.1518
    index = statistics.index_by_sector(values, "turnover_eur")
    own = index[(index["region"] == "be") & (index["category"] == "62-63")].set_index("year")
    assert [*own.index] == [*range(2012, 2023)]
    assert own.loc[2012, "index"] == 100
    assert round(own.loc[2022, "index"], 1) == 410.9


def test_employees_by_nation_mix_and_location(values: pd.DataFrame) -> None:
    with pytest.warns(SmallSampleWarning, match="bb"):  # the survey knows nothing of Brandenburg
        split = statistics.shift_share_by_sector(values, SURVEY)
    total = split[(split["category"] == "") & (split["method"] == "static")].iloc[0]
    assert (total["first_year"], total["last_year"]) == (2017, 2022)
    assert total["first"] == 302_542
    assert total["first"] + total["change"] == 386_273
    parts = [round(total[name], 1) for name in ("national", "industry", "regional")]
    assert parts == [21_727.2, 26_512.4, 35_491.4]


def test_location_quotients_of_2022(values: pd.DataFrame) -> None:
    with pytest.warns(SmallSampleWarning, match="bb"):
        quotients = statistics.location_quotients(values, SURVEY).set_index("category")
    assert len(quotients) == 15
    assert {*quotients["year"]} == {2022}
    found = quotients["quotient"].astype(float).round(4)
    expected = {"62-63": 2.7138, "58-61": 2.7079, "73-74": 2.7275, "26-27": 0.8546, "72": 2.2195}
    assert found[[*expected]].to_dict() == expected


def test_the_official_structure_is_as_before(values: pd.DataFrame) -> None:
    official = values[values["delimitation"] == "official"]
    for statistic in (statistics.shift_share_by_sector, statistics.location_quotients):
        pd.testing.assert_frame_equal(statistic(values), statistic(official))


def test_a_cluster_is_approximated_by_its_branches(values: pd.DataFrame) -> None:
    own = values[(values["cluster_id"] == "imk") & (values["delimitation"] == "approximation")]
    turnover = own[(own["indicator"] == "turnover_eur") & (own["region"] == "be")]
    assert [value / MILLION for value in turnover.sort_values("year")["value"]] == [
        11_449, 12_267, 12_230, 13_341, 14_327, 16_074, 16_423, 19_693, 23_063, 24_367, 25_675,
    ]  # fmt: skip
    assert {*own["region"]} == {"be", "de"}
    assert {*own["note"]} == {"WZ 58-61, 62-63, 73-74"}
    assert {*own["scope"]} == {""}  # neither core nor whole cluster


def test_no_approximation_without_all_its_branches(real: Dataset) -> None:
    economic = economy_values(real.economy)
    gap = (economic["category"] == "73-74") & (economic["year"] == 2015)
    found = approximations(economic[~gap], real.reference)
    assert 2015 not in {*found["year"]}
    assert 2016 in {*found["year"]}
    none = replace(real.reference, cluster_branches=real.reference.cluster_branches.iloc[:0])
    assert approximations(economic, none).empty


def test_growth_of_the_approximation_stands_beside_that_of_the_nation(
    values: pd.DataFrame, words: Words
) -> None:
    own = values[(values["cluster_id"] == "imk") & (values["delimitation"] == "approximation")]
    summary = statistics.growth_summary(own).set_index(["indicator", "region"])
    berlin, germany = (summary.loc["turnover_eur", region] for region in ("be", "de"))
    assert (berlin["first_year"], berlin["last_year"], berlin["years"]) == (2012, 2022, 11)
    assert round(berlin["growth"], 3) == 1.243  # 25,675 / 11,449
    assert berlin["growth"] > germany["growth"] > 0
    trend = statistics.trend_summary(own)
    assert {*trend["gap"]} == {"stock"}  # eleven years, but stocks are not tested
    said = [line[0] for line in tables.table("trend_table", trend, words).rows]
    assert "Kein Test: " in said[0]  # once a period, above its rows
    rows = [name for name in said if not name.startswith("Zeitraum ")]
    assert len(rows) > len(said) / 2
    assert all("(Annäherung über Branchen)" in name for name in rows)
    index = statistics.index_series(own)
    axes = figures.plot("economy_index", index, words)
    labels = {text.get_text().split()[-1] for text in axes.texts}
    assert labels == {"Berlin", "Deutschland"}


def test_totals_of_the_nation_are_told_where_they_exist(values: pd.DataFrame, words: Words) -> None:
    own = values[(values["cluster_id"] == "imk") & (values["region"] == "de")]
    said = figures.describe("nation_totals", own, words)
    assert "„Software, Datenverarbeitung (62–63)“" in said
    assert figures.describe("nation_totals", own.iloc[:0], words) == (
        "Gesamtzahlen für Deutschland enthält der Datensatz für dieses Cluster nicht."
    )


def test_branches_are_drawn_and_said(values: pd.DataFrame, words: Words) -> None:
    index = statistics.index_by_sector(values, "turnover_eur")
    figure = figures.plot("branch_courses", index, words).figure
    assert len([ax for ax in figure.axes if ax.get_lines()]) == 16  # 15 branches and all
    said = figures.describe("branch_courses", index, words).replace("\xa0", " ")
    # 133,021 / 78,810
    assert "von 2012 bis 2022: nominal +69 %. Höchste Wachstumsrate: „Software" in said
    with pytest.raises(MissingDataError):
        figures.plot("branch_courses", index.iloc[:0], words)


def test_every_figure_of_the_survey_has_a_cell(values: pd.DataFrame, words: Words) -> None:
    survey = values[values["delimitation"] == "survey"]
    shown = 0
    for name, own in survey.groupby("indicator"):
        table = tables.table("surveyed_turnover_table", own, words)
        years = table.frame.iloc[:, 2:]
        assert int(years.notna().sum().sum()) == len(own), name
        shown += len(own)
    assert shown == len(survey) == 1600
    turnover = survey[survey["indicator"] == "turnover_eur"]
    rows = tables.table("surveyed_turnover_table", turnover, words).rows
    assert rows[0][0] == "Berlin"
    assert rows[1][:2] == ["Alle Wirtschaftszweige", "78.810"]
