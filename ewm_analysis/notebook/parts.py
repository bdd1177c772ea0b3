"""What entries show by a path: parts that pages compute when they are first asked for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.catalogue.entries import Entry
from ewm_analysis.indicators.comparison import (
    category_matrix,
    cluster_figures,
    participants,
    projects_shared,
)
from ewm_analysis.indicators.long import COMPUTED, select
from ewm_analysis.notebook.economy import compute_economy, compute_regions
from ewm_analysis.notebook.growth import compute_growth
from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics import (
    choose_organisations,
    compare_printed,
    composition,
    eligibility,
    find_contradictions,
    judge_targets,
    label_calendar,
    per_head,
)
from ewm_analysis.statistics.growth import verdict_of_year
from ewm_analysis.statistics.organisations import PROGRAMME
from ewm_analysis.statistics.targets import FIGURE
from ewm_analysis.tables.annual_report import KEY_FIGURES
from ewm_analysis.tables.comparison import ECONOMY
from ewm_analysis.tables.table import by_key


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
    if first in PARTS and first not in page.parts:
        page.parts[first] = PARTS[first](page)
    found, names = (page.parts[first], rest) if first in PARTS else (page, [first, *rest])
    for name in names:
        found = getattr(found, name)
        found = found() if callable(found) else found
    return found


def _key_figures(page: Page) -> pd.DataFrame:
    """Return key figures of the page's year and the year before, each with the ``verdict`` on its
    change between them.
    """
    year = page.parameters.year or 0
    by_name: dict[str, dict[int, Any]] = {}
    for (name, at, *_), row in by_key(page.rows(*KEY_FIGURES), page.words).items():
        by_name.setdefault(name, {})[at] = row
    verdicts = {name: verdict_of_year(name, rows, year) for name, rows in by_name.items()}
    rows = page.rows(*KEY_FIGURES, years=2, withheld=True)
    return rows.assign(verdict=rows["indicator"].map(verdicts).fillna(""))


def _economy(page: Page) -> pd.DataFrame:
    """Return the latest figures of the cluster monitoring that the report could know."""
    return page.of_one(_economies(page))


def _economy_and_prices(page: Page) -> pd.DataFrame:
    """Return these figures, and the prices of the years that growth of turnover is told of."""
    rows, values = _economy(page), page.values
    grown = rows[rows["indicator"] == "turnover_growth"]
    years = {*grown["year"], *grown["base_year"]}
    prices = values[(values["indicator"] == "price_index") & values["year"].isin(years)]
    return pd.concat([rows, prices])


def _economies(page: Page) -> pd.DataFrame:
    rows, known_from = _monitored(page)
    rows = rows[(known_from <= page.parameters.year).fillna(False)]
    return rows.drop_duplicates(["cluster_id", "indicator", "scope"], keep="last")


def _economy_later(page: Page) -> pd.DataFrame:
    """Return the figures of the cluster that only reports of later years could know."""
    rows, known_from = _monitored(page)
    own = rows["cluster_id"] == page.parameters.cluster_id
    return rows[own & (known_from > page.parameters.year).fillna(False)]


def _monitored(page: Page) -> tuple[pd.DataFrame, pd.Series]:
    """Return the economic figures of the cluster monitoring, and the year they are known from."""
    lags = {name: indicator(name).lag for name in indicators()}
    names = [name for name in lags if indicator(name).group == "economy"]
    rows = select(page.values, names, cluster_id=page.parameters.cluster_id)
    rows = rows[rows["delimitation"] == "clustermonitoring"]
    return rows, rows["year"] + rows["indicator"].map(lags).astype("Int64")


def _status(page: Page) -> pd.DataFrame:
    """Return new projects by status: counts of the year, or else the shares of all years."""
    rows = page.rows("projects_new", "projects_new_share", dimension=("", "status"))
    is_count, is_part = rows["indicator"] == "projects_new", rows["dimension"] == "status"
    of_year = is_count & (rows["year"] == page.parameters.year)
    return rows[of_year if (of_year & is_part).any() else ~is_count & is_part]


def _printed_projects(page: Page) -> pd.DataFrame:
    """Return the volumes of the projects that pages name: every mention that reports print.

    Where none is printed, they are those of the records, as in the figure beside.
    """
    table, asked = page.dataset.published, page.parameters
    own = (table["cluster_id"] == asked.cluster_id) & (table["year"] == asked.year)
    is_named = (table["indicator"] == "project_volume") & (table["dimension"] == "project")
    printed = table[own & is_named]
    rows = page.rows("project_volume", dimension="project")
    return printed if len(printed) else rows[rows["year"] == asked.year]


def _project_facts(page: Page) -> pd.DataFrame:
    """Return what reports print of single projects of the page's year beside their volume."""
    table, asked = page.dataset.published, page.parameters
    own = (table["cluster_id"] == asked.cluster_id) & (table["year"] == asked.year)
    is_fact = (table["dimension"] == "project") & (table["indicator"] != "project_volume")
    return table[own & is_fact & (table["mention"] == 1)]


def _printed_actors(page: Page) -> pd.DataFrame:
    """Return what reports print of all actors of the page's year, and of their change."""
    names = ("actors_projects_and_activities", "actors_projects_growth")
    rows = page.rows(*names)
    return rows[rows["year"] == page.parameters.year]


def _monitoring(page: Page) -> pd.DataFrame:
    """Return the figures of projects, activities and actors of the page's year."""
    groups = {name: indicator(name).group for name in indicators()}
    own = page.values["indicator"].map(groups) != "economy"
    return page.values[own & (page.values["year"] == page.parameters.year)]


def _contents(page: Page) -> pd.DataFrame:
    """Return the tables of the data set that kept their contracts, with their ``rows``."""
    tables = {
        "published": page.dataset.published,
        "phrases": page.dataset.phrases,
        "targets": page.dataset.targets,
        "economy": page.dataset.economy,
        "organisations": page.dataset.organisations,
        **page.dataset.records,
    }
    filled = {name: len(table) for name, table in tables.items() if len(table)}
    return pd.DataFrame({"table": list(filled), "rows": list(filled.values()), "failures": 0})


def _corrections(page: Page) -> pd.DataFrame:
    """Return the corrected cells; those of confidential records are quoted internally only."""
    table = page.dataset.corrections
    is_open = page.dataset.disclosure == "none" or page.parameters.internal
    return table if is_open else table.assign(old="", new="")


def _plausibility(page: Page) -> SimpleNamespace:
    """Hold the figures against each other: findings of the year, those without one, checks."""
    known, asked = page.dataset, page.parameters
    found = find_contradictions(page.values, known.published, known.organisations, known.phrases)
    years = found.findings["year"]
    return SimpleNamespace(
        findings=found.findings,
        of_year=found.findings[(years == asked.year).fillna(False)],
        undated=found.findings[years.isna()],
        checks=found.checks,
    )


def _agreement(page: Page) -> pd.DataFrame:
    """Hold the printed figures of the year against those computed from records."""
    printed = page.dataset.published
    values = pd.concat([page.values, page.withheld])
    computed = values[values["source_id"] == COMPUTED]
    return compare_printed(printed[printed["year"] == page.parameters.year], computed)


def _targets(page: Page) -> SimpleNamespace:
    """Judge the targets of the page's clusters: in a report by what could be known in its year.

    A page of several years judges by all that it shows.
    ``owner`` names the cluster on a page of several; the ``basis`` are the figures judged, and the
    targets among them, which have sources as well.
    """
    asked, words = page.parameters, page.words
    targets, year = page.dataset.targets, asked.year or asked.last_year or 9999
    targets = targets[(targets["base_year"] < year).fillna(True)]
    values = pd.concat([page.values, page.withheld])
    values = values[values["indicator"].isin(targets["indicator"])]
    lags = [indicator(name).lag if asked.year else 0 for name in values["indicator"]]
    judged = judge_targets(targets, values[values["year"] + np.array(lags, int) <= year])
    owners = "" if asked.cluster_id else [words.short(each) for each in judged["cluster_id"]]
    rows = values.merge(
        judged[[*FIGURE, "base_year", "last_year"]], on=FIGURE, suffixes=("", "_of")
    )
    used = rows[(rows["year"] == rows["base_year_of"]) | (rows["year"] == rows["last_year"])]
    basis = pd.concat([used, targets.rename(columns={"target_year": "year"})])
    basis = basis.reindex(columns=[*values]).drop_duplicates()
    return SimpleNamespace(judged=judged.assign(owner=owners), basis=basis)


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
        rows = self.page.rows_of_all(*names, dimension=dimension, withheld=withheld)
        recent = rows[rows["year"] > (self.page.parameters.year or 0) - years]
        return cluster_figures(recent, self.page.dataset.reference)

    def economy(self) -> pd.DataFrame:
        """Return the latest figures of the cluster monitoring, of each cluster."""
        rows = _economies(self.page)
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


@dataclass(frozen=True)
class Organisations:
    """The organisations of a page's state and field: what entries call ``organisations``."""

    page: Page

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Return the facts of the organisations in the state and field asked for."""
        asked, dataset = self.page.parameters, self.page.dataset
        groups = dataset.reference.organisation_groups
        chosen = {"state": asked.state, "field": asked.field}
        return choose_organisations(dataset.organisations, groups, **chosen)

    def shares(self) -> pd.DataFrame:
        """Return the members by type as the portraits that print shares have them."""
        return composition(self.facts, basis="share")

    def counts(self) -> pd.DataFrame:
        """Return the members by type as the portraits that print counts have them."""
        return composition(self.facts, basis="count")

    def ratios(self) -> pd.DataFrame:
        """Return members and events per person, and participants per event."""
        return per_head(self.facts)

    def findings(self) -> pd.DataFrame:
        """Return what the plausibility rules find in the facts."""
        found = part_of_page(self.page, "plausibility.undated")
        return found[found["category"].isin(self.facts["organisation_id"])]

    def eligibility(self) -> pd.DataFrame:
        """Hold the organisations against the thresholds for registration."""
        return eligibility(self.facts, self.page.dataset.reference.requirements)

    def labels(self) -> pd.DataFrame:
        """Return the labels of the organisations and their periods."""
        reference = self.page.dataset.reference
        return label_calendar(self.facts, reference.organisation_groups, reference.requirements)

    def programme(self) -> pd.DataFrame:
        """Return the facts of the programme that the organisations belong to."""
        facts = self.page.dataset.organisations
        return facts[facts["organisation_id"] == PROGRAMME]

    def criteria_areas(self) -> pd.DataFrame:
        """Return the areas of the excellence criteria, and the figures of each."""
        return self.page.dataset.reference.valid("criteria_area")

    def service_areas(self) -> pd.DataFrame:
        """Return the service areas of the programme, and the services of each."""
        return self.page.dataset.reference.valid("service_area")


PARTS: dict[str, Callable[[Page], Any]] = {
    "agreement": _agreement,
    "clusters": Comparison,
    "contents": _contents,
    "corrections": _corrections,
    "economy": _economy,
    "economy_and_prices": _economy_and_prices,
    "economic": compute_economy,
    "economy_later": _economy_later,
    "growth": compute_growth,
    "key_figures": _key_figures,
    "monitoring": _monitoring,
    "organisations": Organisations,
    "plausibility": _plausibility,
    "printed_actors": _printed_actors,
    "printed_projects": _printed_projects,
    "project_facts": _project_facts,
    "regions": compute_regions,
    "status": _status,
    "targets": _targets,
}
"""Functions of a page by the beginning of a path."""
