"""Invented actors: how many a cell needs of which stratum, who they are, what they take part in.

A stratum is a home cluster, a kind (type and size class of Tab. 2) and inside or outside of the
region. A cell is first told how many actors of each stratum take part; the pool is then made
large enough for the largest need, so that actors return over the years and in several clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ewm_analysis.example.draw import (
    DRAWN,
    ROSTERS,
    TAB_2,
    Cell,
    Flags,
    Integers,
    Texts,
    actor_names,
    deal,
    lowest,
    met,
)

KINDS = tuple((row[0], row[1]) for row in TAB_2)
MIX = np.array([activities + projects for _, _, activities, projects in TAB_2], dtype=float)
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
    printed = ROSTERS.get((cell, form))
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
    pool["name"] = actor_names(rng, pool["home_cluster"], pool["actor_type"])
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
        parts.append(deal(rng, items, actors, weights, extra))
    items, actors = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    return items, actors, flags


def consortium_types(projects: int, pool: pd.DataFrame, links: Links) -> Texts:
    """Return the structure of each project's consortium, as its partners make it."""
    is_project = links.items < projects
    types = pool["actor_type"].to_numpy()[links.actors]

    def count(chosen: Flags) -> Integers:
        return np.bincount(links.items[chosen & is_project], minlength=projects)

    partners = count(is_project)
    companies, science = count(types == "company"), count(types == "university_research")
    structure: Texts = np.select(
        [partners == 1, (companies > 0) & (science > 0), companies > 1],
        ["single", "companies_science", "companies"],
        "other_joint",
    )
    return structure
