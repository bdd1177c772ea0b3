"""What is left when a command is stopped at any moment: tried for real, told as a table.

    python benchmarks/robustness.py --times 30

Commands are killed, disks filled, folders taken away; then it is looked at what stands there, and
the next command is run. Writes the table of docs/robustness.md. Linux; some rows need root.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fuzz_plan import base_of
from small_project import CLUSTER, YEAR, code, small_notebook, write_project
from test_report import figure, table

from ewm_analysis.batch import verify_outputs
from ewm_analysis.errors import EwmError
from ewm_analysis.intake import import_statistics, import_workbook
from ewm_analysis.loaders import open_dataset

ROOT = Path(__file__).parents[1]
EWM = "from ewm_analysis.cli import app; app()"
ONE = ("--year", "2021", "--cluster", "imk")
TEN_YEARS = 10 * 365 * 86_400
PAGE = ROOT / "docs" / "robustness.md"
BEGIN, END = "<!-- table -->", "<!-- /table -->"
SECONDS = 300
"""After which a command that does not end is killed and told as such."""


@dataclass
class Tried:
    """One row of the table: what was done, how often, and what became of it."""

    name: str
    tried: int = 0
    survived: int = 0
    half: int = 0
    lost: int = 0
    moments: int = 0
    ends: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """Return the row in Markdown."""
        ends = ", ".join(f"{count} {end}" for end, count in self.ends.most_common())
        numbers = (self.tried, self.survived, self.half, self.lost, self.moments)
        return f"| {self.name} | {' | '.join(map(str, numbers))} | {ends} |"


class Batch:
    """A small project whose pages say another number each time."""

    def __init__(self, root: Path) -> None:
        self.root, self.outputs, self.number = root, root / "outputs", 0
        kin = self.outputs / "example" / "2021" / "imk" / "10_annual_report"
        self.pages = [kin / locale / "report.html" for locale in ("de", "en")]
        self.change()
        began = time.monotonic()
        self.run()
        self.seconds = time.monotonic() - began
        assert self.wrong() == (0, 0), self.wrong()

    def change(self) -> None:
        """Let the notebook say another number: every page is due."""
        self.number += 1
        bundles = (
            figure(rows=[[2020, 41], [2021, self.number]]),
            table(header=["Akteurstyp", "Akteure"], rows=[["Unternehmen", self.number]]),
        )
        cells = [code(f"display({bundle!r}, raw=True)") for bundle in bundles]
        write_project(self.root, nb_10_annual_report=small_notebook(*cells, takes=YEAR + CLUSTER))

    def begin(self, *words: str, before: str = "", wrap: tuple[str, ...] = ()) -> Started:
        """Start `ewm run`; `before` is Python that runs first."""
        command = [*wrap, sys.executable, "-c", before + EWM, "run", *ONE, *words]
        return Started(command, self.root)

    def run(self) -> None:
        """Run what is due; the next command is to heal whatever was left."""
        self.begin().end()

    def wrong(self) -> tuple[int, int]:
        """Return how many files are not as their manifest says, and how many pages are gone."""
        gone = sum(not page.is_file() for page in self.pages)
        try:
            _, differences = verify_outputs(self.outputs)
        except EwmError:
            return 0, len(self.pages)
        half = [each for each in differences if each.kind != "missing"]
        return len(half), max(gone, len(differences) - len(half))

    def has_healed(self) -> bool:
        """Tell whether every page is whole and new, and nothing else there, after another run.

        Where the first one has come that far there is nothing to do for another.
        """
        if self.is_good():
            return True
        self.run()
        return self.is_good()

    def is_good(self) -> bool:
        """Tell whether every page is whole and new, and nothing else there."""
        said = [page.parent / "tables" / "01-actors.csv" for page in self.pages]
        is_new = all(f"{self.number}" in file.read_text("utf-8") for file in said if file.is_file())
        is_tidy = not [*self.outputs.rglob(".*-*")]
        return is_new and is_tidy and self.wrong() == (0, 0) and all(map(Path.is_file, said))


class Started:
    """A command at work."""

    def __init__(self, command: list[str], folder: Path) -> None:
        path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def end(self) -> str:
        """Wait for the end; return how it ended."""
        try:
            said, _ = self.process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            for each in self.family():
                each.kill()
            self.process.communicate()
            return "did not end"
        number = self.process.returncode
        if number < 0:
            return "killed"
        if "Traceback" in said:
            print(said[-1500:], flush=True)
            return "traceback"
        return {0: "went well", 1: "told in a sentence", 2: "refused"}.get(
            number, f"ended {number}"
        )

    def family(self) -> list[psutil.Process]:
        """Return the process and all below it."""
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        return []

    def find(self, which: str) -> psutil.Process | None:
        """Return the batch itself, its fork server or one of the kernels, if it lives."""
        with suppress(psutil.Error):
            own = psutil.Process(self.process.pid)
            if which == "batch":
                return own
            for child in own.children():
                if any("forkserver" in word for word in child.cmdline()):
                    kernels = child.children()
                    if which == "fork server":
                        return child
                    return random.choice(kernels) if kernels else None
        return None

    def kill(self, which: str, after: float) -> bool:
        """Kill one of these processes at a moment, or as soon as there is one."""
        time.sleep(after)
        while self.process.poll() is None:
            found = self.find(which)
            if found is not None:
                with suppress(psutil.NoSuchProcess):
                    found.kill()
                    return True
            time.sleep(0.02)
        return False


@contextmanager
def watched(*files: Path) -> Iterator[list[int]]:
    """Look all the time whether a file is missing; count the looks at which one is."""
    missing, is_over = [0], threading.Event()

    def look() -> None:
        while not is_over.wait(0.0005):
            missing[0] += not all(map(os.path.exists, files))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield missing
    finally:
        is_over.set()
        thread.join()


def judge(batch: Batch, row: Tried, end: str, missing: int) -> None:
    """Look at what stands there, then run again."""
    half, lost = batch.wrong()
    row.tried += 1
    row.half += half > 0
    row.lost += lost > 0
    row.moments += missing
    row.ends[end] += 1
    row.survived += batch.has_healed()


def kills(batch: Batch, which: str, times: int) -> Iterator[Tried]:
    """Kill a process of a batch at random moments."""
    row = Tried(f"`kill -9` of the {which}")
    while row.tried < times:
        batch.change()
        with watched(*batch.pages) as missing:
            started = batch.begin()
            was_killed = started.kill(which, random.uniform(0.1, batch.seconds))
            end = started.end()
        if was_killed:
            judge(batch, row, end, missing[0])
    yield row


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of memory."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def disks(root: Path, times: int) -> Iterator[Tried]:
    """Fill the disk of a project, or let it be for reading only."""
    with small_disk(root / "disk", "64m") as folder:
        batch, filler = Batch(folder / "project"), folder / "filler"
        used = sum(path.stat().st_size for path in batch.outputs.rglob("*") if path.is_file())
        row = Tried("disk full")
        for _ in range(times):
            batch.change()
            free = shutil.disk_usage(folder).free
            filler.write_bytes(b"0" * (free - random.randint(0, used)))
            with watched(*batch.pages) as missing:
                end = batch.begin().end()
            filler.unlink()
            judge(batch, row, end, missing[0])
        yield row
        row = Tried("disk for reading only")
        for _ in range(max(1, times // 10)):
            batch.change()
            remount = ["mount", "-o", "remount,{}", str(folder)]
            subprocess.run([word.format("ro") for word in remount], check=True)
            end = batch.begin().end()
            subprocess.run([word.format("rw") for word in remount], check=True)
            judge(batch, row, end, 0)
        yield row


def taken_away(batch: Batch, times: int) -> Iterator[Tried]:
    """Rename the folder of results while a batch writes to it."""
    row, away = Tried("folder of results taken away"), batch.root / "away"
    for _ in range(times):
        batch.change()
        started = batch.begin()
        time.sleep(random.uniform(0.1, batch.seconds))
        os.replace(batch.outputs, away)
        end = started.end()
        shutil.rmtree(batch.outputs, ignore_errors=True)
        os.replace(away, batch.outputs)
        judge(batch, row, end, 0)
    yield row


def surroundings(batch: Batch, times: int) -> Iterator[Tried]:
    """Clock, open files, shared memory, a second batch."""
    row = Tried("clock set back ten years")
    back = f"import time; now = time.time; time.time = lambda: now() - {TEN_YEARS}; "
    for _ in range(times):
        batch.change()
        for path in batch.outputs.rglob("*"):
            os.utime(path, (time.time() + TEN_YEARS,) * 2)
        with watched(*batch.pages) as missing:
            end = batch.begin(before=back).end()
        judge(batch, row, end, missing[0])
    yield row
    row = Tried("few open files (`ulimit -n`)")
    for number in (32, 64, 80, 96, 128)[:times]:
        batch.change()
        limit = f"import resource as r; r.setrlimit(r.RLIMIT_NOFILE, ({number}, {number})); "
        judge(batch, row, batch.begin(before=limit).end(), 0)
    yield row
    row = Tried("no room in `/dev/shm`")
    fill = "mount -t tmpfs -o size=4k none /dev/shm && head -c 4096 /dev/zero > /dev/shm/full"
    wrap = ("unshare", "--mount", "sh", "-c", f'{fill}; exec "$@"', "sh")
    for _ in range(times):
        batch.change()
        judge(batch, row, batch.begin(wrap=wrap).end(), 0)
    yield row
    row = Tried("two batches at once")
    for _ in range(times):
        batch.change()
        with watched(*batch.pages) as missing:
            both = [batch.begin(), batch.begin()]
            ends = [each.end() for each in both]
        judge(batch, row, " and ".join(dict.fromkeys(ends)), missing[0])
    yield row


def dask(batch: Batch, times: int) -> Iterator[Tried]:
    """Lose a worker or the scheduler of a Dask cluster."""
    for which in ("worker", "scheduler"):
        row = Tried(f"Dask {which} lost")
        for _ in range(times):
            batch.change()
            address = f"tcp://127.0.0.1:{random.randint(20_000, 30_000)}"
            begin = ["-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--host", address]
            work = ["-m", "distributed.cli.dask_worker", address, "--nthreads", "1"]
            work += ["--no-nanny", "--no-dashboard"]
            cluster = [
                Started([sys.executable, *words], batch.root) for words in (begin, work, work)
            ]
            with watched(*batch.pages) as missing:
                started = batch.begin("--scheduler", address)
                time.sleep(random.uniform(2, 2 + 2 * batch.seconds))
                cluster[1 if which == "worker" else 0].process.kill()
                end = started.end()
            for each in cluster:
                each.process.kill()
                each.process.communicate()
            judge(batch, row, end, missing[0])
        yield row


# --- Imports: forked from this process, in which all libraries are loaded ----------------------


def forked(work: Callable[[], object]) -> int:
    """Begin something in a process of its own; it ends with 0 if that went well."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        work()
        code = 0
    except EwmError as error:
        print(error, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 3
    finally:
        os._exit(code)


def ended(number: int) -> str:
    """Wait for a process; return how it ended."""
    _, status = os.waitpid(number, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    code = os.WEXITSTATUS(status)
    return {0: "went well", 1: "told in a sentence"}.get(code, "traceback")


def marks(folder: Path, part: str = "") -> dict[str, str]:
    """Return the hash of every file that a data set shows, or of a part of it."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and not path.relative_to(folder).as_posix().startswith(".")
    }


def whole_archives(folder: Path) -> bool:
    """Tell whether every edition of the records can be read."""
    return all(zipfile.ZipFile(path).testzip() is None for path in folder.rglob("edition-*.zip"))


class Import:
    """Records of a year that are to be replaced by others: wholly old, or wholly new."""

    def __init__(self, root: Path) -> None:
        self.data, self.saved = root / "set", root / "saved"
        example = open_dataset(ROOT / "data" / "example")
        self.books = [root / name for name in ("old.xlsx", "new.xlsx", "other.xlsx")]
        projects = example.records["projects"]
        own = projects[(projects["year"] == 2021) & (projects["cluster_id"] == "imk")].index
        for number, book in enumerate(self.books):
            records = {**example.records, "projects": projects.drop(own[:number])}
            book.write_bytes(base_of(replace(example, records=records)).workbook)
        self.states = []
        for book in self.books:
            shutil.rmtree(self.data, ignore_errors=True)
            self.take(book)
            self.states.append(marks(self.data, "records"))
            if len(self.states) == 1:
                shutil.copytree(self.data, self.saved)
        assert self.states[0] != self.states[1] != self.states[2]
        began = time.monotonic()
        self.reset()
        ended(forked(lambda: self.take(self.books[1])))
        self.seconds = time.monotonic() - began

    def take(self, book: Path) -> None:
        """Import a workbook; that fewer projects are in it is accepted."""
        import_workbook(book, self.data, replace=True)

    def reset(self) -> None:
        """Put back what was there first."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.saved, self.data)

    def judge(self, row: Tried, ends: list[str], missing: int, last: Path) -> None:
        """Look at what stands there, then import again."""
        row.tried += 1
        there = marks(self.data, "records")
        row.lost += not there
        row.half += bool(there) and (there not in self.states or not whole_archives(self.data))
        row.moments += missing
        row.ends[" and ".join(dict.fromkeys(ends))] += 1
        again = ended(forked(lambda: self.take(last)))
        is_new = marks(self.data, "records") == self.states[self.books.index(last)]
        row.survived += again == "went well" and is_new and whole_archives(self.data)


def imports(root: Path, times: int) -> Iterator[Tried]:
    """Kill an import at random moments, and let two come at once."""
    work = Import(root)
    row = Tried("`kill -9` of an import")
    while row.tried < times:
        work.reset()
        with watched(work.data / "datapackage.json") as missing:
            number = forked(lambda: work.take(work.books[1]))
            time.sleep(random.uniform(0, work.seconds))
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            end = ended(number)
        work.judge(row, [end], missing[0], work.books[1])
    yield row
    row = Tried("two imports at once")
    for _ in range(times):
        work.reset()
        with watched(work.data / "datapackage.json") as missing:
            both = [forked(lambda book=book: work.take(book)) for book in work.books[1:]]
            ends = [*map(ended, both)]
        work.judge(row, ends, missing[0], work.books[1])
    yield row


WRITES = os.O_WRONLY | os.O_RDWR
WRITING = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "ctypes.dlsym"}


def stop_at(step: int) -> None:
    """End this process without a word before it touches files for the n-th time."""
    count = itertools.count(1)

    def hook(event: str, given: tuple[object, ...]) -> None:
        opens = (
            event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if (opens or event in WRITING) and next(count) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def statistics(root: Path) -> Iterator[Tried]:
    """Stop an import of official statistics before each of its steps that touch a file."""
    files, data = ROOT / "tests" / "statistics", root / "economy"
    first = (files / "genesis_new.csv", data, "genesis", "employees_insured")
    second = (files / "eurostat.csv", data, "eurostat", "employed_persons")

    def take(source: Path, target: Path, form: str, meaning: str) -> None:
        import_statistics(source, target, form=form, meaning=meaning)

    row = Tried("official statistics stopped before each step that touches a file")
    take(*first)
    shutil.copytree(data, root / "kept")
    before = marks(data)
    take(*second)
    after = marks(data)
    assert before != after
    for step in itertools.count(1):
        shutil.rmtree(data)
        shutil.copytree(root / "kept", data)
        with watched(data / "datapackage.json") as missing:
            end = ended(forked(lambda step=step: (stop_at(step), take(*second))))
        if end == "went well":
            break
        row.tried += 1
        there = marks(data)
        row.lost += not there
        row.half += bool(there) and there not in (before, after)
        row.moments += missing[0]
        row.ends[end] += 1
        again = ended(forked(lambda: take(*second)))
        row.survived += again == "went well" and marks(data) == after
    yield row


def write_page(row: Tried) -> None:
    """Write a row into the table of the page; the others stay."""
    text = PAGE.read_text("utf-8")
    start, (between, rest) = text.split(BEGIN)[0], text.split(BEGIN)[1].split(END)
    lines = [line for line in between.splitlines() if line.startswith("| ")][1:]
    kept = {line.split(" | ")[0]: line for line in lines} | {f"| {row.name}": row.line()}
    cores = len(os.sched_getaffinity(0))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    machine = f"Last tried on {day}: {platform.system()} {platform.release()}, {cores} cores."
    head = "| | tried | survived | half-written | lost | moments missing | how it ended |"
    table = [machine, "", head, "|---|--:|--:|--:|--:|--:|---|", *kept.values()]
    PAGE.write_text(f"{start}{BEGIN}\n{chr(10).join(table)}\n{END}{rest}", "utf-8", newline="")


def main() -> None:
    """Read the options, try everything, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=30, help="moments at which each is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], help="these parts; rows of others stay")
    given = parser.parse_args()
    random.seed(given.seed)
    times, few = given.times, max(1, given.times // 3)
    with tempfile.TemporaryDirectory(prefix="ewm-") as name:
        root = Path(name).resolve()
        project = Batch(root / "project")
        parts: dict[str, Callable[[], Iterator[Tried]]] = {
            "imports": lambda: imports(root, times),
            "statistics": lambda: statistics(root),
            "disks": lambda: disks(root, few),
            "taken": lambda: taken_away(project, few),
            "surroundings": lambda: surroundings(project, max(1, few // 2)),
            "batch": lambda: kills(project, "batch", times),
            "server": lambda: kills(project, "fork server", times),
            "kernel": lambda: kills(project, "kernel", times),
            "dask": lambda: dask(project, max(1, few // 2)),
        }
        for part in given.only or parts:
            for row in parts[part]():
                print(row.line(), flush=True)
                write_page(row)


if __name__ == "__main__":
    main()
