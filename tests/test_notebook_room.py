"""The page of a notebook: what it refuses, what it shows, and that no text becomes markup."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import DESCRIPTOR, REFERENCE, TABLES, write_dataset
from markdown_it import MarkdownIt

from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.figures import describe_funders, describe_projects, plot_funders, plot_projects
from ewm_analysis.notebook import (
    Page,
    note,
    show,
    show_commentary,
    show_definitions,
    show_figure,
    show_sources,
    start,
)
from ewm_analysis.notebook.page import PAGE_MIME
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.notebook.showing import FIGURE_MIME, TABLE_MIME

Bundle = dict[str, Any]

EVIL = '<script>alert("x")</script>'

# Two mentions of one place, and a second source.
FIGURES = "published/figures.csv"
MORE = """\
2020,imk,bebb,projects_new,,,,1,42,count,exact,false,report,Abb. 1,
2019,imk,bebb,projects_new,,,,1,51,count,exact,false,report,p. 7,
2018,imk,bebb,projects_new,,,,1,60,count,exact,false,older,p. 3,
2021,imk,bebb,projects_running,,,,1,98,count,exact,false,report,Abb. 1,
"""
SOURCES = REFERENCE["reference/sources.csv"] + "older,Bericht 2018,Ramboll,2019,,\n"

COMMENTARY = f"""\
# year

Ein **gutes** Jahr. {EVIL}

## Zwischentitel

[gut](https://example.org) [schlecht](javascript:alert(1)) [daten](data:text/html,x)

<img src=x onerror=alert(1)>
"""

# Published figures alone: records would replace them.
NO_RECORDS: dict[str, str | bytes | None] = {
    name: None for name in TABLES if name.startswith("records/")
}
PRINTED = {
    **NO_RECORDS,
    FIGURES: TABLES[FIGURES] + MORE,
    "reference/sources.csv": SOURCES,
    "commentary/2021/imk.de.md": COMMENTARY,
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """Everything that is displayed, one bundle an output; metadata beside it."""
    bundles: list[Bundle] = []

    def display(bundle: Bundle, *, raw: bool, metadata: Bundle | None = None) -> None:
        assert raw
        bundles.append({**bundle, "metadata": metadata or {}})

    monkeypatch.setattr("ewm_analysis.notebook.page.display", display)
    monkeypatch.setattr("ewm_analysis.notebook.showing.display", display)
    monkeypatch.setattr("ewm_analysis.notebook.summary.display", display)
    monkeypatch.setattr("ewm_analysis.notebook.commentary.display", display)
    return bundles


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("printed"), PRINTED)


@pytest.fixture(scope="module")
def opened(printed: Path) -> Page:
    return start(year=2021, cluster_id="imk", data_dir=str(printed))


@pytest.fixture
def page(opened: Page) -> Page:
    """The page as it was opened: nothing shown or numbered yet."""
    return replace(opened, numbers={"figure": 0, "table": 0}, sources={}, indicators={})


# --- start ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({"cluster_id": "imc"}, "cluster_id", "Did you mean 'imk'"),
        ({"cluster_id": "gw"}, "cluster_id", "Did you mean|Allowed: imk"),  # known, no figures
        ({"year": 2022}, "year", "has no figures.*Did you mean '20"),
        ({"cluster": "imk"}, "parameter", "Did you mean 'cluster_id'"),
        ({"yaer": 2021}, "parameter", "Did you mean 'year'"),
        ({"year": "2021"}, "year", "whole number"),
        ({"cluster_id": 1}, "cluster_id", "must be text"),
        ({"locale": "dee"}, "locale", "Did you mean 'de'"),
    ],
)
def test_start_refuses(
    printed: Path, shown: list[Bundle], given: dict[str, object], name: str, words: str
) -> None:
    asked = {"year": 2021, "cluster_id": "imk", "data_dir": str(printed), **given}
    with pytest.raises(ParameterError, match=words) as caught:
        start(**asked)
    assert caught.value.name == name
    assert shown == []  # nothing is shown of a page that cannot be


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({"year": None, "cluster_id": "imk"}, "year", "-p year VALUE. Allowed: .*2021"),
        ({"year": 2021, "cluster_id": None}, "cluster_id", "-p cluster_id VALUE. Allowed: imk"),
        ({"year": 2021, "cluster_id": None, "title": "Meine"}, "cluster_id", "Allowed: imk"),
        ({"kind": "comparison"}, "year", "leaves open what this page is about"),
        ({"kind": "comparison", "year": None}, "year", "in the cell tagged 'parameters'"),
        ({"kind": "growth", "cluster_id": "imk", "last_year": 2021}, "first_year", "Allowed"),
        ({"kind": "growth", "cluster_id": "imk", "first_year": 2018}, "last_year", "Allowed"),
        ({"kind": "growth", "first_year": 2018, "last_year": 2021}, "cluster_id", "Allowed"),
        ({}, "year", "Allowed"),
    ],
)
def test_what_a_page_needs_is_not_null(
    printed: Path, shown: list[Bundle], given: dict[str, object], name: str, words: str
) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        start(data_dir=str(printed), **given)  # type: ignore[arg-type]
    assert caught.value.name == name
    assert shown == []


@pytest.mark.parametrize("name", ["projects", "economy_table", "status"])
def test_a_page_holds_two_clusters_only_where_it_compares(shown: list[Bundle], name: str) -> None:
    page = start(title="Meine", year=2021, data_dir="data/example")
    with pytest.raises(ParameterError, match=r"cluster_id: None is needed .* Allowed: .*imk"):
        show(page, name)
    assert len(shown) == 1  # the title


def test_start_needs_a_data_set(tmp_path: Path, shown: list[Bundle]) -> None:
    with pytest.raises(MissingDataError, match="no data set"):
        start(data_dir=str(tmp_path / "nowhere"))
    assert shown == []


@pytest.mark.parametrize(
    ("locale", "title", "notice"),
    [
        ("de", "Jahresbericht 2021 zum Ergebnis- und Wirkungsmonitoring: IKT und Medien", "Synth"),
        ("en", "Annual report 2021 on results and effects: ICT and media", "Synthetic"),
    ],
)
def test_the_head_of_a_page(
    printed: Path, shown: list[Bundle], locale: str, title: str, notice: str
) -> None:
    start(year=2021, cluster_id="imk", locale=locale, data_dir=str(printed))
    (bundle,) = shown
    head = bundle[PAGE_MIME]
    assert head["title"] == title
    assert head["locale"] == locale
    assert head["is_synthetic"] is True
    assert head["notice"].startswith(notice)
    assert head["parameters"]["cluster_id"] == "imk"
    assert f"<h1>{title}</h1>" in bundle["text/html"]
    assert head["notice"] in bundle["text/html"]
    json.dumps(head)


def test_a_real_data_set_bears_no_notice(tmp_path: Path, shown: list[Bundle]) -> None:
    descriptor = json.dumps({**DESCRIPTOR, "synthetic": False})
    path = write_dataset(tmp_path, {**PRINTED, "datapackage.json": descriptor})
    start(year=2021, cluster_id="imk", data_dir=str(path))
    assert shown[0][PAGE_MIME]["notice"] == ""
    assert "ewm-notice" not in shown[0]["text/html"]


def test_rows_of_the_page_end_with_its_year(printed: Path, shown: list[Bundle]) -> None:
    page = start(year=2020, cluster_id="imk", data_dir=str(printed))
    assert list(page.rows("projects_new")["value"]) == [60, 51, 42]


# --- figures ----------------------------------------------------------------------------------


def test_a_figure_carries_all_its_forms(page: Page, shown: list[Bundle]) -> None:
    rows = page.rows("projects_running", "projects_new")
    show_figure(page, plot_projects, describe_projects, rows)
    (bundle,) = shown
    assert set(bundle) == {FIGURE_MIME, "text/html", "metadata"}
    (picture,) = re.findall(r'src="data:image/svg\+xml;base64,(.*?)"', bundle["text/html"])
    assert base64.b64decode(picture).startswith(b"<svg")
    record = bundle[FIGURE_MIME]
    assert record["alt"] == describe_projects(rows, page.words)
    assert record["alt"]
    assert f'alt="{escape(record["alt"])}"' in bundle["text/html"]
    assert (record["number"], record["slug"]) == (1, "projects")
    title = "Laufende und neu initiierte Projekte, 2018–2021"
    assert record["title"].replace("\u00a0", " ") == f"Abb. 1: {title}"
    assert len(record["rows"]) == len(rows)
    assert all(len(line) == len(record["header"]) for line in record["rows"])
    assert title in bundle["text/html"]
    json.dumps(record)


def test_pictures_of_two_pages_may_stand_in_one_document(
    page: Page, printed: Path, shown: list[Bundle]
) -> None:
    german = page.rows("projects_running", "projects_new")
    english = start(year=2021, cluster_id="imk", data_dir=str(printed), locale="en")
    shown.clear()
    for each in (page, english):
        show_figure(each, plot_projects, describe_projects, german)
    ids = [
        {*re.findall(r'id="(.*?)"', base64.b64decode(picture).decode())}
        for bundle in shown
        for picture in re.findall(r'base64,(.*?)"', bundle["text/html"])
    ]
    assert len(ids) == 2
    assert all(ids)
    assert not ids[0] & ids[1]


def test_a_figure_tells_its_files_what_it_rests_on(page: Page, shown: list[Bundle]) -> None:
    show_figure(page, plot_projects, describe_projects, page.rows("projects_new"))
    show(page, "actors_table")
    record = shown[0][FIGURE_MIME]
    assert record["indicators"] == ["projects_new"]
    assert escape(record["sources"][0]) in shown[0]["text/html"]


def test_a_sign_is_not_torn_from_its_amount(page: Page, shown: list[Bundle]) -> None:
    sentence = "It fell by −€2.0\u00a0m, not +€1.0\u00a0m."
    show_figure(page, plot_projects, lambda rows, words: sentence, page.rows("projects_new"))
    joined = "It fell by −\u2060€2.0\u00a0m, not +\u2060€1.0\u00a0m."
    assert f'<p class="ewm-reading">{joined}</p>' in shown[0]["text/html"]
    assert shown[0][FIGURE_MIME]["alt"] == joined  # the gallery shows it, too


@pytest.mark.parametrize(
    ("plot", "describe", "told"),
    [
        # Its caption names the page's year: values of other years are not drawn.
        (plot_funders, describe_funders, "Ein Wert wird aus Gründen der Geheimhaltung"),
        (plot_projects, describe_projects, "3 Werte werden aus Gründen der Geheimhaltung"),
    ],
)
def test_a_figure_counts_withheld_values_of_the_years_it_draws(
    page: Page, shown: list[Bundle], plot: Any, describe: Any, told: str
) -> None:
    new = page.rows("projects_new")
    rows = pd.concat([new, new.assign(dimension="funder", category="eu")])
    others = new[new["year"] >= 2019].assign(value=pd.NA, precision="withheld")
    divided = others.assign(dimension="funder", category="federal")
    page = replace(page, withheld=pd.concat([others, divided]))
    dimension = "" if plot is plot_projects else "funder"
    show_figure(page, plot, describe, rows[rows["dimension"] == dimension])
    assert told in shown[0][FIGURE_MIME]["alt"]


def nothing(rows: pd.DataFrame, words: object) -> Any:
    raise MissingDataError("Nothing to draw.")


def unsaid(rows: pd.DataFrame, words: object) -> str:
    raise AssertionError("a figure that is not drawn is not described")


@pytest.mark.parametrize("reason", ["no rows", "earlier years only", "the plot says so"])
def test_a_figure_with_nothing_to_draw_keeps_its_number(
    page: Page, shown: list[Bundle], monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    rows = page.rows("projects_new")
    plots: dict[str, tuple[Callable[..., Any], pd.DataFrame]] = {
        "no rows": (plot_projects, rows.iloc[:0]),
        "earlier years only": (plot_projects, rows[rows["year"] < 2021]),
        "the plot says so": (nothing, rows),
    }
    monkeypatch.setattr(nothing, "__name__", "plot_projects")
    plot, given = plots[reason]
    show_figure(page, plot, unsaid, given)
    show_figure(page, plot_projects, describe_projects, rows)
    missing, drawn = shown
    assert set(missing) == {"text/html", "text/plain", "metadata"}
    assert "Abb. 1: " in missing["text/plain"].replace("\u00a0", " ")
    assert page.words.text("notebook.missing") in missing["text/plain"]
    assert drawn[FIGURE_MIME]["number"] == 2


def test_the_source_line_names_each_source_and_place_once(page: Page, shown: list[Bundle]) -> None:
    rows = page.rows("projects_running", "projects_new")
    show_figure(page, plot_projects, describe_projects, rows)
    html = shown[0]["text/html"].replace("\u00a0", " ")
    line = html.split('<p class="ewm-source">')[1].split("</p>")[0]
    assert line == "Quelle: Bericht 2018, S. 3; Jahresbericht, S. 7, Abb. 1"


def test_the_page_remembers_sources_and_indicators(page: Page, shown: list[Bundle]) -> None:
    rows = page.rows("projects_running", "projects_new")
    show_figure(page, plot_projects, describe_projects, rows)
    show_sources(page)
    show_definitions(page)
    sources, definitions = (bundle[TABLE_MIME] for bundle in shown[1:])
    assert (sources["number"], definitions["number"]) == (1, 2)
    assert len(sources["rows"]) == 2
    assert len(definitions["rows"]) == 2


# --- no text becomes markup -------------------------------------------------------------------


def test_markup_in_a_commentary_stays_text(page: Page, shown: list[Bundle]) -> None:
    show_commentary(page, "year")
    html = shown[0]["text/html"]
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<img" not in html
    assert "<strong>gutes</strong>" in html  # plain Markdown is shown
    assert "<h3>Zwischentitel</h3>" in html  # below the chapter's own heading


def test_only_plain_links_are_links(page: Page, shown: list[Bundle]) -> None:
    show_commentary(page, "year")
    html = shown[0]["text/html"]
    assert 'href="https://example.org"' in html
    assert html.count("href=") == 1
    assert "schlecht" in html


def test_a_chapter_without_words_is_not_shown(page: Page, shown: list[Bundle]) -> None:
    show_commentary(page, "success_stories")
    assert shown == []


def test_a_commentary_belongs_to_its_language(printed: Path, shown: list[Bundle]) -> None:
    english = start(year=2021, cluster_id="imk", locale="en", data_dir=str(printed))
    shown.clear()
    show_commentary(english, "year")
    assert shown == []


def test_markup_in_names_stays_text(tmp_path: Path, shown: list[Bundle]) -> None:
    evil = "<b>IKT</b> & Medien"
    clusters = REFERENCE["reference/clusters.csv"].replace("IKT und Medien", evil)
    sources = SOURCES.replace("Jahresbericht", "<i>Bericht</i>")
    changes = {**PRINTED, "reference/clusters.csv": clusters, "reference/sources.csv": sources}
    page = start(year=2021, cluster_id="imk", data_dir=str(write_dataset(tmp_path, changes)))
    show_figure(page, plot_projects, describe_projects, page.rows("projects_new"))
    note(page, f"Ein Satz {EVIL}")
    head, figure, sentence = shown
    assert evil in head[PAGE_MIME]["title"]
    assert "&lt;b&gt;IKT&lt;/b&gt; &amp; Medien</h1>" in head["text/html"]
    assert "<b>" not in head["text/html"]
    assert "&lt;i&gt;Bericht&lt;/i&gt;" in figure["text/html"]
    assert "<i>" not in figure["text/html"]
    assert "<script" not in sentence["text/html"]


def test_a_sentence_that_says_nothing_is_not_shown(page: Page, shown: list[Bundle]) -> None:
    note(page, "")
    assert shown == []


def test_the_markdown_of_the_test_would_be_dangerous() -> None:
    """With HTML allowed, the commentary above does contain a script: the tests can fail."""
    html = MarkdownIt("commonmark").render(COMMENTARY)
    assert "<script>" in html
    assert "<img" in html


@pytest.mark.parametrize(
    ("year", "turnover", "employees"), [(2021, {2019}, {2020}), (2020, set(), set())]
)
def test_economy_is_the_monitoring_s_own_and_known_in_time(
    shown: list[Bundle], year: int, turnover: set[int], employees: set[int]
) -> None:
    """Berlin's own figures for 2020 and 2021 stay out; turnover is known two years later."""
    opened = start(year=year, cluster_id="imk", data_dir="data/capital-region")
    rows = part_of_page(opened, "economy")
    assert set(rows["delimitation"]) == {"clustermonitoring"}
    for name, years in (("turnover_eur", turnover), ("employees_insured", employees)):
        assert set(rows.loc[rows["indicator"] == name, "year"]) == years
