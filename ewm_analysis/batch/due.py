"""Which runs are due: a run is up to date while nothing it was made from has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ewm_analysis.batch.folders import FAILED, MANIFEST
from ewm_analysis.batch.manifest import Manifest, read_manifest
from ewm_analysis.batch.plan import Run
from ewm_analysis.hashes import digest, environment_sha256, package_sha256, sha256
from ewm_analysis.loaders import Dataset, fingerprint, part_of

REASONS = {
    "new": "not run yet",
    "failed": "the last run failed",
    "outputs": "an output is missing",
    "notebook": "the notebook changed",
    "package": "the package changed",
    "environment": "a library changed",
    "parameters": "the parameters changed",
    "data": "the data it reads changed",
}
"""Why a run is due, in words."""


def with_keys(runs: Sequence[Run], data_sets: Iterable[Dataset]) -> list[Run]:
    """Return the runs with their keys: what each is made from, part by part, as SHA-256.

    ``data`` covers the rows that the run reads, the reference tables and its commentary, so
    that a cell of another cluster or of a later year leaves it as it is.

    Parameters
    ----------
    runs : sequence of Run
        The plan.
    data_sets : iterable of Dataset
        The data sets of the plan.
    """
    by_name = {data_set.name: data_set for data_set in data_sets}
    parts: dict[tuple[str, object, object], str] = {}
    keyed = []
    for run in runs:
        data_set = by_name[run.data_set]
        cluster_id = run.parameters.get("cluster_id")
        last_year = run.parameters.get("year", run.parameters.get("last_year"))
        read = (run.data_set, cluster_id, last_year)
        if read not in parts:
            parts[read] = _data_key(data_set, cluster_id, last_year)
        own = {"part": parts[read], "commentary": _commentary(data_set, run)}
        key = {
            "notebook": sha256(run.notebook),
            "package": package_sha256(),
            "environment": environment_sha256(),
            "parameters": digest(run.parameters),
            "data": digest(own),
        }
        keyed.append(replace(run, key=key))
    return keyed


def why_due(run: Run) -> str:
    """Return why a run is due, a key of `REASONS`; empty if it is up to date."""
    if (run.folder / FAILED).is_file():
        return "failed"
    if not (run.folder / MANIFEST).is_file():
        return "new"
    try:
        manifest: Manifest = read_manifest(run.folder)
    except ValueError:
        return "outputs"
    for name, mark in run.key.items():
        if manifest.key.get(name) != mark:
            return name
    is_whole = all((run.folder / name).is_file() for name in manifest.outputs)
    return "" if is_whole else "outputs"


def _data_key(data_set: Dataset, cluster_id: object, last_year: object) -> str:
    part = part_of(
        data_set,
        cluster_id=None if cluster_id is None else str(cluster_id),
        last_year=None if last_year is None else int(str(last_year)),
    )
    reference = data_set.reference
    frames = {
        "published": part.published,
        "economy": part.economy,
        "organisations": part.organisations,
        **part.records,
        "corrections": part.corrections,
        "actor_merges": part.actor_merges,
        **{name: getattr(reference, name) for name in _reference_tables(reference)},
    }
    head = {
        "titles": dict(data_set.titles),
        "synthetic": data_set.is_synthetic,
        "disclosure": data_set.disclosure,
        "notices": dict(data_set.notices),
        "not_collected": data_set.not_collected,
        "incomplete_years": data_set.incomplete_years,
    }
    return digest([fingerprint(frames), head, sha256(reference.geometry)])


def _reference_tables(reference: object) -> list[str]:
    return [name for name in vars(reference) if name != "geometry"]


def _commentary(data_set: Dataset, run: Run) -> Mapping[str, str]:
    year, cluster_id = run.parameters.get("year"), run.parameters.get("cluster_id")
    if year is None or cluster_id is None:
        return {}
    return data_set.commentary(int(str(year)), str(cluster_id), run.locale)
