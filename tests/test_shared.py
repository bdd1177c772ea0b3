"""Data that was read before the fork: the same values, and never older than the files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import write_dataset

from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import open_dataset, part_of
from ewm_analysis.notebook import shared

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_known", {})


@pytest.mark.parametrize("name", ["example", "capital-region"])
def test_values_of_a_part_are_those_computed_from_it(name: str) -> None:
    shared.share(ROOT / "data" / name)
    whole = shared.opened(ROOT / "data" / name)
    rows = compute_indicators(whole)
    clusters = sorted({*rows["cluster_id"]} - {""})
    years = sorted({*rows["year"]})
    asked = [(None, None), (None, years[-2]), *((cluster, None) for cluster in clusters[::4])]
    asked += [(cluster, years[len(years) // 2]) for cluster in clusters[::4]]
    for cluster, year in asked:
        part, values = shared.part_and_values(whole, cluster, year)
        pd.testing.assert_frame_equal(values, compute_indicators(part))


def test_a_shared_data_set_is_the_one_that_was_read(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path)
    assert shared.opened(folder) is not shared.opened(folder)
    shared.share(folder)
    assert shared.opened(folder) is shared.opened(folder)


@pytest.mark.parametrize(
    "changed",
    [
        "small/economy/economy.csv",
        "small/commentary/2021/imk.de.md",
        "small/datapackage.json",
        "reference/sources.csv",
    ],
)
def test_a_changed_file_is_read_again(tmp_path: Path, changed: str) -> None:
    folder = write_dataset(tmp_path)
    shared.share(folder)
    known = shared.opened(folder)
    file = tmp_path / changed
    file.write_bytes(file.read_bytes() + b"\n")
    assert shared.opened(folder) is not known


@pytest.mark.parametrize(
    "added",
    ["small/commentary/2021/imk.en.md", "small/corrections.csv", "reference/sources.xlsx"],
)
def test_a_file_that_is_new_or_gone_is_noticed(tmp_path: Path, added: str) -> None:
    folder = write_dataset(tmp_path)
    shared.share(folder)
    known = shared.opened(folder)
    (tmp_path / added).write_text("# year\n\nA good year.\n" if added.endswith("md") else "")
    assert shared._state(known) != shared._known[known.path].state
    (tmp_path / added).unlink()
    assert shared.opened(folder) is known
    (folder / "commentary/2021/imk.de.md").unlink()
    assert shared.opened(folder) is not known


def test_where_a_year_is_incomplete_values_are_computed_from_the_part(tmp_path: Path) -> None:
    """Its figures are compared with no other year's: those before are no part of its page."""
    folder = write_dataset(tmp_path)
    before = folder / "records/2020"
    shutil.copytree(folder / "records/2021", before)
    for file in before.glob("*.csv"):
        file.write_text(file.read_text("utf-8").replace("2021,", "2020,"), "utf-8")
    head = (folder / "datapackage.json").read_text("utf-8")
    (folder / "datapackage.json").write_text(head.replace("{", '{"incomplete_years": [2021],', 1))
    shared.share(folder)
    whole = shared.opened(folder)
    _, values = shared.part_and_values(whole, "imk", 2021)
    assert whole.incomplete_years == (2021,)
    pd.testing.assert_frame_equal(
        values, compute_indicators(part_of(open_dataset(folder), cluster_id="imk", last_year=2021))
    )
