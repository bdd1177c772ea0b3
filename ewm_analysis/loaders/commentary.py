"""The evaluators' words: Markdown files by year, cluster and language, cut into sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import did_you_mean
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders.files import Reading

CHAPTERS = ("year", "success_stories")
"""Chapters of the annual report that are the evaluators' own."""

SECTIONS = (
    "economy", "projects", "volumes", "rdi", "guidelines", "cross_cluster", "focus_topics",
    "action_fields", "technologies", "actors", *CHAPTERS,
)  # fmt: skip
"""Headings ``# name`` of a file: those before the chapters comment on figures."""

TOPICS = ("guideline", "focus_topic")
"""Lines below the heading of a success story: ``guideline: innovation, cross_cluster``."""

HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
SOURCED = re.compile(r"(\S+)[ \t]+\(([^,()]+),[ \t]*(.+)\)")
STORY = re.compile(r"^##[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
TOPIC = re.compile(rf"^({'|'.join(TOPICS)}):[ \t]*(.*)$", re.MULTILINE)


class Section(NamedTuple):
    """Markdown, and the source it follows, where its heading names one: ``# year (id, p. 17)``."""

    text: str
    source_id: str = ""
    reference: str = ""


class Story(NamedTuple):
    """A success story: its heading, its Markdown, and its guidelines and focus topics by code."""

    title: str
    text: str
    topics: Mapping[str, tuple[str, ...]]


Sections = Mapping[str, Section]


def stories(text: str) -> tuple[str, list[Story]]:
    """Cut success stories at their headings; return what stands before, and each of them.

    Examples
    --------
    >>> stories("## MR4B\\n\\nguideline: innovation, open\\n\\nEin Bündnis.")
    ('', [Story(title='MR4B', text='Ein Bündnis.', topics={'guideline': ('innovation', 'open')})])
    """
    before, *parts = STORY.split(text)
    found = []
    for title, words in zip(parts[::2], parts[1::2], strict=True):
        topics = {scheme: _codes(codes) for scheme, codes in TOPIC.findall(words)}
        found.append(Story(title, TOPIC.sub("", words).strip(), topics))
    return before.strip(), found


def _codes(listed: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in listed.split(","))


def read_commentaries(
    reading: Reading, folder: Path, reference: Reference
) -> dict[tuple[int, str, str], Sections]:
    """Return the sections of each file by year, cluster and language.

    What no page would show is a failure: a file of no year, cluster or language, a section that
    the report does not have, text before the first one, an unknown source, guideline or focus
    topic. The folder may not exist.
    """
    found: dict[tuple[int, str, str], Sections] = {}
    for path in sorted(folder.rglob("*")):
        hidden = path.name.startswith((".", "~$"))
        if path.is_dir() or hidden or path.name == "README.md":
            continue
        key = _key(reading, path, folder, [*reference.clusters["cluster_id"]])
        if key is not None:
            found[key] = _sections(reading, path, reference, key[0])
    return found


def _key(
    reading: Reading, path: Path, folder: Path, clusters: list[str]
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


def _sections(reading: Reading, path: Path, reference: Reference, year: int) -> dict[str, Section]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        reading.fail(path, "the file is not UTF-8; save it as UTF-8")
        return {}
    before, *parts = HEADING.split(text)
    if before.strip():
        reading.fail(path, "text stands before the first heading '# name'", line=1)
    sources = [*reference.sources["source_id"]]
    line = before.count("\n") + 1
    sections: dict[str, Section] = {}
    for heading, words in zip(parts[::2], parts[1::2], strict=True):
        sourced = SOURCED.fullmatch(heading)
        name, source, place = sourced.groups() if sourced else (heading, "", "")
        if wrong := _wrong(name, sections):
            reading.fail(path, wrong, line=line, value=f"# {name}")
        elif source and source not in sources:
            reason = f"is no source of the reference tables{did_you_mean(source, sources)}"
            reading.fail(path, reason, line=line, value=source)
        if name == CHAPTERS[-1]:
            _check_topics(reading, path, words, line, reference, year)
        sections[name] = Section(words.strip(), source, place)
        line += words.count("\n")
    return sections


def _wrong(name: str, sections: Sections) -> str:
    if name not in SECTIONS:
        allowed = ", ".join(f"# {section}" for section in SECTIONS)
        hint = did_you_mean(name, SECTIONS)
        return f"is no section: allowed: {allowed}{hint}; headings within one begin with ##"
    return "the heading stands there more than once" if name in sections else ""


def _check_topics(
    reading: Reading, path: Path, words: str, first: int, reference: Reference, year: int
) -> None:
    """Guidelines and focus topics of success stories must be valid in their year."""
    for match in TOPIC.finditer(words):
        allowed = [*reference.valid(match[1], year)["category"]]
        line = first + words.count("\n", 0, match.start())
        for code in _codes(match[2]):
            if code not in allowed:
                hint = did_you_mean(code, allowed)
                reason = f"is no {match[1]} of {year}: allowed: {', '.join(allowed)}{hint}"
                reading.fail(path, reason, line=line, value=code)
