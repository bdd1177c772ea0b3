"""Two editions beside each other: what is told differently, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from ewm_analysis.editions.causes import (
    Cause,
    Item,
    Kept,
    Shown,
    compare_files,
    find_causes,
    of_cluster,
    read_pages,
    read_values,
)
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.editions import edition_beside
from ewm_analysis.l10n import LOCALES, Locale, text
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.project import ALL, DESCRIPTOR
from ewm_analysis.report.bundles import Cell
from ewm_analysis.report.files import is_year
from ewm_analysis.tables.table import CONFIDENTIAL

Kind = Literal["added", "removed", "value", "row", "turned", "numbers", "words", "drawn"]
"""An item is new or gone; a cell, or a whole row, is another; a sentence turned, or only its
numbers; titles, notes or heads; the drawing alone."""

Status = Literal["added", "removed", "changed"]

NUMBER = re.compile("[-−+]?\\d[\\d.,\u00a0\u202f ]*%?")
"""A number in a sentence, as each language writes it."""
NUMERALS = range(2, 13)
"""Numbers that sentences write out; "one" is mostly no number."""


@dataclass(frozen=True)
class Change:
    """One difference of a figure or table; ``of`` names the row and column of a cell."""

    kind: Kind
    item: str
    of: str = ""
    before: Cell = None
    after: Cell = None


@dataclass(frozen=True)
class Compared:
    """A page and how it differs; ``hidden`` counts cells that only one edition may show."""

    place: str
    status: Status
    title: str
    locale: Locale
    items: Mapping[str, Item]
    changes: Sequence[Change]
    hidden: int = 0


def compare_pages(
    old: Mapping[str, Shown], new: Mapping[str, Shown], *, internal: bool
) -> list[Compared]:
    """Return the pages that differ, those of one edition only among them.

    Parameters
    ----------
    old, new : mapping of str to Shown
        Pages by place.
    internal : bool
        For internal use only: names also cells of confidential data that one edition withholds.
        A value that becomes visible could tell what the earlier edition kept to itself.

    Examples
    --------
    >>> compare_pages({}, {}, internal=False)
    []
    """
    found = []
    for place in sorted({*old, *new}, reverse=True):
        before, after = old.get(place), new.get(place)
        page = after or before
        assert page is not None
        changes, hidden = _of_page(before, after, internal=internal)
        if changes or hidden or before is None or after is None:
            items = {**(before.items if before else {}), **(after.items if after else {})}
            status: Status = "added" if not before else "changed" if after else "removed"
            found.append(Compared(place, status, page.title, page.locale, items, changes, hidden))
    return found


def _of_page(
    before: Shown | None, after: Shown | None, *, internal: bool
) -> tuple[list[Change], int]:
    if before is None or after is None or _is_same(before, after):
        return [], 0
    changes: list[Change] = []
    hidden = 0
    keeps = (before.is_confidential or after.is_confidential) and not internal
    for name in dict.fromkeys([*after.items, *before.items]):
        one, other = before.items.get(name), after.items.get(name)
        if one is None or other is None:
            changes.append(Change("removed" if other is None else "added", name))
            continue
        own = [*_of_item(one, other)]
        shown = [each for each in own if not (keeps and _is_hidden(each))]
        hidden += len(own) - len(shown)
        changes += shown
    return changes, hidden


def _is_same(before: Shown, after: Shown) -> bool:
    """Tell by the hashes whether there is anything to compare."""
    one, other = before.manifest, after.manifest
    return one is not None and other is not None and one.outputs == other.outputs


def _is_hidden(change: Change) -> bool:
    """Tell whether a cell is withheld on one side, a row on one side perhaps for that reason."""
    return change.kind == "row" or CONFIDENTIAL in (change.before, change.after)


def _of_item(one: Item, other: Item) -> Iterator[Change]:
    name = other.name
    numbers = [*_of_rows(one, other)]
    yield from numbers
    if one.sentence != other.sentence:
        kind: Kind = "numbers" if masked(one.sentence) == masked(other.sentence) else "turned"
        yield Change(kind, name, "", one.sentence, other.sentence)
    words = [(one.title, other.title), (" ".join(one.sources), " ".join(other.sources))]
    for before, after in words:
        if before != after:
            yield Change("words", name, "", before, after)
    if not numbers and one.picture != other.picture:
        yield Change("drawn", name)


def masked(sentence: str) -> str:
    """Return a sentence without its numbers: two that are then alike say the same of others.

    Examples
    --------
    >>> masked("34 gegenüber 42 Projekten (p = 0,36)") == masked("3 gegenüber 4 Projekten (p = 1)")
    True
    """
    return " ".join(NUMBER.sub(" # ", _numerals().sub("#", sentence)).split())


@cache
def _numerals() -> re.Pattern[str]:
    words = {text(f"figures.numeral.{each}", locale) for each in NUMERALS for locale in LOCALES}
    return re.compile(rf"\b(?:{'|'.join(sorted(words))})\b", re.IGNORECASE)


def _of_rows(one: Item, other: Item) -> Iterator[Change]:
    """Compare cells by the names of their row and column, wherever those stand."""
    shared = [head for head in other.header if head in one.header]
    width = min(_names(item, shared) for item in (one, other))
    before, after = (_by_name(item, shared, width) for item in (one, other))
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        said = ", ".join(str(cell) for cell in key[:-1] if cell not in ("", None))
        if was is None or now is None:
            yield Change("row", other.name, said, _rest(was), _rest(now))
            continue
        for head, left, right in zip(shared[width:], was, now, strict=True):
            if left != right:
                yield Change("value", other.name, f"{said}: {head}", left, right)
    gone = (Change("words", other.name, "", head, None) for head in one.header)
    come = (Change("words", other.name, "", None, head) for head in other.header)
    yield from (each for each in chain(gone, come) if (each.before or each.after) not in shared)


def _names(item: Item, heads: Sequence[str]) -> int:
    """Return how many columns name the rows: those before the first that holds numbers."""
    for width, head in enumerate(heads):
        place = item.header.index(head)
        cells = (row[place] for row in item.rows)
        if any(isinstance(cell, int | float) and not is_year(cell) for cell in cells):
            return max(width, 1)
    return len(heads)


def _by_name(item: Item, heads: Sequence[str], width: int) -> dict[tuple[Cell, ...], Any]:
    """Return what rows hold by what names them; the second of a name has the number 1."""
    places = [item.header.index(head) for head in heads]
    seen: Counter[tuple[Cell, ...]] = Counter()
    found = {}
    for row in item.rows:
        cells = tuple(row[place] for place in places)
        name = cells[:width]
        found[*name, seen[name]] = cells[width:]
        seen[name] += 1
    return found


def _rest(cells: tuple[Cell, ...] | None) -> Cell:
    """Return the first number that a row holds beside its name, or its first word."""
    numbers = (cell for cell in cells or () if isinstance(cell, int | float))
    return next(numbers, next(iter(cells or ()), None))


@dataclass(frozen=True)
class Diff:
    """How two editions differ: pages, and by page what they were made from that differs."""

    old: str
    new: str
    pages: Sequence[Compared]
    causes: Mapping[str, Sequence[Cause]]
    compared: int
    """Pages that both have, or only one."""


def diff(
    old: Path, new: Path, locale: Locale, *, root: Path | None = None, internal: bool = False
) -> Diff:
    """Return how two editions differ.

    Parameters
    ----------
    old, new : Path
        Two folders of results, such as ``outputs`` and a published edition; or two data sets.
        ``data/example@2021-1`` is a data set with the records of an edition, as `list_editions`
        names it.
    locale : {"de", "en"}
        Of pages in several languages those in this one are compared; it is also the language of
        figures of data sets.
    root : Path, optional
        Folder of the project: its data sets, their editions and git tell what earlier files held.
    internal : bool
        For internal use only: tells also cells of confidential data that one edition withholds,
        and single cells of confidential records.

    Raises
    ------
    ParameterError
        If one is a data set and the other is not, or it has no such edition.
    MissingDataError
        If a folder holds no pages.
    """
    are_data = [(_folder_and_edition(each)[0] / DESCRIPTOR).is_file() for each in (old, new)]
    if are_data[0] != are_data[1]:
        reason = "is no data set as the other is: name two data sets, or two folders of results"
        raise ParameterError("edition", str((old, new)[are_data[0]]), reason=reason)
    if all(are_data):
        return _of_data(old, new, locale, internal=internal)
    editions = [
        {place: page for place, page in read_pages(each).items() if page.locale == locale}
        for each in (old, new)
    ]
    pages = compare_pages(*editions, internal=internal)
    kept = Kept(*filter(None, (root, root and root / "data", old, new)))
    causes = {}
    for each in pages:
        manifests = [own[each.place].manifest if each.place in own else None for own in editions]
        causes[each.place] = find_causes(manifests[0], manifests[1], kept)
    return Diff(str(old), str(new), pages, causes, len({*editions[0], *editions[1]}))


def _folder_and_edition(named: Path) -> tuple[Path, str]:
    """Return the folder of ``folder@edition``, and the name of the edition."""
    folder, at, edition = str(named).rpartition("@")
    return (Path(folder), edition) if at and not named.exists() else (named, "")


def _opened(named: Path, stack: ExitStack) -> Path:
    """Return the folder of a data set; with an edition a copy, until the stack is closed."""
    folder, edition = _folder_and_edition(named)
    return stack.enter_context(edition_beside(folder.resolve(), edition))[0] if edition else folder


def _of_data(old: Path, new: Path, locale: Locale, *, internal: bool) -> Diff:
    with ExitStack() as stack:
        data_sets = [open_dataset(_opened(each, stack)) for each in (old, new)]
        before, after = (_files(each) for each in data_sets)
    editions = [read_values(each, locale, internal=internal) for each in data_sets]
    pages = compare_pages(*editions, internal=internal)
    is_open = internal or all(each.disclosure == "none" for each in data_sets)
    found: list[Cause] = []
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was != now:
            is_told = is_open or not name.startswith("records/")
            found += compare_files(name, was, now) if is_told else [Cause("records", name)]
    causes = {page.place: _causes_of(page.place, found) for page in pages}
    return Diff(str(old), str(new), pages, causes, len({*editions[0], *editions[1]}))


def _files(data: Dataset) -> dict[str, bytes]:
    """Return what a data set was read from, by the place below it or beside it."""
    return {
        (
            path.relative_to(data.path).as_posix()
            if path.is_relative_to(data.path)
            else f"{path.parent.name}/{path.name}"
        ): path.read_bytes()
        for path in data.files
    }


def _causes_of(place: str, causes: Sequence[Cause]) -> list[Cause]:
    """Return the causes of the year and the cluster of a place, and those of none."""
    _, year, cluster_id = place.split("/")
    prefix = f"records/{year}/"
    own = (each for each in causes if each.file.startswith(prefix) or "records/" not in each.file)
    return of_cluster(own, "" if cluster_id == ALL else cluster_id)
