"""What ``ewm run`` shows while it works and at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ewm_analysis.batch import RunResult


@contextmanager
def show_progress(console: Console, total: int) -> Iterator[Callable[[RunResult], None]]:
    """A bar on a terminal, one line a run elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    done = 0
    columns = (BarColumn(), MofNCompleteColumn(), Remaining(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def report(result: RunResult) -> None:
            nonlocal done
            done += 1
            bar.update(task, advance=1, description=str(result.run))
            if result.error or not console.is_terminal:
                count = f"[{done:>{len(str(total))}}/{total}]"
                end = f"FAILED: {result.error}" if result.error else f"{result.seconds:.1f} s"
                console.print(f"{count} {result.run}  {end}", markup=False, soft_wrap=True)

        yield report


def print_nothing(console: Console, outputs: Path) -> None:
    console.print("Everything is up to date; --force runs all the same.")
    console.print(f"Open {outputs / 'index.html'}", markup=False, soft_wrap=True)


def print_end(
    console: Console, results: Sequence[RunResult], up_to_date: int, outputs: Path
) -> None:
    """What was made, what failed and why, and the page to open."""
    from rich.table import Table

    table = Table("Data set", "Pages", "Failed", "Seconds", box=None, pad_edge=False)
    for name in dict.fromkeys(result.run.data_set for result in results):
        own = [result for result in results if result.run.data_set == name]
        failed = sum(bool(result.error) for result in own)
        seconds = sum(result.seconds for result in own)
        table.add_row(name, str(len(own) - failed), str(failed), f"{seconds:.1f}")
    console.print()
    console.print(table)
    if up_to_date:
        console.print(f"{counted(up_to_date)} up to date.")
    for result in results:
        if result.failed_notebook:
            console.print(f"\nFailed: {result.run}", markup=False, soft_wrap=True)
            console.print(f"  {result.error}", markup=False, soft_wrap=True)
            if result.failed_notebook.is_file():
                console.print(f"  Open {result.failed_notebook}", markup=False, soft_wrap=True)
    console.print(f"\nOpen {outputs / 'index.html'}", markup=False, soft_wrap=True)


def counted(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"
