"""Official statistics: files of GENESIS and Eurostat to rows of ``economy/``.

Whatever its form, a file is first a table of observations: a row is one, its index the line in
the file, and each column beside `FIXED` a dimension, by its code. What columns are called stands
in ``official.toml``, what codes mean in ``tables/statistic_codes.csv``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator, indicators
from ewm_analysis.contracts import (
    Delimitation,
    Economy,
    StatisticCodes,
    shown,
)
from ewm_analysis.errors import ContractError, Failure, MissingDataError, ParameterError
from ewm_analysis.intake.data_set import (
    load_mapping,
    open_head,
    publisher_of,
    refuse_file,
    table_of,
    typed_rows,
    with_own_source,
    write_parts,
)
from ewm_analysis.intake.findings import declared
from ewm_analysis.intake.sending import read_delimited, read_sent
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.loaders.read import unreadable

FORMS = ("genesis", "eurostat")
KEY = [name for name in Economy.key if name != "mention"]


class StatisticsImport(NamedTuple):
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
    if form not in FORMS:
        raise ParameterError("format", form, FORMS)
    economic = [name for name in indicators() if indicator(name).group == "economy"]
    if meaning and meaning not in economic:
        raise ParameterError("indicator", meaning, economic)
    shared = load_reference(resolve_data_dir("data/reference"), target / "reference")
    codes: Codes = defaultdict(dict)
    for row in (
        load_mapping("statistic_codes", StatisticCodes).query("system == @form").itertuples()
    ):
        codes[row.role][row.code] = row.ours
    if form == "genesis":
        codes["region"][""] = "de"  # an empty cell stands for the sum of all states
    limits = load_mapping("delimitation", Delimitation, shared.clusters, delimitation)
    name, data = read_sent(file, file.name, ["*.csv", "*.tsv"])
    read = read_genesis if form == "genesis" else read_eurostat
    found = read(data, name)
    statistic, label = _statistic(found, name)
    counted, asked = _indicator(statistic, codes, meaning)
    left_out: Counter[str] = Counter()
    values = _values(_ours(found, codes, shared, asked, left_out), counted, codes, left_out, name)
    rows, unused = _economy_rows(values, counted, shared, limits, name)
    left_out.update({f"branch {code}": count for code, count in sorted(unused.items())})
    if rows.empty:
        reasons = "; ".join(f"{reason}: {count}" for reason, count in left_out.items() if count)
        raise MissingDataError(f"{file} holds no figure that can be used. {reasons}")
    code = re.sub(r"[^A-Za-z0-9_]", "_", statistic)
    source = {"source_id": f"{form}_{code}", "title": statistic}
    if label and label != statistic:
        source["title"] = f"{label} ({statistic})"
    rows = rows.assign(source_id=source["source_id"], reference=code)
    _write(target, rows, publisher_of(form) | source, shared)
    return StatisticsImport(rows, left_out)


def _write(target: Path, rows: pd.DataFrame, source: Mapping[str, str], shared: Reference) -> None:
    before = table_of(target, "economy/economy", Economy)
    kept = before[before["source_id"] != source["source_id"]]
    taken = kept.groupby(KEY, dropna=False)["mention"].max().rename("taken").reset_index()
    numbered = typed_rows(rows, Economy).merge(taken, how="left", on=KEY, validate="m:1")
    numbered["mention"] = numbered["taken"].fillna(0).astype("Int64") + 1
    table = pd.concat([kept, numbered[kept.columns]], ignore_index=True)
    files = {
        "economy/economy.csv": table.sort_values([*KEY, "mention"], ignore_index=True),
        "reference/sources.csv": with_own_source(target, shared.sources, **source),
    }
    write_parts(target, open_head(target, "official"), files)


Codes = Mapping[str, dict[str, str]]
"""Our code by theirs, by what it is: dimension, region, unit …"""

TOTALS = {"", "TOTAL", "T", "_T"}
"""How databases write "all": of a breakdown that is not ours only this is taken."""

NO_VALUE = {
    "": "empty",
    ":": "not available",
    ".": "secret or unknown",
    "...": "not yet known",
    "/": "not reliable",
    "x": "not meaningful",
}
NOTHING = "-"
"""GENESIS' sign for exactly nothing: a zero that was counted."""

TIMES = r"(?:(\d{2}\.\d{2})\.)?(\d{4})|(\d{4})-(\d{2}-\d{2})"
NUMBER = r"-?[0-9]{1,15}(?:[.,][0-9]+)?"
SECTIONS = r"(?:WZ08-?)?([A-U])(?:-([A-U]))?"
DIGITS = r"(?:WZ08-?)?([0-9]{2})\.?([0-9]{1,2})?\.?([0-9])?"
JUNE = ("", "30.06", "06-30")
AT_A_DAY = ("employees_insured", "employees_marginal", "employees_total")
"""Indicators that our catalogue counts on 30 June."""


FIXED = ["statistic", "label", "time", "value", "unit", "flag"]
"""Columns of every observation."""


def read_genesis(data: bytes, file: str) -> pd.DataFrame:
    """Return the observations of a flat file of GENESIS ("ffcsv", old or new form).

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or is no such file.
    """
    form = declared("official.toml")["genesis"]
    frame = _one_value_a_row(_known(data, form, file), form["choice"], file)
    rows = frame.reindex(columns=form["columns"], fill_value="").set_axis(FIXED, axis=1)
    number = 1
    while f"{number}_variable_code" in frame:
        variables = frame[f"{number}_variable_code"]
        codes = frame[f"{number}_variable_attribute_code"]
        for variable in sorted(variables.unique()):
            rows[variable] = codes.where(variables == variable, rows.get(variable))
        number += 1
    return rows


def read_eurostat(data: bytes, file: str) -> pd.DataFrame:
    """Return the observations of a file of Eurostat: SDMX-CSV, or TSV by its suffix.

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or is no such file.
    """
    if file.lower().endswith(".tsv"):
        return _read_tsv(data, file)
    form = declared("official.toml")["eurostat"]
    frame = _known(data, form, file)
    fixed = frame.reindex(columns=form["columns"], fill_value="").set_axis(FIXED, axis=1)
    # "ESTAT:NAMA_10R_3EMPERS(1.0)" names the data set between agency and version.
    names = fixed["statistic"].str.replace(r"^.*:|\(.*$", "", regex=True).str.lower()
    dimensions = [name for name in frame if name == name.lower() and name != "last update"]
    return frame[dimensions].assign(**{**fixed, "statistic": names, "label": ""})


def _read_tsv(data: bytes, file: str) -> pd.DataFrame:
    frame = _by_line(data, "\t", file)
    head, *times = frame.columns
    dimensions, mark, _ = head.partition("\\")
    if not mark:
        raise unreadable(file, r"is no TSV of Eurostat: no \TIME_PERIOD in its header", 1)
    names = dimensions.split(",")
    keys = frame[head].str.split(",", expand=True)
    if keys.shape[1] != len(names):
        raise unreadable(file, f"each row needs {len(names)} codes: {dimensions}", 2)
    keys = keys.set_axis(names, axis=1)
    long = keys.join(frame[times]).melt(names, times, "time", "cell", ignore_index=False)
    parts = long.pop("cell").str.partition(" ")
    rows = long.assign(
        statistic=Path(file).stem.lower().removeprefix("estat_"),
        value=parts[0],
        flag=parts[2].str.strip(),
    ).astype({"time": "string"})
    return rows.reindex(columns=dict.fromkeys([*FIXED, *names]), fill_value="")


def _by_line(data: bytes, delimiter: str, file: str) -> pd.DataFrame:
    text = read_delimited(data, delimiter, file)
    if text.failures:  # rows with more or fewer cells than the header
        raise ContractError(text.failures)
    return text.frame.set_axis([*text.lines], axis=0)


def _known(data: bytes, form: Mapping[str, Any], file: str) -> pd.DataFrame:
    """Return a file with the columns that its form must have, whatever they were called before."""
    frame = _by_line(data, form["separator"], file)
    parts = [re.fullmatch(r"(\d+_)?(.*)", name, re.DOTALL) for name in frame]
    names = [(part[1] or "") + form["renamed"].get(part[2], part[2]) for part in parts if part]
    if missing := sorted({*form["needed"]} - {*names}):
        reason = f"is no {form['kind']}: {', '.join(missing)} missing; choose {form['choice']}"
        raise unreadable(file, reason, 1)
    return frame.set_axis(names, axis=1)


def _one_value_a_row(frame: pd.DataFrame, choice: str, file: str) -> pd.DataFrame:
    """Return the columns of the new form; two kinds of values would stand for one place and year.

    The old form has a column for each kind: code, name and unit, two underscores between.
    """
    if "value" not in frame:
        names = [name for name in frame if re.fullmatch(r"[A-Z0-9]+__.*__(?!q$).*", name)]
        if not names:
            reason = f"is no flat file of GENESIS: no column of values; choose {choice}"
            raise unreadable(file, reason, 1)
        frame = pd.concat(_one_kind(frame, name) for name in names)
    both = frame.reindex(columns=["value_variable_code", "value_unit"], fill_value="")
    kinds = both.drop_duplicates().itertuples(index=False, name=None)
    named = [f"{code} in {unit}" for code, unit in kinds]
    if len(named) > 1:
        told = "; ".join(named)
        reason = f"holds several kinds of values ({told}); export the table with one of them"
        raise unreadable(file, reason)
    return frame


def _one_kind(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    kind, _, unit = name.rpartition("__")
    rows = frame.rename(columns={name: "value", f"{kind}__q": "value_q"})
    return rows.assign(value_variable_code=kind, value_unit=unit.replace("_", " "))


def _statistic(found: pd.DataFrame, file: str) -> tuple[str, str]:
    """Return code and name of the one statistic that a file is of."""
    if found.empty:
        raise unreadable(file, "the file has no rows")
    statistics = found["statistic"].unique()
    if len(statistics) > 1:
        raise unreadable(file, f"holds several statistics: {', '.join(statistics)}")
    return str(statistics[0]), str(found["label"].iloc[0])


def _indicator(statistic: str, codes: Codes, meaning: str) -> tuple[str, dict[str, str]]:
    """Return the indicator, and the codes of other dimensions it is made of."""
    for code, ours in codes["indicator"].items():
        name, _, rest = code.partition("/")
        if name == statistic and meaning in ("", ours):
            return ours, dict(part.split("=") for part in rest.split(",") if part)
    if not meaning:
        reason = f"is needed: no table of ours says what {statistic} counts; see ewm describe"
        raise ParameterError("indicator", "", reason=reason)
    return meaning, {}


def _ours(
    found: pd.DataFrame,
    codes: Codes,
    reference: Reference,
    asked: Mapping[str, str],
    left_out: Counter[str],
) -> pd.DataFrame:
    """Return the rows of our regions, undivided but by branch of industry."""
    rows = found[FIXED].assign(region="", activity_code="")
    wanted = pd.Series(True, index=found.index)
    for name in found.columns.drop(FIXED):
        fits = (ours for code, ours in codes["dimension"].items() if fnmatchcase(name, code))
        role, cells = next(fits, ""), found[name].fillna("")
        if column := {"region": "region", "activity": "activity_code"}.get(role):
            rows[column] = rows[column].mask(cells != "", cells)
        elif role != "ignored":
            wanted &= cells.isin([asked[name]] if name in asked else TOTALS)
    brandenburg = reference.districts.query("state == 'bb'")
    keys = pd.concat([brandenburg["nuts3"], brandenburg["ags"]])
    known = codes["region"] | dict(zip(keys, [*brandenburg["ags"]] * 2, strict=True))
    rows["region"] = rows["region"].map(known)
    elsewhere = wanted & rows["region"].isna()
    left_out["other breakdowns"] += int((~wanted).sum())
    left_out["other regions"] += int(elsewhere.sum())
    return rows[wanted & ~elsewhere]


def _values(
    rows: pd.DataFrame, counted: str, codes: Codes, left_out: Counter[str], file: str
) -> pd.DataFrame:
    """Return year, value and marks of each row; signs for "no value" are left out."""
    times = rows["time"].str.extract(rf"^(?:{TIMES})$")
    rows = rows.assign(
        year=times[1].fillna(times[2]),
        day=times[0].fillna(times[3]).fillna(""),
        activity=rows["activity_code"].map(_branch),
    )
    _refuse_strange(rows, codes, file)
    rows["marks"] = [{codes["flag"][mark] for mark in cell} for cell in rows["flag"]]
    is_secret = rows["marks"].map(lambda marks: "missing" in marks).astype(bool)
    reason = rows["value"].map(NO_VALUE).fillna(is_secret.map({True: "confidential", False: ""}))
    if counted in AT_A_DAY:
        reason = reason.mask(~rows["day"].isin(JUNE), "another day than 30 June")
    left_out.update(reason[reason != ""])
    rows = rows[reason == ""]
    marks = rows["marks"]
    numbers = rows["value"].replace(NOTHING, "0").str.replace(",", ".").astype(float)
    factors = rows["unit"].map(codes["unit"]).fillna("1").astype(float)
    return rows[["region", "activity"]].assign(
        year=rows["year"].astype(int),
        # A thousand times 0.92 is 920, not 920.0000000000001; NumPy rounds otherwise.
        value=[round(value * by, 2) for value, by in zip(numbers, factors, strict=True)],
        precision=["approximate" if "approximate" in each else "exact" for each in marks],
        is_provisional=["provisional" in each for each in marks],
        note=(" flag " + rows["flag"])
        .where(marks.map(lambda each: "note" in each), "")
        .str.strip(),
    )


def _refuse_strange(rows: pd.DataFrame, codes: Codes, file: str) -> None:
    """Refuse cells that cannot be read, all at once, in the order of the rows."""
    units, flags = codes["unit"], codes["flag"]
    is_value = rows["value"].isin([*NO_VALUE, NOTHING]) | rows["value"].str.fullmatch(NUMBER)
    wrong = {
        "time": (rows["year"].isna(), "must be a year, or a day such as 30.06.2021 or 2021-06-30"),
        "value": (~is_value, "must be a number without thousands, or a sign for none"),
        "unit": (~rows["unit"].isin(["", *units]), f"allowed: {', '.join(units)}"),
        "flag": (~rows["flag"].map({*flags}.issuperset), f"allowed: {', '.join(flags)}"),
        "activity_code": (
            rows["activity"].isna(),
            "must be a section, a range of sections or a code of WZ 2008",
        ),
    }
    failures = [
        Failure(file, line, name, str(cell), told)
        for name, (is_wrong, told) in wrong.items()
        for line, cell in rows.loc[is_wrong.to_numpy(bool), name].items()
    ]
    if failures:
        raise ContractError(sorted(failures, key=lambda one: one.line))


def _branch(code: str) -> str | None:
    """Return a branch as WZ 2008 writes it: "WZ08-B" is "B", "1011" is "10.11"; empty for all."""
    if code in TOTALS:
        return ""
    if match := re.fullmatch(SECTIONS, code):
        return "-".join(part for part in match.groups() if part)
    if match := re.fullmatch(DIGITS, code):
        return ".".join(part for part in match.groups() if part)
    return None


LETTERS = "ABCDEFGHIJKLMNOPQRSTU"


def _economy_rows(
    values: pd.DataFrame, counted: str, reference: Reference, delimitation: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return rows of the economy table, and how often a branch found no place in them.

    The rows are totals, sector blocks and clusters of each region. A sector block is made of the
    codes of the file that fill it exactly and do not overlap; a cluster of all branches of its
    delimitation. Where one of them is missing there is no row.
    """
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
    table = pd.DataFrame(rows).assign(indicator=counted, unit=indicator(counted).unit)
    return table.reindex(columns=[*Economy.columns]), unused


def _refuse_contradictions(values: pd.DataFrame, file: str) -> None:
    distinct = values.drop_duplicates(["year", "region", "activity", "value"])
    reason = "another value stands for {}, {}, {}"
    failures = [
        Failure(
            file,
            int(row.Index),
            "value",
            shown(row.value),
            reason.format(row.region, row.year, row.activity or "all"),
        )
        for row in distinct[distinct.duplicated(["year", "region", "activity"])].itertuples()
    ]
    if failures:
        raise ContractError(failures)


def _blocks(sectors: Sequence[str], codes: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each sector block that codes of the file fill exactly, and these codes."""
    sections = {code: letters for code in codes if (letters := _letters(code))}
    largest_first = sorted(sections, key=lambda code: -len(sections[code]))
    for name in sectors:
        chosen, missing = [], {*_letters("-".join(name.replace("-", "")))}
        for code in largest_first:
            if missing.issuperset(sections[code]):
                chosen.append(code)
                missing -= {*sections[code]}
        if chosen and not missing:
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
        # 10.1 lies within 10
        codes = [
            code
            for code in rows["wz"]
            if not any(code != other and code.startswith(other) for other in rows["wz"])
        ]
        if regions[cluster] in (region, "bebb") and by_code.keys() >= {*codes}:
            cell = {"cluster_id": str(cluster), "scope": str(scope), "sector": ""}
            yield {**cell, "delimitation": "other", "note": f"WZ {', '.join(codes)}"}, codes


def _sum(parts: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Add up parts; the sum is no better than the worst of them."""
    notes = dict.fromkeys(str(part["note"]) for part in parts if part["note"])
    exact = all(part["precision"] == "exact" for part in parts)
    return {
        "value": round(sum(float(str(part["value"])) for part in parts), 2),
        "precision": "exact" if exact else "approximate",
        "is_provisional": any(part["is_provisional"] for part in parts),
        "note": "; ".join(notes),
        "delimitation": "official",
        "mention": 1,
    }
