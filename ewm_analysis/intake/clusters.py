"""A source counts for the clusters it reports: what stands there of the others stays.

Rows that stay keep their lines, because corrections name them by these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ewm_analysis.contracts import RECORDS, shown
from ewm_analysis.intake.columns import headers_of
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.flat import ITEMS
from ewm_analysis.intake.names import compared, is_alike
from ewm_analysis.intake.sheets import ReadTable, Source
from ewm_analysis.l10n.sentences import join

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Reported:
    """A source with its tables, and where remarks on it go."""

    source: Source
    tables: Mapping[str, ReadTable]
    remarks: Remarks


def of_other_clusters(existing: Frames, reported: Sequence[Reported]) -> dict[str, pd.DataFrame]:
    """Return the records of a year that stay: of clusters that no source reports.

    An actor stays unless all it took part in is reported anew.
    """
    clusters = {
        code for one in reported for stem in ITEMS for code in one.tables[stem].frame["cluster_id"]
    }
    kept = {stem: rows[~rows["cluster_id"].isin(clusters)] for stem, rows in _items(existing)}
    for stem in ("participations", "assignments"):
        rows = existing[stem]
        stays = [rows[key].isin(kept[item][key]) for item, key in ITEMS.items()]
        kept[stem] = rows[stays[0] | stays[1]]
    actors, took_part = existing["actors"], existing["participations"]["actor_id"]
    stays_on = actors["actor_id"].isin(kept["participations"]["actor_id"])
    kept["actors"] = actors[stays_on | ~actors["actor_id"].isin(took_part)]
    return kept


def joined(existing: Frames, reported: Sequence[Reported]) -> dict[str, pd.DataFrame]:
    """Return the records of a year when all of the sources have come in, one after the other.

    It is the same whether they come in at once or in as many imports. A cluster that two of them
    report, and an id that means two things, is told.
    """
    frames, seen = dict(existing), dict[str, str]()
    for one in reported:
        _refuse_reported(one, seen)
        frames = _with(of_other_clusters(frames, [one]), one)
    return frames


def tell_kept(kept: Frames, remarks: Remarks) -> None:
    """Note which clusters stay as they are."""
    if clusters := sorted({code for _, rows in _items(kept) for code in rows["cluster_id"]}):
        remarks.add("note", "", "kept_clusters", clusters=join(clusters, remarks.locale))


def _with(kept: Frames, one: Reported) -> dict[str, pd.DataFrame]:
    """Return what is kept, line by line, and below it what a source adds."""
    for stem, rows in _items(kept):
        _refuse_taken(one.tables[stem], rows, one.remarks)
    _compare_actors(one.tables["actors"], kept["actors"], one.remarks)
    frames = {}
    for stem, contract in RECORDS.items():
        key = contract.key
        own = one.tables[stem].frame.sort_values(key)
        order = pd.concat([kept[stem], own])[key].drop_duplicates()
        known = pd.concat([own, kept[stem]]).drop_duplicates(key)  # the newer facts hold
        frames[stem] = order.merge(known, on=key)[[*contract.columns]]
    return frames


def _refuse_reported(one: Reported, seen: dict[str, str]) -> None:
    """Of one import, one source reports a cluster; `seen` names the source by cluster."""
    own: dict[str, str] = {}
    for stem, name in ITEMS.items():
        for code, item in one.tables[stem].frame.groupby("cluster_id")[name].first().items():
            own.setdefault(code, one.tables[stem].place_of(item, "cluster_id"))
    for code, place in own.items():
        if code in seen:
            one.remarks.error(place, "cluster_twice", code, other=seen[code])
    seen |= dict.fromkeys(own, one.source.name)


def _items(frames: Frames) -> list[tuple[str, pd.DataFrame]]:
    return [(stem, frames[stem]) for stem in ITEMS]


def _refuse_taken(table: ReadTable, kept: pd.DataFrame, remarks: Remarks) -> None:
    """The id of a project or an activity is that of one cluster; joint ones say whose row it is."""
    name = ITEMS[table.sheet.table]
    taken = kept.set_index(name)["cluster_id"]
    for code, cluster in zip(table.frame[name], table.frame["cluster_id"], strict=True):
        if code in taken:
            place, facts = table.place_of(code, name), {"joint": f"{code}-{cluster}"}
            remarks.error(place, "id_of_other_cluster", code, cluster=taken[code], **facts)


def _compare_actors(table: ReadTable, kept: pd.DataFrame, remarks: Remarks) -> None:
    """An actor may work in several clusters; then all say the same of it, or tell two apart."""
    titles = headers_of(RECORDS["actors"], remarks.locale)
    before = {row["actor_id"]: row for row in kept.astype(object).to_dict("records")}
    for row in table.frame.astype(object).to_dict("records"):
        there = before.get(code := row["actor_id"], row)
        if not is_alike(compared(code, row["name"]), compared(code, there["name"])):
            place = table.place_of(code, "name")
            remarks.add(
                "warning",
                place,
                "warning.actor_id_taken",
                row["name"],
                id=code,
                there=there["name"],
            )
            continue
        for name in (name for name in row if shown(row[name]) != shown(there[name])):
            facts = {"id": code, "column": titles[str(name)], "there": shown(there[name]) or "–"}
            place = table.place_of(code, str(name))
            remarks.add("warning", place, "warning.actor_differs", shown(row[name]), **facts)
