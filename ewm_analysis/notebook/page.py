"""The page a notebook writes: its data set, its parameters, its language, its numbering."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import display

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators import compute_indicators, select
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.loaders import open_dataset, part_of
from ewm_analysis.parameters import RunParameters
from ewm_analysis.statistics import choose_organisations, compare_printed, find_contradictions
from ewm_analysis.statistics.organisations import PROGRAMME

if TYPE_CHECKING:
    from ewm_analysis.loaders import Dataset

PAGE_MIME = "application/vnd.ewm.page+json"


@dataclass(frozen=True)
class YearPlausibility:
    """Findings about one year, findings without a year, and how often each rule was applied."""

    of_year: pd.DataFrame
    undated: pd.DataFrame
    checks: pd.DataFrame


@dataclass
class Page:
    """What the cells of a notebook share.

    `values` is the long table of the whole data set, `words` speaks the page's language,
    `numbers` counts figures and tables as they are shown, and `sources` and `indicators`
    remember what they rest on.
    """

    dataset: Dataset
    parameters: RunParameters
    values: pd.DataFrame
    words: Words
    numbers: dict[str, int] = field(default_factory=lambda: {"figure": 0, "table": 0})
    sources: dict[str, None] = field(default_factory=dict)
    indicators: dict[str, None] = field(default_factory=dict)

    def rows(self, *names: str, dimension: str | tuple[str, ...] = "") -> pd.DataFrame:
        """Return the figures of this page's cluster up to its year.

        Parameters
        ----------
        *names : str
            Indicators of the catalogue.
        dimension : str or tuple of str
            Breakdowns; ``""`` is the undivided figure.
        """
        return select(
            self.values,
            names,
            cluster_id=self.parameters.cluster_id,
            dimension=dimension,
            last_year=self.parameters.year,
        )

    def economy(self) -> pd.DataFrame:
        """Return the latest figures of the cluster monitoring that the report could know."""
        lags = {name: indicator(name).lag for name in indicators()}
        rows = self.rows(*(name for name in lags if indicator(name).group == "economy"))
        known = rows["year"] + rows["indicator"].map(lags).astype("Int64") <= self.parameters.year
        rows = rows[known & (rows["delimitation"] == "clustermonitoring")]
        return rows.drop_duplicates(["cluster_id", "indicator", "scope"], keep="last")

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

    def contents(self) -> pd.DataFrame:
        """Return the tables of the data set: ``table`` and number of ``rows``."""
        tables = {
            "published": self.dataset.published,
            "economy": self.dataset.economy,
            "organisations": self.dataset.organisations,
            **self.dataset.records,
        }
        filled = {name: len(table) for name, table in tables.items() if len(table)}
        return pd.DataFrame({"table": list(filled), "rows": list(filled.values())})

    def plausibility(self) -> YearPlausibility:
        """Hold the figures of the data set against each other, by rule."""
        found = find_contradictions(self.values, self.dataset.published, self.dataset.organisations)
        years = found.findings["year"]
        return YearPlausibility(
            of_year=found.findings[(years == self.parameters.year).fillna(False)],
            undated=found.findings[years.isna()],
            checks=found.checks,
        )

    def agreement(self) -> pd.DataFrame:
        """Hold the printed figures of the year against those computed from records."""
        printed = self.dataset.published
        computed = self.values[self.values["source_id"] == COMPUTED]
        return compare_printed(printed[printed["year"] == self.parameters.year], computed)

    def organisations(self) -> pd.DataFrame:
        """Return the facts of the cluster organisations in the state and field asked for."""
        asked = self.parameters
        return choose_organisations(
            self.dataset.organisations,
            self.dataset.reference.organisation_groups,
            state=asked.state,
            field=asked.field,
        )

    def programme(self) -> pd.DataFrame:
        """Return the facts of the programme that the organisations belong to."""
        facts = self.dataset.organisations
        return facts[facts["organisation_id"] == PROGRAMME]

    def organisation_findings(self) -> pd.DataFrame:
        """Return what the plausibility rules find in the facts of the organisations shown."""
        findings = self.plausibility().undated
        return findings[findings["category"].isin(self.organisations()["organisation_id"])]

    def number(self, kind: str) -> int:
        """Return the next number of a figure or table."""
        self.numbers[kind] += 1
        return self.numbers[kind]


def start(*, kind: str = "", **parameters: object) -> Page:
    """Open the page of a notebook: check the parameters, read the data, show title and notice.

    Parameters
    ----------
    kind : str, optional
        What the page is, where its parameters do not tell: ``comparison``, ``growth``,
        ``organisations``.
    **parameters
        As in the cell tagged ``parameters``: year, cluster_id, locale, data_dir …

    Raises
    ------
    ParameterError
        If a parameter is unknown, of the wrong type, or asks for what the data set lacks.
    ContractError
        If the data set breaks its contracts.
    """
    checked = RunParameters.check(**parameters)
    whole = open_dataset(checked.data_dir)
    _check_asked(whole, checked)
    # A page sees no more than what its run counts as read, and is run again only for that.
    last_year = checked.year or checked.last_year
    dataset = part_of(whole, cluster_id=checked.cluster_id, last_year=last_year)
    page = Page(
        dataset=dataset,
        parameters=checked,
        values=compute_indicators(dataset),
        words=Words(dataset.reference, checked.locale),
    )
    _show_head(page, kind)
    return page


def _check_asked(dataset: Dataset, asked: RunParameters) -> None:
    """The cluster and the year must have figures in the data set."""
    records = (dataset.records["projects"], dataset.records["activities"])
    tables = [dataset.published, dataset.economy, *records]
    known = pd.concat([table[["year", "cluster_id"]] for table in tables])
    if asked.cluster_id is not None:
        clusters = sorted(set(known["cluster_id"]) - {""})
        if asked.cluster_id not in clusters:
            raise ParameterError("cluster_id", asked.cluster_id, clusters)
        known = known[known["cluster_id"] == asked.cluster_id]
    if asked.year is not None:
        years = sorted({int(year) for year in known["year"]})
        if asked.year not in years:
            raise ParameterError("year", asked.year, years, "has no figures")
    groups = dataset.reference.organisation_groups
    choose_organisations(dataset.organisations, groups, state=asked.state, field=asked.field)


def _show_head(page: Page, kind: str) -> None:
    asked, words = page.parameters, page.words
    kind = kind or ("annual_report" if asked.cluster_id else "data_quality")
    cluster = words.label("cluster", asked.cluster_id) if asked.cluster_id else ""
    years = {"first": asked.first_year, "last": asked.last_year}
    filled = {"year": asked.year, "cluster": cluster, **years}
    title = words.text(f"notebook.title.{kind}", **filled)
    description = words.text(f"notebook.description.{kind}", **filled)
    if asked.state or asked.field:
        description += f" {words.text('notebook.chosen', chosen=_chosen(page))}"
    notice = words.text("notebook.notice.synthetic") if page.dataset.is_synthetic else ""
    head = {
        "title": title,
        "description": description,
        "locale": asked.locale,
        "data_set": page.dataset.name,
        "data_set_title": page.dataset.titles[asked.locale],
        "is_synthetic": page.dataset.is_synthetic,
        "notice": notice,
        "parameters": {name: value for name, value in asked.model_dump().items() if value},
    }
    box = f'<p class="ewm-notice" role="note">{escape(notice)}</p>' if notice else ""
    html = f'<h1>{escape(title)}</h1>\n<p class="ewm-lead">{escape(description)}</p>\n{box}'
    display({PAGE_MIME: head, "text/html": html}, raw=True)


def _chosen(page: Page) -> str:
    """Name the federal state and the technology field that the page is about."""
    asked = page.parameters
    codes = {"federal_state": asked.state, "technology_field": asked.field}
    return ", ".join(page.words.label(name, code) for name, code in codes.items() if code)
