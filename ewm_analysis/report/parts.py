"""What a page shows, part by part and in its order, for the formats that offices work on with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lxml import html

from ewm_analysis.report.bundles import Page

LEFT_OUT = {"nav", "details", "svg", "script", "button"}
HEADLINE = "ewm-headline"
"""What is seen in a figure; it heads the caption."""
LEFT_OUT_CLASSES = {"downloads", "files", "title", "visually-hidden", "notice", HEADLINE}
"""What serves the page only, or stands in a document elsewhere."""

TEXTS = {"h2", "h3", "h4", "p", "li", "figcaption", "caption", "dt", "dd"}
SPACES = re.compile(r"[ \t\r\n]+")


class Run(NamedTuple):
    """Words of one look, and the place on the page that they lead to, if any."""

    words: str
    is_bold: bool = False
    to: str = ""


class Cell(NamedTuple):
    """A cell of a table."""

    words: str
    is_head: bool
    is_number: bool
    is_part: bool
    span: int


@dataclass(frozen=True)
class Part:
    """One part of a page: an element of text, a picture, a table, or a figure of several parts.

    ``kind`` is the name of its element, ``headline`` or ``picture``, ``look`` its class there.
    """

    kind: str
    look: str = ""
    anchor: str = ""
    runs: Sequence[Run] = ()
    parts: Sequence[Part] = ()
    rows: Sequence[Sequence[Cell]] = ()
    heads: int = 0
    """Rows of a table that head it."""
    picture: str = ""
    """Name of the picture's file."""

    @property
    def words(self) -> str:
        """Return the text."""
        return "".join(run.words for run in self.runs).strip()

    def all(self, kind: str) -> list[Part]:
        """Return the parts of a kind within this one."""
        own = [self] if self.kind == kind else []
        return own + [each for part in self.parts for each in part.all(kind)]


class Shown(NamedTuple):
    """A page as it was recorded, its edition, its title block, and what it shows."""

    page: Page
    edition: str
    owner: str
    parts: Sequence[Part]

    def figures(self) -> list[Part]:
        """Return the figures."""
        return [each for part in self.parts for each in part.all("figure")]

    def describe(self, properties: Any) -> None:
        """Say in the properties of a document what it is, by whom, and what no copy may lose."""
        properties.title, properties.author = self.page.title, self.owner
        properties.language, properties.subject = self.page.locale, self.page.data_set_title
        properties.comments = " · ".join(self.page.marks)


def read_parts(report: Path) -> Shown:
    """Return what a page shows, read from the page itself; nothing else gets into a document.

    Parameters
    ----------
    report : Path
        ``report.html``; the manifest of its run stands beside it.
    """
    recorded = json.loads(report.with_name("manifest.json").read_text("utf-8"))
    body = html.document_fromstring(report.read_text("utf-8")).body
    edition = f"ewm_analysis {recorded['package_version']} ({recorded['package_sha256'][:12]})"
    parts = [part for name in ("main", "footer") for part in _parts(body.find(f".//{name}"))]
    return Shown(Page(**recorded["page"]), edition, body.findtext(".//header/p"), parts)


def _parts(element: Any) -> Iterator[Part]:
    for child in element:
        if isinstance(child.tag, str) and not _is_left_out(child):
            yield from _part(child)


def _is_left_out(element: Any) -> bool:
    return element.tag in LEFT_OUT or bool(LEFT_OUT_CLASSES & {*element.get("class", "").split()})


def _part(element: Any) -> Iterator[Part]:
    """Yield what an element is; of one that only groups others, what it holds."""
    look, anchor = element.get("class", ""), element.get("id", "")
    for headline in element.xpath(f"self::figcaption/*[@class='{HEADLINE}']"):
        yield Part("headline", runs=_runs(headline, is_bold=True))
    if element.tag in TEXTS:
        yield Part(element.tag, look, anchor, _runs(element))
    elif element.tag == "table":
        yield from _table(element)
    elif element.get("role") == "img":
        [name] = element.xpath("ancestor::div[@class='figure']//@data-png")
        yield Part("picture", runs=[Run(element.get("aria-label"))], picture=name)
    elif element.tag in ("figure", "ul", "ol", "dl") or look in ("ewm-comment", "ewm-table"):
        yield Part(element.tag, look, anchor, parts=[*_parts(element)])
    else:
        yield from _parts(element)


def _runs(element: Any, *, is_bold: bool = False, to: str = "") -> list[Run]:
    runs = [_run(element.text, is_bold, to)]
    for child in element:
        if isinstance(child.tag, str) and not _is_left_out(child):
            leads = child.get("href", "")
            leads = leads[1:] if leads.startswith("#") else ""
            is_strong = is_bold or child.tag in ("strong", "b")
            runs += _runs(child, is_bold=is_strong, to=leads or to)
        runs.append(_run(child.tail, is_bold, to))
    kept = [run for run in runs if run.words]
    return kept[1:] if kept and not kept[0].words.strip() else kept


def _run(words: str | None, is_bold: bool, to: str) -> Run:
    return Run(SPACES.sub(" ", words or ""), is_bold, to)


def _table(element: Any) -> Iterator[Part]:
    """Yield caption, table and the notes below it."""
    yield from _parts([each for each in element if each.tag == "caption"])
    heads, body = ([*element.findall(f"{name}/tr")] for name in ("thead", "tbody"))
    rows = [[_cell(cell) for cell in row] for row in (*heads, *body)]
    yield Part("table", rows=rows, heads=len(heads))
    for row in element.findall("tfoot/tr"):
        yield Part("p", "ewm-source", runs=_runs(row))


def _cell(element: Any) -> Cell:
    looks = element.get("class", "").split()
    return Cell(
        "".join(run.words for run in _runs(element)).strip(),
        element.tag == "th",
        "gt_right" in looks,
        "gt_indent_2" in looks,
        int(element.get("colspan", 1)),
    )
