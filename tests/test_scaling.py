"""The same batch on a Dask cluster: two worker processes, one of which is killed on the way."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster
from small_project import CLUSTER, YEAR, code, small_notebook, write_project
from typer.testing import CliRunner

from ewm_analysis.batch import Run, execute_runs, plan_runs, verify_outputs, warm
from ewm_analysis.batch.execute import Order, RunResult, execute_run
from ewm_analysis.batch.folders import hold
from ewm_analysis.cli import app
from ewm_analysis.loaders import open_dataset

LOG = """\
import os, pathlib
place = f"{globals().get('year')} {globals().get('cluster_id')} {locale}"
with pathlib.Path("log").open("a") as log:
    log.write(place + "\\n")
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    def import_little() -> None:
        """Tiny notebooks need none of the libraries that a server of kernels imports."""
        warm.PRELOAD.clear()

    # A worker that is no daemon may fork warm kernels.
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started,
        Client(started) as client,
    ):
        client.register_worker_callbacks(import_little)
        yield started


def plan(root: Path) -> list[Run]:
    return plan_runs([open_dataset(root / "data" / "example")], root, root / "outputs")


def test_a_killed_worker_costs_no_page(tmp_path: Path, cluster: Any) -> None:
    logging = small_notebook(code(LOG), takes=YEAR + CLUSTER)
    root = write_project(tmp_path, nb_10_annual_report=logging)
    seen: list[RunResult] = []

    def on_result(result: RunResult) -> None:
        seen.append(result)
        if len(seen) == 2:
            os.kill(cluster.workers[0].process.pid, signal.SIGKILL)

    runs = plan(root)
    with hold(root / "outputs"):
        results = execute_runs(
            runs,
            root,
            root / "outputs",
            scheduler=cluster.scheduler_address,
            on_result=on_result,
        )
    assert [result.error for result in results] == [""] * len(runs) == [""] * 6
    assert [result.run.folder for result in results] == [run.folder for run in runs]
    assert Counter(result.run.folder for result in seen) == Counter(run.folder for run in runs)
    done = Counter((root / "log").read_text().splitlines())
    assert len(done) == 6
    assert done.total() <= 7  # what the worker had not told before its end is done once more
    assert verify_outputs(root / "outputs") == (14, [])
    assert not [path for path in (root / "outputs").rglob(".*") if path.name != ".lock"]


def test_failures_and_progress_look_the_same(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, nb_00_data_quality=small_notebook(code("1 / 0")))
    words = ["run", "--year", "2020", "--locale", "de", "--scheduler", cluster.scheduler_address]
    answer = CliRunner(env={"COLUMNS": "200"}).invoke(app, words)
    assert answer.exit_code == 1
    assert answer.output.startswith("[1/1] example 2020 _all 00_data_quality de  FAILED: cell [4]")
    assert (tmp_path / "outputs/example/2020/_all/00_data_quality/de/failed.ipynb").is_file()


def test_an_interrupt_stops_the_runs_on_the_workers(tmp_path: Path, cluster: Any) -> None:
    wait = code("import time\ntime.sleep(0 if year == 2021 else 60)")  # the newest is first
    root = write_project(tmp_path, nb_00_data_quality=small_notebook(wait))

    def interrupt(_: RunResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), hold(root / "outputs"):
        execute_runs(
            plan(root),
            root,
            root / "outputs",
            scheduler=cluster.scheduler_address,
            on_result=interrupt,
        )
    assert not list((root / "outputs").rglob(".de-*"))
    assert not list((root / "outputs" / "example" / "2020").rglob("*.ipynb"))


def test_a_worker_with_other_versions_refuses(tmp_path: Path) -> None:
    root = write_project(tmp_path, nb_00_data_quality=small_notebook())
    run = plan(root)[0]
    other = Run(**{**vars(run), "key": {"package": "other"}})
    result = execute_run(other, Order("b", root))
    assert result.error == "This worker has another package than 'ewm run': start it anew."
