"""The importer of CORDIS: EU-funded projects of the region as a data set of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ewm_analysis.contracts.mappings import ClusterRules
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.files import move_in, staged
from ewm_analysis.intake.cordis.clusters import cluster_of, match_clusters
from ewm_analysis.intake.cordis.files import read_cordis
from ewm_analysis.intake.cordis.folder import ORIGIN, PARTS, origin_of, write_parts
from ewm_analysis.intake.cordis.places import STATES
from ewm_analysis.intake.cordis.records import CordisRecords, make_records
from ewm_analysis.intake.mappings import load_mapping
from ewm_analysis.loaders import load_reference, resolve_data_dir


def import_cordis(
    folders: Sequence[Path],
    target: Path,
    *,
    regions: Sequence[str],
    incomplete: Sequence[int] = (),
    rules: Path | None = None,
) -> CordisRecords:
    """Write the EU-funded projects with partners in a region as a data set, and return them.

    Parameters
    ----------
    folders : sequence of Path
        A folder for each programme with the CSV files as CORDIS publishes them, or its ZIP.
    target : Path
        The data set. One that was imported before is replaced; commentary and figures of
        official statistics in it are kept.
    regions : sequence of str
        Beginnings of NUTS codes within Berlin and Brandenburg: ``DE3``, ``DE4``, ``DE404``.
    incomplete : sequence of int, optional
        Years of which the files hold a part only; the last one always counts as such.
    rules : Path, optional
        Table `ClusterRules` that stands in for the shipped one.

    Raises
    ------
    ParameterError
        If a region lies elsewhere, a folder holds no files of CORDIS, an incomplete year has no
        project, or the target holds another data set.
    MissingDataError
        If no project has a partner in the regions.
    ContractError
        With all failures of all files, by line and column.
    """
    shared = load_reference(resolve_data_dir("data/reference"))
    _check_regions(regions, shared.districts["nuts3"])
    _check_target(target)
    ruled = load_mapping("cordis_clusters", ClusterRules, shared.clusters, rules)
    tables = read_cordis(folders)
    matches = match_clusters(tables, ruled)
    made = make_records(tables, cluster_of(matches), regions, shared)
    if made.records["projects"].empty:
        raise MissingDataError(
            f"No project in {', '.join(str(folder) for folder in folders)} has a partner in "
            f"{', '.join(regions)} and a start date."
        )
    years = sorted({int(year) for year in made.records["projects"]["year"]})
    for year in incomplete:
        if year not in years:
            raise ParameterError("incomplete_year", year, years, "has no project")
    with staged(target) as built:
        partial = sorted({*incomplete, int(made.projects["year"].max())})
        write_parts(built, target, made, matches, shared, regions, folders, partial)
        move_in(built, target, PARTS)
    return made


def _check_regions(regions: Sequence[str], known: Iterable[str]) -> None:
    allowed = sorted({*STATES, *known})
    for region in regions or [""]:
        is_part = any(code.startswith(region) for code in allowed)
        if not (region[:3] in STATES and is_part):
            reason = "is no beginning of a NUTS code here: DE3 is Berlin, DE4 Brandenburg"
            raise ParameterError("region", region, allowed, reason)


def _check_target(target: Path) -> None:
    """Only a data set that was imported from CORDIS may be written over."""
    if target.is_file():
        raise ParameterError("data", str(target), reason="is a file; name a folder")
    if target.exists() and any(target.iterdir()) and origin_of(target) != ORIGIN:
        reason = "holds other files, which would be replaced; name a new folder"
        raise ParameterError("data", str(target), reason=reason)
