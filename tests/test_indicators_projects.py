"""Projects, volumes and activities from records: what is counted, once, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from small_records import REFERENCE, by_category, computed, dataset, filled, total

from ewm_analysis.indicators import members, things_of

# Two new projects, one of them RDI; one RDI project that runs on from an earlier year.
THREE = """\
project_id is_new is_rdi status      funder  consortium_type
new        true   false  application eu      single
rdi        true   true   started     federal companies
older      false  true   finished    eu      single
"""
FOUR = "activity_id\na1\na2\na3\na4"


def row(
    values: pd.DataFrame, indicator: str, cluster_id: str = "imk", year: int = 2021
) -> pd.Series:
    cell = (values["cluster_id"] == cluster_id) & (values["year"] == year)
    chosen = cell & (values["indicator"] == indicator)
    found = values[chosen & (values["dimension"] == "")]
    assert len(found) == 1
    return found.iloc[0]


# --- counts -----------------------------------------------------------------------------------


def test_new_projects_are_a_subset_of_the_running_ones() -> None:
    values = computed(projects=THREE, activities=FOUR)
    assert total(values, "projects_new") == 2
    assert total(values, "projects_running") == 3


def test_rdi_counts_new_projects_only() -> None:
    values = computed(projects=THREE, activities=FOUR)
    assert total(values, "projects_rdi") == 1
    assert total(values, "projects_rdi_share") == 0.5


def test_a_brace_of_status_holds_its_parts() -> None:
    assert by_category(computed(projects=THREE, activities=FOUR), "projects_new", "status") == {
        "application": 1,
        "started_or_finished": 1,  # `finished` is not new
        "started": 1,
        "finished": 0,
    }


@pytest.mark.parametrize(
    ("indicator", "dimension", "expected"),
    [
        ("projects_new", "funder", {"eu": 1, "federal": 1}),
        ("projects_new", "consortium_type", {"single": 1, "companies": 1}),
        ("projects_rdi", "funder", {"eu": 0, "federal": 1}),
        ("projects_rdi", "consortium_type", {"single": 0, "companies": 1}),
    ],
)
def test_breakdowns_of_new_projects(
    indicator: str, dimension: str, expected: dict[str, float]
) -> None:
    assert by_category(computed(projects=THREE, activities=FOUR), indicator, dimension) == expected


def test_rdi_is_not_divided_by_status() -> None:
    assert by_category(computed(projects=THREE, activities=FOUR), "projects_rdi", "status") == {}


CELLS = """\
year project_id cluster_id is_new is_rdi funder
2020 p1         imk        true   true   -
2021 p1         imk        false  true   -
2021 p2         imk        true   false  -
2021 p3         kc         true   true   eu
2021 p4         gw         false  true   eu
"""


def test_cells_do_not_mix() -> None:
    values = computed(projects=CELLS)
    assert total(values, "projects_new", year=2020) == 1
    assert total(values, "projects_new") == 1
    assert total(values, "projects_rdi") == 0
    assert total(values, "projects_running") == 2
    assert total(values, "projects_new", "kc") == 1
    assert total(values, "projects_new", "kc", 2020) is None  # nothing reported is not 0


def test_an_unknown_funder_is_in_the_total_only() -> None:
    values = computed(projects=CELLS)
    assert total(values, "projects_new") == 1
    assert filled(values, "projects_new", "funder") == {}
    assert filled(values, "projects_new", "funder", "kc") == {"eu": 1}


def test_a_share_of_nothing_has_no_row() -> None:
    values = computed(projects=CELLS)
    assert total(values, "projects_new", "gw") == 0
    assert total(values, "projects_rdi", "gw") == 0
    assert total(values, "projects_rdi_share", "gw") is None
    assert total(values, "projects_cross_cluster_share", "gw") is None
    assert total(values, "projects_rdi_share") == 0


def test_a_computed_value_knows_its_source_and_region() -> None:
    values = computed(projects=CELLS)
    found = row(values, "projects_new", "kc")
    assert (found["region"], found["source_id"], found["precision"]) == ("bb", "records", "exact")
    assert row(values, "projects_new", "gw")["region"] == "bebb"


def test_activities_are_never_projects() -> None:
    values = computed(projects=THREE, activities=FOUR)
    assert total(values, "activities") == 4
    assert total(values, "projects_running") == 3


# --- volumes ----------------------------------------------------------------------------------

# Every amount known; some unknown; all unknown; no new project; and 2020 activities alone.
VOLUMES = """\
year project_id is_new volume_eur volume_region_eur funding_eur funding_region_eur
2021 p1         true   1000       600               500         300
2021 p2         true   200        200               100         100
2021 older      false  50         50                40          40
2019 p1         true   1000       600               400         300
2019 p2         true   -          -                 -           -
2019 p3         true   0          -                 -           -
2018 p1         true   -          -                 -           -
2018 p2         true   -          -                 -           -
2017 older      false  -          -                 -           -
"""

AMOUNTS = [
    ("project_volume", 1200),
    ("project_volume_region", 800),
    ("project_volume_running", 1250),
    ("funding_volume", 600),
    ("funding_volume_region", 400),
]


@pytest.fixture(scope="module")
def volumes() -> pd.DataFrame:
    return computed(projects=VOLUMES, activities="year activity_id\n2020 a1")


@pytest.mark.parametrize(("indicator", "expected"), AMOUNTS)
def test_volumes_of_new_and_of_running_projects(
    volumes: pd.DataFrame, indicator: str, expected: float
) -> None:
    found = row(volumes, indicator)
    assert found["value"] == expected
    assert (found["precision"], found["n_known"], found["n_all"]) == ("exact", pd.NA, pd.NA)


def test_a_sum_known_in_part_is_a_bound_with_its_counts(volumes: pd.DataFrame) -> None:
    volume = row(volumes, "project_volume", year=2019)
    funding = row(volumes, "funding_volume", year=2019)
    names = ["value", "precision", "n_known", "n_all"]
    assert volume[names].tolist() == [1000, "at_least", 2, 3]
    assert funding[names].tolist() == [400, "at_least", 1, 3]


@pytest.mark.parametrize("indicator", [name for name, _ in AMOUNTS])
def test_no_known_volume_is_no_value(volumes: pd.DataFrame, indicator: str) -> None:
    assert total(volumes, "projects_new", year=2018) == 2
    assert total(volumes, indicator, year=2018) is None


@pytest.mark.parametrize("indicator", [name for name, _ in AMOUNTS])
def test_no_project_is_a_volume_of_zero(volumes: pd.DataFrame, indicator: str) -> None:
    assert total(volumes, "projects_running", year=2020) == 0
    found = row(volumes, indicator, year=2020)
    assert (found["value"], found["precision"]) == (0, "exact")


def test_no_new_project_is_a_volume_of_zero_beside_unknown_running_ones(
    volumes: pd.DataFrame,
) -> None:
    assert total(volumes, "project_volume", year=2017) == 0
    assert total(volumes, "project_volume_running", year=2017) is None


@pytest.mark.parametrize(
    ("year", "volume", "funding"),
    [
        (2018, {"alpha": 300}, {"alpha": 200}),
        (2019, {}, {}),  # only projects that a report names may be named
        (2020, {}, {}),  # only new ones
        (2021, {"alpha": 300}, {}),  # only known amounts
        (2022, {}, {}),
    ],
)
def test_named_projects(year: int, volume: dict[str, float], funding: dict[str, float]) -> None:
    values = computed(
        projects="""\
        year project_id is_new volume_eur funding_eur
        2018 alpha      true   300        200
        2018 other      true   5          4
        2019 secret     true   300        200
        2020 alpha      false  300        200
        2020 other      true   5          4
        2021 alpha      true   300        -
        2021 other      true   5          4
        2022 alpha      true   -          -
        2022 other      true   5          4"""
    )
    assert by_category(values, "project_volume", "project", year=year) == volume
    assert by_category(values, "funding_volume", "project", year=year) == funding


# --- guidelines, focus topics, action fields, technologies ------------------------------------

# 2021: braces. 2020: what must not be counted.
ITEMS = {
    "projects": """\
    year project_id cluster_id is_new
    2021 both       imk        true
    2021 sub        imk        true
    2021 direct     imk        true
    2021 all        imk        true
    2021 older      imk        false
    2020 both       imk        true
    2020 p1         imk        true
    2020 p2         gw         true""",
    "activities": """\
    year activity_id
    2021 a1
    2021 a2""",
    "assignments": """\
    year project_id activity_id scheme      category
    2021 both       -           guideline   innovation_technical
    2021 both       -           guideline   innovation_other
    2021 both       -           guideline   international
    2021 sub        -           guideline   innovation_other
    2021 direct     -           guideline   innovation
    2021 all        -           guideline   innovation
    2021 all        -           guideline   innovation_technical
    2021 older      -           guideline   innovation_technical
    2021 older      -           technology  ai
    2021 -          a1          guideline   innovation_technical
    2021 -          a1          guideline   innovation_other
    2021 -          a2          guideline   innovation_other
    2020 both       -           technology  ai
    2020 p1         -           guideline   international
    2020 p1         -           focus_topic international
    2020 both       -           focus_topic international
    2020 p2         -           focus_topic work""",
}


@pytest.fixture(scope="module")
def items() -> pd.DataFrame:
    return computed(**ITEMS)


def test_a_project_counts_in_each_category_and_once_in_the_brace(items: pd.DataFrame) -> None:
    assert by_category(items, "projects_new", "guideline") == {
        "innovation": 4,
        "innovation_technical": 2,
        "innovation_other": 2,
        "international": 1,
    }


def test_activities_have_braces_too(items: pd.DataFrame) -> None:
    assert by_category(items, "activities", "guideline") == {
        "innovation": 2,
        "innovation_technical": 1,
        "innovation_other": 2,
        "international": 0,
    }


def test_only_new_projects_of_the_year_count_by_category(items: pd.DataFrame) -> None:
    assert by_category(items, "projects_new", "technology") == {"ai": 0}
    assert by_category(items, "projects_new", "technology", year=2020) == {"ai": 1}


def test_the_same_code_in_two_schemes_stays_apart(items: pd.DataFrame) -> None:
    assert filled(items, "projects_new", "guideline", year=2020) == {"international": 1}
    assert filled(items, "projects_new", "focus_topic", year=2020) == {"international": 2}


def test_a_cluster_counts_its_own_items_only(items: pd.DataFrame) -> None:
    assert filled(items, "projects_new", "focus_topic", "gw", 2020) == {"work": 1}
    assert filled(items, "projects_new", "technology", "gw", 2020) == {}


NEW_GUIDELINES = {"innovation", "innovation_technical", "innovation_other", "international"}


@pytest.mark.parametrize(
    ("year", "cluster_id", "fields", "guidelines"),
    [
        (2018, "imk", {"imk_media"}, {"materials"}),
        (2019, "imk", {"imk_media"}, NEW_GUIDELINES),
        (2020, "imk", {"imk_media"}, NEW_GUIDELINES),
        (2021, "imk", {"imk_ict"}, NEW_GUIDELINES),
        (2021, "gw", {"gw_care"}, NEW_GUIDELINES),
        (2018, "kc", set(), {"materials"}),
    ],
)
@pytest.mark.parametrize("indicator", ["projects_new", "activities"])
def test_categories_of_the_year_and_the_cluster_have_rows(
    indicator: str, year: int, cluster_id: str, fields: set[str], guidelines: set[str]
) -> None:
    values = computed(
        projects="""\
        year cluster_id project_id
        2018 imk        p1
        2019 imk        p1
        2020 imk        p1
        2021 imk        p1
        2021 gw         p2
        2018 kc         p3"""
    )
    found = by_category(values, indicator, "action_field", cluster_id, year)
    assert found == dict.fromkeys(fields, 0)
    found = by_category(values, indicator, "guideline", cluster_id, year)
    assert found == dict.fromkeys(guidelines, 0)


def test_items_are_not_divided_by_what_they_are_not_assigned_to() -> None:
    values = computed(projects=THREE, activities=FOUR)
    divided: dict[str, set[str]] = {}
    for name, dimension in zip(values["indicator"], values["dimension"], strict=True):
        divided.setdefault(name, set()).add(dimension)
    schemes = {"guideline", "focus_topic", "action_field", "technology"}
    assert divided["activities"] == {"", *schemes}
    assert divided["projects_new"] == {"", "status", "funder", "consortium_type", *schemes}


def test_what_nobody_listed_is_no_category() -> None:
    """Contracts refuse it; the indicator does not rest on that, nor on which one is listed last."""
    listed = REFERENCE.categories
    last = listed[listed["dimension"] == "technology"]
    reference = replace(REFERENCE, categories=pd.concat([listed.drop(last.index), last]))
    assigned = "activity_id scheme category\na1 technology ai\na2 technology nobody_listed_it"
    records = dataset({"activities": FOUR, "assignments": assigned}).records
    assert len(members(things_of(records, reference), "activities", "technology")) == 1
