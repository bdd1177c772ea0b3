"""Words of a report against its figures: what they say is data, what does not hold a note."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import TABLES, write_dataset

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import ContractError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset, open_dataset, part_of
from ewm_analysis.statistics import find_contradictions
from ewm_analysis.statistics.plausibility import say_finding, say_subject

HEAD = (
    "year,cluster_id,region,scope,indicator,base_year,phrase,claim,low,high,"
    "source_id,reference,note"
)
FIGURES = (
    TABLES["published/figures.csv"].splitlines()[0]
    + """
2020,imk,bebb,projects_new,,,,1,42,count,exact,false,report,p. 7,
2021,imk,bebb,projects_new,,,,1,34,count,exact,false,report,p. 7,
2020,imk,bebb,activities,,,,1,122,count,approximate,false,report,p. 7,
2021,imk,bebb,activities,,,,1,95,count,exact,false,report,p. 7,
"""
)
ECONOMY = (
    TABLES["economy/economy.csv"].splitlines()[0]
    + """
2020,imk,core,bebb,,turnover_growth,2011,clustermonitoring,1,0.5,fraction,exact,false,report,p. 5,
2020,gw,core,bebb,,turnover_growth,2011,clustermonitoring,1,0.6,fraction,exact,false,report,p. 5,
2020,gw,total,bebb,,turnover_growth,2011,clustermonitoring,1,0.9,fraction,exact,false,report,p. 5,
"""
)


def data_set(folder: Path, *phrases: str) -> Dataset:
    changes: dict[str, str | bytes | None] = {
        **{name: None for name in TABLES if name.startswith("records/")},
        "published/figures.csv": FIGURES,
        "economy/economy.csv": ECONOMY,
        "published/phrases.csv": "\n".join([HEAD, *phrases, ""]),
    }
    return open_dataset(write_dataset(folder, changes))


def checked(data: Dataset) -> tuple[int, list[pd.Series]]:
    """How often the rule was applied, and what it found."""
    found = find_contradictions(
        compute_indicators(data), data.published, data.organisations, data.phrases
    )
    checks = found.checks.set_index("rule").loc["words_and_numbers"]
    notes = found.findings[found.findings["rule"] == "words_and_numbers"]
    assert (notes["level"] == "note").all()
    assert checks["notes"] == len(notes)
    return int(checks["checked"]), [*notes.itertuples()]


@pytest.mark.parametrize(
    ("low", "high", "is_found"),
    [("-0.1", "0", True), ("-0.25", "-0.15", False), ("", "-0.2", True), ("-0.2", "", False)],
)
def test_a_change_lies_within_what_the_words_allow(
    tmp_path: Path, low: str, high: str, is_found: bool
) -> None:
    phrase = f"2021,imk,bebb,,projects_new,2020,etwas weniger,change,{low},{high},report,p. 7,"
    number, found = checked(data_set(tmp_path, phrase))
    assert number == 1
    assert len(found) == is_found


def test_the_finding_says_words_and_numbers(tmp_path: Path) -> None:
    data = data_set(
        tmp_path, "2021,imk,bebb,,projects_new,2020,etwas weniger,change,-0.1,0,report,p. 8,"
    )
    ((row,),) = (checked(data)[1],)
    words = Words(data.reference, "de")
    assert say_subject(row, words, is_known=True) == "Neu initiierte Projekte 2021"
    said = "Der Bericht sagt „etwas weniger“; von 42 auf 34 sind es −19\xa0%."
    assert say_finding(row, words) == said
    assert (row.source_id, row.reference) == ("report", "p. 8")


def test_words_on_unknown_or_rough_figures_are_not_checked(tmp_path: Path) -> None:
    data = data_set(
        tmp_path,
        "2021,imk,bebb,,activities,2020,weniger,change,0,,report,p. 7,",  # 2020 is approximate
        "2021,imk,bebb,,projects_running,2020,mehr,change,0,,report,p. 7,",
        "2020,imk,bebb,total,turnover_growth,2011,am stärksten,highest,,,report,p. 6,",
    )
    assert checked(data) == (0, [])


def test_the_largest_growth_is_larger_than_that_of_all_clusters(tmp_path: Path) -> None:
    imk = "2020,imk,bebb,core,turnover_growth,2011,am stärksten,highest,,,report,p. 6,"
    number, (row,) = checked(data_set(tmp_path / "a", imk))
    assert number == 1
    words = Words(data_set(tmp_path / "b").reference, "en")
    assert say_finding(row, words) == (
        "The report says “am stärksten”; +50% is printed, and +60% for another cluster."
    )
    assert checked(data_set(tmp_path / "c", imk.replace("imk", "gw"))) == (1, [])


def test_a_page_reads_the_words_on_its_cluster_and_years(tmp_path: Path) -> None:
    phrase = "2021,imk,bebb,,projects_new,2020,weniger,change,-1,0,report,p. 7,"
    data = data_set(tmp_path, phrase)
    assert len(part_of(data, cluster_id="imk", last_year=2021).phrases) == 1
    assert part_of(data, cluster_id="gw").phrases.empty
    assert part_of(data, last_year=2020).phrases.empty


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("2021,imk,bebb,,project_new,2020,x,change,,,report,p,", "Did you mean 'projects_new'"),
        ("2021,imk,bebb,,projects_new,2020,x,chnge,,,report,p,", "Did you mean 'change'"),
        ("2021,imk,bebb,,projects_new,2020,x,change,0.2,0.1,report,p,", "at most high"),
        ("2021,imk,bebb,,projects_new,2020,x,change,,,reprot,p,", "Did you mean 'report'"),
    ],
)
def test_words_that_cannot_be_held_against_figures(tmp_path: Path, phrase: str, told: str) -> None:
    with pytest.raises(ContractError, match=told) as caught:
        data_set(tmp_path, phrase)
    (failure,) = caught.value.failures
    assert str(failure).startswith("small/published/phrases.csv, line 2, column ")
