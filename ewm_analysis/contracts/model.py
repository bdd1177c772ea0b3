"""Tables and their columns, as declared in ``columns.csv`` and ``tables.toml``; rules across them.

``columns.csv`` has one row a column name: what it means, wherever it stands. A table of
``tables.toml`` lists its columns by name, with a question mark where a cell may be empty, and
says beside it what differs there. ``allowed`` and lists of codes are separated by blanks.

``rules.csv`` says of which tables a rule across columns holds; the kinds of rules are code, true
where a row keeps them. ``told`` names the column that is told, then what is allowed; what is told
of records needs a sentence in German, too (``intake.failure``).
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from ewm_analysis.l10n import LOCALES, Locale


def is_empty(cells: pd.Series) -> pd.Series:
    """Return which cells hold nothing: no text, or no value."""
    return cells == "" if cells.dtype == "string" else cells.isna()


def _at_most(frame: pd.DataFrame, part: str, whole: str) -> pd.Series:
    """True where `part` ≤ `whole`, or one of them is unknown."""
    return is_empty(frame[whole]) | (frame[part] <= frame[whole]).fillna(True)


def _size_of_companies(frame: pd.DataFrame) -> pd.Series:
    return (frame["size_class"] == "") | (frame["actor_type"] == "company")


def _district_in_state(frame: pd.DataFrame) -> pd.Series:
    prefix = frame["state"].map({"be": "11", "bb": "12"}).fillna("")
    return (frame["ags"] == "") | (frame["ags"].str[:2] == prefix)


def _one_label(frame: pd.DataFrame) -> pd.Series:
    labels = frame.groupby(["dimension", "category"])[["label_de", "label_en"]]
    return (labels.transform("first") == frame[["label_de", "label_en"]]).all(axis=1)


def _once_a_year(frame: pd.DataFrame) -> pd.Series:
    key = ["dimension", "category", "cluster_id"]
    rows = frame[key].assign(
        start=frame["valid_from"].fillna(0), end=frame["valid_to"].fillna(9999)
    )
    rows = rows.sort_values("start", kind="stable")
    before = rows.groupby(key)["end"].shift()
    return (rows["start"] > before).fillna(True).reindex(frame.index)


def _sections_or_codes(frame: pd.DataFrame) -> pd.Series:
    is_section = frame["wz"].str.fullmatch("[A-U]").astype(bool)
    kinds = is_section.groupby([frame["cluster_id"], frame["scope"]]).transform("nunique")
    return kinds == 1


def _partly_at_least(frame: pd.DataFrame) -> pd.Series:
    is_partial = (frame["n_known"] < frame["n_all"]).fillna(False)
    return ~is_partial | (frame["precision"] == "at_least")


def _share_of_a_whole(frame: pd.DataFrame) -> pd.Series:
    is_share, is_part = frame["indicator"].str.endswith("_share"), frame["dimension"] != ""
    return (is_share | is_part).where(frame["kind"] == "share", ~is_share)


RULES: dict[str, Callable[..., pd.Series]] = {
    "at_most": _at_most,
    "before": lambda frame, first, last: (frame[first] < frame[last]).fillna(True),
    "another": lambda frame, one, other: frame[one] != frame[other],
    "together": lambda frame, one, other: is_empty(frame[one]) == is_empty(frame[other]),
    "exactly_one": lambda frame, one, other: is_empty(frame[one]) ^ is_empty(frame[other]),
    "size_of_companies": _size_of_companies,
    "district_in_state": _district_in_state,
    "one_label": _one_label,
    "once_a_year": _once_a_year,
    "sections_or_codes": _sections_or_codes,
    "partly_at_least": _partly_at_least,
    "share_of_a_whole": _share_of_a_whole,
    "grown_since": lambda frame: (frame["kind"] != "growth") | frame["base_year"].notna(),
    "value_or_withheld": lambda frame: frame["value"].isna() == (frame["precision"] == WITHHELD),
}
"""Rules across columns by their names in ``rules.csv``, which gives some their columns."""


Kind = Literal["text", "integer", "number", "boolean", "date"]
Part = Literal["reference", "figures", "records", "amendments", "output", "mappings", "cordis"]

DTYPES: dict[str, str] = {
    "text": "string",
    "date": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
}
WITHHELD = "withheld"
"""Precision of a computed figure that is confidential; its value is missing."""


class Column(BaseModel):
    """One column of a table: what `check`, files, dictionary and template know of it.

    ``refers_to`` is ``table.column`` or ``categories:dimension``. A column with a ``default``
    may be absent from a file; its cells then hold the default. ``meaning`` explains the column
    to those who fill in the workbook.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    required: bool = True
    title: Mapping[Locale, str] = {}
    description: str = ""
    meaning: Mapping[Locale, str] = {}
    unit: str = ""
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    refers_to: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    default: str | None = None


class Table(BaseModel):
    """What one table must hold: its columns in their order, its key, rules across columns.

    ``path`` is the place of its file within ``part`` of a data set, without suffix; ``name``
    stands in messages. A rule is true for each row that keeps it; its text names the column
    that is told, then what is allowed.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> Projects.columns["volume_eur"].unit, Projects.key
    ('EUR', ['year', 'project_id'])
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    part: Part
    path: str
    purpose: str
    columns: Mapping[str, Column]
    key: list[str] = []
    rules: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {}

    @model_validator(mode="after")
    def _key_is_declared(self) -> Table:
        if unknown := {*self.key} - {*self.columns}:
            raise ValueError(f"key of {self.name}: {sorted(unknown)} are no columns of it")
        return self

    def __hash__(self) -> int:
        """Tell tables apart by identity: each is declared once."""
        return id(self)


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return [*csv.DictReader(text.splitlines(), strict=True)]


def _read_columns() -> dict[str, dict[str, Any]]:
    """Return what each column name means, by name; empty cells are left out."""
    entries: dict[str, dict[str, Any]] = {}
    for row in _rows("columns.csv"):
        entry: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
        for words in ("title", "meaning"):
            spoken = {code: entry.pop(f"{words}_{code}", "") for code in LOCALES}
            entry[words] = {code: said for code, said in spoken.items() if said}
        entry["allowed"] = entry.get("allowed", "").split()
        if row["name"] in entries:
            raise ValueError(f"columns.csv: {row['name']!r} stands there twice")
        entries[row["name"]] = entry
    return entries


COLUMNS = _read_columns()
ROW_RULES = _rows("rules.csv")


def _rules_of(table: str) -> dict[str, Callable[[pd.DataFrame], pd.Series]]:
    """Return the rules of a table by what is told where one is broken."""
    own = (row for row in ROW_RULES if table in row["tables"].split())
    return {row["told"]: _rule(*row["rule"].split()) for row in own}


def _rule(kind: str, *columns: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda frame: RULES[kind](frame, *columns).astype(bool)


def declared(name: str, entry: dict[str, Any]) -> Table:
    """Return the table of an entry of ``tables.toml``; what is unknown in it is told."""
    listed = {column.rstrip("?"): not column.endswith("?") for column in entry.pop("columns")}
    differs = entry.pop("differs", {})
    if unknown := (listed.keys() - COLUMNS.keys()) | (differs.keys() - listed.keys()):
        raise ValueError(f"tables.toml: {name}: unknown columns {sorted(unknown)}")
    columns = {
        column: Column(**{**COLUMNS[column], "required": needed, **differs.get(column, {})})
        for column, needed in listed.items()
    }
    entry.setdefault("name", entry["path"].rpartition("/")[2])
    return Table(columns=columns, rules=_rules_of(name), **entry)


def _read_tables() -> dict[str, Table]:
    tree = tomllib.loads(files(__package__).joinpath("tables.toml").read_text("utf-8"))
    return {name: declared(name, entry) for name, entry in tree.items()}


TABLES = _read_tables()
"""Every table by its name in Python, such as ``Projects``."""


def _part(part: Part) -> dict[str, Table]:
    return {table.path: table for table in TABLES.values() if table.part == part}


REFERENCE = _part("reference")
"""Tables of ``reference/``, by file stem."""

FIGURES = _part("figures")
"""Tables of a data set, by path below it; each may be absent."""

AMENDMENTS = _part("amendments")
"""Tables of a data set beside its descriptor, by file stem: decisions on what the files say.

They quote single cells, so they are as confidential as the records; each may be absent.
"""

RECORDS = _part("records")
"""Tables of each ``records/<year>/``, by file stem; all five belong together."""

CORDIS = _part("cordis")
"""Tables of a folder of CORDIS, by file stem; all four belong together.

Columns with a default are missing from some editions (Horizon 2020, Horizon Europe). Amounts
are euros with a decimal comma or, in some editions, point; no thousands.
"""

SCHEMES = TABLES["Assignments"].columns["scheme"].allowed
"""What projects and activities are assigned to; several categories of each are allowed."""

SCOPES = TABLES["Economy"].columns["scope"].allowed
