"""What entries show by a path: parts that pages compute when they are first asked for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from ewm_analysis import statistics
from ewm_analysis.catalogue import indicator
from ewm_analysis.catalogue.entries import Entry
from ewm_analysis.indicators import comparison
from ewm_analysis.indicators.long import COMPUTED, select
from ewm_analysis.notebook import growth
from ewm_analysis.notebook.page import Page
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
    lags = {name: indicator(name).lag for name in growth.economic_names()}
    rows = select(page.values, [*lags], cluster_id=page.parameters.cluster_id)
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
    own = _printed_of_projects(page)
    printed = own[own["indicator"] == "project_volume"]
    rows = page.rows("project_volume", dimension="project")
    return printed if len(printed) else rows[rows["year"] == page.parameters.year]


def _project_facts(page: Page) -> pd.DataFrame:
    """Return what reports print of single projects of the page's year beside their volume."""
    own = _printed_of_projects(page)
    return own[(own["indicator"] != "project_volume") & (own["mention"] == 1)]


def _printed_of_projects(page: Page) -> pd.DataFrame:
    table, asked = page.dataset.published, page.parameters
    own = (table["cluster_id"] == asked.cluster_id) & (table["year"] == asked.year)
    return table[own & (table["dimension"] == "project")]


def _monitoring(page: Page) -> pd.DataFrame:
    """Return the figures of projects, activities and actors of the page's year."""
    is_economic = page.values["indicator"].isin(growth.economic_names())
    return page.values[~is_economic & (page.values["year"] == page.parameters.year)]


def _contents(page: Page) -> pd.DataFrame:
    """Return the tables of the data set that kept their contracts, with their ``rows``."""
    names = ("published", "phrases", "targets", "economy", "organisations")
    tables = {**{name: getattr(page.dataset, name) for name in names}, **page.dataset.records}
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
    tables = (known.published, known.organisations, known.phrases)
    found = statistics.find_contradictions(page.values, *tables)
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
    printed = printed[printed["year"] == page.parameters.year]
    return statistics.compare_printed(printed, computed)


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
    known = values[values["year"] + np.array(lags, int) <= year]
    judged = statistics.judge_targets(targets, known)
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

    def rows(self, *names: str, years: int = 1, **chosen: Any) -> pd.DataFrame:
        """Return the figures of all clusters in the page's year and those before it.

        As `Page.rows`; ``years`` says how many years, the page's included.
        """
        rows = self.page.rows(*names, across=True, **chosen)
        recent = rows[rows["year"] > (self.page.parameters.year or 0) - years]
        return comparison.cluster_figures(recent, self.page.dataset.reference)

    def economy(self) -> pd.DataFrame:
        """Return the latest figures of the cluster monitoring, of each cluster."""
        rows = _economies(self.page)
        shown = rows[rows["indicator"].isin(ECONOMY) & (rows["dimension"] == "")]
        return comparison.cluster_figures(shown, self.page.dataset.reference)

    def involved(self) -> pd.DataFrame:
        """Return who takes part in the year's new projects: one row a participation."""
        tables = (self.page.dataset.records[name] for name in ("participations", "actors"))
        found = comparison.participants(self._new_projects(), "project_id", *tables)
        # what the line below a table takes source and terms from
        return found.assign(source_id=COMPUTED, reference="", indicator="actors_projects")

    def projects_shared(self) -> pd.DataFrame:
        """Return how many of the year's new projects each pair of home clusters shares."""
        return comparison.projects_shared(self.involved(), self.page.dataset.reference)

    def assigned(self) -> SimpleNamespace:
        """Return which of the year's new projects has which ``guideline`` or ``focus_topic``."""
        dataset, year = self.page.dataset, self.page.parameters.year
        given = (self._new_projects(), dataset.records["assignments"])
        schemes = {
            name: dataset.reference.valid(name, year) for name in ("guideline", "focus_topic")
        }
        matrix = comparison.category_matrix
        return SimpleNamespace(**{name: matrix(*given, name, own) for name, own in schemes.items()})

    def _new_projects(self) -> pd.DataFrame:
        projects = self.page.dataset.records["projects"]
        return projects[projects["is_new"] & (projects["year"] == self.page.parameters.year)]


def _organisations(page: Page) -> SimpleNamespace:
    """Return facts of the organisations in the page's state and field, and what is made of them.

    ``shares`` and ``counts`` are members by type, ``ratios`` per person and event, ``findings`` of
    the plausibility rules; thresholds and labels are judged; the programme is that of all.
    """
    dataset, asked, reference = page.dataset, page.parameters, page.dataset.reference
    every, groups = dataset.organisations, reference.organisation_groups
    facts = statistics.choose_organisations(every, groups, state=asked.state, field=asked.field)
    undated = part_of_page(page, "plausibility.undated")
    return SimpleNamespace(
        facts=facts,
        shares=statistics.composition(facts, basis="share"),
        counts=statistics.composition(facts, basis="count"),
        ratios=statistics.per_head(facts),
        findings=undated[undated["category"].isin(facts["organisation_id"])],
        eligibility=statistics.eligibility(facts, reference.requirements),
        labels=statistics.label_calendar(facts, groups, reference.requirements),
        programme=every[every["organisation_id"] == PROGRAMME],
        criteria_areas=reference.valid("criteria_area"),
        service_areas=reference.valid("service_area"),
    )


PARTS: dict[str, Callable[[Page], Any]] = {
    "agreement": _agreement,
    "clusters": Comparison,
    "contents": _contents,
    "corrections": _corrections,
    "economy": _economy,
    "economy_and_prices": _economy_and_prices,
    "economic": growth.compute_economy,
    "economy_later": _economy_later,
    "growth": growth.compute_growth,
    "key_figures": _key_figures,
    "monitoring": _monitoring,
    "organisations": _organisations,
    "plausibility": _plausibility,
    "printed_projects": _printed_projects,
    "project_facts": _project_facts,
    "regions": growth.compute_regions,
    "status": _status,
    "targets": _targets,
}
"""Functions of a page by the beginning of a path."""
