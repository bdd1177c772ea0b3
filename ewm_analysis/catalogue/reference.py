"""The reference tables of a data set: clusters, categories, districts, sources …"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import FALLBACK, Locale

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reference:
    """Reference tables, each in its contract, and the path of the districts' geometry."""

    sources: pd.DataFrame
    categories: pd.DataFrame
    clusters: pd.DataFrame
    districts: pd.DataFrame
    municipalities: pd.DataFrame
    organisation_groups: pd.DataFrame
    requirements: pd.DataFrame
    geometry: Path

    def valid(self, dimension: str, year: int | None = None, cluster_id: str = "") -> pd.DataFrame:
        """Return the categories of a dimension that hold in a year and for a cluster.

        Parameters
        ----------
        dimension : str
            ``guideline``, ``actor_type``, ``funder`` …
        year : int, optional
            Reporting year; without it all editions are returned.
        cluster_id : str, optional
            Keeps the cluster's own categories beside those of all clusters.
        """
        table = self.categories
        chosen = (table["dimension"] == dimension) & table["cluster_id"].isin(["", cluster_id])
        if year is not None:
            chosen &= (table["valid_from"].fillna(year) <= year) & (
                table["valid_to"].fillna(year) >= year
            )
        return table[chosen].sort_values("position", kind="stable")

    def label(self, dimension: str, category: str, locale: Locale) -> str:
        """Return the label of a category, a cluster or a district; a region may be a district.

        Raises
        ------
        ParameterError
            If the dimension has no such category.
        """
        if dimension in ("cluster", "home_cluster"):
            table, key = self.clusters, "cluster_id"
        elif dimension == "district" or (dimension == "region" and category.isdigit()):
            table, key = self.districts, "ags"
        else:
            table = self.categories[self.categories["dimension"] == dimension]
            key = "category"
        found = table[table[key] == category]
        if found.empty:
            raise ParameterError(dimension, category, table[key])
        names = found["name"] if key == "ags" else named(found, "label", locale)
        return str(names.iloc[0])


def named(table: pd.DataFrame, column: str, locale: Locale) -> pd.Series[str]:
    """Return ``label`` or ``short`` of the rows of a table; English where a language has none."""
    english = table[f"{column}_{FALLBACK}"]
    own = table.get(f"{column}_{locale}", english)
    return own.where(own != "", english)
