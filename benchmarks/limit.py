"""The limit: the annual reports in warm processes without Jupyter.

    python benchmarks/limit.py 1 FOLDER 2021 imk,et,kc

Prints seconds and CPU seconds as JSON; the latter are those of the processes that make the pages.

The same notebook, analysis, pictures and export, and the data read once, too; what is missing is a
kernel of its own for each report, its messages, the plan and the manifest.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from ewm_analysis.batch.warm import SHARED
from ewm_analysis.report import export_html

DATA = "data/example"
NOTEBOOK = Path("notebooks/10_annual_report.ipynb")


def make_page(task: tuple[int, str, str]) -> None:
    """Execute the code cells of the notebook in this process and write the page."""
    year, cluster_id, folder = task
    parameters = {
        "year": year,
        "cluster_id": cluster_id,
        "locale": "de",
        "data_dir": DATA,
    }
    notebook = nbformat.read(NOTEBOOK, 4)
    names: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with capture_output(stdout=False, stderr=False) as captured:
                exec(cell.source, names)
            cell.outputs = [
                nbformat.v4.new_output("display_data", data=shown.data, metadata=shown.metadata)
                for shown in captured.outputs
            ]
            if "parameters" in cell.metadata.get("tags", []):
                names.update(parameters)
    notebook.metadata["papermill"] = {"input_path": NOTEBOOK.as_posix()}
    Path(folder).mkdir(parents=True)
    export_html(notebook, Path(folder))


def main(processes: int, outputs: Path, years: list[int], clusters: list[str]) -> None:
    """Fork the processes from this warm one, then make all pages."""
    os.environ[SHARED] = json.dumps([DATA])
    import ewm_analysis.batch.preload  # noqa: F401

    quiet = Config({"HistoryManager": {"enabled": False}})
    InteractiveShell.instance(config=quiet, user_module=sys.modules["__main__"])
    tasks = [(y, c, str(outputs / f"{y}-{c}")) for y in years for c in clusters]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        start = time.perf_counter()
        pool.map(make_page, tasks, chunksize=1)
        seconds = time.perf_counter() - start
        pool.close()
        pool.join()
    times = os.times()
    print(json.dumps([seconds, times.children_user + times.children_system]))


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        Path(sys.argv[2]),
        [int(year) for year in sys.argv[3].split(",")],
        sys.argv[4].split(","),
    )
