"""Explore a data set in JupyterLab: controls on the left; figure, sentence and table follow."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import ipywidgets

from ewm_analysis.errors import EwmError
from ewm_analysis.l10n import Locale
from ewm_analysis.l10n.sentences import text
from ewm_analysis.notebook.explore_choice import Choice, Opened
from ewm_analysis.notebook.explore_views import Shown, show
from ewm_analysis.parameters import RunParameters
from ewm_analysis.project import list_datasets, resolve_data_dir

VIEWS = ("chart", "map", "network")
FIRST = "projects_new"
"""The indicator shown first, where the data set has it."""
MOST_ROWS = 13
"""Clusters that the list shows without scrolling."""


def explore(data_dir: str | Path, locale: Locale = "de") -> Explorer:
    """Show controls for data set, indicator, clusters, years and breakdown, and what they choose.

    Parameters
    ----------
    data_dir : str or Path
        Folder of the data set shown first; a relative one is found as by `open_dataset`. The
        other data sets of the project can be chosen, too.
    locale : {"de", "en"}
        Language.

    Raises
    ------
    ParameterError
        If the language is unknown.
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
    return Explorer(resolve_data_dir(asked.data_dir), asked.locale)


class Explorer:
    """The controls, each a widget of ipywidgets, and what they show now.

    Set ``value`` of `data_set`, `indicator`, `clusters`, `years`, `breakdown` or `view`, by
    hand or by program: `shown` and the `widget` follow. Confidential figures are left out.
    """

    def __init__(self, path: Path, locale: Locale) -> None:
        self._locale = locale
        self._opened = {path: Opened.read(path, locale)}
        self._is_offering = False
        beside = list_datasets(path.parents[1]) if path.parent.name == "data" else []
        self.data_set = ipywidgets.Dropdown(
            options={folder.name: folder for folder in sorted({path, *beside})}, value=path
        )
        self.indicator = ipywidgets.Dropdown()
        self.clusters = ipywidgets.SelectMultiple()
        self.years = ipywidgets.IntRangeSlider(continuous_update=False)
        self.breakdown = ipywidgets.Dropdown()
        views = {self._text(f"view.{name}"): name for name in VIEWS}
        self.view = ipywidgets.ToggleButtons(options=views)
        self._head, self._body = ipywidgets.HTML(), ipywidgets.HTML()
        self.shown = Shown("", "", "")
        self.widget = self._laid_out()
        self._offer(self._opened[path])
        self._show()
        for control in (*self._controls().values(), self.view):
            control.observe(self._follow, "value")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the widget as the result of a cell."""
        return self.widget._repr_mimebundle_(**options)

    def _text(self, key: str) -> str:
        return text(f"explore.{key}", self._locale)

    def _controls(self) -> dict[str, Any]:
        names = ("data_set", "indicator", "clusters", "years", "breakdown")
        return {name: getattr(self, name) for name in names}

    def _laid_out(self) -> ipywidgets.VBox:
        controls = self._controls()
        for name, control in controls.items():
            control.description = self._text(f"control.{name}")
        side = ipywidgets.VBox([*controls.values()], layout={"flex": "0 0 256px"})
        sheet = ipywidgets.VBox([self._head, self.view, self._body])
        body = ipywidgets.HBox([side, sheet], layout={"flex_flow": "row wrap"})
        looks = files("ewm_analysis.notebook").joinpath("explore.css").read_text("utf-8")
        page = ipywidgets.VBox([ipywidgets.HTML(f"<style>{looks}</style>"), body])
        for part, name in ((page, "explorer"), (side, "controls"), (sheet, "sheet"),
                           (body, "body"), (self.view, "views")):  # fmt: skip
            part.add_class(f"ewm-{name}")
        return page

    def _follow(self, change: Any) -> None:
        """Offer what the new choice allows and show it, once for all that it changes."""
        if self._is_offering:
            return
        path = self.data_set.value
        try:
            opened = self._opened.get(path) or Opened.read(path, self._locale)
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
        kept = tuple(code for code in self.clusters.value if code in clusters.values())
        self.clusters.options, self.clusters.rows = clusters, min(len(clusters), MOST_ROWS)
        first = "imk" if "imk" in clusters.values() else next(iter(clusters.values()), None)
        self.clusters.value = kept or tuple(code for code in (first,) if code is not None)
        name = self.indicator.value
        self.indicator.options = names
        present = {*opened.known["indicator"]}
        self.indicator.value = name or (FIRST if FIRST in present else next(iter(names.values())))
        start, end = opened.years()
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
        first_year, last_year = self.years.value
        choice = Choice(
            view=self.view.value,
            indicator=self.indicator.value,
            clusters=self.clusters.value,
            first_year=first_year,
            last_year=last_year,
            breakdown=self.breakdown.value,
        )
        opened = self._opened[self.data_set.value]
        self._head.value = _notice(opened)
        self._write(show(opened, choice, f"explore-{id(self):x}"))

    def _write(self, shown: Shown) -> None:
        self.shown = shown
        self._body.value = _html(shown)


def _notice(opened: Opened) -> str:
    """Return what every page of the data set says: it is synthetic, or not the monitoring."""
    notice = opened.dataset.notices.get(opened.words.locale, "")
    if opened.dataset.is_synthetic:
        notice = opened.words.text("notebook.notice.synthetic")
    if opened.dataset.disclosure != "none":
        notice = f"{notice} {opened.words.text('disclosure.notice.standard')}".strip()
    return f'<p class="ewm-notice" role="note">{escape(notice)}</p>' if notice else ""


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
