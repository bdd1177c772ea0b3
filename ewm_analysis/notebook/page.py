"""The page a notebook writes: its data and words, and what it has shown so far."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.catalogue import indicator as catalogue_entry
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators.long import choose
from ewm_analysis.loaders import Dataset
from ewm_analysis.parameters import RunParameters


@dataclass
class Page:
    """What the cells of a notebook share.

    `values` is the long table of the whole data set as far as it may be shown, `withheld` holds
    the rows of the other figures, without value. Of confidential records `dataset` has none:
    what a page shows comes through `values`. `words` speaks the page's language,
    `numbers` counts figures and tables as they are shown, and `sources` and `indicators`
    remember what they rest on; `parts` keeps what was computed for several figures, and `kind`
    says what the page is: ``annual_report``, ``data_quality``, ``comparison`` …
    """

    dataset: Dataset
    parameters: RunParameters
    values: pd.DataFrame
    words: Words
    withheld: pd.DataFrame = field(default_factory=pd.DataFrame)
    numbers: dict[str, int] = field(default_factory=lambda: {"figure": 0, "table": 0})
    sources: dict[str, None] = field(default_factory=dict)
    indicators: dict[str, None] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    kind: str = ""

    @property
    def key(self) -> str:
        """Return what begins the ids within its pictures: two pages may stand in one document."""
        asked = {**self.parameters.model_dump(), "data_dir": self.dataset.name, "kind": self.kind}
        return f"f{sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:6]}"

    @property
    def voice(self) -> str:
        """Return whose words the page uses: a data set with a notice is not the monitoring."""
        return "outside" if self.dataset.notices else "notebook"

    def rows(
        self,
        *names: str,
        dimension: str | tuple[str, ...] = "",
        years: int | None = None,
        withheld: bool = False,
    ) -> pd.DataFrame:
        """Return the figures of this page's cluster up to its year.

        A page without a cluster has none of several clusters: they would be read as one.

        Parameters
        ----------
        *names : str
            Indicators of the catalogue.
        dimension : str or tuple of str
            Breakdowns; ``""`` is the undivided figure.
        years : int, optional
            How many years, the page's included; all by default.
        withheld : bool
            Add rows without value for confidential figures: tables mark them.
        """
        chosen = self.rows_of_all(*names, dimension=dimension, years=years, withheld=withheld)
        return self.of_one(chosen)

    def rows_of_all(
        self,
        *names: str,
        dimension: str | tuple[str, ...] = "",
        years: int | None = None,
        withheld: bool = False,
    ) -> pd.DataFrame:
        """Return figures as `rows` does; of all clusters, where the page names none."""
        for name in names:
            catalogue_entry(name)
        last_year, is_marked = self.parameters.year, withheld and len(self.withheld)
        return choose(
            pd.concat([self.values, self.withheld]) if is_marked else self.values,
            names,
            cluster_id=self.parameters.cluster_id,
            dimension=dimension,
            first_year=last_year - years + 1 if last_year and years else None,
            last_year=last_year,
        )

    def of_one(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows, if they are of one cluster.

        Raises
        ------
        ParameterError
            If the page names no cluster, and they are of several.
        """
        clusters = sorted({*rows["cluster_id"]} - {""})
        if self.parameters.cluster_id is None and len(clusters) > 1:
            reason = "is needed by what is shown of one cluster: hand a cluster_id to start"
            raise ParameterError("cluster_id", None, clusters, reason)
        return rows

    @property
    def is_confidential(self) -> bool:
        """Tell whether the page leaves out what must not be shown."""
        return self.dataset.disclosure != "none" and not self.parameters.internal

    def left_out(self, rows: pd.DataFrame) -> str:
        """Say how many figures of the years and breakdowns in some rows are withheld, if any."""
        key = ["cluster_id", "year", "indicator", "dimension"]
        if self.withheld.empty or not {*key} <= {*rows}:
            return ""
        shown = pd.MultiIndex.from_frame(rows[key])
        count = int(pd.MultiIndex.from_frame(self.withheld[key]).isin(shown).sum())
        form = "one" if count == 1 else "other"
        said = self.words.text(f"disclosure.sentence.{form}", count=self.words.count(count))
        return said if count else ""

    def used_sources(self) -> pd.DataFrame:
        """Return the sources that figures and tables shown so far rest on."""
        table = self.dataset.reference.sources
        used = table[table["source_id"].isin([*self.sources])]
        return used.assign(title=used["source_id"].map(self.words.titles()))

    def used_indicators(self) -> pd.DataFrame:
        """Return the indicators shown so far, in their order."""
        return pd.DataFrame({"indicator": [*self.indicators]})

    def number(self, kind: str) -> int:
        """Return the next number of a figure or table."""
        self.numbers[kind] += 1
        return self.numbers[kind]
