"""What an import writes: a data set beside its place, its tables as the loaders read them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pandas as pd

from ewm_analysis.contracts import (
    DTYPES,
    RECORDS,
    REFERENCE,
    Sources,
    Table,
    check_references,
)
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import ContractError, ParameterError
from ewm_analysis.files import move_in_at_once, staged
from ewm_analysis.l10n import FALLBACK, LOCALES, text
from ewm_analysis.loaders import open_dataset
from ewm_analysis.loaders.amendments import with_row_keys
from ewm_analysis.loaders.files import reference_folder
from ewm_analysis.loaders.read import READERS, empty_table, parse_table, read_text
from ewm_analysis.project import DESCRIPTOR

ORIGINALS = "originals"
"""Folder of a data set with the files that came in, unchanged, by year."""


def refuse_file(target: Path) -> None:
    """Refuse a data set whose name a file has.

    Raises
    ------
    ParameterError
        If the target is a file.
    """
    if target.is_file():
        raise ParameterError("data", str(target), reason="is a file; name a folder")


def refuse_other(target: Path, origin: str) -> None:
    """Refuse to write over what is no data set of an origin.

    Raises
    ------
    ParameterError
        If the target is a file, or holds anything else.
    """
    refuse_file(target)
    file = target / DESCRIPTOR
    head = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if target.exists() and any(target.iterdir()) and head.get("origin") != origin:
        reason = "holds other files, which would be replaced; name a new folder"
        raise ParameterError("data", str(target), reason=reason)


def open_head(target: Path, words: str, **known: object) -> dict[str, object]:
    """Return the head of a data set of open data; what is known fills the messages of `words`."""
    head: dict[str, object] = {"name": target.name.lower().replace(" ", "-")}
    for entry in ("title", "notice"):
        head[entry] = text(f"{words}.{entry}", FALLBACK, **known)
        for locale in LOCALES:
            if locale != FALLBACK:
                head[f"{entry}_{locale}"] = text(f"{words}.{entry}", locale, **known)
    return {**head, "synthetic": False, "disclosure": "none"}


@contextmanager
def data_set_beside(
    target: Path, head: Mapping[str, object], *, anew: bool = False
) -> Iterator[Path]:
    """Yield a data set as it will be, in a folder beside its place; `files.move_in` puts it there.

    Parameters
    ----------
    target : Path
        The data set; it may not exist yet.
    head : mapping
        What the descriptor says, but for the resources, if there is none yet.
    anew : bool
        Begin with nothing; else with a copy of what stands there, but for the originals.
    """
    with staged(target) as made:
        if target.is_dir() and not anew:
            shutil.copytree(target, made, ignore=shutil.ignore_patterns(ORIGINALS, ".*"))
        made.mkdir(exist_ok=True)
        if not (made / DESCRIPTOR).is_file():
            told = json.dumps(head, indent=2, ensure_ascii=False)
            (made / DESCRIPTOR).write_text(told + "\n", encoding="utf-8", newline="\n")
        yield made


@contextmanager
def changed_copy(
    target: Path, head: Mapping[str, object] | None = None, *, anew: bool = False
) -> Iterator[Path]:
    """Yield `data_set_beside` with the shared tables beside it, to be changed and moved in.

    Raises
    ------
    ParameterError
        If the folder cannot be written.
    """
    try:
        with data_set_beside(target, head or {}, anew=anew) as copy:
            shutil.copytree(reference_folder(target), copy.with_name("reference"))
            yield copy
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); all stands there as before"
        raise ParameterError("data", str(target), reason=reason) from None


def write_parts(
    target: Path,
    head: Mapping[str, object],
    files: Mapping[str, pd.DataFrame | str],
    parts: Sequence[str] = (),
) -> None:
    """Write tables and texts, by their places, into a data set: all of them, or none.

    Where `parts` are named, the data set begins anew: what else stands in these is gone. The
    rest of it is left alone, and the descriptor lists what is there.

    Raises
    ------
    ParameterError
        If the folder cannot be written.
    ContractError
        If the data set would break its contracts.
    """
    with changed_copy(target, head, anew=bool(parts)) as made:
        for place, content in files.items():
            if isinstance(content, str):
                (made / place).write_text(content, encoding="utf-8", newline="\n")
            else:
                write_table(content, made / place)
        write_descriptor(made)
        open_dataset(made)
        move_in_at_once(made, target, (*(parts or files), DESCRIPTOR))


def table_of(folder: Path, place: str, contract: Table) -> pd.DataFrame:
    """Return a table of a data set as it stands, or an empty one.

    Raises
    ------
    ParameterError
        If it is kept otherwise than as CSV.
    ContractError
        If it breaks its contract.
    """
    for suffix in READERS:
        if suffix != ".csv" and (folder / f"{place}{suffix}").is_file():
            reason = f"has {place} as {suffix}; save it as CSV first"
            raise ParameterError("data", folder.name, reason=reason)
    file = folder / f"{place}.csv"
    return parse_table(read_text(file), contract) if file.is_file() else empty_table(contract)


def with_own_source(folder: Path, shared: pd.DataFrame, **own: str) -> pd.DataFrame:
    """Return the sources a data set has or shares, with one of its own, new or changed."""
    known = table_of(folder, "reference/sources", REFERENCE["sources"])
    known = shared if known.empty else known
    others = known[known["source_id"] != own["source_id"]]
    table = typed_rows(pd.concat([others, pd.DataFrame([own])]), REFERENCE["sources"])
    return table.sort_values("source_id", ignore_index=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as the loaders read it: Parquet; or UTF-8, comma, point, true and false."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
        return
    flags = table.select_dtypes("boolean").columns
    texts = {name: table[name].map({True: "true", False: "false"}) for name in flags}
    texts |= {name: table[name].map(_plain) for name in table.select_dtypes("Float64").columns}
    plain = table.assign(**texts)
    plain.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _plain(value: float) -> str:
    """Write a number without exponent, whole ones without a point, zero without a sign."""
    return "" if pd.isna(value) else np.format_float_positional(value + 0.0, trim="-")


def name_corrected_rows(copy: Path, folder: Path) -> list[str]:
    """Let corrections of a year's tables name their rows by key: lines are about to change.

    Returns the files to be moved in.
    """
    file = copy / "corrections.csv"
    if not (file.is_file() and folder.is_dir()):
        return []
    listed = before = read_text(file).frame
    if not {"file", "line", "column", "old", "new"} <= {*before}:  # told where the whole is checked
        return []
    for stem, contract in RECORDS.items():
        if (table := folder / f"{stem}.csv").is_file():
            name = table.relative_to(copy).as_posix()
            listed = with_row_keys(listed, name, read_text(table), contract)
    if listed.equals(before.assign(key=before.get("key", ""))):
        return []
    write_table(listed, file)
    return [file.name]


def typed_rows(rows: pd.DataFrame, contract: Table) -> pd.DataFrame:
    """Return rows in the columns, order and types of a contract; text that is missing is empty."""
    columns = contract.columns.values()
    dtypes = {column.name: DTYPES[column.kind] for column in columns}
    typed = rows.reindex(columns=[*dtypes]).astype(dtypes)
    texts = [column.name for column in columns if column.kind in ("text", "date")]
    typed[texts] = typed[texts].fillna("")
    return typed


def load_mapping(
    name: str,
    contract: Table,
    clusters: pd.DataFrame | None = None,
    path: Path | None = None,
) -> pd.DataFrame:
    """Return a table of ``tables/``, or the one of `path` in its stead.

    Raises
    ------
    ContractError
        With all failures of the table; where `clusters` are given, also of clusters unknown.
    """
    with as_file(files(__package__) / "tables" / f"{name}.csv") as shipped:
        text = read_text(path or shipped)
    table = parse_table(text, contract)
    if clusters is not None:
        known = {"clusters": clusters}
        failures = check_references(table, contract, known, file=text.file, lines=text.lines)
        if failures:
            raise ContractError(failures)
    return table


def publisher_of(system: str) -> dict[str, str]:
    """Return who publishes files of a system, and under which licence, as a row of sources."""
    publishers = load_mapping("publishers", Sources).set_index("source_id")
    return {str(column): str(cell) for column, cell in publishers.loc[system].items()}
