"""A page as PDF, printed by the Chromium of the system: tagged, with outline and page numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ewm_analysis.errors import MissingDataError, RunError
from ewm_analysis.files import written

PDF = "report.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHOSEN = "EWM_BROWSER"
"""Variable of the environment that names another browser."""

SECONDS = 120


def find_browser() -> str:
    """Return the command of a Chromium or Chrome.

    Raises
    ------
    MissingDataError
        If there is none; it says what to install.
    """
    names = [os.environ[CHOSEN]] if os.environ.get(CHOSEN) else BROWSERS
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise MissingDataError(
            f"No PDF was made: {' or '.join(names[:3])} was not found. Install Chromium, or name "
            f"a browser in the environment variable {CHOSEN}. The HTML pages are complete."
        )
    return found


def export_pdf(report: Path, browser: str) -> Path:
    """Write ``report.pdf`` beside a page and return its path.

    Two prints of a page differ in their date; PDFs are therefore no part of the manifest.

    Parameters
    ----------
    report : Path
        The page, an HTML file.
    browser : str
        Command of a Chromium, as `find_browser` returns it.

    Raises
    ------
    RunError
        If the browser fails or takes longer than two minutes; an older PDF stays.
    """
    target = report.with_name(PDF)
    with tempfile.TemporaryDirectory(prefix="ewm-pdf-") as folder:
        printed = Path(folder) / PDF
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={printed}",
            report.resolve().as_uri(),
        ]
        if os.name == "posix" and os.geteuid() == 0:  # the sandbox does not start as root
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise RunError(f"{browser} did not print {report} within {SECONDS} s.") from None
        if not printed.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise RunError(f"{browser} did not print {report}: {said[-1] if said else 'no reason'}")
        with written(target) as beside:
            shutil.move(printed, beside)
    return target
