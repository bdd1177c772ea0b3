"""Targets: what is judged, what is left open and why, and where pages show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import DESCRIPTOR, TABLES, write_dataset

from ewm_analysis import figures, tables
from ewm_analysis.contracts import Targets
from ewm_analysis.errors import ContractError
from ewm_analysis.indicators.long import as_values
from ewm_analysis.loaders import open_dataset
from ewm_analysis.loaders.read import empty_table
from ewm_analysis.notebook import show, show_messages, start
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.statistics import detectable_ratio, judge_target, judge_targets

PLACE = "published/targets.csv"
HEAD = ",".join(Targets.columns)
FIGURES = TABLES["published/figures.csv"].splitlines()[0]
YEARS = {2018: 45, 2019: 39, 2020: 37, 2021: 36}
NO_RECORDS: dict[str, str | bytes | None] = {
    name: None for name in TABLES if name.startswith("records/")
}


@pytest.mark.parametrize(
    ("target", "year", "is_most", "verdict"),
    [
        (36, 2021, False, "reached"),
        (37, 2021, False, "missed"),
        (36, 2021, True, "reached"),
        (35, 2021, True, "missed"),
        (90, 2022, False, "behind"),  # 79 are asked for by now
        (50, 2022, False, "open"),
        (10, 2022, False, "on_track"),  # to be kept, and kept beyond chance
        (40, 2022, False, "open"),  # to be kept: 36 may be chance
        (10, 2022, True, "behind"),
        (30, 2025, True, "open"),
    ],
)
def test_counts_are_judged_beyond_chance(
    target: float, year: int, verdict: str, *, is_most: bool
) -> None:
    told = judge_target(YEARS, target, year, 2018, is_most=is_most, is_event=True)
    assert told.verdict == verdict


def test_what_has_no_test_is_held_against_the_way_alone() -> None:
    told = judge_target(YEARS, 90, 2022, 2018)
    assert (told.verdict, told.planned, told.result) == ("behind", 78.75, None)
    assert judge_target({2018: 40, 2021: 52}, 60, 2023, 2018).verdict == "on_track"  # just there


def test_a_rise_as_planned_is_on_track_once_chance_does_not_explain_it() -> None:
    risen = {2018: 30, 2019: 45, 2020: 60, 2021: 75}
    told = judge_target(risen, 90, 2022, 2018, is_event=True)
    assert told.verdict == "on_track"
    assert told.result is not None
    assert told.result.is_reliable
    a_little = judge_target({2018: 30, 2021: 36}, 32, 2022, 2018, is_event=True)
    assert a_little.verdict == "open"  # more than asked for, but it may be chance
    family = judge_target(risen, 90, 2022, 2018, is_event=True, tests=10_000_000)
    assert family.verdict == "open"


def test_the_earliest_year_is_the_one_in_which_the_step_can_be_seen() -> None:
    told = judge_target({2018: 30, 2021: 34}, 90, 2025, 2018, is_event=True, tests=3)
    _, rise = detectable_ratio(30, 3, variance=2)
    assert rise is not None
    assert told.earliest is not None
    way = {year: (30 + 60 * (year - 2018) / 7) / 30 for year in range(2021, 2026)}
    assert way[told.earliest] >= rise > way[told.earliest - 1]
    never = judge_target({2018: 30, 2021: 34}, 40, 2025, 2018, is_event=True)
    assert (never.earliest, never.gap) == (None, "small")


def test_shares_are_held_against_their_bases() -> None:
    shares, bases = {2018: 0.5, 2021: 0.2}, {2018: 60, 2021: 60}
    assert judge_target(shares, 0.8, 2022, 2018, bases=bases).verdict == "behind"
    few = {2018: 4, 2021: 5}
    assert judge_target(shares, 0.8, 2022, 2018, bases=few).verdict == "open"


def test_without_a_base_year_a_target_is_open_until_its_year() -> None:
    assert judge_target(YEARS, 60, 2025).gap == "base"
    assert judge_target(YEARS, 60, 2025, 2017, is_event=True).gap == "base"
    assert judge_target(YEARS, 30, 2021).verdict == "reached"


def _targets(*rows: tuple[Any, ...]) -> pd.DataFrame:
    names = ["indicator", "dimension", "category", "base_year", "target_year", "kind", "value"]
    table = pd.DataFrame(rows, columns=names).assign(
        cluster_id="imk", region="bebb", scope="", source_id="report", reference="", note=""
    )
    return table[[*Targets.columns]].astype(empty_table(Targets).dtypes)


def _values(*rows: tuple[Any, ...]) -> pd.DataFrame:
    names = ["year", "indicator", "dimension", "category", "value", "precision"]
    table = pd.DataFrame(rows, columns=names)
    return as_values(table.assign(cluster_id="imk", region="bebb"))


@pytest.mark.parametrize(
    ("base", "last", "gap"),
    [
        ((30, "exact"), (pd.NA, "withheld"), "withheld"),
        ((pd.NA, "withheld"), (34, "exact"), "withheld"),
        ((30, "exact"), (34, "approximate"), "rough"),
        ((30, "exact"), (34, "exact"), "small"),
    ],
)
def test_what_is_withheld_or_not_exact_is_not_judged(
    base: tuple[Any, str], last: tuple[Any, str], gap: str
) -> None:
    values = _values(
        (2018, "projects_new", "", "", *base),
        (2021, "projects_new", "", "", *last),
    )
    found = judge_targets(_targets(("projects_new", "", "", 2018, 2025, "at_least", 40)), values)
    assert [*zip(found["verdict"], found["gap"], strict=True)] == [("open", gap)]


def test_growth_and_shares_of_a_category_become_values() -> None:
    values = _values(
        (2018, "projects_new", "", "", 40, "exact"),
        (2021, "projects_new", "", "", 50, "exact"),
        (2021, "projects_new", "guideline", "innovation", 20, "exact"),
        (2021, "projects_new", "guideline", "old", pd.NA, "withheld"),
    )
    asked = _targets(
        ("projects_new", "", "", 2018, 2021, "growth", 0.25),
        ("projects_new", "guideline", "innovation", 2018, 2021, "share", 0.5),
        ("projects_new", "guideline", "old", 2018, 2021, "share", 0.5),
        ("activities", "", "", 2018, 2021, "at_least", 5),
    )
    found = judge_targets(asked, values)
    assert found["target"].tolist()[:2] == [50, 0.5]
    assert found["last_value"].tolist()[:2] == [50, 0.4]
    assert found["verdict"].tolist() == ["reached", "missed", "open", "open"]
    assert found["gap"].tolist() == ["", "", "withheld", "unknown"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("imk,bebb,,projects_new,,,2025,2025,at_least,60,report,,", "before target_year"),
        ("imk,bebb,,projects_new,,,,2025,growth,0.2,report,,", "needs its base year"),
        ("imk,bebb,,projects_new,,,2018,2025,share,0.2,report,,", "share is for a category"),
        ("imk,bebb,,projects_rdi_share,,,2018,2025,at_least,0.2,report,,", "share is for a"),
        ("imk,bebb,,projects_mew,,,2018,2025,at_least,60,report,,", "projects_new"),
        ("imk,bebb,,projects_new,guideline,nwe,2018,2025,share,0.2,report,,", "nwe"),
        ("imk,bebb,,projects_new,,,2018,2025,exactly,60,report,,", "at_least"),
        ("imk,bebb,,projects_new,,,2018,2025,at_least,60,nowhere,,", "nowhere"),
    ],
)
def test_a_target_that_cannot_be_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    data = write_dataset(tmp_path, {PLACE: f"{HEAD}\n{row}\n"})
    with pytest.raises(ContractError, match=r"published/targets\.csv, line 2") as error:
        open_dataset(data)
    assert told in str(error.value)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    bundles: list[dict[str, Any]] = []
    for module in ("page", "showing", "summary"):
        place = f"ewm_analysis.notebook.{module}.display"
        monkeypatch.setattr(place, lambda bundle, **_: bundles.append(bundle))
    return bundles


def _data(path: Path, *targets: str, disclosure: str = "none") -> Path:
    lines = [
        f"{year},imk,bebb,projects_new,,,,1,{value},count,exact,false,report,p. 1,"
        for year, value in YEARS.items()
    ]
    return write_dataset(
        path,
        {
            **NO_RECORDS,
            "published/figures.csv": "\n".join([FIGURES, *lines, ""]),
            "datapackage.json": json.dumps({**DESCRIPTOR, "disclosure": disclosure}),
            PLACE: "\n".join([HEAD, *targets, ""]) if targets else None,
        },
    )


BEHIND = "imk,bebb,,projects_new,,,2018,2022,at_least,90,report,p. 9,"
LATER = "imk,bebb,,projects_new,,,2018,2030,at_least,100,report,p. 9,"


def test_a_page_shows_targets_in_a_table_a_sentence_a_message_and_a_line(
    tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    data = _data(tmp_path, BEHIND, LATER)
    page = start(year=2021, cluster_id="imk", data_dir=str(data), locale="en")
    show_messages(page)
    assert (
        "Behind: new projects, at least 90 by 2022 (2021: 36, needed: 79)."
        in (shown[-1]["text/plain"])
    )
    shown.clear()
    show(page, "targets_table")
    table, sentence = (bundle["text/html"] for bundle in shown)
    for said in (
        "45\xa0(2018) → 36\xa0(2021)",
        ">79<",
        ">behind<",
        "2029 at the earliest",
        "p.\xa09",
    ):
        assert said in table
    assert "Still open: new projects (2029 at the earliest)." in sentence
    rows, targets = page.rows("projects_new"), part_of_page(page, "targets.judged")
    plain = figures.plot("projects", rows, page.words)
    drawn = figures.plot("projects", rows, page.words, targets=targets)
    lines = [
        {line.get_ydata()[0] for line in axes.get_lines() if len({*line.get_ydata()}) == 1}
        for axes in (plain, drawn)
    ]
    assert lines == [set(), {90, 100}]
    legend = drawn.get_legend()
    assert legend is not None
    assert "Target at least 90\xa0new projects by 2022" in [
        t.get_text() for t in legend.get_texts()
    ]
    assert drawn.get_ylim()[1] > 100
    shown.clear()
    show(page, "projects")
    record = shown[0]["application/vnd.ewm.figure+json"]
    assert "Target: at least 90\xa0new projects by 2022 and" in record["alt"]


def test_where_there_are_no_targets_nothing_is_shown(
    tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    page = start(year=2021, cluster_id="imk", data_dir=str(_data(tmp_path)), locale="de")
    show_messages(page)
    shown.clear()
    show(page, "targets_table")
    assert (shown, page.numbers["table"]) == ([], 0)


def test_a_target_of_later_years_is_no_target_yet(tmp_path: Path) -> None:
    data = _data(tmp_path, BEHIND)
    page = start(year=2018, cluster_id="imk", data_dir=str(data), locale="de")
    assert part_of_page(page, "targets.judged").empty


def test_a_page_of_several_clusters_names_them(tmp_path: Path) -> None:
    data = _data(tmp_path, BEHIND)
    page = start(kind="comparison", year=2021, data_dir=str(data), locale="de")
    rows = part_of_page(page, "targets.judged")
    table = tables.table("targets_table", rows, page.words)
    assert table.rows[0][0] == "IMK – neu initiierte Projekte"
    assert table.rows[0][2] == "im Rückstand"


@pytest.mark.parametrize(
    ("asked", "year"),
    [({"year": 2021}, 2020), ({"kind": "growth", "first_year": 2011, "last_year": 2021}, 2021)],
)
def test_a_report_judges_by_what_could_be_known_other_pages_by_what_they_show(
    asked: dict[str, Any], year: int
) -> None:
    page = start(cluster_id="imk", data_dir="data/example", **asked)
    judged = part_of_page(page, "targets.judged").set_index("indicator")
    assert judged.loc["employees_insured", "last_year"] == year


def test_no_real_target_is_invented() -> None:
    assert open_dataset("data/capital-region").targets.empty
    assert {*open_dataset("data/example").targets["source_id"]} == {"synthetic"}


def test_a_far_target_leaves_the_courses_their_height(
    tmp_path: Path, shown: list[dict[str, Any]]
) -> None:
    far = BEHIND.replace(",90,", ",900,")
    data = _data(tmp_path, far, far.replace("2022", "2025"))
    page = start(year=2021, cluster_id="imk", data_dir=str(data), locale="en")
    rows, targets = part_of_page(page, "growth.index"), part_of_page(page, "targets.judged")
    axes = figures.plot("index", rows, page.words, targets=targets)
    assert axes.get_ylim()[1] < 2 * rows["index"].max()
    assert [t.get_text() for t in axes.texts if "↑" in t.get_text()] == [
        "Target 2022: 2,000 ↑\nTarget 2025: 2,000 ↑"  # one text: they do not cover each other
    ]
    assert not [line for line in axes.get_lines() if line.get_linestyle() == "--"]
