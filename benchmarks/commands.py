"""What a user waits for before anything is computed."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence

from measure import Way, run, seconds_of

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


def command_lines(ways: Sequence[Way]) -> list[str]:
    """Return the section of the page as Markdown."""
    return [
        "| | s, quickest | s, median |",
        "|---|--:|--:|",
        *(f"| {way.name} | {way.best:.2f} | {way.middle:.2f} |" for way in ways),
    ]
