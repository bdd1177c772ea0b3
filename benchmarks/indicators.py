"""All indicators of one year from a growing number of participations.

As a script: measures one size in a process of its own and prints the numbers as JSON.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import pandas as pd
from measure import answer_of

from ewm_analysis.example import EXAMPLE, write_example
from ewm_analysis.indicators.compute import from_records
from ewm_analysis.loaders import open_dataset

YEAR = 2021
PER_PROJECT = 90
"""Participations of one year for each new project that a joint cluster has, about."""

LARGEST_FILE = 10**6
"""Participations of the largest data set that is written; larger ones are copies of it."""

IDS = ("project_id", "activity_id", "actor_id")


def write_data(folder: Path, participations: int) -> None:
    """Write a data set of one year with about as many participations, as Parquet."""
    write_example(
        folder,
        seed=EXAMPLE["seed"],
        clusters=EXAMPLE["clusters"],
        first_year=YEAR,
        last_year=YEAR,
        projects_per_year=max(1, round(participations / PER_PROJECT)),
        partitioned=True,
    )


def repeated(records: Mapping[str, pd.DataFrame], copies: int) -> dict[str, pd.DataFrame]:
    """Return the records several times over, each copy with ids of its own."""
    return {
        name: pd.concat([_marked(table, copy) for copy in range(copies)], ignore_index=True)
        for name, table in records.items()
    }


def _marked(table: pd.DataFrame, copy: int) -> pd.DataFrame:
    ids = [name for name in IDS if name in table]
    return table.assign(
        **{name: (table[name] + f"-{copy}").where(table[name] != "", "") for name in ids}
    )


def measure_one(folder: Path, copies: int) -> dict[str, float]:
    """Return the seconds of reading and of computing, and the most memory in GiB."""
    start = time.perf_counter()
    data = open_dataset(folder)
    opened = time.perf_counter() - start
    records, reference = data.records, data.reference
    if copies > 1:
        records = repeated(records, copies)
    del data
    start, cpu = time.perf_counter(), time.process_time()
    from_records(records, reference)
    return {
        "participations": len(records["participations"]),
        "open": opened,
        "compute": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "memory": _most_memory(),
    }


def _most_memory() -> float:
    """GiB at the most; getrusage would count what the parent held when it started this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    most = next(line for line in lines if line.startswith("VmHWM"))
    return float(most.split()[1]) / 2**20


def measure_indicators(sizes: Sequence[int], repeat: int) -> list[dict[str, float]]:
    """Return the median of each number for each size."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "example"
            write_data(folder, min(size, LARGEST_FILE))
            copies = max(1, size // LARGEST_FILE)
            found = [answer_of("indicators.py", folder, copies) for _ in range(repeat)]
        rows.append({name: median(each[name] for each in found) for name in found[0]})
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def slope(rows: Sequence[Mapping[str, float]], name: str) -> float:
    """Return the slope between the last two sizes on logarithmic axes; 1 is linear."""
    before, last = rows[-2:]
    return math.log(last[name] / before[name]) / math.log(
        last["participations"] / before["participations"]
    )


def indicator_lines(rows: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the section of the page as Markdown."""
    return [
        "`from_records`: every indicator of one year, nine clusters, one core, and `open_dataset` "
        "of the same records as Parquet (read, parsed, checked against contracts and each other). "
        f"Above {LARGEST_FILE:,} participations the records are copies, with ids of their own, "
        "of that data set, and only the copied one is opened. Memory is the most that the "
        "process had, reading included.",
        "",
        "| participations | from_records, s | CPU s | open_dataset, s | memory, GiB |",
        "|--:|--:|--:|--:|--:|",
        *(
            f"| {row['participations']:,.0f} | {row['compute']:.2f} | {row['cpu']:.2f} | "
            f"{row['open']:.1f} | {row['memory']:.1f} |"
            for row in rows
        ),
        "",
        f"Growth of the CPU seconds between the last two sizes: slope {slope(rows, 'cpu'):.2f} "
        "on logarithmic axes (1 is linear).",
    ]


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    print(json.dumps(measure_one(Path(sys.argv[1]), int(sys.argv[2]))))
