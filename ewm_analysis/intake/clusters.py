"""A source counts for the clusters it reports: what stands there of the others stays.

Rows that stay keep their lines, because corrections name them by these.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ewm_analysis.contracts import RECORDS, columns_of, key_of, shown
from ewm_analysis.intake.columns import headers_of
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.records import ReadTable
from ewm_analysis.l10n.sentences import join

ITEMS = {"projects": "project_id", "activities": "activity_id"}
"""Tables whose rows belong to one cluster, and the id by which others refer to them."""

Frames = Mapping[str, pd.DataFrame]


def of_other_clusters(existing: Frames, reported: Frames) -> dict[str, pd.DataFrame]:
    """Return the records of a year that stay: of clusters that a source does not report.

    An actor stays unless all it took part in is reported anew.
    """
    clusters = {code for stem in ITEMS for code in reported[stem]["cluster_id"]}
    kept = {stem: rows[~rows["cluster_id"].isin(clusters)] for stem, rows in _items(existing)}
    for stem in ("participations", "assignments"):
        rows = existing[stem]
        stays = [rows[key].isin(kept[item][key]) for item, key in ITEMS.items()]
        kept[stem] = rows[stays[0] | stays[1]]
    actors, took_part = existing["actors"], existing["participations"]["actor_id"]
    stays_on = actors["actor_id"].isin(kept["participations"]["actor_id"])
    kept["actors"] = actors[stays_on | ~actors["actor_id"].isin(took_part)]
    return kept


def joined(
    kept: Frames, tables: Mapping[str, ReadTable], remarks: Remarks
) -> dict[str, pd.DataFrame]:
    """Return the records of all clusters of a year; an id that means two things is told."""
    for stem, rows in _items(kept):
        _refuse_taken(tables[stem], rows, remarks)
    _compare_actors(tables["actors"], kept["actors"], remarks)
    if clusters := sorted({code for _, rows in _items(kept) for code in rows["cluster_id"]}):
        remarks.add("note", "", "kept_clusters", clusters=join(clusters, remarks.locale))
    frames = {}
    for stem, contract in RECORDS.items():
        key = key_of(contract)
        own = tables[stem].frame.sort_values(key)
        order = pd.concat([kept[stem], own])[key].drop_duplicates()
        known = pd.concat([own, kept[stem]]).drop_duplicates(key)  # the newer facts hold
        frames[stem] = order.merge(known, on=key)[[*columns_of(contract)]]
    return frames


def _items(frames: Frames) -> list[tuple[str, pd.DataFrame]]:
    return [(stem, frames[stem]) for stem in ITEMS]


def _refuse_taken(table: ReadTable, kept: pd.DataFrame, remarks: Remarks) -> None:
    """The id of a project or an activity is that of one cluster."""
    stem = table.sheet.table
    taken = kept.set_index(ITEMS[stem])["cluster_id"]
    for code in table.frame[ITEMS[stem]]:
        if code in taken:
            place = table.place_of(code, ITEMS[stem])
            remarks.error(place, "id_of_other_cluster", code, cluster=taken[code])


def _compare_actors(table: ReadTable, kept: pd.DataFrame, remarks: Remarks) -> None:
    """An actor may work in several clusters; then all say the same of it, or tell two apart."""
    titles = headers_of(RECORDS["actors"], remarks.locale)
    before = {row["actor_id"]: row for row in kept.astype(object).to_dict("records")}
    for row in table.frame.astype(object).to_dict("records"):
        there = before.get(code := row["actor_id"], row)
        for name in (name for name in row if shown(row[name]) != shown(there[name])):
            facts = {"id": code, "column": titles[str(name)], "there": shown(there[name]) or "–"}
            place = table.place_of(code, str(name))
            remarks.add("warning", place, "warning.actor_differs", shown(row[name]), **facts)
