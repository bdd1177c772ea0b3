"""What the explorer offers, what is chosen of it, and the figures that are meant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.disclosure import suppress
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.l10n import Locale
from ewm_analysis.loaders import Dataset, open_dataset

UNDIVIDED = ""
NETWORK = "projects_shared"
"""Made for the view of the network alone: it has no row in the long table."""


@dataclass(frozen=True)
class Opened:
    """A data set as far as it may be shown, and the words of one language over it."""

    dataset: Dataset
    values: pd.DataFrame
    withheld: pd.DataFrame
    words: Words

    @classmethod
    def read(cls, path: Path, locale: Locale) -> Opened:
        """Read a data set and compute its figures; confidential ones are left out."""
        whole = open_dataset(path)
        open_to_all = suppress(compute_indicators(whole), whole)
        words = Words(whole.reference, locale)
        return cls(open_to_all.dataset, open_to_all.values, open_to_all.withheld, words)

    @property
    def known(self) -> pd.DataFrame:
        """Return the figures that have a value."""
        return self.values[self.values["value"].notna()]

    def indicators(self) -> dict[str, str]:
        """Return the catalogue, label to name: what the data set knows first, then the rest."""
        present = {*self.known["indicator"]}
        labels = {name: self.words.indicator(name) for name in indicators() if name != NETWORK}
        first = {label: name for name, label in labels.items() if name in present}
        rest = {
            self.words.text("explore.without_figures", name=label): name
            for name, label in labels.items()
            if name not in present
        }
        return first | rest

    def clusters(self) -> dict[str, str]:
        """Return the clusters that have figures, label to code; ``""`` is no cluster."""
        present = {*self.known["cluster_id"]}
        order = self.words.reference.clusters.sort_values("position")["cluster_id"]
        found = {self.words.label("cluster", code): code for code in order if code in present}
        return found | ({self.words.text("explore.no_cluster"): ""} if "" in present else {})

    def breakdowns(self, name: str) -> dict[str, str]:
        """Return by what the figures of an indicator are divided, label to dimension."""
        present = {*self.known.loc[self.known["indicator"] == name, "dimension"]}
        dimensions = [each for each in indicator(name).dimensions if each in present]
        divided = {self.words.text(f"tables.dimension.{each}"): each for each in dimensions}
        has_whole = UNDIVIDED in present or not divided
        return ({self.words.text("explore.undivided"): UNDIVIDED} if has_whole else {}) | divided

    def years(self) -> tuple[int, int]:
        """Return first and last year of all figures."""
        years = self.known["year"]
        return (int(years.min()), int(years.max())) if len(years) else (2000, 2000)


@dataclass(frozen=True)
class Choice:
    """What the controls of the explorer say."""

    view: str
    indicator: str
    clusters: tuple[str, ...]
    first_year: int
    last_year: int
    breakdown: str

    def rows(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the figures that are meant."""
        rows = self.anywhere(values)
        in_time = rows["year"].between(self.first_year, self.last_year)
        return rows[in_time & rows["cluster_id"].isin(self.clusters)]

    def anywhere(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the figures of indicator and breakdown, of all clusters and years."""
        named = values["indicator"] == self.indicator
        return values[named & (values["dimension"] == self.breakdown)]

    def span(self) -> str:
        """Return the years as a heading writes them: "2018–2021"."""
        one = self.first_year == self.last_year
        return str(self.last_year) if one else f"{self.first_year}–{self.last_year}"
