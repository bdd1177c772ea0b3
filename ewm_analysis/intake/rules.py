"""Rules for the records: table against table, project against its other years, cluster likewise.

What a rule is called, how grave it is and which facts it tells stands in ``tables/rules.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, columns_of
from ewm_analysis.indicators.long import CELL
from ewm_analysis.intake.findings import Finding, findings_of
from ewm_analysis.intake.names import district_of

YEARS_RUNNING = 6
"""Reporting years in a row after which a started project should have ended."""

YEARS_APPLYING = 3
"""Reporting years in a row after which an application is older than two years."""

VOLUME_FACTOR = 10.0
"""A volume that changes by this factor is a slip of digits rather than a new plan."""

ENOUGH = 10
"""Rows in both years below which a change of numbers says nothing."""

COUNT_FACTOR = 3.0
"""A number of rows that changes by more than this factor wants an explanation."""

MEDIAN_FACTOR = 20.0
"""A typical volume that changes by this factor is written in another unit: thousands, cents."""

LEAST_MEDIAN_EUR = 5_000
"""A typical volume below it is written in thousands; told without any other year."""

FILLED_DROP = 0.2
"""A column that is less filled by this share than last year has lost cells."""

PROJECT, ACTOR = ["year", "project_id"], ["year", "actor_id"]


def check_within_year(
    records: Mapping[str, pd.DataFrame], reference: Reference, today: date
) -> list[Finding]:
    """Return what is odd about the records of a year, without any other year."""
    took_part = records["participations"]
    counts = took_part[took_part["project_id"] != ""].groupby(PROJECT).size().rename("actors")
    projects = records["projects"].merge(counts.reset_index(), how="left", on=PROJECT)
    is_first = ~projects["year"].duplicated()
    is_single = projects["consortium_type"] == "single"
    actors = records["actors"].assign(actor=records["actors"]["name"])
    return [
        *findings_of("year-not-begun", projects[is_first & (projects["year"] > today.year)]),
        *findings_of("project-without-actor", projects[projects["actors"].isna()]),
        *findings_of(
            "single-project-with-partners", projects[is_single & (projects["actors"] > 1)]
        ),
        *findings_of("actor-without-participation", actors[~_stands_in(actors, took_part, ACTOR)]),
        *_districts(actors, reference),
        *_tiny_volumes(records["projects"]),
        *_joint_projects(records["projects"]),
    ]


def _joint_projects(projects: pd.DataFrame) -> list[Finding]:
    """Projects of two clusters with the same facts, and ids that do not say that they are one."""
    rows = projects[(projects["title"] != "") & projects["volume_eur"].notna()]
    ids = zip(rows["project_id"], rows["cluster_id"], strict=True)
    common = [code.removesuffix(f"-{cluster}") for code, cluster in ids]
    rows = rows.assign(common=pd.array(common, dtype="string"))
    facts = [rows[name] for name in ("year", "title", "volume_eur", "funding_eur")]
    groups = rows.groupby(facts, dropna=False)
    first = groups[["project_id", "cluster_id", "common"]].transform("first")
    is_twice = (rows["cluster_id"] != first["cluster_id"]) & (rows["common"] != first["common"])
    rows = rows.assign(
        other=first["project_id"],
        other_cluster=first["cluster_id"],
        joint_id=rows["common"] + "-" + rows["cluster_id"],
        other_joint_id=rows["common"] + "-" + first["cluster_id"],
    )
    return findings_of("project-of-two-clusters", rows[is_twice])


def _tiny_volumes(projects: pd.DataFrame) -> list[Finding]:
    known = projects[projects["volume_eur"] > 0].groupby(CELL)["volume_eur"]
    medians = known.agg(median_eur="median", size="size").reset_index()
    is_tiny = (medians["median_eur"] < LEAST_MEDIAN_EUR) & (medians["size"] >= ENOUGH // 2)
    return findings_of("volumes-tiny", medians[is_tiny])


def _districts(actors: pd.DataFrame, reference: Reference) -> list[Finding]:
    """Places against the districts they lie in; what cannot be resolved stays unknown."""
    rows = actors[actors["state"].isin(["be", "bb"])]
    places = {
        place: district_of(place, reference.municipalities) for place in rows["place"].unique()
    }
    names = reference.districts.set_index("ags")["name"]
    proposal = rows["place"].map(places).fillna("").astype("string")
    rows = rows.assign(proposal=proposal, district=proposal.map(names).fillna(""))
    is_open = (rows["ags"] == "") & (rows["state"] == "bb")
    differs = (rows["ags"] != "") & (proposal != "") & (rows["ags"] != proposal)
    return [
        *findings_of("district-from-place", rows[is_open & (proposal != "")]),
        *findings_of("district-unknown", rows[is_open & (proposal == "")]),
        *findings_of("district-contradicts-place", rows[differs]),
    ]


def check_projects_over_years(projects: pd.DataFrame) -> list[Finding]:
    """Return what is odd about projects, each held against its rows of other years."""
    rows = _with_last_year(projects)
    status, before, is_new = rows["status"], rows["status_last"], rows["is_new"]
    first = rows["year"].where(is_new).groupby(rows["project_id"]).transform("min")
    rows = rows.assign(first_year=first.astype("string"))
    later = _next_year(projects)  # as if they were missed where their cluster reports
    is_gone = _stands_in(later, projects, CELL) & ~_stands_in(later, projects, PROJECT)
    gone = later[is_gone]
    return [
        *findings_of("project-new-twice", rows[is_new & (rows["year"] > first)]),
        *findings_of(
            "project-not-in-last-year", rows[~is_new & rows["has_last_year"] & (before == "")]
        ),
        *findings_of("project-vanished", gone[gone["status"] == "started"]),
        *findings_of("application-vanished", gone[gone["status"] == "application"]),
        *findings_of("project-after-its-end", rows[before == "finished"]),
        *findings_of("status-goes-back", rows[(before == "started") & (status == "application")]),
        *_too_long("project-never-finished", projects, "started", YEARS_RUNNING),
        *_too_long("application-too-old", projects, "application", YEARS_APPLYING),
        *findings_of("volume-jumped", rows[_is_far(rows, "volume_eur", VOLUME_FACTOR)]),
    ]


def _with_last_year(projects: pd.DataFrame) -> pd.DataFrame:
    """Add status and volume of the year before, and whether the cluster reported in it."""
    last = _next_year(projects[[*PROJECT, "status", "volume_eur"]])
    rows = projects.merge(last, how="left", on=PROJECT, suffixes=("", "_last"), validate="1:1")
    return rows.assign(
        status_last=rows["status_last"].fillna(""),
        last_eur=rows["volume_eur_last"],
        last_year=(rows["year"] - 1).astype("string"),
        has_last_year=_stands_in(rows.assign(year=rows["year"] - 1), projects, CELL),
    )


def _too_long(name: str, projects: pd.DataFrame, status: str, limit: int) -> list[Finding]:
    rows = projects[projects["status"] == status].sort_values(["project_id", "year"])
    is_next = (rows["project_id"] == rows["project_id"].shift()) & (
        rows["year"] == rows["year"].shift() + 1
    )
    start = (~is_next.fillna(False)).astype(int).cumsum()
    rows = rows.assign(years=rows.groupby(start).cumcount() + 1)
    return findings_of(name, rows[rows["years"] >= limit])


def check_against_last_year(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return what is odd about a cluster's records, held against those of the year before."""
    tables = {name: records[name] for name in ("projects", "activities")}
    return [
        *_vanished_clusters(pd.concat([table[CELL] for table in tables.values()])),
        *(one for name, table in tables.items() for one in _numbers(name, table)),
        *_typical_volume(records["projects"]),
        *_less_filled("actors", records["actors"], ["year"]),
        *(one for name, table in tables.items() for one in _less_filled(name, table, CELL)),
        *_vanished_actors(records),
    ]


def _vanished_clusters(cells: pd.DataFrame) -> list[Finding]:
    expected = _next_year(cells.drop_duplicates())
    rows = expected[expected["year"].isin(cells["year"])]
    return findings_of("cluster-vanished", rows[~_stands_in(rows, cells, CELL)])


def _numbers(table: str, records: pd.DataFrame) -> list[Finding]:
    counts = records.groupby(CELL).size().rename("rows").reset_index()
    rows = _beside_last_year(counts, CELL)
    ratio = rows["rows"] / rows["rows_last"]
    is_far = (ratio > COUNT_FACTOR) | (ratio < 1 / COUNT_FACTOR)
    enough = rows[["rows", "rows_last"]].max(axis=1) >= ENOUGH
    rows = rows.assign(last=rows["rows_last"])
    return findings_of("number-far-from-last-year", rows[is_far & enough], table=table)


def _typical_volume(projects: pd.DataFrame) -> list[Finding]:
    known = projects[projects["is_new"] & (projects["volume_eur"] > 0)]
    medians = known.groupby(CELL)["volume_eur"].agg(median_eur="median", size="size")
    rows = _beside_last_year(medians.reset_index(), CELL)
    enough = rows[["size", "size_last"]].min(axis=1) >= ENOUGH // 2
    is_far = _is_far(rows, "median_eur", MEDIAN_FACTOR)
    rows = rows.assign(last_eur=rows["median_eur_last"])
    return findings_of("volumes-of-another-magnitude", rows[is_far & enough])


def _less_filled(table: str, records: pd.DataFrame, by: list[str]) -> list[Finding]:
    """Coverage: which columns that may be empty are much emptier than last year."""
    found = []
    for column in columns_of(RECORDS[table]).values():
        if column.required:
            continue
        cells = records[column.name]
        filled = cells.notna() & (cells.astype("string") != "").fillna(False)
        groups = filled.astype(float).groupby([records[each] for each in by])
        shares = pd.DataFrame({"filled_share": groups.mean(), "size": groups.size()})
        rows = _beside_last_year(shares.reset_index(), by)
        enough = rows[["size", "size_last"]].min(axis=1) >= ENOUGH
        rows = rows[enough & (rows["filled_share_last"] - rows["filled_share"] >= FILLED_DROP)]
        found += findings_of(
            "column-less-filled",
            rows.assign(last_share=rows["filled_share_last"], **{column.name: ""}),
            table=table,
            key="".join(name for name in by if name != "year"),
            column=column.name,
        )
    return found


def _vanished_actors(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Actors of last year without a row, though a project of theirs has one."""
    took_part = records["participations"]
    took_part = took_part[took_part["project_id"] != ""][[*PROJECT, "actor_id"]]
    runs_on = _next_year(took_part).merge(records["projects"][PROJECT], on=PROJECT, validate="m:1")
    gone = runs_on[~_stands_in(runs_on, records["actors"], ACTOR)].drop_duplicates(ACTOR)
    names = _next_year(records["actors"])[[*ACTOR, "name"]]
    gone = gone.merge(names, on=ACTOR, validate="1:1")
    return findings_of(
        "actor-vanished", gone.assign(actor=gone["name"], project=gone["project_id"])
    )


def _next_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as if they were of the year after, in which they may be missed."""
    return rows.assign(year=rows["year"] + 1, last_year=rows["year"].astype("string"))


def _beside_last_year(values: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add the columns of the year before, each ending in ``_last``; years without one go."""
    return values.merge(_next_year(values), on=by, suffixes=("", "_last"), validate="1:1")


def _stands_in(rows: pd.DataFrame, table: pd.DataFrame, key: list[str]) -> pd.Series:
    known = pd.MultiIndex.from_frame(table[key])
    return pd.Series(pd.MultiIndex.from_frame(rows[key]).isin(known), index=rows.index)


def _is_far(rows: pd.DataFrame, column: str, factor: float) -> pd.Series:
    """Tell which known amounts differ by a factor from those of the year before."""
    now, last = rows[column], rows[f"{column}_last"]
    ratio = now / last.where(last > 0)
    return ((now > 0) & ((ratio >= factor) | (ratio <= 1 / factor))).fillna(False)
