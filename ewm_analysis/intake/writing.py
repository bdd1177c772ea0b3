"""Tables that an import writes: as the loaders read them; sources of its own beside shared ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ewm_analysis.contracts import Table, columns_of
from ewm_analysis.contracts.layout import REFERENCE
from ewm_analysis.contracts.model import DTYPES
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import read_text


def with_own_sources(
    folder: Path, shared: pd.DataFrame, own: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Return the sources a data set has or shares, with further ones of its own.

    Parameters
    ----------
    folder : Path
        The data set; sources that stand in its own table are kept.
    shared : DataFrame
        Contract `Sources`.
    own : mapping of str to mapping
        Cells of each new row by source id; a row of the same id is replaced.
    """
    file = folder / "reference" / "sources.csv"
    known = parse_table(read_text(file), REFERENCE["sources"]) if file.is_file() else shared
    added = pd.DataFrame([{"source_id": name, **row} for name, row in own.items()])
    kept = known[~known["source_id"].isin([*own])]
    table = pd.concat([kept, added.reindex(columns=known.columns)], ignore_index=True)
    return table.fillna("").astype("string").sort_values("source_id", ignore_index=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as the loaders read it: UTF-8, comma, point, true and false."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = table.select_dtypes("boolean").columns
    texts = {name: table[name].map({True: "true", False: "false"}) for name in flags}
    texts |= {name: table[name].map(_plain) for name in table.select_dtypes("Float64").columns}
    plain = table.assign(**texts)
    plain.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _plain(value: float) -> str:
    """Write a number without exponent, whole ones without a point, zero without a sign."""
    return "" if pd.isna(value) else np.format_float_positional(value + 0.0, trim="-")


def typed_rows(rows: pd.DataFrame, contract: type[Table]) -> pd.DataFrame:
    """Return rows in the columns, order and types of a contract; text that is missing is empty."""
    columns = columns_of(contract).values()
    dtypes = {column.name: DTYPES[column.kind] for column in columns}
    typed = rows.reindex(columns=[*dtypes]).astype(dtypes)
    texts = [column.name for column in columns if column.kind in ("text", "date")]
    typed[texts] = typed[texts].fillna("")
    return typed
