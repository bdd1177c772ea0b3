"""A synthetic data set in its folder: same arguments, same bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ewm_analysis.contracts import Economy
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.example.economy import draw_economy
from ewm_analysis.example.records import draw_records, typed
from ewm_analysis.example.targets import MET
from ewm_analysis.files import move_in, staged
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.project import DESCRIPTOR

PRINTED = "data/capital-region"
"""The data set whose printed figures are copied, for the clusters of the met list."""

HEAD = "head.json"
"""What the descriptor says of the data set; lies beside this module."""


def write_example(
    folder: Path,
    *,
    seed: int,
    clusters: Sequence[str],
    first_year: int,
    last_year: int,
    projects_per_year: int,
    partitioned: bool = False,
) -> None:
    """Write a complete synthetic data set; the same arguments give the same bytes.

    Parameters
    ----------
    folder : Path
        Where to write; an example that stands there is replaced as a whole.
    seed : int
        Start of the random numbers.
    clusters : sequence of str
        Joint or Brandenburg clusters.
    first_year, last_year : int
        Reporting years of the records, both included.
    projects_per_year : int
        New projects of a joint cluster in a year, on average; a Brandenburg cluster has 40 %.
        Cells of the met list keep their printed number.
    partitioned : bool
        Write the records as ``records/<year>/<table>.parquet`` instead of CSV; projects and
        activities have one row group a cluster, so that a reader may skip the others.

    Raises
    ------
    ParameterError
        If a cluster is not known, years or numbers are impossible, or the folder holds
        anything but an example written before.
    MissingDataError
        If the reference tables or the printed figures are not found.

    Examples
    --------
    >>> import tempfile
    >>> from ewm_analysis.example import EXAMPLE
    >>> parent = tempfile.TemporaryDirectory()
    >>> write_example(Path(parent.name) / "small", **{**EXAMPLE, "clusters": ["gw", "op"]})
    >>> sorted(path.name for path in Path(parent.name, "small").iterdir())
    ['datapackage.json', 'economy', 'records']
    >>> parent.cleanup()
    """
    _check_replaceable(folder)
    reference = load_reference(resolve_data_dir("data/reference"))
    chosen = _chosen(reference.clusters, clusters)
    years = range(first_year, last_year + 1)
    if not years:
        raise ParameterError("last_year", last_year, reason=f"is before {first_year}")
    for name, value, least in (("seed", seed, 0), ("projects_per_year", projects_per_year, 1)):
        if value < least:
            raise ParameterError(name, value, reason=f"is below {least}")
    rng = np.random.Generator(np.random.PCG64(seed))
    records = draw_records(rng, chosen, years, projects_per_year, reference)
    economy = typed(draw_economy(rng, chosen, years), Economy)
    with staged(folder) as made:
        for stem, table in records.items():
            for year, rows in table.groupby("year"):
                place = made / "records" / str(year) / stem
                (_write_parquet if partitioned else _write_csv)(rows, place)
        _write_csv(economy, made / "economy" / "economy")
        _copy_printed(made / "published" / "figures.csv", chosen["cluster_id"], years)
        (made / DESCRIPTOR).write_bytes(files(__package__).joinpath(HEAD).read_bytes())
        write_descriptor(made)
        move_in(made, folder)


def _check_replaceable(folder: Path) -> None:
    """Only an example may be written over."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    file = folder / DESCRIPTOR
    head = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if (head.get("name"), head.get("synthetic")) != ("example", True):
        reason = "holds other files and would be replaced; name a new folder"
        raise ParameterError("folder", str(folder), reason=reason)


def _chosen(known: pd.DataFrame, clusters: Sequence[str]) -> pd.DataFrame:
    known = known[known["kind"].isin(["joint", "brandenburg"])].sort_values("position")
    for cluster in clusters or [""]:
        if cluster not in set(known["cluster_id"]):
            raise ParameterError("clusters", cluster, known["cluster_id"])
    return known[known["cluster_id"].isin([*clusters])]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return whole numbers as such: all amounts here are whole euros."""
    amounts = table.select_dtypes("Float64").columns
    return table.astype(dict.fromkeys(amounts, "Int64"))


def _write_csv(table: pd.DataFrame, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    flags = table.select_dtypes("boolean").columns
    texts = {name: table[name].map({True: "true", False: "false"}) for name in flags}
    plain = _plain(table).assign(**texts)
    plain.to_csv(place.with_suffix(".csv"), index=False, lineterminator="\n", encoding="utf-8")


def _write_parquet(table: pd.DataFrame, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    groups = [table]
    if "cluster_id" in table:
        groups = [rows for _, rows in table.groupby("cluster_id")]
    parts = [pa.Table.from_pandas(_plain(rows), preserve_index=False) for rows in groups]
    schema = parts[0].schema.remove_metadata()
    with pq.ParquetWriter(place.with_suffix(".parquet"), schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(part.replace_schema_metadata())


def _copy_printed(target: Path, clusters: pd.Series, years: range) -> None:
    """Copy the printed figures of clusters and years whose records meet them."""
    cells = {(cluster, str(year)) for cluster in clusters for year in years}
    if not cells & {(cluster, str(year)) for cluster, year in MET}:
        return
    source = resolve_data_dir(PRINTED) / "published" / "figures.csv"
    if not source.is_file():
        raise MissingDataError(f"The printed figures are missing: {source}.")
    with source.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    cluster, year = header.index("cluster_id"), header.index("year")
    met = {name for name, _ in MET}
    kept = [row for row in rows if row[cluster] in met and (row[cluster], row[year]) in cells]
    target.parent.mkdir(parents=True)
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *kept])
