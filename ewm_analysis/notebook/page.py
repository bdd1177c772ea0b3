"""The page a notebook writes: its data set, its parameters, its language, its numbering."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import display

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.disclosure import suppress
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

HEADLINES = ("projects_new", "project_volume")
"""Figures of an annual report that the page of all reports shows beside its name."""


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
    remember what they rest on.
    """

    dataset: Dataset
    parameters: RunParameters
    values: pd.DataFrame
    words: Words
    withheld: pd.DataFrame = field(default_factory=pd.DataFrame)
    numbers: dict[str, int] = field(default_factory=lambda: {"figure": 0, "table": 0})
    sources: dict[str, None] = field(default_factory=dict)
    indicators: dict[str, None] = field(default_factory=dict)

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
        counted = (rows["indicator"] == "projects_new") & (rows["year"] == self.parameters.year)
        return rows[counted] if counted.any() else rows

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

    def corrections(self) -> pd.DataFrame:
        """Return the corrected cells; those of confidential records are quoted internally only."""
        table = self.dataset.corrections
        is_open = self.dataset.disclosure == "none" or self.parameters.internal
        return table if is_open else table.assign(old="", new="")

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


def start(*, kind: str = "", title: str = "", **parameters: object) -> Page:
    """Open the page of a notebook: check the parameters, read the data, show title and notice.

    Parameters
    ----------
    kind : str, optional
        What the page is, where its parameters do not tell: ``comparison``, ``growth``,
        ``organisations``.
    title : str, optional
        Title of a page of your own, in the language of the page.
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
    part = part_of(whole, cluster_id=checked.cluster_id, last_year=last_year)
    open_to_all = suppress(compute_indicators(part), part, internal=checked.internal)
    page = Page(
        dataset=open_to_all.dataset,
        parameters=checked,
        values=open_to_all.values,
        words=Words(part.reference, checked.locale),
        withheld=open_to_all.withheld,
    )
    _show_head(page, kind, title)
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


def _show_head(page: Page, kind: str, title: str) -> None:
    asked, words = page.parameters, page.words
    kind = kind or ("annual_report" if asked.cluster_id else "data_quality")
    cluster = words.label("cluster", asked.cluster_id) if asked.cluster_id else ""
    years = {"first": asked.first_year, "last": asked.last_year}
    data_set = page.dataset.titles[asked.locale]
    filled = {"year": asked.year, "cluster": cluster, "data_set": data_set, **years}
    description = "" if title else words.text(f"{page.voice}.description.{kind}", **filled)
    is_report = kind == "annual_report" and not title
    title = title or words.text(f"{page.voice}.title.{kind}", **filled)
    if asked.state or asked.field:
        description += f" {words.text('notebook.chosen', chosen=_chosen(page))}"
    notice = page.dataset.notices.get(asked.locale, "")
    if page.dataset.is_synthetic:
        notice = words.text("notebook.notice.synthetic")
    notice = f"{notice} {_confidentiality(page)}".strip()
    head = {
        "title": title,
        "description": description,
        "locale": asked.locale,
        "data_set": page.dataset.name,
        "data_set_title": data_set,
        "is_synthetic": page.dataset.is_synthetic,
        "notice": notice,
        "parameters": {name: value for name, value in asked.model_dump().items() if value},
        "short": words.short(asked.cluster_id) if asked.cluster_id else "",
        "headline": _headline(page) if is_report else {},
    }
    box = f'<p class="ewm-notice" role="note">{escape(notice)}</p>' if notice else ""
    lead = f'<p class="ewm-lead">{escape(description)}</p>\n' if description else ""
    html = f"<h1>{escape(title)}</h1>\n{lead}{box}"
    display({PAGE_MIME: head, "text/html": html}, raw=True)


def _confidentiality(page: Page) -> str:
    """Say that confidential figures are left out, or that they are shown."""
    if page.is_confidential:
        return page.words.text("disclosure.notice.standard")
    return page.words.text("disclosure.notice.internal") if page.parameters.internal else ""


def _headline(page: Page) -> dict[str, float]:
    """Return the undivided figures of the page's year, as far as they are exact and known."""
    year = page.parameters.year
    rows = select(page.values, HEADLINES, cluster_id=page.parameters.cluster_id, last_year=year)
    own = rows[(rows["year"] == year) & (rows["precision"] == "exact") & rows["value"].notna()]
    own = own[own["source_id"].eq(COMPUTED) | ~own["indicator"].duplicated(keep=False)]
    return {str(row.indicator): float(row.value) for row in own.itertuples()}


def _chosen(page: Page) -> str:
    """Name the federal state and the technology field that the page is about."""
    asked = page.parameters
    codes = {"federal_state": asked.state, "technology_field": asked.field}
    return ", ".join(page.words.label(name, code) for name, code in codes.items() if code)
