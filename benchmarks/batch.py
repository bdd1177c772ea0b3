"""Annual reports in three ways: by the commands, by ``ewm run``, and the limit."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median

from measure import CORES, ENVIRONMENT, ROOT, KernelMemory, Way, answer_of, run, seconds_of

NOTEBOOK = ROOT / "notebooks" / "10_annual_report.ipynb"
DATA = "data/example"
LOCALE = "de"


@dataclass(frozen=True)
class Sample:
    """The annual reports that every way makes."""

    years: Sequence[int]
    clusters: Sequence[str]

    @property
    def size(self) -> int:
        """Return the number of reports."""
        return len(self.years) * len(self.clusters)


@dataclass(frozen=True)
class BatchResult:
    """Seconds of each way, CPU seconds of the limit; MiB of each kernel at its most."""

    commands: Way
    runs: dict[int, Way]
    limit: Way
    cpu: float
    private: list[float]
    shared: list[float]


def measure_batch(sample: Sample, jobs: Sequence[int], repeat: int) -> BatchResult:
    """Measure the ways in turn, so that a busy moment of the machine meets all of them.

    The first round warms files and compiles modules and is not counted; it looks at memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        memory = _watched(sample, place)
        limit = Way(f"no Jupyter, {CORES} warm processes")
        ways: dict[int, Way] = {number: Way(f"`ewm run --jobs {number}`") for number in jobs}
        commands = Way(f"`papermill` + `jupyter nbconvert`, {CORES} at a time")
        _by_commands(Sample(sample.years[:1], sample.clusters[:1]), place)
        _, cpu = _limit(sample, place)
        _check_same(sample, place)
        turns: list[tuple[Way, Callable[[], float]]] = [
            (limit, lambda: _limit(sample, place)[0]),
            *((way, _timed_run(sample, place, number)) for number, way in ways.items()),
            (commands, lambda: _by_commands(sample, place)),
        ]
        for turn in range(repeat):
            for way, once in turns[::-1] if turn % 2 else turns:
                way.seconds.append(once())
                print(f"{way.name}: {way.seconds[-1]:.1f} s", file=sys.stderr, flush=True)
    private, shared = [*memory.private.values()], [*memory.shared.values()]
    return BatchResult(commands, ways, limit, cpu, private, shared)


def _by_commands(sample: Sample, place: Path) -> float:
    """What a careful user does: both commands for each report, as many at a time as cores."""

    def one(report: tuple[int, str]) -> float:
        year, cluster = report
        executed = place / "commands" / f"{year}-{cluster}.ipynb"
        given = {"year": year, "cluster_id": cluster, "locale": LOCALE, "data_dir": DATA}
        options = [word for name, value in given.items() for word in ("-p", name, str(value))]
        return seconds_of(["papermill", NOTEBOOK, executed, *options]) + seconds_of(
            ["jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", executed]
        )

    _emptied(place / "commands")
    start = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, product(sample.years, sample.clusters)))
    return time.perf_counter() - start


def _ewm_run(sample: Sample, place: Path, jobs: int) -> list[str]:
    options = ["--data", DATA, "--notebook", NOTEBOOK.stem, "--locale", LOCALE, "--force"]
    options += [word for year in sample.years for word in ("--year", str(year))]
    options += [word for cluster in sample.clusters for word in ("--cluster", cluster)]
    return ["ewm", "run", *options, "--jobs", str(jobs), "--output", str(place / "ewm")]


def _timed_run(sample: Sample, place: Path, jobs: int) -> Callable[[], float]:
    return lambda: seconds_of(_ewm_run(sample, place, jobs))


def _limit(sample: Sample, place: Path) -> tuple[float, float]:
    years, clusters = ",".join(map(str, sample.years)), ",".join(sample.clusters)
    folder = _emptied(place / "limit")
    seconds, cpu = answer_of("limit.py", CORES, folder, years, clusters)
    return seconds, cpu


def _watched(sample: Sample, place: Path) -> KernelMemory:
    """Run once, unmeasured, looking at the kernels."""
    command = _ewm_run(sample, place, CORES)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=quiet) as process:
        memory = KernelMemory(process.pid)
        memory.start()
        failed = process.wait()
        memory.over.set()
        memory.join()
    if failed:
        run(command)
    return memory


def _check_same(sample: Sample, place: Path) -> None:
    """The limit counts only if it makes the very figures and tables that ``ewm run`` makes."""
    for year, cluster in product(sample.years, sample.clusters):
        own = place / "ewm" / "example" / str(year) / cluster / NOTEBOOK.stem / LOCALE
        other = place / "limit" / f"{year}-{cluster}"
        for path in (path for path in other.rglob("*") if path.is_file()):
            # the page itself is given links to the other pages afterwards
            same = own / path.relative_to(other)
            if path.name != "report.html" and path.read_bytes() != same.read_bytes():
                raise SystemExit(f"{path.name}: the limit makes another file than ewm run.")


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def batch_lines(result: BatchResult, sample: Sample) -> list[str]:
    """Return the section of the page as Markdown."""
    bound, slow = result.limit.middle, result.commands.middle
    rows = [
        f"| {way.name} | {way.middle / sample.size:.2f} | {way.middle / bound:.2f} | "
        f"{slow / way.middle:.1f} | {', '.join(f'{each:.1f}' for each in way.seconds)} |"
        for way in (result.commands, *result.runs.values(), result.limit)
    ]
    return [
        f"{sample.size} annual reports of `{DATA}` ({len(sample.clusters)} clusters, "
        f"{len(sample.years)} years, one language), from the command to the HTML page. `ewm run` "
        "also starts, reads the data, plans, hashes and writes manifests; the limit does not. "
        f"The limit is the last row: {result.limit.name}, {result.cpu / sample.size:.2f} CPU "
        "seconds a report (`python benchmarks/limit.py 1 FOLDER 2021 imk,et,kc`).",
        "",
        "| way | s a report | × limit | × faster than the commands | s, each repetition |",
        "|---|--:|--:|--:|---|",
        *rows,
        "",
        f"Memory of a kernel at its most, {len(result.private)} kernels seen: private "
        f"{median(result.private):.0f} MiB (median), {max(result.private):.0f} (largest); "
        f"PSS {median(result.shared):.0f} and {max(result.shared):.0f}.",
    ]
