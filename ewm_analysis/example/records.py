"""Invented records: projects and activities, then the actors that take part in them.

A stratum is a home cluster, a kind of actor (type and size class of Tab. 2) and inside or outside
of the region. A cell is first told how many actors of each stratum take part; the pool is then made
large enough for the largest need, so that actors return over the years and in several clusters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import SCHEMES
from ewm_analysis.example import draw
from ewm_analysis.example.draw import DRAWN, MET, NAMED, Cell, Flags, Integers, lowest, met

LONGEST = 4
DURATIONS = (0.2, 0.3, 0.3, 0.2)
"""Share of projects that run 1, 2 … `LONGEST` years."""

SPREAD = 0.3
"""A cell has up to this share of projects more or fewer than the mean."""

ACTIVITIES_PER_PROJECT = (1.8, 3.0)
UNIT_EUR = 1_000
MEDIAN_VOLUME_EUR = 700_000
SIGMA = 1.35
LARGEST_DEVIATION = 2.3
"""Volumes are lognormal; what lies beyond this many sigma is folded back."""

UNKNOWN_VOLUME = 0.15
"""Share of projects in application whose volume is not yet stated."""


def draw_cells(
    rng: np.random.Generator, clusters: pd.DataFrame, years: range, projects_per_year: int
) -> pd.DataFrame:
    """Return how many projects and activities each cluster begins in each year.

    Cohorts begin before the first year, so that projects run on into it from the start.
    """
    span = range(years[0] - LONGEST + 1, years[-1] + 1)
    cells = clusters[["cluster_id", "kind"]].merge(
        pd.DataFrame({"year": [*span]}, dtype="int64"), how="cross"
    )
    mean = cells["kind"].map(DRAWN["projects_per_year"]).to_numpy() * projects_per_year
    low = np.maximum(np.rint(mean * (1 - SPREAD)), 1)
    high = np.maximum(np.rint(mean * (1 + SPREAD)), low)
    drawn = rng.integers(low, high + 1)
    drawn = np.maximum(drawn, [_least(cell) for cell in _keys(cells)])
    cells["projects"] = _met(cells, "projects_new", drawn)
    ratio = rng.uniform(*ACTIVITIES_PER_PROJECT, len(cells))
    activities = np.maximum(np.rint(ratio * cells["projects"]), 1).astype(int)
    cells["activities"] = _met(cells, "activities", activities)
    cells.loc[cells["year"] < years[0], "activities"] = 0
    return cells


def _keys(table: pd.DataFrame) -> list[Cell]:
    return [*zip(table["cluster_id"], table["year"], strict=True)]


def _met(cells: pd.DataFrame, name: str, drawn: Integers) -> list[int]:
    return [met(cell, name, int(n)) for cell, n in zip(_keys(cells), drawn, strict=True)]


def _least(cell: Cell) -> int:
    """Return the projects a cohort needs, so that enough of them can run on into a met year."""
    cluster, year = cell
    later = [(cluster, year + ahead) for ahead in range(1, LONGEST)]
    carried = [_carried(key) for key in later if "projects_running" in MET.get(key, {})]
    return math.ceil(max(carried, default=0) / (LONGEST - 1))


def _carried(cell: Cell) -> int:
    """Return how many running projects of a met cell began in earlier years."""
    return MET[cell]["projects_running"] - MET[cell]["projects_new"]


def draw_projects(rng: np.random.Generator, cells: pd.DataFrame) -> pd.DataFrame:
    """Return one row a project, with the first and the last year it runs."""
    rows = cells.index.repeat(cells["projects"])
    table = cells.loc[rows, ["cluster_id", "kind", "year"]].reset_index(drop=True)
    number = table.groupby(["cluster_id", "year"], sort=False).cumcount() + 1
    table["project_id"] = item_ids(table, number, "")
    table["title"] = draw.project_titles(rng, table["cluster_id"])
    table["last"] = _last_years(rng, table)
    table["funder"] = _funders(rng, table)
    named = _put_names(table)
    chance = rng.random(len(table))
    table["in_application"] = _flags(table, "in_application", np.where(named, 1.0, chance))
    chance = rng.random(len(table))
    table["is_rdi"] = _flags(table, "projects_rdi", np.where(named, 0.0, chance))
    return table.join(_amounts(rng, table))


def item_ids(table: pd.DataFrame, number: pd.Series, letter: str) -> list[str]:
    """Return ids such as ``imk-2021-007``; padded, so that they sort as they count."""
    width = max(3, len(str(number.max())))
    cells = zip(table["cluster_id"], table["year"], number, strict=True)
    return [f"{cluster}-{year}-{letter}{count:0{width}d}" for cluster, year, count in cells]


def _met_rows(table: pd.DataFrame, name: str) -> Iterator[tuple[Cell, int, Integers]]:
    """Yield the cells that must meet a figure, the figure, and their rows, if they have any."""
    for cell, figures in MET.items():
        rows = _rows(table, cell)
        if name in figures and len(rows):
            yield cell, figures[name], rows


def _rows(table: pd.DataFrame, cell: Cell) -> Integers:
    inside = (table["cluster_id"] == cell[0]) & (table["year"] == cell[1])
    return np.flatnonzero(inside)


def _named(table: pd.DataFrame) -> list[tuple[int, int, Mapping[str, Any]]]:
    """Return the row, the year and the facts of each named project: the first of its cell."""
    return [
        (row, cell[1], project)
        for cell, named in NAMED.items()
        for row, project in zip(_rows(table, cell), named, strict=False)
    ]


def _flags(table: pd.DataFrame, name: str, scores: draw.Floats) -> Flags:
    """Flag at random; in a met cell exactly as many as it says."""
    flags: Flags = scores < DRAWN["chance"][name]
    for _, figure, rows in _met_rows(table, name):
        flags[rows] = lowest(scores[rows], figure)
    return flags


def _last_years(rng: np.random.Generator, table: pd.DataFrame) -> Integers:
    start = table["year"].to_numpy()
    last: Integers = start + rng.choice(LONGEST, len(table), p=DURATIONS)
    order = rng.permutation(len(table))
    for cell, _, _ in _met_rows(table, "projects_running"):
        cluster, year = cell
        own = (table["cluster_id"] == cluster).to_numpy() & (start < year)
        earlier = order[(own & (start > year - LONGEST))[order]]
        earlier = earlier[np.argsort(last[earlier] < year, kind="stable")]
        runs_on, ended = np.split(earlier, [_carried(cell)])
        last[runs_on] = np.maximum(last[runs_on], year)
        last[ended] = np.minimum(last[ended], year - 1)
    return last


def _funders(rng: np.random.Generator, table: pd.DataFrame) -> pd.Series:
    funder = pd.Series("", index=table.index)
    for kind, weights in DRAWN["funders"].items():
        own = table["kind"] == kind
        funder[own] = rng.choice([*weights], int(own.sum()), p=[*weights.values()])
    return funder


def _put_names(table: pd.DataFrame) -> Flags:
    """Let the named projects take the first places of their cell, and flag them."""
    is_named = np.zeros(len(table), dtype=bool)
    for row, year, project in _named(table):
        is_named[row] = True
        for name in ("project_id", "title", "funder"):
            table.loc[row, name] = project[name]
        table.loc[row, "last"] = year + LONGEST - 1  # begun, and not over in that year
    return is_named


def _amounts(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Return volume and funding, in all and for the region, in whole thousands of euros."""
    size = len(table)
    normal = rng.standard_normal(size)
    beyond = np.abs(normal) > LARGEST_DEVIATION
    folded = np.where(beyond, np.sign(normal) * 2 * LARGEST_DEVIATION - normal, normal)
    weights = np.exp(SIGMA * folded)
    volume = np.maximum(np.rint(weights * MEDIAN_VOLUME_EUR / UNIT_EUR), 1).astype(np.int64)
    funding_rate, region_rate = rng.uniform(0.4, 0.95, size), rng.uniform(0.5, 1.0, size)
    unknown = table["in_application"] & (rng.random(size) < UNKNOWN_VOLUME)
    for cell, total, rows in _met_rows(table, "project_volume"):
        given = [project["volume_eur"] // UNIT_EUR for project in NAMED.get(cell, ())]
        own, others = np.split(rows, [len(given)])
        volume[own] = given
        left, most = total // UNIT_EUR - sum(given), min(given, default=total // UNIT_EUR) - 1
        volume[others] = draw.apportion_below(left, weights[others], most)
        unknown[rows] = False
    funding = np.floor(volume * funding_rate).astype(np.int64)
    for row, _, project in _named(table):
        if "funding_eur" in project:
            funding[row] = project["funding_eur"] // UNIT_EUR
    amounts = {
        "volume_eur": volume,
        "volume_region_eur": np.floor(volume * region_rate).astype(np.int64),
        "funding_eur": funding,
        "funding_region_eur": np.floor(funding * region_rate).astype(np.int64),
    }
    frame = pd.DataFrame(amounts, index=table.index) * UNIT_EUR
    return frame.assign(is_unknown=unknown)


def running_rows(projects: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return one row a project and year it runs, with its status in that year."""
    spans = projects["last"] - projects["year"] + 1
    rows = projects.loc[projects.index.repeat(spans)].rename(columns={"year": "start"})
    rows["item"] = rows.index
    rows["year"] = rows["start"] + rows.groupby(level=0).cumcount()
    rows = rows[rows["year"].isin([*years])].reset_index(drop=True)
    rows["is_new"] = rows["year"] == rows["start"]
    applying = rows["is_new"] & rows["in_application"]
    rows["status"] = np.select(
        [applying, rows["year"] == rows["last"]], ["application", "finished"], "started"
    )
    unknown = applying & rows["is_unknown"]
    for name in ("volume_eur", "volume_region_eur", "funding_eur", "funding_region_eur"):
        rows[name] = rows[name].astype("Int64").mask(unknown)
    return rows


def draw_activities(rng: np.random.Generator, cells: pd.DataFrame) -> pd.DataFrame:
    """Return one row an activity."""
    rows = cells.index.repeat(cells["activities"])
    table = cells.loc[rows, ["cluster_id", "year"]].reset_index(drop=True)
    number = table.groupby(["cluster_id", "year"], sort=False).cumcount() + 1
    table["activity_id"] = item_ids(table, number, "a")
    weights = DRAWN["activities"]
    table["kind"] = rng.choice([*weights], len(table), p=[*weights.values()])
    table["title"] = draw.activity_titles(rng, table["cluster_id"], table["kind"])
    return table


ANY = 0.22
"""Chance of a category of which no other is given."""

OPTIONAL = ("technology",)
"""Schemes that may be left open."""

CROSS_CLUSTER = ("guideline", "cross_cluster")
"""Assigned to just those items that have an actor from elsewhere."""


def draw_assignments(
    rng: np.random.Generator, items: pd.DataFrame, is_cross_cluster: Flags, reference: Reference
) -> pd.DataFrame:
    """Return item (position), scheme and category.

    ``items`` has form, cluster and year of assignment of projects and activities.
    """
    found = []
    for (_, cluster, year), rows in items.groupby([*items], sort=False).indices.items():
        for scheme in SCHEMES:
            codes = _leaves(reference, scheme, int(year), str(cluster))
            if codes:
                at, place = np.nonzero(_draw_flags(rng, scheme, codes, is_cross_cluster[rows]))
                facts = {"item": rows[at], "scheme": scheme, "category": np.array(codes)[place]}
                found.append(pd.DataFrame(facts))
    return pd.concat(found, ignore_index=True)


def _leaves(reference: Reference, scheme: str, year: int, cluster: str) -> list[str]:
    """Return the categories that are not themselves divided."""
    valid = reference.valid(scheme, year, cluster)
    return [*valid.loc[~valid["category"].isin(valid["parent"]), "category"]]


def _draw_flags(
    rng: np.random.Generator, scheme: str, codes: list[str], is_cross_cluster: Flags
) -> Flags:
    given = DRAWN["category"].get(scheme, {})
    chance = np.array([given.get(code, ANY) for code in codes])
    chance = chance * rng.uniform(0.7, 1.3, len(codes))
    margin = rng.random((len(is_cross_cluster), len(codes))) - chance
    flags: Flags = margin < 0
    if scheme not in OPTIONAL:
        flags[np.arange(len(flags)), margin.argmin(axis=1)] = True
    if scheme == CROSS_CLUSTER[0] and CROSS_CLUSTER[1] in codes:
        flags[:, codes.index(CROSS_CLUSTER[1])] = is_cross_cluster
    return flags


# --- who takes part ------------------------------------------------------------------------------

KINDS = tuple((row[0], row[1]) for row in draw.TAB_2)
MIX = np.array([activities + projects for _, _, activities, projects in draw.TAB_2], dtype=float)
"""Weights of the kinds where no cell is met: those of Tab. 2."""

OUTSIDE_SHARE = 0.15
FOREIGN_SHARE = 0.35
"""Share of a cell's actors at home in another cluster, sub-theme or sector."""

POOL_PER_NEED = 2.0
BERLIN = "11000"


def strata_of(homes: pd.DataFrame) -> pd.DataFrame:
    """Return all strata; the position of a row is the stratum's number."""
    kinds = pd.DataFrame([*KINDS], columns=["actor_type", "size_class"])
    outside = pd.DataFrame({"is_outside": [False, True]})
    table = homes[["cluster_id", "region"]].rename(columns={"cluster_id": "home_cluster"})
    return table.merge(kinds, how="cross").merge(outside, how="cross")


def draw_need(
    rng: np.random.Generator, cell: Cell, form: str, size: int, homes: pd.DataFrame
) -> Integers:
    """Return how many actors of each stratum take part in the projects or activities of a cell.

    ``size`` is the number of these; ``homes`` are what an actor may be at home in.
    """
    printed = draw.ROSTERS.get((cell, form))
    if printed is None:
        drawn = max(round(DRAWN["actors_per_item"][form] * size), 2)
        count = met(cell, f"actors_{form}", drawn)
        own = rng.choice(len(KINDS), count, p=MIX / MIX.sum())
    else:
        own = np.repeat(np.arange(len(KINDS)), printed)
    guests = rng.choice(len(KINDS), round(OUTSIDE_SHARE * len(own)), p=MIX / MIX.sum())
    kind = np.concatenate([own, guests])
    is_outside = np.repeat([0, 1], [len(own), len(guests)])
    foreign = int(np.clip(round(FOREIGN_SHARE * len(kind)), 1, len(kind) - 1))
    is_own = (homes["cluster_id"] == cell[0]).to_numpy()
    weights = np.where(is_own, 0.0, homes["kind"].map(DRAWN["home"]).to_numpy(dtype=float))
    home = np.full(len(kind), is_own.argmax())
    elsewhere = rng.choice(len(homes), foreign, p=weights / weights.sum())
    home[rng.permutation(len(kind))[:foreign]] = elsewhere
    strata = (home * len(KINDS) + kind) * 2 + is_outside
    return np.bincount(strata, minlength=len(homes) * len(KINDS) * 2)


def draw_pool(
    rng: np.random.Generator, strata: pd.DataFrame, needs: list[Integers], districts: pd.DataFrame
) -> pd.DataFrame:
    """Return the actors, ordered by stratum, more of each than any cell needs."""
    largest = np.max(needs, axis=0)
    sizes = np.ceil(largest * POOL_PER_NEED).astype(np.int64)
    stratum = np.repeat(np.arange(len(strata)), sizes)
    pool = strata.iloc[stratum].reset_index(drop=True)
    width = max(4, len(str(len(pool))))
    pool["actor_id"] = [f"a{number:0{width}d}" for number in range(1, len(pool) + 1)]
    pool["name"] = draw.actor_names(rng, pool["home_cluster"], pool["actor_type"])
    in_berlin = rng.random(len(pool)) < pool["region"].map(DRAWN["berlin"])
    rural = districts.loc[districts["ags"] != BERLIN, "ags"].sort_values()
    weights = rural.map(DRAWN["towns"]).fillna(1.0).to_numpy(dtype=float)
    seat = rng.choice(rural.to_numpy(dtype=object), len(pool), p=weights / weights.sum())
    outside = pool["is_outside"]
    pool["state"] = np.select([outside, in_berlin], ["other", "be"], "bb")
    pool["ags"] = np.where(outside, "", np.where(in_berlin, BERLIN, seat))
    return pool.assign(stratum=stratum, weight=rng.lognormal(size=len(pool)))


def draw_roster(rng: np.random.Generator, pool: pd.DataFrame, need: Integers) -> Integers:
    """Return the positions of the actors that fill a need; those of great weight more often."""
    stratum = pool["stratum"].to_numpy()
    keys = rng.exponential(size=len(pool)) / pool["weight"].to_numpy()
    order = np.lexsort((keys, stratum))
    first = np.searchsorted(stratum, stratum)  # the pool is ordered by stratum
    rank = np.empty(len(pool), dtype=np.int64)
    rank[order] = np.arange(len(pool))
    return np.flatnonzero(rank - first < need[stratum])


CROSS_CLUSTER_SHARE = (0.35, 0.75)


@dataclass(frozen=True)
class Links:
    """Position of item and actor of each participation, and which items cross a border."""

    items: Integers
    actors: Integers
    is_cross_cluster: Flags


def draw_participations(
    rng: np.random.Generator, items: pd.DataFrame, homes: pd.DataFrame, districts: pd.DataFrame
) -> tuple[pd.DataFrame, Links]:
    """Return the pool of actors, and their links to projects and activities.

    ``items`` has form, cluster and year of both, those of a cell one after the other.
    """
    meetings = [
        (str(form), (str(cluster), int(year)), rows)
        for (form, cluster, year), rows in items.groupby([*items], sort=False).indices.items()
    ]
    needs = [draw_need(rng, cell, form, len(rows), homes) for form, cell, rows in meetings]
    pool = draw_pool(rng, strata_of(homes), needs, districts)
    found = [
        _link(rng, *meeting, draw_roster(rng, pool, need), pool)
        for meeting, need in zip(meetings, needs, strict=True)
    ]
    return pool, Links(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _link(
    rng: np.random.Generator,
    form: str,
    cell: Cell,
    rows: Integers,
    roster: Integers,
    pool: pd.DataFrame,
) -> tuple[Integers, Integers, Flags]:
    """Deal the cluster's own actors to all items, those from elsewhere to the crossing ones."""
    drawn = max(round(rng.uniform(*CROSS_CLUSTER_SHARE) * len(rows)), 1)
    flags = lowest(rng.random(len(rows)), met(cell, f"{form}_cross_cluster", drawn))
    foreign = (pool["home_cluster"].to_numpy() != cell[0])[roster]
    parts = []
    for items, actors in ((rows, roster[~foreign]), (rows[flags], roster[foreign])):
        extra = round(DRAWN["extra_per_item"][form] * len(items) / 2)
        weights = pool["weight"].to_numpy()[actors]
        parts.append(draw.deal(rng, items, actors, weights, extra))
    items, actors = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    return items, actors, flags


def consortium_types(projects: int, pool: pd.DataFrame, links: Links) -> draw.Texts:
    """Return the structure of each project's consortium, as its partners make it."""
    is_project = links.items < projects
    types = pool["actor_type"].to_numpy()[links.actors]

    def count(chosen: Flags) -> Integers:
        return np.bincount(links.items[chosen & is_project], minlength=projects)

    partners = count(is_project)
    companies, science = count(types == "company"), count(types == "university_research")
    structure: draw.Texts = np.select(
        [partners == 1, (companies > 0) & (science > 0), companies > 1],
        ["single", "companies_science", "companies"],
        "other_joint",
    )
    return structure
