"""The numbers behind a figure: no two lines read alike, and none belongs to another figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ewm_analysis import figures, tables
from ewm_analysis.catalogue import Words
from ewm_analysis.loaders import load_reference
from ewm_analysis.notebook import Page, start
from ewm_analysis.notebook.parts import part_of_page, rows_of
from ewm_analysis.notebook.showing import _filled
from ewm_analysis.notebook.values import figure_values

ROOT = Path(__file__).parents[1]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("ewm_analysis.notebook.page.display", lambda data, raw: None)

    def opened(year: int, data: str = "example", cluster_id: str = "imk") -> Page:
        return start(year=year, cluster_id=cluster_id, data_dir=f"data/{data}")

    return opened


def lines_of(page: Page, name: str) -> pd.DataFrame:
    rows = rows_of(page, figures.entry(name))
    header, lines = figure_values(rows, page.words, is_statistic=False)
    return pd.DataFrame(lines, columns=header)


@pytest.mark.parametrize("data", ["example", "capital-region"])
def test_values_tell_core_from_total(open_page, data: str) -> None:
    found = lines_of(open_page(2021, data), "economy")
    assert {*found["Abgrenzung"]} == {"Clusterkern", "Gesamtcluster"}
    told = found.drop(columns=["Wert", "Einheit", "Genauigkeit", "Quelle"])
    assert not told.duplicated().any()


def test_growth_names_the_year_it_starts_from(open_page) -> None:
    found = lines_of(open_page(2021, "capital-region"), "economy")
    growth = found[found["Indikator"] == "Entwicklung des Umsatzes"]
    assert [*growth["Basisjahr"]] == [2011]


def test_a_sum_beside_its_parts_has_a_name(open_page) -> None:
    page = open_page(2021)
    found = lines_of(page, "largest_projects")
    of_year = found[found["Jahr"] == 2021]
    assert [*of_year["Kategorie"]].count("insgesamt") == 1
    assert {*lines_of(page, "projects")["Kategorie"]} == {""}


def test_sizes_of_companies_are_no_types_of_actors(open_page) -> None:
    page = open_page(2021)
    sizes, types = (lines_of(page, name) for name in ("company_sizes", "actors_by_type"))
    assert len({*sizes["Kategorie"]}) == 4
    assert not {*sizes["Kategorie"]} & {*types["Kategorie"]}


def test_projects_that_the_records_name_are_in_the_table(open_page) -> None:
    """Nothing is printed of them: the table would be empty below a figure that names them."""
    page = open_page(2021)
    printed = part_of_page(page, "printed_projects")
    unprinted = replace(page.dataset, published=page.dataset.published.iloc[:0])
    recorded = part_of_page(replace(page, dataset=unprinted, parts={}), "printed_projects")
    assert {*recorded["category"]} == {*printed["category"]}
    table = tables.table("largest_projects_table", recorded, page.words)
    assert len(table.rows) == 5
    assert len(table.header) == 2


def test_figures_that_later_reports_knew_are_named(open_page) -> None:
    page = open_page(2020, "capital-region")
    later = rows_of(page, figures.entry("economy_later"))
    said = figures.describe("economy_later", later, page.words)
    assert "nicht in der Tabelle: Unternehmen (2019), Umsatz (2019)" in said
    assert "sozialversicherungspflichtig Beschäftigte (2020)" in said
    page = open_page(2021, "capital-region")
    assert not figures.describe(
        "economy_later", rows_of(page, figures.entry("economy_later")), page.words
    )


def test_an_umbrella_leads_neither_here_nor_there(open_page) -> None:
    """It counts all that is below it, so that it would always be first."""
    page = open_page(2021)
    rows = rows_of(page, figures.entry("guidelines"))
    words = Words(load_reference(Path("data/reference")), "en")
    one = rows[(rows["indicator"] == "projects_new") & (rows["year"] == 2021)]
    one = one[one["dimension"] != ""]
    for name, shown in (("guidelines", rows), ("values", one)):
        said = figures.describe(name, shown, words)
        first = said.split("Multiple")[0]
        assert "Technical innovation" in first
        assert page.words.reference.label("guideline", "innovation", "en") not in first


def test_a_caption_names_no_years_where_none_are_known(open_page) -> None:
    page = open_page(2021)
    page = replace(page, parameters=page.parameters.model_copy(update={"year": None}))
    assert _filled(page, "Verläufe, {years}", page.values.iloc[:0]) == "Verläufe"
    assert _filled(page, "Verläufe, {years}", page.values) == "Verläufe, 2011–2021"


def test_nothing_is_said_to_remain_where_nothing_does(open_page) -> None:
    """Of projects whose volume is known for some only, those named may be all."""
    page = open_page(2021)
    rows = rows_of(page, figures.entry("largest_projects"))
    rows = rows[rows["year"] == 2021]
    named = rows.loc[rows["dimension"] == "project", "value"].sum()
    rows = rows.assign(value=rows["value"].mask(rows["dimension"] == "", named))
    said = figures.describe("largest_projects", rows, page.words)
    assert said.endswith("umfassen zusammen 88,8\u00a0Mio.\u00a0€.")
