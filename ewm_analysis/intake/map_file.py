"""The map that `ewm map` proposes for a list, as TOML that says why; and what a map covers.

What columns may be is guessed by their headers (``headers.toml``, ``forms.toml``), then by what
stands in them. A guess says why; what is not recognised stays unknown.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import SCHEMES
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.columns import Choice, choices_of, cleaned, header_words, plain
from ewm_analysis.intake.findings import Remarks, declared, filled
from ewm_analysis.intake.list_map import (
    ACTOR,
    ACTOR_FIELDS,
    FIELDS,
    NOTHING,
    UNKNOWN,
    ListMap,
    ListRows,
    MappedColumn,
    bare,
    find_header,
    is_empty,
    read_listed,
    rows_of,
)
from ewm_analysis.intake.lists import ListCells, entries_of, reader_of, tables_of_list
from ewm_analysis.intake.names import id_of
from ewm_analysis.intake.readings import (
    UncertainCellError,
    factor_of,
    is_missing,
    patterns,
    read_amount,
)
from ewm_analysis.intake.sending import Grid, read_grids
from ewm_analysis.intake.sheets import ReadTable
from ewm_analysis.intake.workbook import Reported, reporting_year
from ewm_analysis.intake.workbook_report import Import, Outcome, describe_import
from ewm_analysis.l10n import DEFAULT, LOCALES, Locale, in_language, text

SEEN = 500
"""Cells of a column that a guess looks at."""

MOST, SOME = 0.7, 0.3
"""Share of cells that fit: enough for a guess without a header; enough to believe a header."""

SEPARATORS = (";", "\n", " | ", "|", " / ")
LISTS = (ACTOR, *SCHEMES)
CODED = (
    "technology",
    "funder",
    "status",
    "consortium_type",
    "guideline",
    "focus_topic",
    "action_field",
    "cluster_id",
)
"""What is recognised by its cells alone, where no header says it."""

CLOSE = 0.85
"""How alike a value and a label must be (difflib's ratio) to be one, with a slip of the pen."""

LONGEST = 40
"""Values without a code that a map lists."""


@dataclass(frozen=True)
class Guess:
    """What a column may be, and why: the key of a sentence below ``intake.guess``."""

    column: MappedColumn
    why: str
    facts: Mapping[str, object]


def field_of(header: str) -> tuple[str, str]:
    """Return the field that a header names, and the words it is known by; "" if none.

    Examples
    --------
    >>> field_of("Projektname"), field_of("Bewilligte Fördermittel 2022 (T€)"), field_of("Farbe")
    (('title', 'projektname'), ('funding_eur', 'bewilligte fördermittel'), ('', ''))
    """
    known, text = header_words(), bare(header)
    if exact := next((word for word in (plain(header), text) if word in known), ""):
        return known[exact], exact
    fits = [
        word
        for word in known
        if len(word) > 3 and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    ]
    longest = max(map(len, fits), default=0)
    fields = {known[word]: word for word in fits if len(word) == longest}
    return next(iter(fields.items())) if len(fields) == 1 else ("", "")


def unit_of(header: str) -> str:
    """Return the unit of money that a header names, or "".

    Examples
    --------
    >>> unit_of("Gesamtkosten (in T€)"), unit_of("Kosten in Mio. Euro"), unit_of("Ort (Sitz)")
    ('T€', 'Mio. Euro', '')
    """
    text = cleaned(header)
    found = [*re.findall(r"[\[(](?:in )?(.+?)[\])]", text), *re.findall(r"\bin (.+)$", text)]
    return next((each for each in found if factor_of(each) not in (None, 1.0)), "")


def header_of(grid: Grid) -> int | None:
    """Return the index of the row that looks most like a header; None if there is none."""
    best = find_header(grid.rows, header_words())
    if best is not None:
        return best
    texts = [
        sum(isinstance(value, str) and bool(value.strip()) for value in row)
        for row in grid.rows[:50]
    ]
    return texts.index(max(texts)) if texts and max(texts) > 1 else None


class _Sight:
    """What can be seen of cells: whether a field can hold them."""

    def __init__(self, reference: Reference, year: int, language: Locale) -> None:
        self.reference, self.year, self.language = reference, year, language
        self.choices = cache(self._choices)

    def _choices(self, field: str) -> list[Choice]:
        scheme = field if field in SCHEMES else ""
        return choices_of(FIELDS[field], self.reference, self.year, scheme=scheme)

    def fits(self, cell: object, field: str) -> bool:
        """Return whether a field can hold a cell as it is written."""
        try:
            reader_of(field, self.language, self.choices(field))(cell, cleaned(str(cell)))
        except UncertainCellError:
            return False
        return True

    def share(self, cells: Sequence[object], field: str) -> tuple[int, int]:
        """Return how many of how many cells, or entries in them, a field can hold."""
        parts = [part for cell in cells for part in _parts(cell)] if field in CODED else cells
        return sum(self.fits(part, field) for part in parts), len(parts)


def form_of(rows: ListRows) -> Mapping[str, Any]:
    """Return the published form that a list has, as ``forms.toml`` tells it; empty if none."""
    headers = {*map(plain, rows.places)}
    forms = declared("forms.toml").values()
    return next((form for form in forms if {*map(plain, form["known_by"])} <= headers), {})


def guess_columns(
    rows: ListRows, reference: Reference, year: int, language: Locale, form: Mapping[str, Any]
) -> list[Guess]:
    """Return a guess for each column of a list, in its order.

    Parameters
    ----------
    rows : ListRows
        The rows of the list.
    reference : Reference
        Codes that are recognised.
    year : int
        In which they hold.
    language : {"de", "en"}
        How the list writes numbers and dates.
    form : mapping
        The published form of the list, as `form_of` returns it.
    """
    sight = _Sight(reference, year, language)
    told = {plain(header): field for header, field in form.get("columns", {}).items()}
    found = []
    for header in rows.places:
        if field := told.get(plain(header)):
            found.append(Guess(_column(rows, header, field, sight), "form", {"word": bare(header)}))
        else:
            found.append(_guess(rows, header, sight))
    return _each_once(found)


def _guess(rows: ListRows, header: str, sight: _Sight) -> Guess:
    said = (cell for cell in rows.cells[header] if not is_empty(cell) and not is_missing(str(cell)))
    cells = [*islice(said, SEEN)]
    field, word = field_of(header)
    if not cells and not field:
        return Guess(MappedColumn(header, [NOTHING]), "empty", {})
    facts: dict[str, object] = {"word": word}
    if field and field != NOTHING and cells:
        fits, number = sight.share(cells, field)
        if fits / number < SOME and field in SCHEMES:
            return Guess(MappedColumn(header, ["title"]), "words", facts)
        if fits / number < SOME and FIELDS[field].kind != "text":
            facts |= {"example": cleaned(str(cells[0]))[:40], "field": FIELDS[field].title}
            return Guess(MappedColumn(header, [UNKNOWN]), "unlike", facts)
    why = "header"
    if not field:
        field, why, facts = _by_cells(cells, sight)
    return Guess(_column(rows, header, field, sight), why, facts)


def _by_cells(cells: Sequence[object], sight: _Sight) -> tuple[str, str, dict[str, object]]:
    """Recognise a column by its cells: codes decide; dates and amounts are told, not decided."""
    known = [("start_date", "dates"), ("volume_eur", "amounts")]
    for field, why in [*((field, "codes") for field in CODED), *known]:
        fits, number = sight.share(cells, field)
        if fits / number >= MOST:
            decided = field if why == "codes" else UNKNOWN
            return decided, why, {"fits": fits, "all": number}
    return UNKNOWN, "unknown", {}


def _parts(cell: object) -> list[str]:
    return [part for part in map(cleaned, re.split(r"[;,\n|]", str(cell))) if part]


def _column(rows: ListRows, header: str, field: str, sight: _Sight) -> MappedColumn:
    """Return a column of a map, with separator, unit and codes as its cells want them."""
    cells = rows.cells[header]
    if field in (NOTHING, UNKNOWN):
        return MappedColumn(header, [field])
    if field.endswith("_eur"):
        return MappedColumn(header, [field], unit=unit_of(header))
    separator = _separator(cells) if field in (*LISTS, *ACTOR_FIELDS) else ""
    if field in SCHEMES and not separator and any("," in str(cell) for cell in cells):
        separator = ","
    column = MappedColumn(header, [field], separator)
    if field != ACTOR and (FIELDS[field].kind != "text" or not sight.choices(field)):
        return column
    entries = [entry for cell in cells for entry in entries_of(column, cell)]
    if field == ACTOR:
        codes = {"actor_type": _actor_types(entries, sight)}
        return replace(column, fields=[ACTOR, "actor_type"], codes=codes)
    unknown = [
        entry
        for entry, _ in Counter(entries).most_common()
        if not is_missing(entry) and not sight.fits(entry, field)
    ]
    found = {entry: _near(entry, sight.choices(field)) for entry in unknown[:LONGEST]}
    return replace(column, codes={field: found} if found else {})


def _near(entry: str, choices: Sequence[Choice]) -> str:
    """Return the code of which the label is spelt nearly so; "?" if there is none."""
    labels = {label: one.code for one in choices for label in (one.label_de, one.label_en)}
    close = get_close_matches(entry, labels, n=1, cutoff=CLOSE) if len(entry) > 5 else []
    return labels[close[0]] if close else UNKNOWN


def _separator(cells: Sequence[object]) -> str:
    counts = {sign: sum(sign in str(cell) for cell in cells) for sign in SEPARATORS}
    return max(counts, key=lambda sign: counts[sign]) if any(counts.values()) else ""


def _actor_types(names: Sequence[str], sight: _Sight) -> dict[str, str]:
    """Return the rules for kinds of actors that fit a name here; names that fit none with "?"."""
    valid = {one.code for one in sight.choices("actor_type")}
    small = {name: name.casefold() for name in dict.fromkeys(names)}
    rules: dict[str, str] = {}
    for pattern, codes in patterns()["actor_type"].items():
        code = next((one for one in codes if one in valid), "")
        fits = {name for name, text in small.items() if fnmatchcase(text, pattern)}
        if fits and code:
            rules[pattern] = code
            small = {name: text for name, text in small.items() if name not in fits}
    rest = dict.fromkeys([*small][:LONGEST], UNKNOWN) if len(small) <= LONGEST else {"*": UNKNOWN}
    return rules | rest


def _each_once(guesses: Sequence[Guess]) -> list[Guess]:
    """Leave a field to the column whose header is nearest to it; the others stay unknown."""
    best: dict[str, Guess] = {}
    for guess in guesses:
        field = guess.column.fields[0]
        known = best.get(field)
        if known is None or (_is_exact(guess) and not _is_exact(known)):
            best[field] = guess
    found = []
    for guess in guesses:
        field = guess.column.fields[0]
        if field == ACTOR and "actor_type" in best:
            own = replace(guess.column, fields=[ACTOR], codes={})
            found.append(replace(guess, column=own))
            continue
        is_free = field in (NOTHING, UNKNOWN, *LISTS) or best[field] is guess
        found.append(guess if is_free else _taken(guess, best[field].column.header))
    return found


def _taken(guess: Guess, other: str) -> Guess:
    facts = {"other": other, "field": FIELDS[guess.column.fields[0]].title}
    return Guess(MappedColumn(guess.column.header, [UNKNOWN]), "taken", facts)


def _is_exact(guess: Guess) -> bool:
    return guess.why in ("form", "header") and bare(guess.column.header) == guess.facts.get("word")


def rows_without_map(grid: Grid) -> ListRows | None:
    """Return the rows of a list of which nothing is known yet."""
    header = header_of(grid)
    return None if header is None else rows_of(grid, header, ListMap([]))


LATEST = 2100
"""Without a reporting year the codes are those that hold on."""

SHOWN = 3
"""Cells of a column that a proposed map shows with what they would become."""


def propose_map(
    path: Path, reference: Reference, *, year: int | None, cluster_id: str, locale: Locale
) -> str:
    """Return the map of a list as far as it can be guessed, in TOML; each guess says why.

    Parameters
    ----------
    path : Path
        The list.
    reference : Reference
        Codes and places.
    year : int, optional
        Reporting year; else one that stands above the header.
    cluster_id : str
        The cluster of all rows; "" if a column says it, or nobody.
    locale : {"de", "en"}
        Language of the reasons.

    Raises
    ------
    ParameterError
        If the list cannot be read, or holds no table.
    """
    remarks = Remarks(locale)
    _, grids = read_grids(path, remarks)
    found = [(grid, rows) for grid in grids if (rows := rows_without_map(grid)) is not None]
    if remarks.has_errors or not found:
        said = [one.said(locale) for one in remarks.all]
        raise ParameterError("list", str(path), reason=" ".join(said) or "holds no table")
    grid, rows = max(found, key=lambda each: len(each[1].lines) * len(each[1].places))
    above = year or _year_above(grid, rows)
    language, form = _language(rows), form_of(rows)
    guesses = guess_columns(rows, reference, above or LATEST, language, form)
    own = form.get("always", {})
    listed = ListMap([guess.column for guess in guesses], own, language=language)
    cells = ListCells(rows, listed, reference, above or LATEST, Remarks(locale))

    def word(key: str, **facts: object) -> str:
        titles = {
            name: in_language(fact, locale)
            for name, fact in facts.items()
            if isinstance(fact, Mapping)
        }
        return text(f"intake.guess.{key}", locale, **{**facts, **titles})

    return filled(
        "map.toml.j2",
        list=path.name,
        form=form,
        sheet=grid.title if len(grids) > 1 else "",
        language=language,
        a_row_is=form.get("a_row_is") or _row(rows, guesses),
        missing=_missing(rows),
        always=_always(listed, above, cluster_id),
        year=year,
        columns=[(guess, guess.column, _example(guess.column, rows, cells)) for guess in guesses],
        fields=FIELDS,
        word=word,
        quoted=partial(json.dumps, ensure_ascii=False),
    )


def _year_above(grid: Grid, rows: ListRows) -> int | None:
    """Return the one year that stands above the header."""
    above = " ".join(
        str(cell)
        for row, line in zip(grid.rows, grid.lines, strict=True)
        for cell in row
        if line < rows.header
    )
    years = {int(each) for each in re.findall(r"\b(20[0-4][0-9])\b", above)}
    return next(iter(years)) if len(years) == 1 else None


def _language(rows: ListRows) -> Locale:
    """Return the language in which most of the written amounts can be read; German if as many."""
    cells = {
        str(cell)
        for column in rows.cells.values()
        for cell in islice((one for one in column if _looks_like_amount(one)), SEEN)
    }
    counts = Counter(
        {locale: sum(_is_amount(cell, locale) for cell in cells) for locale in LOCALES}
    )
    return counts.most_common(1)[0][0] if cells else DEFAULT


def _looks_like_amount(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) < 25 and bool(re.search(r"\d[.,]\d", cell))


def _is_amount(cell: str, locale: Locale) -> bool:
    try:
        return read_amount(cell, locale).value is not None
    except UncertainCellError:
        return False


def _missing(rows: ListRows) -> list[str]:
    seen = {cell for column in rows.cells.values() for cell in column if isinstance(cell, str)}
    return sorted({cleaned(cell) for cell in seen if is_missing(cell)})


def _row(rows: ListRows, guesses: Sequence[Guess]) -> str:
    """A row is a partner where projects stand in several rows, each with a partner."""
    keys = {guess.column.fields[0]: guess.column.header for guess in guesses}
    key = keys.get("project_id") or keys.get("title")
    if key is None or ACTOR not in keys:
        return "project"
    ids = [id_of(str(cell), "p") for cell in rows.cells[key] if not is_empty(cell)]
    return "partner" if len({*ids}) < len(ids) else "project"


def _always(listed: ListMap, year: int | None, cluster_id: str) -> dict[str, object]:
    """Return what holds for all rows, and "?" for what the records need and nobody says."""
    found: dict[str, object] = {"year": year} if year else {}
    found |= listed.always
    several = [one for one in listed.columns_for(ACTOR) if one.separator]
    seats = [one for name in ("place", "state") for one in listed.columns_for(name)]
    open_seats = ["state"] if several and seats and not any(one.separator for one in seats) else []
    asked = [] if year or listed.knows("year") else ["year"]
    for name in [*asked, *listed.unsaid(), *open_seats]:
        found[name] = cluster_id if name == "cluster_id" and cluster_id else UNKNOWN
    return found


def _example(column: MappedColumn, rows: ListRows, cells: ListCells) -> str:
    """Return the first cells of a column and what they become."""
    source = rows.cells[column.header]
    first = [*dict.fromkeys(str(cell) for cell in source if not is_empty(cell))][:SHOWN]
    field = column.fields[0]
    if field in (NOTHING, UNKNOWN, ACTOR) or column.separator or not first:
        return "; ".join(cleaned(each)[:40] for each in first)
    raw = [next(cell for cell in source if str(cell) == each) for each in first]
    values = cells.read(column, field, raw)
    pairs = zip(first, values, strict=True)
    return "; ".join(f"{cleaned(each)[:40]} → {_said(value)}" for each, value in pairs)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "–" if value is None else f"{value:.0f}" if isinstance(value, float) else str(value)


def check_map(
    path: Path, map_file: Path, reference: Reference, *, year: int | None, locale: Locale
) -> tuple[str, bool]:
    """Return what an import would say of a list with its map, and whether it could be imported.

    Parameters
    ----------
    path, map_file : Path
        The list and its map.
    reference : Reference
        Codes and places.
    year : int, optional
        Reporting year; else that of the map.
    locale : {"de", "en"}
        Language of what is said.

    Raises
    ------
    ParameterError
        If there is no such list or map, or the year is not known.
    ContractError
        If the map cannot be understood.
    """
    remarks = Remarks(locale)
    source = read_listed(path, map_file, remarks)
    tables: Mapping[str, ReadTable] = {}
    if source.listed and not remarks.has_errors:
        year = reporting_year([Reported(source, {}, remarks)], year)
        tables = tables_of_list(source.listed, reference, year, remarks)
    rows = {stem: len(table.frame) for stem, table in tables.items()}
    outcome: Outcome = "errors" if remarks.has_errors else "checked"
    done = Import({path.name: ""}, year, locale, outcome, rows, remarks.all, ())
    return describe_import(done), not remarks.has_errors
