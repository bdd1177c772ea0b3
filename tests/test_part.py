"""The part of a data set that a run reads."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ewm_analysis.indicators.compute import from_records
from ewm_analysis.loaders import Dataset, fingerprint, part_of


@pytest.mark.parametrize("cluster_id", ["imk", "gw"])  # gw: no project that a report names
def test_a_part_gives_the_figures_of_the_whole(example: Dataset, cluster_id: str) -> None:
    part = part_of(example, cluster_id=cluster_id, last_year=2020)
    whole = from_records(example.records, example.reference)
    wanted = whole[(whole["cluster_id"] == cluster_id) & (whole["year"] <= 2020)]
    found = from_records(part.records, part.reference)
    assert_frame_equal(found, wanted.reset_index(drop=True), check_like=False)
    assert set(part.economy["cluster_id"]) <= {cluster_id, ""}
    assert part.economy["year"].max() <= 2020
    assert {*part.published["cluster_id"]} <= {cluster_id}


def test_a_cell_of_another_cluster_or_a_later_year_is_outside(example: Dataset) -> None:
    def changed(cluster_id: str, year: int) -> Dataset:
        projects = example.records["projects"].copy()
        own = (projects["cluster_id"] == cluster_id) & (projects["year"] == year)
        place = projects.index[own][0]
        projects.loc[place, "title"] = "anders"
        records = {**example.records, "projects": projects}
        return part_of(Dataset(**{**vars(example), "records": records}), **own_part)

    own_part = {"cluster_id": "imk", "last_year": 2020}
    before = fingerprint(part_of(example, **own_part).records)
    assert fingerprint(changed("gw", 2020).records) == before
    assert fingerprint(changed("imk", 2021).records) == before
    assert fingerprint(changed("imk", 2020).records) != before
    assert fingerprint(changed("imk", 2018).records) != before


def test_without_limits_the_part_is_the_whole(example: Dataset) -> None:
    part = part_of(example)
    assert fingerprint(part.records) == fingerprint(example.records)
    assert len(part.organisations) == len(example.organisations)


def test_a_fingerprint_tells_names_rows_and_order() -> None:
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", "b"]})
    marks = {
        fingerprint({"x": frame}),
        fingerprint({"y": frame}),
        fingerprint({"x": frame.iloc[::-1]}),
        fingerprint({"x": frame.rename(columns={"n": "m"})}),
        fingerprint({"x": frame.iloc[:1]}),
    }
    assert len(marks) == 5
