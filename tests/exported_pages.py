"""The exported pages of the real data set, made once, and what a reader sees on them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from ewm_analysis.l10n import LOCALES

if TYPE_CHECKING:
    from ewm_analysis.batch import Run

ROOT = Path(__file__).parents[1]
REAL, EXAMPLE = "capital-region", "example"
QUALITY, REPORT = "00_data_quality", "10_annual_report"

COVERED = [
    f"{data_set}/{year}/{cluster}/{notebook}"
    for data_set, year, cluster, notebook in (
        (REAL, 2020, "_all", QUALITY),
        (REAL, 2021, "_all", QUALITY),
        (REAL, 2022, "_all", QUALITY),
        (REAL, 2020, "imk", REPORT),
        (REAL, 2021, "imk", REPORT),
        (REAL, 2022, "cleantech", REPORT),
        (EXAMPLE, 2021, "imk", REPORT),
    )
]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
OTHERS = [name for name in NOTEBOOKS if name not in (QUALITY, REPORT)]
ALONE = ("40_organisations", "60_regions")
"""Notebooks with one page in each language."""
OTHER_PAGES = [f"{name}/first" for name in OTHERS]
OTHER_PAGES += [f"{name}/last" for name in OTHERS if name not in ALONE]
"""First and last page of every notebook that is added to the folder: poor and rich in data."""
NAMES = [f"{page}/{locale}" for page in (*COVERED, *OTHER_PAGES) for locale in LOCALES]
INDEXES = {"index/de": "index.html", "index/en": "index.en.html"}


@dataclass(frozen=True)
class Pages:
    """Every page by its name, and why a run failed."""

    outputs: Path
    paths: Mapping[str, Path]
    errors: Mapping[str, str]

    def path(self, name: str) -> Path:
        """Return the file of a page; a page that could not be made says why."""
        assert not self.errors.get(name), self.errors[name]
        return self.paths[name]

    def html(self, name: str) -> str:
        """Return a page as it was written."""
        return self.path(name).read_text("utf-8")

    def read(self, name: str) -> Reading:
        """Return what a page shows."""
        return Reading.of(self.html(name))


def named_runs(outputs: Path) -> dict[str, Run]:
    """Return the runs whose pages are looked at, by the name of the page."""
    # Imported here: this file is known to every file of tests, these are heavy.
    from ewm_analysis.batch import plan_runs, with_keys
    from ewm_analysis.loaders import open_dataset

    real, example = (open_dataset(ROOT / "data" / name) for name in (REAL, EXAMPLE))
    known = plan_runs([real], ROOT, outputs, notebooks=[QUALITY, REPORT])
    known += plan_runs([example], ROOT, outputs, years=[2021], clusters=["imk"], notebooks=[REPORT])
    known = with_keys(known, [real, example])
    runs = {run.folder.relative_to(outputs).as_posix(): run for run in known}
    for name in OTHERS:
        own = plan_runs([real, example], ROOT, outputs, notebooks=[name])
        own = with_keys(own, [real, example])
        own = [run for run in own if run.data_set == REAL] or own  # some need records
        for locale in LOCALES:
            first, *others = [run for run in own if run.locale == locale]
            runs[f"{name}/first/{locale}"] = first
            runs |= {f"{name}/last/{locale}": run for run in others[-1:]}
    return runs


def for_all_workers(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the workers of a session have in common."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """All pages, made once for all workers as ``ewm run`` makes them; nobody writes to them."""
    outputs = for_all_workers(tmp_path_factory) / "pages"
    told = outputs.with_name("pages.json")
    with FileLock(outputs.with_name("pages.lock")):
        if not told.is_file():
            subprocess.run([sys.executable, __file__, outputs, told], check=True)
    made = json.loads(told.read_text("utf-8"))
    paths = {name: Path(folder) / "report.html" for name, (folder, _) in made.items()}
    paths |= {name: outputs / file for name, file in INDEXES.items()}
    return Pages(outputs, paths, {name: error for name, (_, error) in made.items()})


def make_pages(outputs: Path) -> dict[str, tuple[str, str]]:
    """Run each notebook once, as the command does; return folder and error of each page.

    What `make report` made of the same package, notebooks and data is not made again.
    """
    from ewm_analysis.batch import execute_runs
    from ewm_analysis.batch.warm import warm_up

    warm_up([ROOT / "data" / name for name in (REAL, EXAMPLE)])
    runs = named_runs(outputs)
    due = [run for run in runs.values() if not taken_over(run, outputs)]
    errors = {result.run.folder: result.error for result in execute_runs(due, ROOT, outputs)}
    return {name: (str(run.folder), errors.get(run.folder, "")) for name, run in runs.items()}


def taken_over(run: Run, outputs: Path) -> bool:
    """Copy what `make report` recorded of a page, if the page is up to date; tell whether it is."""
    from ewm_analysis.batch import why_due
    from ewm_analysis.batch.outputs import MANIFEST, read_manifest

    made = ROOT / "outputs" / run.folder.relative_to(outputs)
    if why_due(replace(run, folder=made)):
        return False
    for name in (MANIFEST, *read_manifest(made).outputs):
        (run.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made / name, run.folder / name)
    return True


UNSEEN = {"style", "script", "title", "metadata", "defs", "code"}
"""Code is read by machines: a command, a folder, the code of a cluster."""


@dataclass
class Reading(HTMLParser):
    """The words of a page, as typed, and the rows of its tables."""

    words: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    unseen: int = 0
    cell: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> Reading:
        """Return what a page, or a part of it, shows."""
        reading = cls()
        reading.feed(re.sub(r'<span class="ewm-whole">(.*?)</span>', r"\1", html))  # no word ends
        reading.close()
        return reading

    @property
    def text(self) -> str:
        """Return all words in one line; a no-break space reads as a space."""
        return " ".join(" ".join(self.words).split())

    def row(self, heading: str, columns: int) -> list[str]:
        """Return the cells behind a heading; it stands once in tables with so many of them."""
        found = [row[1:] for row in self.rows if row[0] == heading and len(row) == columns + 1]
        (cells,) = (cells for cells in found if cells[0].count(" ") < 8)  # more words define it
        return cells

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where the reader is."""
        if tag in UNSEEN:
            self.unseen += 1
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []
        self.words += [value for name, value in attrs if name in ("aria-label", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        """Close a cell."""
        if tag in UNSEEN:
            self.unseen -= 1
        elif tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if self.unseen:
            return
        self.words.append(data)
        if self.cell is not None:
            self.cell.append(data)


if __name__ == "__main__":
    pages_folder, errors_file = map(Path, sys.argv[1:])
    errors_file.write_text(json.dumps(make_pages(pages_folder)), "utf-8")
