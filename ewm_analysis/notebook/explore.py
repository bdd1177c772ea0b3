"""Explore a data set in JupyterLab: controls on the left; figure, sentence and table follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import ipywidgets
import pandas as pd
from matplotlib import pyplot as plt
from traitlets import TraitError

from ewm_analysis import figures
from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import EwmError, MissingDataError, ParameterError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.indicators.comparison import participants, projects_shared
from ewm_analysis.indicators.long import COMPUTED, series_of
from ewm_analysis.l10n import Locale, in_language
from ewm_analysis.l10n.sentences import text
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.notebook.page import said_notice
from ewm_analysis.parameters import RunParameters
from ewm_analysis.project import list_datasets, resolve_data_dir
from ewm_analysis.tables import Table, network_table, values_table

CONTROLS = ("data_set", "indicator", "clusters", "years", "breakdown")
CHOSEN = ("view", *CONTROLS[1:])
FIRST, FIRST_CLUSTER = "projects_new", "imk"
"""Shown first, where the data set has them."""
MOST_ROWS = 13
"""Clusters that the list shows without scrolling."""
MAP = ("actors_projects", "actors_projects_running")
NETWORK = "projects_shared"
"""Made for the view of the network alone: it has no row in the long table."""

Seen = tuple[pd.DataFrame, tuple[str, str], str, Table]
"""The rows that a figure rests on, the figure and its sentence, a note, and the table."""


def explore(data_dir: str | Path, locale: Locale = "de", **chosen: Any) -> Explorer:
    """Show controls for data set, indicator, clusters, years and breakdown, and what they choose.

    Parameters
    ----------
    data_dir : str or Path
        Folder of the data set shown first; a relative one is found as by `open_dataset`. The
        other data sets of the project can be chosen, too.
    locale : {"de", "en"}
        Language.
    **chosen
        What the controls say at first: ``view`` (``chart``, ``map``, ``network``), ``indicator``,
        ``clusters`` and ``years`` (tuples), ``breakdown``. The explorer writes the call that
        shows its view again: in a cell it keeps the choice with the notebook.

    Raises
    ------
    ParameterError
        If the language is unknown, or a control does not offer what is chosen.
    MissingDataError
        If there is no such data set.
    ContractError
        If the data set breaks its contracts.

    Examples
    --------
    >>> explorer = explore("data/example", "en")
    >>> explorer.breakdown.value = "funder"
    >>> print(explorer.shown.subtitle)
    ICT, media and creative industries · 2011–2021 · by: Funder
    """
    asked = RunParameters.check(data_dir=str(data_dir), locale=locale)
    explorer = Explorer(resolve_data_dir(asked.data_dir), asked.locale)
    explorer.choose(**chosen)
    return explorer


class Opened:
    """A data set as far as it may be shown, and the words of one language over it."""

    def __init__(self, path: Path, locale: Locale) -> None:
        whole = open_dataset(path)
        open_to_all = suppress(compute_indicators(whole), whole)
        self.dataset: Dataset = open_to_all.dataset
        self.words = Words(whole.reference, locale)
        self.known = open_to_all.values[open_to_all.values["value"].notna()]
        self.listed = pd.concat([open_to_all.values, open_to_all.withheld])

    def indicators(self) -> dict[str, str]:
        """Return the catalogue, label to name: what the data set knows first, then the rest."""
        present, words = {*self.known["indicator"]}, self.words
        labels = {name: words.indicator(name) for name in indicators() if name != NETWORK}
        rest = {n: words.text("explore.without_figures", name=labels[n]) for n in labels}
        first = {label: name for name, label in labels.items() if name in present}
        return first | {label: name for name, label in rest.items() if name not in present}

    def clusters(self) -> dict[str, str]:
        """Return the clusters that have figures, label to code; ``""`` is no cluster."""
        present = {*self.known["cluster_id"]}
        order = self.words.reference.clusters.sort_values("position")["cluster_id"]
        return {self.called(code): code for code in [*order, ""] if code in present}

    def called(self, cluster: str) -> str:
        """Return the label of a cluster, or what figures without one are called."""
        if not cluster:
            return self.words.text("explore.no_cluster")
        return self.words.label("cluster", cluster)

    def breakdowns(self, name: str) -> dict[str, str]:
        """Return by what the figures of an indicator are divided, label to dimension."""
        present = {*self.known.loc[self.known["indicator"] == name, "dimension"]}
        dimensions = [each for each in indicator(name).dimensions if each in present]
        divided = {self.words.text(f"tables.dimension.{each}"): each for each in dimensions}
        has_whole = "" in present or not divided
        return ({self.words.text("explore.undivided"): ""} if has_whole else {}) | divided

    def notice(self) -> str:
        """Return what every page of the data set says: it is synthetic, or not the monitoring."""
        notice = said_notice(self.dataset, self.words)
        return f'<p class="ewm-notice" role="note">{escape(notice)}</p>' if notice else ""


@dataclass(frozen=True)
class Choice:
    """What the controls of the explorer say, of a data set."""

    opened: Opened
    view: str
    indicator: str
    clusters: tuple[str, ...]
    years: tuple[int, int]
    breakdown: str

    def rows(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the figures that are meant."""
        rows = self.anywhere(values)
        return rows[rows["year"].between(*self.years) & rows["cluster_id"].isin(self.clusters)]

    def anywhere(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the figures of indicator and breakdown, of all clusters and years."""
        named = values["indicator"] == self.indicator
        return values[named & (values["dimension"] == self.breakdown)]

    def table(self) -> Table:
        """Return what is chosen as a table, with what is withheld."""
        return values_table(self.rows(self.opened.listed), self.opened.words)


@dataclass(frozen=True)
class Shown:
    """One view: texts, figure and table; where there is nothing to draw, ``svg`` is empty."""

    title: str
    subtitle: str
    sentence: str
    svg: str = ""
    note: str = ""
    source: str = ""
    table: str = ""


def show(choice: Choice, prefix: str) -> Shown:
    """Return what a choice shows; what the data set does not know is said in a sentence.

    `prefix` is put before the ids within figure and table, unique on a page.
    """
    if choice.view == "map":  # it shows one cluster: clusters share actors and are never summed
        one = choice.clusters[:1]
        choice = replace(choice, indicator=MAP[0], breakdown="district", clusters=one)
    elif choice.view == "network":
        choice = replace(choice, indicator=NETWORK, breakdown="home_cluster")
    words, head = choice.opened.words, _heading(choice)
    try:
        rows, (svg, sentence), note, table = VIEWS[choice.view](choice, prefix)
    except MissingDataError:
        return Shown(*head, _missing(choice))
    html = table.html(words.text("explore.table", title=head[0]), f"{prefix}-table")
    return Shown(*head, sentence, svg, note, _source(choice.opened, rows), html)


def _chart(choice: Choice, prefix: str) -> Seen:
    words, rows = choice.opened.words, choice.rows(choice.opened.known)
    svg, sentence = _figure_of_the_report(rows, words, choice.breakdown, prefix) or _figure(
        "values", rows, words, prefix
    )
    if indicator(choice.indicator).is_event and not choice.breakdown and len(choice.clusters) == 1:
        told = figures.tell("projects_change", rows, words)
        sentence = f"{sentence} {told.message.text}".strip()
    if rows["is_provisional"].any():
        sentence = f"{sentence} {words.text('explore.provisional')}"
    note = in_language(indicator(choice.indicator).definition, words.locale)
    return rows, (svg, sentence), note, choice.table()


def _figure_of_the_report(
    rows: pd.DataFrame, words: Words, breakdown: str, prefix: str
) -> tuple[str, str] | None:
    """Return figure and sentence as in the annual report, where it has one for this."""
    kinds = {name: one for name, one in figures.entries().items() if ":" not in one.draw}
    by = {one.by: name for name, one in kinds.items() if one.by} | {"state": "actors_by_state"}
    if breakdown not in by or len(series_of(rows, words)) != 1:
        return None
    try:
        return _figure(by[breakdown], rows, words, prefix)
    except MissingDataError:  # it shows other indicators by this breakdown
        return None


def _map(choice: Choice, prefix: str) -> Seen:
    """The districts of Brandenburg in the last year that is known."""
    words, known = choice.opened.words, choice.opened.known
    rows = pd.concat([replace(choice, indicator=name).rows(known) for name in MAP])
    drawn = _figure("district_map", rows, words, prefix)
    return rows, drawn, words.text("explore.note.map"), choice.table()


def _network(choice: Choice, prefix: str) -> Seen:
    """Homes of actors joined by the new projects that the chosen clusters report."""
    words, records = choice.opened.words, choice.opened.dataset.records
    projects = records["projects"]
    own = projects["is_new"] & projects["cluster_id"].isin(choice.clusters)
    own &= projects["year"].between(*choice.years)
    projects = projects[own & (projects["year"] == projects.loc[own, "year"].max())]
    involved = participants(projects, "project_id", records["participations"], records["actors"])
    rows = projects_shared(involved, words.reference)
    drawn = _figure("shared_projects", rows, words, prefix)
    return rows, drawn, words.text("explore.note.network"), network_table(involved, words)


VIEWS = {"chart": _chart, "map": _map, "network": _network}


def _figure(name: str, rows: pd.DataFrame, words: Words, prefix: str) -> tuple[str, str]:
    """Return a figure as SVG and its sentence."""
    with figures.style():
        figure = figures.plot(name, rows, words).get_figure(root=True)
        svg = figures.figure_svg(figure, prefix)  # type: ignore[arg-type]
    plt.close(figure)
    said = figures.describe(name, rows, words)
    # a figure of the report has its year in the caption, which is not here
    return svg, said if name == "values" else f"{int(rows['year'].max())}: {said}"


def _heading(choice: Choice) -> tuple[str, str]:
    """Return what is shown, and of whom, when and by what."""
    words, called = choice.opened.words, choice.opened.called
    title = words.text(f"explore.title.{choice.view}", name=words.indicator(choice.indicator))
    is_one = len(choice.clusters) == 1
    who = [words.short(c) if c and not is_one else called(c) for c in choice.clusters]
    parts = [", ".join(who), _span(*choice.years)]
    if choice.breakdown and choice.view == "chart":
        dimension = words.text(f"tables.dimension.{choice.breakdown}")
        parts.append(words.text("explore.by", dimension=dimension))
    return title, " · ".join(filter(None, parts))


def _missing(choice: Choice) -> str:
    """Say that there is no figure, and for whom there are some."""
    words, found = choice.opened.words, choice.anywhere(choice.opened.known)
    if not choice.clusters:
        return words.text("explore.missing.clusters")
    if found.empty:
        return words.text("explore.missing.everywhere")
    years = found.groupby("cluster_id")["year"].agg(["min", "max"])
    told = [
        words.text("explore.missing.known", name=label, years=_span(*years.loc[code]))
        for label, code in choice.opened.clusters().items()
        if code in years.index
    ]
    return words.text("explore.missing.here", known=words.join(told))


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _source(opened: Opened, rows: pd.DataFrame) -> str:
    """Name each source once."""
    words, titles = opened.words, opened.words.titles()
    named = {source: str(titles[source]) for source in rows["source_id"]}
    if COMPUTED in named:
        voice = "outside" if opened.dataset.notices else "notebook"
        named[COMPUTED] = words.text(f"{voice}.source.records", title=named[COMPUTED])
    return words.text("notebook.source.line", sources="; ".join(named.values()))


class Explorer:
    """The controls, each a widget of ipywidgets, and what they show now.

    Set ``value`` of `data_set`, `indicator`, `clusters`, `years`, `breakdown` or `view`, by
    hand or by program: `shown` and the `widget` follow. Confidential figures are left out.
    """

    def __init__(self, path: Path, locale: Locale) -> None:
        self._locale = locale
        self._opened = {path: Opened(path, locale)}
        self._is_offering = False
        beside = list_datasets(path.parents[1]) if path.parent.name == "data" else []
        folders = {folder.name: folder for folder in sorted({path, *beside})}
        self.data_set = ipywidgets.Dropdown(options=folders, value=path)
        self.indicator, self.breakdown = ipywidgets.Dropdown(), ipywidgets.Dropdown()
        self.clusters = ipywidgets.SelectMultiple()
        self.years = ipywidgets.IntRangeSlider(continuous_update=False)
        views = {text(f"explore.view.{name}", locale): name for name in VIEWS}
        self.view = ipywidgets.ToggleButtons(options=views)
        self._controls = {name: getattr(self, name) for name in CONTROLS}
        self._head, self._body = ipywidgets.HTML(), ipywidgets.HTML()
        self.widget = self._laid_out()
        self._offer(self._opened[path])
        self._show()
        for control in (*self._controls.values(), self.view):
            control.observe(self._follow, "value")

    def choose(self, **chosen: Any) -> None:
        """Set controls by program; parameters and errors are those of `explore`."""
        controls = {name: getattr(self, name) for name in CHOSEN}
        for name in chosen:
            if name not in controls:
                raise ParameterError("explore", name, controls)
        for name, control in controls.items():  # an indicator first: it offers its breakdowns
            if name in chosen:
                try:
                    control.value = chosen[name]
                except TraitError:
                    offered = [one[1] for one in getattr(control, "_options_full", ())]
                    raise ParameterError(name, chosen[name], offered) from None

    def code(self) -> str:
        """Return the call that shows the present view again."""
        said = [f"{name}={getattr(self, name).value!r}" for name in CHOSEN]
        path = self.data_set.value
        place = f"data/{path.name}" if path.parent.name == "data" else path.as_posix()
        return f"ewm.explore({place!r}, {self._locale!r}, {', '.join(said)})"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the widget as the result of a cell."""
        return self.widget._repr_mimebundle_(**options)

    def _laid_out(self) -> ipywidgets.VBox:
        for name, control in self._controls.items():
            control.description = text(f"explore.control.{name}", self._locale)
        side = ipywidgets.VBox([*self._controls.values()], layout={"flex": "0 0 256px"})
        sheet = ipywidgets.VBox([self._head, self.view, self._body])
        body = ipywidgets.HBox([side, sheet], layout={"flex_flow": "row wrap"})
        looks = files("ewm_analysis.notebook").joinpath("explore.css").read_text("utf-8")
        page = ipywidgets.VBox([ipywidgets.HTML(f"<style>{looks}</style>"), body])
        named = {"explorer": page, "controls": side, "sheet": sheet, "body": body}
        for name, part in (named | {"views": self.view}).items():
            part.add_class(f"ewm-{name}")
        return page

    def _follow(self, change: Any) -> None:
        """Offer what the new choice allows and show it, once for all that it changes."""
        if self._is_offering:
            return
        path = self.data_set.value
        try:
            opened = self._opened.get(path) or Opened(path, self._locale)
        except EwmError as error:  # a callback has no cell below which it could be read
            self._write(Shown(path.name, "", str(error)))
            return
        self._opened[path] = opened
        self._is_offering = True
        if change.owner is self.data_set:
            self._offer(opened)
        elif change.owner is self.indicator:
            self._offer_breakdowns(opened)
        self._is_offering = False
        self._show()

    def _offer(self, opened: Opened) -> None:
        """Offer what a data set has; what was chosen stays where it can."""
        clusters, names = opened.clusters(), opened.indicators()
        codes, present = [*clusters.values()], {*opened.known["indicator"]}
        kept = tuple(code for code in self.clusters.value if code in codes)
        self.clusters.options, self.clusters.rows = clusters, min(len(clusters), MOST_ROWS)
        self.clusters.value = kept or (
            (FIRST_CLUSTER,) if FIRST_CLUSTER in codes else (*codes[:1],)
        )
        name = self.indicator.value or (FIRST if FIRST in present else next(iter(names.values())))
        self.indicator.options = names
        self.indicator.value = name
        years = opened.known["year"]
        start, end = (int(years.min()), int(years.max())) if len(years) else (2000, 2000)
        self.years.min, self.years.max = min(self.years.min, start), max(self.years.max, end)
        self.years.value = start, end
        self.years.min, self.years.max = start, end
        self._offer_breakdowns(opened)

    def _offer_breakdowns(self, opened: Opened) -> None:
        offered, chosen = opened.breakdowns(self.indicator.value), self.breakdown.value
        self.breakdown.options = offered
        known = [*offered.values()]
        self.breakdown.value = chosen if chosen in known else known[0]

    def _show(self) -> None:
        for control in (self.indicator, self.breakdown):
            control.disabled = self.view.value != "chart"
        opened = self._opened[self.data_set.value]
        choice = Choice(opened, *(getattr(self, name).value for name in CHOSEN))
        self._head.value = opened.notice()
        self._write(show(choice, f"explore-{id(self):x}"))

    def _write(self, shown: Shown) -> None:
        """Write a view, and how it is shown again."""
        told, code = escape(text("explore.code", self._locale)), escape(self.code())
        again = f'<details class="ewm-code"><summary>{told}</summary><pre>{code}</pre></details>'
        self.shown, self._body.value = shown, _html(shown) + again


def _html(shown: Shown) -> str:
    head = (
        f'<h3 class="ewm-title">{escape(shown.title)}</h3>\n'
        f'<p class="ewm-subtitle">{escape(shown.subtitle)}</p>\n'
    )
    if not shown.svg:
        return f'{head}<p class="ewm-missing" role="status">{escape(shown.sentence)}</p>'
    return (
        f'{head}<div class="ewm-picture" role="img" aria-label="{escape(shown.sentence)}">'
        f"{shown.svg}</div>\n"
        f'<p class="ewm-sentence" role="status">{escape(shown.sentence)}</p>\n'
        f'<p class="ewm-note">{escape(shown.note)}</p>\n'
        f'<p class="ewm-source">{escape(shown.source)}</p>\n'
        f'<div class="ewm-table">{shown.table}</div>'
    )
