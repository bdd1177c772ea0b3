"""Rules for a cluster as a whole against the year before: how many, how large, how complete."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ewm_analysis.contracts import columns_of
from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.indicators.long import CELL
from ewm_analysis.intake.checks.findings import Finding, findings_of

ENOUGH = 10
"""Rows in both years below which a change of numbers says nothing."""

COUNT_FACTOR = 3.0
"""A number of rows that changes by more than this factor wants an explanation."""

MEDIAN_FACTOR = 20.0
"""A typical volume that changes by this factor is written in another unit: thousands, cents."""

FILLED_DROP = 0.2
"""A column that is less filled by this share than last year has lost cells."""


def check_against_last_year(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return what is odd about a cluster's records, held against those of the year before.

    Parameters
    ----------
    records : mapping of str to DataFrame
        The five tables of all years.
    """
    tables = {name: records[name] for name in ("projects", "activities")}
    return [
        *_vanished_clusters(tables),
        *(finding for name, table in tables.items() for finding in _numbers(name, table)),
        *_typical_volume(records["projects"]),
        *_less_filled("actors", records["actors"], []),
        *(
            finding
            for name, table in tables.items()
            for finding in _less_filled(name, table, ["cluster_id"])
        ),
        *_vanished_actors(records),
    ]


def _beside_last_year(values: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add the columns of the year before, each ending in ``_last``; years without one go."""
    last = values.assign(year=values["year"] + 1)
    rows = values.merge(last, on=by, suffixes=("", "_last"), validate="1:1")
    return rows.assign(last_year=(rows["year"] - 1).astype("string"))


def _vanished_clusters(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    cells = pd.concat([table[CELL] for table in tables.values()]).drop_duplicates()
    expected = cells.assign(year=cells["year"] + 1, last_year=cells["year"].astype("string"))
    rows = expected[expected["year"].isin(cells["year"])]
    is_there = pd.MultiIndex.from_frame(rows[CELL]).isin(pd.MultiIndex.from_frame(cells))
    return findings_of(
        rows[~is_there],
        "cluster-vanished",
        "warning",
        "projects",
        key="cluster_id",
        facts={"last_year": "last_year"},
    )


def _numbers(name: str, table: pd.DataFrame) -> list[Finding]:
    counts = table.groupby(CELL).size().rename("rows").reset_index()
    rows = _beside_last_year(counts, CELL)
    ratio = rows["rows"] / rows["rows_last"]
    is_far = (ratio > COUNT_FACTOR) | (ratio < 1 / COUNT_FACTOR)
    enough = rows[["rows", "rows_last"]].max(axis=1) >= ENOUGH
    return findings_of(
        rows[is_far & enough],
        "number-far-from-last-year",
        "warning",
        name,
        key="cluster_id",
        facts={"rows": "rows", "last": "rows_last", "last_year": "last_year"},
    )


def _typical_volume(projects: pd.DataFrame) -> list[Finding]:
    known = projects[projects["is_new"] & (projects["volume_eur"] > 0)]
    medians = known.groupby(CELL)["volume_eur"].agg(["median", "size"]).reset_index()
    rows = _beside_last_year(medians, CELL)
    ratio = rows["median"] / rows["median_last"]
    is_far = (ratio >= MEDIAN_FACTOR) | (ratio <= 1 / MEDIAN_FACTOR)
    enough = rows[["size", "size_last"]].min(axis=1) >= ENOUGH // 2
    return findings_of(
        rows[(is_far & enough).fillna(False)],
        "volumes-of-another-magnitude",
        "warning",
        "projects",
        key="cluster_id",
        column="volume_eur",
        facts={"median_eur": "median", "last_eur": "median_last", "last_year": "last_year"},
    )


def _less_filled(name: str, table: pd.DataFrame, by: list[str]) -> list[Finding]:
    """Coverage: which columns that may be empty are much emptier than last year."""
    found = []
    by = ["year", *by]
    for column in columns_of(RECORDS[name]).values():
        if column.required:
            continue
        cells = table[column.name]
        filled = cells.notna() & (cells.astype("string") != "").fillna(False)
        groups = filled.astype(float).groupby([table[each] for each in by])
        shares = pd.DataFrame({"share": groups.mean(), "size": groups.size()}).reset_index()
        rows = _beside_last_year(shares, by)
        enough = rows[["size", "size_last"]].min(axis=1) >= ENOUGH
        rows = rows[enough & (rows["share_last"] - rows["share"] >= FILLED_DROP)]
        found += findings_of(
            rows.assign(**{column.name: ""}),
            "column-less-filled",
            "warning",
            name,
            key="cluster_id" if len(by) > 1 else "",
            column=column.name,
            facts={"filled_share": "share", "last_share": "share_last", "last_year": "last_year"},
        )
    return found


def _vanished_actors(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Actors of last year without a row, though a project of theirs has one."""
    projects, actors = records["projects"], records["actors"]
    took_part = records["participations"]
    took_part = took_part[took_part["project_id"] != ""][["year", "project_id", "actor_id"]]
    runs_on = took_part.assign(year=took_part["year"] + 1).merge(
        projects[["year", "project_id"]], on=["year", "project_id"], validate="m:1"
    )
    known = pd.MultiIndex.from_frame(actors[["year", "actor_id"]])
    is_there = pd.MultiIndex.from_frame(runs_on[["year", "actor_id"]]).isin(known)
    gone = runs_on[~is_there].drop_duplicates(["year", "actor_id"])
    names = actors[["year", "actor_id", "name"]].assign(year=actors["year"] + 1)
    gone = gone.merge(names, on=["year", "actor_id"], validate="1:1")
    return findings_of(
        gone.assign(last_year=(gone["year"] - 1).astype("string")),
        "actor-vanished",
        "warning",
        "actors",
        key="actor_id",
        facts={"actor": "name", "project": "project_id", "last_year": "last_year"},
    )
