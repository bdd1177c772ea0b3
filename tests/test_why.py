"""The way of a printed number: records, rule, files, version; nothing confidential on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import DESCRIPTOR, TABLES, write_dataset
from test_diff import PLACE, PROJECTS, edition
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.editions.telling import why
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.files import sha256

CORRECTIONS = """\
file,line,column,old,new,reason,date
records/2021/projects.csv,2,funding_eur,500000,400000,Tippfehler,2022-03-01
"""


def project(root: Path, disclosure: str = "none") -> Path:
    """Write a data set with a correction, and a page that was made from it."""
    head = json.dumps({**DESCRIPTOR, "disclosure": disclosure})
    files = {"datapackage.json": head, "corrections.csv": CORRECTIONS}
    data = write_dataset(root / "data", files)
    name = f"data/small/{PROJECTS}"
    asked = {"year": 2021, "cluster_id": "imk", "data_dir": data.relative_to(root).as_posix()}
    inputs = {} if disclosure == "standard" else {name: sha256(root / name)}
    is_confidential = disclosure == "standard"
    edition(root / "outputs", parameters=asked, inputs=inputs, confidential=is_confidential)
    return root / "outputs" / PLACE


@pytest.mark.parametrize("name", ["figure-1", "projects", "figures/projects", "Abb. 1"])
def test_the_way_of_a_number(tmp_path: Path, name: str) -> None:
    lines = why(project(tmp_path), name, tmp_path).splitlines()
    assert "  2021 | Projekte | 34" in lines
    assert "    project: is_new" in lines
    assert "    2021 sind es 1: p1" in lines
    mark = sha256(tmp_path / "data/small" / PROJECTS)[:12]
    assert f"  data/small/{PROJECTS}  {mark}  wie damals" in lines
    corrected = next(line for line in lines if "Tippfehler" in line)
    assert "funding_eur, 500000, 400000" in corrected
    assert f"  ewm_analysis 0.1.0 ({'a' * 12}), am 29. November 2026" in lines


def test_records_that_are_others_now_are_not_named(tmp_path: Path) -> None:
    page = project(tmp_path)
    path = tmp_path / "data/small" / PROJECTS
    path.write_text(TABLES[PROJECTS].replace("2021,p2,imk,,false", "2021,p2,imk,,true"), "utf-8")
    told = why(page, "projects", tmp_path)
    assert "seither geändert" in told
    assert "sind es" not in told


def test_confidential_records_are_named_internally_only(tmp_path: Path) -> None:
    page = project(tmp_path, "standard")
    told = why(page, "projects", tmp_path)
    assert "ist vertraulich" in told
    assert "keine Prüfsummen" in told
    assert "p1" not in told
    assert "Tippfehler" not in told
    assert "2021 sind es 1: p1" in why(page, "projects", tmp_path, internal=True)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    page = project(tmp_path)
    with pytest.raises(ParameterError, match="Allowed: figure-1, table-1"):
        why(page, "figure-9", tmp_path)
    with pytest.raises(MissingDataError, match="no manifest"):
        why(tmp_path, "figure-1", tmp_path)
    answer = CliRunner().invoke(app, ["why", str(page / "report.html"), "table-1"])
    assert answer.exit_code == 0
    assert "Unternehmen | 7" in answer.output
