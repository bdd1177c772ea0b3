"""An executed notebook to one accessible HTML page that opens offline."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import TagRemovePreprocessor

from ewm_analysis.hashes import package_sha256
from ewm_analysis.l10n import text
from ewm_analysis.report.bundles import FIGURE, PAGE, TABLE, Contents, Page, read_contents
from ewm_analysis.report.files import citation, write_files
from ewm_analysis.report.guard import check_page
from ewm_analysis.report.prose import contents_of, locale_part, with_anchors
from ewm_analysis.report.scripts import TEMPLATES, policy, script
from ewm_analysis.report.value_table import value_table

HIDDEN_TAGS = {"remove-cell", "parameters", "injected-parameters"}
REPORT = "report.html"

_exporters = threading.local()  # nbconvert's exporter is worth keeping and not thread-safe


def export_html(notebook: Path | nbformat.NotebookNode, folder: Path) -> Contents:
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
    contents = read_contents(node)
    html = to_html(node, contents)
    check_page(html)
    write_files(contents, folder)
    (folder / REPORT).write_text(html, "utf-8", newline="")
    return contents


def to_html(notebook: nbformat.NotebookNode, contents: Contents) -> str:
    """Return the page as HTML."""
    if not hasattr(_exporters, "report"):
        _exporters.report = _new_exporter()
    page, code = contents.page, script("report")
    resources = {
        "page": page,
        "text": lambda key, **values: text(f"report.{key}", page.locale, **values),
        "kinds": {"page": PAGE, "figure": FIGURE, "table": TABLE},
        "version": version("ewm_analysis"),
        "package": package_sha256()[:12],
        "citation": citation(page),
        "script": code,
        "policy": policy(code),
        "rerun": rerun_command(page, _stem(notebook)),
        "has_files": bool(contents.figures or contents.tables),
    }
    html, _ = _exporters.report.from_notebook_node(notebook, resources=resources)
    return str(html)


def _new_exporter() -> TemplateExporter:
    exporter = TemplateExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="ewm",
        template_file="report.html.j2",
        file_extension=".html",
    )
    exporter.register_preprocessor(
        TagRemovePreprocessor(remove_cell_tags=HIDDEN_TAGS), enabled=True
    )
    exporter.register_filter("locale_part", locale_part)
    exporter.register_filter("as_html", _as_html)
    exporter.register_filter("with_anchors", with_anchors)
    exporter.register_filter("contents_of", contents_of)
    exporter.register_filter("value_table", value_table)
    return exporter


def _as_html(markdown: str) -> str:
    """Markdown to HTML as nbconvert does it, without a pilcrow at each heading."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(markdown)


def _stem(notebook: nbformat.NotebookNode) -> str:
    """Name of the notebook, where papermill recorded it."""
    return Path(notebook.metadata.get("papermill", {}).get("input_path") or "").stem


def rerun_command(page: Page, notebook: str) -> str:
    """Return the command that makes a page again.

    Examples
    --------
    >>> page = Page("T", "", "de", "example", "Beispiel", True, "", {"year": 2021, "locale": "de",
    ...     "cluster_id": "imk", "data_dir": "data/example"})
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
