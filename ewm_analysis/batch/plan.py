"""The plan: one run for each notebook, data set, year, cluster and language that has data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from ewm_analysis.batch import spans
from ewm_analysis.batch.notebooks import find_notebooks, parameters_of
from ewm_analysis.catalogue import indicator
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders import Dataset
from ewm_analysis.parameters import RunParameters
from ewm_analysis.project import ALL, check_path_name

COVERING = {"projects", "activities", "actors"}
"""Groups of published figures that make an annual report worth its paper."""

COMPARISONS = {"30_comparison"}
"""Notebooks that hold clusters against each other: a year takes two clusters with figures."""

ECONOMY_ALONE = (
    "Figures of the economy alone make a page on growth, for clusters with two years: import "
    "them into a data set with projects, or look at them in notebooks/exploration/explore.ipynb."
)

ORGANISATION_FILTERS = {"state", "field"}
"""A notebook that takes these is about organisations."""


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters: what is run, on which files, and where it goes."""

    notebook: Path
    parameters: Mapping[str, object]
    data_set: str
    cluster_label: str
    inputs: tuple[Path, ...]
    folder: Path
    key: Mapping[str, str] = field(default_factory=dict)

    @property
    def year(self) -> str:
        """Return the year as it stands in the path."""
        return _year(self.parameters)

    @property
    def cluster_id(self) -> str:
        """Return the cluster as it stands in the path."""
        return str(self.parameters.get("cluster_id", ALL))

    @property
    def locale(self) -> str:
        """Return the language."""
        return str(self.parameters["locale"])

    def __str__(self) -> str:
        return f"{self.data_set} {self.year} {self.cluster_id} {self.notebook.stem} {self.locale}"


def plan_runs(
    data_sets: Sequence[Dataset],
    root: Path,
    outputs: Path,
    *,
    years: Sequence[int] = (),
    clusters: Sequence[str] = (),
    notebooks: Sequence[str] = (),
    locales: Sequence[str] = (),
    internal: bool = False,
) -> list[Run]:
    """Return the runs that have data, by data set, year, cluster, notebook and language.

    Parameters
    ----------
    data_sets : sequence of Dataset
        The chosen data sets.
    root : Path
        Folder of the project; the notebooks are its ``notebooks/NN_*.ipynb``.
    outputs : Path
        Folder that receives the results.
    years, clusters, notebooks, locales : sequence, optional
        Keeps only these; all by default. A page on several years belongs to the last one.
    internal : bool
        Show confidential figures, too.

    Raises
    ------
    ParameterError
        If something named exists in none of the data sets, a notebook's parameter is unknown or
        has no type, or a name cannot be a folder's. Nothing has run then.
    MissingDataError
        If nothing remains to be run.
    """
    names = [data_set.name for data_set in data_sets]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError("data", name, reason="is the name of two of the folders given")
    found = find_notebooks(root)
    _refuse_unknown("notebook", notebooks, found)
    _refuse_unknown("locale", locales, LOCALES)
    chosen = [path for name, path in found.items() if not notebooks or name in notebooks]
    takes = {path: parameters_of(path) for path in chosen}
    covered = {data_set.name: coverage(data_set) for data_set in data_sets}
    _refuse_unknown("year", years, sorted({year for keys in covered.values() for year, _ in keys}))
    known = (data_set.reference.clusters["cluster_id"] for data_set in data_sets)
    _refuse_unknown("cluster", clusters, dict.fromkeys(name for names in known for name in names))
    # A page across clusters does not belong to a named cluster, unless it is named itself.
    skip_across = bool(clusters) and not notebooks
    runs = []
    for data_set in data_sets:
        keys = [
            (year, cluster)
            for year, cluster in covered[data_set.name]
            if (not years or year in years) and (not clusters or cluster in clusters)
        ]
        compared = _comparable(keys, covered[data_set.name])
        for notebook in chosen:
            own = compared if notebook.stem in COMPARISONS else keys
            pages = (
                spans.span_pages(data_set, years, clusters)
                if set(takes[notebook]) >= spans.TAKES
                else _pages(data_set, own, takes[notebook], skip_across)
            )
            for key, locale in product(pages, locales or LOCALES):
                given = {**key, "locale": locale, "data_dir": _data_dir(data_set, root)}
                given |= {"internal": True} if internal and "internal" in takes[notebook] else {}
                runs.append(_run(data_set, notebook, given, outputs))
    if not runs:
        raise MissingDataError(_nothing(data_sets, years, clusters, notebooks))
    order = {name: rank for rank, name in enumerate(_cluster_order(data_sets))}
    return sorted(runs, key=lambda run: (run.data_set, run.year, order[run.cluster_id]))


def coverage(data_set: Dataset) -> list[tuple[int, str]]:
    """Return year and cluster of every annual report that the data can carry.

    That takes records of projects or activities, or at least one published figure on projects,
    activities or actors. Years with economic figures alone only feed growth.
    """
    published = data_set.published
    groups = {name: indicator(name).group for name in published["indicator"].unique()}
    tables = [published[published["indicator"].map(groups).isin(COVERING)]]
    tables += [data_set.records[name] for name in ("projects", "activities")]
    found = {
        (int(year), str(cluster))
        for table in tables
        for year, cluster in zip(table["year"], table["cluster_id"], strict=True)
    }
    return sorted(found)


def _refuse_unknown(name: str, given: Iterable[object], allowed: Iterable[object]) -> None:
    choices = list(allowed)
    for value in given:
        if value not in choices:
            raise ParameterError(name, value, choices)


def _pages(
    data_set: Dataset, keys: Sequence[tuple[int, str]], takes: Iterable[str], skip_across: bool
) -> Iterator[dict[str, object]]:
    """Yield the keys of each page; one about organisations is unfiltered, where there are any."""
    if ORGANISATION_FILTERS.isdisjoint(takes):
        yield from _combinations(keys, takes, skip_across)
    elif not data_set.organisations.empty and not skip_across:
        yield {}


def _comparable(
    keys: Sequence[tuple[int, str]], covered: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Return the keys of years in which at least two clusters have figures."""
    clusters = Counter(year for year, _ in covered)
    return [(year, cluster) for year, cluster in keys if clusters[year] > 1]


def _combinations(
    keys: Sequence[tuple[int, str]], takes: Iterable[str], skip_across: bool
) -> Iterator[dict[str, object]]:
    """Yield year and cluster of each page, as far as the notebook takes them."""
    names = [name for name in ("year", "cluster_id") if name in takes]
    if "cluster_id" not in names and skip_across:
        return
    rows = ({"year": year, "cluster_id": cluster} for year, cluster in keys)
    seen = dict.fromkeys(tuple(row[name] for name in names) for row in rows)
    for values in seen:
        yield dict(zip(names, values, strict=True))


def _data_dir(data_set: Dataset, root: Path) -> str:
    """A folder of the project by its path below it, so that no machine's path is printed."""
    is_inside = data_set.path.is_relative_to(root)
    return (data_set.path.relative_to(root) if is_inside else data_set.path).as_posix()


def _year(given: Mapping[str, object]) -> str:
    """A page on several years stands in the folder of the last one."""
    return str(given.get("year", given.get("last_year", ALL)))


def _run(data_set: Dataset, notebook: Path, given: dict[str, object], outputs: Path) -> Run:
    parameters = RunParameters.check(**given)
    check_path_name("data", data_set.name)
    check_path_name("cluster", str(given.get("cluster_id", ALL)))
    year, cluster = _year(given), str(given.get("cluster_id", ALL))
    locale = parameters.locale
    return Run(
        notebook=notebook,
        parameters=given,
        data_set=data_set.name,
        cluster_label=(
            "" if cluster == ALL else data_set.reference.label("cluster", cluster, locale)
        ),
        inputs=data_set.files,
        folder=outputs / data_set.name / year / cluster / notebook.stem / locale,
    )


def _cluster_order(data_sets: Sequence[Dataset]) -> list[str]:
    names = (data_set.reference.clusters["cluster_id"] for data_set in data_sets)
    return list(dict.fromkeys([ALL, *(name for each in names for name in each)]))


def _nothing(data_sets: Sequence[Dataset], *named: Sequence[object]) -> str:
    where = ", ".join(data_set.name for data_set in data_sets) or "no data set"
    wanted = ", ".join(str(value) for values in named for value in values)
    compares = any(value in COMPARISONS for values in named for value in values)
    is_economy_alone = any(len(data_set.economy) for data_set in data_sets) and not wanted
    hint = ECONOMY_ALONE if is_economy_alone else "'ewm list' shows what there is."
    return (
        f"There is nothing to run: {where} has no records, published figures or portraits "
        f"that the pages need{' for ' if wanted else ''}{wanted}. {hint}"
        f"{' A comparison takes two clusters in the same year.' if compares else ''}"
    )
