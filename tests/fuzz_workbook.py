"""Seeded damage to a good source of records, and what the import makes of it.

``python tests/fuzz_workbook.py 2000`` (`make fuzz`) breaks a good workbook, or its CSV files, in
as many ways and prints how each ended. Good ends are two: the values that were meant, to the last
cell, or an error that names sheet and cell (for a file that cannot be opened: the file).
"""

from __future__ import annotations

import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

import pandas as pd
from filled_workbook import in_order
from fuzz_cells import damage_cells
from fuzz_files import damage_csv, damage_zip
from fuzz_plan import YEAR, Base, Damage, base_of, write_book
from fuzz_sheets import damage_sheets

from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake import import_workbook
from ewm_analysis.intake.findings import Remark, Remarks
from ewm_analysis.intake.records import read_records
from ewm_analysis.intake.sheets import read_book, read_folder
from ewm_analysis.loaders import open_dataset, resolve_data_dir

SECONDS = 10
GOOD = ("same values", "error told")
FAMILIES = {
    "cells": (damage_cells, 11),
    "sheets": (damage_sheets, 4),
    "zip": (damage_zip, 2),
    "csv": (damage_csv, 3),
}
"""How to damage, and how often of twenty times."""


@dataclass(frozen=True)
class End:
    """How one mutation ended."""

    seed: int
    family: str
    name: str
    outcome: str
    seconds: float
    detail: str = ""
    is_meant: bool = True


@cache
def base() -> Base:
    """Return the good source; every process makes it once."""
    return base_of(open_dataset(resolve_data_dir("data/example")))


def damaged(rng: random.Random) -> tuple[str, Damage]:
    """Damage the good source by lot; return how, and what came of it."""
    family = rng.choices([*FAMILIES], [weight for _, weight in FAMILIES.values()])[0]
    return family, FAMILIES[family][0](rng, base())


def run_one(seed: int) -> End:
    """Damage the good source by a seed, read it, and judge the end."""
    rng = random.Random(seed)
    family, damage = damaged(rng)
    started = time.process_time()
    try:
        with time_limit(SECONDS):
            frames, remarks = _read(damage, whole=rng.random() < 0.05)
        outcome, detail = _judge(damage, frames, remarks)
    except TimeoutError:
        outcome, detail = "hangs", ""
    except Exception:  # what a fuzzer looks for
        outcome, detail = "traceback", traceback.format_exc()
    seconds = time.process_time() - started
    is_meant = all(len(damage.expected[stem]) for stem in RECORDS)
    return End(seed, family, damage.name, outcome, seconds, detail, is_meant)


def _read(damage: Damage, *, whole: bool) -> tuple[dict[str, pd.DataFrame], list[Remark]]:
    """Read a damaged source; now and then as the command does, from disk to disk."""
    data = damage.data
    if data is None and damage.files is None:
        data = write_book(damage.plan)
    if whole:
        return _imported(data, damage)
    remarks = Remarks("de")
    if damage.files is not None:
        sheets = read_folder(damage.files, remarks)
    else:
        sheets = read_book(data or b"", remarks)
    if remarks.has_errors:
        return {}, remarks.all
    tables = read_records(sheets, base().reference, YEAR, remarks, {})
    return {stem: table.frame for stem, table in tables.items()}, remarks.all


def _imported(data: bytes | None, damage: Damage) -> tuple[dict[str, pd.DataFrame], list[Remark]]:
    folder = Path(tempfile.mkdtemp())
    try:
        source = folder / "source.xlsx"
        if damage.files is not None:
            source = folder / "source"
            source.mkdir()
            for name, content in damage.files.items():
                (source / name).write_bytes(content)
        else:
            source.write_bytes(data or b"")
        done = import_workbook(source, folder / "set", year=YEAR)
        if done.outcome == "warnings":
            accept = [remark.name for remark in done.remarks]
            done = import_workbook(source, folder / "set", year=YEAR, accept=accept)
        if done.outcome != "written":
            return {}, [*done.remarks]
        return dict(open_dataset(folder / "set").records), [*done.remarks]
    finally:
        shutil.rmtree(folder)


def _judge(
    damage: Damage, frames: dict[str, pd.DataFrame], remarks: list[Remark]
) -> tuple[str, str]:
    errors = [remark for remark in remarks if remark.level == "error"]
    if errors:
        nameless = [one for one in errors if not one.place and not damage.is_whole_file]
        if nameless:
            return "error without place", str(nameless[0])
        return "error told", errors[0].said("de")
    if set(frames) != set(RECORDS):
        return "rows lost", f"tables {sorted(frames)}"
    for stem in RECORDS:
        got, meant = in_order(frames[stem], stem), in_order(damage.expected[stem], stem)
        if len(got) != len(meant):
            return "rows lost", f"{stem}: {len(got)} of {len(meant)}"
        if not got.equals(meant):
            return "silent change", str(got.compare(meant, result_names=("got", "meant")))
    return "same values", ""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the block after some seconds of work; waiting for a turn is none."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def main(count: int, first: int = 0) -> int:
    """Run mutations, print how they ended, and return 1 if any ended badly."""
    started = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        ends = [*pool.map(run_one, range(first, first + count), chunksize=20)]
    table = pd.DataFrame([vars(end) for end in ends])
    counts = table.groupby(["family", "name"])["outcome"].value_counts().unstack(fill_value=0)
    print(counts.to_string())
    print()
    if "--meant" in sys.argv:
        refused = [end for end in ends if end.is_meant and end.outcome == "error told"]
        for end in refused:
            print(end.seed, end.name, end.detail)
    for outcome, number in Counter(table["outcome"]).most_common():
        print(f"{outcome}: {number}")
    seconds = time.perf_counter() - started
    print(f"{count} mutations in {seconds:.0f} s; slowest {table['seconds'].max():.2f} s")
    bad = [end for end in ends if end.outcome not in GOOD]
    for end in bad[:20]:
        print(f"\nseed {end.seed}: {end.family}, {end.name}: {end.outcome}\n{end.detail}")
    return 1 if bad else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()] or [2000]
    sys.exit(main(*numbers))
