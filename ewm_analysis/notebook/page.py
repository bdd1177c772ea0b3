"""The page a notebook writes, and what it shows by the names that entries give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.catalogue.entries import Entry
from ewm_analysis.indicators import select
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.loaders import Dataset
from ewm_analysis.parameters import RunParameters
from ewm_analysis.statistics import compare_printed, find_contradictions


@dataclass(frozen=True)
class YearPlausibility:
    """Findings about one year, findings without a year, and how often each rule was applied."""

    of_year: pd.DataFrame
    undated: pd.DataFrame
    checks: pd.DataFrame


@dataclass
class Page:
    """What the cells of a notebook share.

    `values` is the long table of the whole data set as far as it may be shown, `withheld` holds
    the rows of the other figures, without value. Of confidential records `dataset` has none:
    what a page shows comes through `values`. `words` speaks the page's language,
    `numbers` counts figures and tables as they are shown, and `sources` and `indicators`
    remember what they rest on; `parts` keeps what was computed for several figures.
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

    @property
    def voice(self) -> str:
        """Return whose words the page uses: a data set with a notice is not the monitoring."""
        return "outside" if self.dataset.notices else "notebook"

    def rows(
        self, *names: str, dimension: str | tuple[str, ...] = "", withheld: bool = False
    ) -> pd.DataFrame:
        """Return the figures of this page's cluster up to its year.

        Parameters
        ----------
        *names : str
            Indicators of the catalogue.
        dimension : str or tuple of str
            Breakdowns; ``""`` is the undivided figure.
        withheld : bool
            Add rows without value for confidential figures: tables mark them.
        """
        return select(
            pd.concat([self.values, self.withheld]) if withheld else self.values,
            names,
            cluster_id=self.parameters.cluster_id,
            dimension=dimension,
            last_year=self.parameters.year,
        )

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

    def economy(self) -> pd.DataFrame:
        """Return the latest figures of the cluster monitoring that the report could know."""
        lags = {name: indicator(name).lag for name in indicators()}
        rows = self.rows(*(name for name in lags if indicator(name).group == "economy"))
        known = rows["year"] + rows["indicator"].map(lags).astype("Int64") <= self.parameters.year
        rows = rows[known & (rows["delimitation"] == "clustermonitoring")]
        return rows.drop_duplicates(["cluster_id", "indicator", "scope"], keep="last")

    def status(self) -> pd.DataFrame:
        """Return new projects by status: counts of the year, or else the shares of all years."""
        rows = self.rows("projects_new", "projects_new_share", dimension="status")
        is_count = rows["indicator"] == "projects_new"
        of_year = is_count & (rows["year"] == self.parameters.year)
        return rows[of_year if of_year.any() else ~is_count]

    def printed_projects(self) -> pd.DataFrame:
        """Return every mention of a project's volume that reports print for this page."""
        table, asked = self.dataset.published, self.parameters
        own = (table["cluster_id"] == asked.cluster_id) & (table["year"] == asked.year)
        return table[own & (table["indicator"] == "project_volume")]

    def monitoring(self) -> pd.DataFrame:
        """Return the figures of projects, activities and actors of the page's year."""
        groups = {name: indicator(name).group for name in indicators()}
        own = self.values["indicator"].map(groups) != "economy"
        return self.values[own & (self.values["year"] == self.parameters.year)]

    def used_sources(self) -> pd.DataFrame:
        """Return the sources that figures and tables shown so far rest on."""
        table = self.dataset.reference.sources
        return table[table["source_id"].isin([*self.sources])]

    def used_indicators(self) -> pd.DataFrame:
        """Return the indicators shown so far, in their order."""
        return pd.DataFrame({"indicator": [*self.indicators]})

    def contents(self) -> pd.DataFrame:
        """Return the tables of the data set that kept their contracts, with their ``rows``."""
        tables = {
            "published": self.dataset.published,
            "economy": self.dataset.economy,
            "organisations": self.dataset.organisations,
            **self.dataset.records,
        }
        filled = {name: len(table) for name, table in tables.items() if len(table)}
        return pd.DataFrame({"table": list(filled), "rows": list(filled.values()), "failures": 0})

    def corrections(self) -> pd.DataFrame:
        """Return the corrected cells; those of confidential records are quoted internally only."""
        table = self.dataset.corrections
        is_open = self.dataset.disclosure == "none" or self.parameters.internal
        return table if is_open else table.assign(old="", new="")

    def plausibility(self) -> YearPlausibility:
        """Hold the figures of the data set against each other, by rule; done once a page."""
        if "plausibility" not in self.parts:
            known = self.dataset
            found = find_contradictions(self.values, known.published, known.organisations)
            years = found.findings["year"]
            self.parts["plausibility"] = YearPlausibility(
                of_year=found.findings[(years == self.parameters.year).fillna(False)],
                undated=found.findings[years.isna()],
                checks=found.checks,
            )
        made: YearPlausibility = self.parts["plausibility"]
        return made

    def agreement(self) -> pd.DataFrame:
        """Hold the printed figures of the year against those computed from records."""
        printed = self.dataset.published
        computed = self.values[self.values["source_id"] == COMPUTED]
        return compare_printed(printed[printed["year"] == self.parameters.year], computed)

    def number(self, kind: str) -> int:
        """Return the next number of a figure or table."""
        self.numbers[kind] += 1
        return self.numbers[kind]


PARTS = {
    "clusters": "comparison:Comparison",
    "growth": "growth:compute_growth",
    "organisations": "organisations:Organisations",
}
"""What only some pages have: functions of a page, read and called when first asked for."""


def rows_of(page: Page, entry: Entry) -> pd.DataFrame:
    """Return the rows that an entry shows."""
    if isinstance(entry.rows, str):
        return part_of_page(page, entry.rows)
    chosen: dict[str, Any] = {"dimension": entry.dimension, "withheld": entry.withheld}
    if entry.years is not None:
        chosen["years"] = entry.years
    owner = part_of_page(page, entry.of) if entry.of else page
    rows: pd.DataFrame = owner.rows(*entry.rows, **chosen)
    is_old = entry.current and page.parameters.year not in {*rows["year"]}
    return rows.iloc[:0] if is_old else rows


def part_of_page(page: Page, path: str) -> Any:
    """Return a part of a page by its path: ``growth.index``; functions in it are called."""
    first, *rest = path.split(".")
    if first in PARTS:
        if first not in page.parts:
            module, _, name = PARTS[first].partition(":")
            page.parts[first] = getattr(import_module(f"{__package__}.{module}"), name)(page)
        found = page.parts[first]
    else:
        found, rest = page, [first, *rest]
    for name in rest:
        found = getattr(found, name)
        found = found() if callable(found) else found
    return found
