"""What the codes of official statistics mean: values of an indicator, and what is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from ewm_analysis.errors import ContractError, Failure, ParameterError
from ewm_analysis.intake.official.files import FIXED, READERS
from ewm_analysis.loaders.text import TextTable, unreadable

TOTALS = {"", "TOTAL", "T", "_T"}
"""How databases write "all": of a breakdown that is not ours only this is taken."""

NO_VALUE = {"": "empty", ":": "not available", ".": "secret or unknown", "...": "not yet known",
            "/": "not reliable", "x": "not meaningful"}  # fmt: skip
NOTHING = "-"
"""GENESIS' sign for exactly nothing: a zero that was counted."""

TIMES = (r"(?P<year>\d{4})", r"(?P<day>\d{2}\.\d{2})\.(?P<year>\d{4})",
         r"(?P<year>\d{4})-(?P<day>\d{2}-\d{2})")  # fmt: skip
NUMBER = r"-?[0-9]{1,15}(?:[.,][0-9]+)?"
SECTIONS = r"(?:WZ08-?)?([A-U])(?:-([A-U]))?"
DIGITS = r"(?:WZ08-?)?([0-9]{2})\.?([0-9]{1,2})?\.?([0-9])?"
JUNE = {"30.06", "06-30"}
AT_A_DAY = ("employees_insured", "employees_marginal", "employees_total")
"""Indicators that our catalogue counts on 30 June."""


@dataclass(frozen=True)
class Values:
    """Values of one indicator: ``year``, ``region``, ``activity``, ``value`` and their marks."""

    rows: pd.DataFrame
    statistic: str
    title: str
    left_out: Mapping[str, int]


def read_values(
    file: Path, form: str, codes: pd.DataFrame, districts: pd.DataFrame, meaning: str
) -> Values:
    """Return the values of a file that are about our regions.

    Parameters
    ----------
    file : Path
        As published.
    form : {"genesis", "eurostat"}
        Its form.
    codes : DataFrame
        Contract `StatisticCodes`, of this form.
    districts : DataFrame
        Contract `Districts`.
    meaning : str
        Indicator that the values are, or empty where the codes say it.

    Raises
    ------
    ContractError
        With all cells that cannot be read.
    ParameterError
        If neither `meaning` nor the codes say what the file counts.
    """
    text, found = READERS[form](file)
    if found.empty:
        raise unreadable(text.file, "the file has no rows")
    statistics = found["statistic"].unique()
    if len(statistics) > 1:
        raise unreadable(text.file, f"holds several statistics: {', '.join(statistics)}")
    statistic = str(statistics[0])
    counted, asked = _indicator(statistic, codes, meaning)
    left_out: Counter[str] = Counter()
    rows = _ours(found, codes, districts, asked, left_out)
    rows = rows.assign(indicator=counted)
    values, failures = _parsed(rows, codes, text, left_out)
    if failures:
        raise ContractError(failures)
    label = str(found["label"].iloc[0]) or statistic
    title = f"{label} ({statistic})" if label != statistic else statistic
    return Values(values, re.sub(r"[^A-Za-z0-9_]", "_", statistic), title, dict(left_out))


def _indicator(statistic: str, codes: pd.DataFrame, meaning: str) -> tuple[str, dict[str, str]]:
    """Return the indicator, and the codes of other dimensions it is made of."""
    known = codes[codes["role"] == "indicator"]
    for row in known.itertuples():
        name, _, rest = str(row.code).partition("/")
        if name == statistic and meaning in ("", row.ours):
            return str(row.ours), dict(part.split("=") for part in rest.split(",") if part)
    if not meaning:
        reason = f"is needed: no table of ours says what {statistic} counts; see ewm describe"
        raise ParameterError("indicator", "", reason=reason)
    return meaning, {}


def _ours(
    found: pd.DataFrame,
    codes: pd.DataFrame,
    districts: pd.DataFrame,
    asked: Mapping[str, str],
    left_out: Counter[str],
) -> pd.DataFrame:
    """Return the rows of our regions, undivided but by branch of industry."""
    dimensions = codes[codes["role"] == "dimension"]
    rows = found[FIXED].assign(region_code="", activity_code="")
    wanted = pd.Series(True, index=found.index)
    for name in found.columns.drop(FIXED):
        role = next(
            (row.ours for row in dimensions.itertuples() if fnmatchcase(name, row.code)), ""
        )
        cells = found[name].fillna("")
        if role in ("region", "activity"):
            rows[f"{role}_code"] = rows[f"{role}_code"].mask(cells != "", cells)
        elif name in asked:
            wanted &= cells == asked[name]
        elif role != "ignored" and name != "unit":
            wanted &= cells.isin(TOTALS)
    left_out["other breakdowns"] += int((~wanted).sum())
    known = codes[codes["role"] == "region"].set_index("code")["ours"].to_dict()
    if (codes["system"] == "genesis").all():
        known[""] = "de"  # an empty cell stands for the sum of all states
    brandenburg = districts[districts["state"] == "bb"]
    known |= dict(zip(brandenburg["nuts3"], brandenburg["ags"], strict=True))
    known |= dict(zip(brandenburg["ags"], brandenburg["ags"], strict=True))
    rows["region"] = rows["region_code"].map(known)
    elsewhere = wanted & rows["region"].isna()
    left_out["other regions"] += int(elsewhere.sum())
    return rows[wanted & ~elsewhere]


def _parsed(
    rows: pd.DataFrame, codes: pd.DataFrame, text: TextTable, left_out: Counter[str]
) -> tuple[pd.DataFrame, list[Failure]]:
    """Return year, value and marks of each row; signs for "no value" are left out."""
    by_role = {
        role: part.set_index("code")["ours"].to_dict() for role, part in codes.groupby("role")
    }
    kept, failures = [], []
    for row in rows.to_dict("records"):
        problems = _problems(row, by_role)
        failures += [
            Failure(text.file, int(row["line"]), name, str(row[name]), allowed)
            for name, allowed in problems.items()
        ]
        time, flags = _time(str(row["time"])), [by_role["flag"].get(f) for f in str(row["flag"])]
        if problems or time is None:
            continue
        reason = NO_VALUE.get(str(row["value"]), "confidential" if "missing" in flags else "")
        if row["indicator"] in AT_A_DAY and time[1] and time[1] not in JUNE:
            reason = "another day than 30 June"
        if reason:
            left_out[reason] += 1
            continue
        value = 0.0 if row["value"] == NOTHING else float(str(row["value"]).replace(",", "."))
        kept.append(
            {
                **{name: row[name] for name in ("line", "region", "indicator")},
                "year": time[0],
                "activity": activity(str(row["activity_code"])),
                # A thousand times 0.92 is 920, not 920.0000000000001.
                "value": round(value * float(by_role["unit"].get(str(row["unit"]), 1)), 2),
                "precision": "approximate" if "approximate" in flags else "exact",
                "is_provisional": "provisional" in flags,
                "note": f"flag {row['flag']}" if "note" in flags else "",
            }
        )
    return pd.DataFrame(kept), failures


def _problems(
    row: Mapping[str, object], by_role: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    value = str(row["value"])
    found = {}
    if _time(str(row["time"])) is None:
        found["time"] = "must be a year, or a day such as 30.06.2021 or 2021-06-30"
    if value not in {*NO_VALUE, NOTHING} and not re.fullmatch(NUMBER, value):
        found["value"] = "must be a number without thousands, or a sign for none"
    if str(row["unit"]) and str(row["unit"]) not in by_role["unit"]:
        found["unit"] = f"allowed: {', '.join(by_role['unit'])}"
    if strange := [mark for mark in str(row["flag"]) if mark not in by_role["flag"]]:
        found["flag"] = f"{', '.join(strange)} is not known; allowed: {', '.join(by_role['flag'])}"
    if activity(str(row["activity_code"])) is None:
        found["activity_code"] = "must be a section, a range of sections or a code of WZ 2008"
    return found


def _time(cell: str) -> tuple[int, str] | None:
    """Return year and day of a time, the day empty for a year."""
    for pattern in TIMES:
        if match := re.fullmatch(pattern, cell):
            return int(match["year"]), match.groupdict().get("day", "")
    return None


def activity(code: str) -> str | None:
    """Return a branch of industry as WZ 2008 writes it; empty for all, None if it is no such code.

    Examples
    --------
    >>> [activity(code) for code in ("TOTAL", "WZ08-B", "B-E", "1011", "10.11", "?")]
    ['', 'B', 'B-E', '10.11', '10.11', None]
    """
    if code in TOTALS:
        return ""
    if match := re.fullmatch(SECTIONS, code):
        return "-".join(part for part in match.groups() if part)
    if match := re.fullmatch(DIGITS, code):
        return ".".join(part for part in match.groups() if part)
    return None
