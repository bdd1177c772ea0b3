"""Partners, guidelines or topics as lists in a cell: each entry is a row of another sheet.

Who keeps one row a project need not fill five sheets. What stands in its cells is read and
checked as if it stood on the sheet it belongs to, and told at its cell. Ids may be left out: they
are made of titles and names, so that a later import meets the same records.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, SCHEMES
from ewm_analysis.errors import Failure
from ewm_analysis.intake.columns import choices_of, cleaned, sheet_title
from ewm_analysis.intake.data_set import typed_rows
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.list_map import ACTOR, ACTOR_FIELDS, FIELDS
from ewm_analysis.intake.names import id_of, with_seats
from ewm_analysis.intake.readings import Alike, is_missing, patterns
from ewm_analysis.intake.sheets import RawCell, ReadTable, Row, Rows, Sheet
from ewm_analysis.l10n import Locale, format_number, in_language, text
from ewm_analysis.l10n.sentences import join

ITEMS = {"projects": "project_id", "activities": "activity_id"}
"""Tables whose rows belong to one cluster, and the id by which others refer to them."""

NAMED = {
    "projects": ("project_id", "title", "p"),
    "activities": ("activity_id", "title", "v"),
    "actors": ("actor_id", "name", "a"),
}
"""Id of a table, the column it is made of where it is left out, and how it then begins."""

FACTS = [name for name in ACTOR_FIELDS if name != "actor_id"]
"""What columns beside partners may say of them, one entry each."""


@dataclass(frozen=True)
class Body:
    """The rows of a sheet below its header, and where its columns stand.

    ``header`` is the line of the header, ``lists`` are the columns with lists in their cells;
    ``is_certain`` says whether each column is known.
    """

    sheet: Sheet
    header: int
    places: Mapping[str, int]
    rows: Rows
    lists: Sequence[tuple[str, int]] = ()
    is_certain: bool = True

    @property
    def missing(self) -> list[str]:
        """Columns of the table that the sheet has not; the year is that of the workbook."""
        names = RECORDS[self.sheet.table].columns
        return [name for name in names if name not in (*self.places, "year")]


Made = tuple[str, str, dict[str, RawCell]]
"""A row that an entry of a list stands for: its table, the place of the cell, its cells."""


def lists_among(table: str, names: Collection[str]) -> set[str]:
    """Return which columns of a sheet hold lists; facts of partners stand beside partners only."""
    if table not in ITEMS:
        return set()
    return {*names} & {ACTOR, *SCHEMES, *(FACTS if ACTOR in names else ())}


def title_of(name: str, locale: Locale) -> str:
    """Return what a column is called; one with lists by what its entries are."""
    if name == ACTOR:
        return sheet_title("actors", locale)
    if name in SCHEMES:
        return text(f"intake.scheme.{name}", locale)
    return in_language(FIELDS[name].title, locale)


def unfolded(bodies: Mapping[str, Body], remarks: Remarks) -> dict[str, Body]:
    """Return all five bodies, with a row for each entry of a list in a cell."""
    found = {stem: _with_ids(stem, body, remarks) for stem, body in bodies.items()}
    known, alike = _known(found.get("actors")), Alike(remarks)
    items = [found[stem] for stem in ITEMS if stem in found]
    made = [each for body in items for each in _made(body, known, alike)]
    alike.tell()
    return {
        stem: _with_rows(stem, found.get(stem), [one for one in made if one[0] == stem], remarks)
        for stem in RECORDS
    }


def _with_ids(stem: str, body: Body, remarks: Remarks) -> Body:
    """Return the rows with an id each; it stands in column 0 where the sheet has none for it."""
    if stem not in NAMED:
        return body
    key, named, kind = NAMED[stem]
    at, name = body.places.get(key, 0), body.places.get(named, -1)
    without = {line: row for line, row in body.rows if at not in row and name in row}
    made = {
        line: row | {at: RawCell(id_of(cleaned(str(row[name].value)), kind))}
        for line, row in without.items()
    }
    if made:
        title = in_language(RECORDS[stem].columns[named].title, remarks.locale)
        count = format_number(len(made), remarks.locale)
        remarks.add("note", body.sheet.title, "flat.ids", "", title=title, count=count)
    rows = [(line, made.get(line, row)) for line, row in body.rows]
    return replace(body, places={**body.places, key: at}, rows=rows)


def _known(actors: Body | None) -> dict[str, dict[object, RawCell]]:
    """Return the ids of actors that have a row, by id and by name."""
    found: dict[str, dict[object, RawCell]] = {}
    if actors is None:
        return found
    for _, row in actors.rows:
        if code := row.get(actors.places["actor_id"]):
            name = row.get(actors.places.get("name", -1), code)
            for key in {str(code.value), id_of(str(name.value), "a")}:
                found.setdefault(key, {})[code.value] = code
    return found


def _made(
    body: Body, known: Mapping[str, Mapping[object, RawCell]], alike: Alike
) -> Iterator[Made]:
    """Yield a row for each entry of a list: assignments; participations, and their actors."""
    key = ITEMS[body.sheet.table]
    for line, row in body.rows:
        own = {key: row[at]} if (at := body.places[key]) in row else {}
        parts = [(name, at, _parts(body, line, (name, at), row, alike)) for name, at in body.lists]
        beside = [one for one in parts if one[0] in FACTS]
        for name, at, entries in parts:
            place = body.sheet.place(line, at)
            if name in SCHEMES:
                for entry in entries:
                    cells = {"scheme": RawCell(name), "category": RawCell(entry)}
                    yield "assignments", place, own | cells
            elif name == ACTOR:
                facts = _beside(body, line, len(entries), beside, alike.remarks)
                beside = []  # they are said of the partners in the first column
                for entry, fact in zip(entries, facts, strict=True):
                    actor = _actor(entry, place, known, alike.remarks)
                    yield "participations", place, own | actor
                    yield "actors", place, {"name": RawCell(entry)} | fact | actor


def _parts(body: Body, line: int, column: tuple[str, int], row: Row, alike: Alike) -> list[str]:
    """Return the entries of a cell; "–" and the like are none."""
    name, at = column
    cell, place = row.get(at), body.sheet.place(line, at)
    if cell is None:
        return []
    if cell.kind != "s":
        key = {"f": "formula", "e": "error"}.get(cell.kind, "not_text")
        alike.remarks.error(place, f"cell.{key}", cell.value)
        return []
    parts = [*filter(None, map(cleaned, re.split("[;\n]", str(cell.value))))]
    for part in filter(is_missing, parts):
        alike.note("reading.missing", part, place, field=title_of(name, alike.remarks.locale))
    return [part for part in parts if not is_missing(part)]


def _beside(
    body: Body,
    line: int,
    number: int,
    facts: Sequence[tuple[str, int, Sequence[str]]],
    remarks: Remarks,
) -> list[dict[str, RawCell]]:
    """Return what is said of each partner; a cell says it of each of them, or of none."""
    found: list[dict[str, RawCell]] = [{} for _ in range(number)]
    for name, at, entries in facts:
        if len(entries) not in (0, number):
            place, told = body.sheet.place(line, at), "; ".join(entries)
            remarks.error(place, "flat.beside", told, count=len(entries), partners=number)
            continue
        for one, entry in zip(found, entries, strict=False):
            one[name] = RawCell(entry)
    return found


def _actor(
    entry: str, place: str, known: Mapping[str, Mapping[object, RawCell]], remarks: Remarks
) -> dict[str, RawCell]:
    """Return the id of a partner: that of its row, by id or name; else made of its name."""
    made = id_of(entry, "a")
    ids = known.get(entry) or known.get(made) or {made: RawCell(made)}
    parts = [] if made in known else re.split(r",| / | \| ", entry)
    if len([one for one in parts if id_of(one, "a") in known or kinds_of(one)]) > 1:
        remarks.error(place, "flat.several", entry)
    if len(ids) > 1:
        told = join(sorted(map(str, ids)), remarks.locale)
        remarks.error(place, "flat.ambiguous", entry, ids=told)
    return {"actor_id": next(iter(ids.values()))}


def _with_rows(stem: str, body: Body | None, made: Sequence[Made], remarks: Remarks) -> Body:
    """Return a body with rows below its own; each has the place of the cell it was made of."""
    if body is None:
        title = sheet_title(stem, remarks.locale)
        body = Body(Sheet(title, {}, stem=stem), 1, {}, [])
    cells = body.sheet.cells
    free = 1 + max([0, *body.places.values(), *(at for _, at in cells)])
    places = {**body.places, **{name: at for at, name in enumerate(body.missing, free)}}
    first = 1 + max([0, *(line for line, _ in cells)])
    rows = [
        (line, {places[name]: cell for name, cell in row.items()})
        for line, (*_, row) in enumerate(made, first)
    ]
    origins = {line: place for line, (_, place, _) in enumerate(made, first)}
    sheet = replace(body.sheet, origins=origins)
    return replace(body, sheet=sheet, places=places, rows=[*body.rows, *rows])


def settled(
    tables: Mapping[str, ReadTable], reference: Reference, year: int, remarks: Remarks
) -> dict[str, ReadTable]:
    """Return the tables with each key once, and with what follows of partners from their names.

    Entries of lists fill what a row leaves empty; they must not contradict it, nor each other.
    """
    found = {stem: _each_once(table, remarks) for stem, table in tables.items()}
    found["actors"] = _completed(found["actors"], reference, year, remarks)
    made = {stem: len({*one.lines} & {*one.sheet.origins}) for stem, one in found.items()}
    counts = {stem: format_number(number, remarks.locale) for stem, number in made.items()}
    remarks.add("note", "", "flat.made", "", **counts)
    return found


def _each_once(table: ReadTable, remarks: Remarks) -> ReadTable:
    origins, contract = table.sheet.origins, RECORDS[table.sheet.table]
    key = contract.key
    is_made = pd.Series([line in origins for line in table.lines], dtype=bool)
    if not is_made.any():
        return table
    told = table.frame.mask(table.frame.eq("").fillna(False))
    spelt = table.frame["name" if "name" in table.frame else key[1]].str.swapcase()
    order = spelt.where(is_made, "").sort_values(kind="stable").index  # whatever row comes first
    groups = told.loc[order].groupby([table.frame[name] for name in key], sort=False)
    first = groups.transform("first").loc[told.index]
    for name in [name for name in first if name not in (*key, "name")]:
        for at in first.index[is_made & (told[name] != first[name]).fillna(False)]:
            facts = {"title": title_of(name, remarks.locale), "there": first[name][at]}
            place = table.place(table.lines[at], name)
            remarks.error(place, "flat.differs", told[name][at], actor=told["name"][at], **facts)
    kept = ~(is_made & table.frame.duplicated(key))
    lines = [line for line, is_kept in zip(table.lines, kept, strict=True) if is_kept]
    frame = typed_rows(first.assign(**table.frame[key])[kept], contract)
    return replace(table, frame=frame.reset_index(drop=True), lines=lines)


def _completed(table: ReadTable, reference: Reference, year: int, remarks: Remarks) -> ReadTable:
    """Return actors, those without a row with the kind their name tells and the state of a place.

    What is not certain then wants a row on the sheet of actors.
    """
    columns, alike = RECORDS["actors"].columns, Alike(remarks)
    labels = {
        one.code: one.label(remarks.locale)
        for one in choices_of(columns["actor_type"], reference, year)
    }
    places = [table.sheet.origins.get(line, "") for line in table.lines]
    is_made = pd.Series([*map(bool, places)], dtype=bool)
    rows = table.frame.mask(table.frame.eq("").fillna(False)).astype(object)
    for at in rows.index[is_made & rows["actor_type"].isna()]:
        name = str(rows["name"][at])
        if kind := next((one for one in kinds_of(name) if one in labels), ""):
            rows.loc[at, "actor_type"] = kind
            title = title_of("actor_type", remarks.locale)
            alike.note("reading.by_name", f"{name}: {labels[kind]}", places[at], field=title)
    alike.tell()
    rows.update(with_seats(rows[is_made], reference, remarks))
    damaged = [*table.damaged]
    for at in rows.index[is_made & rows[["actor_type", "state"]].isna().any(axis=1)]:
        open_ = [name for name in ("actor_type", "state") if pd.isna(rows[name][at])]
        told = join([title_of(name, remarks.locale) for name in open_], remarks.locale)
        facts = {"titles": told, "sheet": table.sheet.title}
        remarks.error(places[at], "flat.actor_unsaid", rows["name"][at], **facts)
        damaged += [Failure(table.sheet.title, table.lines[at], name, "", "") for name in open_]
    return replace(table, frame=typed_rows(rows, RECORDS["actors"]), damaged=damaged)


def kinds_of(name: str) -> list[str]:
    """Return what the name of an actor says of its kind; of several codes the first valid holds.

    Nothing where it says two things: a hospital may be a GmbH.

    Examples
    --------
    >>> kinds_of("Muster GmbH"), kinds_of("Neuling"), kinds_of("Klinik Muster GmbH")
    (['company'], [], [])
    """
    told = patterns()["actor_type"].items()
    found = [kinds for pattern, kinds in told if fnmatchcase(name.casefold(), pattern)]
    return found[0] if found and all(kinds == found[0] for kinds in found) else []
