"""Pages of the documentation that are made from what the project holds, so that none grows old."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import typer.main
from sphinx.application import Sphinx
from typer.testing import CliRunner

from ewm_analysis import catalogue, figures
from ewm_analysis.cli import app as ewm
from ewm_analysis.cli.editions import PARTS, UNITS
from ewm_analysis.l10n import in_language
from ewm_analysis.notebook.showing import FIGURE_MIME
from ewm_analysis.project import DESCRIPTOR

DOCS = Path(__file__).parent
ROOT = DOCS.parent
GENERATED = DOCS / "generated"

CARRIED = {
    "data/README.md": "data-dictionary.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
"""Documents that lie elsewhere in the project, and their pages here."""

REPORTS = (
    "example/2021/imk/10_annual_report",
    "example/2021/imk/20_growth",
    "capital-region/2022/imk/20_growth",
    "example/2021/_all/30_comparison",
    "capital-region/_all/_all/40_organisations",
    "capital-region/_all/imk/50_economy",
    "capital-region/_all/_all/60_regions",
)
"""Reports that show every figure among them, run by `make docs`."""

EXPLORER = "plot_values"
"""Drawn in JupyterLab only, for whatever is chosen there."""

LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s:]+)(#[^)]*)?\)")


def write_pages(_: Sphinx) -> None:
    """Write all generated pages."""
    GENERATED.mkdir(exist_ok=True)
    _write("commands.md", _commands())
    _write("indicators.md", _indicators())
    _write("gallery.md", _gallery())
    for origin, page in CARRIED.items():
        source = ROOT / origin
        _write(page, _pointed(source.read_text("utf-8"), source, GENERATED / page))


def point_links(_: Sphinx, name: str, content: list[str]) -> None:
    """Point links between files of the project to the pages that show them."""
    page = DOCS / f"{name}.md"
    if page.is_file() and GENERATED not in page.parents:
        content[0] = _pointed(content[0], page, page)


def open_to_all(_: Sphinx, __: str, ___: str, context: dict[str, Any], ____: object) -> None:
    """Give captions of the menu, which are headings, their level; let keys scroll wide code."""
    menu = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = menu.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )
    context["body"] = context.get("body", "").replace("<pre>", '<pre tabindex="0">')


def find_source(_: Sphinx, room: str, name: str) -> str | None:
    """Show the source of a name in its own room only, so that there is one way back."""
    home = getattr(import_module(room), name.partition(".")[0]).__module__
    return None if home.startswith(room) else room  # where it is not found


def _write(name: str, content: str) -> None:
    path = GENERATED / name
    if not path.is_file() or path.read_text("utf-8") != content:  # else Sphinx builds it again
        path.write_text(content, "utf-8")


def _pointed(content: str, source: Path, page: Path) -> str:
    """Return the text of `source` with its links as they must be on `page`."""

    def point(match: re.Match[str]) -> str:
        label, target, anchor = match[1], match[2], match[3] or ""
        path = Path(os.path.normpath(source.parent / target))
        known = path.relative_to(ROOT).as_posix()
        if known in CARRIED:
            path = GENERATED / CARRIED[known]
        elif known == "README.md":
            path = DOCS / "index.md"
        elif path.is_dir() and (path / "index.md").is_file():
            path /= "index.md"
        elif DOCS not in path.parents:
            return label  # code and data are not part of the documentation
        return f"[{label}]({os.path.relpath(path, page.parent)}{anchor})"

    return LINK.sub(point, content)


def _commands() -> str:
    parts = [
        "# Commands\n\nEach command explains itself: `ewm COMMAND --help`. "
        "This page is what they say.\n"
    ]
    for words in _all_commands(typer.main.get_command(ewm), []):
        shown = CliRunner().invoke(ewm, [*words, "--help"], prog_name="ewm", terminal_width=88)
        parts.append(f"## `{' '.join(['ewm', *words])}`\n\n```text\n{shown.stdout.strip()}\n```\n")
    return "\n".join(parts)


def _all_commands(command: Any, words: list[str]) -> Iterator[list[str]]:
    yield words
    for name, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from _all_commands(below, [*words, name])


def _indicators() -> str:
    parts = [
        "# Indicators\n\nWhat each indicator counts, in which unit, and whether its parts may be "
        "summed. `ewm describe NAME` says the same; this page is made from the catalogue.\n"
    ]
    for name in catalogue.indicators():
        each = catalogue.indicator(name)
        label, definition = in_language(each.label, "en"), in_language(each.definition, "en")
        parts.append(f"## {label}\n\n`{name}` · {in_language(each.label, 'de')}\n\n{definition}\n")
        parts += [f"- {fact}" for fact in _facts(each)]
        parts.append("")
    return "\n".join(parts)


def _facts(indicator: catalogue.Indicator) -> Iterator[str]:
    yield f"Unit: {UNITS[indicator.unit]}"
    yield PARTS[indicator.parts]
    if indicator.of:
        yield f"Part of `{indicator.of}`"
    if indicator.base:
        yield f"{'Share' if indicator.name.endswith('_share') else 'Change'} of `{indicator.base}`"
    if indicator.sum_of:
        yield "Sum of " + ", ".join(f"`{name}`" for name in indicator.sum_of)
    if indicator.dimensions:
        yield "Broken down by " + ", ".join(f"`{name}`" for name in indicator.dimensions)


def _gallery() -> str:
    """Show every figure of the reports in `outputs/`, once, with its sentence and its function."""
    parts = [
        "# Gallery\n\nEvery figure of the reports, drawn by the notebooks from the data sets "
        "`example` (synthetic) and `capital-region` (real). Below each: the sentence that comes "
        "with it, and the function that draws it. What you choose in the explorer is drawn by "
        f"`figures.{EXPLORER}`.\n"
    ]
    missing = {name for name in dir(figures) if name.startswith("plot_")} - {EXPLORER}
    for place in REPORTS:
        data_set, _, _, notebook = place.split("/")
        executed = ROOT / "outputs" / place / "en" / "executed.ipynb"
        new = [each for each in _figures(executed) if _function(each) in missing]
        missing -= {_function(each) for each in new}
        title = notebook[3:].replace("_", " ").capitalize()
        parts.append(f"## {title} ({data_set}: {_kind(data_set)})\n")
        parts += [_figure(each, executed) for each in new]
    if missing:
        raise LookupError(f"No report of REPORTS shows {', '.join(sorted(missing))}.")
    return "\n".join(parts)


def _kind(data_set: str) -> str:
    descriptor = ROOT / "data" / data_set / DESCRIPTOR
    return "synthetic" if json.loads(descriptor.read_text("utf-8"))["synthetic"] else "real"


def _function(record: dict[str, Any]) -> str:
    return f"plot_{record['slug'].replace('-', '_')}"


def _figures(executed: Path) -> Iterator[dict[str, Any]]:
    for cell in json.loads(executed.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if FIGURE_MIME in output.get("data", {}):
                yield output["data"][FIGURE_MIME]


def _figure(record: dict[str, Any], executed: Path) -> str:
    title = record["title"].partition(": ")[2]
    picture = executed.parent / "figures" / f"{record['number']:02d}-{record['slug']}.svg"
    target = os.path.relpath(picture, GENERATED)
    return (
        f"### {title}\n\n```{{image}} {target}\n:alt: {title}\n:class: figure\n```\n\n"
        f"{record['alt']}\n\n{_source(_function(record))}\n"
    )


def _source(function: str) -> str:
    """Name what draws a figure: its function, or the entry that declares it."""
    if function in figures.__all__:
        return f"{{func}}`~ewm_analysis.figures.{function}`"
    return f"`figures.{function}`, declared as `{function.removeprefix('plot_')}`"
