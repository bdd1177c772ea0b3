"""Who takes part in what, across which cluster borders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ewm_analysis.example.actors import draw_need, draw_pool, draw_roster, strata_of
from ewm_analysis.example.draw import Flags, Integers, Texts, deal, lowest
from ewm_analysis.example.targets import Cell, met

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
