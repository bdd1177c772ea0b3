"""The notebooks of a project and the parameters that each takes."""

from __future__ import annotations

import logging
from pathlib import Path

import papermill
from nbformat import ValidationError

from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.parameters import RunParameters

ALWAYS = ("locale", "data_dir")

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ValidationError)
"""What the libraries raise for a file that is JSON of another kind, or none."""


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
    for name in ALWAYS:
        if name not in declared:
            raise ParameterError(place, name, reason="is missing in the cell tagged 'parameters'")
    return tuple(declared)
