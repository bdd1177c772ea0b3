"""A list of projects and its map to the five tables of a year, with a remark for what is odd.

Each distinct cell is read once, so that large lists are quick; what is said of cells is said
once for all that are alike, with their number.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, SCHEMES, columns_of, key_of
from ewm_analysis.intake.cells import UncertainCellError
from ewm_analysis.intake.columns import choices_of
from ewm_analysis.intake.cordis_records import consortium_types, whole_sum
from ewm_analysis.intake.data_set import typed_rows
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.list_map import (
    ACTOR,
    ACTOR_FIELDS,
    END,
    FIELDS,
    PROJECT_FIELDS,
    START,
    UNKNOWN,
    ListMap,
    MappedColumn,
)
from ewm_analysis.intake.list_rows import ListRows, is_empty
from ewm_analysis.intake.names import district_of
from ewm_analysis.intake.names import plain as levelled
from ewm_analysis.intake.readings import (
    Read,
    cleaned,
    is_missing,
    read_amount,
    read_answer,
    read_code,
    read_day,
)
from ewm_analysis.intake.records import ReadTable
from ewm_analysis.l10n import format_number, in_language

LONGEST_ID = 60
NAMED = 5
"""Values named in a remark."""

AMOUNTS = [name for name in PROJECT_FIELDS if name.endswith("_eur")]


def id_of(name: str, kind: str) -> str:
    """Return an id made of a name: the same for the same name, however it is spelt.

    Examples
    --------
    >>> id_of("Müller & Söhne GmbH", "a"), id_of("MÜLLER  & Söhne GmbH", "a")
    ('a-mueller-und-soehne-gmbh', 'a-mueller-und-soehne-gmbh')
    """
    slug = "-".join(re.findall(r"[a-z0-9]+", levelled(name)))
    if len(slug) > LONGEST_ID or not slug:
        mark = hashlib.sha256(cleaned(name).casefold().encode()).hexdigest()[:8]
        slug = "-".join(filter(None, (slug[:LONGEST_ID].strip("-"), mark)))
    return f"{kind}-{slug}"


class ListCells:
    """Reads columns of a list, and tells what is odd in their cells."""

    def __init__(
        self, rows: ListRows, listed: ListMap, reference: Reference, year: int, remarks: Remarks
    ) -> None:
        self.rows, self.listed, self.reference = rows, listed, reference
        self.year, self.remarks = year, remarks
        self.missing = {cleaned(text).casefold() for text in listed.missing}

    def read(
        self,
        column: MappedColumn,
        name: str,
        cells: Sequence[object],
        of: Sequence[int] | None = None,
    ) -> list[Any]:
        """Return the values of cells as a field holds them; None where one is missing.

        `of` are the rows that hold the cells, where these are entries of lists in a cell.
        """
        known: dict[tuple[type, object], Any] = {}
        wrong: dict[str, Counter[str]] = {}
        how: dict[str, Counter[str]] = {}
        first: dict[tuple[str, str], int] = {}
        values: list[Any] = []
        parse = self._parser(column, name)
        for at, cell in zip(of or range(len(cells)), cells, strict=True):
            key = (cell.__class__, cell)
            if key not in known:
                try:
                    known[key] = parse(cell)
                except UncertainCellError as error:
                    known[key] = error
            found = known[key]
            if isinstance(found, UncertainCellError):
                wrong.setdefault(found.key, Counter())[cleaned(str(cell))] += 1
                first.setdefault(("error", found.key), at)
                values.append(None)
                continue
            if found.how:
                how.setdefault(found.how, Counter())[cleaned(str(cell))] += 1
                first.setdefault(("note", found.how), at)
            values.append(found.value)
        for reason, seen in wrong.items():
            self._tell("error", reason, column, name, seen, first["error", reason])
        for reason, seen in how.items():
            self._tell("note", reason, column, name, seen, first["note", reason])
        return values

    def _tell(
        self, level: Any, key: str, column: MappedColumn, name: str, seen: Counter[str], at: int
    ) -> None:
        locale = self.remarks.locale
        few = [f"{value} ({format_number(n, locale)}×)" for value, n in seen.most_common(NAMED)]
        more = ", …" if len(seen) > NAMED else ""
        line = self.rows.lines[at]
        place = self.rows.sheet("projects").place(line, self.rows.places[column.header])
        facts = {"count": format_number(seen.total(), locale), "values": ", ".join(few) + more}
        facts |= {"header": column.header, "field": in_language(FIELDS[name].title, locale)}
        kind = "list.cell" if level == "error" else "reading"
        self.remarks.add(level, place, f"{kind}.{key}", "", **facts)

    def _parser(self, column: MappedColumn, name: str) -> Callable[[object], Read]:
        """Return what reads a cell of a column as a field."""
        own = {cleaned(k).casefold(): v for k, v in column.codes.get(name, {}).items()}
        patterns = {k: v for k, v in own.items() if "*" in k or "?" in k}
        plain_kind = self._plain_parser(column, name)

        def parse(cell: object) -> Read:
            text = cleaned(str(cell)) if isinstance(cell, str) else ""
            small = text.casefold()
            if is_empty(cell) or small in self.missing:
                return Read(None)
            if own:
                small = small or cleaned(str(cell)).casefold()
                for code in (
                    own.get(small),
                    *(v for k, v in patterns.items() if fnmatchcase(small, k)),
                ):
                    if code is not None:
                        return self._own(code, name)
            if text and name not in (ACTOR, "title", "project_id") and is_missing(text):
                return Read(None, "missing")
            return plain_kind(cell, text)

        return parse

    @staticmethod
    def _own(code: str | bool, name: str) -> Read:
        """A code of the map; "" says that there is none, "?" that nobody has said which."""
        if code == UNKNOWN:
            raise UncertainCellError("code")
        if FIELDS[name].kind == "boolean" and code != "":
            return Read(read_answer(code).value)
        return Read(None if code == "" else code)

    def _plain_parser(self, column: MappedColumn, name: str) -> Callable[[object, str], Read]:
        field, language = FIELDS[name], self.listed.language
        if field.kind == "number":
            return lambda cell, text: (
                read_amount(text, language, column.factor) if text else _number(cell, column.factor)
            )
        if field.kind == "date":
            return lambda cell, _: read_day(cell, language)
        if field.kind == "boolean":
            return lambda cell, _: read_answer(cell)
        if field.kind == "integer":
            return lambda cell, _: Read(int(str(read_day(cell, language).value)[:4]))
        scheme = name if name in SCHEMES else ""
        choices = choices_of(field, self.reference, self.year, scheme=scheme)
        if not choices:
            return lambda cell, text: Read(text or _shown(cell))
        return lambda cell, text: read_code(text or _shown(cell), name, choices)


def _number(cell: object, factor: float) -> Read:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise UncertainCellError("amount")
    return Read(float(Decimal(repr(cell)) * Decimal(repr(factor))))


def _shown(cell: object) -> str:
    is_whole = isinstance(cell, float) and cell.is_integer()
    return f"{cell:.0f}" if is_whole else cleaned(str(cell))


def read_list(
    rows: ListRows, listed: ListMap, reference: Reference, year: int, remarks: Remarks
) -> dict[str, ReadTable]:
    """Return the five tables of the projects of a list that run in a year.

    Parameters
    ----------
    rows : ListRows
        The rows that are records.
    listed : ListMap
        What the columns are.
    reference : Reference
        Codes and places.
    year : int
        Reporting year.
    remarks : Remarks
        Takes what is wrong or odd; with an error among them the tables are not to be used.
    """
    for name in listed.unsaid():
        remarks.error(
            "", "list.field_missing", name, title=in_language(FIELDS[name].title, remarks.locale)
        )
    if not listed.knows("title") and not listed.knows("project_id"):
        remarks.error("", "list.no_title")
    if remarks.has_errors:
        return {}
    cells = ListCells(rows, listed, reference, year, remarks)
    facts = _project_facts(cells)
    facts = facts[_runs(facts, year, cells)]
    members = _members(cells, facts)
    projects = _projects(facts, members, listed, year)
    actors = _actors(members, reference, listed, remarks)
    if not remarks.has_errors:
        _tell_gaps(projects, "projects", "title", rows, remarks)
        _tell_gaps(actors, "actors", "name", rows, remarks)
    empty = pd.DataFrame(columns=["line"])
    made = {
        "projects": projects,
        "activities": empty,
        "actors": actors,
        "participations": members.drop_duplicates(["project_id", "actor_id"]),
        "assignments": _assignments(cells, facts),
    }
    where = _places(rows, listed)
    return {
        stem: _as_read(rows, stem, table.assign(year=year), where) for stem, table in made.items()
    }


def _places(rows: ListRows, listed: ListMap) -> dict[str, int]:
    """Return the column of the list that each column of ours comes from; an id from its name."""
    where = {
        name: rows.places[one.header]
        for one in listed.columns
        for name in one.fields
        if one.header in rows.places
    }
    own = {"project_id": where.get("title", 1)}
    if ACTOR in where:
        own |= {"name": where[ACTOR], "actor_id": where[ACTOR]}
    return own | where


def _tell_gaps(
    table: pd.DataFrame, stem: str, named: str, rows: ListRows, remarks: Remarks
) -> None:
    """Tell once a column what is missing where it must not be."""
    for name, column in columns_of(RECORDS[stem]).items():
        if not column.required or name == "year":
            continue
        gaps = table[table[name].isna()]
        if len(gaps):
            few = [f"{line}: {told}" for line, told in zip(gaps["line"], gaps[named], strict=True)]
            told = "; ".join(few[:NAMED]) + "; …" * (len(few) > NAMED)
            facts = {
                "title": in_language(column.title, remarks.locale),
                "count": format_number(len(few), remarks.locale),
            }
            remarks.error(rows.title, "list.gaps", "", rows=told, **facts)


def _as_read(rows: ListRows, stem: str, table: pd.DataFrame, where: Mapping[str, int]) -> ReadTable:
    contract = RECORDS[stem]
    table = table.sort_values("line", kind="stable", ignore_index=True)
    places = {name: where[name] for name in columns_of(contract) if name in where}
    frame = typed_rows(table, contract)
    lines = [int(line) for line in table["line"]]
    return ReadTable(rows.sheet(stem), places or {"year": 1}, frame, lines, [])


def _project_facts(cells: ListCells) -> pd.DataFrame:
    """Return what each row says of its project, with its position and line."""
    rows, listed = cells.rows, cells.listed
    found: dict[str, Any] = {"row": range(len(rows.lines)), "line": rows.lines}
    for name in (*PROJECT_FIELDS, START, END):
        columns = [
            cells.read(column, name, rows.cells[column.header])
            for column in listed.columns_for(name)
            if column.header in rows.cells
        ]
        always = listed.always.get(name)
        told = _together(columns, name) if columns else [None] * len(rows.lines)
        found[name] = [always if cell is None else cell for cell in told]
    facts = pd.DataFrame(found, dtype=object)
    made = [id_of(str(title), "p") if title else None for title in facts["title"]]
    facts["project_id"] = facts["project_id"].where(
        facts["project_id"].notna(), pd.Series(made, dtype=object)
    )
    return facts


def _together(columns: Sequence[Sequence[Any]], name: str) -> list[Any]:
    """Several of theirs in one of ours: amounts are added, titles joined, else the first holds."""
    if len(columns) == 1:
        return [*columns[0]]
    if name in AMOUNTS:
        sums = zip(*columns, strict=True)
        return [None if None in row else round(sum(row), 2) for row in sums]
    rows = [[cell for cell in row if cell is not None] for row in zip(*columns, strict=True)]
    if name == "title":
        return [": ".join(map(str, row)) or None for row in rows]
    return [row[0] if row else None for row in rows]


def _runs(facts: pd.DataFrame, year: int, cells: ListCells) -> pd.Series:
    """Return which rows belong to a year; the others are counted."""
    first = (
        pd.to_numeric(facts[START].str[:4])
        if facts[START].notna().any()
        else facts["line"] * 0 + year
    )
    last = (
        pd.to_numeric(facts[END].str[:4]) if facts[END].notna().any() else facts["line"] * 0 + year
    )
    other = facts["year"].notna() & (facts["year"] != year)
    later, before = (first > year) & ~other, (last < year) & ~other
    for key, rows in (("other_year", other), ("later", later), ("ended", before)):
        if number := int(rows.fillna(False).sum()):
            text = {"count": format_number(number, cells.remarks.locale), "year": year}
            cells.remarks.add("note", cells.rows.title, f"left_out.{key}", "", **text)
    return ~(other | later | before).fillna(False).astype(bool)


def entries_of(column: MappedColumn, cell: object) -> list[str]:
    """Return the entries of a cell, as text; none if it is empty."""
    if is_empty(cell):
        return []
    text = str(cell) if isinstance(cell, str) else _shown(cell)
    parts = text.split(column.separator) if column.separator else [text]
    return [part for part in map(cleaned, parts) if part]


def _members(cells: ListCells, facts: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each partner of each project: its id, what the list says of it."""
    rows, listed = cells.rows, cells.listed
    named = [one for one in listed.columns_for(ACTOR) if one.header in rows.cells]
    found: dict[str, list[Any]] = {
        name: [] for name in ("row", "at", "order", ACTOR, *ACTOR_FIELDS)
    }
    for order, column in enumerate(named):
        source = rows.cells[column.header]
        split = [
            (row, at, part)
            for row in facts["row"]
            for at, part in enumerate(entries_of(column, source[row]))
        ]
        names = cells.read(column, ACTOR, [part for *_, part in split], [row for row, *_ in split])
        kept = [(row, at, name) for (row, at, _), name in zip(split, names, strict=True) if name]
        found["row"] += [row for row, _, _ in kept]
        found["at"] += [at for _, at, _ in kept]
        found["order"] += [order] * len(kept)
        found[ACTOR] += [name for *_, name in kept]
        for name in ACTOR_FIELDS:
            found[name] += _beside(cells, column, name, kept, order, source)
    members = pd.DataFrame(found, dtype=object)
    made = pd.Series([id_of(name, "a") for name in members[ACTOR]], dtype=object)
    members["actor_id"] = members["actor_id"].where(members["actor_id"].notna(), made)
    about = facts.set_index("row")[["project_id", "line", *AMOUNTS]]
    return members.join(about, on="row")


def _beside(
    cells: ListCells,
    own: MappedColumn,
    name: str,
    kept: Sequence[tuple[int, int, str]],
    order: int,
    source: Sequence[object],
) -> list[Any]:
    """Return what is said of partners: by their own cell, or by one beside it.

    A cell beside it with as many entries as partners says one of each; any other says it of the
    first partner alone.
    """
    by_place = name in ("state", "ags") and cells.listed.knows("place")
    always = None if by_place else cells.listed.always.get(name)
    columns = [one for one in cells.listed.columns_for(name) if one.header in cells.rows.cells]
    of = [row for row, *_ in kept]
    if own in columns:
        return cells.read(own, name, [text for *_, text in kept], of)
    if not columns or order:
        return [always] * len(kept)
    column = columns[0]
    beside = cells.rows.cells[column.header]
    told = []
    for row, at, _ in kept:
        parts = entries_of(column, beside[row])
        is_each = len(parts) == len(entries_of(own, source[row]))
        told.append(parts[at] if is_each else parts[0] if parts and not at else "")
    values = cells.read(column, name, told, of)
    return [always if value is None else value for value in values]


def _usual(frame: pd.DataFrame, key: str, names: Sequence[str]) -> pd.DataFrame:
    """Return each key once, with what is said of it most often, then first in the alphabet."""
    found = {"line": frame.groupby(key)["line"].min()}
    for name in names:
        told = frame[[key, name]].dropna()
        counts = told.groupby([key, name]).size().rename("n").reset_index()
        counts = counts.sort_values([key, "n", name], ascending=[True, False, True])
        found[name] = counts.drop_duplicates(key).set_index(key)[name]
    return pd.DataFrame(found).rename_axis(key).reset_index()


def _projects(
    facts: pd.DataFrame, members: pd.DataFrame, listed: ListMap, year: int
) -> pd.DataFrame:
    """Return one row a project; what no column says follows from dates and partners."""
    projects = facts
    if listed.a_row_is == "partner":
        names = [
            name for name in (*PROJECT_FIELDS, START, END) if name not in ("project_id", *AMOUNTS)
        ]
        projects = _usual(facts, "project_id", names)
        for name in AMOUNTS:
            amounts = facts[name].astype("Float64")
            projects[name] = whole_sum(
                amounts, facts["project_id"], projects["project_id"]
            ).to_numpy()
    first, last = (
        projects[name].str[:4] if projects[name].notna().any() else None for name in (START, END)
    )
    projects = projects.copy()
    if first is not None and not listed.knows("is_new"):
        projects["is_new"] = (pd.to_numeric(first) == year).fillna(False)
    if last is not None and not listed.knows("status"):
        has_ended = (pd.to_numeric(last) <= year).fillna(False)
        projects["status"] = has_ended.map({True: "finished", False: "started"})
    if not listed.knows("consortium_type") and len(members):
        kinds = members.drop_duplicates(["project_id", "actor_id"])
        found = consortium_types(kinds["actor_type"], kinds["project_id"])
        projects["consortium_type"] = projects["project_id"].map(found)
    return projects


def _actors(
    members: pd.DataFrame, reference: Reference, listed: ListMap, remarks: Remarks
) -> pd.DataFrame:
    """Return each partner once; state and district by its place where no column says them."""
    names = [name for name in ACTOR_FIELDS if name != "actor_id"]
    actors = _usual(members, "actor_id", [ACTOR, *names]).rename(columns={ACTOR: "name"})
    towns = reference.municipalities
    seats = {place: district_of(place, towns) for place in actors["place"].dropna().unique()}
    states = dict(zip(reference.districts["ags"], reference.districts["state"], strict=True))
    by_place = actors["place"].map(seats)
    unknown = actors["state"].isna()
    found = by_place.map(states)
    found = found.mask(found.isna() & by_place.eq(""), "other")
    if strange := sorted(actors.loc[unknown & (found == "other"), "place"].unique()):
        remarks.add(
            "note",
            "",
            "reading.elsewhere",
            "",
            count=len(strange),
            values=", ".join(strange[:NAMED]),
        )
    found = found.where(found.notna(), listed.always.get("state"))
    actors["state"] = actors["state"].mask(unknown, found)
    fits = by_place.map(states) == actors["state"]
    actors["ags"] = actors["ags"].where(actors["ags"].notna(), by_place.where(fits))
    actors["size_class"] = actors["size_class"].where(actors["actor_type"] == "company")
    return actors


def _assignments(cells: ListCells, facts: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each category of each project."""
    found: list[tuple[Any, ...]] = []
    about = [*zip(facts["row"], facts["project_id"], facts["line"], strict=True)]
    for scheme in SCHEMES:
        for column in cells.listed.columns_for(scheme):
            if column.header not in cells.rows.cells:
                continue
            source = cells.rows.cells[column.header]
            split = [(*own, part) for own in about for part in entries_of(column, source[own[0]])]
            of = [row for row, *_ in split]
            codes = cells.read(column, scheme, [part for *_, part in split], of)
            found += [
                (one, line, scheme, code)
                for (_, one, line, _), code in zip(split, codes, strict=True)
                if code
            ]
        if scheme in cells.listed.always:
            found += [(one, line, scheme, cells.listed.always[scheme]) for _, one, line in about]
    table = pd.DataFrame(found, columns=["project_id", "line", "scheme", "category"])
    return table.drop_duplicates([*key_of(RECORDS["assignments"])[1:2], "scheme", "category"])
