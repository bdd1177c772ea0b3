"""A notebook run by papermill alone, from a folder that knows nothing of the project."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import nbformat
from exported_pages import REPORT, ROOT

NOTEBOOK = f"notebooks/{REPORT}.ipynb"
COMMAND = f"papermill {NOTEBOOK} out.ipynb -p year 2021 -p cluster_id imk"
"""As README.md tells it, from the folder of the project."""


def papermill(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command.replace(NOTEBOOK, str(ROOT / NOTEBOOK)))
    call = [sys.executable, "-m", *words]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)


def test_papermill_runs_the_report_from_anywhere(tmp_path: Path) -> None:
    assert COMMAND in (ROOT / "README.md").read_text("utf-8").splitlines()
    answer = papermill(tmp_path, COMMAND)
    assert answer.returncode == 0, answer.stderr
    shown = [
        output.get("data", {}).get("text/html", "")
        for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells
        for output in cell.get("outputs", [])
    ]
    assert "Jahresbericht 2021" in shown[0]
    assert any("161,5" in html for html in shown)


def test_papermill_stops_at_a_cluster_that_does_not_exist(tmp_path: Path) -> None:
    answer = papermill(tmp_path, COMMAND.replace("imk", "ikm"))
    assert answer.returncode != 0
    assert "Did you mean 'imk'?" in answer.stderr
