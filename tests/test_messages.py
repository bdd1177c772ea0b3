"""Key messages: the order where it is known, what is hedged, and that each leads to its figure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import TABLES, write_dataset

from ewm_analysis import figures, tables
from ewm_analysis.figures.growth import news_of_year
from ewm_analysis.figures.messages import MOST, Message, in_order, news
from ewm_analysis.notebook import show, show_messages, show_tiles, start
from ewm_analysis.report.bundles import Contents, Figure
from ewm_analysis.report.bundles import Page as Shown
from ewm_analysis.report.page import with_links
from ewm_analysis.statistics import compare_counts
from ewm_analysis.statistics.growth import verdict_of_year
from ewm_analysis.statistics.result import TESTS

FIGURES = "published/figures.csv"
NO_RECORDS: dict[str, str | bytes | None] = {
    name: None for name in TABLES if name.startswith("records/")
}
HEAD = TABLES[FIGURES].splitlines()[0]


def rows(projects: tuple[int, int], activities: tuple[int, int], volume: tuple[int, int]) -> str:
    """Figures of 2020 and 2021 as a report prints them."""
    units = {"projects_new": "count", "activities": "count", "project_volume": "eur"}
    lines = [
        f"{year},imk,bebb,{name},,,,1,{value},{units[name]},exact,false,report,p. 1,"
        for name, ends in zip(units, (projects, activities, volume), strict=True)
        for year, value in zip((2020, 2021), ends, strict=True)
    ]
    return "\n".join([HEAD, *lines, ""])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    bundles: list[dict[str, Any]] = []
    for module in ("page", "showing", "summary"):
        place = f"ewm_analysis.notebook.{module}.display"
        monkeypatch.setattr(place, lambda bundle, **_: bundles.append(bundle))
    return bundles


def said(path: Path, shown: list[dict[str, Any]], table: str, locale: str = "en") -> list[str]:
    data = write_dataset(path, {**NO_RECORDS, FIGURES: table})
    page = start(year=2021, cluster_id="imk", data_dir=str(data), locale=locale)
    show_messages(page)
    return str(shown[-1]["text/plain"]).splitlines()


@pytest.mark.parametrize(
    ("projects", "activities", "volume", "order"),
    [  # E-test: 20 → 60 and 100 → 20 are reliable, 40 → 42 is not
        ((20, 60), (40, 42), (9_000_000, 9_100_000), "projects activ volume"),
        ((40, 42), (100, 20), (9_000_000, 9_100_000), "activ projects volume"),
        ((20, 60), (100, 20), (9_000_000, 9_100_000), "activ projects volume"),
        # four times the volume, untested, counts as a doubling: less than three times the projects
        ((20, 60), (40, 42), (9_000_000, 36_000_000), "projects volume activ"),
        ((40, 42), (40, 42), (9_000_000, 36_000_000), "volume projects activ"),
        # less than a quarter of a volume is no news without a test
        ((40, 42), (40, 42), (9_000_000, 11_000_000), "projects activ volume"),
    ],
)  # fmt: skip
def test_most_news_comes_first(
    tmp_path: Path,
    shown: list[dict[str, Any]],
    projects: tuple[int, int],
    activities: tuple[int, int],
    volume: tuple[int, int],
    order: str,
) -> None:
    table = rows(projects, activities, volume)
    lines = [line for line in said(tmp_path, shown, table) if "None of the" not in line]
    words = {"volume": "volume of", "activ": "other activities", "projects": "new projects"}
    found = [next(key for key, word in words.items() if word in line) for line in lines]
    assert found == order.split()


@pytest.mark.parametrize(
    ("locale", "lead", "hedge"),
    [
        ("de", "Von den hier genannten Veränderungen", "kann Zufall sein ("),
        ("en", "None of the changes", "may be chance ("),
    ],
)
def test_that_nothing_reliable_happened_is_said_first(
    tmp_path: Path, shown: list[dict[str, Any]], locale: str, lead: str, hedge: str
) -> None:
    table = rows((40, 42), (40, 42), (9_000_000, 9_100_000))
    first, projects, activities, volume = said(tmp_path, shown, table, locale)
    assert first.startswith(lead)
    assert hedge in projects
    assert hedge in activities
    assert "9,1" in volume or "9.1" in volume


def test_a_reliable_change_has_no_lead_that_denies_it(
    tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    lines = said(tmp_path, shown, rows((20, 60), (40, 42), (9_000_000, 9_100_000)))
    assert lines[0].startswith("The rise from 20 to 60\xa0new projects is reliable (E\u2011test at")


def test_one_rule_holds_for_rise_and_fall() -> None:
    assert news(10, 40, True) == news(40, 10, True) == 2
    assert news(10, 40, None) == news(40, 10, None) == 1
    assert news(0, 40, True) > news(10, 60, True)
    assert news(10, 40, False) == news(10, 10, True) == 0


def test_no_more_than_five_are_said_and_equals_keep_their_order() -> None:
    many = [Message(str(place), f"{place} …") for place in range(9)]
    assert [each.name for each in in_order([*many, Message("new", "!", 0.5)])] == [
        "new", "0", "1", "2", "3"
    ]  # fmt: skip
    assert MOST == 5


REAL = {"year": 2021, "cluster_id": "imk", "data_dir": "data/capital-region", "locale": "de"}


def test_the_real_page_of_2021(shown: list[dict[str, Any]]) -> None:
    page = start(**REAL)
    show_messages(page)
    lines = str(shown[-1]["text/plain"]).replace("\xa0", " ").splitlines()
    assert 3 <= len(lines) <= MOST
    assert "mehr als verdoppelt: 161,5 Mio. € nach 68,9 Mio. €. Fünf namentlich" in lines[0]
    assert "von 42 auf 34 neu initiierte Projekte kann Zufall sein (E\u2011Test" in lines[1]
    html = shown[-1]["text/html"]
    assert html.count("<li>") == len(lines)
    assert "72,7\xa0Mio.\xa0€.‡ <a" in html  # the volume of 2020 is printed of two things


def test_a_test_stands_in_the_sentence_of_its_figure(shown: list[dict[str, Any]]) -> None:
    page = start(**REAL)
    show(page, "projects")
    (figure,) = (each for name, each in shown[-1].items() if name.endswith("figure+json"))
    assert figure["headline"].endswith("nach 42 im Vorjahr: Das kann Zufall sein")
    assert figure["alt"].startswith(f"{figure['headline']}. Neu initiiert: 34")
    assert "E\u2011Test bei doppelter Varianz: p" in figure["alt"]
    caption, _, below = str(shown[-1]["text/html"]).partition("</figcaption>")
    assert f'<b class="ewm-headline">{figure["headline"]}‡</b>' in caption  # 34 is contradicted
    assert caption.endswith(
        "<strong>Abb. 1:</strong> Laufende und neu initiierte Projekte, 2020–2021‡"
    )
    assert f'<p class="ewm-reading">{figure["alt"].partition(". ")[2]}</p>' in below


def test_every_message_leads_to_a_figure_or_table_of_its_page() -> None:
    known = {**figures.entries(), **tables.entries()}
    for name, entry in figures.entries().items():
        if "message" in entry.clauses or entry.to:
            place = entry.to or name
            assert place in known, f"{name} leads nowhere"
            assert entry.draw or entry.to, f"{name} is only a sentence: of which figure?"


def test_a_link_gets_the_number_of_its_figure_or_goes() -> None:
    page = Shown("T", "", "de", "example", "Beispiel", True, "", {})
    figure = Figure(7, "projects", "Abb. 7", (), (), alt="…")
    link = '<li>Ja. <a class="ewm-to" href="#figure:{}">Abb.</a></li>'
    html = with_links(link.format("projects") + link.format("status"), Contents(page, [figure]))
    assert re.findall(r'href="#([\w-]+)">(.*?)<', html) == [("figure-7", "Abb.\xa07")]
    assert html.endswith("<li>Ja.</li>")


def test_tiles_say_in_words_what_can_be_relied_on(
    tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    table = rows((20, 60), (40, 42), (9_000_000, 9_100_000))
    data = write_dataset(tmp_path, {**NO_RECORDS, FIGURES: table})
    show_tiles(start(year=2021, cluster_id="imk", data_dir=str(data), locale="en"))
    assert str(shown[-1]["text/plain"]).splitlines() == [
        "60, New projects, 2020: 20, The change is reliable.",
        "€9.1\xa0m, Project volume, 2020: €9.0\xa0m, Not tested.",
        "42, Other activities, 2020: 40, Not reliable: may be chance.",
    ]
    assert "<svg" not in shown[-1]["text/html"]  # two years are no course


def test_with_further_years_a_reliable_change_is_one_by_whatever_test() -> None:
    earlier = [30, 50, 45, 35, 33, 52, 41, 28, 55, 47, 39, 60]
    result = compare_counts(40, 400, others=earlier, tests=TESTS)
    assert (result.method, result.is_reliable) == ("quasi-Poisson", True)
    found = dict(enumerate([*earlier, 40, 400], start=2008))
    assert news_of_year(found, 2021) > 0
    rows = {at: SimpleNamespace(value=value, precision="exact") for at, value in found.items()}
    assert verdict_of_year("projects_new", rows, 2021) == "reliable"
    assert verdict_of_year("projects_running", rows, 2021) == "untested"
    assert verdict_of_year("projects_new", rows, 2022) == ""


def test_tiles_of_the_real_page(shown: list[dict[str, Any]]) -> None:
    show_tiles(start(**REAL))
    html = shown[-1]["text/html"]
    assert html.count("<li>") == 5
    assert "<strong>34‡</strong>" in html
    assert "2020: 42*" in html


def test_of_a_sum_known_in_part_the_tile_is_headed_by_the_number_alone(
    shown: list[dict[str, Any]],
) -> None:
    show_tiles(start(**{**REAL, "year": 2018, "data_dir": "data/example"}))
    html = shown[-1]["text/html"]
    assert "<strong>mindestens 63,6\xa0Mio.\xa0€</strong> <span>Projektvolumen</span>" in html
    assert "<small>29 von 30 Projekten</small>" in html


def test_confidential_numbers_are_in_no_message(
    tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    page = start(**REAL)
    bare = replace(page, values=page.values.iloc[:0], parts={})
    show_messages(bare)
    assert len(shown) == 1  # the title alone
