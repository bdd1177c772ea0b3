"""Soak test: many runs on a local Dask cluster of two workers, one of which is killed.

    python benchmarks/soak.py --runs 1000

Prints what became of them. Ends with 0 if every page is there, whole and made once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import dask
from distributed import LocalCluster

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from small_project import code, small_notebook, write_project

from ewm_analysis.batch import Run, RunResult, execute_runs, plan_runs, verify_outputs
from ewm_analysis.batch.folders import LOCK, hold
from ewm_analysis.loaders import open_dataset

SOURCE = """\
with open("log", "a") as log:
    log.write(f"{number}\\n")
"""


def many_runs(root: Path, count: int) -> list[Run]:
    """Return runs of one small notebook, numbered where the year stands otherwise."""
    data_sets = [open_dataset(root / "data" / "example")]
    one = plan_runs(data_sets, root, root / "outputs", years=[2021], locales=["de"])[0]
    folder = root / "outputs" / "example"
    return [
        replace(
            one,
            parameters={**one.parameters, "number": number},
            folder=folder / f"{number}" / "_all" / "00_soak" / "de",
        )
        for number in range(1, count + 1)
    ]


def soak(root: Path, count: int, *, warm: bool) -> bool:
    """Run all, kill a worker after a third of them, print what is there; true if all is well."""
    write_project(root, nb_00_soak=small_notebook(code(SOURCE)))
    runs, seen = many_runs(root, count), list[RunResult]()
    outputs = root / "outputs"
    start = time.monotonic()
    with (
        dask.config.set({"distributed.worker.daemon": not warm}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        hold(outputs),
    ):

        def on_result(result: RunResult) -> None:
            seen.append(result)
            if len(seen) == count // 3:
                os.kill(cluster.workers[0].process.pid, signal.SIGKILL)
            if len(seen) % 100 == 0:
                print(f"{len(seen)} of {count} after {time.monotonic() - start:.0f} s", flush=True)

        address = cluster.scheduler_address
        results = execute_runs(runs, root, outputs, scheduler=address, on_result=on_result)
    seconds = time.monotonic() - start
    failed = [result for result in results if result.error]
    for result in failed[:5]:
        print(f"  {result.run}: {result.error}")
    executed = Counter((root / "log").read_text("utf-8").split())
    _, differences = verify_outputs(outputs)
    pages = len(list(outputs.glob("*/*/*/*/*/report.html")))
    left = [path for path in outputs.rglob(".*") if path.name != LOCK]
    told_twice = len(seen) - len({result.run.folder for result in seen})
    print(f"{'warm' if warm else 'plain'} kernels: {seconds:.0f} s, {count / seconds:.2f} runs/s")
    print(f"runs {count}, pages {pages}, failed {len(failed)}, told twice {told_twice}")
    print(f"executed again after the kill {executed.total() - len(executed)}")
    print(f"not as in their manifest {len(differences)}, left over {len(left)}")
    return pages == count and not (failed or told_twice or differences or left)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--plain", action="store_true", help="daemonic workers: plain kernels")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        well = soak(Path(folder).resolve(), given.runs, warm=not given.plain)
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()
