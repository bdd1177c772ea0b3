"""The part of a data set that one run reads: what lies outside cannot change its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from ewm_analysis.loaders.dataset import Dataset

ITEMS = {"projects": "project_id", "activities": "activity_id"}


def part_of(
    dataset: Dataset, *, cluster_id: str | None = None, last_year: int | None = None
) -> Dataset:
    """Return the data set with the rows of one cluster and up to one year only.

    A year of which the records are incomplete is kept only where it is the last one, and then
    without the years before: it is not compared. Participations, assignments and actors are
    kept as far as they belong to projects and activities that are kept; figures of whole regions
    always are; facts of organisations and the decisions of evaluators where no cluster is named.
    Without a cluster all of them are kept, without a year all years. Of the reference tables only
    the branches that stand for clusters are narrowed.
    """
    comparable = _comparable(dataset, last_year)
    records = {stem: rows_of(rows, cluster_id, last_year) for stem, rows in comparable.items()}
    for stem in ("participations", "assignments"):
        records[stem] = _of_items(records[stem], records)
    if cluster_id is not None:
        involved = records["participations"][["year", "actor_id"]].drop_duplicates()
        records["actors"] = records["actors"].merge(
            involved, on=["year", "actor_id"], validate="1:1"
        )
    corrections = dataset.corrections
    if last_year is not None:
        years = corrections["file"].str.extract(r"^records/([0-9]{4})/")[0].astype("Int64")
        corrections = corrections[years.fillna(last_year) <= last_year]
    shared, reference = None if cluster_id is None else 0, dataset.reference
    if cluster_id is not None:
        own = rows_of(reference.cluster_branches, cluster_id, None)
        reference = replace(reference, cluster_branches=own)
    return replace(
        dataset,
        reference=reference,
        published=rows_of(dataset.published, cluster_id, last_year),
        phrases=rows_of(dataset.phrases, cluster_id, last_year),
        targets=rows_of(dataset.targets, cluster_id, None),
        economy=rows_of(dataset.economy, cluster_id, last_year),
        records=records,
        organisations=dataset.organisations[:shared],
        corrections=corrections[:shared],
        actor_merges=dataset.actor_merges[:shared],
    )


def _comparable(dataset: Dataset, last_year: int | None) -> Mapping[str, pd.DataFrame]:
    """Return the records of years that can be compared with the last one."""
    incomplete = dataset.incomplete_years
    if last_year is None or not incomplete:
        return dataset.records
    if last_year in incomplete:
        return {stem: rows[rows["year"] == last_year] for stem, rows in dataset.records.items()}
    return {stem: rows[~rows["year"].isin(incomplete)] for stem, rows in dataset.records.items()}


def fingerprint(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return a SHA-256 over the cells of tables by name; the order of their rows counts.

    Examples
    --------
    >>> one = pd.DataFrame({"n": [1, 2]})
    >>> fingerprint({"t": one}) == fingerprint({"t": one.copy()})
    True
    """
    digest = hashlib.sha256()
    for name, frame in frames.items():
        digest.update(f"{name}:{len(frame)}:{','.join(frame.columns)};".encode())
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def rows_of(frame: pd.DataFrame, cluster_id: str | None, last_year: int | None) -> pd.DataFrame:
    """Return rows up to a year; of a cluster and whole regions, where rows have a cluster."""
    if last_year is not None:
        frame = frame[frame["year"] <= last_year]
    if cluster_id is not None and "cluster_id" in frame:
        frame = frame[frame["cluster_id"].isin([cluster_id, ""])]
    return frame.reset_index(drop=True)


def _of_items(frame: pd.DataFrame, kept: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows whose project or activity is kept, in their order."""
    belongs = pd.Series(False, index=frame.index)
    for stem, key in ITEMS.items():
        items = pd.MultiIndex.from_frame(kept[stem][["year", key]])
        belongs |= pd.MultiIndex.from_frame(frame[["year", key]]).isin(items)
    return frame[belongs].reset_index(drop=True)
