"""Which years a page on growth spans: those for which figures of a cluster can be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from ewm_analysis.indicators import economy_values, published_values
from ewm_analysis.loaders import Dataset
from ewm_analysis.statistics import growth_span
from ewm_analysis.statistics.region import NATION, sector_levels

TAKES = {"cluster_id", "first_year", "last_year"}
"""A notebook that takes these looks at one cluster from a first to a last year."""


def span_pages(
    data_set: Dataset, years: Collection[int], clusters: Collection[str]
) -> Iterator[dict[str, object]]:
    """Yield cluster, first and last year of each page on growth.

    A cluster has a page if one of its key figures is known for two years in one delimitation.
    The page begins with the first of these years, or earlier where employment by sector is
    known before; it ends with the last.

    Parameters
    ----------
    data_set : Dataset
        All its data.
    years, clusters : collection
        Keeps pages that end in one of these years, and these clusters; all if empty.
    """
    national = _sector_years(data_set)
    for cluster, (first, last) in _spans(data_set).items():
        if (clusters and cluster not in clusters) or (years and last not in years):
            continue
        before = [year for year in national if year <= last]
        yield {"cluster_id": cluster, "first_year": min(first, *before, last), "last_year": last}


def _spans(data_set: Dataset) -> dict[str, tuple[int, int]]:
    values = pd.concat([published_values(data_set.published), economy_values(data_set.economy)])
    printed = {
        str(cluster): growth_span(rows) for cluster, rows in values.groupby("cluster_id") if cluster
    }
    found = {cluster: span for cluster, span in printed.items() if span is not None}
    records = [
        data_set.records[name][["year", "cluster_id"]] for name in ("projects", "activities")
    ]
    rows = pd.concat(records)
    rows = rows[~rows["year"].isin(data_set.incomplete_years)]
    for cluster, years in rows.groupby("cluster_id")["year"]:
        own = (int(years.min()), int(years.max()))
        if own[0] < own[1]:
            ends = (*own, *found.get(str(cluster), ()))
            found[str(cluster)] = (min(ends), max(ends))
    return dict(sorted(found.items()))


def _sector_years(data_set: Dataset) -> list[int]:
    return [int(year) for year in sector_levels(economy_values(data_set.economy), NATION).index]
