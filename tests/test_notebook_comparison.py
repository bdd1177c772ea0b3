"""What the page across clusters shows, from small records of two clusters."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pandas as pd
import pytest
from small_records import dataset

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.notebook import Page, showing
from ewm_analysis.notebook.parts import Comparison
from ewm_analysis.parameters import RunParameters

RECORDS = {
    "projects": """\
year cluster_id project_id is_new
2020 imk q1 true
2021 imk p1 true
2021 imk p2 true
2021 gw p3 true
2021 gw p4 false
""",
    "actors": """\
year actor_id state home_cluster
2021 a be imk
2021 b be gw
2021 c be gw
""",
    "participations": """\
year project_id actor_id
2021 p1 a
2021 p1 b
2021 p3 c
2021 p4 a
""",
    "assignments": """\
year project_id scheme category
2021 p1 guideline innovation_technical
2021 p3 guideline international
""",
}
ECONOMY = """\
year cluster_id scope region indicator value
2018 imk total bebb companies 50
2019 imk total bebb companies 55
2014 gw total bebb companies 30
2019 - - de companies 900
"""


@pytest.fixture
def page() -> Page:
    data = dataset(RECORDS, economy=ECONOMY)
    clusters = data.reference.clusters.assign(position=range(len(data.reference.clusters)))
    data = replace(data, reference=replace(data.reference, clusters=clusters))
    parameters = RunParameters.check(year=2021)
    return Page(data, parameters, compute_indicators(data), Words(data.reference, "de"))


def test_rows_are_of_clusters_in_the_years_asked_for(page: Page) -> None:
    clusters = Comparison(page)
    rows = clusters.rows("projects_new")
    assert dict(zip(rows["cluster_id"], rows["value"], strict=True)) == {"imk": 2, "gw": 1}
    assert sorted(clusters.rows("projects_new", years=2)["year"]) == [2020, 2021, 2021]


def test_withheld_rows_come_only_where_they_are_asked_for(page: Page) -> None:
    gone = page.values["cluster_id"].eq("gw") & page.values["indicator"].eq("projects_new")
    page.withheld = page.values[gone].assign(value=pd.NA, precision="withheld")
    page.values = page.values[~gone]
    assert {*Comparison(page).rows("projects_new")["cluster_id"]} == {"imk"}
    rows = Comparison(page).rows("projects_new", withheld=True)
    assert dict(zip(rows["cluster_id"], rows["precision"], strict=True)) == {
        "imk": "exact",
        "gw": "withheld",
    }


def test_economy_has_the_latest_year_of_each_cluster_and_no_other_region(page: Page) -> None:
    rows = Comparison(page).economy()
    assert {(row.cluster_id, row.year, row.value) for row in rows.itertuples()} == {
        ("imk", 2019, 55),
        ("gw", 2014, 30),
    }


def test_involved_are_the_actors_of_new_projects(page: Page) -> None:
    found = Comparison(page).involved()
    assert list(zip(found["project_id"], found["actor_id"], strict=True)) == [
        ("p1", "a"),
        ("p1", "b"),
        ("p3", "c"),
    ]


def test_shared_and_assigned_rest_on_new_projects(page: Page) -> None:
    clusters = Comparison(page)
    shared = clusters.projects_shared()
    pairs = {(row.cluster_id, row.category): row.value for row in shared.itertuples()}
    assert pairs == {("imk", "imk"): 1, ("gw", "gw"): 2, ("imk", "gw"): 1}
    assigned = clusters.assigned().guideline
    assert len(assigned) == 3
    assert assigned.loc[("imk", "p2")].sum() == 0
    assert assigned.sum().loc[lambda sums: sums > 0].to_dict() == {
        "innovation_technical": 1,
        "international": 1,
    }


@pytest.mark.parametrize(
    ("error", "words"),
    [(FewClustersError, "weniger als zwei Cluster"), (MissingDataError, "nicht als Zahl")],
)
def test_what_cannot_be_shown_says_why(page: Page, error: type[Exception], words: str) -> None:
    def nothing_table(*_: object) -> None:
        raise error("nothing")

    rows = Comparison(page).rows("projects_new")
    with patch.object(showing, "display") as display:
        showing.show_table(page, nothing_table, rows, caption="Nichts")  # type: ignore[arg-type]
    assert words in str(display.call_args)
