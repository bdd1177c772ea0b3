"""Measure how fast the package is and write docs/benchmarks.md: ``make bench``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from batch import Sample, batch_lines, measure_batch
from commands import command_lines, measure_commands, measure_correction
from indicators import indicator_lines, measure_indicators
from measure import CORES, ROOT, machine

from ewm_analysis.example import EXAMPLE

PAGE = ROOT / "docs" / "benchmarks.md"
QUICK = (4, 2)
"""Clusters and years of the sample of a quick look."""


def main() -> None:
    """Run all three parts, one after the other."""
    asked = _arguments()
    clusters, years = EXAMPLE["clusters"], range(EXAMPLE["first_year"], EXAMPLE["last_year"] + 1)
    sample = Sample(years[-asked.years :], clusters[: asked.clusters])
    load = os.getloadavg()[0]
    commands = measure_commands(max(5, asked.repeat))
    if not asked.quick:
        commands.append(measure_correction(asked.repeat))
    batch = measure_batch(sample, asked.jobs, asked.repeat)
    sizes = [10**power for power in range(4, 7 if asked.quick else 8)]
    rows = measure_indicators(sizes, asked.repeat)
    parts = {
        "Annual reports": batch_lines(batch, sample),
        "Indicators": indicator_lines(rows),
        "Commands": command_lines(commands),
    }
    asked.page.write_text("\n".join(_page(asked, load, parts)) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller sample, up to 10^6 rows")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of each measurement")
    parser.add_argument("--clusters", type=int, help="clusters in the sample; default 9, quick 4")
    parser.add_argument("--years", type=int, help="years in the sample; default 4, quick 2")
    parser.add_argument("--jobs", type=int, nargs="+", help="numbers of runs at a time to try")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the result goes")
    asked = parser.parse_args()
    whole = QUICK if asked.quick else (len(EXAMPLE["clusters"]), 4)
    asked.clusters, asked.years = asked.clusters or whole[0], asked.years or whole[1]
    asked.jobs = asked.jobs or sorted({CORES, CORES + 1, 2 * CORES})
    return asked


def _page(asked: argparse.Namespace, load: float, parts: Mapping[str, Sequence[str]]) -> list[str]:
    found = machine()
    how = "make bench" if asked.quick else "make bench FULL=1"
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{how}` on {date.today().isoformat()}; measured, not typed. "
        f"Machine: {found['cores']} cores, {found['memory']}, {found['system']}, Python "
        f"{found['python']}, {found['libraries']}; load {load:.1f} at the beginning.",
        "",
        f"Each way is run {asked.repeat} times, in turn with the others and in opposite order "
        "every other time, after a round that is not counted; numbers are medians unless said "
        "otherwise. Seconds differ between machines and hours; trust the ratios.",
    ]
    for title, part in parts.items():
        lines += ["", f"## {title}", "", *part]
    return lines


if __name__ == "__main__":
    main()
