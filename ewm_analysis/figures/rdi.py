"""How many of the new projects are research, development and innovation: one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.cells import cells, hedged, report_year, said_share

if TYPE_CHECKING:
    import pandas as pd

    from ewm_analysis.catalogue import Words


def describe_rdi(rows: pd.DataFrame, words: Words) -> str:
    """Say how many new projects of the report year are RDI projects.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``projects_new``, ``projects_rdi`` and
        ``projects_rdi_share``. Counts are told where they are known; a printed share stays a
        share.
    words : Words
        Language of the sentence.
    """
    try:
        year = report_year(rows)
    except MissingDataError:
        return words.text("figures.rdi.missing")
    name = "projects_rdi_share"
    share = next((cell for cell in cells(rows, name) if cell.year == year), None)
    if share is None:
        return words.text("figures.rdi.missing")
    said = hedged(said_share(rows, name, share, words), share.precision, words)
    return words.text("figures.rdi.share", share=said, year=year)
