"""The data set made from CORDIS, in its folder: records, own reference tables, what was done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference, indicators
from ewm_analysis.contracts import Categories, Clusters
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.intake.cordis.clusters import SEVERAL, UNASSIGNED
from ewm_analysis.intake.cordis.records import CordisRecords
from ewm_analysis.intake.cordis.report import by_year, import_report
from ewm_analysis.intake.mappings import load_shipped
from ewm_analysis.intake.writing import typed_rows, with_own_sources, write_table
from ewm_analysis.l10n import text
from ewm_analysis.project import DESCRIPTOR

ORIGIN = "cordis"
PARTS = ("records", "reference", "import", "README.md", DESCRIPTOR)
"""What an import writes; everything else in the folder is left alone."""

LICENCE = "© European Union, CORDIS, CC BY 4.0; modified"
SOURCE = {
    "title": f"CORDIS, EU research projects ({LICENCE})",
    "publisher": "Publications Office of the European Union",
    "url": "https://cordis.europa.eu",
    "licence": LICENCE,
}
NOT_ASKED = ("guideline", "focus_topic", "action_field", "technology", "project")
"""Breakdowns of the monitoring that CORDIS does not know; without codes nothing is counted 0."""

NAMED = 5
"""New projects of a year and cluster that pages name, by total cost."""

UNKNOWN_PARTS = ("activities", "cross_cluster", "participations")
"""Parts of the names of indicators that need what CORDIS does not tell."""


def origin_of(folder: Path) -> str:
    """Return what a data set was imported from, empty if it was not or is none."""
    file = folder / DESCRIPTOR
    head = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return str(head.get("origin", ""))


def write_parts(
    built: Path,
    target: Path,
    made: CordisRecords,
    matches: pd.DataFrame,
    shared: Reference,
    regions: Sequence[str],
    folders: Sequence[Path],
    incomplete: Sequence[int],
) -> None:
    """Write all parts of the data set into a folder beside its target."""
    for stem, table in made.records.items():
        for year in made.records["projects"]["year"].unique():
            write_table(table[table["year"] == year], built / "records" / str(year) / f"{stem}.csv")
    tables = {
        "sources": with_own_sources(target, shared.sources, {"records": SOURCE}),
        "categories": _categories(shared.categories, made),
        "clusters": _clusters(shared.clusters),
    }
    for stem, table in tables.items():
        write_table(table, built / "reference" / f"{stem}.csv")
    ours = matches[matches["project_id"].isin(made.projects["id"])]
    write_table(
        ours.assign(decides=ours["decides"].astype("boolean")),
        built / "import" / "cluster_matches.csv",
    )
    report = import_report(made, ours, replace(shared, clusters=tables["clusters"]), folders)
    (built / "README.md").write_text(report, encoding="utf-8", newline="\n")
    told = _head(target.name, made, regions, incomplete)
    head = json.dumps(told, indent=2, ensure_ascii=False)
    (built / DESCRIPTOR).write_text(head + "\n", encoding="utf-8", newline="\n")
    write_descriptor(built)


def _head(
    name: str, made: CordisRecords, regions: Sequence[str], incomplete: Sequence[int]
) -> dict[str, Any]:
    new = made.records["projects"].query("is_new")
    known = {
        "unassigned": int(new["cluster_id"].isin([SEVERAL, UNASSIGNED]).sum()),
        "incomplete": ", ".join(str(year) for year in incomplete),
        "regions": ", ".join(regions),
        "first": new["year"].min(),
        "last": new["year"].max(),
        "unknown": int(new["volume_eur"].isna().sum()),
        "all": len(new),
        "in_files": by_year(made),
    }
    return {
        "name": name.lower().replace(" ", "-"),
        "title": text("cordis.title", "en"),
        "title_de": text("cordis.title", "de"),
        "origin": ORIGIN,
        "notice": text("cordis.notice", "en", **known),
        "notice_de": text("cordis.notice", "de", **known),
        "not_collected": [
            name for name in indicators() if any(part in name for part in UNKNOWN_PARTS)
        ],
        "incomplete_years": [*incomplete],
        "synthetic": False,
        "disclosure": "none",
        "sources": [{"title": SOURCE["title"], "path": SOURCE["url"]}],
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": LICENCE,
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
    }


def _categories(shared: pd.DataFrame, made: CordisRecords) -> pd.DataFrame:
    """Return the shared codes, those of some breakdowns replaced by what CORDIS tells apart."""
    own = load_shipped("cordis_categories", Categories)
    kept = shared[~shared["dimension"].isin([*NOT_ASKED, *own["dimension"]])]
    return pd.concat([kept, own, _named_projects(made)], ignore_index=True)


def _named_projects(made: CordisRecords) -> pd.DataFrame:
    """Return the largest new projects of each year and cluster: those that pages name."""
    new = made.records["projects"].query("is_new and volume_eur.notna()")
    acronyms = made.projects.set_index("id")["acronym"]
    largest = new.sort_values(["volume_eur", "project_id"], ascending=[False, True])
    largest = largest.groupby(["year", "cluster_id"]).head(NAMED)
    labels = largest["project_id"].map(acronyms)
    labels = labels.mask(labels == "", largest["project_id"])
    rows = pd.DataFrame(
        {
            "dimension": "project",
            "category": largest["project_id"],
            "cluster_id": largest["cluster_id"],
            "valid_from": largest["year"],
            "valid_to": largest["year"],
            "position": range(1, len(largest) + 1),
            "label_de": labels,
            "label_en": labels,
            "is_assumption": False,
            "source_id": "records",
        }
    )
    return typed_rows(rows, Categories)


def _clusters(shared: pd.DataFrame) -> pd.DataFrame:
    """Return the shared clusters, and where projects go that belong to none or to several."""
    rows = pd.DataFrame(
        {
            "cluster_id": name,
            "kind": "sector",
            "region": "bebb",
            **{
                f"label_{locale}": text(f"cordis.cluster.{name}", locale) for locale in ("de", "en")
            },
            **{
                f"short_{locale}": text(f"cordis.cluster.{name}_short", locale)
                for locale in ("de", "en")
            },
            "position": position,
        }
        for position, name in enumerate((SEVERAL, UNASSIGNED), int(shared["position"].max()) + 1)
    )
    return pd.concat([shared, typed_rows(rows, Clusters)], ignore_index=True)
