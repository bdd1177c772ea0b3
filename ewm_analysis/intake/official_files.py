"""Files of official statistics to one table of observations, whatever their form."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ewm_analysis.intake.foreign import read_delimited
from ewm_analysis.loaders.read import TextTable, unreadable

FIXED = ["line", "statistic", "label", "time", "value", "unit", "flag"]
"""Columns of every observation; each further column is a dimension, by its code."""

OLD_NAMES = {
    "Statistik_Code": "statistics_code",
    "Statistik_Label": "statistics_label",
    "Zeit": "time",
    "Merkmal_Code": "variable_code",
    "Auspraegung_Code": "variable_attribute_code",
}
"""Column names of the old form of flat files of GENESIS, without the number in front."""

MARKS = "__q"
"""End of the name of a column of quality marks, in the old form."""

FLAT = "the flat file (ffcsv) when downloading"


def read_genesis(path: Path) -> tuple[TextTable, pd.DataFrame]:
    """Return a flat file of GENESIS ("ffcsv", old or new form) and its observations.

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or is no such file.
    """
    text = read_delimited(path, ";")
    frame = text.frame.rename(columns=_new_name)
    needed = {"statistics_code", "time", "1_variable_code", "1_variable_attribute_code"}
    if missing := sorted(needed - {*frame.columns}):
        reason = f"is no flat file of GENESIS: {', '.join(missing)} missing; choose {FLAT}"
        raise unreadable(text.file, reason, 1)
    frame = frame.assign(line=pd.Series([*text.lines], index=frame.index))
    if "value" not in frame:
        frame = _one_value_a_row(frame, text)
    _refuse_several_values(frame, text)
    rows = pd.DataFrame(
        {
            "line": frame["line"],
            "statistic": frame["statistics_code"],
            "label": _cells(frame, "statistics_label"),
            "time": frame["time"],
            "value": frame["value"],
            "unit": _cells(frame, "value_unit"),
            "flag": _cells(frame, "value_q"),
        }
    )
    number = 1
    while f"{number}_variable_code" in frame:
        codes = frame[f"{number}_variable_attribute_code"]
        for variable, cells in codes.groupby(frame[f"{number}_variable_code"]):
            rows.loc[cells.index, str(variable)] = cells
        number += 1
    return text, rows


def read_eurostat(path: Path) -> tuple[TextTable, pd.DataFrame]:
    """Return a file of Eurostat (SDMX-CSV, or TSV by its suffix) and its observations.

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or is no such file.
    """
    if path.suffix.lower() == ".tsv":
        return _read_tsv(path)
    text = read_delimited(path, ",")
    frame = text.frame
    if missing := sorted({"DATAFLOW", "TIME_PERIOD", "OBS_VALUE"} - {*frame.columns}):
        reason = f"is no SDMX-CSV of Eurostat: {', '.join(missing)} missing; choose SDMX-CSV or TSV"
        raise unreadable(text.file, reason, 1)
    dimensions = [name for name in frame if name == name.lower() and name != "last update"]
    # "ESTAT:NAMA_10R_3EMPERS(1.0)" names the data set between agency and version.
    names = frame["DATAFLOW"].str.replace(r"^.*:|\(.*$", "", regex=True).str.lower()
    rows = frame[dimensions].assign(
        line=pd.Series([*text.lines], index=frame.index),
        statistic=names,
        label="",
        time=frame["TIME_PERIOD"],
        value=frame["OBS_VALUE"],
        unit=_cells(frame, "unit"),
        flag=_cells(frame, "OBS_FLAG"),
    )
    return text, rows


READERS: dict[str, Callable[[Path], tuple[TextTable, pd.DataFrame]]] = {
    "genesis": read_genesis,
    "eurostat": read_eurostat,
}
"""How a file is read, by its format."""


def _read_tsv(path: Path) -> tuple[TextTable, pd.DataFrame]:
    text = read_delimited(path, "\t")
    head, *times = text.header
    dimensions, mark, _ = head.partition("\\")
    if not mark:
        raise unreadable(text.file, r"is no TSV of Eurostat: no \TIME_PERIOD in its header", 1)
    names = dimensions.split(",")
    keys = text.frame[head].str.split(",", expand=True)
    if keys.shape[1] != len(names):
        raise unreadable(text.file, f"each row needs {len(names)} codes: {dimensions}", 2)
    keys = keys.set_axis(names, axis=1).assign(line=pd.Series([*text.lines], index=keys.index))
    long = keys.join(text.frame[times]).melt([*keys], times, "time", "cell")
    parts = long.pop("cell").str.partition(" ")
    rows = long.assign(
        statistic=path.stem.lower().removeprefix("estat_"),
        label="",
        value=parts[0],
        flag=parts[2].str.strip(),
        unit=_cells(long, "unit"),
    )
    return text, rows.astype({"time": "string"})


def _new_name(name: str) -> str:
    number, _, rest = name.partition("_")
    if number.isdigit():
        return f"{number}_{OLD_NAMES.get(rest, rest)}"
    return OLD_NAMES.get(name, name)


def _one_value_a_row(frame: pd.DataFrame, text: TextTable) -> pd.DataFrame:
    """The old form has a column for each value: code, name and unit, two underscores between."""
    columns = [str(name) for name in frame if re.fullmatch(r"[A-Z0-9]+__.*__.*", str(name))]
    values = [name for name in columns if not name.endswith(MARKS)]
    if not values:
        raise unreadable(
            text.file, f"is no flat file of GENESIS: no column of values; choose {FLAT}", 1
        )
    kept = [name for name in frame if name not in columns]
    parts = []
    for name in values:
        label, _, unit = name.rpartition("__")
        marks = _cells(frame, f"{label}{MARKS}")
        cells = {"value": frame[name], "value_unit": unit.replace("_", " "), "value_q": marks}
        parts.append(frame[kept].assign(value_variable_code=label, **cells))
    return pd.concat(parts, ignore_index=True)


def _refuse_several_values(frame: pd.DataFrame, text: TextTable) -> None:
    """Values of two kinds would stand for the same place and year."""
    kinds = pd.DataFrame({
        "code": _cells(frame, "value_variable_code"), "unit": _cells(frame, "value_unit")
    }).drop_duplicates()  # fmt: skip
    if len(kinds) > 1:
        named = "; ".join(f"{code} in {unit}" for code, unit in kinds.itertuples(index=False))
        reason = f"holds several kinds of values ({named}); export the table with one of them"
        raise unreadable(text.file, reason)


def _cells(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame.get(name, pd.Series("", index=frame.index, dtype="string"))
