"""The page on a cluster's economy: what is counted otherwise is never one series."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ewm_analysis import figures, notebook, tables
from ewm_analysis.batch.plan import plan_runs
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.style import INK, MAIN
from ewm_analysis.indicators.long import as_values, series_labels, series_of, with_family
from ewm_analysis.loaders import load_reference, open_dataset
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.project import find_project, resolve_data_dir

WORDS = Words(load_reference(resolve_data_dir("data/reference")), "de")


@pytest.fixture(scope="module")
def imk() -> Page:
    return notebook.start(kind="economy", cluster_id="imk", data_dir="data/capital-region")


def turnover(*known: tuple[int, float, str], delimitation: str = "other") -> pd.DataFrame:
    columns = ["year", "value", "source_id"]
    rows = pd.DataFrame([*known], columns=columns).assign(
        cluster_id="imk", region="be", scope="total", indicator="turnover_eur",
        delimitation=delimitation,
    )  # fmt: skip
    return with_family(as_values(rows))


def lines(axes: Any, color: str) -> list[list[float]]:
    return [[*line.get_xdata()] for line in axes.get_lines() if line.get_color() == color]


def test_sources_that_count_in_their_own_way_are_never_joined() -> None:
    rows = turnover((2014, 30e9, "a"), (2020, 39.5e9, "b"), (2021, 43.9e9, "b"), (2023, 44e9, "c"))
    axes = figures.plot("economy_courses", rows, WORDS)
    assert lines(axes, MAIN) == [[2014], [2020, 2021], [2023]]
    assert lines(axes, INK) == [[2017, 2017], [2022, 2022]]  # the breaks
    said = figures.describe("economy_courses", rows, WORDS)
    assert said == "Die Reihe hat Brüche, über die hinweg keine Veränderung bekannt ist."


def test_one_delimitation_is_one_course_whoever_prints_it() -> None:
    rows = turnover((2014, 30e9, "a"), (2016, 33e9, "b"), delimitation="clustermonitoring")
    axes = figures.plot("economy_courses", rows, WORDS)
    assert lines(axes, MAIN) == [[2014, 2015, 2016]]  # 2015 is a gap, not a step
    assert lines(axes, INK) == []
    said = figures.describe("economy_courses", rows, WORDS)
    assert said.replace("\xa0", " ") == (
        "Von 2014 bis 2016: Umsatz, Berlin, Gesamtcluster (nominal +10 %). "
        "Die Reihe ist durchgehend gleich gezählt."
    )


def test_of_courses_over_the_longest_time_the_strongest_growth_is_said() -> None:
    own = turnover((2014, 30e9, "a"), (2016, 33e9, "a"), delimitation="clustermonitoring")
    more = own.assign(indicator="companies", value=[100.0, 150.0])
    short = own.assign(region="bb", year=[2015, 2016], value=[1.0, 9.0])
    broken = turnover((2014, 1e9, "a"), (2016, 9e9, "b"))
    said = figures.describe("economy_courses", pd.concat([own, more, short, broken]), WORDS)
    assert said.replace("\xa0", " ") == (
        "Höchste Wachstumsrate von 2014 bis 2016: Unternehmen, Berlin, Gesamtcluster (+50 %). "
        "Niedrigste Wachstumsrate: Umsatz, Berlin, Gesamtcluster (nominal +10 %). Durchgehend "
        "gleich gezählt: 3 von 4 Reihen; die übrigen haben Brüche, über die hinweg keine "
        "Veränderung bekannt ist."
    )


def test_of_courses_that_fell_or_grew_alike_none_is_said_to_have_grown_most() -> None:
    fell = turnover((2014, 30e9, "a"), (2016, 28e9, "a"), delimitation="approximation")
    more = fell.assign(indicator="companies", value=[100.0, 80.0])
    said = figures.describe("economy_courses", pd.concat([fell, more]), WORDS)
    assert "gewachsen" not in said
    assert "Gesamtcluster (Annäherung über Branchen) (nominal −6,7\xa0%)" in said
    alike = pd.concat([fell, fell.assign(region="bb")])
    said = figures.describe("economy_courses", alike, WORDS)
    assert said == "Durchgehend gleich gezählt sind alle Reihen (2)."


def test_nothing_to_draw_is_told() -> None:
    with pytest.raises(MissingDataError):
        figures.plot("economy_courses", turnover(), WORDS)


def test_every_economic_figure_of_the_cluster_is_in_the_table(imk: Page) -> None:
    known = part_of_page(imk, "economic.known")
    economy, printed = imk.dataset.economy, imk.dataset.published
    own = economy[(economy["cluster_id"] == "imk") & (economy["mention"] == 1)]
    approximated = known["delimitation"] == "approximation"
    assert approximated.sum() == 2 * (4 * 11 + 6)  # two regions; employees from 2017 on
    of_report = printed["indicator"].isin(["sectors", "solo_self_employed"])
    assert len(known) == len(own) + of_report.sum() + approximated.sum()
    table = tables.table("known_economy_table", known, imk.words)
    assert len(table.frame) == len(known)
    heads = [line[0] for place, line in enumerate(table.rows) if place not in table.indented]
    assert len(heads) == len({*heads}) == len(table.rows) - len(known)
    assert (
        "Hauptstadtregion Berlin-Brandenburg, Clusterkern (Clustermonitoring): "
        "Jahresbericht 2021 zum Ergebnis- und Wirkungsmonitoring, "
        "Cluster IKT, Medien und Kreativwirtschaft Berlin-Brandenburg" in heads
    )


def test_courses_have_two_years_in_one_delimitation(imk: Page) -> None:
    courses = part_of_page(imk, "economic.courses")
    keys = ["indicator", "region", "scope", "delimitation"]
    assert (courses.groupby(keys)["year"].nunique() > 1).all()
    assert not courses["indicator"].str.endswith(("_growth", "_cagr")).any()


def test_all_state_totals_stand_in_the_table(imk: Page) -> None:
    totals = part_of_page(imk, "economic.totals")
    table = tables.table("state_totals_table", totals, imk.words)
    assert table.rows[0][0] == "Unternehmen"
    filed = [*table.frame["Kennzahl"]]
    told = [line for line in table.rows if any(line[1:])]  # heads name the figures
    row = told[filed.index("Sozialversicherungspflichtig Beschäftigte (2023)")]
    assert row[0] == "2023"
    assert row[2:5] == ["1.680.089", "883.289", "34.709.056"]  # A VI 20 - j, 2023
    assert sum(cell != "–" for line in told for cell in line[1:]) == len(totals)


def test_clusters_with_economic_figures_have_a_page_without_a_year() -> None:
    project = find_project()
    data_set = open_dataset("data/capital-region")
    chosen = {"notebooks": ["50_economy"], "locales": ["de"]}
    runs = plan_runs([data_set], project, project / "outputs", **chosen)
    clusters = {run.cluster_id for run in runs}
    assert clusters == {"gw", "vml", "imk", "et", "op", "ew", "kc", "to", "joint"}
    assert {run.year for run in runs} == {"_all"}
    of_year = plan_runs([data_set], project, project / "outputs", years=[2021], locales=["de"])
    assert "50_economy" not in {run.notebook.stem for run in of_year}
    own = plan_runs([data_set], project, project / "outputs", clusters=["gw"], locales=["de"])
    assert [str(run) for run in own] == ["capital-region _all gw 50_economy de"]


def test_the_explorer_joins_no_two_sources_either() -> None:
    sources = ("kultur_kreativ_2017", "projekt_zukunft_2020", "projekt_zukunft_2023")
    first, second, third = sources
    known = [(2014, 30e9, first), (2017, 38e9, second), (2020, 39e9, third), (2021, 43e9, third)]
    series = series_of(turnover(*known).drop(columns="family"), WORDS)
    assert [[*own["year"]] for own in series.values()] == [[2014], [2017], [2020, 2021]]
    labels = [*series_labels(series, WORDS).values()]
    assert len({*labels}) == 3
    assert "Spitzenposition in der Digitalen Wirtschaft" in labels[0]


@pytest.mark.parametrize("name", ["branch_shift_share_table", "surveyed_research_table"])
def test_tables_of_one_function_have_captions_of_their_own(name: str) -> None:
    assert tables.named_table(name).__name__ == name  # the page takes the caption by it
