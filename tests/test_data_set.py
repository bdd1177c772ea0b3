"""One writer of a data set for all importers: beside its place, from a copy or from nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.data_set import data_set_beside, refuse_file
from ewm_analysis.loaders import open_dataset

HEAD = {"name": "new", "title": "Größe", "synthetic": False}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    for name in (
        "economy/economy.csv",
        "originals/2021/book.xlsx",
        ".hidden/x",
        "datapackage.json",
    ):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text('{"name": "old"}', "utf-8")
    return tmp_path / "set"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_keeps_the_head_and_leaves_originals_where_they_are(target: Path) -> None:
    with data_set_beside(target, HEAD) as made:
        assert made.name == "set"
        assert files(made) == {"economy/economy.csv", "datapackage.json"}
        assert json.loads((made / "datapackage.json").read_text("utf-8")) == {"name": "old"}
    assert not made.exists()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_new_one_has_the_head_alone(is_there: bool, target: Path) -> None:
    place = target if is_there else target.with_name("other")
    with data_set_beside(place, HEAD, anew=True) as made:
        assert files(made) == {"datapackage.json"}
        text = (made / "datapackage.json").read_text("utf-8")
    assert text.startswith('{\n  "name": "new",\n  "title": "Größe"')
    assert place.exists() == is_there


def test_a_file_is_no_data_set(target: Path) -> None:
    refuse_file(target)
    refuse_file(target / "nowhere")
    with pytest.raises(ParameterError, match="is a file; name a folder"):
        refuse_file(target / "datapackage.json")


def test_what_is_read_again_is_kept_and_nobody_changes_it_for_others(dataset_path: Path) -> None:
    first, again = open_dataset(dataset_path), open_dataset(dataset_path)
    label = again.reference.clusters["label_de"].iloc[0]
    first.reference.clusters.loc[0, "label_de"] = "anders"
    first.reference.clusters["more"] = 1
    for data in (again, open_dataset(dataset_path)):
        assert data.reference.clusters["label_de"].iloc[0] == label != "anders"
        assert "more" not in data.reference.clusters
    file = dataset_path / "published" / "figures.csv"
    file.write_text(
        file.read_text("utf-8").replace("exact,false,report,Abb. 1", "exact,true,report,Abb. 1")
    )
    assert open_dataset(dataset_path).published["is_year_inferred"].iloc[0]
    assert not again.published["is_year_inferred"].iloc[0]
