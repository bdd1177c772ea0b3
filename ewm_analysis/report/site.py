"""The site: the page of all reports, made from the manifests found, and links between pages."""

from __future__ import annotations

from pathlib import Path

from ewm_analysis.files import written
from ewm_analysis.l10n import DEFAULT
from ewm_analysis.report.entries import INDEX, find_entries
from ewm_analysis.report.index import index_page
from ewm_analysis.report.links import links_of, with_links


def build_site(outputs: Path) -> Path:
    """Write a page of all reports for each language, and link the reports with each other.

    Parameters
    ----------
    outputs : Path
        Folder of all results. Runs that never succeeded have no manifest and are not shown.

    Returns
    -------
    Path
        That of the first language, ``index.html``.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    entries = find_entries(outputs)
    for locale, name in INDEX.items():
        _replace(outputs / name, index_page(entries, outputs, locale))
    for entry in entries:
        html = entry.path.read_text("utf-8")
        linked = with_links(html, links_of(entry, entries, outputs), entry.locale)
        if linked != html:
            _replace(entry.path, linked)
    return outputs / INDEX[DEFAULT]


def _replace(path: Path, content: str) -> None:
    with written(path) as beside:
        beside.write_text(content, "utf-8", newline="")
