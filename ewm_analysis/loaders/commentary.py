"""The evaluators' words: Markdown files by year, cluster and language, cut into chapters."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from ewm_analysis.contracts import did_you_mean
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders.files import Reading

SECTIONS = ("year", "success_stories")
"""Chapters of the annual report that are the evaluators' own, by their heading ``# name``."""

HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)

Chapters = Mapping[str, str]


def read_commentaries(
    reading: Reading, folder: Path, clusters: Collection[str]
) -> dict[tuple[int, str, str], Chapters]:
    """Return the chapters of each file by year, cluster and language.

    What no page would show is a failure: a file of no year, cluster or language, a chapter that
    the report does not have, text before the first one. The folder may not exist.
    """
    found: dict[tuple[int, str, str], Chapters] = {}
    for path in sorted(folder.rglob("*")):
        hidden = path.name.startswith((".", "~$"))
        if path.is_dir() or hidden or path.name == "README.md":
            continue
        key = _key(reading, path, folder, clusters)
        if key is not None:
            found[key] = _chapters(reading, path)
    return found


def _key(
    reading: Reading, path: Path, folder: Path, clusters: Collection[str]
) -> tuple[int, str, str] | None:
    match = re.fullmatch(r"([0-9]{4})/([^/.]+)\.([^/.]+)\.md", path.relative_to(folder).as_posix())
    if match is None:
        reading.fail(path, "is not commentary/<year>/<cluster>.<locale>.md")
        return None
    year, cluster, locale = match.groups()
    if cluster not in clusters:
        reading.fail(path, f"{cluster!r} is no cluster{did_you_mean(cluster, clusters)}")
    elif locale not in LOCALES:
        reading.fail(path, f"{locale!r} is no language: allowed: {', '.join(LOCALES)}")
    return int(year), cluster, locale


def _chapters(reading: Reading, path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        reading.fail(path, "the file is not UTF-8; save it as UTF-8")
        return {}
    before, *parts = HEADING.split(text)
    if before.strip():
        reading.fail(path, "text stands before the first heading '# name'", line=1)
    line = before.count("\n") + 1
    chapters: dict[str, str] = {}
    for name, words in zip(parts[::2], parts[1::2], strict=True):
        if wrong := _wrong(name, chapters):
            reading.fail(path, wrong, line=line, value=f"# {name}")
        chapters[name] = words.strip()
        line += words.count("\n")
    return chapters


def _wrong(name: str, chapters: Chapters) -> str:
    if name not in SECTIONS:
        allowed = ", ".join(f"# {section}" for section in SECTIONS)
        hint = did_you_mean(name, SECTIONS)
        return f"is no chapter: allowed: {allowed}{hint}; headings within a chapter begin with ##"
    return "the heading stands there more than once" if name in chapters else ""
