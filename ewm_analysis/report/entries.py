"""The reports that lie in a folder of outputs, told by their manifests and their places."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ewm_analysis.l10n import DEFAULT, LOCALES, Locale
from ewm_analysis.report.page import REPORT

INDEX: dict[Locale, str] = {
    locale: "index.html" if locale == DEFAULT else f"index.{locale}.html" for locale in LOCALES
}


@dataclass(frozen=True)
class Entry:
    """One report, from its manifest and its place."""

    path: Path
    data_set: str
    year: str
    cluster_id: str
    notebook: str
    locale: Locale
    cluster_label: str
    page: Mapping[str, Any]
    shows: Sequence[tuple[str, str]]

    @property
    def short(self) -> str:
        """Return the short name of the cluster."""
        return str(self.page.get("short") or self.cluster_label)

    @property
    def series(self) -> tuple[str, str, str]:
        """Return what the same page of other years and in other languages shares with it."""
        return self.data_set, self.cluster_id, self.notebook


def find_entries(outputs: Path) -> list[Entry]:
    """Return all reports below a folder, in the order of their paths."""
    found = []
    for manifest in sorted(outputs.glob("*/*/*/*/*/manifest.json")):
        data_set, year, cluster_id, notebook, locale = manifest.parent.relative_to(outputs).parts
        report = manifest.with_name(REPORT)
        if report.is_file() and locale in LOCALES:
            record = json.loads(manifest.read_text("utf-8"))
            label, page, shows = record["cluster_label"], record["page"], record.get("shows", [])
            entry = Entry(
                report, data_set, year, cluster_id, notebook, locale, label, page,
                [(anchor, caption) for anchor, caption in shows],
            )  # fmt: skip
            found.append(entry)
    return found
