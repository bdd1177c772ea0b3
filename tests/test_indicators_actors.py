"""Actors and cross-cluster links from records: distinct actors, counted participations."""

from __future__ import annotations

import pandas as pd
import pytest
from small_records import REFERENCE, by_category, computed, dataset, filled, total

from ewm_analysis.indicators import members, things_of

# imk: p1 and p2 are new, p3 runs on; a1 is an activity.
ACTORS = """\
actor_id actor_type size_class state ags   home_cluster
small    company    1-9        be    11000 imk
large    company    250+       bb    12054 imk
unsized  company    -          bb    12054 -
school   university -          bb    12051 gw
chamber  chamber    -          be    -     other_sector
foreign  company    250+       other -     cleantech
"""

PARTICIPATIONS = """\
project_id activity_id actor_id
p1         -           small
p2         -           small
p1         -           large
p2         -           unsized
p2         -           foreign
p3         -           school
p3         -           large
-          a1          school
-          a1          chamber
"""


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return computed(
        projects="project_id is_new\np1 true\np2 true\np3 false",
        activities="activity_id\na1",
        actors=ACTORS,
        participations=PARTICIPATIONS,
    )


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("actors_projects", 3),  # small twice counts once; foreign is not from the region
        ("actors_projects_running", 4),
        ("actors_activities", 2),
    ],
)
def test_distinct_actors_of_the_region(
    values: pd.DataFrame, indicator: str, expected: float
) -> None:
    assert total(values, indicator) == expected


@pytest.mark.parametrize(
    ("indicator", "dimension", "expected"),
    [
        ("actors_projects", "actor_type", {"company": 3, "university": 0, "chamber": 0}),
        ("actors_activities", "actor_type", {"company": 0, "university": 1, "chamber": 1}),
        ("actors_projects", "size_class", {"1-9": 1, "250+": 1}),
        ("actors_activities", "size_class", {"1-9": 0, "250+": 0}),
        ("actors_projects", "state", {"be": 1, "bb": 2, "other": 1}),
        ("actors_activities", "state", {"be": 1, "bb": 1, "other": 0}),
        ("actors_projects", "district", {"12051": 0, "12054": 2}),  # Berlin is no district
        ("actors_projects_running", "district", {"12051": 1, "12054": 2}),
        ("actors_activities", "district", {"12051": 1, "12054": 0}),
        ("actors_projects_running", "actor_type", {}),
    ],
)
def test_actors_by(
    values: pd.DataFrame, indicator: str, dimension: str, expected: dict[str, float]
) -> None:
    assert by_category(values, indicator, dimension) == expected


CELLS = {
    "projects": """\
    year cluster_id project_id
    2020 imk        p1
    2021 imk        p1
    2021 gw         p2
    2021 kc         p3""",
    "actors": """\
    year actor_id state ags   home_cluster
    2020 x        be    -     gw
    2021 x        bb    12054 gw""",
    "participations": """\
    year project_id actor_id
    2020 p1         x
    2021 p1         x
    2021 p2         x""",
}


def test_an_actor_counts_in_each_cluster_and_year() -> None:
    found = computed(**CELLS)
    cells = [("imk", 2020), ("imk", 2021), ("gw", 2021), ("kc", 2021)]
    assert [total(found, "actors_projects", *cell) for cell in cells] == [1, 1, 1, 0]
    # The seat is that of the year.
    assert filled(found, "actors_projects", "state", "imk", 2020) == {"be": 1}
    assert filled(found, "actors_projects", "state", "imk", 2021) == {"bb": 1}
    # At home in gw: foreign to imk only.
    assert [total(found, "projects_cross_cluster", *cell) for cell in cells] == [1, 1, 0, 0]


def test_neither_the_own_cluster_nor_a_group_of_clusters_is_a_home_elsewhere() -> None:
    found = computed(**CELLS)
    imk = by_category(found, "participations_projects", "home_cluster")
    gw = by_category(found, "participations_projects", "home_cluster", "gw")
    assert set(imk) == {"gw", "kc", "cleantech", "other_sector"}
    assert set(gw) == {"imk", "kc", "cleantech", "other_sector"}


def test_only_companies_have_sizes() -> None:
    """The contract refuses the size of another body; the indicator does not rest on that."""
    data = dataset(
        {
            "projects": "project_id\np",
            "actors": "actor_id actor_type size_class\nc company 1-9\nu company 250+",
            "participations": "project_id actor_id\np c\np u",
        }
    )
    actors = data.records["actors"]
    actors.loc[actors["actor_id"] == "u", "actor_type"] = "university"
    found = members(things_of(data.records, REFERENCE), "actors_projects", "size_class")
    assert found["category"].tolist() == ["1-9"]


def test_only_districts_of_brandenburg_are_counted() -> None:
    found = members(
        things_of(
            dataset(
                {
                    "projects": "project_id\np",
                    "actors": "actor_id state ags\nx be 11000\ny bb 12054",
                    "participations": "project_id actor_id\np x\np y",
                }
            ).records,
            REFERENCE,
        ),
        "actors_projects",
        "district",
    )
    assert found["category"].tolist() == ["12054"]


# --- cross-cluster ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "home", "is_foreign"),
    [
        (2017, "imk", False),
        (2018, "", False),
        (2019, "gw", True),
        (2020, "cleantech", True),
        (2021, "other_sector", True),
    ],
)
@pytest.mark.parametrize("items", ["projects", "activities"])
def test_who_is_at_home_elsewhere(items: str, year: int, home: str, is_foreign: bool) -> None:
    found = computed(
        projects="year project_id\n2017 p\n2018 p\n2019 p\n2020 p\n2021 p",
        activities="year activity_id\n2017 a\n2018 a\n2019 a\n2020 a\n2021 a",
        actors="""\
        year actor_id home_cluster
        2017 x        imk
        2018 x        -
        2019 x        gw
        2020 x        cleantech
        2021 x        other_sector""",
        participations="year project_id activity_id actor_id\n"
        + "".join(f"{y} p - x\n{y} - a x\n" for y in range(2017, 2022)),
    )
    count = f"{items}_cross_cluster"
    assert total(found, count, year=year) == is_foreign
    assert total(found, f"{count}_share", year=year) == is_foreign
    links = filled(found, f"participations_{items}", "home_cluster", year=year)
    assert links == ({home: 1} if is_foreign else {})


LINKS = {
    "projects": "project_id is_new\np1 true\np2 true\np3 true\nolder false",
    "actors": """\
    actor_id state home_cluster
    own      be    imk
    one      be    gw
    two      other gw
    three    bb    other_sector""",
    "participations": """\
    project_id actor_id
    p1         own
    p1         one
    p1         two
    p2         one
    p2         three
    p3         own
    older      three""",
}


def test_links_count_participations_and_not_projects_or_actors() -> None:
    found = computed(**LINKS)
    assert by_category(found, "participations_projects", "home_cluster") == {
        "gw": 3,  # two actors in p1, one of them again in p2; from anywhere
        "kc": 0,
        "cleantech": 0,
        "other_sector": 1,  # that in the older project does not count
    }


def test_a_project_with_several_links_is_one_cross_cluster_project() -> None:
    found = computed(**LINKS)
    assert total(found, "projects_cross_cluster") == 2
    assert total(found, "projects_cross_cluster_share") == pytest.approx(2 / 3)


def test_projects_and_activities_do_not_mix() -> None:
    found = computed(
        projects="project_id\nx1",
        activities="activity_id\nx1",  # the same key, another thing
        actors="actor_id home_cluster\nx gw\ny gw",
        participations="project_id activity_id actor_id\nx1 - x\n- x1 x\n- x1 y",
    )
    assert total(found, "actors_projects") == 1
    assert total(found, "actors_activities") == 2
    assert filled(found, "participations_projects", "home_cluster") == {"gw": 1}
    assert filled(found, "participations_activities", "home_cluster") == {"gw": 2}
