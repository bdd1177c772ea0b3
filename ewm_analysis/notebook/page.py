"""The page a notebook writes: how it is opened, its data and words, what it has shown so far."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from string import Formatter
from typing import Any

import pandas as pd
from IPython.display import display

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators.long import COMPUTED, choose, select
from ewm_analysis.l10n import DEFAULT
from ewm_analysis.l10n.sentences import unfilled
from ewm_analysis.loaders import Dataset
from ewm_analysis.notebook.shared import opened, part_and_values
from ewm_analysis.parameters import RunParameters
from ewm_analysis.statistics import choose_organisations

PAGE_MIME = "application/vnd.ewm.page+json"

SAID = {"year": "year", "cluster": "cluster_id", "first": "first_year", "last": "last_year"}
"""Placeholders of titles, and the parameters that fill them."""

HEADLINES = ("projects_new", "project_volume")
"""Figures of an annual report that the page of all reports shows beside its name."""


MISSING = (
    "leaves open what this page is about: set it in the cell tagged 'parameters', or with "
    "papermill by -p {} VALUE"
)
"""Why a parameter is refused that a page needs."""


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
        across: bool = False,
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
        across : bool
            Of all clusters, where the page names none.
        """
        for name in names:
            indicator(name)
        last_year, is_marked = self.parameters.year, withheld and len(self.withheld)
        rows = choose(
            pd.concat([self.values, self.withheld]) if is_marked else self.values,
            names,
            cluster_id=self.parameters.cluster_id,
            dimension=dimension,
            first_year=last_year - years + 1 if last_year and years else None,
            last_year=last_year,
        )
        return rows if across else self.of_one(rows)

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
        As in the cell tagged ``parameters``: year, cluster_id, locale, data_dir … What a
        notebook hands over its page needs; what it can do without it leaves out.

    Raises
    ------
    ParameterError
        If a parameter is unknown, of the wrong type, null, or asks for what the data set lacks;
        if one is left out that the title names. Nothing is shown then.
    ContractError
        If the data set breaks its contracts.
    """
    kind = kind or ("annual_report" if "cluster_id" in parameters else "data_quality")
    own = "" if title else unfilled(f"notebook.title.{kind}", DEFAULT)
    needed = {SAID[name] for _, name, *_ in Formatter().parse(own) if name in SAID}
    page = open_page(kind, needed, **parameters)
    _show_head(page, title)
    return page


def open_page(kind: str, needed: Collection[str] = (), **parameters: object) -> Page:
    """Check the parameters and read the data of a page, and show nothing.

    Parameters and errors are those of `start`; `needed` are parameters that must be given.
    """
    checked = RunParameters.check(**parameters)
    whole = opened(checked.data_dir)
    given = {name for name in parameters if name in SAID.values()}
    _check_asked(whole, checked, given | {*needed})
    # A page sees no more than what its run counts as read, and is run again only for that.
    last_year = checked.year or checked.last_year
    part, values = part_and_values(whole, checked.cluster_id, last_year)
    open_to_all = suppress(values, part, internal=checked.internal)
    return Page(
        dataset=open_to_all.dataset,
        parameters=checked,
        values=open_to_all.values,
        words=Words(part.reference, checked.locale),
        withheld=open_to_all.withheld,
        kind=kind,
    )


def _check_asked(dataset: Dataset, asked: RunParameters, needed: Collection[str]) -> None:
    """What is needed must be given; cluster and year must have figures in the data set."""
    known = dataset.covered()
    clusters = sorted(set(known["cluster_id"]) - {""})
    if asked.cluster_id is None and "cluster_id" in needed:
        raise ParameterError("cluster_id", None, clusters, MISSING.format("cluster_id"))
    if asked.cluster_id is not None:
        if asked.cluster_id not in clusters:
            raise ParameterError("cluster_id", asked.cluster_id, clusters)
        known = known[known["cluster_id"] == asked.cluster_id]
    years = sorted({int(year) for year in known["year"]})
    for name in ("year", "first_year", "last_year"):
        if name in needed and getattr(asked, name) is None:
            raise ParameterError(name, None, years, MISSING.format(name))
    if asked.year is not None and asked.year not in years:
        raise ParameterError("year", asked.year, years, "has no figures")
    groups = dataset.reference.organisation_groups
    choose_organisations(dataset.organisations, groups, state=asked.state, field=asked.field)


def _show_head(page: Page, title: str) -> None:
    asked, words, kind = page.parameters, page.words, page.kind
    cluster = words.label("cluster", asked.cluster_id) if asked.cluster_id else ""
    years = {"first": asked.first_year, "last": asked.last_year}
    data_set = page.dataset.titles[asked.locale]
    filled = {"year": asked.year, "cluster": cluster, "data_set": data_set, **years}
    description = "" if title else words.text(f"{page.voice}.description.{kind}", **filled)
    is_report = kind == "annual_report" and not title
    title = title or words.text(f"{page.voice}.title.{kind}", **filled)
    if asked.state or asked.field:
        description = f"{description} {words.text('notebook.chosen', chosen=_chosen(page))}".strip()
    notice = said_notice(page.dataset, words, internal=asked.internal)
    head = {
        "title": title,
        "description": description,
        "locale": asked.locale,
        "data_set": page.dataset.name,
        "data_set_title": data_set,
        "is_synthetic": page.dataset.is_synthetic,
        "notice": notice,
        "imprint": page.dataset.imprint.get(asked.locale, ()),
        "parameters": {name: value for name, value in asked.model_dump().items() if value},
        "short": words.short(asked.cluster_id) if asked.cluster_id else "",
        "headline": _headline(page) if is_report else {},
    }
    box = f'<p class="ewm-notice" role="note">{escape(notice)}</p>' if notice else ""
    lead = f'<p class="ewm-lead">{escape(description)}</p>\n' if description else ""
    html = f"<h1>{escape(title)}</h1>\n{lead}{box}"
    display({PAGE_MIME: head, "text/html": html}, raw=True)


def said_notice(dataset: Dataset, words: Words, *, internal: bool = False) -> str:
    """Say what all pages of a data set do: it is synthetic or not the monitoring; confidential
    figures are left out, or shown.
    """
    notice = dataset.notices.get(words.locale, "")
    if dataset.is_synthetic:
        notice = words.text("notebook.notice.synthetic")
    if internal or dataset.disclosure != "none":
        kind = "internal" if internal else "standard"
        notice = f"{notice} {words.text(f'disclosure.notice.{kind}')}"
    return notice.strip()


def _headline(page: Page) -> dict[str, float]:
    """Return the undivided figures of the page's year, as far as they are exact and known.

    A sum known in part has ``n_known`` and ``n_all`` beside it.
    """
    year = page.parameters.year
    rows = select(page.values, HEADLINES, cluster_id=page.parameters.cluster_id, last_year=year)
    is_said = (rows["precision"] == "exact") | rows["n_known"].notna()
    own = rows[(rows["year"] == year) & is_said & rows["value"].notna()]
    own = own[own["source_id"].eq(COMPUTED) | ~own["indicator"].duplicated(keep=False)]
    known = {str(row.indicator): float(row.value) for row in own.itertuples()}
    partial = own[own["n_known"].notna()]
    for name in ("n_known", "n_all"):
        items = zip(partial["indicator"], partial[name], strict=True)
        known |= {f"{name_of}_{name}": float(number) for name_of, number in items}
    return known


def _chosen(page: Page) -> str:
    """Name the federal state and the technology field that the page is about."""
    asked = page.parameters
    codes = {"federal_state": asked.state, "technology_field": asked.field}
    return ", ".join(page.words.label(name, code) for name, code in codes.items() if code)
