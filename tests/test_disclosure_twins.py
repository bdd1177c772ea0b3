"""Twins that differ only in what must stay secret give the same products, to the byte."""

from __future__ import annotations

import shutil
from pathlib import Path

from disclosure_twins import ROOT, confidential, find_twin, leave, write_records

from ewm_analysis.editions import telling
from ewm_analysis.editions.diff import diff

PAGES = ("00_data_quality", "10_annual_report", "20_growth", "30_comparison")


def test_twins_are_told_apart_by_nothing(tmp_path: Path) -> None:
    data = confidential(tmp_path, [2020, 2021], ["imk", "gw"])
    twin = find_twin(data, seed=1, count=2)
    assert twin.kinds["name"] == 3
    assert twin.kinds.total() > 10
    assert twin.moved > 0
    asked = {"years": [2021], "clusters": ["imk", "_all"], "locales": ["de"], "notebooks": PAGES}
    one = leave(data.path, tmp_path / "one", **asked)
    shutil.copytree(tmp_path / "reference", tmp_path / "before" / "reference")
    shutil.copytree(data.path, tmp_path / "before" / "example")
    write_records(twin.records, data.path)
    other = leave(data.path, tmp_path / "other", **asked)
    assert one.keys() == other.keys()
    assert {Path(name).suffix for name in one} >= {".html", ".svg", ".csv", ".xlsx", ".parquet"}
    assert [name for name in one if one[name] != other[name]] == []
    for internal in (False, True):
        found = diff(tmp_path / "before" / "example", data.path, "de", root=ROOT, internal=internal)
        assert bool(found.pages) == internal, telling.as_text(found, "de")
