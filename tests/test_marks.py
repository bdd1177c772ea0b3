"""Contradictions are marked on the page that prints them, by one rule over what was found."""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import REFERENCE, TABLES, write_dataset

from ewm_analysis.notebook import Page, show, start
from ewm_analysis.notebook.marks import doubted, notes
from ewm_analysis.notebook.parts import part_of_page

EVIL = "<b>Alpha</b>"
HEAD = TABLES["published/figures.csv"].splitlines(keepends=True)[0]
FIGURES = f"""\
{HEAD}2020,imk,bebb,project_volume,,,,1,68900000,eur,exact,false,report,p. 7,
2020,imk,bebb,project_volume_running,,,,1,68900000,eur,exact,true,other,para. 1,
2020,imk,bebb,projects_new,,,,1,42,count,exact,true,other,para. 1,
2020,imk,bebb,projects_running,,,,1,98,count,exact,true,other,para. 1,
2021,imk,bebb,projects_new,,,,1,34,count,exact,false,report,p. 10,
2021,imk,bebb,projects_rdi_share,,,,1,0.73,fraction,exact,false,report,p. 9,
2021,imk,bebb,project_volume,,,,1,161500000,eur,exact,false,report,p. 7,
2021,imk,bebb,project_volume,project,alpha,,1,14000000,eur,exact,false,report,p. 8,
2021,imk,bebb,project_volume,project,alpha,,2,14800000,eur,exact,false,report,p. 11,
2021,imk,bebb,project_volume,project,beta,,1,30000000,eur,exact,false,report,p. 8,
2021,imk,bebb,projects_new_share,funder,eu,,1,0.62,fraction,exact,false,report,p. 9,
2021,imk,bebb,projects_new_share,funder,federal,,1,0.5,fraction,exact,false,report,p. 9,
2021,imk,bebb,activities,,,,1,95,count,exact,false,report,p. 7,
"""


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Printed figures alone: 68.9 m for 42 and for all 98, 73 % of 34, a volume printed twice."""
    known = REFERENCE["reference/categories.csv"]
    alpha = next(line for line in known.splitlines(keepends=True) if "alpha" in line)
    categories = known.replace("alpha (de)", EVIL) + alpha.replace("alpha", "beta")
    sources = REFERENCE["reference/sources.csv"] + "other,Webseite,Cluster,2021,,\n"
    changes = {
        **{name: None for name in TABLES if name.startswith(("records/", "economy/"))},
        "published/figures.csv": FIGURES,
        "reference/categories.csv": categories,
        "reference/sources.csv": sources,
    }
    return write_dataset(tmp_path_factory.mktemp("doubted"), changes)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML of everything that is displayed, pictures left out."""
    html: list[str] = []

    def display(bundle: dict[str, Any], **_: object) -> None:
        html.append(re.sub(r"<svg.*?</svg>|base64,[^\"]*", "", bundle["text/html"], flags=re.S))

    for module in ("page", "showing"):
        monkeypatch.setattr(f"ewm_analysis.notebook.{module}.display", display)
    return html


def opened(data_set: Path, locale: str = "de", **asked: object) -> Page:
    given = {"year": 2021, "cluster_id": "imk", **asked}
    return start(locale=locale, data_dir=str(data_set), **given)


def told(page: Page, name: str, shown: list[str]) -> str:
    """What the page shows under a name, as text."""
    show(page, name)
    return re.sub(r"<[^>]+>", "", shown[-1]).replace("\xa0", " ")


def test_the_key_figure_and_its_change_are_marked(data_set: Path, shown: list[str]) -> None:
    text = told(opened(data_set), "key_figures_table", shown)
    assert "161,5 Mio. €\n" in text  # the other year is not doubted
    assert "68,9 Mio. €‡\n" in text
    assert "+134 %‡\n" in text
    assert "−19 %\n" in text
    assert (
        "‡ Projektvolumen 2020: 68,9 Mio. € für 42 Projekte und ebenso viel für alle 98 "
        "(Projektvolumen der laufenden Projekte)."
    ) in text
    assert 'href="../../../../2020/_all/00_data_quality/de/report.html"' in shown[-1]
    assert ">Datenqualität 2020</a>" in shown[-1]


def test_key_figures_of_years_that_are_not_shown_are_not_marked(
    data_set: Path, tmp_path: Path, shown: list[str]
) -> None:
    later = FIGURES + "2022,imk,bebb,projects_new,,,,1,30,count,exact,false,report,p. 1,\n"
    shutil.copytree(data_set.parent, tmp_path, dirs_exist_ok=True)
    (tmp_path / "small/published/figures.csv").write_text(later, "utf-8")
    assert "‡" not in told(opened(tmp_path / "small", year=2022), "key_figures_table", shown)


def test_a_figure_bears_the_mark_in_its_caption(data_set: Path, shown: list[str]) -> None:
    page = opened(data_set)
    text = told(page, "project_volume", shown)
    assert "Projektvolumen der neu initiierten Projekte, 2020–2021‡\n" in text
    assert "68,9 Mio. €‡" in text.partition("Abb.")[0]  # the headline tells of it, too
    assert text.count("\n‡ ") == 2  # of the sum of 2020, and of the project printed twice
    assert "‡" not in told(page, "projects", shown)


def test_a_sentence_bears_the_mark_and_names_its_source(data_set: Path, shown: list[str]) -> None:
    text = told(opened(data_set), "rdi", shown)
    assert "(FuEuI).‡\n‡ Anteil der FuEuI-Projekte 2021: 73 % passt zu keiner ganzen" in text
    assert "Quelle: " in text
    assert "S. 9" in text


def test_a_finding_about_a_base_that_is_only_read_is_no_mark(
    data_set: Path, shown: list[str]
) -> None:
    page = opened(data_set)
    found = part_of_page(page, "plausibility").findings
    about_base = found[found["indicator"] == "projects_rdi_share"].assign(indicator="projects_new")
    page.parts["plausibility"].findings = about_base
    assert "‡" not in told(page, "rdi", shown)
    assert "‡" in told(page, "projects", shown)


def test_all_mentions_of_a_quantity_are_marked(data_set: Path, shown: list[str]) -> None:
    text = told(opened(data_set, "en"), "largest_projects_table", shown)
    assert "€14.0 m‡ · €14.8 m‡" in text
    assert "€30.0 m\n" in text
    assert "Both €14.0 m and €14.8 m are printed; where there are no records, €14.0 m" in text


def test_a_finding_on_a_breakdown_is_about_each_of_its_parts(data_set: Path) -> None:
    page = opened(data_set)
    rows = page.rows("projects_new_share", dimension="funder")
    marked, found = doubted(page, rows)
    assert [*marked["is_doubted"]] == [True, True]
    assert [*found["rule"]] == ["shares_to_whole"]
    alone = rows[rows["category"] == "eu"].assign(dimension="status")
    assert not doubted(page, alone)[0]["is_doubted"].any()


@pytest.mark.parametrize(
    "changed",
    [
        {"year": 2020},
        {"cluster_id": "gw"},
        {"region": "be"},
        {"scope": "core"},
        {"indicator": "projects_new"},
        {"dimension": "status"},
        {"source_id": "records"},
        {"source_id": "other"},
    ],
)
def test_a_mark_needs_the_same_place_and_source(data_set: Path, changed: dict[str, Any]) -> None:
    page = opened(data_set)
    rows = page.rows("projects_rdi_share")
    assert [*doubted(page, rows)[0]["is_doubted"]] == [True]
    marked, found = doubted(page, rows.assign(**changed))
    assert not marked.get("is_doubted", pd.Series([False])).any()
    assert found.empty


def test_the_page_on_data_quality_bears_no_marks(data_set: Path, shown: list[str]) -> None:
    page = start(year=2021, data_dir=str(data_set))
    for name in ("coverage_table", "contradictions_table"):
        assert "‡" not in told(page, name, shown)


def test_there_is_no_link_where_no_page_would_be(data_set: Path) -> None:
    page = opened(data_set)
    found = doubted(page, page.rows("projects_rdi_share"))[1]
    assert "<a href" in notes(page, found)
    assert "<a href" not in notes(page, found.assign(year=2015))


def test_names_in_a_note_stay_text(data_set: Path, shown: list[str]) -> None:
    show(opened(data_set), "largest_projects_table")
    assert f"‡ Projektvolumen, {escape(EVIL)} 2021: " in shown[-1]
