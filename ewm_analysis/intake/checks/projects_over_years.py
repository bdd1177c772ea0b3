"""Rules for one project over the reporting years: new once, running on, finished in the end."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.intake.checks.findings import Finding, Level, findings_of

YEARS_RUNNING = 6
"""Reporting years in a row after which a started project should have ended."""

YEARS_APPLYING = 3
"""Reporting years in a row after which an application is older than two years."""

VOLUME_FACTOR = 10.0
"""A volume that changes by this factor is a slip of digits rather than a new plan."""


def check_projects_over_years(projects: pd.DataFrame) -> list[Finding]:
    """Return what is odd about projects, each held against its rows of other years.

    Parameters
    ----------
    projects : DataFrame
        Contract `Projects`, all years.
    """
    rows = _with_last_year(projects)
    return [
        *_new(rows, projects),
        *_vanished(projects),
        *_status(rows),
        *_too_long(projects),
        *_volume(rows),
    ]


def _with_last_year(projects: pd.DataFrame) -> pd.DataFrame:
    """Add status and volume of the year before, and whether the cluster reported in it."""
    last = projects[["year", "project_id", "status", "volume_eur"]]
    last = last.assign(year=last["year"] + 1)
    rows = projects.merge(
        last, how="left", on=["year", "project_id"], suffixes=("", "_last"), validate="1:1"
    )
    rows["status_last"] = rows["status_last"].fillna("")
    rows["last_year"] = (rows["year"] - 1).astype("string")
    reported = pd.MultiIndex.from_frame(projects[["year", "cluster_id"]])
    before = pd.MultiIndex.from_arrays([rows["year"] - 1, rows["cluster_id"]])
    rows["has_last_year"] = before.isin(reported)
    return rows


def _new(rows: pd.DataFrame, projects: pd.DataFrame) -> list[Finding]:
    new = projects[projects["is_new"]]
    first = new.groupby("project_id")["year"].min().rename("first_new").reset_index()
    again = new.merge(first, on="project_id", validate="m:1")
    again = again[again["year"] > again["first_new"]]
    again = again.assign(first_new=again["first_new"].astype("string"))
    older = rows[~rows["is_new"] & rows["has_last_year"] & (rows["status_last"] == "")]
    return [
        *findings_of(
            again,
            "project-new-twice",
            "warning",
            "projects",
            key="project_id",
            column="is_new",
            facts={"first_year": "first_new"},
        ),
        *findings_of(
            older,
            "project-not-in-last-year",
            "warning",
            "projects",
            key="project_id",
            column="is_new",
            facts={"last_year": "last_year"},
        ),
    ]


def _vanished(projects: pd.DataFrame) -> list[Finding]:
    """Projects that run and have no row in the next year, though their cluster reports."""
    reported = pd.MultiIndex.from_frame(projects[["year", "cluster_id"]])
    rows = pd.MultiIndex.from_frame(projects[["year", "project_id"]])
    next_year = projects["year"] + 1
    cluster = pd.MultiIndex.from_arrays([next_year, projects["cluster_id"]])
    row = pd.MultiIndex.from_arrays([next_year, projects["project_id"]])
    gone = projects[cluster.isin(reported) & ~row.isin(rows) & (projects["status"] != "finished")]
    gone = gone.assign(year=gone["year"] + 1, last_year=gone["year"].astype("string"))
    kinds: tuple[tuple[str, str, Level], ...] = (
        ("started", "project-vanished", "warning"),
        ("application", "application-vanished", "note"),
    )
    return [
        finding
        for status, name, level in kinds
        for finding in findings_of(
            gone[gone["status"] == status],
            name,
            level,
            "projects",
            key="project_id",
            facts={"last_year": "last_year"},
        )
    ]


def _status(rows: pd.DataFrame) -> list[Finding]:
    over = rows[rows["status_last"] == "finished"]
    back = rows[(rows["status_last"] == "started") & (rows["status"] == "application")]
    return [
        *findings_of(
            over,
            "project-after-its-end",
            "warning",
            "projects",
            key="project_id",
            column="status",
            facts={"last_year": "last_year"},
        ),
        *findings_of(
            back,
            "status-goes-back",
            "warning",
            "projects",
            key="project_id",
            column="status",
            facts={"last_year": "last_year"},
        ),
    ]


def _too_long(projects: pd.DataFrame) -> list[Finding]:
    found = []
    for status, name, limit in (
        ("started", "project-never-finished", YEARS_RUNNING),
        ("application", "application-too-old", YEARS_APPLYING),
    ):
        rows = projects[projects["status"] == status].sort_values(["project_id", "year"])
        is_next = (rows["project_id"] == rows["project_id"].shift()) & (
            rows["year"] == rows["year"].shift() + 1
        )
        start = (~is_next.fillna(False)).astype(int).cumsum()
        rows = rows.assign(years=rows.groupby(start).cumcount() + 1)
        found += findings_of(
            rows[rows["years"] >= limit],
            name,
            "warning",
            "projects",
            key="project_id",
            column="status",
            facts={"years": "years"},
        )
    return found


def _volume(rows: pd.DataFrame) -> list[Finding]:
    ratio = rows["volume_eur"] / rows["volume_eur_last"].where(rows["volume_eur_last"] > 0)
    known = rows["volume_eur"] > 0
    jumped = (known & ((ratio >= VOLUME_FACTOR) | (ratio <= 1 / VOLUME_FACTOR))).fillna(False)
    return findings_of(
        rows[jumped],
        "volume-jumped",
        "warning",
        "projects",
        key="project_id",
        column="volume_eur",
        facts={"last_eur": "volume_eur_last", "last_year": "last_year"},
    )
