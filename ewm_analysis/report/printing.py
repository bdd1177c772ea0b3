"""A page as PDF, for Word and PowerPoint, and its pictures, drawn by the Chromium of the system.

All are made on request, differ in nothing but their date or the machine's fonts from one time
to the next, and are therefore no part of a manifest.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ewm_analysis.errors import MissingDataError, RunError
from ewm_analysis.files import written

PNG = ".png"
DOCUMENTS = {"PDF": ".pdf", "DOCX": ".docx", "PPTX": ".pptx"}
"""Files beside a page that hold all of it, by their ending."""
SUMMARY = "summary.pdf"
"""Holds title, notice, key messages and tiles of a page on one sheet."""
SUMMED = '<ul class="ewm-messages">'
"""Stands in a page that has a summary."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHOSEN = "EWM_BROWSER"
"""Variable of the environment that names another browser."""

SECONDS = 120
MADE = re.compile(r'<a href="data:image/png;base64,([^"]+)" download="([^"]+)"')
"""A picture that the page's script has made."""


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
            f"No {', '.join(ON_REQUEST)} was made: {' or '.join(names[:3])} was not found. "
            f"Install Chromium, or name a browser in the environment variable {CHOSEN}. "
            "The HTML pages are complete."
        )
    return found


def export_pdf(report: Path, browser: str) -> None:
    """Write ``report.pdf`` and ``summary.pdf`` beside a page: tagged, with outline and numbers.

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
    for path in _pdfs(report):
        part = "#summary" if path.name == SUMMARY else ""
        with tempfile.TemporaryDirectory(prefix="ewm-pdf-") as folder:
            printed = Path(folder) / path.name
            _, error = _browse(
                browser,
                report.resolve().as_uri() + part,
                "--no-pdf-header-footer",
                "--generate-pdf-document-outline",
                f"--print-to-pdf={printed}",
            )
            if not printed.is_file():
                raise RunError(f"{browser} did not print {report}: {error}")
            with written(path) as beside:
                shutil.move(printed, beside)


def _pdfs(report: Path) -> list[Path]:
    whole, has_summary = report.with_suffix(".pdf"), SUMMED in report.read_text("utf-8")
    return [whole, report.with_name(SUMMARY)] if has_summary else [whole]


def export_png(report: Path, browser: str) -> None:
    """Write the figures of a page as PNG beside their SVG: 200 dots an inch, transparent.

    The page's own script makes them, as it does for a reader who asks for one. Parameters and
    errors are those of `export_pdf`; a figure that is left out is an error, too.
    """
    made = _draw(report, browser, "png")
    for path in _pngs(report):
        with written(path) as beside:
            beside.write_bytes(made[path.name])


def export_docx(report: Path, browser: str) -> None:
    """Write a page as ``report.docx`` for Word. Parameters and errors are those of `export_png`."""
    from ewm_analysis.report.parts import read_parts
    from ewm_analysis.report.word import to_docx

    with written(report.with_suffix(".docx")) as beside:
        beside.write_bytes(to_docx(read_parts(report), _draw(report, browser, "office")))


def export_pptx(report: Path, browser: str) -> None:
    """Write a page as ``report.pptx`` for PowerPoint, as `export_docx` does."""
    from ewm_analysis.report.parts import read_parts
    from ewm_analysis.report.slides import to_pptx

    with written(report.with_suffix(".pptx")) as beside:
        beside.write_bytes(to_pptx(read_parts(report), _draw(report, browser, "office")))


def _draw(report: Path, browser: str, purpose: str) -> dict[str, bytes]:
    """Return the figures of a page as PNG by the names of their files."""
    address = f"{report.resolve().as_uri()}#{purpose}"
    said, error = _browse(browser, address, f"--virtual-time-budget={SECONDS * 1000}", "--dump-dom")
    made = {name: base64.b64decode(picture) for picture, name in MADE.findall(said)}
    lacking = [path.name for path in _pngs(report) if path.name not in made]
    if lacking:
        raise RunError(f"{browser} did not draw {', '.join(lacking)} of {report}: {error}")
    return made


def _pngs(report: Path) -> list[Path]:
    return [path.with_suffix(PNG) for path in sorted(report.parent.glob("figures/*.svg"))]


def _browse(browser: str, address: str, *options: str) -> tuple[str, str]:
    """Open a page without a window; return what the browser printed, and its last complaint."""
    with tempfile.TemporaryDirectory(prefix="ewm-browser-") as profile:
        command = [browser, "--headless", "--disable-gpu", "--no-first-run"]
        command += [f"--user-data-dir={profile}", *options, address]
        if os.name == "posix" and os.geteuid() == 0:  # the sandbox does not start as root
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise RunError(f"{browser} did not show {address} within {SECONDS} s.") from None
    complaints = done.stderr.decode(errors="replace").strip().splitlines()
    return done.stdout.decode(errors="replace"), complaints[-1] if complaints else "no reason"


class OnRequest(NamedTuple):
    """What makes a format from a page and a browser, and the files it makes of the page."""

    make: Callable[[Path, str], None]
    files: Callable[[Path], list[Path]]


def _beside(suffix: str) -> Callable[[Path], list[Path]]:
    return lambda report: [report.with_suffix(suffix)]


ON_REQUEST = {
    "PDF": OnRequest(export_pdf, _pdfs),
    "DOCX": OnRequest(export_docx, _beside(".docx")),
    "PPTX": OnRequest(export_pptx, _beside(".pptx")),
    "PNG": OnRequest(export_png, _pngs),
}
"""By the name of the option that asks for it."""
