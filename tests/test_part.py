"""The part of a data set that a run reads."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ewm_analysis.indicators.compute import from_records
from ewm_analysis.loaders import Dataset, fingerprint, part_of, told_apart


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


@pytest.mark.parametrize("seen", [lambda whole: whole, told_apart], ids=["cells", "numbers"])
def test_a_cell_of_another_cluster_or_a_later_year_is_outside(
    example: Dataset, seen: Callable[[Dataset], Dataset]
) -> None:
    def changed(cluster_id: str, year: int) -> Dataset:
        projects = example.records["projects"].copy()
        own = (projects["cluster_id"] == cluster_id) & (projects["year"] == year)
        place = projects.index[own][0]
        projects.loc[place, "title"] = "anders"
        records = {**example.records, "projects": projects}
        return part_of(seen(Dataset(**{**vars(example), "records": records})), **own_part)

    own_part = {"cluster_id": "imk", "last_year": 2020}
    before = fingerprint(part_of(seen(example), **own_part).records)
    assert fingerprint(changed("gw", 2020).records) == before
    assert fingerprint(changed("imk", 2021).records) == before
    assert fingerprint(changed("imk", 2020).records) != before
    assert fingerprint(changed("imk", 2018).records) != before


@pytest.mark.parametrize("cluster_id", ["imk", "gw", None])
@pytest.mark.parametrize("last_year", [2019, None])
def test_rows_told_apart_by_a_number_give_the_same_part(
    example: Dataset, cluster_id: str | None, last_year: int | None
) -> None:
    own_part = {"cluster_id": cluster_id, "last_year": last_year}
    part, apart = part_of(example, **own_part), part_of(told_apart(example), **own_part)
    tables = {**part.records, "economy": part.economy, "published": part.published}
    for name, table in tables.items():
        found = apart.records[name] if name in apart.records else getattr(apart, name)
        numbers = pd.util.hash_pandas_object(table, index=False)
        assert found[",".join(table.columns)].tolist() == numbers.tolist()


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
