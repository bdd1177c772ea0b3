"""Reference tables: shared by all data sets, unless a data set brings its own."""

from __future__ import annotations

from pathlib import Path

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import REFERENCE, check_references
from ewm_analysis.errors import MissingDataError
from ewm_analysis.loaders.files import Reading
from ewm_analysis.project import resolve_data_dir

GEOMETRY = "districts.geojson"


def load_reference(folder: Path, override: Path | None = None) -> Reference:
    """Return the reference tables of a folder.

    Parameters
    ----------
    folder : Path
        Holds a file for each table, and the geometry of the districts.
    override : Path, optional
        Folder of a data set's own tables; each replaces the shared one. May not exist.

    Raises
    ------
    MissingDataError
        If the folder or the geometry does not exist.
    ContractError
        If a table is missing, breaks its contract or refers to what is not there.
    """
    reading = Reading(folder.parent)
    reference = read_reference(reading, folder, override)
    reading.stop_on_failures()
    check_all_references(reading)
    reading.stop_on_failures()
    return reference


def reference_folder(data_set: Path) -> Path:
    """Return the reference tables of a data set: beside it, or those of the project.

    Raises
    ------
    MissingDataError
        If there are neither.
    """
    beside = data_set.parent / "reference"
    return beside if beside.is_dir() else resolve_data_dir("data/reference")


def read_reference(reading: Reading, folder: Path, override: Path | None) -> Reference:
    """Read the reference tables into a reading that other tables share.

    Raises
    ------
    MissingDataError
        If the folder or the geometry does not exist.
    """
    if not folder.is_dir():
        raise MissingDataError(f"There is no folder of reference tables at {folder}.")
    folders = [folder] if override is None or not override.is_dir() else [override, folder]
    for place in folders:
        reading.refuse_strangers(place, REFERENCE)
    for stem, contract in REFERENCE.items():
        own = [place for place in folders if any(place.glob(f"{stem}.*"))]
        reading.table(own[0] if own else folder, stem, contract, needed=True)
    geometry = next((path for place in folders if (path := place / GEOMETRY).is_file()), None)
    if geometry is None:
        raise MissingDataError(f"The geometry of the districts is missing: {folder / GEOMETRY}.")
    tables = {stem: reading.frame(stem, contract) for stem, contract in REFERENCE.items()}
    return Reference(geometry=geometry, **tables)


def check_all_references(reading: Reading) -> None:
    """Check every code and id of all tables read against the tables they refer to."""
    stems = {loaded.stem: loaded.contract for loaded in reading.tables}
    tables = {stem: reading.frame(stem, contract) for stem, contract in stems.items()}
    # A table of all years is checked at once; its files only where one of them fails.
    failing = {
        stem
        for stem, contract in stems.items()
        if check_references(
            tables[stem], contract, tables, file=stem, lines=range(len(tables[stem]))
        )
    }
    for loaded in reading.tables:
        if loaded.stem not in failing:
            continue
        reading.failures += check_references(
            loaded.frame,
            loaded.contract,
            tables,
            file=reading.shown(loaded.path),
            lines=loaded.lines,
        )
