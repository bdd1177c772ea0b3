"""`check` and `check_references`: each failure says where, what and what is allowed."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ewm_analysis import contracts
from ewm_analysis.contracts import (
    DTYPES,
    TABLES,
    Activities,
    Actors,
    Assignments,
    Categories,
    Column,
    Districts,
    Organisations,
    Participations,
    Projects,
    Published,
    Table,
    check,
    check_references,
    shown,
)
from ewm_analysis.contracts.check import broken, describe_allowed
from ewm_analysis.contracts.model import ROW_RULES, RULES, declared
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.findings import worded
from ewm_analysis.l10n import LOCALES

FOLDER = Path(contracts.__file__).parent

PROJECT = {
    "year": 2021,
    "project_id": "p1",
    "cluster_id": "imk",
    "title": "",
    "is_new": True,
    "is_rdi": False,
    "status": "started",
    "volume_eur": 100.0,
    "volume_region_eur": 60.0,
    "funding_eur": 50.0,
    "funding_region_eur": 30.0,
    "funder": "",
    "consortium_type": "",
}


def frame_of(contract: Table, rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    cells = {
        column.name: pd.Series(
            [row.get(column.name, _blank(column.kind)) for row in rows], dtype=DTYPES[column.kind]
        )
        for column in contract.columns.values()
    }
    return pd.DataFrame(cells)


def _blank(kind: str) -> str | None:
    return "" if kind in ("text", "date") else None


def projects(*changes: dict[str, object]) -> pd.DataFrame:
    rows = [{**PROJECT, "project_id": f"p{place}"} for place in range(1, len(changes) + 1)]
    changed = [row | change for row, change in zip(rows, changes, strict=True)]
    return frame_of(Projects, changed)


def failures_of(frame: pd.DataFrame, contract: Table = Projects) -> list[str]:
    with pytest.raises(ContractError) as caught:
        check(frame, contract, file="t.csv")
    return [str(failure) for failure in caught.value.failures]


def test_a_good_frame_comes_back_in_the_order_of_the_contract() -> None:
    good = projects({}, {"volume_eur": None, "funding_eur": None})
    checked = check(good[good.columns[::-1]], Projects)
    assert [*checked.columns] == [*Projects.columns]
    pd.testing.assert_frame_equal(checked, good)


def test_the_index_of_a_frame_does_not_matter() -> None:
    frame = projects({}, {"status": "begun"}).set_axis([7, 7], axis=0)
    assert failures_of(frame) == [
        "t.csv, line 3, column status: 'begun' — allowed: application, started, finished"
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"status": "finnished"},
            "column status: 'finnished' — allowed: application, started, finished. "
            "Did you mean 'finished'?",
        ),
        ({"status": ""}, "column status: must not be empty"),
        ({"cluster_id": ""}, "column cluster_id: must not be empty"),
        ({"year": None}, "column year: must not be empty"),
        ({"is_new": None}, "column is_new: must not be empty"),
        ({"year": 202}, "column year: '202' — must be at least 1990"),
        ({"year": 20211}, "column year: '20211' — must be at most 2100"),
        ({"volume_region_eur": -5.0}, "column volume_region_eur: '-5' — must be at least 0 or"),
        (
            {"volume_region_eur": 100.5},
            "column volume_region_eur: '100.5' — at most volume_eur is allowed",
        ),
        ({"project_id": " p1"}, "column project_id: ' p1' — must not begin or end with a blank"),
    ],
)
def test_a_bad_cell_is_told_once(change: dict[str, object], expected: str) -> None:
    told = failures_of(projects({}, change))
    assert len(told) == 1
    if "2100" in expected or "1990" in expected:
        expected = expected.partition(" — ")[0] + " — must lie between 1990 and 2100"
    assert told[0].startswith(f"t.csv, line 3, {expected}")


def test_funding_above_volume_is_told_for_each_row() -> None:
    told = failures_of(projects({"funding_eur": 101.0}, {}, {"funding_eur": 250.0}))
    assert told == [
        "t.csv, line 2, column funding_eur: '101' — at most volume_eur is allowed",
        "t.csv, line 4, column funding_eur: '250' — at most volume_eur is allowed",
    ]


def test_repeated_keys_name_the_first_line() -> None:
    again = {"project_id": "p1"}
    assert failures_of(projects({}, {}, again, again)) == [
        "t.csv, line 4, column year, project_id: '2021, p1' — "
        "the key is repeated; it first stands in line 2",
        "t.csv, line 5, column year, project_id: '2021, p1' — "
        "the key is repeated; it first stands in line 2",
    ]


def test_a_form_is_held_to_the_last_character() -> None:
    row = {"nuts3": "DE404", "name": "Potsdam", "kind": "city", "state": "bb"}
    rows = [{**row, "ags": ags} for ags in ("12054", "12054\n", "1205", "120541")]
    assert failures_of(frame_of(Districts, rows), Districts) == [
        r"t.csv, line 3, column ags: '12054\n' — must not begin or end with a blank",
        r"t.csv, line 4, column ags: '1205' — must have the form [0-9]{5}",
        r"t.csv, line 5, column ags: '120541' — must have the form [0-9]{5}",
    ]


def test_empty_parts_of_a_key_are_equal() -> None:
    fact = {"organisation_id": "o", "fact": "f", "precision": "exact", "source_id": "s"}
    row = {**fact, "mention": 1, "value": 1.0}
    told = failures_of(frame_of(Organisations, [row, row]), Organisations)
    assert "it first stands in line 2" in told[0]


def test_lines_and_earlier_failures_are_kept_and_no_cell_is_told_twice() -> None:
    earlier = [
        Failure("t.csv", 9, "year", "MMXXI", "must be a whole number"),
        Failure("t.csv", 4, "", "", "the row has 2 cells, the header 13"),
    ]
    frame = projects({"year": None, "funding_eur": 900.0}, {"status": "x", "year": None})
    with pytest.raises(ContractError) as caught:
        check(frame, Projects, file="t.csv", lines=[9, 12], failures=earlier)
    assert [(failure.line, failure.column) for failure in caught.value.failures] == [
        (4, ""),
        (9, "year"),
        (12, "year"),
        (12, "status"),
    ]


def test_rows_damaged_before_are_no_repeated_keys() -> None:
    earlier = [Failure("t.csv", line, "year", "x", "no") for line in (2, 3)]
    frame = projects({"year": None}, {"year": None, "project_id": "p1"})
    with pytest.raises(ContractError) as caught:
        check(frame, Projects, file="t.csv", failures=earlier)
    assert len(caught.value.failures) == 2


def test_columns_missing_unknown_and_repeated() -> None:
    frame = projects({"status": "x"}).rename(columns={"funder": "founder"}).drop(columns="title")
    frame = pd.concat([frame, frame[["year"]]], axis=1).assign(**{"": "x"})
    assert failures_of(frame) == [
        "t.csv, line 1, column year: the column stands there more than once",
        "t.csv, line 1, column founder: is not a column of projects. Did you mean 'funder'?",
        "t.csv, line 1: a column has no name",
        "t.csv, line 1, column title: the column is missing",
        "t.csv, line 1, column funder: the column is missing",
        "t.csv, line 2, column status: 'x' — allowed: application, started, finished",
    ]


def test_a_missing_column_of_a_row_check_is_told_by_the_header_alone() -> None:
    assert failures_of(projects({}).drop(columns="volume_eur")) == [
        "t.csv, line 1, column volume_eur: the column is missing"
    ]


def test_a_column_of_another_type_is_told_as_a_whole() -> None:
    frame = projects({}).assign(volume_eur=["100"])
    assert failures_of(frame)[0] == (
        "t.csv, column volume_eur: 'str' — the column must hold a number such as 1234.5"
    )


def test_a_line_break_behind_a_code_is_told_in_any_column() -> None:
    known = Actors.columns["ags"]
    cells = pd.Series(["12054", "12054\n", "", "x12054"], dtype="string")
    assert broken(cells, known).tolist() == [False, True, False, True]


def test_the_limits_themselves_are_allowed() -> None:
    share = Column(name="share", kind="number", minimum=0, maximum=1, title={"de": "A", "en": "B"})
    cells = pd.Series([-0.01, 0, 1, 1.01, None], dtype="Float64")
    assert broken(cells, share).tolist() == [True, False, False, True, True]


def test_a_broken_check_is_no_fault_of_the_data() -> None:
    def never(frame: pd.DataFrame) -> pd.Series:
        raise ZeroDivisionError

    share = Column(name="share", kind="number", maximum=1)
    rules = {"share: never": never}
    broken = Table(
        name="broken",
        part="output",
        path="broken",
        purpose="",
        columns={"share": share},
        rules=rules,
    )
    with pytest.raises(ZeroDivisionError):
        check(frame_of(broken, [{"share": 0.5}]), broken)
    assert describe_allowed(share) == "must be at most 1"


def test_values_are_shown_as_files_write_them() -> None:
    assert [shown(value) for value in (2.0, 2.5, False, pd.NA, "True story")] == [
        "2",
        "2.5",
        "false",
        "",
        "True story",
    ]


CATEGORIES = [
    ("region", "be", "", None, None),
    ("actor_type", "company", "", None, None),
    ("actor_type", "clinic", "", 2022, None),
    ("actor_type", "kiosk", "", None, 2019),
    ("guideline", "old", "", None, 2018),
    ("guideline", "new", "", 2019, None),
    ("action_field", "imk_ict", "imk", 2020, None),
    ("action_field", "gw_care", "gw", 2020, None),
    ("project", "alpha", "", None, None),
    ("state", "bb", "", None, None),
]


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    names = ("dimension", "category", "cluster_id", "valid_from", "valid_to")
    rows = [dict(zip(names, cells, strict=True)) for cells in CATEGORIES]
    clusters = pd.DataFrame(
        {"cluster_id": ["imk", "joint"], "kind": ["joint", "group"]}, dtype="string"
    )
    return {
        "categories": frame_of(Categories, rows),
        "clusters": clusters,
        "districts": frame_of(Districts, [{"ags": "12054"}]),
        "sources": pd.DataFrame({"source_id": ["report"]}, dtype="string"),
        "projects": frame_of(Projects, [{"year": 2021, "project_id": "p1", "cluster_id": "imk"}]),
        "activities": frame_of(Activities, [{"year": 2021, "activity_id": "a1"}]),
        "actors": frame_of(Actors, [{"year": 2020, "actor_id": "c1"}]),
    }


def refer(contract: Table, tables: dict[str, pd.DataFrame], *rows: dict[str, object]) -> list[str]:
    frame = frame_of(contract, rows)
    found = check_references(frame, contract, tables, file="t.csv", lines=range(2, len(rows) + 2))
    return [str(failure).removeprefix("t.csv, ") for failure in found]


def test_codes_must_be_valid_in_the_year(tables: dict[str, pd.DataFrame]) -> None:
    actor = {"actor_type": "clinic", "ags": "12054", "home_cluster": "imk"}
    assert refer(Actors, tables, {**actor, "year": 2022}) == []
    assert refer(Actors, tables, {**actor, "year": 2021}) == [
        "line 2, column actor_type: 'clinic' — is not a code of actor_type in 2021: "
        "allowed: company"
    ]


def test_a_code_holds_in_its_last_year_and_where_the_year_is_not_known(
    tables: dict[str, pd.DataFrame],
) -> None:
    actor = {"actor_type": "kiosk", "ags": "12054", "home_cluster": "imk"}
    assert refer(Actors, tables, {**actor, "year": 2019}, {**actor, "year": pd.NA}) == []
    assert len(refer(Actors, tables, {**actor, "year": 2020})) == 1


def test_empty_cells_refer_to_nothing(tables: dict[str, pd.DataFrame]) -> None:
    assert refer(Actors, tables, {"year": 2022, "actor_type": "company"}) == []


def test_assignments_name_a_category_of_their_scheme(tables: dict[str, pd.DataFrame]) -> None:
    row: dict[str, object] = {"year": 2021, "project_id": "p1", "scheme": "guideline"}
    assert refer(Assignments, tables, {**row, "category": "new"}) == []
    assert refer(Assignments, tables, {**row, "category": "old"}) == [
        "line 2, column category: 'old' — is not a code of guideline in 2021 for imk: allowed: new"
    ]
    assert refer(Assignments, tables, {**row, "scheme": "technology", "category": "ki"}) == [
        "line 2, column category: 'ki' — is not a code of technology in 2021 for imk"
    ]


def test_action_fields_are_those_of_the_cluster(tables: dict[str, pd.DataFrame]) -> None:
    row: dict[str, object] = {"year": 2021, "project_id": "p1", "scheme": "action_field"}
    assert refer(Assignments, tables, {**row, "category": "imk_ict"}) == []
    assert refer(Assignments, tables, {**row, "category": "gw_care"}) == [
        "line 2, column category: 'gw_care' — is not a code of action_field in 2021 for imk: "
        "allowed: imk_ict"
    ]


def test_an_unknown_project_is_told_but_not_its_category(tables: dict[str, pd.DataFrame]) -> None:
    row = {"year": 2021, "project_id": "p9", "scheme": "action_field", "category": "gw_care"}
    assert refer(Assignments, tables, row) == [
        "line 2, column project_id: 'p9' — is not a project_id of projects in 2021: allowed: p1. "
        "Did you mean 'p1'?"
    ]


def test_an_unknown_cluster_is_told_once_and_not_at_its_assignments(
    tables: dict[str, pd.DataFrame],
) -> None:
    wrong = frame_of(Projects, [{"year": 2021, "project_id": "p1", "cluster_id": "IMK "}])
    row: dict[str, object] = {"year": 2021, "project_id": "p1", "scheme": "guideline"}
    tables = {**tables, "projects": wrong}
    assert refer(Assignments, tables, {**row, "category": "new"}) == []
    [told] = refer(Assignments, tables, {**row, "category": "zzz"})
    assert told.startswith("line 2, column category: 'zzz' — is not a code of guideline in 2021")


def test_ids_must_stand_in_the_records_of_the_same_year(tables: dict[str, pd.DataFrame]) -> None:
    row: dict[str, object] = {"year": 2021, "project_id": "p1", "actor_id": "c1"}
    assert refer(Participations, tables, row) == [
        "line 2, column actor_id: 'c1' — is not an actor_id of actors in 2021"
    ]
    assert refer(Participations, tables, {**row, "project_id": "p7", "year": 2020}) == [
        "line 2, column project_id: 'p7' — is not a project_id of projects in 2020"
    ]


@pytest.mark.parametrize(
    ("dimension", "category"),
    [
        ("", ""),
        ("project", "alpha"),
        ("state", "bb"),
        ("home_cluster", "imk"),
        ("district", "12054"),
    ],
)
def test_figures_are_broken_down_by_known_codes(
    tables: dict[str, pd.DataFrame], dimension: str, category: str
) -> None:
    row: dict[str, object] = {"year": 2021, "cluster_id": "imk", "source_id": "report"}
    row |= {"region": "be", "dimension": dimension, "category": category}
    assert refer(Published, tables, row) == []
    if dimension:
        told = refer(Published, tables, {**row, "category": "zzz"})
        wrong = f"'zzz' — is not a code of {dimension}: allowed: {category}"
        assert len(told) == 1
        assert told[0].startswith(f"line 2, column category: {wrong}")


def test_an_unknown_dimension_is_told_with_the_closest(tables: dict[str, pd.DataFrame]) -> None:
    row = {"year": 2021, "cluster_id": "imk", "source_id": "report", "region": "12054"}
    assert refer(Published, tables, {**row, "dimension": "stat", "category": "bb"}) == [
        "line 2, column dimension: 'stat' — is not a dimension: allowed: action_field, actor_type, "
        "district, guideline, home_cluster, project, region, state. Did you mean 'state'?"
    ]


def test_a_region_may_be_a_district(tables: dict[str, pd.DataFrame]) -> None:
    row = {"year": 2021, "cluster_id": "imk", "source_id": "report"}
    told = refer(Published, tables, {**row, "region": "12054"}, {**row, "region": "bx"})
    assert told == [
        "line 3, column region: 'bx' — is not a code of region in 2021: allowed: 12054, be. "
        "Did you mean 'be'?"
    ]


def test_a_parent_is_a_code_of_the_same_dimension(tables: dict[str, pd.DataFrame]) -> None:
    row = {"dimension": "guideline", "category": "newer"}
    assert refer(Categories, tables, {**row, "parent": "new"}) == []
    assert refer(Categories, tables, {**row, "parent": "company"}) == [
        "line 2, column parent: 'company' — is not a code of guideline: allowed: new, old"
    ]


def test_a_group_of_clusters_is_nobodys_home(tables: dict[str, pd.DataFrame]) -> None:
    row = {"year": 2021, "actor_id": "a", "actor_type": "company", "state": "be"}
    assert refer(Actors, tables, {**row, "home_cluster": "imk"}) == []
    told = refer(Actors, tables, {**row, "home_cluster": "joint"})
    assert len(told) == 1
    assert "column home_cluster" in told[0]


def entries() -> tuple[dict[str, dict[str, str]], dict[str, Any]]:
    with (FOLDER / "columns.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    return rows, tomllib.loads((FOLDER / "tables.toml").read_text("utf-8"))


def test_every_column_of_every_table_comes_from_its_one_entry() -> None:
    rows, tables = entries()
    assert [*tables] == [*TABLES]
    for name, table in TABLES.items():
        differs = tables[name].get("differs", {})
        for column in table.columns.values():
            row, other = rows[column.name], differs.get(column.name, {})
            spoken = {code: row[f"title_{code}"] for code in LOCALES}
            told: dict[str, object] = {
                **row,
                "title": spoken,
                "allowed": (*row["allowed"].split(),),
            }
            for what in ("kind", "title", "description", "unit", "allowed", "pattern", "refers_to"):
                expected = other.get(what, told[what])
                expected = tuple(expected) if isinstance(expected, list) else expected
                assert getattr(column, what) == expected, (name, column.name, what)
                assert what not in other or expected != told[what], (name, column.name, what)


def test_a_kind_never_differs_and_every_entry_is_used() -> None:
    rows, tables = entries()
    assert not any("kind" in one for t in tables.values() for one in t.get("differs", {}).values())
    assert {name for table in TABLES.values() for name in table.columns} == {*rows}
    assert {name for row in ROW_RULES for name in row["tables"].split()} <= {*TABLES}
    assert {row["rule"].split()[0] for row in ROW_RULES} == {*RULES}


def test_columns_refer_to_tables_that_exist() -> None:
    known = {table.name: table for table in TABLES.values()}
    for table in TABLES.values():
        for column in table.columns.values():
            name, _, key = column.refers_to.partition(".")
            assert ":" in name or not name or key in known[name].columns, column


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"columns": ["year", "yaer"]}, "yaer"),
        ({"columns": ["year"], "differs": {"title": {}}}, "title"),
        ({"columns": ["year"], "differs": {"year": {"titel": "x"}}}, "titel"),
        ({"columns": ["year"], "key": ["name"]}, "name"),
        ({"columns": ["year"], "colums": []}, "colums"),
    ],
)
def test_what_is_misspelt_in_a_declaration_is_told(entry: dict[str, Any], said: str) -> None:
    whole = {"part": "records", "path": "t", "purpose": "", **entry}
    with pytest.raises(ValueError, match=said):
        declared("T", whole)


def test_an_unknown_table_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="Projcts"):
        contracts.Projcts  # noqa: B018


def test_what_targets_must_hold_is_said_in_german() -> None:
    """A rule of a table that evaluators write is no English line in a German report."""
    for rule in TABLES["Targets"].rules:
        said = rule.partition(": ")[2]
        if rule.partition(": ")[0] in ("kind", "base_year"):
            assert worded(said, "de") != said
    assert worded(
        "is not in the catalogue of indicators. Did you mean 'activities'?", "de"
    ).endswith("steht nicht im Katalog der Indikatoren. Gemeint ist vielleicht 'activities'?")
