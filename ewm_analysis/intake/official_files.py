"""Files of official statistics to one table of observations, whatever their form.

A row is an observation, its index the line in the file. Each column beside `FIXED` is a
dimension, by its code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from ewm_analysis.errors import ContractError
from ewm_analysis.intake.sending import read_delimited
from ewm_analysis.loaders.read import unreadable

FIXED = ["statistic", "label", "time", "value", "unit", "flag"]
"""Columns of every observation."""

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

GENESIS = ["statistics_code", "statistics_label", "time", "value", "value_unit", "value_q"]
EUROSTAT = ["DATAFLOW", "", "TIME_PERIOD", "OBS_VALUE", "unit", "OBS_FLAG"]
"""What the columns of `FIXED` are called in files, in this order."""

FLAT = "the flat file (ffcsv) when downloading"


def read_genesis(data: bytes, file: str) -> pd.DataFrame:
    """Return the observations of a flat file of GENESIS ("ffcsv", old or new form).

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or is no such file.
    """
    frame = _by_line(data, ";", file).rename(columns=_new_name)
    needed = ("statistics_code", "time", "1_variable_code", "1_variable_attribute_code")
    _refuse_without(needed, frame, file, "flat file of GENESIS", FLAT)
    frame = _one_value_a_row(frame, file)
    rows = frame.reindex(columns=GENESIS, fill_value="").set_axis(FIXED, axis=1)
    number = 1
    while f"{number}_variable_code" in frame:
        variables = frame[f"{number}_variable_code"]
        codes = frame[f"{number}_variable_attribute_code"]
        for variable in sorted(variables.unique()):
            rows[variable] = codes.where(variables == variable, rows.get(variable))
        number += 1
    return rows


def read_eurostat(data: bytes, file: str) -> pd.DataFrame:
    """Return the observations of a file of Eurostat: SDMX-CSV, or TSV by its suffix.

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or is no such file.
    """
    if file.lower().endswith(".tsv"):
        return _read_tsv(data, file)
    frame = _by_line(data, ",", file)
    needed = ("DATAFLOW", "TIME_PERIOD", "OBS_VALUE")
    _refuse_without(needed, frame, file, "SDMX-CSV of Eurostat", "SDMX-CSV or TSV")
    fixed = frame.reindex(columns=EUROSTAT, fill_value="").set_axis(FIXED, axis=1)
    # "ESTAT:NAMA_10R_3EMPERS(1.0)" names the data set between agency and version.
    names = fixed["statistic"].str.replace(r"^.*:|\(.*$", "", regex=True).str.lower()
    dimensions = [name for name in frame if name == name.lower() and name != "last update"]
    return frame[dimensions].assign(**{**fixed, "statistic": names, "label": ""})


READERS: dict[str, Callable[[bytes, str], pd.DataFrame]] = {
    "genesis": read_genesis,
    "eurostat": read_eurostat,
}
"""How a file is read, by its format."""


def _read_tsv(data: bytes, file: str) -> pd.DataFrame:
    frame = _by_line(data, "\t", file)
    head, *times = frame.columns
    dimensions, mark, _ = head.partition("\\")
    if not mark:
        raise unreadable(file, r"is no TSV of Eurostat: no \TIME_PERIOD in its header", 1)
    names = dimensions.split(",")
    keys = frame[head].str.split(",", expand=True)
    if keys.shape[1] != len(names):
        raise unreadable(file, f"each row needs {len(names)} codes: {dimensions}", 2)
    keys = keys.set_axis(names, axis=1)
    long = keys.join(frame[times]).melt(names, times, "time", "cell", ignore_index=False)
    parts = long.pop("cell").str.partition(" ")
    rows = long.assign(
        statistic=Path(file).stem.lower().removeprefix("estat_"),
        value=parts[0],
        flag=parts[2].str.strip(),
    ).astype({"time": "string"})
    return rows.reindex(columns=dict.fromkeys([*FIXED, *names]), fill_value="")


def _by_line(data: bytes, delimiter: str, file: str) -> pd.DataFrame:
    text = read_delimited(data, delimiter, file)
    if text.failures:  # rows with more or fewer cells than the header
        raise ContractError(text.failures)
    return text.frame.set_axis([*text.lines], axis=0)


def _refuse_without(
    needed: Iterable[str], frame: pd.DataFrame, file: str, kind: str, choice: str
) -> None:
    if missing := sorted({*needed} - {*frame}):
        reason = f"is no {kind}: {', '.join(missing)} missing; choose {choice}"
        raise unreadable(file, reason, 1)


def _new_name(name: str) -> str:
    number, _, rest = name.partition("_")
    if number.isdigit():
        return f"{number}_{OLD_NAMES.get(rest, rest)}"
    return OLD_NAMES.get(name, name)


def _one_value_a_row(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    """Return the columns of the new form; two kinds of values would stand for one place and year.

    The old form has a column for each kind: code, name and unit, two underscores between.
    """
    if "value" in frame:
        both = frame.reindex(columns=["value_variable_code", "value_unit"], fill_value="")
        kinds = [*both.drop_duplicates().itertuples(index=False, name=None)]
    else:
        names = [name for name in frame if re.fullmatch(r"[A-Z0-9]+__.*__.*", name)]
        names = [name for name in names if not name.endswith(MARKS)]
        if not names:
            reason = f"is no flat file of GENESIS: no column of values; choose {FLAT}"
            raise unreadable(file, reason, 1)
        split = [name.rpartition("__") for name in names]
        kinds = [(label, unit.replace("_", " ")) for label, _, unit in split]
        marks = f"{kinds[0][0]}{MARKS}"
        frame = frame.rename(columns={names[0]: "value", marks: "value_q"})
        frame = frame.assign(value_unit=kinds[0][1])
    if len(kinds) > 1:
        named = "; ".join(f"{code} in {unit}" for code, unit in kinds)
        reason = f"holds several kinds of values ({named}); export the table with one of them"
        raise unreadable(file, reason)
    return frame
