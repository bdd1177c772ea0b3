"""What a batch leaves: manifests, which runs are due by them, and the long table.

A run is up to date while nothing it was made from has changed; its output is whole while every
file is as its manifest says.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from ewm_analysis.batch.folders import EXECUTED, FAILED, MANIFEST, secret_of
from ewm_analysis.batch.plan import Run
from ewm_analysis.contracts import IndicatorValues
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import MissingDataError, RunError
from ewm_analysis.files import (
    digest,
    environment_sha256,
    hashes,
    is_whole,
    library_versions,
    package_sha256,
    sha256,
    written,
)
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset, fingerprint, part_of, told_apart
from ewm_analysis.parameters import RunParameters
from ewm_analysis.report.bundles import Contents, named
from ewm_analysis.report.page import REPORT
from ewm_analysis.report.printing import DOCUMENTS, PNG, SUMMARY
from ewm_analysis.report.site import SUMS, note_sums, noted_sums, without_links

LONG_TABLE = "indicators.parquet"
AUDIT = "disclosure-audit.csv"
"""Every confidential figure with its value and the reason; written for internal use only."""

ON_REQUEST = {SUMMARY, *(Path(REPORT).stem + suffix for suffix in DOCUMENTS.values())}
UNRECORDED = {MANIFEST, FAILED, *ON_REQUEST}
"""Files of a run that its manifest does not name; nor does it pictures on request."""

PUBLIC = {"published", "economy", "organisations", "commentary"}
"""Parts of a data set that hold no records, whatever it says of disclosure."""

REASONS = {
    "new": "not run yet",
    "failed": "the last run failed",
    "outputs": "an output is missing or damaged",
    "notebook": "the notebook changed",
    "package": "the package changed",
    "environment": "a library changed",
    "parameters": "the parameters changed",
    "data": "the data it reads changed",
}
"""Why a run is due, in words."""


class Manifest(BaseModel):
    """Everything needed to tell a run from another, and to repeat it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["ok"]
    key: dict[str, str]
    notebook: str
    notebook_sha256: str
    parameters: dict[str, Any]
    page: dict[str, Any]
    shows: list[tuple[str, str]]
    is_confidential: bool
    cluster_label: str
    package_version: str
    package_sha256: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    sizes: dict[str, int]
    libraries: dict[str, str]
    python: str
    git_commit: str | None
    started: str
    seconds: float
    own_sha256: str = ""
    """Over all the rest, so that a damaged manifest tells nothing."""

    def sealed(self) -> Manifest:
        """Return the manifest with its own hash."""
        rest = self.model_dump(exclude={"own_sha256"})
        return self.model_copy(update={"own_sha256": digest(rest)})


def write_manifest(
    run: Run, contents: Contents, folder: Path, root: Path, started: str, seconds: float
) -> None:
    """Write ``manifest.json`` of a run whose products lie in `folder`, not yet moved into place.

    `started` is the beginning, ISO 8601 in UTC. Files are named by their path below `root`.
    """
    products = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = Manifest(
        status="ok",
        key=dict(run.key),
        notebook=run.notebook.stem,
        notebook_sha256=sha256(run.notebook),
        parameters={**run.parameters, "data_dir": named(str(run.parameters["data_dir"]))},
        page=asdict(contents.page),
        shows=contents.shows,
        is_confidential=run.is_confidential,
        cluster_label=run.cluster_label,
        package_version=version("ewm_analysis"),
        package_sha256=package_sha256(),
        inputs=_inputs(run, root),
        outputs=hashes(products, folder),
        sizes={path.relative_to(folder).as_posix(): path.stat().st_size for path in products},
        libraries=library_versions(),
        python=platform.python_version(),
        git_commit=_git_commit(root),
        started=started,
        seconds=round(seconds, 3),
    )
    told = json.dumps(manifest.sealed().model_dump(), ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(told + "\n", "utf-8", newline="")


def _inputs(run: Run, root: Path) -> dict[str, str]:
    """Name files elsewhere by their path below the folder that holds the data set.

    The hash of confidential records would confirm whoever guesses them: it is left out.
    """
    own = root / Path(str(run.parameters["data_dir"]))
    holds = own.parent

    def name(path: Path) -> str:
        base = next((base for base in (root, holds) if path.is_relative_to(base)), None)
        return (path.relative_to(base) if base else Path(*path.parts[-2:])).as_posix()

    def is_told(path: Path) -> bool:
        is_open = not path.is_relative_to(own) or path.relative_to(own).parts[0] in PUBLIC
        return is_open or not run.is_confidential

    return {name(path): sha256(path) for path in run.inputs if is_told(path)}


@cache
def _git_commit(root: Path) -> str | None:
    """The commit that is checked out, or None outside a repository."""
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() or None


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the last good run in a folder.

    Raises
    ------
    MissingDataError
        If nothing was run there with success.
    ValueError
        If it is not as it was written.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise MissingDataError(f"{folder} holds no manifest: no run has succeeded there.")
    manifest = Manifest.model_validate_json(path.read_text("utf-8"))
    if manifest != manifest.sealed():
        raise ValueError(f"{path} was changed")
    return manifest


def files_of(folder: Path) -> list[Path]:
    """Return the manifest in a folder and the files that it names."""
    return [folder / name for name in (MANIFEST, *read_manifest(folder).outputs)]


def with_keys(runs: Sequence[Run], data_sets: Iterable[Dataset]) -> list[Run]:
    """Return the runs with their keys: what each is made from, part by part, as SHA-256.

    ``data`` covers the rows that the run reads, the reference tables and its commentary, so
    that a cell of another cluster or of a later year leaves it as it is. Of confidential records
    it is keyed: whoever guesses them all cannot tell by it.
    """
    by_name = {data_set.name: data_set for data_set in data_sets}
    apart = cache(lambda name: told_apart(by_name[name]))
    part_key = cache(lambda name, *read: _part_key(apart(name), *read))
    secret = cache(lambda name: secret_of(by_name[name].path))
    keyed = []
    for run in runs:
        asked = RunParameters.check(**run.parameters)
        year, cluster_id = asked.year or asked.last_year, asked.cluster_id
        words: Mapping[str, object] = {}
        if asked.year and cluster_id:
            words = by_name[run.data_set].commentary(asked.year, cluster_id, asked.locale)
        key = {
            "notebook": sha256(run.notebook),
            "package": package_sha256(),
            "environment": environment_sha256(),
            "parameters": digest(run.parameters),
            "data": digest([secret(run.data_set), part_key(run.data_set, cluster_id, year), words]),
        }
        keyed.append(replace(run, key=key))
    return keyed


def _part_key(data_set: Dataset, cluster_id: str | None, last_year: int | None) -> str:
    """Return one SHA-256 over all that is known of the part, but for where it was read."""
    part = part_of(data_set, cluster_id=cluster_id, last_year=last_year)
    known = {f.name: getattr(each, f.name) for each in (part, part.reference) for f in fields(each)}
    known |= part.records
    for name in ("name", "path", "files", "reference", "records", "commentaries"):
        del known[name]
    geometry = known.pop("geometry")
    frames = {name: each for name, each in known.items() if isinstance(each, pd.DataFrame)}
    head = {name: each for name, each in known.items() if name not in frames}
    return digest([fingerprint(frames), head, sha256(geometry)])


def why_due(run: Run) -> str:
    """Return why a run is due, a key of `REASONS`; empty if it is up to date."""
    if (run.folder / FAILED).is_file():
        return "failed"
    if not (run.folder / MANIFEST).is_file():
        return "new"
    try:
        manifest = read_manifest(run.folder)
    except ValueError:
        return "outputs"
    for name, mark in run.key.items():
        if manifest.key.get(name) != mark:
            return name
    are_whole = all(is_whole(run.folder / name, size) for name, size in manifest.sizes.items())
    return "" if are_whole else "outputs"


@dataclass(frozen=True)
class Difference:
    """A file that is not as its manifest says."""

    path: Path
    kind: str
    """One of ``differs``, ``missing``, ``extra``, ``unreadable``."""


def verify_outputs(outputs: Path) -> tuple[int, list[Difference]]:
    """Hash every output again; return how many were recorded, and what is not as recorded.

    The links between pages are added after hashing and do not count. Pages of all reports and
    long tables are held against ``SHA256SUMS``.

    Raises
    ------
    MissingDataError
        If no run has succeeded there.
    """
    manifests = sorted(outputs.glob(f"*/*/*/*/*/{MANIFEST}"))
    if not manifests:
        raise MissingDataError(f"{outputs} holds no manifest: no run has succeeded there.")
    count, found = 0, []
    for path in manifests:
        try:
            recorded = read_manifest(path.parent).outputs
        except ValueError:
            found.append(Difference(path, "unreadable"))
            continue
        count += len(recorded)
        found += _differences(path.parent, recorded)
    noted = noted_sums(outputs)
    for name, mark in noted.items():
        path = outputs / name
        if not path.is_file() or sha256(path) != mark:
            found.append(Difference(path, "differs" if path.is_file() else "missing"))
    return count + len(noted), found


def _differences(folder: Path, recorded: dict[str, str]) -> list[Difference]:
    all_files = (path for path in folder.rglob("*") if path.is_file())
    files = (path.relative_to(folder) for path in all_files if path.suffix != PNG)
    there, named = {path.as_posix() for path in files} - UNRECORDED, recorded.keys()
    differs = {name for name in there & named if _hash(folder / name) != recorded[name]}
    kinds = {"missing": named - there, "extra": there - named, "differs": differs}
    return [
        Difference(folder / name, kind) for kind, names in kinds.items() for name in sorted(names)
    ]


def _hash(path: Path) -> str:
    if path.name != REPORT:
        return sha256(path)
    # As bytes: a damaged page need not be text.
    return hashlib.sha256(without_links(path.read_bytes())).hexdigest()


def copy_for_readers(outputs: Path, made: Path) -> None:
    """Copy what readers get into a new folder: what runs recorded, and what was made of that.

    Whatever else lies there stays behind, and so do executed notebooks and the manifests of
    confidential records.

    Parameters
    ----------
    outputs : Path
        Folder of all results; each file must be as it was written.
    made : Path
        Folder that does not exist yet.

    Raises
    ------
    RunError
        If an output was changed or is missing.
    """
    if differences := verify_outputs(outputs)[1]:
        told = f"{len(differences)} files in {outputs} are not as they were written"
        raise RunError(f"{told}, so nothing was published: 'ewm verify' names them.")
    for path in _for_readers(outputs):
        place = made / path.relative_to(outputs)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)


def _for_readers(outputs: Path) -> Iterator[Path]:
    yield outputs / SUMS
    yield from (outputs / name for name in noted_sums(outputs))
    for path in outputs.glob(f"*/*/*/*/*/{MANIFEST}"):
        manifest = read_manifest(path.parent)
        files = [path.parent / name for name in manifest.outputs if name != EXECUTED]
        pictures = (file.with_suffix(PNG) for file in files if file.suffix == ".svg")
        documents = map(path.with_name, sorted(ON_REQUEST))
        yield from (*files, *filter(Path.is_file, [*documents, *pictures]))
        if not manifest.is_confidential:
            yield path


def write_indicators(dataset: Dataset, outputs: Path, *, internal: bool = False) -> Path:
    """Write ``<outputs>/<data set>/indicators.parquet``; the same data give the same bytes.

    The rows keep the contract `IndicatorValues`, sorted by all columns of its key; each column
    carries its titles and its meaning as metadata of the field, the file whether the data set
    is synthetic. Confidential figures have no value, unless `internal`; then
    ``disclosure-audit.csv`` beside the file tells which they are, and why.
    """
    columns = IndicatorValues.columns
    key = IndicatorValues.key
    open_to_all = suppress(compute_indicators(dataset), dataset, internal=internal)
    values = open_to_all.table().sort_values(key, kind="stable", ignore_index=True)
    table = pa.Table.from_pandas(values, preserve_index=False)
    fields = []
    for each in table.schema:
        column = columns[each.name]
        told = {f"title_{locale}": title for locale, title in column.title.items()}
        told |= {"description": column.description, "unit": column.unit}
        fields.append(each.with_metadata(told))
    head = {
        "data_set": dataset.name,
        **{f"title_{locale}": title for locale, title in dataset.titles.items()},
        "synthetic": str(dataset.is_synthetic).lower(),
    }
    target = outputs / dataset.name / LONG_TABLE
    target.parent.mkdir(parents=True, exist_ok=True)
    if internal:
        open_to_all.audit.to_csv(target.with_name(AUDIT), index=False, lineterminator="\n")
    with written(target) as beside:
        pq.write_table(table.cast(pa.schema(fields, metadata=head)), beside)
    note_sums(outputs, target)
    return target
