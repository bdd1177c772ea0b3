"""The CSV files of CORDIS, read and held together: every failure of every file at once."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import CORDIS
from ewm_analysis.errors import ContractError, Failure, ParameterError
from ewm_analysis.intake.foreign import failure_at, known_columns, read_delimited
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import TextTable

AMOUNTS = {"project": ["totalCost", "ecMaxContribution"],
           "organization": ["totalCost", "ecContribution"]}  # fmt: skip

FEW = 20
"""Up to so many rows are told one by one where whole files do not belong together."""


def read_cordis(folders: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Return the tables of CORDIS by file stem; amounts in EUR, ``year`` and ``last_year`` added.

    Raises
    ------
    ParameterError
        If a folder does not hold these files or is given twice.
    ContractError
        With all failures of all files, by line and column.
    """
    _check_folders(folders)
    failures: list[Failure] = []
    parts: dict[str, list[pd.DataFrame]] = {stem: [] for stem in CORDIS}
    seen: dict[str, Path] = {}
    for folder in folders:
        texts, tables = _read_folder(folder, failures)
        for stem, table in tables.items():
            failures += _failures(stem, texts[stem], table, tables)
            if stem == "project":
                failures += _twice(folder, texts[stem], table, seen)
            parts[stem].append(table)
    if failures:
        raise ContractError(failures)
    tables = {stem: pd.concat(frames, ignore_index=True) for stem, frames in parts.items()}
    for stem, columns in AMOUNTS.items():
        tables[stem] = tables[stem].assign(
            **{column: _euros(tables[stem][column]) for column in columns}
        )
    projects = tables["project"]
    return {
        **tables,
        "project": projects.assign(
            year=_year(projects["startDate"]), last_year=_year(projects["endDate"])
        ),
    }


def _check_folders(folders: Sequence[Path]) -> None:
    names = [f"{stem}.csv" for stem in CORDIS]
    places = [folder.resolve() for folder in folders]
    for folder, place in zip(folders, places, strict=True):
        if not folder.exists():
            raise ParameterError("folder", str(folder), reason="does not exist")
        if folder.is_file() and not zipfile.is_zipfile(folder):
            raise ParameterError("folder", str(folder), reason="is neither a folder nor a ZIP")
        if places.count(place) > 1:
            raise ParameterError("folder", str(folder), reason="is given twice")
        if folder.is_dir() and not any((folder / name).is_file() for name in names):
            below = sorted(path.parent for path in folder.glob(f"*/{names[0]}"))
            hint = f"; name {' '.join(map(str, below))} instead" if below else ""
            reason = f"holds none of {', '.join(names)}, which CORDIS publishes in a ZIP{hint}"
            raise ParameterError("folder", str(folder), reason=reason)


def _read_folder(
    folder: Path, failures: list[Failure]
) -> tuple[dict[str, TextTable], dict[str, pd.DataFrame]]:
    texts, tables = {}, {}
    for stem, contract in CORDIS.items():
        try:
            text = read_delimited(folder / f"{stem}.csv", ";", file=f"{folder.name}/{stem}.csv")
            texts[stem] = known_columns(text, contract)
            tables[stem] = parse_table(texts[stem], contract)
        except ContractError as error:
            failures += error.failures
    return texts, tables


def _failures(
    stem: str,
    text: TextTable,
    table: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> list[Failure]:
    """What only shows between columns and files."""
    if stem == "project":
        late = table["startDate"].gt(table["endDate"]) & table["endDate"].ne("")
        return [
            failure_at(text, row, "endDate", "must not lie before startDate")
            for row in table.index[late]
        ]
    if "project" not in tables:
        return []
    strange = ~table["projectID"].isin(tables["project"]["id"])
    if strange.sum() > max(len(table) / 2, FEW):
        reason = (
            f"{int(strange.sum())} of {len(table)} rows are about projects that are not in "
            "project.csv; unpack each programme into a folder of its own"
        )
        return [Failure(text.file, 0, "", "", reason)]
    return [
        failure_at(text, row, "projectID", "is no id of project.csv")
        for row in table.index[strange]
    ]


def _twice(
    folder: Path, text: TextTable, table: pd.DataFrame, seen: dict[str, Path]
) -> list[Failure]:
    """A project that stands in two folders would be counted twice."""
    known = table["id"].isin([*seen])
    rows = table.index[known]
    if len(rows) > FEW:
        first = seen[str(table["id"].loc[rows[0]])]
        return [Failure(text.file, 0, "", "", f"{len(rows)} projects stand in {first}, too")]
    found = [
        failure_at(text, row, "id", f"stands in {seen[str(table['id'].loc[row])]}, too")
        for row in rows
    ]
    seen.update(dict.fromkeys(table["id"], folder))
    return found


def _euros(cells: pd.Series) -> pd.Series:
    """Return amounts as numbers; empty ones are missing."""
    texts = cells.str.replace(",", ".", regex=False)
    return pd.to_numeric(texts.mask(texts == "")).astype("Float64")


def _year(dates: pd.Series) -> pd.Series:
    return pd.to_numeric(dates.str[:4].mask(dates == "")).astype("Int64")
