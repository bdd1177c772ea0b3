"""Everything a data set can be checked for before anyone reads it, each with its place.

Records are held table against table, a project against its other years, a cluster likewise. What
a rule on them is called, how grave it is, of which rows here it chooses which, and which facts it
tells stands in ``tables/rules.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference, Words, indicator
from ewm_analysis.contracts import AMENDMENTS, FIGURES, RECORDS, shown
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.indicators.long import CELL
from ewm_analysis.intake.findings import (
    LEVELS,
    Finding,
    filled,
    findings_of,
    in_order,
    rules,
    worded,
)
from ewm_analysis.intake.names import district_of, find_duplicates
from ewm_analysis.l10n import LOCALES, Locale, plural, text
from ewm_analysis.loaders import Dataset, open_dataset, resolve_data_dir
from ewm_analysis.loaders.read import READERS, read_text
from ewm_analysis.statistics import find_contradictions
from ewm_analysis.statistics.plausibility import say_finding

PLACE = ("level", "name", "table", "file", "line", "column", "year", "key", "value")

SHOWN = 5
"""Findings of one rule that are listed as text."""


@dataclass(frozen=True)
class CheckReport:
    """What was found in a data set, worst first, and the years it has records or figures of."""

    data_set: str
    findings: tuple[Finding, ...]
    years: frozenset[int] = frozenset()

    def count(self, level: str) -> int:
        """Return the number of findings of a level."""
        return sum(finding.level == level for finding in self.findings)

    def as_json(self, locale: Locale) -> dict[str, Any]:
        """Return the report for machines.

        An object with ``data_set``, the numbers of ``errors``, ``warnings`` and ``notes``, and
        ``findings``, worst first. Each finding has

        - ``level``: error, warning or note,
        - ``name``: stable name of the rule, in kebab-case,
        - ``table``, ``file``, ``line``, ``column``: where it stands; line 0 is the whole file,
          an empty column the whole row,
        - ``year`` (or null), ``key``: reporting year and id of the row,
        - ``value``: what stands there, as the file writes it,
        - ``expected``, ``advice``: sentences in the language asked for.
        """
        numbers = {f"{level}s": self.count(level) for level in LEVELS}
        found = [
            {name: getattr(one, name) for name in PLACE}
            | {"expected": one.expected(locale), "advice": one.advice(locale)}
            for one in self.findings
        ]
        return {"data_set": self.data_set, **numbers, "findings": found}

    def as_text(self, locale: Locale) -> str:
        """Return the report for a screen: the first findings of each rule, advice, numbers."""

        def advices(findings: list[Finding]) -> list[str]:
            return [*dict.fromkeys(one.advice(locale) for one in findings)]

        counts = {level: self.count(level) for level in LEVELS}
        numbers = {
            f"{level}s": text(f"check.{plural(n, 'one', 'other')}.{level}", locale, count=n)
            for level, n in counts.items()
        }
        found = groupby(self.findings, lambda one: (one.level, one.name))
        return filled(
            "check.txt.j2",
            groups=[(rule, [*group]) for rule, group in found],
            data_set=self.data_set,
            numbers=numbers,
            advices=advices,
            text=lambda key, **facts: text(key, locale, **facts),
            locale=locale,
            longest=SHOWN,
        )


def check_dataset(data_dir: str | Path, year: int | None = None) -> CheckReport:
    """Check a data set: contracts, keys, table against table, year against year.

    Where the tables break their contracts, the failures are all that can be told.

    Parameters
    ----------
    data_dir : str or Path
        Folder of the data set.
    year : int, optional
        Keeps what is found in the records and figures of this year; all years without it.

    Raises
    ------
    MissingDataError
        If there is no such data set.
    """
    name = resolve_data_dir(data_dir).name
    try:
        dataset = open_dataset(data_dir)
    except ContractError as error:
        return CheckReport(name, tuple(in_order([_broken(each) for each in error.failures])))
    tables = (dataset.published, dataset.economy, *dataset.records.values())
    years = frozenset(int(each) for table in tables for each in table["year"].unique())
    return CheckReport(name, tuple(find_warnings(dataset, year)), years)


def find_warnings(dataset: Dataset, year: int | None = None) -> list[Finding]:
    """Return warnings and notes on a data set whose tables keep their contracts.

    Parameters
    ----------
    dataset : Dataset
        The tables; where they also stand in files, findings name file and line.
    year : int, optional
        Keeps what is found in the records and figures of this year; all years without it.
    """
    records = dataset.records
    found = [
        *check_within_year(records, dataset.reference, date.today()),
        *check_projects_over_years(records["projects"]),
        *check_against_last_year(records),
        *find_duplicates(records["actors"], dataset.actor_merges),
        *check_printed_figures(dataset),
    ]
    wanted = [one for one in found if year is None or one.year == year]
    mended = [one for one in _mended(dataset) if year is None or one.year == year]
    return in_order([*with_places(wanted, dataset), *mended])


def _mended(dataset: Dataset) -> list[Finding]:
    """Return a note for each correction that the sender has made himself."""
    rows = dataset.corrections.loc[[*dataset.mended]]
    years = rows["file"].str.extract(r"^records/([0-9]{4})/")[0]
    return [
        Finding(
            name="correction-mended",
            level="note",
            table="corrections",
            year=None if pd.isna(year) else int(year),
            key=row.key,
            column=row.column,
            value=row.new,
            file=row.file,
            line=0 if pd.isna(row.line) or row.key else int(row.line),
        )
        for row, year in zip(rows.itertuples(), years, strict=True)
    ]


def _broken(failure: Failure) -> Finding:
    """A failure of the loaders as a finding: of a file, a row, a cell, or a list of decisions."""
    table = Path(failure.file).stem
    kind = "file" if not failure.line else "row" if not failure.column else "cell"
    return Finding(
        name="broken-decision" if table in AMENDMENTS else f"broken-{kind}",
        level="error",
        table=table,
        column=failure.column,
        value=failure.value,
        file=failure.file,
        line=failure.line,
        facts={"allowed": {locale: worded(failure.allowed, locale) for locale in LOCALES}},
    )


WORDING = "printed-figures"
"""All these rules have sentences of their own and one advice."""

KEYS = {
    "figures": ["year", "cluster_id", "region", "indicator", "dimension", "category"],
    "economy": ["year", "cluster_id", "scope", "region", "indicator"],
    "portraits": ["organisation_id", "fact"],
}
"""What names a printed figure, by stem of its file."""


def check_printed_figures(dataset: Dataset) -> list[Finding]:
    """Return contradictions among printed figures as warnings, oddities as notes."""
    if dataset.published.empty and dataset.economy.empty and dataset.organisations.empty:
        return []
    values = compute_indicators(dataset)
    found = find_contradictions(
        values, dataset.published, dataset.organisations, dataset.phrases
    ).findings
    printed = set(dataset.published["indicator"])
    languages = [Words(dataset.reference, locale) for locale in LOCALES]
    return [_printed(row, printed, languages) for row in found.itertuples()]


def _printed(row: Any, printed: set[str], languages: list[Words]) -> Finding:
    cells = row._asdict()
    if row.dimension == "organisation":
        table, cells = "portraits", {"organisation_id": row.category, "fact": row.indicator}
    elif indicator(row.indicator).group == "economy" and row.indicator not in printed:
        table = "economy"
    else:
        table = "figures"
    return Finding(
        name=row.rule.replace("_", "-"),
        level="warning" if row.level == "contradiction" else "note",
        table=table,
        year=None if pd.isna(row.year) else int(row.year),
        key=figure_key([cells[name] for name in KEYS[table]]),
        column="value",
        value=shown(row.found),
        facts={"sentence": {words.locale: say_finding(row, words) for words in languages}},
        wording=WORDING,
    )


def figure_key(cells: list[object]) -> str:
    """Return what names a figure, in one line: "2021 imk bebb project_volume"."""
    return " ".join(filter(None, map(shown, cells)))


def with_places(findings: Iterable[Finding], dataset: Dataset) -> list[Finding]:
    """Return the findings with file and line, as far as the data set stands in files.

    Each file with findings is read once more; a row that is told as missing has no line.
    """
    known: dict[tuple[int | None, str], tuple[str, dict[str, int]]] = {}
    placed = []
    for one in findings:
        if (one.year, one.table) not in known:
            known[one.year, one.table] = _lines(dataset.path, one.year, one.table)
        file, lines = known[one.year, one.table]
        placed.append(replace(one, file=file, line=lines.get(one.key, 0)))
    return placed


def _lines(folder: Path, year: int | None, table: str) -> tuple[str, dict[str, int]]:
    """Return a table's file, and the first line of each row by what names it."""
    places = {place.split("/")[1]: place for place in FIGURES}
    stem = f"records/{year}/{table}" if table in RECORDS else places[table]
    paths = (folder / f"{stem}{suffix}" for suffix in READERS)
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return "", {}
    content = read_text(path)
    if table in RECORDS:
        keys = content.frame[RECORDS[table].key[1]]
    else:
        keys = content.frame[KEYS[table]].agg(figure_key, axis=1)
    lines = dict(zip(keys.iloc[::-1], reversed(content.lines), strict=True))
    return path.relative_to(folder.parent).as_posix(), lines


PROJECT, ACTOR = ["year", "project_id"], ["year", "actor_id"]


def _found(**views: pd.DataFrame) -> list[Finding]:
    """Return what the rules on some rows find."""
    named = [(name, views[rule["rows"]]) for name, rule in rules().items() if rule["rows"] in views]
    return [finding for name, rows in named for finding in findings_of(name, rows)]


def check_within_year(
    records: Mapping[str, pd.DataFrame], reference: Reference, today: date
) -> list[Finding]:
    """Return what is odd about the records of a year, without any other year."""
    projects, took_part = records["projects"], records["participations"]
    counts = took_part[took_part["project_id"] != ""].groupby(PROJECT).size().rename("actors")
    known = projects[projects["volume_eur"] > 0].groupby(CELL)["volume_eur"]
    return _found(
        years=projects.drop_duplicates("year").assign(this_year=today.year),
        projects=projects.merge(counts.reset_index(), how="left", on=PROJECT).fillna({"actors": 0}),
        actors=_with_districts(records["actors"], reference).assign(
            takes_part=_stands_in(records["actors"], took_part, ACTOR)
        ),
        medians=known.agg(median_eur="median", size="size").reset_index(),
        twins=_twins(projects),
    )


def _twins(projects: pd.DataFrame) -> pd.DataFrame:
    """Projects of two clusters with the same facts, and ids that do not say that they are one."""
    rows = projects[(projects["title"] != "") & projects["volume_eur"].notna()]
    ids = zip(rows["project_id"], rows["cluster_id"], strict=True)
    common = [code.removesuffix(f"-{cluster}") for code, cluster in ids]
    rows = rows.assign(common=pd.array(common, dtype="string"))
    facts = [rows[name] for name in ("year", "title", "volume_eur", "funding_eur")]
    groups = rows.groupby(facts, dropna=False)
    first = groups[["project_id", "cluster_id", "common"]].transform("first")
    is_twice = (rows["cluster_id"] != first["cluster_id"]) & (rows["common"] != first["common"])
    rows = rows.assign(
        other=first["project_id"],
        other_cluster=first["cluster_id"],
        joint_id=rows["common"] + "-" + rows["cluster_id"],
        other_joint_id=rows["common"] + "-" + first["cluster_id"],
    )
    return rows[is_twice]


def _with_districts(actors: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Add the districts that places lie in; what cannot be resolved stays unknown."""
    places = actors["place"].where(actors["state"].isin(["be", "bb"]), "")
    found = {place: district_of(place, reference.municipalities) for place in places.unique()}
    names = reference.districts.set_index("ags")["name"]
    proposal = places.map(found).fillna("").astype("string")
    district = proposal.map(names).fillna("")
    return actors.assign(actor=actors["name"], proposal=proposal, district=district)


def check_projects_over_years(projects: pd.DataFrame) -> list[Finding]:
    """Return what is odd about projects, each held against its rows of other years."""
    later = _next_year(projects)  # as if they were missed where their cluster reports
    is_gone = _stands_in(later, projects, CELL) & ~_stands_in(later, projects, PROJECT)
    return _found(history=_history(projects), gone=later[is_gone])


def _history(projects: pd.DataFrame) -> pd.DataFrame:
    """Add what the year before says, the first new year, and years in a row of one status."""
    last = _next_year(projects[[*PROJECT, "status", "volume_eur"]]).drop(columns="last_year")
    rows = projects.merge(last, how="left", on=PROJECT, suffixes=("", "_last"), validate="1:1")
    first = rows["year"].where(rows["is_new"]).groupby(rows["project_id"]).transform("min")
    order = rows.sort_values(["project_id", "year"])
    kept = order["project_id"] + " " + order["status"]
    goes_on = (kept == kept.shift()) & (order["year"] == order["year"].shift() + 1)
    run = (~goes_on.fillna(False)).astype(int).cumsum()
    return rows.assign(
        first=first,
        first_year=first.astype("string"),
        years=order.groupby(run).cumcount() + 1,
        status_last=rows["status_last"].fillna(""),
        last_eur=rows["volume_eur_last"],
        last_year=(rows["year"] - 1).astype("string"),
        has_last_year=_stands_in(rows.assign(year=rows["year"] - 1), projects, CELL),
        ratio=_ratio(rows, "volume_eur"),
    )


def check_against_last_year(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Return what is odd about a cluster's records, held against those of the year before."""
    if len({year for table in records.values() for year in table["year"].unique()}) < 2:
        return []  # a first import is not kept waiting
    tables = {name: records[name] for name in ("projects", "activities")}
    cells = pd.concat([table[CELL] for table in tables.values()])
    expected = _next_year(cells.drop_duplicates())
    expected = expected[expected["year"].isin(cells["year"])]
    projects = records["projects"]
    new = projects[projects["is_new"] & (projects["volume_eur"] > 0)].groupby(CELL)["volume_eur"]
    medians = new.agg(median_eur="median", size="size").reset_index()
    volumes = _beside_last_year(medians, CELL, "median_eur")
    return [
        *_found(
            clusters=expected[~_stands_in(expected, cells, CELL)],
            volumes=volumes.assign(last_eur=volumes["median_eur_last"]),
            missed=_missed_actors(records),
        ),
        *(one for name, table in tables.items() for one in _numbers(name, table)),
        *_less_filled("actors", records["actors"], ["year"]),
        *(one for name, table in tables.items() for one in _less_filled(name, table, CELL)),
    ]


def _numbers(table: str, records: pd.DataFrame) -> list[Finding]:
    counts = records.groupby(CELL).size().rename("size").reset_index()
    rows = _beside_last_year(counts, CELL, "size")
    rows = rows.assign(rows=rows["size"], last=rows["size_last"])
    return findings_of("number-far-from-last-year", rows, table=table)


def _less_filled(table: str, records: pd.DataFrame, by: list[str]) -> list[Finding]:
    """Coverage: which columns that may be empty are much emptier than last year."""
    optional = [name for name, column in RECORDS[table].columns.items() if not column.required]
    cells = records[optional]
    filled = cells.notna() & (cells.astype("string") != "").fillna(False)
    groups = filled.astype(float).groupby([records[each] for each in by])
    shares = groups.mean().melt(var_name="column", value_name="filled_share", ignore_index=False)
    shares = shares.join(groups.size().rename("size")).reset_index()
    rows = _beside_last_year(shares, [*by, "column"], "filled_share")
    found = findings_of(
        "column-less-filled",
        rows.assign(last_share=rows["filled_share_last"]),
        table=table,
        key="".join(name for name in by if name != "year"),
        column="column",
    )
    return [replace(one, column=one.value, value="") for one in found]


def _missed_actors(records: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Actors of last year without a row, though a project of theirs has one."""
    took_part = records["participations"]
    took_part = took_part[took_part["project_id"] != ""][[*PROJECT, "actor_id"]]
    runs_on = _next_year(took_part).merge(records["projects"][PROJECT], on=PROJECT, validate="m:1")
    gone = runs_on[~_stands_in(runs_on, records["actors"], ACTOR)].drop_duplicates(ACTOR)
    names = _next_year(records["actors"])[[*ACTOR, "name"]]
    gone = gone.merge(names, on=ACTOR, validate="1:1")
    return gone.assign(actor=gone["name"], project=gone["project_id"])


def _next_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as if they were of the year after, in which they may be missed."""
    return rows.assign(year=rows["year"] + 1, last_year=rows["year"].astype("string"))


def _beside_last_year(values: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """Add the columns of the year before, each ending in ``_last``; years without one go."""
    rows = values.merge(_next_year(values), on=by, suffixes=("", "_last"), validate="1:1")
    sizes = rows[["size", "size_last"]]
    return rows.assign(ratio=_ratio(rows, column), least=sizes.min(axis=1), most=sizes.max(axis=1))


def _stands_in(rows: pd.DataFrame, table: pd.DataFrame, key: list[str]) -> pd.Series:
    known = pd.MultiIndex.from_frame(table[key])
    return pd.Series(pd.MultiIndex.from_frame(rows[key]).isin(known), index=rows.index)


def _ratio(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return what known amounts are to those of the year before."""
    now, last = rows[column], rows[f"{column}_last"]
    return now.where(now > 0) / last.where(last > 0)
