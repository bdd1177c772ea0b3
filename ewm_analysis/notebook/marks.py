"""Marks at figures that contradict others: what the plausibility rules found, where it is shown."""

from __future__ import annotations

from html import escape

import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.project import ALL
from ewm_analysis.statistics.plausibility import say_finding, say_subject
from ewm_analysis.tables import DOUBTED

PLACE = ["year", "cluster_id", "region", "scope", "indicator", "dimension"]
"""What a finding is about, but for the category: a finding without one is about all of them."""

QUALITY = "00_data_quality"
"""The notebook whose page tells of all findings of a year."""


def doubted(page: Page, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows with the column ``is_doubted``, and the findings that are about one of them.

    A finding is about a printed figure: of its year, cluster, region, scope, indicator, breakdown
    and category, from its source or the one it is held against. What was computed from records
    is never marked, nor what a statistic returned.

    Parameters
    ----------
    page : Page
        The page opened by `start`.
    rows : DataFrame
        Contract `IndicatorValues` or `Published`; others are returned as they are.
    """
    is_printed = {*PLACE, "category", "source_id", "value"} - {"scope"} <= {*rows}
    if not is_printed or page.kind == "data_quality" or rows["source_id"].eq(COMPUTED).all():
        return rows, pd.DataFrame()
    found = part_of_page(page, "plausibility.findings")
    found = found[found["indicator"].isin(rows["indicator"].unique())]
    if found.empty:
        return rows.assign(is_doubted=False), found
    pairs = _keyed(rows).merge(_keyed(found), on=PLACE, suffixes=("", "_found"))
    is_same = pairs["category_found"].isin([""]) | (pairs["category"] == pairs["category_found"])
    sources = pairs["source_id"]
    is_from = (sources == pairs["source_id_found"]) | (sources == pairs["other_source_id_found"])
    pairs = pairs[is_same & is_from]
    marked = rows.assign(is_doubted=pd.RangeIndex(len(rows)).isin(pairs["at"]))
    return marked, found[pd.RangeIndex(len(found)).isin(pairs["at_found"])]


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    """Return place, category and sources as texts, and ``at``, where in the table they stand."""
    names = [*PLACE, "category", "source_id", "other_source_id"]
    return table.reindex(columns=names, fill_value="").astype(str).assign(at=range(len(table)))


def notes(page: Page, findings: pd.DataFrame) -> str:
    """Return a line for each finding: what is odd, and the page that tells more."""
    words, lines = page.words, []
    for row in findings.itertuples():
        own = row.cluster_id == page.parameters.cluster_id
        said = f"{say_subject(row, words, is_known=own)}: {say_finding(row, words)}"
        lines.append(f'<p class="ewm-doubt">{DOUBTED} {escape(said)}{_link(page, row)}</p>\n')
    return "".join(lines)


def _link(page: Page, row: object) -> str:
    """Return the link to the page on data quality of a finding's year, where there is one.

    Years of which economic figures alone are known have none.
    """
    year = int(row.year)  # type: ignore[attr-defined]
    own = page.values.loc[page.values["year"] == year, "indicator"].unique()
    if all(indicator(name).group == "economy" for name in own):
        return ""
    title = page.words.text("notebook.title.data_quality", year=year)
    address = f"../../../../{year}/{ALL}/{QUALITY}/{page.parameters.locale}/report.html"
    return f' <a href="{address}">{escape(title)}</a>'
