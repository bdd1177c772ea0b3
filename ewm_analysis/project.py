"""Where the project and its data sets lie, and what a new project starts with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import ewm_analysis
from ewm_analysis.errors import MissingDataError, ParameterError

DESCRIPTOR = "datapackage.json"

RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}
"""Names that stand for devices on Windows, with or without an ending."""

LONGEST_NAME = 100

ALL = "_all"
"""Stands in the path of a result for a year or a cluster where a page spans several."""

SCAFFOLD = Path(ewm_analysis.__file__).parent / "scaffold"
"""What `ewm init` writes; once installed, also the notebooks and data."""

STARTER = (
    "notebooks/*.ipynb",
    "notebooks/exploration/*.ipynb",
    "data/README.md",
    "data/reference/**/*",
    "data/example/**/*",
    "data/capital-region/datapackage.json",
    "data/capital-region/commentary/**/*",
    "data/capital-region/economy/**/*",
    "data/capital-region/organisations/**/*",
    "data/capital-region/published/**/*",
)
"""The files that a new project starts with. Named one by one: records never leave their place."""


def check_path_name(kind: str, name: str) -> str:
    """Return a name that is safe as one part of a path, on every system.

    Parameters
    ----------
    kind : str
        What is named, as the user knows it: ``data``, ``cluster`` …
    name : str
        The name; it becomes a folder.

    Raises
    ------
    ParameterError
        If it is empty, too long, leads elsewhere, is reserved, or hides the folder.

    Examples
    --------
    >>> check_path_name("data", "capital-region")
    'capital-region'
    >>> check_path_name("data", "../outside")
    Traceback (most recent call last):
    ewm_analysis.errors.ParameterError: data: '../outside' cannot name a folder of results: \
letters, digits, blanks, hyphens and dots inside can.
    """
    is_safe = (
        0 < len(name) <= LONGEST_NAME
        and name.isprintable()
        and not re.search(r'[<>:"/\\|?*]', name)
        and not name.startswith((".", " "))
        and not name.endswith((".", " ", ".html"))
        and name.partition(".")[0].strip().lower() not in RESERVED
    )
    if not is_safe:
        reason = "cannot name a folder of results: letters, digits, blanks, hyphens and dots inside"
        raise ParameterError(kind, name, reason=f"{reason} can")
    return name


def find_project() -> Path:
    """Return the folder of the project: the nearest upward with both ``data`` and ``notebooks``.

    Outside any project that is the clone of the repository that the package is used from.

    Raises
    ------
    MissingDataError
        If there is neither; it says how to lay a project out.
    """
    places = _projects_upward()
    if not _is_installed():
        places.append(_home())
    if not places:
        raise MissingDataError(
            f"There is no project here: neither {Path.cwd()} nor a folder above it has both data "
            "and notebooks. 'ewm init FOLDER' lays out a new one."
        )
    return places[0]


def resolve_data_dir(path: str | Path) -> Path:
    """Return the folder of a data set.

    A relative path is searched from the working folder upward, below each folder that has both
    ``data`` and ``notebooks``, and at last among the data that came with the package.

    Raises
    ------
    MissingDataError
        If there is no such folder; it says where was looked.
    """
    wanted = Path(path)
    roots = [*_projects_upward(), _home()]
    places = [wanted] if wanted.is_absolute() else [root / wanted for root in roots]
    for place in places:
        if _is_dir(place):
            return place.resolve()
    looked = ", ".join(str(place) for place in dict.fromkeys(places))
    raise MissingDataError(f"There is no data set {str(path)!r}; looked at {looked}.")


def data_folders(names: Iterable[str | Path]) -> list[Path]:
    """Return the folders of the data sets that a command names, each once.

    A folder seen from where the user stands goes first; else `resolve_data_dir` finds it.

    Raises
    ------
    MissingDataError
        If there is no such folder.
    """
    seen = (Path(name) if _is_dir(Path(name)) else resolve_data_dir(name) for name in names)
    return [*dict.fromkeys(folder.resolve() for folder in seen)]


def starter_files() -> dict[str, Path]:
    """Return the files that a new project starts with, by their path in it.

    Examples
    --------
    >>> "notebooks/10_annual_report.ipynb" in starter_files()
    True
    """
    home = _home()
    found = {
        path.relative_to(home).as_posix(): path
        for pattern in STARTER
        for path in sorted(home.glob(pattern))
    }
    own = {"README.md": SCAFFOLD / "README.md", ".gitignore": SCAFFOLD / "gitignore"}
    return own | {
        name: path
        for name, path in found.items()
        if path.is_file() and not re.search(r"(^|/)\.", name)
    }


def _projects_upward() -> list[Path]:
    here = Path.cwd()
    return [
        folder
        for folder in (here, *here.parents)
        if (folder / "data").is_dir() and (folder / "notebooks").is_dir()
    ]


def _home() -> Path:
    """The folder of the notebooks and data that came with the package: in it, or the clone."""
    return SCAFFOLD if _is_installed() else SCAFFOLD.parents[1]


def _is_installed() -> bool:
    """A wheel puts notebooks and data into the package; an editable install leaves them."""
    return (SCAFFOLD / "data").is_dir()


def _is_dir(place: Path) -> bool:
    """As `Path.is_dir`, which fails for names that no file system takes."""
    try:
        return place.is_dir()
    except OSError:
        return False


def list_datasets(root: Path) -> list[Path]:
    """Return the data sets below ``data`` of a project's folder, in alphabetical order."""
    found = (root / "data").glob(f"*/{DESCRIPTOR}")
    return sorted(path.parent for path in found if path.parent.name != "reference")
