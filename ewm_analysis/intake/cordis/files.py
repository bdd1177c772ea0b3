"""The CSV files of CORDIS, read and held together: every failure of every file at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts.cordis import CORDIS
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.delimited import failure_at, known_columns, read_delimited
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.text import TextTable

AMOUNTS = {"project": ["totalCost", "ecMaxContribution"],
           "organization": ["totalCost", "ecContribution"]}  # fmt: skip


def read_cordis(folders: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Return the tables of CORDIS by file stem; amounts in EUR, ``year`` and ``last_year`` added.

    Parameters
    ----------
    folders : sequence of Path
        A folder for each programme, with ``project.csv``, ``organization.csv``,
        ``topics.csv`` and ``euroSciVoc.csv`` as published.

    Raises
    ------
    ContractError
        With all failures of all files, by line and column.
    """
    failures: list[Failure] = []
    parts: dict[str, list[pd.DataFrame]] = {stem: [] for stem in CORDIS}
    seen: dict[str, str] = {}
    for folder in folders:
        texts, tables = _read_folder(folder, failures)
        for stem, table in tables.items():
            failures += _failures(stem, texts[stem], table, tables, seen)
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
    seen: dict[str, str],
) -> list[Failure]:
    """What only shows between columns, files and folders."""
    if stem == "project":
        late = table["startDate"].gt(table["endDate"]) & table["endDate"].ne("")
        found = [
            failure_at(text, row, "endDate", "must not lie before startDate")
            for row in table.index[late]
        ]
        for row, project in zip(table.index, table["id"], strict=True):
            first = seen.setdefault(project, text.file)
            if first != text.file:
                found.append(failure_at(text, row, "id", f"stands in {first}, too"))
        return found
    if "project" not in tables:
        return []
    strange = ~table["projectID"].isin(tables["project"]["id"])
    return [
        failure_at(text, row, "projectID", "is no id of project.csv")
        for row in table.index[strange]
    ]


def _euros(cells: pd.Series) -> pd.Series:
    """Return amounts as numbers; empty ones are missing."""
    texts = cells.str.replace(",", ".", regex=False)
    return pd.to_numeric(texts.mask(texts == "")).astype("Float64")


def _year(dates: pd.Series) -> pd.Series:
    return pd.to_numeric(dates.str[:4].mask(dates == "")).astype("Int64")
