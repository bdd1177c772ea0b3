"""What an executed notebook holds for readers: its page, its figures and its tables."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ewm_analysis.errors import RunError
from ewm_analysis.l10n import Locale, text
from ewm_analysis.parameters import RunParameters

PAGE = "application/vnd.ewm.page+json"
FIGURE = "application/vnd.ewm.figure+json"
TABLE = "application/vnd.ewm.table+json"
PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
PICTURE = re.compile(
    r'<img class="ewm-picture" alt="([^"]*)" src="data:image/svg\+xml;base64,(.*?)">'
)
"""The picture of a figure as notebooks hold it: its sentence and its SVG."""

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Page:
    """Title and origin of a page, as the notebook's first cell shows them."""

    title: str
    description: str
    locale: Locale
    data_set: str
    data_set_title: str
    is_synthetic: bool
    notice: str
    parameters: Mapping[str, Any]
    short: str = ""
    """Short name of the cluster."""
    headline: Mapping[str, float] = field(default_factory=dict)
    """Figures that the page of all reports shows, by indicator."""
    imprint: Sequence[Sequence[str]] = ()
    """Lines of the footer: title, text and the address it links to, if any."""

    @property
    def marks(self) -> list[str]:
        """Return what no copy may lose: that figures are invented, or confidential."""
        holds = {"synthetic": self.is_synthetic, "internal": self.parameters.get("internal")}
        return [text(f"report.{name}", self.locale).upper() for name in holds if holds[name]]


@dataclass(frozen=True)
class Table:
    """Numbers of a table, or those behind a figure."""

    number: int
    slug: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """Return the stem of the file's name: ``02-project-volume``."""
        return f"{self.number:02d}-{self.slug}"


@dataclass(frozen=True)
class Figure(Table):
    """A figure: its headline, its sentence, its picture and the numbers behind it."""

    alt: str = ""
    svg: str = ""
    headline: str = ""


@dataclass(frozen=True)
class Contents:
    """All that a notebook shows."""

    page: Page
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @property
    def shows(self) -> list[tuple[str, str]]:
        """Return the place on the page and the caption of each figure and table."""
        figures = [(f"figure-{each.number}", each.title) for each in self.figures]
        return figures + [(f"table-{each.number}", each.title) for each in self.tables]


def read_contents(notebook: Any) -> Contents:
    """Return page, figures and tables of an executed notebook, in their order.

    Raises
    ------
    RunError
        If the page is missing or shown twice, a figure has no sentence, two figures or tables
        share a name, or a picture is shown without a figure.
    """
    pages: list[Page] = []
    figures: list[Figure] = []
    tables: list[Table] = []
    outputs = [
        (number, output["data"])
        for number, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    for number, data in outputs:
        try:
            if PAGE in data:
                pages.append(_page(data[PAGE]))
            elif FIGURE in data:
                figures.append(_figure(data, number))
            elif TABLE in data:
                tables.append(Table(**_shared(data[TABLE])))
            elif any(kind in data for kind in PICTURES):
                raise RunError(
                    f"Cell {number} shows a picture without a sentence that describes it. "
                    "Show it with show_figure."
                )
        except KeyError as missing:
            raise RunError(f"Cell {number}: its output lacks {missing}.") from None
    if len(pages) != 1:
        raise RunError(f"The notebook must call start once; {len(pages)} pages were shown.")
    for kind, items in (("figures", figures), ("tables", tables)):
        stems = [item.stem for item in items]
        if twice := sorted({stem for stem in stems if stems.count(stem) > 1}):
            raise RunError(f"Two {kind} share a name: {', '.join(twice)}.")
    return Contents(pages[0], figures, tables)


def _page(data: Mapping[str, Any]) -> Page:
    given = {"short": "", "headline": {}, "imprint": (), **data}
    # Their order, too: a notebook read from a file has them in another one.
    checked = RunParameters.check(**given["parameters"]).model_dump()
    parameters = {name: value for name, value in checked.items() if value}
    given["parameters"] = parameters | {"data_dir": named(parameters["data_dir"])}
    return Page(**{name: given[name] for name in Page.__dataclass_fields__})


def named(data_dir: str) -> str:
    """Return a data set as pages name it: one elsewhere by its name, not by this machine's path.

    Examples
    --------
    >>> named("data/example"), named("/home/anna/records")
    ('data/example', 'records')
    """
    return Path(data_dir).name if Path(data_dir).is_absolute() else data_dir


def _shared(data: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: data[name] for name in ("number", "slug", "title")}
    about = {name: tuple(data.get(name, ())) for name in ("notes", "sources", "indicators")}
    rows = tuple(map(tuple, data["rows"]))
    return {**plain, **about, "header": tuple(data["header"]), "rows": rows}


def _figure(data: Mapping[str, Any], number: int) -> Figure:
    shared = _shared(data[FIGURE])
    alt = data[FIGURE].get("alt", "").strip()
    if not alt:
        raise RunError(
            f"Cell {number}: figure {shared['number']} “{shared['title']}” has no sentence that "
            "describes it for those who cannot see it."
        )
    picture = PICTURE.search(data["text/html"])
    svg, headline = _svg(picture) if picture else "", data[FIGURE].get("headline", "")
    return Figure(**shared, alt=alt, svg=svg, headline=headline)


def _svg(picture: re.Match[str]) -> str:
    return base64.b64decode(picture[2]).decode()


FACE = "font-family: 'DejaVu Sans', 'Verdana', sans-serif; "
"""Face of a drawing by itself; on the page its words have that of the page."""


def drawn(html: str, narrow: str = "") -> str:
    """Return a figure with its picture drawn on the page, where its words can be found and read.

    ``narrow`` is the same picture for phones, if there is one: the style sheet shows one of both.
    """
    also = narrow.replace("<svg", '<svg class="narrow"', 1)
    return PICTURE.sub(
        lambda picture: (
            f'<div class="ewm-picture" role="img" aria-label="{picture[1]}">'
            f"{(_svg(picture) + also).replace(FACE, '')}</div>"
        ),
        html,
    )
