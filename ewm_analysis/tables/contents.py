"""What a data set holds and what its indicators mean."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.tables.table import Table


def contracts_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the tables of a data set that kept their contracts, with their sizes.

    Parameters
    ----------
    rows : DataFrame
        ``table`` (name of the contract) and ``rows`` (number of rows).
    words : Words
        Language of the page.
    """
    names = [words.text(f"tables.contents.{name}") for name in rows["table"]]
    header = [words.text(f"tables.contents.{name}") for name in ("table", "rows", "failures")]
    cells = [
        [name, words.count(size), words.count(0)]
        for name, size in zip(names, rows["rows"], strict=True)
    ]
    frame = pd.DataFrame({header[0]: names, header[1]: rows["rows"].to_numpy(), header[2]: 0})
    return Table(frame, header, cells, numbers=(1, 2))


def definitions_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return what indicators mean, from the catalogue.

    Parameters
    ----------
    rows : DataFrame
        ``indicator``: names in the catalogue, in the order of the page.
    words : Words
        Language of the page.
    """
    header = [words.text("tables.contents.term"), words.text("tables.contents.definition")]
    cells = [
        [words.indicator(name), indicator(name).definition.in_(words.locale)]
        for name in rows["indicator"]
    ]
    return Table(pd.DataFrame(cells, columns=header), header, cells)
