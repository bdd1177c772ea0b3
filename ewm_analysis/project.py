"""Where the project and its data sets lie."""

from __future__ import annotations

from pathlib import Path

import ewm_analysis
from ewm_analysis.errors import MissingDataError

DESCRIPTOR = "datapackage.json"


def resolve_data_dir(path: str | Path) -> Path:
    """Return the folder of a data set.

    A relative path is searched from the working folder upward, below each folder that has both
    ``data`` and ``notebooks``, and at last below the folder that holds this package.

    Raises
    ------
    MissingDataError
        If there is no such folder; it says where was looked.
    """
    wanted = Path(path)
    here = Path.cwd()
    roots = [
        folder
        for folder in (here, *here.parents)
        if (folder / "data").is_dir() and (folder / "notebooks").is_dir()
    ]
    roots.append(Path(ewm_analysis.__file__).parents[1])
    places = [wanted] if wanted.is_absolute() else [root / wanted for root in roots]
    for place in places:
        if place.is_dir():
            return place.resolve()
    looked = ", ".join(str(place) for place in dict.fromkeys(places))
    raise MissingDataError(f"There is no data set {str(path)!r}; looked at {looked}.")


def list_datasets(root: Path) -> list[Path]:
    """Return the data sets below ``data`` of a project's folder, in alphabetical order."""
    found = (root / "data").glob(f"*/{DESCRIPTOR}")
    return sorted(path.parent for path in found if path.parent.name != "reference")
