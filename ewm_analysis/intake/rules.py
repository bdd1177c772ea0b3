"""Rules for the records: table against table, project against its other years, cluster likewise.

What a rule is called, how grave it is, of which rows here it chooses which, and which facts it
tells stands in ``tables/rules.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS
from ewm_analysis.indicators.long import CELL
from ewm_analysis.intake.findings import Finding, findings_of, rules
from ewm_analysis.intake.names import district_of

PROJECT, ACTOR = ["year", "project_id"], ["year", "actor_id"]


def _found(**views: pd.DataFrame) -> list[Finding]:
    """Return what the rules on some rows find."""
    named = [(name, views[rule["rows"]]) for name, rule in rules().items() if rule["rows"] in views]
    return [finding for name, rows in named for finding in findings_of(name, rows)]


def check_within_year(
    records: Mapping[str, pd.DataFrame], reference: Reference, today: date
) -> list[Finding]:
    """Return what is odd about the records of a year, without any other year."""
    projects, took_part = records["projects"], records["participations"]
    counts = took_part[took_part["project_id"] != ""].groupby(PROJECT).size().rename("actors")
    known = projects[projects["volume_eur"] > 0].groupby(CELL)["volume_eur"]
    return _found(
        years=projects.drop_duplicates("year").assign(this_year=today.year),
        projects=projects.merge(counts.reset_index(), how="left", on=PROJECT).fillna({"actors": 0}),
        actors=_with_districts(records["actors"], reference).assign(
            takes_part=_stands_in(records["actors"], took_part, ACTOR)
        ),
        medians=known.agg(median_eur="median", size="size").reset_index(),
        twins=_twins(projects),
    )


def _twins(projects: pd.DataFrame) -> pd.DataFrame:
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
    return rows[is_twice]


def _with_districts(actors: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Add the districts that places lie in; what cannot be resolved stays unknown."""
    places = actors["place"].where(actors["state"].isin(["be", "bb"]), "")
    found = {place: district_of(place, reference.municipalities) for place in places.unique()}
    names = reference.districts.set_index("ags")["name"]
    proposal = places.map(found).fillna("").astype("string")
    district = proposal.map(names).fillna("")
    return actors.assign(actor=actors["name"], proposal=proposal, district=district)


def check_projects_over_years(projects: pd.DataFrame) -> list[Finding]:
    """Return what is odd about projects, each held against its rows of other years."""
    later = _next_year(projects)  # as if they were missed where their cluster reports
    is_gone = _stands_in(later, projects, CELL) & ~_stands_in(later, projects, PROJECT)
    return _found(history=_history(projects), gone=later[is_gone])


def _history(projects: pd.DataFrame) -> pd.DataFrame:
    """Add what the year before says, the first new year, and years in a row of one status."""
    last = _next_year(projects[[*PROJECT, "status", "volume_eur"]]).drop(columns="last_year")
    rows = projects.merge(last, how="left", on=PROJECT, suffixes=("", "_last"), validate="1:1")
    first = rows["year"].where(rows["is_new"]).groupby(rows["project_id"]).transform("min")
    order = rows.sort_values(["project_id", "year"])
    kept = order["project_id"] + " " + order["status"]
    goes_on = (kept == kept.shift()) & (order["year"] == order["year"].shift() + 1)
    run = (~goes_on.fillna(False)).astype(int).cumsum()
    return rows.assign(
        first=first,
        first_year=first.astype("string"),
        years=order.groupby(run).cumcount() + 1,
        status_last=rows["status_last"].fillna(""),
        last_eur=rows["volume_eur_last"],
        last_year=(rows["year"] - 1).astype("string"),
        has_last_year=_stands_in(rows.assign(year=rows["year"] - 1), projects, CELL),
        ratio=_ratio(rows, "volume_eur"),
    )


def check_against_last_year(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return what is odd about a cluster's records, held against those of the year before."""
    tables = {name: records[name] for name in ("projects", "activities")}
    cells = pd.concat([table[CELL] for table in tables.values()])
    expected = _next_year(cells.drop_duplicates())
    expected = expected[expected["year"].isin(cells["year"])]
    projects = records["projects"]
    new = projects[projects["is_new"] & (projects["volume_eur"] > 0)].groupby(CELL)["volume_eur"]
    medians = new.agg(median_eur="median", size="size").reset_index()
    volumes = _beside_last_year(medians, CELL, "median_eur")
    return [
        *_found(
            clusters=expected[~_stands_in(expected, cells, CELL)],
            volumes=volumes.assign(last_eur=volumes["median_eur_last"]),
            missed=_missed_actors(records),
        ),
        *(one for name, table in tables.items() for one in _numbers(name, table)),
        *_less_filled("actors", records["actors"], ["year"]),
        *(one for name, table in tables.items() for one in _less_filled(name, table, CELL)),
    ]


def _numbers(table: str, records: pd.DataFrame) -> list[Finding]:
    counts = records.groupby(CELL).size().rename("size").reset_index()
    rows = _beside_last_year(counts, CELL, "size")
    rows = rows.assign(rows=rows["size"], last=rows["size_last"])
    return findings_of("number-far-from-last-year", rows, table=table)


def _less_filled(table: str, records: pd.DataFrame, by: list[str]) -> list[Finding]:
    """Coverage: which columns that may be empty are much emptier than last year."""
    optional = [name for name, column in RECORDS[table].columns.items() if not column.required]
    cells = records[optional]
    filled = cells.notna() & (cells.astype("string") != "").fillna(False)
    groups = filled.astype(float).groupby([records[each] for each in by])
    shares = groups.mean().melt(var_name="column", value_name="filled_share", ignore_index=False)
    shares = shares.join(groups.size().rename("size")).reset_index()
    rows = _beside_last_year(shares, [*by, "column"], "filled_share")
    found = findings_of(
        "column-less-filled",
        rows.assign(last_share=rows["filled_share_last"]),
        table=table,
        key="".join(name for name in by if name != "year"),
        column="column",
    )
    return [replace(one, column=one.value, value="") for one in found]


def _missed_actors(records: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Actors of last year without a row, though a project of theirs has one."""
    took_part = records["participations"]
    took_part = took_part[took_part["project_id"] != ""][[*PROJECT, "actor_id"]]
    runs_on = _next_year(took_part).merge(records["projects"][PROJECT], on=PROJECT, validate="m:1")
    gone = runs_on[~_stands_in(runs_on, records["actors"], ACTOR)].drop_duplicates(ACTOR)
    names = _next_year(records["actors"])[[*ACTOR, "name"]]
    gone = gone.merge(names, on=ACTOR, validate="1:1")
    return gone.assign(actor=gone["name"], project=gone["project_id"])


def _next_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as if they were of the year after, in which they may be missed."""
    return rows.assign(year=rows["year"] + 1, last_year=rows["year"].astype("string"))


def _beside_last_year(values: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """Add the columns of the year before, each ending in ``_last``; years without one go."""
    rows = values.merge(_next_year(values), on=by, suffixes=("", "_last"), validate="1:1")
    sizes = rows[["size", "size_last"]]
    return rows.assign(ratio=_ratio(rows, column), least=sizes.min(axis=1), most=sizes.max(axis=1))


def _stands_in(rows: pd.DataFrame, table: pd.DataFrame, key: list[str]) -> pd.Series:
    known = pd.MultiIndex.from_frame(table[key])
    return pd.Series(pd.MultiIndex.from_frame(rows[key]).isin(known), index=rows.index)


def _ratio(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return what known amounts are to those of the year before."""
    now, last = rows[column], rows[f"{column}_last"]
    return now.where(now > 0) / last.where(last > 0)
