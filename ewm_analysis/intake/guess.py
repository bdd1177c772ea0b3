"""What the columns of an unknown list may be: by their headers, then by what stands in them.

Headers stand in ``headers.toml``. A guess says why; what is not recognised stays unknown.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import SCHEMES
from ewm_analysis.intake.columns import Choice, choices_of, cleaned, header_words, plain
from ewm_analysis.intake.grids import Grid
from ewm_analysis.intake.list_map import (
    ACTOR,
    ACTOR_FIELDS,
    FIELDS,
    NOTHING,
    UNKNOWN,
    ListMap,
    MappedColumn,
)
from ewm_analysis.intake.list_rows import (
    ListRows,
    bare,
    find_header,
    is_empty,
    rows_of,
)
from ewm_analysis.intake.lists import entries_of, reader_of
from ewm_analysis.intake.readings import (
    UncertainCellError,
    factor_of,
    is_missing,
    patterns,
)
from ewm_analysis.l10n import Locale

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


@cache
def _forms() -> list[dict[str, Any]]:
    return [*tomllib.loads(files(__package__).joinpath("forms.toml").read_text("utf-8")).values()]


def form_of(rows: ListRows) -> Mapping[str, Any]:
    """Return the published form that a list has, as ``forms.toml`` tells it; empty if none."""
    headers = {*map(plain, rows.places)}
    return next((form for form in _forms() if {*map(plain, form["known_by"])} <= headers), {})


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
            facts |= {"example": cleaned(str(cells[0]))[:40], "field": field}
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
        other = {"other": best[field].column.header, "field": field}
        found.append(
            guess
            if is_free
            else Guess(MappedColumn(guess.column.header, [UNKNOWN]), "taken", other)
        )
    return found


def _is_exact(guess: Guess) -> bool:
    return guess.why in ("form", "header") and bare(guess.column.header) == guess.facts.get("word")


def rows_without_map(grid: Grid) -> ListRows | None:
    """Return the rows of a list of which nothing is known yet."""
    header = header_of(grid)
    return None if header is None else rows_of(grid, header, ListMap([]))
