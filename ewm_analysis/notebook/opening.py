"""Open the page of a notebook: check what is asked, read the data, show title and notice."""

from __future__ import annotations

from html import escape
from string import Formatter
from typing import TYPE_CHECKING

from IPython.display import display

from ewm_analysis.catalogue import Words
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators import select
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.l10n import DEFAULT
from ewm_analysis.l10n.sentences import unfilled
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.shared import opened, part_and_values
from ewm_analysis.parameters import RunParameters
from ewm_analysis.statistics import choose_organisations

if TYPE_CHECKING:
    from collections.abc import Collection

    from ewm_analysis.loaders import Dataset

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
    page = open_page(kind, set() if title else _named_by_title(kind), **parameters)
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


def _named_by_title(kind: str) -> set[str]:
    """Return the parameters without which the title of a page would name nothing."""
    title = unfilled(f"notebook.title.{kind}", DEFAULT)
    return {SAID[name] for _, name, *_ in Formatter().parse(title) if name in SAID}


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
        "imprint": page.dataset.imprint.get(asked.locale, ()),
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
        known |= {f"{indicator}_{name}": float(number) for indicator, number in items}
    return known


def _chosen(page: Page) -> str:
    """Name the federal state and the technology field that the page is about."""
    asked = page.parameters
    codes = {"federal_state": asked.state, "technology_field": asked.field}
    return ", ".join(page.words.label(name, code) for name, code in codes.items() if code)
