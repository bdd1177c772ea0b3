"""How things are measured: seconds and memory of child processes, medians over repetitions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
CORES = len(os.sched_getaffinity(0))
MIB = 1024  # KiB

# Without the variable, modules are compiled in the first, untimed round as for any user; the
# commands of this environment come first, and one thread a process leaves linear algebra alone.
ENVIRONMENT = {
    **{name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


@dataclass
class Way:
    """One way of doing the same work, and the seconds of each repetition."""

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """Return the median of the repetitions."""
        return median(self.seconds)

    @property
    def best(self) -> float:
        """Return the quickest repetition."""
        return min(self.seconds)


def seconds_of(command: Sequence[str | Path]) -> float:
    """Run a command in the project, without its output, and return how long it took."""
    start = time.perf_counter()
    run(command)
    return time.perf_counter() - start


def run(command: Sequence[str | Path]) -> str:
    """Return what a command prints; one that fails stops the benchmark with its message."""
    done = subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def answer_of(script: str, *arguments: object) -> Any:
    """Run a script of this folder in a process of its own and return the JSON it prints last."""
    path = Path(__file__).with_name(script)
    return json.loads(run([sys.executable, path, *map(str, arguments)]).splitlines()[-1])


def machine() -> dict[str, str]:
    """Return what the numbers depend on: cores, memory, load, Python, libraries."""
    from importlib.metadata import version

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ("pandas", "matplotlib", "papermill", "nbconvert")
    return {
        "cores": str(CORES),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in libraries),
    }


class KernelMemory(threading.Thread):
    """Watches the kernels below a process and keeps the most memory that each had.

    A kernel is a process started by another below the one that is watched: the fork server
    stands between. Private memory is what ends with the kernel; PSS counts shared pages in part.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.private: dict[int, float] = {}
        self.shared: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        """Look until it is over; a look takes a few milliseconds for each kernel."""
        while not self.over.wait(0.1):
            for server in _children(self.pid):
                for kernel in _children(server):
                    self._look(kernel)

    def _look(self, pid: int) -> None:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        except OSError:  # ended meanwhile
            return
        size = {line.split(":")[0]: float(line.split()[1]) / MIB for line in lines}
        private = size["Private_Clean"] + size["Private_Dirty"]
        self.private[pid] = max(private, self.private.get(pid, 0))
        self.shared[pid] = max(size["Pss"], self.shared.get(pid, 0))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, path.read_text().split())
        except OSError:
            continue
    return found
