"""A notebook run by papermill alone, from a folder that knows nothing of the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from exported_pages import REPORT, ROOT


def papermill(folder: Path, **parameters: object) -> subprocess.CompletedProcess[str]:
    given = [word for name, value in parameters.items() for word in ("-p", name, str(value))]
    notebook = ROOT / "notebooks" / f"{REPORT}.ipynb"
    command = [sys.executable, "-m", "papermill", str(notebook), "out.ipynb", *given]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_papermill_runs_the_report_from_anywhere(tmp_path: Path) -> None:
    answer = papermill(tmp_path, year=2021, cluster_id="imk")
    assert answer.returncode == 0, answer.stderr
    shown = [
        output.get("data", {}).get("text/html", "")
        for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells
        for output in cell.get("outputs", [])
    ]
    assert "Jahresbericht 2021" in shown[0]
    assert any("161,5" in html for html in shown)


def test_papermill_stops_at_a_cluster_that_does_not_exist(tmp_path: Path) -> None:
    answer = papermill(tmp_path, year=2021, cluster_id="ikm")
    assert answer.returncode != 0
    assert "Did you mean 'imk'?" in answer.stderr
