"""Tables that carry codes of others over into ours: shipped ones, and those of a user."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import Table, check_references
from ewm_analysis.errors import ContractError
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import read_text
from ewm_analysis.loaders.text import TextTable


def load_mapping(
    name: str, contract: type[Table], clusters: pd.DataFrame, path: Path | None = None
) -> pd.DataFrame:
    """Return a mapping table, checked against its contract and the known clusters.

    Parameters
    ----------
    name : str
        Stem of the shipped table, beside this module in ``tables/``.
    contract : type of Table
        A contract of `ewm_analysis.contracts.mappings`.
    clusters : DataFrame
        Contract `Clusters`.
    path : Path, optional
        A user's table that stands in for the shipped one.

    Raises
    ------
    ContractError
        With all failures of the table.
    """
    text = _shipped(name) if path is None else read_text(path)
    table = parse_table(text, contract)
    failures = check_references(
        table, contract, {"clusters": clusters}, file=text.file, lines=text.lines
    )
    if failures:
        raise ContractError(failures)
    return table


def load_shipped(name: str, contract: type[Table]) -> pd.DataFrame:
    """Return a shipped table that refers to no other one."""
    return parse_table(_shipped(name), contract)


def _shipped(name: str) -> TextTable:
    with as_file(files("ewm_analysis.intake") / "tables" / f"{name}.csv") as path:
        return read_text(path)
