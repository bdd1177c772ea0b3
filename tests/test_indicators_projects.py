"""Projects, volumes and activities from records: what is counted, once, and what is not."""

from __future__ import annotations

import pandas as pd
import pytest
from small_records import by_category, computed, filled, total

# Two new projects, one of them RDI; one RDI project that runs on from an earlier year.
THREE = """\
project_id is_new is_rdi status      funder  consortium_type
new        true   false  application eu      single
rdi        true   true   started     federal companies
older      false  true   finished    eu      single
"""


def row(values: pd.DataFrame, indicator: str, cluster_id: str = "imk") -> pd.Series:
    chosen = (values["indicator"] == indicator) & (values["cluster_id"] == cluster_id)
    found = values[chosen & (values["dimension"] == "")]
    assert len(found) == 1
    return found.iloc[0]


# --- counts -----------------------------------------------------------------------------------


def test_new_projects_are_a_subset_of_the_running_ones() -> None:
    values = computed(projects=THREE)
    assert total(values, "projects_new") == 2
    assert total(values, "projects_running") == 3


def test_rdi_counts_new_projects_only() -> None:
    values = computed(projects=THREE)
    assert total(values, "projects_rdi") == 1
    assert total(values, "projects_rdi_share") == 0.5


def test_a_brace_of_status_holds_its_parts() -> None:
    assert by_category(computed(projects=THREE), "projects_new", "status") == {
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
    assert by_category(computed(projects=THREE), indicator, dimension) == expected


def test_an_unknown_funder_is_in_the_total_only() -> None:
    values = computed(projects="project_id funder\np1 -\np2 eu")
    assert total(values, "projects_new") == 2
    assert filled(values, "projects_new", "funder") == {"eu": 1}


def test_rdi_is_not_divided_by_status() -> None:
    assert by_category(computed(projects=THREE), "projects_rdi", "status") == {}


def test_a_share_of_nothing_has_no_row() -> None:
    values = computed(projects="project_id is_new\nolder false")
    assert total(values, "projects_new") == 0
    assert total(values, "projects_rdi") == 0
    assert total(values, "projects_rdi_share") is None
    assert total(values, "projects_cross_cluster_share") is None


def test_cells_do_not_mix() -> None:
    values = computed(
        projects="""\
        year project_id cluster_id is_new is_rdi
        2020 p1         imk        true   true
        2021 p1         imk        false  true
        2021 p2         imk        true   false
        2021 p3         gw         true   true"""
    )
    assert total(values, "projects_new", year=2020) == 1
    assert total(values, "projects_new") == 1
    assert total(values, "projects_rdi") == 0
    assert total(values, "projects_running") == 2
    assert total(values, "projects_new", "gw") == 1
    assert total(values, "projects_new", "gw", 2020) is None  # nothing reported is not 0


def test_a_computed_value_knows_its_source_and_region() -> None:
    values = computed(projects="project_id cluster_id\np1 imk\np2 kc")
    found = row(values, "projects_new", "kc")
    assert (found["region"], found["source_id"], found["precision"]) == ("bb", "records", "exact")
    assert row(values, "projects_new")["region"] == "bebb"


def test_a_cluster_with_activities_alone_has_no_project() -> None:
    values = computed(activities="activity_id\na1")
    assert total(values, "projects_new") == 0
    assert total(values, "projects_running") == 0
    assert total(values, "activities") == 1


def test_activities_are_never_projects() -> None:
    values = computed(projects=THREE, activities="activity_id\na1\na2\na3\na4")
    assert total(values, "activities") == 4
    assert total(values, "projects_running") == 3


# --- volumes ----------------------------------------------------------------------------------

VOLUMES = """\
project_id is_new volume_eur volume_region_eur funding_eur funding_region_eur
p1         true   1000       600               500         300
p2         true   200        200               100         100
older      false  50         50                40          40
"""


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("project_volume", 1200),
        ("project_volume_region", 800),
        ("project_volume_running", 1250),
        ("funding_volume", 600),
        ("funding_volume_region", 400),
    ],
)
def test_volumes_of_new_and_of_running_projects(indicator: str, expected: float) -> None:
    found = row(computed(projects=VOLUMES), indicator)
    assert found["value"] == expected
    assert found["note"] == ""


def test_the_note_tells_how_many_volumes_are_known() -> None:
    values = computed(
        projects="""\
        project_id volume_eur funding_eur
        p1         1000       400
        p2         -          -
        p3         0          -"""
    )
    volume, funding = row(values, "project_volume"), row(values, "funding_volume")
    assert (volume["value"], volume["note"]) == (1000, "2/3")
    assert (funding["value"], funding["note"]) == (400, "1/3")


def test_the_note_counts_in_whole_numbers_beside_a_cluster_without_projects() -> None:
    values = computed(
        projects="project_id volume_eur\np1 1000\np2 -\np3 -",
        activities="activity_id cluster_id\na1 gw",
    )
    assert row(values, "project_volume")["note"] == "1/3"


def test_no_known_volume_is_no_value() -> None:
    values = computed(projects="project_id volume_eur\np1 -\np2 -")
    assert total(values, "projects_new") == 2
    assert total(values, "project_volume") is None
    assert total(values, "project_volume_running") is None
    assert total(values, "funding_volume") is None


def test_no_project_is_a_volume_of_zero() -> None:
    values = computed(activities="activity_id\na1")
    for indicator in ("project_volume", "project_volume_region", "project_volume_running",
                      "funding_volume", "funding_volume_region"):  # fmt: skip
        assert total(values, indicator) == 0
        assert row(values, indicator)["note"] == ""


def test_no_new_project_is_a_volume_of_zero_beside_unknown_running_ones() -> None:
    values = computed(projects="project_id is_new volume_eur\nolder false -")
    assert total(values, "project_volume") == 0
    assert total(values, "project_volume_running") is None


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2018, {"alpha": 300}),
        (2019, {}),  # only projects that a report names may be named
        (2020, {}),  # only new ones
        (2021, {}),  # only with a known volume
    ],
)
def test_named_projects(year: int, expected: dict[str, float]) -> None:
    values = computed(
        projects="""\
        year project_id is_new volume_eur
        2018 alpha      true   300
        2018 other      true   5
        2019 secret     true   300
        2020 alpha      false  300
        2020 other      true   5
        2021 alpha      true   -
        2021 other      true   5"""
    )
    assert by_category(values, "project_volume", "project", year=year) == expected


# --- guidelines, focus topics, action fields, technologies ------------------------------------


def test_a_project_counts_in_each_category_and_once_in_the_brace() -> None:
    values = computed(
        projects="project_id\nboth\nsub\ndirect\nall",
        assignments="""\
        project_id scheme    category
        both       guideline innovation_technical
        both       guideline innovation_other
        both       guideline international
        sub        guideline innovation_other
        direct     guideline innovation
        all        guideline innovation
        all        guideline innovation_technical""",
    )
    assert by_category(values, "projects_new", "guideline") == {
        "innovation": 4,
        "innovation_technical": 2,
        "innovation_other": 2,
        "international": 1,
    }


def test_activities_have_braces_too() -> None:
    values = computed(
        activities="activity_id\na1\na2",
        assignments="""\
        activity_id scheme    category
        a1          guideline innovation_technical
        a1          guideline innovation_other
        a2          guideline innovation_other""",
    )
    assert filled(values, "activities", "guideline") == {
        "innovation": 2,
        "innovation_technical": 1,
        "innovation_other": 2,
    }
    assert filled(values, "projects_new", "guideline") == {}


def test_only_new_projects_count_by_category() -> None:
    values = computed(
        projects="project_id is_new\nnew true\nolder false",
        assignments="""\
        project_id scheme     category
        new        technology ai
        older      technology ai
        older      guideline  innovation_technical""",
    )
    assert by_category(values, "projects_new", "technology") == {"ai": 1}
    assert filled(values, "projects_new", "guideline") == {}


def test_the_same_code_in_two_schemes_stays_apart() -> None:
    values = computed(
        projects="project_id\np1\np2",
        assignments="""\
        project_id scheme      category
        p1         guideline   international
        p1         focus_topic international
        p2         focus_topic international""",
    )
    assert filled(values, "projects_new", "guideline") == {"international": 1}
    assert filled(values, "projects_new", "focus_topic") == {"international": 2}


def test_assignments_belong_to_their_year() -> None:
    values = computed(
        projects="year project_id\n2020 p1\n2021 p1",
        assignments="year project_id scheme category\n2020 p1 technology ai",
    )
    assert by_category(values, "projects_new", "technology", year=2020) == {"ai": 1}
    assert by_category(values, "projects_new", "technology") == {"ai": 0}


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


def test_a_cluster_counts_its_own_items_only() -> None:
    values = computed(
        projects="project_id cluster_id\np1 imk\np2 gw",
        assignments="project_id scheme category\np1 technology ai\np2 action_field gw_care",
    )
    assert by_category(values, "projects_new", "technology") == {"ai": 1}
    assert by_category(values, "projects_new", "technology", "gw") == {"ai": 0}
    assert by_category(values, "projects_new", "action_field") == {"imk_ict": 0}
    assert by_category(values, "projects_new", "action_field", "gw") == {"gw_care": 1}


def test_items_are_not_divided_by_what_they_are_not_assigned_to() -> None:
    values = computed(projects="project_id\np1", activities="activity_id\na1")
    divided: dict[str, set[str]] = {}
    for name, dimension in zip(values["indicator"], values["dimension"], strict=True):
        divided.setdefault(name, set()).add(dimension)
    schemes = {"guideline", "focus_topic", "action_field", "technology"}
    assert divided["activities"] == {"", *schemes}
    assert divided["projects_new"] == {"", "status", "funder", "consortium_type", *schemes}
