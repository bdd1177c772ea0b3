"""Files to tables of text, by their suffix.

Nothing is stripped, guessed or converted here; `parse_table` does that, strictly.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from ewm_analysis.errors import Failure, MissingDataError
from ewm_analysis.loaders.read_csv import read_csv
from ewm_analysis.loaders.read_xlsx import read_xlsx
from ewm_analysis.loaders.text import TextTable, text_table, unreadable


def read_text(path: Path, *, file: str = "") -> TextTable:
    """Return a CSV, XLSX or Parquet file as a table of text.

    Parameters
    ----------
    path : Path
        CSV: UTF-8, comma, header in the first line. XLSX: first sheet, no formulas.
    file : str, optional
        Name shown in failures; the file's name if empty.

    Raises
    ------
    MissingDataError
        If there is no such file.
    ContractError
        If the file as a whole cannot be read: empty, damaged, of another encoding or kind.
    """
    file = file or path.name
    if not path.is_file():
        raise MissingDataError(f"{file}: there is no such file in {path.parent}.")
    reader = READERS.get(path.suffix)
    if reader is None:
        raise unreadable(file, f"only {', '.join(READERS)} can be read")
    if not path.stat().st_size:
        raise unreadable(file, "the file is empty; it needs at least a header")
    return reader(path, file)


def _read_parquet(path: Path, file: str) -> TextTable:
    try:
        table = pyarrow.parquet.read_table(pa.BufferReader(path.read_bytes()))
        table.validate(full=True)
        names = table.column_names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(file, "the file is damaged or no Parquet file") from error
    failures: list[Failure] = []
    columns = []
    for name, column in zip(names, table.columns, strict=True):
        try:
            columns.append(pc.fill_null(_arrow_text(column), ""))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            failures.append(Failure(file, 0, name, str(column.type), "must hold plain values"))
            columns.append(pa.chunked_array([pa.repeat("", table.num_rows)], pa.string()))
    lines = range(2, table.num_rows + 2)
    return text_table(names, columns, file, lines, failures)


def _arrow_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32())
        if not days.cast(column.type).equals(column):
            raise pa.ArrowInvalid("the column holds times of day")
        column = days
    if not pa.types.is_floating(column.type):
        return column.cast(pa.string())
    texts = [
        None if value is None else np.format_float_positional(value, trim="-")
        for value in column.to_pylist()
    ]
    return pa.chunked_array([pa.array(texts, pa.string())])


READERS: dict[str, Callable[[Path, str], TextTable]] = {
    ".csv": read_csv,
    ".xlsx": read_xlsx,
    ".parquet": _read_parquet,
}
"""How a file is read, by its suffix."""
