"""Attack random reports and whole sites of twins; print how often a secret was got at.

python tests/fuzz_disclosure.py 100
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from disclosure_twins import confidential, find_twin, leave, write_records
from small_records import dataset
from test_disclosure_attack import attacks, check_report, printed_of, random_records

from ewm_analysis.indicators import compute_indicators


def solve(reports: int) -> Counter[str]:
    """Solve for what random reports withhold, with and without printed figures."""
    told: Counter[str] = Counter()
    for seed in range(1000, 1000 + reports):
        records = random_records(seed)
        printed = printed_of(compute_indicators(dataset(records)), seed)
        for published in ("value", printed):
            data = replace(dataset(records, published=published), disclosure="standard")
            for found in attacks(data):
                told["reports"] += 1
                try:
                    told["figures, differences and amounts attacked"] += check_report(*found)
                except AssertionError as error:
                    told["reports of which a secret was got at"] += 1
                    print(f"seed {seed}, printed {published != 'value'}: {error}", flush=True)
    return told


def tell_apart(sites: int) -> Counter[str]:
    """Hold the sites of twins against each other: all years, clusters, pages and languages."""
    told: Counter[str] = Counter()
    for seed in range(2, 2 + sites):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            data = confidential(folder, [2019, 2020, 2021], ["imk", "gw", "et"])
            twin = find_twin(data, seed, 3)
            told["changes that must not show"] += twin.kinds.total()
            told["withheld figures that are others"] += twin.moved
            one = leave(data.path, folder / "one")
            write_records(twin.records, data.path)
            other = leave(data.path, folder / "other")
            told["files and answers compared"] += len(one.keys() | other.keys())
            differing = [
                each for each in one.keys() | other.keys() if one.get(each) != other.get(each)
            ]
            told["that tell twins apart"] += len(differing)
            print("\n".join(sorted(differing)[:20]), flush=True)
    return told


def main() -> int:
    """Attack; return how often a secret was got at."""
    count = int(sys.argv[1])
    told: Counter[str] = Counter()
    for attack, times in ((solve, count), (tell_apart, max(1, count // 100))):
        found = attack(times)
        told += found
        for name, number in found.items():
            print(f"{number:8,} {name}", flush=True)
    return told["reports of which a secret was got at"] + told["that tell twins apart"]


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
