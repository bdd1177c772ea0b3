"""What a user waits for before anything is computed."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from measure import ROOT, Way, run, seconds_of

DATA = "example"
CORRECTED = ("records/2021/projects.csv", ",12800000,", ",12900000,")
"""A record of one cluster, and what is mended in it: other volume, other growth, other ranks."""

BARE = [sys.executable, "-c", "pass"]


def measure_commands(repeat: int) -> list[Way]:
    """Return how long each command takes; the bare interpreter is part of each of them."""
    with tempfile.TemporaryDirectory() as outputs:
        # the small pages of one year, made once, so that nothing is left to do
        once = ["ewm", "run", "--data", "data/capital-region", "--notebook", "00_data_quality"]
        again = [*once, "--output", outputs]
        run(again)
        commands = {
            "`python -c pass`": BARE,
            "`import ewm_analysis`": [sys.executable, "-c", "import ewm_analysis"],
            "`ewm --help`": ["ewm", "--help"],
            "`ewm run`, nothing changed": again,
        }
        ways = {name: Way(name) for name in commands}
        for _ in range(repeat):
            for name, command in commands.items():
                ways[name].seconds.append(seconds_of(command))
    return [*ways.values()]


def measure_correction(repeat: int) -> Way:
    """Return how long all pages take that read a record, after it was corrected."""
    with tempfile.TemporaryDirectory() as folder:
        data, outputs = Path(folder) / DATA, Path(folder) / "outputs"
        shutil.copytree(ROOT / "data" / DATA, data)
        shutil.copytree(ROOT / "data/reference", data.with_name("reference"))
        command = ["ewm", "run", "--data", str(data), "--output", str(outputs)]
        run(command)
        name, old, new = CORRECTED
        record = data / name
        due = 0
        way = Way("")
        for turn in range(repeat):
            said, then = (old, new) if turn % 2 == 0 else (new, old)
            record.write_text(record.read_text("utf-8").replace(said, then, 1), "utf-8")
            due = run(["ewm", "list", *command[2:]]).count("the data it reads changed")
            way.seconds.append(seconds_of(command))
    return replace(way, name=f"`ewm run`, one record of one cluster corrected: {due} pages")


def command_lines(ways: Sequence[Way]) -> list[str]:
    """Return the section of the page as Markdown."""
    return [
        "| | s, quickest | s, median |",
        "|---|--:|--:|",
        *(f"| {way.name} | {way.best:.2f} | {way.middle:.2f} |" for way in ways),
    ]
