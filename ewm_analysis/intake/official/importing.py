"""The importer of official statistics: files of GENESIS and Eurostat to rows of ``economy/``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator, indicators
from ewm_analysis.contracts import Economy, check, check_references
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.contracts.mappings import Delimitation, StatisticCodes
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.files import move_in, staged
from ewm_analysis.intake.mappings import load_mapping, load_shipped
from ewm_analysis.intake.official.files import READERS
from ewm_analysis.intake.official.rows import KEY, economy_rows
from ewm_analysis.intake.official.values import read_values
from ewm_analysis.intake.packed import table_within
from ewm_analysis.intake.writing import typed_rows, with_own_sources, write_table
from ewm_analysis.l10n import text
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import read_text
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
    if target.is_file():
        raise ParameterError("data", str(target), reason="is a file; name a folder")
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
    with staged(target) as made:
        if target.is_dir():
            shutil.copytree(target, made, ignore=shutil.ignore_patterns("originals", ".*"))
        write_table(table, made / ECONOMY)
        write_table(sources, made / SOURCES)
        if not (made / DESCRIPTOR).is_file():
            (made / DESCRIPTOR).write_text(json.dumps(_head(target)), encoding="utf-8")
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
