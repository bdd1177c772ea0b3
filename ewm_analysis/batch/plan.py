"""The plan: one run for each notebook, data set, year, cluster and language that has data."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pandas as pd
import papermill
from nbformat import ValidationError

from ewm_analysis.catalogue import indicator
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.indicators import approximations, economy_values, published_values
from ewm_analysis.indicators.long import CELL
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders import Dataset
from ewm_analysis.parameters import RunParameters
from ewm_analysis.project import ALL, check_path_name
from ewm_analysis.statistics.growth import growth_span
from ewm_analysis.statistics.region import NATION, sector_levels

COVERING = {"projects", "activities", "actors"}
"""Groups of published figures that make an annual report worth its paper."""

COMPARISONS = {"30_comparison"}
"""Notebooks that hold clusters against each other: a year takes two clusters with figures."""

SPAN = {"cluster_id", "first_year", "last_year"}
"""A notebook that takes these looks at one cluster from a first to a last year."""

STATES = {"60_regions"}
"""Notebooks on whole regions: they take official figures of some."""

ORGANISATION_FILTERS = {"state", "field"}
"""A notebook that takes these is about organisations."""

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ValidationError)
"""What the libraries raise for a file that is JSON of another kind, or none."""


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters: what is run, on which files, and where it goes.

    ``year`` and ``cluster_id`` are those of the path; of several years it is the last.
    ``is_confidential`` if its records must not be told.
    """

    notebook: Path
    parameters: Mapping[str, object]
    data_set: str
    year: str
    cluster_id: str
    locale: str
    cluster_label: str
    inputs: tuple[Path, ...]
    folder: Path
    key: Mapping[str, str] = field(default_factory=dict)
    is_confidential: bool = False

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
    """Return the runs that have data: real data sets first, and of each the newest year.

    Within a year pages of clusters stand before those across clusters, then by notebook and
    language.

    Parameters
    ----------
    years, clusters, notebooks, locales : sequence, optional
        Keeps only these; all by default. A page on several years belongs to the last one, one
        across clusters to the cluster ``_all``.
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
    if doubled := [name for name in names if names.count(name) > 1]:
        raise ParameterError("data", doubled[0], reason="is the name of two of the folders given")
    found = find_notebooks(root)
    _refuse_unknown("notebook", notebooks, found)
    _refuse_unknown("locale", locales, LOCALES)
    chosen = [path for name, path in found.items() if not notebooks or name in notebooks]
    takes = {path: parameters_of(path) for path in chosen}
    covered = {data_set.name: coverage(data_set) for data_set in data_sets}
    reported = pd.concat(covered.values())["year"].unique() if covered else ()
    _refuse_unknown("year", years, sorted(map(int, reported)))
    known = [name for each in data_sets for name in each.reference.clusters["cluster_id"]]
    order = [*dict.fromkeys(known), ALL]
    _refuse_unknown("cluster", clusters, order)
    runs = []
    for data_set, notebook in product(data_sets, chosen):
        pages = pages_of(data_set, notebook.stem, takes[notebook], covered[data_set.name])
        # A folder of the project is named by its path below it: no machine's path is printed.
        folder = data_set.path
        folder = folder.relative_to(root) if folder.is_relative_to(root) else folder
        for key, locale in product(pages, locales or LOCALES):
            given = {**key, "locale": locale, "data_dir": folder.as_posix()}
            given |= {"internal": True} if internal and "internal" in takes[notebook] else {}
            runs.append(_run(data_set, notebook, given, outputs))
    # A page on all years does not belong to a named year, nor one across clusters to a named
    # cluster, unless it is named itself.
    own = [ALL] if notebooks else []
    if years:
        runs = [run for run in runs if run.year in [*map(str, years), *own]]
    if clusters:
        runs = [run for run in runs if run.cluster_id in [*clusters, *own]]
    if not runs:
        raise MissingDataError(_nothing(data_sets, years, clusters, notebooks))
    is_synthetic = {data_set.name: data_set.is_synthetic for data_set in data_sets}

    def turn(run: Run) -> tuple[bool, str, int, int]:  # what is read first is made first
        year = 0 if run.year == ALL else int(run.year)
        return is_synthetic[run.data_set], run.data_set, -year, order.index(run.cluster_id)

    return sorted(runs, key=turn)


def find_notebooks(root: Path) -> dict[str, Path]:
    """Return the notebooks of a project by name; those in ``exploration/`` are never run.

    Raises
    ------
    MissingDataError
        If there is none.
    """
    found = {path.stem: path for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
    if not found:
        raise MissingDataError(f"There is no notebook NN_name.ipynb in {root / 'notebooks'}.")
    return found


def parameters_of(notebook: Path) -> tuple[str, ...]:
    """Return the parameters that a notebook's cell ``parameters`` declares.

    Raises
    ------
    ParameterError
        If one is unknown to `RunParameters` or has no type, or ``locale`` or ``data_dir`` is
        missing; if the file is no notebook, or names no kernel.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        declared = papermill.inspect_notebook(str(notebook))
    except UNREADABLE as error:
        told = str(error).rstrip(".")
        reason = f"cannot be read: {told}. Open it in JupyterLab with the kernel Python 3, save it"
        raise ParameterError("notebook", notebook.name, reason=reason) from None
    place = f"{notebook.name}: parameter"
    for name, parameter in declared.items():
        if name not in RunParameters.names():
            raise ParameterError(place, name, RunParameters.names())
        if parameter["inferred_type_name"] == "None":
            reason = f"has no type; write '{name}: int' or '{name}: str'"
            raise ParameterError(place, name, reason=reason)
    for name in ("locale", "data_dir"):
        if name not in declared:
            raise ParameterError(place, name, reason="is missing in the cell tagged 'parameters'")
    return tuple(declared)


def coverage(data_set: Dataset) -> pd.DataFrame:
    """Return year and cluster of every annual report that the data can carry.

    That takes records of projects or activities, or at least one published figure on projects,
    activities or actors. Years with economic figures alone only feed growth.
    """
    published = data_set.published
    groups = {name: indicator(name).group for name in published["indicator"].unique()}
    covering = published[published["indicator"].map(groups).isin(COVERING)]
    rows = pd.concat([covering, *_items(data_set)])[CELL].drop_duplicates()
    return rows.astype({"year": int, "cluster_id": object}).sort_values(CELL)


def _items(data_set: Dataset) -> list[pd.DataFrame]:
    return [data_set.records[name] for name in ("projects", "activities")]


def pages_of(
    data_set: Dataset, notebook: str, takes: Collection[str], cells: pd.DataFrame
) -> Iterable[dict[str, object]]:
    """Return what each page of a notebook takes: years and cluster, as far as it takes them.

    A notebook that takes a cluster, but no year, is on its economy: it has a page for each cluster
    of which economic figures are known, in whatever year and delimitation.

    Parameters
    ----------
    takes : collection of str
        The notebook's parameters.
    cells : DataFrame
        As returned by `coverage`.
    """
    names, known = [name for name in CELL if name in takes], {*data_set.economy["cluster_id"]}
    if {*takes} >= SPAN:
        return span_pages(data_set)
    if names == ["cluster_id"]:
        return [{"cluster_id": name} for name in sorted(known - {""})]
    if notebook in COMPARISONS:
        cells = cells[cells.groupby("year")["year"].transform("size") > 1]
    has_pages = not cells.empty
    if notebook in STATES:
        has_pages = "" in known
    elif not ORGANISATION_FILTERS.isdisjoint(takes):  # unfiltered
        has_pages = not data_set.organisations.empty
    rows: list[dict[str, object]] = cells[names].drop_duplicates().to_dict("records")
    return rows if names else [{}] * has_pages


def span_pages(data_set: Dataset) -> Iterator[dict[str, object]]:
    """Yield cluster, first and last year of each page on growth.

    A cluster has a page if one of its key figures is known for two years in one delimitation.
    The page begins with the first of these years, or earlier where employment by sector is
    known before; it ends with the last.
    """
    levels = sector_levels(economy_values(data_set.economy), NATION)
    for cluster, (first, last) in _spans(data_set).items():
        before = [int(year) for year in levels.index if year <= last]
        yield {"cluster_id": cluster, "first_year": min(first, *before, last), "last_year": last}


def _spans(data_set: Dataset) -> dict[str, tuple[int, int]]:
    economic = economy_values(data_set.economy)
    approximated = approximations(economic, data_set.reference)
    values = pd.concat([published_values(data_set.published), economic, approximated])
    ends = {
        str(cluster): [*(growth_span(rows) or ())]
        for cluster, rows in values.groupby("cluster_id")
        if cluster
    }
    rows = pd.concat([table[CELL] for table in _items(data_set)])
    rows = rows[~rows["year"].isin(data_set.incomplete_years)]
    for cluster, years in rows.groupby("cluster_id")["year"]:
        if years.min() < years.max():
            ends.setdefault(str(cluster), []).extend([int(years.min()), int(years.max())])
    return {cluster: (min(own), max(own)) for cluster, own in sorted(ends.items()) if own}


def _refuse_unknown(name: str, given: Iterable[object], allowed: Iterable[object]) -> None:
    choices = list(allowed)
    for value in given:
        if value not in choices:
            raise ParameterError(name, value, choices)


def _run(data_set: Dataset, notebook: Path, given: dict[str, object], outputs: Path) -> Run:
    asked = RunParameters.check(**given)
    year, cluster_id = str(asked.year or asked.last_year or ALL), asked.cluster_id or ALL
    check_path_name("data", data_set.name)
    check_path_name("cluster", cluster_id)
    label = ""
    if cluster_id != ALL:
        label = data_set.reference.label("cluster", cluster_id, asked.locale)
    place = (data_set.name, year, cluster_id)
    folder = outputs.joinpath(*place, notebook.stem, asked.locale)
    described = (*place, asked.locale, label, data_set.files, folder)
    is_confidential = data_set.disclosure != "none"
    return Run(notebook, given, *described, is_confidential=is_confidential)


def _nothing(data_sets: Sequence[Dataset], *named: Sequence[object]) -> str:
    where = ", ".join(data_set.name for data_set in data_sets) or "no data set"
    wanted = ", ".join(str(value) for values in named for value in values)
    compares = any(value in COMPARISONS for values in named for value in values)
    return (
        f"There is nothing to run: {where} has no records, published figures or portraits "
        f"that the pages need{' for ' if wanted else ''}{wanted}. 'ewm list' shows what there is."
        f"{' A comparison takes two clusters in the same year.' if compares else ''}"
    )
