"""Invented actors: how many a cell needs of which stratum, who they are, what they take part in.

A stratum is a home cluster, a kind (type and size class of Tab. 2) and inside or outside of the
region. A cell is first told how many actors of each stratum take part; the pool is then made
large enough for the largest need, so that actors return over the years and in several clusters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ewm_analysis.example.draw import Flags, Integers, Texts, deal, lowest
from ewm_analysis.example.targets import ROSTERS, TAB_2, Cell, actor_names, met

KINDS = tuple((row[0], row[1]) for row in TAB_2)
MIX = np.array([activities + projects for _, _, activities, projects in TAB_2], dtype=float)
"""Weights of the kinds where no cell is met: those of Tab. 2."""

ACTORS_PER_ITEM = {"projects": 2.0, "activities": 1.3}
"""Distinct actors of the region by project and by activity; 69 / 34 and 124 / 95 in Tab. 2."""

OUTSIDE_SHARE = 0.15
FOREIGN_SHARE = 0.35
"""Share of a cell's actors at home in another cluster, sub-theme or sector."""

HOME_WEIGHTS = {"joint": 3.0, "sector": 2.0, "sub_theme": 1.5, "brandenburg": 1.0}
"""How often a cluster, sub-theme or sector is the home of actors from elsewhere."""

POOL_PER_NEED = 2.0
BERLIN_SHARE = {"be": 0.9, "bebb": 0.62, "bb": 0.12}
"""Share of Berlin among the region's actors, by region of the home cluster."""

BERLIN = "11000"
UNIVERSITY_TOWNS = {"12052": 8.0, "12054": 10.0, "12061": 8.0, "12053": 2.0, "12069": 2.0}
"""How much denser than in other districts actors sit."""


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

    Parameters
    ----------
    rng : Generator
        Source of chance.
    cell : tuple of str and int
        Cluster and year.
    form : {"projects", "activities"}
        What they take part in.
    size : int
        Projects or activities of the cell.
    homes : DataFrame
        Clusters, sub-themes and sectors an actor may be at home in.
    """
    printed = ROSTERS.get((cell, form))
    if printed is None:
        drawn = max(round(ACTORS_PER_ITEM[form] * size), 2)
        count = met(cell, f"actors_{form}", drawn)
        own = rng.choice(len(KINDS), count, p=MIX / MIX.sum())
    else:
        own = np.repeat(np.arange(len(KINDS)), printed)
    guests = rng.choice(len(KINDS), round(OUTSIDE_SHARE * len(own)), p=MIX / MIX.sum())
    kind = np.concatenate([own, guests])
    is_outside = np.repeat([0, 1], [len(own), len(guests)])
    foreign = int(np.clip(round(FOREIGN_SHARE * len(kind)), 1, len(kind) - 1))
    is_own = (homes["cluster_id"] == cell[0]).to_numpy()
    weights = np.where(is_own, 0.0, homes["kind"].map(HOME_WEIGHTS).to_numpy(dtype=float))
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
    pool["name"] = actor_names(rng, pool["home_cluster"], pool["actor_type"])
    in_berlin = rng.random(len(pool)) < pool["region"].map(BERLIN_SHARE)
    rural = districts.loc[districts["ags"] != BERLIN, "ags"].sort_values()
    weights = rural.map(UNIVERSITY_TOWNS).fillna(1.0).to_numpy(dtype=float)
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
EXTRA_PER_ITEM = {"projects": 1.8, "activities": 1.2}
"""Participations beyond those that give every item and every actor one."""


@dataclass(frozen=True)
class Meeting:
    """The new projects, or the activities, of one cell."""

    cell: Cell
    form: str
    items: Integers


@dataclass(frozen=True)
class Links:
    """Position of item and actor of each participation, and which items cross a border."""

    items: Integers
    actors: Integers
    is_cross_cluster: Flags


def draw_participations(
    rng: np.random.Generator,
    projects: pd.DataFrame,
    activities: pd.DataFrame,
    homes: pd.DataFrame,
    districts: pd.DataFrame,
) -> tuple[pd.DataFrame, Links, Links]:
    """Return the pool of actors, and their links to projects and to activities."""
    meetings = [*_meetings(projects, "projects"), *_meetings(activities, "activities")]
    needs = [
        draw_need(rng, meeting.cell, meeting.form, len(meeting.items), homes)
        for meeting in meetings
    ]
    pool = draw_pool(rng, strata_of(homes), needs, districts)
    found: dict[str, list[Links]] = {"projects": [], "activities": []}
    for meeting, need in zip(meetings, needs, strict=True):
        found[meeting.form].append(_link(rng, meeting, draw_roster(rng, pool, need), pool))
    return pool, _joined(found["projects"]), _joined(found["activities"])


def _meetings(table: pd.DataFrame, form: str) -> Iterator[Meeting]:
    groups = table.groupby(["cluster_id", "year"], sort=False).indices
    for (cluster, year), items in groups.items():
        yield Meeting((str(cluster), int(year)), form, items)


def _link(
    rng: np.random.Generator, meeting: Meeting, roster: Integers, pool: pd.DataFrame
) -> Links:
    """Deal the cluster's own actors to all items, those from elsewhere to the crossing ones."""
    size = len(meeting.items)
    drawn = max(round(rng.uniform(*CROSS_CLUSTER_SHARE) * size), 1)
    crossing = met(meeting.cell, f"{meeting.form}_cross_cluster", drawn)
    flags = lowest(rng.random(size), crossing)
    foreign = (pool["home_cluster"].to_numpy() != meeting.cell[0])[roster]
    parts = []
    for items, actors in (
        (meeting.items, roster[~foreign]),
        (meeting.items[flags], roster[foreign]),
    ):
        extra = round(EXTRA_PER_ITEM[meeting.form] * len(items) / 2)
        weights = pool["weight"].to_numpy()[actors]
        parts.append(deal(rng, items, actors, weights, extra))
    items, actors = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    return Links(items, actors, flags)


def _joined(parts: list[Links]) -> Links:
    """Return the links of all cells; tables of items are ordered by cell, and so are the flags."""
    return Links(
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.actors for part in parts]),
        np.concatenate([part.is_cross_cluster for part in parts]),
    )


def consortium_types(projects: pd.DataFrame, pool: pd.DataFrame, links: Links) -> Texts:
    """Return the structure of each project's consortium, as its partners make it."""
    types = pool["actor_type"].to_numpy()[links.actors]

    def count(chosen: Flags) -> Integers:
        return np.bincount(links.items[chosen], minlength=len(projects))

    partners = count(np.ones(len(types), dtype=bool))
    companies, science = count(types == "company"), count(types == "university_research")
    structure: Texts = np.select(
        [partners == 1, (companies > 0) & (science > 0), companies > 1],
        ["single", "companies_science", "companies"],
        "other_joint",
    )
    return structure
