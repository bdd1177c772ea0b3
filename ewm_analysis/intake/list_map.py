"""The map of a list: what each of its columns is in our tables, in TOML that anybody can read.

``ewm map FILE`` proposes one, ``docs/lists.md`` explains it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ewm_analysis.contracts import RECORDS, SCHEMES, Column, did_you_mean
from ewm_analysis.errors import ContractError, Failure, ParameterError
from ewm_analysis.intake.readings import factor_of
from ewm_analysis.l10n import DEFAULT, LOCALES

NOTHING, UNKNOWN = "nothing", "?"
"""What a column is that is left out on purpose, or of which nobody has said what it is."""

ACTOR = "actor"
"""Name of a partner; his id follows from it, unless a column is `actor_id`."""

START, END = "start_date", "end_date"

PROJECT_FIELDS = [*RECORDS["projects"].columns]
ACTOR_FIELDS = [name for name in RECORDS["actors"].columns if name not in ("year", "name")]
FIELDS: dict[str, Column] = {
    **RECORDS["projects"].columns,
    **{name: column for name, column in RECORDS["actors"].columns.items() if name != "name"},
    ACTOR: RECORDS["actors"].columns["name"],
    **dict.fromkeys(SCHEMES, RECORDS["assignments"].columns["category"]),
    START: Column(name=START, kind="date", required=False, title={"de": "Beginn", "en": "Start"}),
    END: Column(name=END, kind="date", required=False, title={"de": "Ende", "en": "End"}),
}
"""What a column may be, with the column of ours that its cells go to."""


@dataclass(frozen=True)
class MappedColumn:
    """A column of the list, by its header, and what it is."""

    header: str
    fields: Sequence[str]
    separator: str = ""
    unit: str = ""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def factor(self) -> float:
        """What its amounts are multiplied by to give euros."""
        return factor_of(self.unit) or 1.0


@dataclass(frozen=True)
class LeftOut:
    """Rows that are left out: those whose cell in a column fits a pattern."""

    column: str
    pattern: str
    reason: str


@dataclass(frozen=True)
class ListMap:
    """A map as its file says it.

    ``a_row_is`` a project with all its partners, or one partner of a project, whose amounts are
    then added up. ``always`` holds for each row where no column says otherwise.
    """

    columns: Sequence[MappedColumn]
    always: Mapping[str, Any] = field(default_factory=dict)
    left_out: Sequence[LeftOut] = ()
    missing: Sequence[str] = ()
    sheet: str = ""
    language: str = DEFAULT
    a_row_is: Literal["project", "partner"] = "project"

    def columns_for(self, name: str) -> list[MappedColumn]:
        """Return the columns that are something, in the order of the map."""
        return [column for column in self.columns if name in column.fields]

    def knows(self, name: str) -> bool:
        """Return whether a column or what always holds says it."""
        return name in self.always or bool(self.columns_for(name))

    def unsaid(self) -> list[str]:
        """Return what the records need and neither a column says nor anything it follows from."""
        needed = {"cluster_id": (), "is_rdi": (), "is_new": (START,), "status": (END,)}
        needed["consortium_type"] = (ACTOR,)
        if self.knows(ACTOR):
            needed |= {"actor_type": (), "state": ("place",)}
        return [
            name
            for name, others in needed.items()
            if not any(self.knows(each) for each in (name, *others))
        ]


def read_map(path: Path) -> tuple[bytes, ListMap]:
    """Return a map and its bytes.

    Raises
    ------
    ParameterError
        If there is no such map.
    ContractError
        With everything in it that cannot be understood.
    """
    if not path.is_file():
        reason = "is no file; 'ewm map LIST --output MAP.toml' proposes a map"
        raise ParameterError("map", str(path), reason=reason)
    data = path.read_bytes()
    try:
        told = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ContractError([Failure(path.name, 0, "", "", f"is no TOML: {error}")]) from None
    return data, understood_map(told, path.name)


def understood_map(told: Mapping[str, Any], file: str) -> ListMap:
    """Return a map from what TOML holds.

    Raises
    ------
    ContractError
        With everything in it that cannot be understood.

    Examples
    --------
    >>> told = {"column": [{"header": "Projektname", "is": "title"}], "always": {"is_rdi": True}}
    >>> understood_map(told, "map.toml").columns[0].fields
    ['title']
    """
    failures: list[Failure] = []
    check, has_shape = partial(_check, failures, file), partial(_has_shape, failures, file)
    head, always = told.get("list", {}), told.get("always", {})
    if not (has_shape("", told, SHAPES[""]) and has_shape("list", head, SHAPES["list"])):
        raise ContractError(failures)
    known = {name: value for name, value in always.items() if value != UNKNOWN}
    has_shape("always", known, {name: KINDS[one.kind] for name, one in FIELDS.items()})
    check("list, a_row_is", [head.get("a_row_is", "project")], ("project", "partner"))
    check("list, language", [head.get("language", DEFAULT)], LOCALES)
    columns = []
    for entry in told.get("column", ()):
        if not has_shape("column", entry, SHAPES["column"]):
            continue
        columns.append(column := _column(entry))
        place = f"column {column.header or '?'}"
        check(f"{place}, is", column.fields, [*FIELDS, NOTHING, UNKNOWN])
        check(f"{place}, codes", column.codes, column.fields)
        if not column.fields or not column.header:
            failures.append(Failure(file, 0, place, "", "needs a header, and what it is: is = …"))
        if factor_of(column.unit) is None:
            failures.append(Failure(file, 0, place, column.unit, "allowed: unit = €, T€, Mio. € …"))
    rules = []
    for entry in told.get("leave_out", ()):
        if not has_shape("leave_out", entry, SHAPES["leave_out"]):
            continue
        check("leave_out, column", [entry.get("column", "")], [one.header for one in columns])
        rules.append(LeftOut(*(entry.get(name, "") for name in ("column", "pattern", "reason"))))
    if failures:
        raise ContractError(failures)
    return ListMap(columns, known, rules, **head)


Kind = tuple[tuple[type, ...], str]
"""What a value is in TOML, and how that is said."""

TEXT, TABLE, TABLES = ((str,), "a text in quotes"), ((dict,), "a table"), ((list,), "tables: [[…]]")
SHAPES: dict[str, dict[str, Kind]] = {
    "": {"list": TABLE, "always": TABLE, "column": TABLES, "leave_out": TABLES},
    "list": {
        "sheet": TEXT, "language": TEXT, "a_row_is": TEXT, "missing": ((list,), "a list of texts"),
    },
    "column": {
        "header": TEXT, "is": ((str, list), "a text, or a list of texts"), "separator": TEXT,
        "unit": TEXT, "codes": TABLE,
    },
    "leave_out": {"column": TEXT, "pattern": TEXT, "reason": TEXT},
}  # fmt: skip
"""What the tables of a map hold."""

KINDS: dict[str, Kind] = {
    "boolean": ((bool,), "true or false, without quotes"),
    "integer": ((int,), "a whole number, without quotes"),
    "number": ((int, float), "a number, without quotes"),
    "text": TEXT,
    "date": ((str,), "a text in quotes, as 2022-12-31"),
}
"""What holds a column of ours, by its kind."""


def _check(
    failures: list[Failure], file: str, place: str, found: Any, allowed: Sequence[str]
) -> None:
    """Collect what is not among the allowed names."""
    for name in [one for one in found if one not in allowed]:
        reason = f"allowed: {', '.join(allowed)}{did_you_mean(str(name), allowed)}"
        failures.append(Failure(file, 0, place, str(name), reason))


def _has_shape(
    failures: list[Failure], file: str, place: str, found: Any, shape: Mapping[str, Kind]
) -> bool:
    """Tell whether a table has the keys and types of a shape; collect what has not."""
    if not isinstance(found, dict):
        failures.append(Failure(file, 0, place, str(found), f"must be a table: [{place}]"))
        return False
    _check(failures, file, place, found, [*shape])
    known = len(failures)
    for name in [one for one in found if one in shape]:
        types, said = shape[name]
        if type(found[name]) not in types:
            where = ", ".join(filter(None, (place, name)))
            failures.append(Failure(file, 0, where, str(found[name]), f"must be {said}"))
    return len(failures) == known


def _column(entry: Mapping[str, Any]) -> MappedColumn:
    fields = entry.get("is", [])
    own = {name: entry[name] for name in ("separator", "unit", "codes") if name in entry}
    return MappedColumn(
        entry.get("header", ""), [fields] if isinstance(fields, str) else fields, **own
    )
