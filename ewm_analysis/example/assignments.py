"""Which categories an invented project or activity is assigned to; several are allowed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts.records import SCHEMES
from ewm_analysis.example.draw import Flags

ANY = 0.22
"""Chance of a category that is not named below; varied by cluster and year."""

LIKELY = {
    ("guideline", "innovation_technical"): 0.75,
    ("guideline", "innovation_non_technical"): 0.25,
    ("focus_topic", "digitalisation"): 0.7,
    ("technology", "ai"): 0.3,
}
OPTIONAL = ("technology",)
"""Schemes that may be left open."""

CROSS_CLUSTER = ("guideline", "cross_cluster")
"""Assigned to just those items that have an actor from elsewhere."""


def draw_assignments(
    rng: np.random.Generator, items: pd.DataFrame, is_cross_cluster: Flags, reference: Reference
) -> pd.DataFrame:
    """Return item (position), scheme and category.

    Parameters
    ----------
    rng : Generator
        Source of chance.
    items : DataFrame
        Projects or activities with ``cluster_id`` and ``year``, the year of assignment.
    is_cross_cluster : array of bool
        Whether an actor from elsewhere takes part, by item.
    reference : Reference
        Categories valid in each year.
    """
    found = []
    for (cluster, year), rows in items.groupby(["cluster_id", "year"], sort=False).indices.items():
        for scheme in SCHEMES:
            codes = _leaves(reference, scheme, int(year), str(cluster))
            if codes:
                table = _draw(rng, scheme, codes, is_cross_cluster[rows])
                at, place = np.nonzero(table)
                found.append(
                    pd.DataFrame(
                        {"item": rows[at], "scheme": scheme, "category": np.array(codes)[place]}
                    )
                )
    return pd.concat(found, ignore_index=True)


def _leaves(reference: Reference, scheme: str, year: int, cluster: str) -> list[str]:
    """Return the categories that are not themselves divided."""
    valid = reference.valid(scheme, year, cluster)
    return [*valid.loc[~valid["category"].isin(valid["parent"]), "category"]]


def _draw(
    rng: np.random.Generator, scheme: str, codes: list[str], is_cross_cluster: Flags
) -> Flags:
    chance = np.array([LIKELY.get((scheme, code), ANY) for code in codes])
    chance = chance * rng.uniform(0.7, 1.3, len(codes))
    margin = rng.random((len(is_cross_cluster), len(codes))) - chance
    flags: Flags = margin < 0
    if scheme not in OPTIONAL:
        flags[np.arange(len(flags)), margin.argmin(axis=1)] = True
    if scheme == CROSS_CLUSTER[0] and CROSS_CLUSTER[1] in codes:
        flags[:, codes.index(CROSS_CLUSTER[1])] = is_cross_cluster
    return flags
