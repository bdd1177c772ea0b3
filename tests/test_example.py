"""The synthetic example keeps its promises: the met list, the contracts, the bytes."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis.errors import ParameterError
from ewm_analysis.example import EXAMPLE, Settings, write_example
from ewm_analysis.example.draw import apportion, deal
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset, open_dataset

ROOT = Path(__file__).parents[1]
SMALL: Settings = {
    "seed": 7,
    "clusters": ("imk", "to"),
    "first_year": 2021,
    "last_year": 2021,
    "projects_per_year": 5,
}

EXACT = {
    "activities": 2,
    "actors_activities": 14,
    "actors_projects": 14,
    "project_volume": 7,
    "projects_new": 2,
    "projects_running": 1,
}
"""Rows of printed figures that computed ones must equal, by indicator: seed report and web page."""

KEY = ["year", "cluster_id", "indicator", "dimension", "category"]


@pytest.fixture(scope="module", params=[EXAMPLE["seed"], 4711])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("seed") / "example"
    write_example(folder, **{**EXAMPLE, "seed": request.param})
    return open_dataset(folder)


@pytest.fixture(scope="module")
def values(example: Dataset) -> pd.DataFrame:
    return compute_indicators(example)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def imk(values: pd.DataFrame, indicator: str, year: int, category: str = "") -> float:
    row = values[
        (values["cluster_id"] == "imk")
        & (values["indicator"] == indicator)
        & (values["year"] == year)
        & (values["category"] == category)
    ]
    return float(row["value"].item())


# The met list --------------------------------------------------------------------------------


def test_counts_and_volumes_equal_the_printed_ones(example: Dataset, values: pd.DataFrame) -> None:
    printed = example.published[
        example.published["indicator"].isin(EXACT) & (example.published["mention"] == 1)
    ]
    computed = values[values["source_id"] == "records"]
    both = printed.merge(computed, on=KEY, suffixes=("_printed", ""), validate="1:1")
    assert both["indicator"].value_counts().to_dict() == EXACT
    assert both["value"].tolist() == both["value_printed"].tolist()


def test_printed_percentages_fit_the_counts(values: pd.DataFrame) -> None:
    # 73 % and 58 % of 34 fit no whole number by rounding: they were cut off.
    assert math.floor(100 * imk(values, "projects_rdi_share", 2021)) == 73
    assert math.floor(100 * imk(values, "projects_cross_cluster_share", 2021)) == 58
    assert round(100 * imk(values, "activities_cross_cluster_share", 2021)) == 75
    assert imk(values, "projects_rdi", 2021) == 25
    assert imk(values, "projects_cross_cluster", 2021) == 20
    assert imk(values, "activities_cross_cluster", 2021) == 71


def test_status_and_change_fit_the_words(values: pd.DataFrame) -> None:
    begun = [imk(values, "projects_new", 2021, status) for status in ("started", "finished")]
    assert round(sum(begun) / 34, 1) == 0.7  # "nahezu drei Viertel"
    assert imk(values, "projects_new", 2020, "application") / 42 > 0.5  # "mehr als die Hälfte"
    actors = imk(values, "actors_projects", 2021) / imk(values, "actors_projects", 2020)
    assert round(actors - 1, 2) == -0.20  # "um etwa ein Fünftel"


def test_economy_of_imk_is_that_of_table_1(example: Dataset) -> None:
    real = pd.read_csv(ROOT / "data/capital-region/economy/economy.csv")
    real = real[(real["source_id"] == "imk_2021") & real["base_year"].isna()]
    on = ["year", "cluster_id", "scope", "region", "indicator"]
    both = real.merge(example.economy, on=on, suffixes=("_printed", ""), validate="1:1")
    assert len(both) == 10
    assert both["value"].tolist() == both["value_printed"].tolist()
    assert set(both["source_id"]) == {"imk_2021"}
    assert (example.economy["source_id"] == "imk_2021").sum() == 10


@pytest.mark.parametrize(
    ("indicator", "last", "printed"),
    [("turnover_eur", 2019, 67.5), ("employees_insured", 2020, 70.5)],
)
def test_growth_of_imk_rounds_to_table_1(
    example: Dataset, indicator: str, last: int, printed: float
) -> None:
    core = example.economy.query("cluster_id == 'imk' and scope == 'core'")
    series = core[core["indicator"] == indicator].set_index("year")["value"]
    assert round(100 * (series[last] / series[2011] - 1), 1) == printed


def test_totals_of_employment_are_sums(example: Dataset) -> None:
    wide = example.economy.pivot(
        index=["cluster_id", "scope", "year"], columns="indicator", values="value"
    )
    assert len(wide) == 9 * 2 * 11
    parts = wide["employees_insured"] + wide["employees_marginal"]
    assert (wide["employees_total"] == parts).all()


# The records are whole -----------------------------------------------------------------------


def test_the_data_set_says_that_it_is_synthetic(example: Dataset) -> None:
    assert example.is_synthetic
    assert example.disclosure == "none"
    assert "Synthetic" in example.titles["en"]


def test_new_projects_are_running_and_new_once(example: Dataset) -> None:
    projects = example.records["projects"].sort_values(["project_id", "year"])
    rows = projects.groupby("project_id")
    assert (projects.groupby("project_id")["is_new"].sum() <= 1).all()
    assert not projects.loc[rows.cumcount() > 0, "is_new"].any()
    span = rows["year"].max() - rows["year"].min() + 1
    assert (span == rows.size()).all()
    assert span.between(1, 4).all()
    carried_over = projects[(projects["year"] == 2018) & ~projects["is_new"]]
    assert len(carried_over) > 0


def test_sizes_of_cells(example: Dataset) -> None:
    projects = example.records["projects"]
    new = projects[projects["is_new"]].groupby(["cluster_id", "year"]).size()
    joint = new.loc[["gw", "vml", "imk", "op", "et"]]
    brandenburg = new.loc[["ew", "kc", "me", "to"]]
    assert len(joint) == 20
    assert len(brandenburg) == 16
    assert joint.between(24, 46).all()
    assert brandenburg.between(8, 20).all()


@pytest.mark.parametrize("item", ["project", "activity"])
def test_every_item_has_actors_and_every_participation_an_item(example: Dataset, item: str) -> None:
    table = {"project": "projects", "activity": "activities"}[item]
    on = ["year", f"{item}_id"]
    taken = example.records["participations"][on]
    taken = set(taken[taken[f"{item}_id"] != ""].itertuples(index=False, name=None))
    assert taken == set(example.records[table][on].itertuples(index=False, name=None))


def test_actors_take_part_return_and_work_for_several_clusters(example: Dataset) -> None:
    records = example.records
    on = ["year", "actor_id"]
    listed = records["actors"][on].itertuples(index=False, name=None)
    assert set(listed) == set(records["participations"][on].itertuples(index=False, name=None))
    assert (records["actors"].groupby("actor_id")["year"].nunique() > 2).mean() > 0.1
    joined = records["participations"].merge(records["projects"], on=["year", "project_id"])
    clusters = joined.groupby("actor_id")["cluster_id"].nunique()
    assert (clusters > 1).mean() > 0.1


def test_seats_of_actors(example: Dataset) -> None:
    actors = example.records["actors"]
    assert set(actors["state"]) == {"be", "bb", "other"}
    assert set(actors.loc[actors["state"] == "be", "ags"]) == {"11000"}
    assert set(actors.loc[actors["state"] == "other", "ags"]) == {""}
    districts = actors.loc[actors["state"] == "bb", "ags"].value_counts()
    assert len(districts) == 18
    assert set(districts.index[:3]) == {"12052", "12054", "12061"}
    assert actors.drop_duplicates("actor_id")["name"].is_unique


def test_volumes_are_lognormal_and_partly_unknown(example: Dataset) -> None:
    projects = example.records["projects"]
    others = projects[projects["is_new"] & (projects["cluster_id"] != "imk")]
    assert others["volume_eur"].isna().any()
    assert set(others.loc[others["volume_eur"].isna(), "status"]) == {"application"}
    assert np.log(others["volume_eur"].dropna().astype(float)).std() == pytest.approx(1.3, abs=0.15)


def test_named_projects_have_begun_and_run_on(example: Dataset) -> None:
    projects = example.records["projects"].set_index("project_id")
    named = projects.loc[["idunion", "mr4b", "reskriver", "desy", "smart_city_potsdam"]]
    assert set(named["status"]) == {"started"}
    assert named["volume_eur"].sum() == 88_800_000
    assert named.loc["desy", "funding_eur"] == 12_700_000


def test_items_have_several_categories(example: Dataset) -> None:
    assigned = example.records["assignments"]
    per_item = assigned[assigned["scheme"] == "guideline"].groupby(
        ["year", "project_id", "activity_id"]
    )
    assert (per_item.size() > 1).mean() > 0.3


# Bytes, sizes, folders -----------------------------------------------------------------------


def test_committed_example_is_what_its_seed_gives(tmp_path: Path) -> None:
    write_example(tmp_path / "example", **EXAMPLE)
    made, committed = content(tmp_path / "example"), content(ROOT / "data/example")
    assert made.keys() == committed.keys()
    changed = [name for name in made if made[name] != committed[name]]
    assert changed == []
    assert sum(map(len, committed.values())) < 3_000_000


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    write_example(tmp_path / "here", **SMALL)
    program = (
        "from pathlib import Path; from ewm_analysis.example import write_example; "
        f"write_example(Path({str(tmp_path / 'there')!r}), **{SMALL!r})"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environment)
    assert content(tmp_path / "here") == content(tmp_path / "there")


def test_the_projects_that_the_report_names_are_the_largest(example: Dataset) -> None:
    """Otherwise one page says that five projects make 88.8 m, and another 89.5 m."""
    projects = example.records["projects"].query("year == 2021 and cluster_id == 'imk' and is_new")
    largest = projects.nlargest(5, "volume_eur")["project_id"]
    assert {*largest} == {"idunion", "smart_city_potsdam", "mr4b", "reskriver", "desy"}


def test_another_seed_gives_other_records(tmp_path: Path) -> None:
    write_example(tmp_path / "one", **SMALL)
    other = SMALL.copy()
    other["seed"] = 8
    write_example(tmp_path / "two", **other)
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    same = {name for name in one if one[name] == two.get(name)}
    assert same == {"datapackage.json", "published/figures.csv"}


@pytest.mark.parametrize(
    ("clusters", "year"),
    [
        (("imk", "to"), 2021),
        (("gw", "ew"), 2021),
        (("imk", "op"), 2020),
        (("vml", "me"), 2024),
        (("et", "kc"), 2004),
    ],
)
def test_small_sets_keep_their_contracts(
    tmp_path: Path, clusters: tuple[str, str], year: int
) -> None:
    write_example(
        tmp_path / "small",
        seed=7,
        clusters=clusters,
        first_year=year,
        last_year=year,
        projects_per_year=5,
    )
    data = open_dataset(tmp_path / "small")
    projects = data.records["projects"]
    assert set(projects["cluster_id"]) == set(clusters)
    assert set(projects["year"]) == {year}
    values = compute_indicators(data)
    if "imk" in clusters:
        assert imk(values, "projects_new", year) == {2020: 42, 2021: 34}[year]
        assert imk(values, "actors_projects", year) == {2020: 86, 2021: 69}[year]
    if clusters[0] == "imk" and year == 2020:
        assert imk(values, "projects_running", year) == 98


def test_parquet_holds_the_same_records(tmp_path: Path) -> None:
    settings: Settings = {**SMALL, "first_year": 2020}
    write_example(tmp_path / "text", **settings)
    write_example(tmp_path / "binary", **settings, partitioned=True)
    text, binary = open_dataset(tmp_path / "text"), open_dataset(tmp_path / "binary")
    assert (tmp_path / "binary/records/2021/projects.parquet").is_file()
    assert not [*tmp_path.glob("binary/records/*/*.csv")]
    for stem, table in text.records.items():
        pd.testing.assert_frame_equal(table, binary.records[stem])


def test_an_example_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    write_example(folder, **SMALL)
    (folder / "records/2021/left_over.csv").write_text("", "utf-8")
    write_example(folder, **SMALL)
    assert not (folder / "records/2021/left_over.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(ParameterError, match="holds other files"):
        write_example(foreign, **SMALL)
    assert content(foreign) == {"thesis.txt": b"mine"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"clusters": ("ikm",)}, "Did you mean 'imk'"),
        ({"clusters": ("cleantech",)}, "is not known"),
        ({"clusters": ()}, "is not known"),
        ({"last_year": 2020}, "is before 2021"),
        ({"projects_per_year": 0}, "is below 1"),
        ({"seed": -1}, "is below 0"),
    ],
)
def test_impossible_settings_are_refused(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    settings: Any = {**SMALL, **change}
    with pytest.raises(ParameterError, match=told):
        write_example(tmp_path / "none", **settings)
    assert [*tmp_path.iterdir()] == []


# Draws ---------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40), st.integers(0, 10**9))
def test_parts_add_up_and_none_is_empty(weights: list[float], more: int) -> None:
    total = len(weights) + more
    parts = apportion(total, np.array(weights))
    assert parts.sum() == total
    assert parts.min() >= 1


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 60), st.integers(0, 99))
def test_links_cover_items_and_roster(items: int, actors: int, extra: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    at, who = deal(rng, np.arange(items), np.arange(actors), np.ones(actors), extra)
    assert set(at) == set(range(items))
    assert set(who) == set(range(actors))
    assert len({*zip(at, who, strict=True)}) == len(at)
