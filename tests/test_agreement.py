"""Printed against computed: each way to agree, to contradict, and not to be computable."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ewm_analysis.catalogue import Words
from ewm_analysis.indicators.long import as_values
from ewm_analysis.loaders import load_reference, open_dataset, resolve_data_dir
from ewm_analysis.statistics import compare_printed
from ewm_analysis.tables import agreement_table


def printed(
    indicator: str, value: float, dimension: str = "", category: str = "", **cells: Any
) -> dict[str, Any]:
    row = {
        "year": 2021, "cluster_id": "imk", "region": "bebb", "indicator": indicator,
        "dimension": dimension, "category": category, "base_year": pd.NA, "mention": 1,
        "value": value, "precision": "exact", "source_id": "r", "reference": "p. 7",
    }  # fmt: skip
    return {**row, **cells}


def computed(*rows: tuple[int, str, str, str, float]) -> pd.DataFrame:
    names = ["year", "indicator", "dimension", "category", "value"]
    return as_values(pd.DataFrame(rows, columns=names).assign(cluster_id="imk", region="bebb"))


RECORDS = computed(
    (2020, "actors_projects", "", "", 86),
    (2021, "actors_projects", "", "", 69),
    (2021, "actors_activities", "", "", 124),
    (2021, "projects_new", "", "", 34),
    (2021, "projects_new", "status", "started_or_finished", 25),
    (2021, "projects_rdi_share", "", "", 25 / 34),
    (2021, "activities_cross_cluster_share", "", "", 71 / 95),
    (2021, "project_volume", "", "", 161_480_000),
    (2021, "project_volume", "project", "reskriver", 14_000_000),
)


@pytest.mark.parametrize(
    ("figure", "verdict", "reason"),
    [
        (printed("projects_new", 34), "equal", "exact"),
        (printed("projects_new", 33), "contradicts", "differs"),
        (printed("project_volume", 161.5e6), "equal", "rounding"),
        (printed("project_volume", 161.4e6), "equal", "cutting"),
        (printed("project_volume", 161.6e6), "contradicts", "differs"),
        (printed("projects_rdi_share", 0.73), "equal", "cutting"),
        (printed("projects_rdi_share", 0.74), "equal", "rounding"),
        (printed("projects_rdi_share", 0.735), "equal", "rounding"),
        (printed("projects_rdi_share", 0.72), "contradicts", "differs"),
        (printed("activities_cross_cluster_share", 0.75), "equal", "rounding"),
        (printed("actors_projects_and_activities", 193), "equal", "exact"),
        (
            printed("actors_projects_growth", -0.2, base_year=2020, precision="approximate"),
            "equal",
            "about",
        ),
        (
            printed("actors_projects_growth", -0.3, base_year=2020, precision="approximate"),
            "contradicts",
            "differs",
        ),
        (printed("projects_new", 30, precision="lower_bound"), "equal", "bound"),
        (printed("projects_new", 30, precision="upper_bound"), "contradicts", "differs"),
        (
            printed("projects_new_share", 0.75, "status", "started_or_finished",
                    precision="approximate"),
            "equal",
            "about",
        ),
        (
            printed("project_volume", 14.8e6, "project", "reskriver", mention=2),
            "contradicts",
            "differs",
        ),
        (printed("sectors", 12), "not_computable", "not_in_records"),
    ],
)  # fmt: skip
def test_verdicts(figure: dict[str, Any], verdict: str, reason: str) -> None:
    found = compare_printed(pd.DataFrame([figure]), RECORDS)
    assert found[["verdict", "reason"]].to_numpy().tolist() == [[verdict, reason]]


def test_a_total_of_groups_is_not_computed_from_one_of_them() -> None:
    only = RECORDS[RECORDS["indicator"] != "actors_activities"]
    figure = pd.DataFrame([printed("actors_projects_and_activities", 193)])
    assert list(compare_printed(figure, only)["verdict"]) == ["not_computable"]


@pytest.mark.parametrize(
    "figure",
    [
        printed("actors_projects", 69),
        printed("actors_projects_and_activities", 193),
        printed("actors_projects_growth", -0.2, base_year=2020, precision="approximate"),
    ],
)
def test_what_rests_on_a_withheld_figure_is_told_as_withheld(figure: dict[str, Any]) -> None:
    is_gone = (RECORDS["indicator"] == "actors_projects") & (RECORDS["year"] == 2021)
    withheld = RECORDS.assign(value=RECORDS["value"].mask(is_gone))
    withheld.loc[is_gone, "precision"] = "withheld"
    found = compare_printed(pd.DataFrame([figure]), withheld)
    assert found[["verdict", "reason"]].to_numpy().tolist() == [["not_computable", "withheld"]]
    words = Words(load_reference(resolve_data_dir("data/reference")), "de")
    (row,) = agreement_table(found, words).rows
    assert row[2:4] == ["•", "nicht berechenbar: aus Gründen der Geheimhaltung nicht gezeigt"]


def test_cells_without_records_are_left_out() -> None:
    figures = pd.DataFrame([printed("projects_new", 5, cluster_id="gw")])
    assert compare_printed(figures, RECORDS).empty


def test_every_printed_figure_of_the_example_meets_its_records() -> None:
    """All but the two figures that contradict others in print (report 2021, p. 8 and 11)."""
    from ewm_analysis.indicators.compute import from_records

    data = open_dataset("data/example")
    found = compare_printed(data.published, from_records(data.records, data.reference))
    assert len(found) == len(data.published)
    wrong = found[found["verdict"] == "contradicts"]
    assert sorted(zip(wrong["indicator"], wrong["category"], strict=True)) == [
        ("project_volume", "reskriver"),
        ("project_volume_running", ""),
    ]
    missing = found.loc[found["verdict"] == "not_computable", "indicator"]
    assert sorted(missing) == [
        "project_participants",
        "project_partners",
        "project_use_cases",
        "project_workshops",
        "sectors",
        "solo_self_employed",
    ]
    cut = found.loc[found["reason"] == "cutting", "indicator"]
    assert sorted(cut) == ["projects_cross_cluster_share", "projects_rdi_share"]


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("de", ["IMK: Anteil der FuEuI-Projekte", "73 %", "73,5 %",
                "stimmt überein: nur abgeschnitten", "S. 7"]),
        ("en", ["ICT & media: Share of RDI projects", "73%", "73.5%",
                "agrees: only if cut off", "p. 7"]),
    ],
)  # fmt: skip
def test_table_in_words(locale: Any, line: list[str]) -> None:
    words = Words(load_reference(resolve_data_dir("data/reference")), locale)
    figures = pd.DataFrame([printed("projects_rdi_share", 0.73), printed("projects_new", 33)])
    table = agreement_table(compare_printed(figures, RECORDS), words)
    shown = [[cell.replace("\u00a0", " ") for cell in row] for row in table.rows]
    assert shown[1][1:] == line[1:]
    assert shown[1][0].endswith(line[0].split(": ")[1])
    assert len(agreement_table(compare_printed(figures.iloc[:0], RECORDS), words).rows) == 1
