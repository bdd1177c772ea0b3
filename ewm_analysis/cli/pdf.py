"""The PDFs of ``ewm run --pdf``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ewm_analysis.batch import Run


def print_pdfs(
    console: Console, runs: Sequence[Run], outputs: Path, jobs: int | None
) -> list[Path]:
    """Print the pages of a plan that have no PDF yet, link them, and return all PDFs.

    Where no browser is found a sentence says so, and nothing else is affected.
    """
    from rich.progress import track

    from ewm_analysis.errors import EwmError
    from ewm_analysis.report import build_site
    from ewm_analysis.report.page import REPORT
    from ewm_analysis.report.pdf import PDF, export_pdf, find_browser

    pages = [run.folder / REPORT for run in runs if (run.folder / REPORT).is_file()]
    lacking = [page for page in pages if not page.with_name(PDF).is_file()]
    try:
        browser = find_browser()
        with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            made = pool.map(lambda page: export_pdf(page, browser), lacking)
            for _ in track(made, "PDF", total=len(lacking), console=console, transient=True):
                pass
    except EwmError as error:
        console.print(str(error), markup=False, soft_wrap=True)
    build_site(outputs)
    return [path for page in pages if (path := page.with_name(PDF)).is_file()]
