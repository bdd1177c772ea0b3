"""Figures that a new report prints, into a data set, with the sources they are taken from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import FIGURES, REFERENCE
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import ContractError, Failure, MissingDataError
from ewm_analysis.files import move_in_at_once
from ewm_analysis.intake.data_set import changed_copy, table_of, write_table
from ewm_analysis.loaders import open_dataset, resolve_data_dir
from ewm_analysis.loaders.read import parse_table, read_text
from ewm_analysis.project import DESCRIPTOR

PRINTED, SOURCES = "published/figures", "reference/sources"


def import_published(file: Path, data: Path, sources: Path | None = None) -> dict[str, int]:
    """Take printed figures into a data set, and their sources beside the shared ones.

    Rows of the same source, and sources of the same id, are replaced. Whatever breaks the data
    set is told by the lines of the file, and nothing is written.

    Parameters
    ----------
    file : Path
        Table of contract `Published`: CSV, XLSX or Parquet.
    data : Path
        Folder of a data set that exists.
    sources : Path, optional
        Table of contract `Sources`: those that the shared table does not have.

    Returns
    -------
    dict of str to int
        Rows that came in, and rows that gave way: ``rows``, ``replaced``, ``sources``.

    Raises
    ------
    MissingDataError
        If there is no such file or data set.
    ParameterError
        If the data set keeps these tables otherwise than as CSV, or cannot be written.
    ContractError
        With all failures of the files, by line and column.
    """
    target = resolve_data_dir(data)
    if not (target / DESCRIPTOR).is_file():
        raise MissingDataError(f"{data} is no data set: {DESCRIPTOR} is missing.")
    came = {PRINTED: file} | ({SOURCES: sources} if sources else {})
    contracts = {PRINTED: FIGURES[PRINTED], SOURCES: REFERENCE["sources"]}
    with changed_copy(target) as copy:
        before = {place: table_of(copy, place, contracts[place]) for place in came}
        added = {
            place: parse_table(read_text(path), contracts[place]) for place, path in came.items()
        }
        kept = {place: _others(before[place], rows) for place, rows in added.items()}
        _refuse_taken(file, added[PRINTED], kept[PRINTED])
        for place, rows in added.items():
            write_table(pd.concat([rows, kept[place]]), copy / f"{place}.csv")
        _check(copy, came)
        for place, rows in added.items():
            write_table(pd.concat([kept[place], rows]), copy / f"{place}.csv")
        write_descriptor(copy)
        move_in_at_once(copy, target, [*(f"{place}.csv" for place in came), DESCRIPTOR])
    return {
        "rows": len(added[PRINTED]),
        "replaced": len(before[PRINTED]) - len(kept[PRINTED]),
        "sources": len(added.get(SOURCES, [])),
    }


def _others(before: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return before[~before["source_id"].isin(rows["source_id"])]


def _refuse_taken(file: Path, rows: pd.DataFrame, kept: pd.DataFrame) -> None:
    """Two sources that print the same figure are two mentions of it."""
    key = FIGURES[PRINTED].key
    taken = {*kept[key].astype("string").fillna("").itertuples(index=False, name=None)}
    cells = rows[key].astype("string").fillna("").itertuples(index=False, name=None)
    reason = "another source prints this figure already; the next mention has the next number"
    failures = [
        Failure(file.name, line, "mention", cell[key.index("mention")], reason)
        for line, cell in zip(read_text(file).lines, cells, strict=True)
        if cell in taken
    ]
    if failures:
        raise ContractError(failures)


def _check(copy: Path, came: dict[str, Path]) -> None:
    """Open the data set as it would be, the new rows first: their lines are those of the file."""
    try:
        open_dataset(copy)
    except ContractError as error:
        names = {f"{copy.name}/{place}.csv": path.name for place, path in came.items()}
        told = [replace(one, file=names.get(one.file, one.file)) for one in error.failures]
        raise ContractError(told) from None
