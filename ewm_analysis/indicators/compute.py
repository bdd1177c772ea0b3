"""All figures of a data set in one long table: computed from records, printed, economic."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator
from ewm_analysis.contracts import IndicatorValues, check
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators.declared import all_values
from ewm_analysis.indicators.long import CELL, as_values, where
from ewm_analysis.indicators.things import things_of
from ewm_analysis.loaders import Dataset

SURVEY, APPROXIMATION = "survey", "approximation"
"""Delimitations: branches of the innovation survey, and a cluster as the sum of some of them."""


def compute_indicators(dataset: Dataset) -> pd.DataFrame:
    """Return every figure of a data set: computed from records, economic, published.

    Where a cluster has records for a year, its project, activity and actor figures are
    computed from them and the printed ones are left to the comparison on the data-quality
    page; elsewhere the printed figures stand.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`.

    Raises
    ------
    ParameterError
        If something else than a data set is given: its path, for instance.
    """
    if not isinstance(dataset, Dataset):
        raise ParameterError("dataset", dataset, reason="is no data set: open_dataset opens one")
    least = dataset.least_funding_rate
    computed = from_records(dataset.records, dataset.reference, least)
    # What the records cannot give would be counted 0, as if it had been asked for.
    computed = computed[~computed["indicator"].isin(dataset.not_collected)]
    computed["is_provisional"] |= computed["year"].isin(dataset.incomplete_years)
    printed = published_values(dataset.published)
    covered = pd.MultiIndex.from_frame(computed[CELL].drop_duplicates())
    is_covered = pd.MultiIndex.from_frame(printed[CELL]).isin(covered)
    groups = printed["indicator"].map(lambda name: indicator(name).group)
    printed = printed[~is_covered | (groups == "economy")]
    economic = economy_values(dataset.economy)
    approximated = approximations(economic, dataset.reference)
    values = [computed, economic, approximated, printed]
    return check(pd.concat(values, ignore_index=True), IndicatorValues, file="indicators")


def from_records(
    records: Mapping[str, pd.DataFrame],
    reference: Reference,
    least_funding_rate: float | None = None,
) -> pd.DataFrame:
    """Return all indicators that records give, for each cluster and year they cover.

    Parameters are those of `things_of`.
    """
    if records["projects"].empty and records["activities"].empty:
        return as_values(pd.DataFrame(columns=[*CELL, "region", "indicator", "value"]))
    return all_values(things_of(records, reference, least_funding_rate))


def published_values(published: pd.DataFrame) -> pd.DataFrame:
    """Return the figures printed in reports as indicator values.

    Where a quantity is printed in several places the first mention is used; the others stay
    in the published table, where the data-quality notebook compares them.

    Parameters
    ----------
    published : DataFrame
        Contract `Published`.
    """
    first = published[published["mention"] == 1]
    return as_values(first.drop(columns=["mention", "unit"]))


def approximations(economic: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return clusters as sums of the branches that stand for them, marked by their delimitation.

    Branch groups of the innovation survey do not overlap. A figure is there for each region and
    year for which all branches of the cluster are known; that of the nation has the same branches.

    Parameters
    ----------
    economic : DataFrame
        As `economy_values` returns it.
    reference : Reference
        Its ``cluster_branches`` say which branches stand for which cluster.
    """
    surveyed = where(economic, delimitation=SURVEY, dimension="sector")
    listed, parts = reference.cluster_branches, []
    for cluster, branches in () if listed.empty else listed.groupby("cluster_id")["sector"]:
        own = surveyed[surveyed["category"].isin(branches) & surveyed["value"].notna()]
        by = own.groupby(["year", "region", "indicator"], sort=False)
        sums = by.agg(value=("value", "sum"), known=("category", "nunique"),
                      source_id=("source_id", "first")).reset_index()  # fmt: skip
        note = f"WZ {', '.join(branches)}"
        parts.append(sums[sums["known"] == len(branches)].assign(cluster_id=cluster, note=note))
    names = ["year", "region", "indicator", "value", "source_id", "cluster_id", "note"]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=names)
    return as_values(table.assign(delimitation=APPROXIMATION))


def economy_values(economy: pd.DataFrame) -> pd.DataFrame:
    """Return figures of clusters, regions and sectors as indicator values.

    Sector blocks become the dimension ``sector``. Figures of different delimitation stay
    apart: they are different quantities.

    Parameters
    ----------
    economy : DataFrame
        Contract `Economy`.
    """
    first = economy[economy["mention"] == 1]
    has_sector = first["sector"] != ""
    rows = first.assign(
        dimension=has_sector.map({True: "sector", False: ""}), category=first["sector"]
    )
    return as_values(rows.drop(columns=["mention", "unit", "sector"]))
