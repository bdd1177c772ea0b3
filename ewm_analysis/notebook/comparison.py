"""What the page across clusters shows: the figures of all of them, and tables from records."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ewm_analysis.indicators.comparison import category_matrix, cluster_figures, projects_shared
from ewm_analysis.indicators.declared import participants
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.notebook.page import Page
from ewm_analysis.tables.comparison import ECONOMY


@dataclass(frozen=True)
class Comparison:
    """The clusters of a page's year, side by side: what entries call ``clusters``."""

    page: Page

    def rows(
        self,
        *names: str,
        dimension: str | tuple[str, ...] = "",
        years: int = 1,
        withheld: bool = False,
    ) -> pd.DataFrame:
        """Return the figures of all clusters in the page's year and those before it.

        As `Page.rows`; ``years`` says how many years, the page's included.
        """
        rows = self.page.rows(*names, dimension=dimension, withheld=withheld)
        recent = rows[rows["year"] > (self.page.parameters.year or 0) - years]
        return cluster_figures(recent, self.page.dataset.reference)

    def economy(self) -> pd.DataFrame:
        """Return the latest figures of the cluster monitoring, of each cluster."""
        rows = self.page.economy()
        shown = rows[rows["indicator"].isin(ECONOMY) & (rows["dimension"] == "")]
        return cluster_figures(shown, self.page.dataset.reference)

    def involved(self) -> pd.DataFrame:
        """Return who takes part in the year's new projects: one row a participation."""
        tables = (self.page.dataset.records[name] for name in ("participations", "actors"))
        found = participants(self._new_projects(), "project_id", *tables)
        # what the line below a table takes source and terms from
        return found.assign(source_id=COMPUTED, reference="", indicator="actors_projects")

    def projects_shared(self) -> pd.DataFrame:
        """Return how many of the year's new projects each pair of home clusters shares."""
        return projects_shared(self.involved(), self.page.dataset.reference)

    def guidelines(self) -> pd.DataFrame:
        """Return which of the year's new projects has which guideline."""
        return self._assigned("guideline")

    def focus_topics(self) -> pd.DataFrame:
        """Return which of the year's new projects has which focus topic."""
        return self._assigned("focus_topic")

    def _assigned(self, scheme: str) -> pd.DataFrame:
        valid = self.page.dataset.reference.valid(scheme, self.page.parameters.year)
        assignments = self.page.dataset.records["assignments"]
        return category_matrix(self._new_projects(), assignments, scheme, valid)

    def _new_projects(self) -> pd.DataFrame:
        projects = self.page.dataset.records["projects"]
        return projects[projects["is_new"] & (projects["year"] == self.page.parameters.year)]
