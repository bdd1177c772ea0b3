"""The reference tables of a data set: clusters, categories, districts, sources …"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import FALLBACK, Locale

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Reference:
    """Reference tables, each in its contract, and the path of the districts' geometry."""

    sources: pd.DataFrame
    categories: pd.DataFrame
    clusters: pd.DataFrame
    districts: pd.DataFrame
    municipalities: pd.DataFrame
    organisation_groups: pd.DataFrame
    requirements: pd.DataFrame
    cluster_branches: pd.DataFrame
    geometry: Path

    def __repr__(self) -> str:
        return f"Reference of {len(self.clusters)} clusters, {len(self.categories)} categories"

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
        asked = dimension, year, cluster_id
        if asked not in self._valid:
            self._valid[asked] = self._valid_rows(*asked)
        return self._valid[asked].copy(deep=False)  # a reader may change it, the next one asks anew

    @cached_property
    def _valid(self) -> dict[tuple[str, int | None, str], pd.DataFrame]:
        return {}

    def _valid_rows(self, dimension: str, year: int | None, cluster_id: str) -> pd.DataFrame:
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
        known = "district" if dimension == "region" and category.isdigit() else dimension
        if locale not in self._labels:
            self._labels[locale] = self._labels_in(locale)
        labels = self._labels[locale].get(known, {})
        if category not in labels:
            raise ParameterError(dimension, category, labels)
        return labels[category]

    @cached_property
    def _labels(self) -> dict[Locale, dict[str, dict[str, str]]]:
        """Labels by language, dimension and category, for the languages asked for so far."""
        return {}

    def _labels_in(self, locale: Locale) -> dict[str, dict[str, str]]:
        def by(table: pd.DataFrame, key: str, names: pd.Series[str]) -> dict[str, str]:
            return dict(zip(table[key], names, strict=True))

        long, short = (named(self.clusters, column, locale) for column in ("label", "short"))
        labels = {
            "cluster": by(self.clusters, "cluster_id", long),
            "home_cluster": by(self.clusters, "cluster_id", long),
            "short": by(self.clusters, "cluster_id", short),
            "district": by(self.districts, "ags", self.districts["name"]),
        }
        own = self.categories.assign(label=named(self.categories, "label", locale))
        for dimension, listed in own.groupby("dimension"):
            once = listed.drop_duplicates("category")
            labels[str(dimension)] = by(once, "category", once["label"])
        return labels


def named(table: pd.DataFrame, column: str, locale: Locale) -> pd.Series[str]:
    """Return ``label`` or ``short`` of the rows of a table; English where a language has none."""
    english = table[f"{column}_{FALLBACK}"]
    own = table.get(f"{column}_{locale}", english)
    return own.where(own != "", english)
