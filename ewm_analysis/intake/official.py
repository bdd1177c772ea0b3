"""The importer of official statistics: files of GENESIS and Eurostat to rows of economy/."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator, indicators
from ewm_analysis.contracts import (
    Delimitation,
    Economy,
    StatisticCodes,
    check,
    check_references,
    columns_of,
    key_of,
    shown,
)
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import ContractError, Failure, MissingDataError, ParameterError
from ewm_analysis.files import move_in
from ewm_analysis.intake.data_set import (
    data_set_beside,
    refuse_file,
    typed_rows,
    with_own_sources,
    write_table,
)
from ewm_analysis.intake.foreign import load_mapping, load_shipped, table_within
from ewm_analysis.intake.official_files import FIXED, READERS
from ewm_analysis.l10n import text
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import TextTable, read_text, unreadable
from ewm_analysis.project import DESCRIPTOR

PUBLISHERS = {
    "genesis": {
        "publisher": "Statistische Ämter des Bundes und der Länder",
        "licence": "dl-de/by-2-0; verändert",
    },
    "eurostat": {"publisher": "Eurostat", "licence": "© European Union, CC BY 4.0; modified"},
}
"""Who publishes the files, and under which licence, by format."""

ECONOMY, SOURCES = "economy/economy.csv", "reference/sources.csv"


@dataclass(frozen=True)
class StatisticsImport:
    """Rows that were added to ``economy/`` and why other observations were left out, counted."""

    rows: pd.DataFrame
    left_out: Mapping[str, int]


def import_statistics(
    file: Path,
    target: Path,
    *,
    form: str,
    meaning: str = "",
    delimitation: Path | None = None,
) -> StatisticsImport:
    """Add a file of official statistics to the economy table of a data set.

    Figures of the same source that stand there are replaced; beside figures of other sources
    they are a further mention.

    Parameters
    ----------
    file : Path
        Flat file of GENESIS ("ffcsv"), SDMX-CSV or TSV of Eurostat; also in a ZIP of its own.
    target : Path
        The data set; made if it does not exist.
    form : {"genesis", "eurostat"}
        Form of the file.
    meaning : str, optional
        Indicator that the values are; needed where the shipped table of codes does not say it,
        as always for GENESIS.
    delimitation : Path, optional
        Table `Delimitation` that stands in for the shipped one.

    Raises
    ------
    ParameterError
        If the form or the indicator is not known, the file does not say what it counts, or the
        target is a file.
    ContractError
        With all failures of the file and of the tables.
    MissingDataError
        If nothing in the file concerns Berlin, Brandenburg or Germany.
    """
    refuse_file(target)
    if form not in READERS:
        raise ParameterError("format", form, READERS)
    economic = [name for name in indicators() if indicator(name).group == "economy"]
    if meaning and meaning not in economic:
        raise ParameterError("indicator", meaning, economic)
    shared = load_reference(resolve_data_dir("data/reference"), target / "reference")
    codes = load_shipped("statistic_codes", StatisticCodes).query("system == @form")
    limits = load_mapping("delimitation", Delimitation, shared.clusters, delimitation)
    table = table_within(file)
    values = read_values(table, form, codes, shared.districts, meaning)
    rows, unused = economy_rows(values.rows, shared, limits, file=table.name)
    left_out = {**values.left_out, **{f"branch {code}": n for code, n in sorted(unused.items())}}
    if rows.empty:
        reasons = "; ".join(f"{reason}: {count}" for reason, count in left_out.items() if count)
        raise MissingDataError(f"{file} holds no figure that can be used. {reasons}")
    source = f"{form}_{values.statistic}"
    rows = rows.assign(source_id=source, reference=values.statistic)
    _write(target, rows, source, {"title": values.title, **PUBLISHERS[form]}, shared)
    return StatisticsImport(rows, left_out)


def _write(
    target: Path, rows: pd.DataFrame, source: str, cells: Mapping[str, str], shared: Reference
) -> None:
    file = target / ECONOMY
    for suffix in (".xlsx", ".parquet"):
        if file.with_suffix(suffix).is_file():
            reason = f"has its economy table as {suffix}; save it as CSV first"
            raise ParameterError("data", str(target), reason=reason)
    before = typed_rows(pd.DataFrame(columns=["year"]), Economy)
    if file.is_file():
        before = parse_table(read_text(file), Economy)
    kept = before[before["source_id"] != source]
    taken = kept.groupby(KEY, dropna=False)["mention"].max().rename("taken").reset_index()
    numbered = typed_rows(rows, Economy).merge(taken, how="left", on=KEY, validate="m:1")
    numbered["mention"] = numbered["taken"].fillna(0).astype("Int64") + 1
    table = pd.concat([kept, numbered[kept.columns]], ignore_index=True)
    table = check(table.sort_values([*KEY, "mention"], ignore_index=True), Economy)
    sources = with_own_sources(target, shared.sources, {source: cells})
    tables = {"sources": sources, "categories": shared.categories,
              "clusters": shared.clusters, "districts": shared.districts}  # fmt: skip
    lines = range(2, len(table) + 2)
    if failures := check_references(table, Economy, tables, file="economy.csv", lines=lines):
        raise ContractError(failures)
    with data_set_beside(target, _head(target)) as made:
        write_table(table, made / ECONOMY)
        write_table(sources, made / SOURCES)
        write_descriptor(made)
        move_in(made, target, (ECONOMY, SOURCES, DESCRIPTOR))


def _head(target: Path) -> dict[str, object]:
    return {
        "name": target.name.lower().replace(" ", "-"),
        "title": text("official.title", "en"),
        "title_de": text("official.title", "de"),
        "notice": text("official.notice", "en"),
        "notice_de": text("official.notice", "de"),
        "synthetic": False,
        "disclosure": "none",
    }


TOTALS = {"", "TOTAL", "T", "_T"}
"""How databases write "all": of a breakdown that is not ours only this is taken."""

NO_VALUE = {"": "empty", ":": "not available", ".": "secret or unknown", "...": "not yet known",
            "/": "not reliable", "x": "not meaningful"}  # fmt: skip
NOTHING = "-"
"""GENESIS' sign for exactly nothing: a zero that was counted."""

TIMES = (r"(?P<year>\d{4})", r"(?P<day>\d{2}\.\d{2})\.(?P<year>\d{4})",
         r"(?P<year>\d{4})-(?P<day>\d{2}-\d{2})")  # fmt: skip
NUMBER = r"-?[0-9]{1,15}(?:[.,][0-9]+)?"
SECTIONS = r"(?:WZ08-?)?([A-U])(?:-([A-U]))?"
DIGITS = r"(?:WZ08-?)?([0-9]{2})\.?([0-9]{1,2})?\.?([0-9])?"
JUNE = {"30.06", "06-30"}
AT_A_DAY = ("employees_insured", "employees_marginal", "employees_total")
"""Indicators that our catalogue counts on 30 June."""


@dataclass(frozen=True)
class Values:
    """Values of one indicator: ``year``, ``region``, ``activity``, ``value`` and their marks."""

    rows: pd.DataFrame
    statistic: str
    title: str
    left_out: Mapping[str, int]


def read_values(
    file: Path, form: str, codes: pd.DataFrame, districts: pd.DataFrame, meaning: str
) -> Values:
    """Return the values of a file that are about our regions.

    Raises
    ------
    ContractError
        With all cells that cannot be read.
    ParameterError
        If neither `meaning` nor the codes say what the file counts.
    """
    text, found = READERS[form](file)
    if found.empty:
        raise unreadable(text.file, "the file has no rows")
    statistics = found["statistic"].unique()
    if len(statistics) > 1:
        raise unreadable(text.file, f"holds several statistics: {', '.join(statistics)}")
    statistic = str(statistics[0])
    counted, asked = _indicator(statistic, codes, meaning)
    left_out: Counter[str] = Counter()
    rows = _ours(found, codes, districts, asked, left_out)
    rows = rows.assign(indicator=counted)
    values, failures = _parsed(rows, codes, text, left_out)
    if failures:
        raise ContractError(failures)
    label = str(found["label"].iloc[0]) or statistic
    title = f"{label} ({statistic})" if label != statistic else statistic
    return Values(values, re.sub(r"[^A-Za-z0-9_]", "_", statistic), title, dict(left_out))


def _indicator(statistic: str, codes: pd.DataFrame, meaning: str) -> tuple[str, dict[str, str]]:
    """Return the indicator, and the codes of other dimensions it is made of."""
    known = codes[codes["role"] == "indicator"]
    for row in known.itertuples():
        name, _, rest = str(row.code).partition("/")
        if name == statistic and meaning in ("", row.ours):
            return str(row.ours), dict(part.split("=") for part in rest.split(",") if part)
    if not meaning:
        reason = f"is needed: no table of ours says what {statistic} counts; see ewm describe"
        raise ParameterError("indicator", "", reason=reason)
    return meaning, {}


def _ours(
    found: pd.DataFrame,
    codes: pd.DataFrame,
    districts: pd.DataFrame,
    asked: Mapping[str, str],
    left_out: Counter[str],
) -> pd.DataFrame:
    """Return the rows of our regions, undivided but by branch of industry."""
    dimensions = codes[codes["role"] == "dimension"]
    rows = found[FIXED].assign(region_code="", activity_code="")
    wanted = pd.Series(True, index=found.index)
    for name in found.columns.drop(FIXED):
        role = next(
            (row.ours for row in dimensions.itertuples() if fnmatchcase(name, row.code)), ""
        )
        cells = found[name].fillna("")
        if role in ("region", "activity"):
            rows[f"{role}_code"] = rows[f"{role}_code"].mask(cells != "", cells)
        elif name in asked:
            wanted &= cells == asked[name]
        elif role != "ignored" and name != "unit":
            wanted &= cells.isin(TOTALS)
    left_out["other breakdowns"] += int((~wanted).sum())
    known = codes[codes["role"] == "region"].set_index("code")["ours"].to_dict()
    if (codes["system"] == "genesis").all():
        known[""] = "de"  # an empty cell stands for the sum of all states
    brandenburg = districts[districts["state"] == "bb"]
    known |= dict(zip(brandenburg["nuts3"], brandenburg["ags"], strict=True))
    known |= dict(zip(brandenburg["ags"], brandenburg["ags"], strict=True))
    rows["region"] = rows["region_code"].map(known)
    elsewhere = wanted & rows["region"].isna()
    left_out["other regions"] += int(elsewhere.sum())
    return rows[wanted & ~elsewhere]


def _parsed(
    rows: pd.DataFrame, codes: pd.DataFrame, text: TextTable, left_out: Counter[str]
) -> tuple[pd.DataFrame, list[Failure]]:
    """Return year, value and marks of each row; signs for "no value" are left out."""
    by_role = {
        role: part.set_index("code")["ours"].to_dict() for role, part in codes.groupby("role")
    }
    kept, failures = [], []
    for row in rows.to_dict("records"):
        problems = _problems(row, by_role)
        failures += [
            Failure(text.file, int(row["line"]), name, str(row[name]), allowed)
            for name, allowed in problems.items()
        ]
        time, flags = _time(str(row["time"])), [by_role["flag"].get(f) for f in str(row["flag"])]
        if problems or time is None:
            continue
        reason = NO_VALUE.get(str(row["value"]), "confidential" if "missing" in flags else "")
        if row["indicator"] in AT_A_DAY and time[1] and time[1] not in JUNE:
            reason = "another day than 30 June"
        if reason:
            left_out[reason] += 1
            continue
        value = 0.0 if row["value"] == NOTHING else float(str(row["value"]).replace(",", "."))
        kept.append(
            {
                **{name: row[name] for name in ("line", "region", "indicator")},
                "year": time[0],
                "activity": activity(str(row["activity_code"])),
                # A thousand times 0.92 is 920, not 920.0000000000001.
                "value": round(value * float(by_role["unit"].get(str(row["unit"]), 1)), 2),
                "precision": "approximate" if "approximate" in flags else "exact",
                "is_provisional": "provisional" in flags,
                "note": f"flag {row['flag']}" if "note" in flags else "",
            }
        )
    return pd.DataFrame(kept), failures


def _problems(
    row: Mapping[str, object], by_role: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    value = str(row["value"])
    found = {}
    if _time(str(row["time"])) is None:
        found["time"] = "must be a year, or a day such as 30.06.2021 or 2021-06-30"
    if value not in {*NO_VALUE, NOTHING} and not re.fullmatch(NUMBER, value):
        found["value"] = "must be a number without thousands, or a sign for none"
    if str(row["unit"]) and str(row["unit"]) not in by_role["unit"]:
        found["unit"] = f"allowed: {', '.join(by_role['unit'])}"
    if strange := [mark for mark in str(row["flag"]) if mark not in by_role["flag"]]:
        found["flag"] = f"{', '.join(strange)} is not known; allowed: {', '.join(by_role['flag'])}"
    if activity(str(row["activity_code"])) is None:
        found["activity_code"] = "must be a section, a range of sections or a code of WZ 2008"
    return found


def _time(cell: str) -> tuple[int, str] | None:
    """Return year and day of a time, the day empty for a year."""
    for pattern in TIMES:
        if match := re.fullmatch(pattern, cell):
            return int(match["year"]), match.groupdict().get("day", "")
    return None


def activity(code: str) -> str | None:
    """Return a branch of industry as WZ 2008 writes it; empty for all, None if it is no such code.

    Examples
    --------
    >>> [activity(code) for code in ("TOTAL", "WZ08-B", "B-E", "1011", "10.11", "?")]
    ['', 'B', 'B-E', '10.11', '10.11', None]
    """
    if code in TOTALS:
        return ""
    if match := re.fullmatch(SECTIONS, code):
        return "-".join(part for part in match.groups() if part)
    if match := re.fullmatch(DIGITS, code):
        return ".".join(part for part in match.groups() if part)
    return None


KEY = [name for name in key_of(Economy) if name != "mention"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTU"


def economy_rows(
    values: pd.DataFrame, reference: Reference, delimitation: pd.DataFrame, *, file: str
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return rows of the economy table, and how often a branch found no place in them.

    The rows are totals, sector blocks and clusters of each region.

    A sector block is made of the codes of the file that fill it exactly and do not overlap; a
    cluster of all branches of its delimitation. Where one of them is missing there is no row.

    Raises
    ------
    ContractError
        If the same region, year and branch has two different values.
    """
    if values.empty:
        return pd.DataFrame(columns=[*columns_of(Economy)]), Counter()
    _refuse_contradictions(values, file)
    sectors = reference.categories.query("dimension == 'sector'")["category"]
    rows: list[dict[str, object]] = []
    unused: Counter[str] = Counter()
    for (year, region), group in values.groupby(["year", "region"]):
        by_code = {row["activity"]: row for row in group.to_dict("records")}
        parts = [({"sector": ""}, [""])] if "" in by_code else []
        parts += [({"sector": name}, codes) for name, codes in _blocks(sectors, [*by_code])]
        parts += [*_clusters(delimitation, int(year), str(region), reference, by_code)]
        rows += [
            {"year": year, "region": region, **_sum([by_code[code] for code in codes]), **cell}
            for cell, codes in parts
        ]
        unused.update({*by_code} - {code for _, codes in parts for code in codes})
    unit = indicator(str(values["indicator"].iloc[0])).unit
    table = pd.DataFrame(rows).assign(unit=unit)
    return table.reindex(columns=[*columns_of(Economy)]), unused


def _refuse_contradictions(values: pd.DataFrame, file: str) -> None:
    distinct = values.drop_duplicates(["year", "region", "activity", "value"])
    twice = distinct[distinct.duplicated(["year", "region", "activity"])]
    if len(twice):
        raise ContractError(
            [
                Failure(
                    file, int(row.line), "value", shown(row.value),
                    f"another value stands for {row.region}, {row.year}, {row.activity or 'all'}",
                )
                for row in twice.itertuples()
            ]
        )  # fmt: skip


def _blocks(sectors: Sequence[str], codes: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each sector block that codes of the file fill exactly, and these codes."""
    sections = {code: letters for code in codes if (letters := _letters(code))}
    largest_first = sorted(sections, key=lambda code: -len(sections[code]))
    for name in sectors:
        wanted, chosen = _letters("-".join(name.replace("-", ""))), []
        missing = set(wanted)
        for code in largest_first:
            if missing and set(sections[code]) <= missing:
                chosen.append(code)
                missing -= set(sections[code])
        if wanted and not missing:
            yield name, chosen


def _letters(code: str) -> str:
    """Return all sections of a code: "B-E" is "BCDE"; nothing for divisions and all."""
    first, _, last = code.partition("-")
    if first not in LETTERS or not first:
        return ""
    return LETTERS[LETTERS.index(first) : LETTERS.index(last or first) + 1]


def _clusters(
    delimitation: pd.DataFrame,
    year: int,
    region: str,
    reference: Reference,
    by_code: Mapping[str, object],
) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield each cluster all of whose branches are known, for regions it may lie in."""
    if region not in ("be", "bb", "bebb"):
        return
    begun = (delimitation["valid_from"] <= year).fillna(True)
    not_over = (delimitation["valid_to"] >= year).fillna(True)
    regions = reference.clusters.set_index("cluster_id")["region"]
    for (cluster, scope), rows in delimitation[begun & not_over].groupby(["cluster_id", "scope"]):
        codes = _outermost([*rows["wz"]])
        if regions[cluster] in (region, "bebb") and all(code in by_code for code in codes):
            cell = {"cluster_id": str(cluster), "scope": str(scope), "sector": ""}
            yield {**cell, "delimitation": "other", "note": f"WZ {', '.join(codes)}"}, codes


def _outermost(codes: Sequence[str]) -> list[str]:
    """Leave out codes that lie within another one of the list: 10.1 within 10."""
    return [
        code
        for code in codes
        if not any(code != other and code.startswith(other) for other in codes)
    ]


def _sum(parts: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Add up parts; the sum is no better than the worst of them."""
    notes = dict.fromkeys(str(part["note"]) for part in parts if part["note"])
    exact = all(part["precision"] == "exact" for part in parts)
    return {
        "indicator": parts[0]["indicator"],
        "value": round(sum(float(str(part["value"])) for part in parts), 2),
        "precision": "exact" if exact else "approximate",
        "is_provisional": any(part["is_provisional"] for part in parts),
        "note": "; ".join(notes),
        "delimitation": "official",
        "mention": 1,
    }
