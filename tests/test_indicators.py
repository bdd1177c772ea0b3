"""The long table: records before print, first mentions, delimitations apart, rows chosen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from exported_pages import EXAMPLE, REAL, ROOT
from small_records import by_category, dataset, total

from ewm_analysis.contracts import IndicatorValues, Published, check
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators import (
    compute_indicators,
    economy_values,
    published_values,
    select,
)
from ewm_analysis.loaders import open_dataset

PRINTED = """\
year cluster_id indicator       dimension category mention value
2021 imk        projects_new    -         -        1       34
2021 imk        projects_new    -         -        2       35
2021 imk        actors_projects state     be       1       7
2020 imk        projects_new    -         -        1       42
2021 gw         projects_new    -         -        1       12
"""


def values_of(records: dict[str, str], published: str = PRINTED) -> pd.DataFrame:
    return compute_indicators(dataset(records, published=published))


# --- published figures ------------------------------------------------------------------------


def test_without_records_the_printed_figures_stand() -> None:
    values = values_of({})
    assert len(values) == 4
    assert total(values, "projects_new") == 34  # the first mention
    assert by_category(values, "actors_projects", "state") == {"be": 7}


def test_where_records_exist_printed_figures_step_back() -> None:
    values = values_of({"projects": "project_id\np1"})
    assert total(values, "projects_new") == 1
    assert by_category(values, "actors_projects", "state") == {"be": 0, "bb": 0, "other": 0}
    sources = set(zip(values["cluster_id"], values["year"], values["source_id"], strict=True))
    assert sources == {
        ("gw", 2021, "report"),
        ("imk", 2020, "report"),  # another year of the same cluster keeps its figures
        ("imk", 2021, "records"),
    }


def test_activities_alone_make_a_cluster_computed() -> None:
    values = values_of({"activities": "activity_id\na1"})
    assert total(values, "projects_new") == 0


def test_records_replace_no_printed_economic_figure() -> None:
    """Records give projects, activities and actors, and nothing that is economic."""
    printed = "indicator value\nsectors 11\nprojects_new 34"
    values = values_of({"projects": "project_id\np1"}, printed)
    assert total(values, "projects_new") == 1
    assert total(values, "sectors") == 11


def test_only_first_mentions_are_used_and_all_stay_in_the_published_table() -> None:
    data = dataset({}, published=PRINTED)
    values = published_values(data.published)
    assert list(values["value"]) == [34, 7, 42, 12]
    assert len(data.published) == 5


def test_a_published_figure_keeps_what_its_source_says() -> None:
    data = dataset(
        {},
        published="""\
        indicator       base_year precision   is_year_inferred source_id reference note value
        actors_projects_growth 2020 approximate true           report    p.7       vague 0.2""",
    )
    (found,) = published_values(data.published).to_dict("records")
    expected = {"base_year": 2020, "precision": "approximate", "is_year_inferred": True,
                "source_id": "report", "reference": "p.7", "note": "vague", "value": 0.2,
                "scope": "", "delimitation": "", "is_provisional": False}  # fmt: skip
    assert {name: found[name] for name in expected} == expected


# --- economic figures -------------------------------------------------------------------------


def test_delimitations_stay_apart() -> None:
    data = dataset(
        {},
        economy="""\
        cluster_id scope region sector indicator delimitation      mention value
        imk        core  bebb   -      companies clustermonitoring 1       100
        imk        core  bebb   -      companies clustermonitoring 2       101
        imk        core  bebb   -      companies official          1       90
        imk        total bebb   -      companies clustermonitoring 1       150
        -          -     12054  JN     companies official          1       8
        -          -     12054  -      companies official          1       20""",
    )
    values = compute_indicators(data)
    columns = ["region", "scope", "delimitation", "dimension", "category", "value"]
    assert values[columns].to_numpy().tolist() == [
        ["bebb", "core", "clustermonitoring", "", "", 100],
        ["bebb", "core", "official", "", "", 90],
        ["bebb", "total", "clustermonitoring", "", "", 150],
        ["12054", "", "official", "sector", "JN", 8],
        ["12054", "", "official", "", "", 20],
    ]


def test_only_first_mentions_of_economic_figures_are_used() -> None:
    data = dataset(
        {},
        economy="""\
        scope indicator mention is_provisional value
        core  companies 1       true           100
        core  companies 2       false          101""",
    )
    values = economy_values(data.economy)
    assert list(values["value"]) == [100]
    assert list(values["is_provisional"]) == [True]


def test_economy_and_records_stand_side_by_side() -> None:
    economy = "scope indicator value\ncore companies 9"
    data = dataset({"projects": "project_id\np1"}, economy=economy)
    values = compute_indicators(data)
    assert total(values, "companies") == 9
    assert total(values, "projects_new") == 1


# --- the table --------------------------------------------------------------------------------


def test_an_empty_data_set_gives_an_empty_table() -> None:
    values = compute_indicators(dataset({}))
    assert values.empty
    assert list(values.columns) == list(IndicatorValues.columns)


def test_the_result_keeps_its_contract() -> None:
    values = values_of(
        {"projects": "project_id\np1", "activities": "activity_id cluster_id\na1 gw"}
    )
    pd.testing.assert_frame_equal(check(values, IndicatorValues), values)


def test_the_tables_that_go_in_are_not_changed() -> None:
    data = dataset({"projects": "project_id volume_eur\np1 5"}, published=PRINTED)
    before = {name: frame.copy() for name, frame in data.records.items()}
    published = data.published.copy()
    compute_indicators(data)
    for name, frame in data.records.items():
        pd.testing.assert_frame_equal(frame, before[name])
    pd.testing.assert_frame_equal(check(data.published, Published), published)


CHOICE = """\
year cluster_id indicator        dimension category value
2021 imk        projects_running -         -        98
2021 imk        projects_new     -         -        34
2021 imk        projects_new     status    started  25
2019 imk        projects_new     -         -        51
2020 imk        projects_new     -         -        42
2020 gw         projects_new     -         -        12
"""


@pytest.mark.parametrize(
    ("names", "choice", "expected"),
    [
        ("projects_new", {}, [51, 42, 12, 34]),
        ("projects_new", {"cluster_id": "imk"}, [51, 42, 34]),
        ("projects_new", {"cluster_id": ""}, []),
        ("projects_new", {"first_year": 2020}, [42, 12, 34]),
        ("projects_new", {"last_year": 2020}, [51, 42, 12]),
        ("projects_new", {"first_year": 2020, "last_year": 2020, "cluster_id": "gw"}, [12]),
        ("projects_new", {"dimension": "status"}, [25]),
        ("projects_new", {"dimension": ("", "status"), "first_year": 2021}, [34, 25]),
        (["projects_new", "projects_running"], {"first_year": 2021}, [34, 98]),
        (["projects_running", "projects_new"], {"first_year": 2021}, [98, 34]),
    ],
)
def test_select(names: str | list[str], choice: dict[str, object], expected: list[float]) -> None:
    rows = select(published_values(dataset({}, published=CHOICE).published), names, **choice)
    assert list(rows["value"]) == expected
    assert list(rows.index) == list(range(len(expected)))
    assert list(rows.columns) == list(IndicatorValues.columns)


def test_select_answers_an_unknown_indicator_with_the_closest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'projects_new'"):
        select(published_values(dataset({}).published), ["projects_neu"])


# --- strings of Arrow, which hold many rows, and of Python, which the tests hold --------------

WRITE_VALUES = """
import sys
from pathlib import Path
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import open_dataset
values = compute_indicators(open_dataset(Path(sys.argv[1])))
assert values["indicator"].dtype.storage == "pyarrow"
values.to_pickle(sys.argv[2])
"""


@pytest.mark.parametrize("name", [EXAMPLE, REAL])
def test_arrow_strings_give_the_same(name: str, tmp_path: Path) -> None:
    folder, written = ROOT / "data" / name, tmp_path / "values.pickle"
    subprocess.run([sys.executable, "-c", WRITE_VALUES, folder, written], check=True)
    own = compute_indicators(open_dataset(folder))
    assert own["indicator"].dtype.storage == "python"
    pd.testing.assert_frame_equal(
        pd.read_pickle(written), own, check_dtype=False, check_column_type=False
    )
