"""Descriptors and data dictionary: as the contracts say, fresh, and valid for others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import write_dataset

import ewm_analysis
from ewm_analysis.contracts import FIGURES, RECORDS, REFERENCE, Actors, Assignments, Published
from ewm_analysis.contracts.dictionary import (
    dictionary_markdown,
    package_descriptor,
    table_schema,
    write_all,
    write_descriptor,
)

DATA = Path(ewm_analysis.__file__).parents[1] / "data"


def fields(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in schema["fields"]}


def invalid(folder: Path) -> list[Any]:
    import frictionless

    report = frictionless.validate(str(folder / "datapackage.json"))
    found = report.flatten(["title", "rowNumber", "fieldName", "message"])
    return [*found, *report.warnings]


def test_a_schema_carries_types_codes_and_limits() -> None:
    columns = fields(table_schema(Actors))
    assert columns["ags"]["constraints"] == {"pattern": "[0-9]{5}"}
    assert columns["state"]["constraints"] == {"required": True, "enum": ["be", "bb", "other"]}
    year = {"required": True, "minimum": 1990, "maximum": 2100}
    assert columns["year"]["constraints"] == year
    assert columns["name"].get("constraints") is None
    amount = fields(table_schema(RECORDS["projects"]))["volume_eur"]
    assert amount["description"] == "Project volume. Nominal; empty if unknown. Unit: EUR"
    assert amount["title"] == "Projektvolumen"


def test_a_key_that_may_be_empty_in_part_is_told_in_words() -> None:
    assert table_schema(Actors)["primaryKey"] == ["year", "actor_id"]
    assert "primaryKey" not in table_schema(Published)
    (resource,) = package_descriptor({}, {"records/2021/assignments.csv": Assignments})["resources"]
    assert resource["description"].endswith(
        "Key, with parts that may be empty: year, project_id, activity_id, scheme, category."
    )


def test_every_table_stands_in_the_dictionary() -> None:
    text = dictionary_markdown()
    tables = [*(f"reference/{stem}" for stem in REFERENCE), *FIGURES]
    for table in [*tables, *(f"records/<year>/{stem}" for stem in RECORDS)]:
        assert f"### `{table}`" in text
    assert "| Projektvolumen | number | EUR | at least 0; may be empty |" in text
    assert "| `status` | Status | Status | string |  | `application`, `started`" in text


def test_a_descriptor_keeps_its_head_and_names_every_file(dataset_path: Path) -> None:
    write_descriptor(dataset_path)
    first = (dataset_path / "datapackage.json").read_bytes()
    write_descriptor(dataset_path)
    assert (dataset_path / "datapackage.json").read_bytes() == first
    assert first.endswith(b"}\n")
    written = json.loads(first)
    assert written["synthetic"] is True
    paths = {resource["path"] for resource in written["resources"]}
    files = (path for path in dataset_path.rglob("*") if path.is_file())
    assert paths == {path.relative_to(dataset_path).as_posix() for path in files} - {
        "datapackage.json"
    }
    assert invalid(dataset_path) == []


def test_confidential_records_are_not_listed(tmp_path: Path) -> None:
    head = json.dumps({"name": "real", "title": "T", "synthetic": False, "disclosure": "standard"})
    path = write_dataset(tmp_path, {"datapackage.json": head})
    write_descriptor(path)
    assert "records" not in (path / "datapackage.json").read_text("utf-8")


def test_a_descriptor_lets_others_find_a_bad_cell(tmp_path: Path) -> None:
    path = write_dataset(tmp_path)
    write_descriptor(path)
    projects = path / "records" / "2021" / "projects.csv"
    projects.write_text(projects.read_text("utf-8").replace("finished", "done"), encoding="utf-8")
    assert [(row, field) for _, row, field, _ in invalid(path)] == [(3, "status")]


def test_the_command_writes_dictionary_and_descriptors(dataset_path: Path) -> None:
    command = [sys.executable, "-m", "ewm_analysis.contracts.dictionary", dataset_path.parent]
    subprocess.run(command, check=True)
    assert (dataset_path.parent / "README.md").read_text("utf-8") == dictionary_markdown()
    assert invalid(dataset_path) == []


def test_the_committed_dictionary_and_descriptors_are_fresh(tmp_path: Path) -> None:
    names = [path.parent.name for path in DATA.glob("*/datapackage.json")]
    for name in names:
        shutil.copytree(DATA / name, tmp_path / name)
    write_all(tmp_path)
    assert "reference" in names
    assert (tmp_path / "README.md").read_text("utf-8") == (DATA / "README.md").read_text("utf-8")
    for name in names:
        fresh, committed = (
            (folder / name / "datapackage.json").read_text("utf-8") for folder in (tmp_path, DATA)
        )
        assert fresh == committed, f"run python -m ewm_analysis.contracts.dictionary data: {name}"


@pytest.mark.parametrize("folder", sorted(path.parent for path in DATA.glob("*/datapackage.json")))
def test_the_committed_packages_are_valid(folder: Path) -> None:
    assert invalid(folder) == []
