"""Results for internal use and results for everybody never stand in one folder."""

from __future__ import annotations

from pathlib import Path

from ewm_analysis.errors import ParameterError

MARK = "INTERNAL.txt"
"""Stands in a folder whose results hold confidential figures."""

WORDS = """\
Interne Fassung: enthält Angaben, die der Geheimhaltung unterliegen. Nicht weitergeben.
Internal version: holds figures that are confidential. Do not pass it on.
"""


def keep_apart(outputs: Path, *, internal: bool) -> None:
    """Mark a folder of internal results, and refuse one of the other kind.

    Parameters
    ----------
    outputs : Path
        Folder of the results; it need not exist.
    internal : bool
        Whether confidential figures are written.

    Raises
    ------
    ParameterError
        If the folder holds results of the other kind.
    """
    is_marked = (outputs / MARK).is_file()
    if is_marked and not internal:
        reason = f"holds results for internal use ({MARK}): name another folder, or add --internal"
        raise ParameterError("--output", str(outputs), reason=reason)
    if internal and not is_marked:
        if outputs.is_dir() and any(outputs.iterdir()):
            reason = "holds results without confidential figures: name an empty folder"
            raise ParameterError("--output", str(outputs), reason=reason)
        outputs.mkdir(parents=True, exist_ok=True)
        (outputs / MARK).write_text(WORDS, "utf-8")
