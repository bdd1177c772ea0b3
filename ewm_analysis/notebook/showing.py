"""Show figures, tables and words on a page, each with its number, caption and source."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import partial, update_wrapper
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ewm_analysis import figures, tables
from ewm_analysis.catalogue import Words, indicators
from ewm_analysis.catalogue.entries import Entry
from ewm_analysis.errors import FewClustersError, MissingDataError, ParameterError
from ewm_analysis.figures import figure_svg, marks, narrow_svg, style
from ewm_analysis.figures.messages import Told
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.l10n import in_language
from ewm_analysis.l10n.sentences import unfilled
from ewm_analysis.notebook.marks import doubted, notes
from ewm_analysis.notebook.page import Page, open_page
from ewm_analysis.notebook.parts import part_of_page, rows_of
from ewm_analysis.notebook.values import figure_values, plain
from ewm_analysis.tables import DOUBTED, MakeTable

FIGURE_MIME = "application/vnd.ewm.figure+json"
TABLE_MIME = "application/vnd.ewm.table+json"
PRINTED = ("project_facts", "printed_actors")  # told as printed, of whatever year

Plot = Callable[[pd.DataFrame, Words], Axes]
Describe = Callable[[pd.DataFrame, Words], str]


def show(page: Page, name: str) -> None:
    """Show what is declared under a name: a figure, a sentence, or a table.

    Rows, drawing, sentence, caption and source follow from its entry.

    Parameters
    ----------
    page : Page
        The page opened by `start`.
    name : str
        An entry of the room `figures`: ``funders``; or of `tables`: ``actors_table``.

    Raises
    ------
    ParameterError
        If nothing is declared under the name.

    Examples
    --------
    A cell of a notebook::

        notebook.show(page, "funders")
    """
    known: dict[str, Entry] = {**figures.entries(), **tables.entries()}
    if name not in known:
        raise ParameterError("show", name, known)
    entry = known[name]
    rows, missing = rows_and_missing(page, entry)
    if entry.optional and rows.empty:
        return
    basis = part_of_page(page, entry.basis) if entry.basis else None
    if name in tables.entries():
        show_table(page, tables.named_table(name), rows, basis=basis, missing=missing)
        note(page, _sentences(page, name))
    elif not figures.entry(name).draw:
        text = f"{told(page, name).sentence} {_sentences(page, name)}".strip()
        _show_sentence(page, text, figures.entry(name), rows)
    else:
        plot = getattr(figures, f"plot_{name}")
        targets = part_of_page(page, "targets.judged")
        plot = update_wrapper(partial(plot, targets=targets), plot)

        def describe(*_: object) -> str:
            own = told(page, name)
            others = [told(page, e.name) for e in figures.entries().values() if e.to == name]
            headline = next(filter(None, (each.headline for each in (*others, own))), "")
            lines = figures.say_targets(name, rows, page.words, targets)
            said = " ".join(filter(None, (own.sentence, lines, _sentences(page, name))))
            return f"{headline}\n{said}".strip(" ")

        show_figure(page, plot, describe, rows, basis=basis, missing=missing)


def told(page: Page, name: str) -> Told:
    """Return what an entry says on a page; a page asks twice, for its key messages and below."""
    key = f"told.{name}"
    if key not in page.parts:
        rows, _ = rows_and_missing(page, figures.entry(name))
        page.parts[key] = figures.tell(name, rows, page.words)
    found: Told = page.parts[key]
    return found


def rows_and_missing(page: Page, entry: Entry) -> tuple[pd.DataFrame, str]:
    """Return what an entry shows, chosen once, and what is said where that is nothing."""
    key = f"rows.{entry.name}"
    if key not in page.parts:
        page.parts[key] = rows_of(page, entry)
    rows: pd.DataFrame = page.parts[key]
    if entry.disjoint and page.dataset.is_overlapping:
        return rows.iloc[:0], "outside.overlapping"
    return rows, entry.missing


def _sentences(page: Page, name: str) -> str:
    """Return what other entries say of a figure or table: a test, for instance."""
    own = (told(page, e.name).sentence for e in figures.entries().values() if e.to == name)
    return " ".join(filter(None, own))


def figure(name: str, data_dir: str | Path, **parameters: Any) -> Axes:
    """Draw one figure of the reports, to be looked at or changed.

    Parameters
    ----------
    name : str
        An entry of the room `figures` that is drawn: ``funders``, ``projects`` …
    data_dir : str or Path
        Folder of the data set, as for `open_dataset`.
    **parameters
        As of a page: ``cluster_id``, ``year``, ``locale``; for figures of growth ``first_year``
        and ``last_year``. What is confidential is left out.

    Returns
    -------
    Axes
        Of matplotlib; ``axes.figure.savefig("funders.svg")`` writes it.

    Raises
    ------
    ParameterError
        If there is no such figure, or a parameter is unknown or wrong.
    MissingDataError
        If the data set has no number to draw.

    Examples
    --------
    >>> axes = figure("funders", "data/example", cluster_id="imk", year=2021)
    >>> sorted(text.get_text() for text in axes.texts)[:2]
    ['12', '3']
    """
    drawn = [known for known, entry in figures.entries().items() if entry.draw]
    if name not in drawn:
        raise ParameterError("figure", name, drawn)
    kind = "annual_report" if parameters.get("year") else "growth"
    page = open_page(kind, **parameters, data_dir=str(data_dir))
    rows, missing = rows_and_missing(page, figures.entry(name))
    if rows.empty and missing:
        raise MissingDataError(page.words.text(missing))
    return figures.plot(name, rows, page.words)


def show_figure(
    page: Page,
    plot: Plot,
    describe: Describe,
    rows: pd.DataFrame,
    *,
    basis: pd.DataFrame | None = None,
    missing: str = "",
    caption: str = "",
) -> None:
    """Draw a figure with number, caption, sentence and source.

    Where the rows hold nothing to draw, the page says that the figure was not published as a
    number; its place in the numbering stays.

    Parameters
    ----------
    page : Page
        The page opened by `start`.
    plot, describe : callable
        ``plot_*`` and ``describe_*`` of the room `figures`, or functions of your own like these.
        A first line of what is described is the headline: what is seen.
    rows : DataFrame
        Contract `IndicatorValues`, as chosen by ``page.rows``; or what a statistic returned.
    basis : DataFrame, optional
        The `IndicatorValues` that a statistic rests on; they give years and sources.
    missing : str, optional
        Key of the message shown where there is nothing to draw.
    caption : str, optional
        Caption of a figure of your own, in the language of the page.
    """
    name, words, number = plot.__name__.removeprefix("plot_"), page.words, page.number("figure")
    given, is_statistic = (rows, False) if basis is None else (basis, True)
    label = words.text("notebook.label.figure", number=number)
    template = caption or _template(page, name)
    title = caption or _filled(page, template, given)
    drawn = rows if is_statistic or caption else _drawn(page, rows, template)
    try:
        if basis is None:
            need_page_year(page, rows)
        svg, narrow = _picture(plot, rows, words, f"{page.key}-{number}", drawn.index)
    except MissingDataError as error:
        _show_missing(page, f"{label}: {title}", error, missing)
        return
    header, values = figure_values(drawn, words, is_statistic=is_statistic)
    shown = given if is_statistic else drawn
    left_out, found = page.left_out(shown), _findings(page, name, shown)
    headline, _, said = unbroken(f"{describe(rows, words)} {left_out}").rpartition("\n")
    said, seen = said.strip(), f"{escape(headline)}{doubt(page, name, shown)}"
    head = f'<b class="ewm-headline">{seen}</b><br>\n' if headline else ""
    reading = f'<p class="ewm-reading">{escape(said)}</p>\n' if said else ""
    alt = f"{headline}. {said}".strip() if headline else said
    about = _about(page, given)
    html = (
        f'<figure class="ewm-figure" id="figure-{number}">\n'
        f"<figcaption>{head}<strong>{label}:</strong> {escape(title)}{_mark(found)}"
        f'</figcaption>\n<img class="ewm-picture" alt="{escape(alt)}" src="{data_uri(svg)}">\n'
        f"{reading}{notes(page, found)}{_line(about['sources'])}</figure>"
    )
    record = {
        "number": number,
        "slug": name.replace("_", "-"),
        "title": f"{label}: {title}",
        "headline": headline,
        "alt": alt,
        "narrow": narrow,
        "header": header,
        "rows": values,
        **about,
    }
    display({FIGURE_MIME: record, "text/html": html}, raw=True)


def unbroken(sentence: str) -> str:
    """Keep the sign of "−€2.0 m" on the line of its amount, wherever the sentence is shown."""
    return re.sub("([+−])€", "\\1\u2060€", sentence)


def _picture(
    plot: Plot, rows: pd.DataFrame, words: Words, prefix: str, listed: pd.Index
) -> tuple[str, str]:
    """Return a drawing, and the same for phones; one of a page's own has the first only.

    Each says where it shows which of the rows listed in its table of values.
    """
    is_own = plot.__name__.removeprefix("plot_") not in figures.entries()
    with style():
        plot(rows, words)
        figure = plt.gcf()
        svg = _marked(figure_svg(figure, prefix), figure, listed)
        narrow = "" if is_own else _marked(narrow_svg(figure, f"{prefix}n"), figure, listed)
        plt.close(figure)
    return svg, narrow


def _marked(svg: str, figure: Figure, listed: pd.Index) -> str:
    lines = {row: line for line, row in enumerate(listed) if listed.is_unique}
    found = [f"{lines[row]},{x:.0f},{y:.0f}" for row, x, y in marks(figure) if row in lines]
    return svg.replace("<svg", f'<svg data-marks="{" ".join(found)}"', 1) if found else svg


def data_uri(svg: str) -> str:
    """Return a picture as the address of an ``<img>``: so it is seen wherever a notebook is.

    JupyterLab shows no drawn SVG in a notebook that it does not trust, code hosts break it.

    Examples
    --------
    >>> data_uri("<svg/>")
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def show_table(
    page: Page,
    make: MakeTable,
    rows: pd.DataFrame,
    *,
    basis: pd.DataFrame | None = None,
    missing: str = "",
    caption: str = "",
) -> None:
    """Show a table with number, caption and source.

    Parameters
    ----------
    page : Page
        The page opened by `start`.
    make : callable
        A ``*_table`` of the room `tables`, or a function of your own like these.
    rows : DataFrame
        What the table shows; contract `IndicatorValues` where it holds figures.
    basis : DataFrame, optional
        The `IndicatorValues` that a statistic rests on; they give years and sources.
    missing : str, optional
        Key of the message shown where the table would have no rows.
    caption : str, optional
        Caption of a table of your own, in the language of the page.
    """
    given, found = doubted(page, rows if basis is None else basis)
    declared = tables.entries().get(make.__name__)
    number, title = 0, caption
    if not caption:
        template = tables.entries()[make.__name__].caption or {}
        title = _filled(page, in_language(template, page.words.locale), given)
    if declared is None or declared.numbered:
        number = page.number("table")
        title = f"{page.words.text('notebook.label.table', number=number)}: {title}"
    try:
        table = make(given if basis is None else rows, page.words)
    except MissingDataError as error:
        _show_missing(page, title, error, missing)
        return
    is_marked = any(DOUBTED in cell for line in table.rows for cell in line)
    head = title if is_marked else f"{title}{_mark(found)}"
    about = _about(page, given)
    html = (
        f'<div class="ewm-table" id="table-{number}">\n{table.html(head, f"table-{number}")}\n'
        f"{notes(page, found)}{_line(about['sources'])}</div>"
    )
    record = {
        "number": number,
        "slug": make.__name__.removesuffix("_table").replace("_", "-"),
        "title": title,
        "header": [str(column) for column in table.frame.columns],
        "rows": plain(table.frame),
        "notes": [*table.notes],
        **about,
    }
    display({TABLE_MIME: record, "text/html": html}, raw=True)


def note(page: Page, text: str) -> None:
    """Show a sentence made from the numbers; nothing where there is none."""
    if text:
        display({"text/html": f"<p>{escape(text)}</p>", "text/plain": text}, raw=True)


def _show_sentence(page: Page, text: str, entry: figures.Figure, rows: pd.DataFrame) -> None:
    """Show what is only a sentence; one that tells figures names their sources, too."""
    tells_figures = entry.show or entry.beside or entry.name in PRINTED
    if not (text and tells_figures):
        note(page, text)
        return
    if entry.name not in PRINTED:
        rows = rows[rows["year"] == rows["year"].max()]
    found = _findings(page, entry.name, rows)
    line = f"{notes(page, found)}{_line(_sources(page, rows))}"
    html = f"<p>{escape(text)}{_mark(found)}</p>\n{line}"
    display({"text/html": html, "text/plain": text}, raw=True)


def _findings(page: Page, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the findings about what a figure or sentence tells: not about a base that it reads."""
    entry = figures.entries().get(name)
    told = [*entry.show, *entry.beside] if entry else []
    is_told = rows["indicator"].isin(told) if told and "indicator" in rows else slice(None)
    return doubted(page, rows[is_told])[1]


def doubt(page: Page, name: str, rows: pd.DataFrame) -> str:
    """Return the mark where what a headline or a message says is doubted: of the page's year, and
    of the year before that it is compared with.
    """
    if "year" in rows and page.parameters.year:
        rows = rows[rows["year"] >= page.parameters.year - 1]
    return _mark(_findings(page, name, rows))


def _mark(findings: pd.DataFrame) -> str:
    return DOUBTED if len(findings) else ""


def show_sources(page: Page) -> None:
    """Show the table of all sources that figures and tables of this page rest on."""
    show(page, "sources_table")


def show_definitions(page: Page) -> None:
    """Show what the indicators of this page mean and how they are counted."""
    show(page, "definitions_table")


def need_page_year(page: Page, rows: pd.DataFrame) -> None:
    """An earlier year must not stand in for the page's; economic figures know their own."""
    if "organisation_id" in rows or page.parameters.year is None:
        return
    own = rows.loc[rows["scope"] == "", "year"]
    if len(own) and own.max() < page.parameters.year:
        raise MissingDataError(f"Nothing is published for {page.parameters.year}.")


def _template(page: Page, name: str) -> str:
    """Return the caption of a figure, not filled: of its entry, or else a message."""
    entry = figures.entries().get(name)
    locale = page.words.locale
    if entry is not None and entry.caption:
        return in_language(entry.caption, locale)
    return unfilled(f"notebook.figure.{name}", locale)


def _drawn(page: Page, rows: pd.DataFrame, caption: str) -> pd.DataFrame:
    """A figure whose caption names one year draws that year; economic figures have their own."""
    year = page.parameters.year
    if year is None or "{years}" in caption or "scope" not in rows:
        return rows
    return rows[(rows["year"] == year) | (rows["scope"] != "")]


def _filled(page: Page, caption: str, rows: pd.DataFrame) -> str:
    asked = page.parameters
    years = [int(year) for year in rows["year"].dropna()] if "year" in rows else []
    asked_for = (asked.first_year or asked.year, asked.last_year or asked.year)
    first, last = (min(years), max(years)) if years else asked_for
    span = str(last) if first == last else f"{first}–{last}"
    if last is None:  # a page on all years, of which none is known
        caption = caption.replace(", {years}", "")
    cluster = page.words.label("cluster", asked.cluster_id) if asked.cluster_id else ""
    return caption.format(year=asked.year, years=span, cluster=cluster)


def _show_missing(page: Page, label: str, error: MissingDataError, missing: str) -> None:
    key = "few_clusters" if isinstance(error, FewClustersError) else "missing"
    if page.parameters.year is None and page.parameters.cluster_id is None:
        key = "missing_portrait"
    fallback = "disclosure.not_shown" if page.is_confidential else f"{page.voice}.{key}"
    text = page.words.text(missing or fallback)
    html = f'<p class="ewm-missing"><strong>{escape(label)}</strong> – {escape(text)}</p>'
    display({"text/html": html, "text/plain": f"{label}: {text}"}, raw=True)


def _about(page: Page, rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the sources and the indicators of what is shown, for the files beside the page."""
    sources = _sources(page, rows)
    names = dict.fromkeys(rows["indicator"]) if sources and "indicator" in rows else {}
    return {"sources": sources, "indicators": [name for name in names if name in indicators()]}


def _line(sources: list[str]) -> str:
    return "".join(f'<p class="ewm-source">{escape(source)}</p>\n' for source in sources)


def _sources(page: Page, rows: pd.DataFrame) -> list[str]:
    """Name each source once, with all places used; remember sources and indicators."""
    if "source_id" not in rows or "publisher" in rows or rows.empty:
        return []
    if "reference" not in rows:  # facts and categories name a source without a place
        rows = rows[rows["source_id"] != ""].assign(reference="")
    words = page.words
    titles = page.words.titles()
    # what figures were computed from: the monitoring's records, or what else they are
    titles[COMPUTED] = words.text(f"{page.voice}.source.records", title=titles.get(COMPUTED, ""))
    places: dict[str, dict[str, None]] = {}
    for source, reference in zip(rows["source_id"], rows["reference"], strict=True):
        page.sources[source] = None
        places.setdefault(source, {})[reference] = None
    page.indicators |= dict.fromkeys(rows.get("indicator", ()))
    named = []
    for source, references in places.items():
        places_said = [words.place(reference) for reference in references if reference]
        named.append(", ".join([titles[source], *places_said]))
    return [words.text("notebook.source.line", sources="; ".join(named))]
