"""A list of projects and its map to the five tables of a year, with a remark for what is odd.

Each distinct cell is read once, so that large lists are quick; what is said of cells is said
once for all that are alike, with their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, SCHEMES
from ewm_analysis.intake.columns import Choice, choices_of, cleaned
from ewm_analysis.intake.data_set import typed_rows
from ewm_analysis.intake.findings import Remarks, few
from ewm_analysis.intake.list_map import (
    ACTOR,
    ACTOR_FIELDS,
    END,
    FIELDS,
    PROJECT_FIELDS,
    START,
    UNKNOWN,
    ListMap,
    ListRows,
    MappedColumn,
    MappedList,
    is_empty,
    list_rows,
)
from ewm_analysis.intake.names import id_of, with_seats
from ewm_analysis.intake.readings import (
    Alike,
    Read,
    UncertainCellError,
    is_missing,
    read_amount,
    read_answer,
    read_code,
    read_day,
)
from ewm_analysis.intake.records import check_tables
from ewm_analysis.intake.sheets import ReadTable
from ewm_analysis.l10n import Locale, format_number, in_language

AMOUNTS = [name for name in PROJECT_FIELDS if name.endswith("_eur")]


class ListCells:
    """Reads columns of a list, and tells what is odd in their cells."""

    def __init__(
        self, rows: ListRows, listed: ListMap, reference: Reference, year: int, remarks: Remarks
    ) -> None:
        self.rows, self.listed, self.reference = rows, listed, reference
        self.year, self.remarks = year, remarks
        self.amounts: dict[str, tuple[str, list[float]]] = {}
        self.missing = {cleaned(text).casefold() for text in listed.missing}

    def columns_for(self, name: str) -> list[MappedColumn]:
        """Return the columns of the list that are something."""
        return [one for one in self.listed.columns_for(name) if one.header in self.rows.cells]

    def entries(self, column: MappedColumn) -> list[list[str]]:
        """Return the entries of each cell of a column."""
        cells = self.rows.cells[column.header]
        known = {key: entries_of(column, key[1]) for key in {*map(_key, cells)}}
        return [known[_key(cell)] for cell in cells]

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
        parse, alike, keys = self._parser(column, name), Alike(self.remarks), [*map(_key, cells)]
        counts, known, places = Counter(keys), {}, dict[str, str]()
        titles = {
            "header": column.header,
            "field": in_language(FIELDS[name].title, self.remarks.locale),
        }

        def note(how: str, key: tuple[type, object]) -> None:
            if how not in places:
                at = keys.index(key)
                line = self.rows.lines[of[at] if of is not None else at]
                places[how] = self.rows.place(line, column.header)
            alike.note(how, key[1], places[how], counts[key], **titles)

        for key in counts:
            try:
                known[key] = parse(key[1])
            except UncertainCellError as error:
                known[key] = Read(None, f"list.cell.{error.key}")
        if FIELDS[name].kind == "boolean" and {one.how for one in known.values()} == {"", "mark"}:
            others = {key: Read(False, "unmarked") for key, one in known.items() if not one.how}
            known |= others if all(known[key].value is None for key in others) else {}
        for key, read in known.items():
            if read.how:
                note(read.how if "." in read.how else f"reading.{read.how}", key)
        alike.tell()
        values = {key: read.value for key, read in known.items()}
        return [values[key] for key in keys]

    def _parser(self, column: MappedColumn, name: str) -> Callable[[object], Read]:
        """Return what reads a cell of a column as a field."""
        own = {cleaned(k).casefold(): v for k, v in column.codes.get(name, {}).items()}
        patterns = [(k, v) for k, v in own.items() if "*" in k or "?" in k]
        scheme = name if name in SCHEMES else ""
        choices = choices_of(FIELDS[name], self.reference, self.year, scheme=scheme)
        read = reader_of(name, self.listed.language, choices, column.factor)
        is_name = name in (ACTOR, "title", "project_id")

        def parse(cell: object) -> Read:
            text = "" if is_empty(cell) else _shown(cell)
            small = text.casefold()
            if not text or small in self.missing:
                return Read(None)
            if own:
                fits = (v for k, v in patterns if fnmatchcase(small, k))
                code = own[small] if small in own else next(fits, None)
                if code is not None:
                    return _own(code, name)
            if not is_name and isinstance(cell, str) and is_missing(text):
                return Read(None, "missing")
            return read(cell, text)

        return parse


def reader_of(
    name: str, language: Locale, choices: list[Choice], factor: float = 1.0
) -> Callable[[object, str], Read]:
    """Return what reads a cell, and its text, as a field."""

    def read(cell: object, text: str) -> Read:
        match FIELDS[name].kind:
            case "number" if isinstance(cell, str):
                return read_amount(text, language, factor)
            case "number":
                return _number(cell, factor)
            case "date":
                return read_day(cell, language)
            case "boolean":
                return read_answer(cell)
            case "integer":
                return Read(int(str(read_day(cell, language).value)[:4]))
        return read_code(text, name, choices) if choices else Read(text)

    return read


def _key(cell: object) -> tuple[type, object]:
    """Tell cells apart that are equal to Python: 1, 1.0 and True."""
    return cell.__class__, cell


def _own(code: str | bool, name: str) -> Read:
    """A code of the map; "" says that there is none, "?" that nobody has said which."""
    if code == UNKNOWN:
        raise UncertainCellError("code")
    if FIELDS[name].kind == "boolean" and code != "":
        return Read(read_answer(code).value)
    return Read(None if code == "" else code)


def _number(cell: object, factor: float) -> Read:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise UncertainCellError("amount")
    return Read(float(Decimal(repr(cell)) * Decimal(repr(factor))))


def _shown(cell: object) -> str:
    is_whole = isinstance(cell, float) and cell.is_integer()
    return f"{cell:.0f}" if is_whole else cleaned(str(cell))


def tables_of_list(
    listed: MappedList, reference: Reference, year: int, remarks: Remarks
) -> dict[str, ReadTable]:
    """Return the five tables of a year, or none with an error that says why."""
    rows = list_rows(listed, remarks)
    if rows is None or remarks.has_errors:
        return {}
    tables = read_list(rows, listed.map, reference, year, remarks)
    if not remarks.has_errors:
        check_tables(tables, reference, remarks)
    return tables


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
        title = in_language(FIELDS[name].title, remarks.locale)
        remarks.error("", "list.field_missing", name, title=title)
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
    for name, (header, amounts) in cells.amounts.items():
        _tell_sums(name, header, amounts, projects[name], remarks)
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


def _tell_sums(
    name: str, header: str, amounts: Sequence[float], projects: pd.Series, remarks: Remarks
) -> None:
    """Tell the sum of an amount over the rows of the list, and over the records."""
    locale = remarks.locale
    facts = {
        "title": in_language(FIELDS[name].title, locale),
        "header": header,
        "known": format_number(len(amounts), locale),
        "before": format_number(sum(amounts), locale, 2),
        "after": format_number(float(projects.dropna().sum()), locale, 2),
    }
    remarks.add("note", "", "list.sum", **facts)


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
    for name, column in RECORDS[stem].columns.items():
        if not column.required or name == "year":
            continue
        gaps = table[table[name].isna()]
        if len(gaps):
            told = [f"{line}: {text}" for line, text in zip(gaps["line"], gaps[named], strict=True)]
            facts = {"title": in_language(column.title, remarks.locale), "rows": few(told)}
            count = format_number(len(told), remarks.locale)
            remarks.error(rows.title, "list.gaps", "", count=count, **facts)


def _as_read(rows: ListRows, stem: str, table: pd.DataFrame, where: Mapping[str, int]) -> ReadTable:
    contract = RECORDS[stem]
    table = table.sort_values("line", kind="stable", ignore_index=True)
    places = {name: where[name] for name in contract.columns if name in where}
    frame = typed_rows(table, contract)
    lines = [int(line) for line in table["line"]]
    return ReadTable(rows.sheet(stem), places or {"year": 1}, frame, lines, [])


def _project_facts(cells: ListCells) -> pd.DataFrame:
    """Return what each row says of its project, with its position and line."""
    rows, listed = cells.rows, cells.listed
    found: dict[str, Any] = {"row": range(len(rows.lines)), "line": rows.lines}
    for name in (*PROJECT_FIELDS, START, END):
        columns = [cells.read(one, name, rows.cells[one.header]) for one in cells.columns_for(name)]
        if columns and name in AMOUNTS:
            headers = ", ".join(one.header for one in cells.columns_for(name))
            known = [value for values in columns for value in values if value is not None]
            cells.amounts[name] = headers, known
        always = listed.always.get(name)
        told = _together(columns, name) if columns else [None] * len(rows.lines)
        found[name] = (
            told if always is None else [always if cell is None else cell for cell in told]
        )
    facts = pd.DataFrame(found, dtype=object)
    made = {title: id_of(str(title), "p") for title in facts["title"].dropna().unique()}
    facts["project_id"] = facts["project_id"].fillna(facts["title"].map(made))
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
    first, last = (_years(facts[name]) for name in (START, END))
    other = facts["year"].notna() & (facts["year"] != year)
    out = {"other_year": other, "later": ~other & (first > year), "ended": ~other & (last < year)}
    for key, rows in out.items():
        if number := int(rows.sum()):
            count = format_number(number, cells.remarks.locale)
            cells.remarks.add(
                "note", cells.rows.title, f"left_out.{key}", "", count=count, year=year
            )
    return ~(out["other_year"] | out["later"] | out["ended"])


def _years(days: pd.Series) -> pd.Series:
    """Return the years of days, months or years, as texts; NaN where there is none."""
    return pd.to_numeric(days.astype("string").str[:4]).astype("float64")


def entries_of(column: MappedColumn, cell: object) -> list[str]:
    """Return the entries of a cell, as text; none if it is empty."""
    if is_empty(cell):
        return []
    text = str(cell) if isinstance(cell, str) else _shown(cell)
    parts = text.split(column.separator) if column.separator else [text]
    return [part for part in map(cleaned, parts) if part]


def _members(cells: ListCells, facts: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each partner of each project: its id, what the list says of it."""
    found: dict[str, list[Any]] = {name: [] for name in ("row", ACTOR, *ACTOR_FIELDS)}
    for order, column in enumerate(cells.columns_for(ACTOR)):
        entries = cells.entries(column)
        split = [(row, at, part) for row in facts["row"] for at, part in enumerate(entries[row])]
        names = cells.read(column, ACTOR, [part for *_, part in split], [row for row, *_ in split])
        kept = [(row, at, name) for (row, at, _), name in zip(split, names, strict=True) if name]
        found["row"] += [row for row, *_ in kept]
        found[ACTOR] += [name for *_, name in kept]
        for name in ACTOR_FIELDS:
            found[name] += _beside(cells, column, name, kept, None if order else entries)
    members = pd.DataFrame(found, dtype=object)
    made = {name: id_of(name, "a") for name in members[ACTOR].unique()}
    members["actor_id"] = members["actor_id"].fillna(members[ACTOR].map(made))
    return members.join(facts.set_index("row")[["project_id", "line"]], on="row")


def _beside(
    cells: ListCells,
    own: MappedColumn,
    name: str,
    kept: Sequence[tuple[int, int, str]],
    entries: Sequence[Sequence[str]] | None,
) -> list[Any]:
    """Return what is said of partners: by their own cell, or by one beside the first of them.

    A cell beside it with as many entries as partners says one of each; any other says it of the
    first partner alone.
    """
    by_place = name in ("state", "ags") and cells.listed.knows("place")
    always = None if by_place else cells.listed.always.get(name)
    columns, of = cells.columns_for(name), [row for row, *_ in kept]
    if own in columns:
        return cells.read(own, name, [text for *_, text in kept], of)
    if not columns or entries is None:
        return [always] * len(kept)
    beside, told = cells.entries(columns[0]), []
    for row, at, _ in kept:
        parts = beside[row]
        is_each = len(parts) == len(entries[row])
        told.append(parts[at] if is_each else parts[0] if parts and not at else "")
    values = cells.read(columns[0], name, told, of)
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
        usual = {*PROJECT_FIELDS, START, END} - {"project_id", *AMOUNTS}
        projects = _usual(facts, "project_id", sorted(usual))
        for name in AMOUNTS:
            amounts = facts[name].astype("Float64")
            sums = whole_sum(amounts, facts["project_id"], projects["project_id"])
            projects[name] = sums.to_numpy()
    first, last = (_years(projects[name]) for name in (START, END))
    projects = projects.copy()
    if first.notna().any() and not listed.knows("is_new"):
        projects["is_new"] = first == year
    if last.notna().any() and not listed.knows("status"):
        projects["status"] = (last <= year).map({True: "finished", False: "started"})
    if not listed.knows("consortium_type") and len(members):
        kinds = members.drop_duplicates(["project_id", "actor_id"])
        found = consortium_types(kinds["actor_type"], kinds["project_id"])
        projects["consortium_type"] = projects["project_id"].map(found)
    return projects


def whole_sum(amounts: pd.Series, owners: pd.Series, ids: pd.Series) -> pd.Series:
    """Sum amounts by project, to the cent; unknown where one of them is."""
    sums = amounts.groupby(owners).sum(min_count=1).round(2)
    gaps = amounts.isna().groupby(owners).any()
    return sums.mask(gaps).reindex(ids)


def consortium_types(kinds: pd.Series, owners: pd.Series) -> pd.Series:
    """Return the structure of each consortium, from the types of its partners, each given once.

    Examples
    --------
    >>> consortium_types(pd.Series(["company", "company"]), pd.Series(["p1", "p1"]))["p1"]
    'companies'
    """
    companies = (kinds == "company").groupby(owners).sum()
    science = (kinds == "university_research").groupby(owners).sum()
    kind = pd.Series("other_joint", index=companies.index)
    kind = kind.mask((companies > 1) & (science == 0), "companies")
    kind = kind.mask((companies > 0) & (science > 0), "companies_science")
    return kind.mask(kinds.groupby(owners).size() == 1, "single")


def _actors(
    members: pd.DataFrame, reference: Reference, listed: ListMap, remarks: Remarks
) -> pd.DataFrame:
    """Return each partner once; state and district by its place where no column says them."""
    names = [name for name in ACTOR_FIELDS if name != "actor_id"]
    actors = _usual(members, "actor_id", [ACTOR, *names]).rename(columns={ACTOR: "name"})
    actors = with_seats(actors, reference, remarks, listed.always.get("state"))
    actors["size_class"] = actors["size_class"].where(actors["actor_type"] == "company")
    return actors


def _assignments(cells: ListCells, facts: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each category of each project."""
    found: list[tuple[Any, ...]] = []
    about = [*zip(facts["row"], facts["project_id"], facts["line"], strict=True)]
    for scheme in SCHEMES:
        for column in cells.columns_for(scheme):
            entries = cells.entries(column)
            split = [(*own, part) for own in about for part in entries[own[0]]]
            of = [row for row, *_ in split]
            codes = cells.read(column, scheme, [part for *_, part in split], of)
            found += [
                (one, line, scheme, code)
                for (_, one, line, _), code in zip(split, codes, strict=True)
                if code
            ]
        if always := cells.listed.always.get(scheme):
            found += [(one, line, scheme, always) for _, one, line in about]
    table = pd.DataFrame(found, columns=["project_id", "line", "scheme", "category"])
    return table.drop_duplicates(["project_id", "scheme", "category"])
