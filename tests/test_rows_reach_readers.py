"""Every real row stands on a page, or the reason why it stands on none is written here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from ewm_analysis import figures, tables
from ewm_analysis.batch.plan import plan_runs
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.parts import rows_of
from ewm_analysis.parameters import RunParameters
from ewm_analysis.project import find_project

FIGURE = [
    "year", "cluster_id", "region", "scope", "indicator", "category", "base_year", "delimitation",
]  # fmt: skip
NOTEBOOKS = ["10_annual_report", "50_economy", "60_regions"]
"""Pages that print figures one by one; the others count them, or show what follows from them."""

NO_PAGE = {
    ("2020", "imk", "project_volume_running", ""): "told as a doubt: on 20_growth of imk, and as "
    "a contradiction on 00_data_quality",
    ("2022", "cleantech", "projects_new_share", "resource_efficiency"): "one theme of several: "
    "the others could not be read, and alone it cannot be drawn",
}
"""Figures that none of these pages prints, by year, cluster, indicator and category, and why."""


def shown_by(path: Path) -> list[str]:
    """Return what the cells of a notebook show, by name."""
    book = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    lines = [line for cell in book.cells for line in cell.source.splitlines()]
    return [line.split('"')[1] for line in lines if line.startswith('notebook.show(page, "')]


def keys_of(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    known = rows.rename(columns={"sector": "category"})
    known = known.assign(**{name: "" for name in FIGURE if name not in known})
    texts = known[FIGURE].astype("string").fillna("")
    return [*texts.itertuples(index=False, name=None)]


def is_said(name: str, rows: pd.DataFrame, words: Words) -> bool:
    """Tell whether a table, figure or sentence says something of its rows."""
    with contextlib.suppress(MissingDataError):
        if name in tables.entries():
            return bool(tables.table(name, rows, words).rows)
        return bool(figures.describe(name, rows, words))
    return False


def rows_on_pages(data_set: Dataset) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each page with the figures that one of its tables, figures or sentences shows."""
    project, values = find_project(), compute_indicators(data_set)
    words = Words(data_set.reference, "de")
    for run in plan_runs(
        [data_set], project, project / "outputs", notebooks=NOTEBOOKS, locales=["de"]
    ):
        page = Page(data_set, RunParameters.check(**run.parameters), values, words)
        for name in shown_by(run.notebook):
            entry: Any = {**figures.entries(), **tables.entries()}[name]
            if not isinstance(entry.rows, str) or not entry.rows.startswith(("used_", "growth")):
                rows = rows_of(page, entry)
                if {"indicator", "value", "year"} <= {*rows} and is_said(name, rows, words):
                    yield str(run), rows


@pytest.fixture(scope="module")
def pages(real: Dataset) -> dict[tuple[str, ...], str]:
    """The first page of each figure."""
    found: dict[tuple[str, ...], str] = {}
    for page, rows in rows_on_pages(real):
        for key in keys_of(rows):
            found.setdefault(key, page)
    return found


def test_every_real_figure_is_on_a_page_or_there_is_a_reason(
    real: Dataset, pages: dict[tuple[str, ...], str]
) -> None:
    tables_read = {"economy": real.economy, "published": real.published}
    listed = [(table, key) for table, rows in tables_read.items() for key in keys_of(rows)]
    assert len(listed) == len(real.economy) + len(real.published)
    on_none = [key for _, key in listed if key not in pages]
    reasons = {(year, cluster, name, part) for year, cluster, _, _, name, part, *_ in on_none}
    assert reasons == {*NO_PAGE}, "\n".join(map(str, on_none))
    economic = [key for table, key in listed if table == "economy"]
    assert sum(key in pages for key in economic) >= 0.9 * len(economic)


def test_clusters_with_figures_have_pages_of_their_own(pages: dict[tuple[str, ...], str]) -> None:
    own = {key[1] for key, page in pages.items() if page.split()[2] == key[1]}
    assert own == {"gw", "vml", "imk", "op", "et", "ew", "kc", "to", "joint", "cleantech"}


def test_what_the_report_prints_of_projects_and_actors_is_said(real: Dataset) -> None:
    parameters = RunParameters.check(year=2021, cluster_id="imk", data_dir="data/capital-region")
    words = Words(real.reference, "de")
    page = Page(real, parameters, compute_indicators(real), words)
    said = " ".join(
        figures.describe(name, rows_of(page, figures.entry(name)), words)
        for name in ("project_facts", "printed_actors")
    ).replace("\xa0", " ")
    for expected in (
        "(Fördervolumen 12,7 Mio. €)",  # p. 11
        "IDunion (30 Anwendungsfälle)",  # p. 8
        "(mehr als 130 Teilnehmende)",  # p. 20 ff.
        "(rund 60 Partner)",
        "AI Rescue (Betrag laut Bericht 100.000 € und 3 Workshops)",
        "Rescue Fly (Betrag laut Bericht 2,3 Mio. €)",
        "zusammen 193 Akteure",  # p. 15
        "rund 20 % weniger Akteure beteiligt als 2020",  # p. 14
    ):
        assert expected in said, said
