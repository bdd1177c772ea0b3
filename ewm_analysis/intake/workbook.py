"""Workbooks, or folders of CSV, to the records of a year: clean, compared, kept, explained.

A source counts for the clusters it reports: what stands there of the others stays, line by line,
because corrections name rows by these.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import RECORDS, shown
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.files import move_in_at_once
from ewm_analysis.intake.check import check_printed_figures, find_warnings
from ewm_analysis.intake.columns import COLUMN_MAP, headers_of, read_column_map
from ewm_analysis.intake.data_set import (
    ORIGINALS,
    data_set_beside,
    name_corrected_rows,
    write_table,
)
from ewm_analysis.intake.editions import keep_editions
from ewm_analysis.intake.findings import Remarks, worded
from ewm_analysis.intake.flat import ITEMS
from ewm_analysis.intake.list_map import read_listed
from ewm_analysis.intake.lists import tables_of_list
from ewm_analysis.intake.names import compared, is_alike
from ewm_analysis.intake.records import read_records
from ewm_analysis.intake.sending import is_harmless_id, unpacked
from ewm_analysis.intake.sheets import ReadTable, Source, read_source
from ewm_analysis.intake.workbook_report import Import, Outcome, TableChanges, find_changes
from ewm_analysis.l10n import Locale
from ewm_analysis.l10n.sentences import join
from ewm_analysis.loaders import Dataset, load_reference, open_dataset, resolve_data_dir
from ewm_analysis.loaders.files import Reading, reference_folder
from ewm_analysis.loaders.read import empty_table
from ewm_analysis.project import DESCRIPTOR

FIRST_YEAR, LAST_YEAR = 1990, 2100


def import_workbook(
    source: Path | Sequence[Path],
    data: Path,
    *,
    year: int | None = None,
    accept: Sequence[str] = (),
    locale: Locale = "de",
    replace: bool = False,
    map_file: Path | None = None,
) -> Import:
    """Read workbooks into ``records/<year>/`` of a data set, if nothing speaks against it.

    Each counts for the clusters whose projects and activities it holds: records of the year that
    stand there of other clusters stay. Several are one import: all come in, or none.

    Parameters
    ----------
    source : Path or sequence of Path
        ``.xlsx`` files, folders of CSV files, one a table, or folders or ZIPs of either.
    data : Path
        Folder of the data set; it is made if it does not exist.
    year : int, optional
        Reporting year; taken from the workbooks' first sheets if not given.
    accept : sequence of str
        Names of warnings that are known and accepted.
    locale : {"de", "en"}
        Language in which the source writes numbers, and of what is said about it.
    replace : bool
        Replace records of these clusters and the year that stand there already.
    map_file : Path, optional
        What the columns of a list are, if the source is one and no workbook.

    Returns
    -------
    Import
        What was found, what would change, and what was done.

    Raises
    ------
    ParameterError
        If a source, the year or the data set cannot be.
    ContractError
        If the data set itself, its reference tables or column map break their contract.
    """
    target = _target(data)
    descriptor = _descriptor(target)
    remarks = Remarks(locale)
    sent = [source] if isinstance(source, Path) else source
    reported = _sources(sent, map_file, remarks)
    if not remarks.has_errors:
        year = reporting_year(reported, year)
    if not remarks.has_errors and year is not None:
        reported = _with_tables(reported, target, year)
    rows = {
        stem: sum(len(one.tables[stem].frame) for one in reported)
        for stem in RECORDS
        if all(stem in one.tables for one in reported)
    }
    head = ({one.source.name: one.source.digest for one in reported}, year, locale)
    if remarks.has_errors or year is None:
        return Import(*head, "errors", rows, remarks.all, accept)
    if descriptor.get("disclosure") == "none":
        remarks.add("warning", "", "warning.disclosure_none")
    existing = _existing(target, year)
    kept = of_other_clusters(existing, reported)
    frames = joined(existing, reported)
    if remarks.has_errors:
        return Import(*head, "errors", rows, remarks.all, accept)
    tell_kept(kept, remarks)
    changes = find_changes(existing, frames)
    is_there = any(len(existing[stem]) > len(kept[stem]) for stem in existing)
    try:
        with _staged_year(target, year, frames, descriptor) as copy:
            known = _known_before(target, year, kept)
            _check_whole(copy, reported, year, remarks, known)
            outcome = _outcome(remarks, accept, changes, is_there=is_there, replace=replace)
            if outcome == "written":
                _keep(copy, target, year, reported, accept)
    except OSError as error:
        remarks.error("", "not_written", folder=target, reason=error.strerror or error)
        outcome = "errors"
    told = changes if is_there else ()  # of the first records each row would be a change
    return Import(*head, outcome, rows, remarks.all, accept, told)


def _sources(sent: Sequence[Path], map_file: Path | None, remarks: Remarks) -> list[Reported]:
    """Read what was sent, each source for itself; a list with its map is one."""
    if map_file:
        return [Reported(read_listed(path, map_file, remarks), {}, remarks) for path in sent]
    with unpacked(sent, remarks) as paths:
        told = [remarks.of(path.name if len(paths) > 1 else "") for path in paths]
        return [
            Reported(read_source(path, each), {}, each)
            for path, each in zip(paths, told, strict=True)
        ]


def _with_tables(reported: Sequence[Reported], target: Path, year: int) -> list[Reported]:
    """Read the tables of each source, as its map or the column map of the data set says."""
    reference = load_reference(reference_folder(target), target / "reference")
    headers = read_column_map(target / COLUMN_MAP, year)
    found = []
    for one in reported:
        if listed := one.source.listed:
            tables = tables_of_list(listed, reference, year, one.remarks)
        else:
            tables = read_records(one.source.sheets, reference, year, one.remarks, headers)
        found.append(changed(one, tables=tables))
    return found


def _outcome(
    remarks: Remarks,
    accept: Sequence[str],
    changes: Sequence[TableChanges],
    *,
    is_there: bool,
    replace: bool,
) -> Outcome:
    if remarks.has_errors:
        return "errors"
    if any(one.level == "warning" and one.name not in accept for one in remarks.all):
        return "warnings"
    if is_there and not any(changes):
        return "unchanged"
    return "changes" if is_there and not replace else "written"


def _target(data: Path) -> Path:
    try:
        target = resolve_data_dir(data)
    except MissingDataError:
        target = data.resolve()
    if target.name == "reference" or target.is_file():
        raise ParameterError("data", str(data), reason="cannot be the folder of a data set")
    return target


def _descriptor(target: Path) -> dict[str, object]:
    """The descriptor of a data set; for a new one: real records, to be protected."""
    file = target / DESCRIPTOR
    if not file.is_file():
        return {
            "name": target.name,
            "title": target.name,
            "description": "Records imported from the evaluators' workbooks; confidential.",
            "synthetic": False,
            "disclosure": "standard",
            "resources": [],
        }
    try:
        head = dict(json.loads(file.read_text("utf-8")))
        is_synthetic = head["synthetic"]
    except (ValueError, KeyError, TypeError):
        reason = f"has a {DESCRIPTOR} that cannot be read; put it right first"
        raise ParameterError("data", str(target), reason=reason) from None
    if is_synthetic is not False:
        reason = "is a synthetic data set; real records go to another folder"
        raise ParameterError("data", str(target), reason=reason)
    return head


def reporting_year(reported: Sequence[Reported], year: int | None) -> int:
    """Return the year that is asked for, or that the first source names; none may name another."""
    named = [year, *(one.source.year for one in reported)]
    found = next((each for each in named if each is not None), None)
    if found is None:
        reason = "is needed: the source does not name its reporting year; add --year 2022"
        raise ParameterError("year", "", reason=reason)
    if not FIRST_YEAR <= found <= LAST_YEAR:
        raise ParameterError("year", found, reason=f"is not between {FIRST_YEAR} and {LAST_YEAR}")
    for one in reported:
        if one.source.year not in (None, found):
            one.remarks.error("", "year_differs", one.source.year, year=found)
    return found


def _existing(target: Path, year: int) -> dict[str, pd.DataFrame]:
    """The records of a year as their files have them; empty tables if there are none."""
    folder = target / "records" / str(year)
    if not folder.is_dir():
        return {stem: empty_table(contract) for stem, contract in RECORDS.items()}
    reading = Reading(target.parent)
    for stem, contract in RECORDS.items():
        reading.table(folder, stem, contract, needed=True)
    reading.stop_on_failures()
    return {stem: reading.frame(stem, contract) for stem, contract in RECORDS.items()}


Told = tuple[str, str, Mapping[str, object]]
"""A finding: its name, its key, its facts."""


def _known_before(target: Path, year: int, kept: Mapping[str, pd.DataFrame]) -> list[Told]:
    """Return what was told of other clusters' records when they were imported."""
    if not any(map(len, kept.values())):
        return []
    rows = {code for stem, rows in kept.items() for code in rows[RECORDS[stem].key[1]]}
    try:
        found = find_warnings(open_dataset(target), year)
    except ContractError:  # told where the whole is checked
        return []
    return [(one.name, one.key, one.facts) for one in found if one.key in rows]


def _check_whole(
    copy: Path,
    reported: Sequence[Reported],
    year: int,
    remarks: Remarks,
    known: Sequence[Told],
) -> None:
    """Open the data set as it would be: what only the whole can tell, and what is odd in it."""
    try:
        dataset = open_dataset(copy)
    except ContractError as error:
        for failure in error.failures:
            place = ":".join(filter(None, [failure.file, str(failure.line or ""), failure.column]))
            said = f"{worded(failure.allowed, remarks.locale)}."
            remarks.say("error", "data-set", place, failure.value, said)
        return
    before = [*known, *_printed_before(dataset, year)]
    for finding in find_warnings(dataset, year):
        if (finding.name, finding.key, finding.facts) in before:
            continue
        place, told = f"{finding.file}:{finding.line or finding.key}", remarks
        for one in reported if finding.table in RECORDS else ():
            if len(reported) == 1 or one.tables[finding.table].holds(finding.key):
                place = one.tables[finding.table].place_of(finding.key, finding.column)
                told = one.remarks
        said = f"{finding.expected(remarks.locale)} {finding.advice(remarks.locale)}"
        told.say(finding.level, finding.name, place, finding.value or finding.key, said)


def _printed_before(dataset: Dataset, year: int) -> list[Told]:
    """Return the contradictions among printed figures that no record of the year takes part in.

    No workbook could mend them, and `ewm check` tells them. A printed share of which the base is
    counted in the records is another matter: one of the two may be wrong.
    """
    others = {stem: table[table["year"] != year] for stem, table in dataset.records.items()}
    found = check_printed_figures(changed(dataset, records=others))
    return [(one.name, one.key, one.facts) for one in found]


@contextmanager
def _staged_year(
    target: Path, year: int, frames: Mapping[str, pd.DataFrame], head: Mapping[str, object]
) -> Iterator[Path]:
    """Yield the data set as it would be with new records, in a folder of its own beside it."""
    with data_set_beside(target, head) as copy:
        shutil.copytree(reference_folder(target), copy.with_name("reference"))
        folder = copy / "records" / str(year)
        name_corrected_rows(copy, folder)
        shutil.rmtree(folder, ignore_errors=True)
        for stem, frame in frames.items():
            write_table(frame, folder / f"{stem}.csv")
        yield copy


def _keep(
    copy: Path, target: Path, year: int, reported: Sequence[Reported], accept: Sequence[str]
) -> None:
    """Put records and originals of a year, and a new descriptor, in their place."""
    originals = copy / ORIGINALS / str(year)
    for one in reported:
        rows = {stem: len(table.frame) for stem, table in one.tables.items()}
        _write_original(originals, one.source, {"year": year, "rows": rows, "accepted": [*accept]})
    for name in ("records", ORIGINALS):  # confidential: never in a repository, wherever it lies
        (target / name).mkdir(parents=True, exist_ok=True)
        if not (ignored := target / name / ".gitignore").exists():
            ignored.write_text("*\n", encoding="utf-8", newline="\n")
    head = [] if (target / DESCRIPTOR).is_file() else [DESCRIPTOR]
    kept = [path.relative_to(copy).as_posix() for path in originals.iterdir()]
    kept += [name for name in ("corrections.csv",) if (copy / name).is_file()]
    kept += keep_editions(copy, target, year, "import", [one.source.name for one in reported])
    move_in_at_once(copy, target, [f"records/{year}", *head, *kept])


def _write_original(folder: Path, read: Source, facts: Mapping[str, object]) -> None:
    """Keep what came in, byte by byte, and a note with its hash beside it."""
    name = re.sub(r"[^\w.\-]", "_", read.name)
    name = name if is_harmless_id(name) else f"workbook{Path(name).suffix[:5]}"
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{read.digest[:12]}-{name.removeprefix(f'{read.digest[:12]}-')}"
    if len(read.files) == 1 and name.lower().endswith(".xlsx"):
        place.write_bytes(*read.files.values())
    else:
        place.mkdir()
        for each, data in read.files.items():
            (place / each).write_bytes(data)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    hashes = {"name": name, "sha256": read.digest, "files": read.hashes}
    text = json.dumps({**hashes, "imported": now, **facts}, indent=2, ensure_ascii=False)
    place.with_name(f"{place.name}.json").write_text(f"{text}\n", "utf-8", newline="\n")


Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Reported:
    """A source with its tables, and where remarks on it go."""

    source: Source
    tables: Mapping[str, ReadTable]
    remarks: Remarks


def of_other_clusters(existing: Frames, reported: Sequence[Reported]) -> dict[str, pd.DataFrame]:
    """Return the records of a year that stay: of clusters that no source reports.

    An actor stays unless all it took part in is reported anew.
    """
    clusters = {
        code for one in reported for stem in ITEMS for code in one.tables[stem].frame["cluster_id"]
    }
    kept = {stem: rows[~rows["cluster_id"].isin(clusters)] for stem, rows in _items(existing)}
    for stem in ("participations", "assignments"):
        rows = existing[stem]
        stays = [rows[key].isin(kept[item][key]) for item, key in ITEMS.items()]
        kept[stem] = rows[stays[0] | stays[1]]
    actors, took_part = existing["actors"], existing["participations"]["actor_id"]
    stays_on = actors["actor_id"].isin(kept["participations"]["actor_id"])
    kept["actors"] = actors[stays_on | ~actors["actor_id"].isin(took_part)]
    return kept


def joined(existing: Frames, reported: Sequence[Reported]) -> dict[str, pd.DataFrame]:
    """Return the records of a year when all of the sources have come in, one after the other.

    It is the same whether they come in at once or in as many imports. A cluster that two of them
    report, and an id that means two things, is told.
    """
    frames, seen = dict(existing), dict[str, str]()
    for one in reported:
        _refuse_reported(one, seen)
        frames = _with(of_other_clusters(frames, [one]), one)
    return frames


def tell_kept(kept: Frames, remarks: Remarks) -> None:
    """Note which clusters stay as they are."""
    if clusters := sorted({code for _, rows in _items(kept) for code in rows["cluster_id"]}):
        remarks.add("note", "", "kept_clusters", clusters=join(clusters, remarks.locale))


def _with(kept: Frames, one: Reported) -> dict[str, pd.DataFrame]:
    """Return what is kept, line by line, and below it what a source adds."""
    for stem, rows in _items(kept):
        _refuse_taken(one.tables[stem], rows, one.remarks)
    _compare_actors(one.tables["actors"], kept["actors"], one.remarks)
    frames = {}
    for stem, contract in RECORDS.items():
        key = contract.key
        own = one.tables[stem].frame.sort_values(key)
        order = pd.concat([kept[stem], own])[key].drop_duplicates()
        known = pd.concat([own, kept[stem]]).drop_duplicates(key)  # the newer facts hold
        frames[stem] = order.merge(known, on=key)[[*contract.columns]]
    return frames


def _refuse_reported(one: Reported, seen: dict[str, str]) -> None:
    """Of one import, one source reports a cluster; `seen` names the source by cluster."""
    own: dict[str, str] = {}
    for stem, name in ITEMS.items():
        for code, item in one.tables[stem].frame.groupby("cluster_id")[name].first().items():
            own.setdefault(code, one.tables[stem].place_of(item, "cluster_id"))
    for code, place in own.items():
        if code in seen:
            one.remarks.error(place, "cluster_twice", code, other=seen[code])
    seen |= dict.fromkeys(own, one.source.name)


def _items(frames: Frames) -> list[tuple[str, pd.DataFrame]]:
    return [(stem, frames[stem]) for stem in ITEMS]


def _refuse_taken(table: ReadTable, kept: pd.DataFrame, remarks: Remarks) -> None:
    """The id of a project or an activity is that of one cluster; joint ones say whose row it is."""
    name = ITEMS[table.sheet.table]
    taken = kept.set_index(name)["cluster_id"]
    for code, cluster in zip(table.frame[name], table.frame["cluster_id"], strict=True):
        if code in taken:
            place, facts = table.place_of(code, name), {"joint": f"{code}-{cluster}"}
            remarks.error(place, "id_of_other_cluster", code, cluster=taken[code], **facts)


def _compare_actors(table: ReadTable, kept: pd.DataFrame, remarks: Remarks) -> None:
    """An actor may work in several clusters; then all say the same of it, or tell two apart."""
    titles = headers_of(RECORDS["actors"], remarks.locale)
    before = {row["actor_id"]: row for row in kept.astype(object).to_dict("records")}
    for row in table.frame.astype(object).to_dict("records"):
        there = before.get(code := row["actor_id"], row)
        if not is_alike(compared(code, row["name"]), compared(code, there["name"])):
            place = table.place_of(code, "name")
            remarks.add(
                "warning",
                place,
                "warning.actor_id_taken",
                row["name"],
                id=code,
                there=there["name"],
            )
            continue
        for name in (name for name in row if shown(row[name]) != shown(there[name])):
            facts = {"id": code, "column": titles[str(name)], "there": shown(there[name]) or "–"}
            place = table.place_of(code, str(name))
            remarks.add("warning", place, "warning.actor_differs", shown(row[name]), **facts)
