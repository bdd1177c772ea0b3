"""An executed notebook to one accessible HTML page that opens offline and asks no server."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
import threading
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import TagRemovePreprocessor

from ewm_analysis.errors import RunError
from ewm_analysis.l10n import DEFAULT, FALLBACK, NBSP, Locale, format_number, text
from ewm_analysis.report import bundles
from ewm_analysis.report.files import citation, software, write_files

TEMPLATES = Path(__file__).with_name("templates")


SCRIPTS = {"report": ("report",), "overview": ("report", "filter"), "site": ("site", "filter")}
"""By kind of page: a report of one cluster, one of all, the page of all reports."""


@cache
def script(kind: str) -> str:
    """Return the script of a kind of page as it stands there."""
    parts = (TEMPLATES / "ewm" / f"{part}.js" for part in SCRIPTS[kind])
    return "\n".join(part.read_text("utf-8").strip() for part in parts)


def policy(code: str) -> str:
    """Return the content-security policy of a page that runs one script.

    Nothing is fetched, nothing is sent, and what a data set or a commentary may bring in is not
    run. ``code`` is the script, exactly as it stands in the page.

    Examples
    --------
    >>> policy("1").split("; ")[-1]
    "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    """
    mark = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src 'unsafe-inline'; script-src 'sha256-{mark}'"
    )


LANGUAGE = re.compile(r"^[ \t]*<!--[ \t]*([a-z]{2})[ \t]*-->[ \t]*$", re.MULTILINE)
HEADING = re.compile(r"<h([23])(?:\s[^>]*)?>(.*?)</h\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")

Chapter = tuple[str, str, list[tuple[str, str]]]
"""Anchor and heading of a chapter, and of each of its parts."""


def locale_part(source: str, locale: Locale) -> str:
    """Return the part of a markdown cell that is written in a language.

    German stands first; each other language follows a line with its code, such as
    ``<!-- en -->``. What has no part of its own is said in English; a cell without any such
    line holds for all languages.

    Examples
    --------
    >>> locale_part("## Projekte\\n<!-- en -->\\n## Projects", "en")
    '## Projects'
    """
    first, *others = LANGUAGE.split(source)
    parts = {DEFAULT: first, FALLBACK: first} | dict(zip(others[::2], others[1::2], strict=True))
    return parts.get(locale, parts[FALLBACK]).strip()


def anchor(heading: str) -> str:
    """Return an address for a heading: small letters, digits and hyphens.

    Examples
    --------
    >>> anchor("2.1 Größe & Wirkung")
    '2-1-groesse-wirkung'
    """
    spelled = heading.lower()
    for letter, ascii_letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        spelled = spelled.replace(letter, ascii_letters)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"


def with_anchors(html: str) -> tuple[str, list[Chapter]]:
    """Return HTML whose headings of the second and third level have ids, and these headings.

    Examples
    --------
    >>> with_anchors("<h2>A &amp; B</h2><h3>C</h3>")
    ('<h2 id="a-b">A &amp; B</h2><h3 id="c">C</h3>', [('a-b', 'A &amp; B', [('c', 'C')])])
    """
    seen: Counter[str] = Counter()
    chapters: list[Chapter] = []

    def give_id(match: re.Match[str]) -> str:
        level, inner = match.groups()
        words = TAG.sub("", inner)
        name = anchor(unescape(words))
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name}-{seen[name]}"
        if level == "2":
            chapters.append((unique, words, []))
        elif chapters:
            chapters[-1][2].append((unique, words))
        return f'<h{level} id="{unique}">{inner}</h{level}>'

    return HEADING.sub(give_id, html), chapters


YEARS = ("year", "base_year", "first_year", "last_year")
"""Columns of years, which take no thousands separator."""

SOURCE = "notebook.column.source"
"""Heads a column that the line below the figure already says."""

DIGITS = 3


@dataclass(frozen=True)
class ValueTable:
    """Texts of a table: its shared cells by heading, its header and rows, which are numbers."""

    shared: Mapping[str, str]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int]


def value_table(
    header: Sequence[str], rows: Sequence[Sequence[bundles.Cell]], locale: Locale
) -> Any:
    """Return the numbers of a figure as a table of texts.

    Examples
    --------
    >>> table = value_table(["Jahr", "Einheit", "Wert"], [[2020, "Euro", 1], [2021, "Euro", 0.25]],
    ...     "de")
    >>> table.shared, table.header, table.rows
    ({'Einheit': 'Euro'}, ['Jahr', 'Wert'], [['2020', '1'], ['2021', '0,25']])
    """
    years = {text(f"values.column.{name}", locale) for name in YEARS}
    source = text(SOURCE, locale)
    usual = text("notebook.precision.exact", locale)  # goes without saying
    cells = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    numbers = {
        name for name, own in cells.items() if any(isinstance(cell, int | float) for cell in own)
    }
    shown = {
        name: [_shown(cell, name in years, locale) for cell in own]
        for name, own in cells.items()
        if name != source
    }
    shared = {
        name: own[0]
        for name, own in shown.items()
        if len(rows) > 1 and len(set(own)) == 1 and name not in numbers
    }
    kept = [name for name, own in shown.items() if name not in shared and any(own)]
    return ValueTable(
        shared={name: cell for name, cell in shared.items() if cell not in ("", usual)},
        header=kept,
        rows=[list(line) for line in zip(*(shown[name] for name in kept), strict=True)],
        numbers=frozenset(place for place, name in enumerate(kept) if name in numbers),
    )


def _shown(cell: bundles.Cell, is_year: bool, locale: Locale) -> str:
    if cell is None or isinstance(cell, str | bool):
        return "" if cell is None else str(cell)
    if is_year:
        return str(cell)
    digits = next((n for n in range(DIGITS) if round(cell, n) == cell), DIGITS)
    return format_number(cell, locale, digits)


LINKING = {"href", "xlink:href"}
FETCHING = {"src", "srcset", "poster", "data", "background", "action", "formaction"}
REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)


def check_page(html: str) -> None:
    """Refuse a page that would run another script, ask a server, or leave a picture unexplained.

    Raises
    ------
    RunError
        With all complaints, one a line.

    Examples
    --------
    >>> check_page('<main><h1>Bericht</h1><img src="data:image/png;base64,AA" alt="Kurve"></main>')
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    complaints = list(dict.fromkeys(reader.complaints))
    if reader.titles != 1:
        hint = "the title is that of 'start'; tag other cells with '# …' as 'remove-cell'"
        complaints.append(
            f"one heading of the first level is needed, {reader.titles} found: {hint}"
        )
    if complaints:
        raise RunError("The page cannot be published:\n" + "\n".join(complaints))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self.titles = 0
        self._script: list[str] | None = None

    def _complain(self, words: str) -> None:
        self.complaints.append(f"line {self.getpos()[0]}: {words}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.titles += tag == "h1"
        if tag == "script" and not attrs:
            self._script = []
        elif tag == "script" and given.get("type") == "application/json":
            pass  # data, which no browser runs
        elif tag in ("script", "iframe", "object", "embed"):
            self._complain(f"<{tag}> is not allowed")
        if tag == "img" and not given.get("alt", "").strip():
            self._complain("a picture has no text that describes it")
        for name, value in given.items():
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self._complain(f"{name} of <{tag}> would run a script")
            if _fetches(tag, name, value):
                self._complain(f"<{tag}> would fetch {value[:60]!r}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            if "".join(self._script) not in map(script, SCRIPTS):
                self._complain("<script> is not allowed: it is not the page's own")
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        if self.cdata_elem == "style" and REMOTE_STYLE.search(data):
            self._complain("a style sheet would fetch a file")


def _fetches(tag: str, name: str, value: str) -> bool:
    """A link may point anywhere; whatever is loaded with the page must lie inside it."""
    if name == "style":
        return bool(REMOTE_STYLE.search(value))
    is_source = name in FETCHING
    if tag == "link" or (tag in ("image", "use") and name in LINKING):
        is_source = name in LINKING
    return is_source and bool(value) and not value.startswith(("data:", "#"))


HIDDEN_TAGS = {"remove-cell", "parameters", "injected-parameters"}
REPORT = "report.html"

_exporters = threading.local()  # nbconvert's exporter is worth keeping and not thread-safe


def export_html(notebook: Path | nbformat.NotebookNode, folder: Path) -> bundles.Contents:
    """Write ``report.html`` of an executed notebook, and its figures and tables beside it.

    Parameters
    ----------
    notebook : Path or NotebookNode
        The executed notebook.
    folder : Path
        Where the files go; it must exist.

    Returns
    -------
    Contents
        What the page shows.

    Raises
    ------
    RunError
        If the notebook has no page, a picture has no sentence, or the page would not be
        readable offline and by everyone.
    """
    node = nbformat.read(notebook, 4) if isinstance(notebook, Path) else notebook
    contents = bundles.read_contents(node)
    html = to_html(node, contents)
    check_page(html)
    write_files(contents, folder)
    (folder / REPORT).write_text(html, "utf-8", newline="")
    return contents


def to_html(notebook: nbformat.NotebookNode, contents: bundles.Contents) -> str:
    """Return the page as HTML."""
    if not hasattr(_exporters, "report"):
        _exporters.report = _new_exporter()
    page, recorded = contents.page, notebook.metadata.get("papermill", {})
    code = script("report" if page.parameters.get("cluster_id") else "overview")
    resources = {
        "page": page,
        "text": lambda key, **values: text(f"report.{key}", page.locale, **values),
        "kinds": {"page": bundles.PAGE, "figure": bundles.FIGURE, "table": bundles.TABLE},
        **software(),
        "citation": citation(page),
        "script": code,
        "policy": policy(code),
        "rerun": rerun_command(page, Path(recorded.get("input_path") or "").stem),
        "folders": [name for name in ("figures", "tables") if getattr(contents, name)],
    }
    html, _ = _exporters.report.from_notebook_node(notebook, resources=resources)
    return with_links(str(html), contents)


LINK = re.compile(r' <a class="ewm-to" href="#(figure|table):([\w-]+)">(.*?)</a>')
"""A link of a key message as notebooks hold it: to a figure or table by its name."""


def with_links(html: str, contents: bundles.Contents) -> str:
    """Return a page whose key messages lead to figures and tables by their number.

    What a page does not show has no link.

    Examples
    --------
    >>> page = bundles.Page("T", "", "de", "example", "Beispiel", True, "", {})
    >>> from ewm_analysis.report.bundles import Table
    >>> table = Table(2, "trend", "Tab. 2: Trend", (), ())
    >>> link = '<li>Ja. <a class="ewm-to" href="#table:trend">Tab.</a></li>'
    >>> with_links(link, bundles.Contents(page, tables=[table]))
    '<li>Ja. <a class="ewm-to" href="#table-2">Tab.\xa02</a></li>'
    """
    places = {
        (kind, each.slug): each.number
        for kind, items in (("figure", contents.figures), ("table", contents.tables))
        for each in items
    }

    def numbered(link: re.Match[str]) -> str:
        kind, slug, label = link.groups()
        if number := places.get((kind, slug)):
            return f' <a class="ewm-to" href="#{kind}-{number}">{label}{NBSP}{number}</a>'
        return ""

    return LINK.sub(numbered, html)


def _new_exporter() -> TemplateExporter:
    return TemplateExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="ewm",
        template_file="report.html.j2",
        file_extension=".html",
        optimistic_validation=True,  # once, and not after each of a dozen steps that do nothing
        preprocessors=[TagRemovePreprocessor(remove_cell_tags=HIDDEN_TAGS, enabled=True)],
        filters={
            "locale_part": locale_part,
            "as_html": _as_html,
            "with_anchors": with_anchors,
            "value_table": value_table,
            "drawn": bundles.drawn,
        },
    )


def _as_html(markdown: str) -> str:
    """Markdown to HTML as nbconvert does it, without a pilcrow at each heading."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(markdown)


def rerun_command(page: bundles.Page, notebook: str) -> str:
    """Return the command that makes a page again.

    Examples
    --------
    >>> page = bundles.Page("T", "", "de", "example", "Beispiel", True, "", {"year": 2021,
    ...     "locale": "de", "cluster_id": "imk", "data_dir": "data/example"})
    >>> rerun_command(page, "10_annual_report")
    'ewm run --data data/example --year 2021 --cluster imk --notebook 10_annual_report --locale de'
    """
    given: Mapping[str, Any] = page.parameters
    options = {
        "--data": given.get("data_dir"),
        "--year": given.get("year"),
        "--cluster": given.get("cluster_id"),
        "--notebook": notebook,
        "--locale": page.locale,
    }
    words = [f"{option} {shlex.quote(str(value))}" for option, value in options.items() if value]
    return " ".join(["ewm run", *words, *(["--internal"] if given.get("internal") else [])])
