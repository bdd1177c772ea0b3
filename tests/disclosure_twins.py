"""Two data sets that differ only in what must stay secret: whatever is made from both is the same.

Not a test: `test_disclosure_twins` and `fuzz_disclosure` use it. Where a page, a file or a log
tells a byte of what is withheld, it tells the twins apart; nobody has to know where to look.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pandas as pd

from ewm_analysis.batch import execute_runs, plan_runs, with_keys, write_indicators
from ewm_analysis.disclosure import suppress
from ewm_analysis.editions.causes import read_page
from ewm_analysis.editions.telling import why
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.intake.data_set import write_table
from ewm_analysis.loaders import Dataset, open_dataset

FEW = 12
ROOT = Path(__file__).parents[1]
Records = Mapping[str, pd.DataFrame]

SWAPPED = {
    "type": ("actors", ("actor_type", "size_class")),
    "place": ("actors", ("state", "ags", "place")),
    "home": ("actors", ("home_cluster",)),
    "funder": ("projects", ("funder",)),
    "consortium": ("projects", ("consortium_type",)),
    "status": ("projects", ("status",)),
    "novelty": ("projects", ("is_new",)),
    "research": ("projects", ("is_rdi",)),
    "kind": ("activities", ("kind",)),
    "partner": ("participations", ("actor_id",)),
    "category": ("assignments", ("category",)),
}
"""What two rows of a table exchange: the same things are counted, behind other cells."""
MOVED = {"actor_type": "actor_type", "district": "ags", "home_cluster": "home_cluster"}
"""Breakdowns of actors in which one moves from a withheld category to another."""
AMOUNTS = {
    "volume_eur": ("volume_region_eur", "funding_eur"),
    "funding_eur": ("funding_region_eur",),
}
"""What one project gives to another, and what must stay within it."""
NAMES = (("projects", "title"), ("activities", "title"), ("actors", "name"))


@dataclass(frozen=True)
class Change:
    """Cells of a table that hold something else: `rows` by their index, `values` by column."""

    kind: str
    table: str
    rows: tuple[int, ...]
    values: Mapping[str, tuple[object, ...]]


def confidential(folder: Path, years: Sequence[int], clusters: Sequence[str]) -> Dataset:
    """Write a part of the example as if its records were confidential, with all it publishes."""
    example, path = ROOT / "data" / "example", folder / "example"
    for part in ("economy", "published"):
        shutil.copytree(example / part, path / part)
    shutil.copytree(ROOT / "data" / "reference", folder / "reference")
    head = json.loads((example / "datapackage.json").read_text("utf-8"))
    head |= {"disclosure": "standard", "resources": []}
    (path / "datapackage.json").write_text(json.dumps(head), "utf-8")
    data = open_dataset(example)
    write_records(_part(data.records, years, clusters), path)
    return open_dataset(path)


def _part(records: Records, years: Sequence[int], clusters: Sequence[str]) -> Records:
    kept = {name: table[table["year"].isin(years)] for name, table in records.items()}
    for name in ("projects", "activities"):
        own = kept[name][kept[name]["cluster_id"].isin(clusters)]
        kept[name] = own.groupby(["year", "cluster_id"]).head(FEW)  # little is not confidential
    for name in ("participations", "assignments"):
        for key, items in (("project_id", kept["projects"]), ("activity_id", kept["activities"])):
            own = pd.MultiIndex.from_frame(kept[name][["year", key]])
            known = pd.MultiIndex.from_frame(items[["year", key]])
            kept[name] = kept[name][own.isin(known) | (kept[name][key] == "")]
    own = pd.MultiIndex.from_frame(kept["actors"][["year", "actor_id"]])
    took_part = pd.MultiIndex.from_frame(kept["participations"][["year", "actor_id"]])
    return kept | {"actors": kept["actors"][own.isin(took_part)]}


def write_records(records: Records, data: Path) -> None:
    """Write records, a folder a year."""
    for name, table in records.items():
        for year, own in table.groupby("year"):
            write_table(own.dropna(axis="columns", how="all"), data / f"records/{year}/{name}.csv")


def propose(records: Records, withheld: pd.DataFrame, seed: int, count: int) -> list[Change]:
    """Return changes that might leave all that is shown as it is, so many of each kind."""
    draw = random.Random(seed)
    found = []
    for name, column in NAMES:
        rows = tuple(records[name].index)
        renamed = {column: tuple(f"{seed}-{row}" for row in rows)}
        found.append(Change("name", name, rows, renamed))
    for kind, (name, columns) in SWAPPED.items():
        table = records[name]
        for _ in range(count):
            one, other = draw.sample([*table.index], 2)
            cells = {column: (table[column][other], table[column][one]) for column in columns}
            if any(str(pair[0]) != str(pair[1]) for pair in cells.values()):
                found.append(Change(kind, name, (one, other), cells))
    actors = records["actors"]
    for dimension, column in MOVED.items():
        own = withheld[withheld["dimension"] == dimension]
        known = pd.MultiIndex.from_frame(own[["year", "category"]])
        rows = actors[pd.MultiIndex.from_frame(actors[["year", column]]).isin(known)]
        for row in draw.sample([*rows.index], min(4 * count, len(rows))):
            same = rows[rows["year"].eq(rows["year"][row]) & rows["state"].eq(rows["state"][row])]
            value = draw.choice(sorted({*same[column]} - {"company"}) or [""])
            if value and value != rows[column][row] != "company":
                found.append(Change(f"withheld {dimension}", "actors", (row,), {column: (value,)}))
    projects = records["projects"]
    for column, within in AMOUNTS.items():
        for _ in range(count):
            one, other = draw.sample([*projects.index], 2)
            giver, taker = projects.loc[one], projects.loc[other]
            least = max((giver[name] for name in within if not pd.isna(giver[name])), default=0)
            if pd.isna(giver[column]) or pd.isna(taker[column]) or giver[column] - least < 2000:
                continue
            given = round(draw.uniform(0.1, 0.9) * (giver[column] - least), -3)
            moved = (giver[column] - given, taker[column] + given)
            found.append(Change(column, "projects", (one, other), {column: moved}))
    draw.shuffle(found)
    return found


def changed(records: Records, changes: Sequence[Change]) -> Records:
    """Return records with changes made, one after the other."""
    made = {name: table.copy() for name, table in records.items()}
    for change in changes:
        for column, values in change.values.items():
            made[change.table].loc[list(change.rows), column] = list(values)
    return made


@dataclass(frozen=True)
class Twin:
    """Records of which the same is shown, and in what they are others."""

    records: Records
    kinds: Counter[str]
    """How many changes of each kind."""
    moved: int
    """How many withheld figures are others."""


def find_twin(data: Dataset, seed: int, count: int) -> Twin:
    """Return a twin of confidential records."""
    values = compute_indicators(data)
    table = suppress(values, data).table()
    is_shown = table["value"].notna()
    kept: list[Change] = []
    # What is no record stays the same in each of them, and takes a third of the time.
    alone = replace(data, economy=data.economy.iloc[:0], published=data.published.iloc[:0])
    known = compute_indicators(alone)
    assert known.equals(values[: len(known)])

    def figures(changes: Sequence[Change]) -> pd.DataFrame:
        return compute_indicators(replace(alone, records=changed(data.records, changes)))

    def is_shown_alike(now: pd.DataFrame) -> bool:
        shown = is_shown[: len(known)]
        return len(now) == len(known) and now[shown].equals(known[shown])

    def shows_the_same(changes: Sequence[Change]) -> bool:
        other = replace(data, records=changed(data.records, [*kept, *changes]))
        if not (can_be(other.records) and is_shown_alike(figures([*kept, *changes]))):
            return False
        return suppress(compute_indicators(other), other).table().equals(table)

    def keep(changes: Sequence[Change]) -> None:
        if changes and shows_the_same(changes):
            kept.extend(changes)
        elif len(changes) > 1:
            keep(changes[: len(changes) // 2])
            keep(changes[len(changes) // 2 :])

    used: set[tuple[str, int, str]] = set()
    fitting = []
    for change in propose(data.records, table[~is_shown], seed, count):
        cells = {(change.table, row, name) for row in change.rows for name in change.values}
        if cells & used:  # a cell is changed once, or a swap would swap what is there no more
            continue
        used |= cells
        if is_shown_alike(figures([change])):
            fitting.append(change)
    keep(fitting)
    others = figures(kept)["value"] != known["value"]
    kinds = Counter(change.kind for change in kept)
    return Twin(changed(data.records, kept), kinds, int((others & ~is_shown[: len(known)]).sum()))


def can_be(records: Records) -> bool:
    """Tell whether no project has more funding than volume: such records would not be read."""
    both = records["projects"][["funding_eur", "volume_eur"]].astype("Float64").dropna()
    return bool((both["funding_eur"] <= both["volume_eur"]).all())


BY_CHANCE = re.compile(rb'"\d{4}-\d\d-\d\dT[^"]*"|"duration": [\d.e-]+|"id": "[0-9a-f]{8}"')
"""Times, and the id of the cell that papermill adds."""
OF_TIME = ("started", "seconds", "own_sha256")


def leave(data: Path, outputs: Path, **asked: Sequence[object]) -> dict[str, bytes]:
    """Run what is asked for; return all that leaves the runs, and what `ewm why` says of it."""
    data_set = open_dataset(data)
    runs = with_keys(plan_runs([data_set], ROOT, outputs, **asked), [data_set])  # type: ignore[arg-type]
    failed = [
        f"{each.run}: {each.error}" for each in execute_runs(runs, ROOT, outputs) if each.error
    ]
    assert not failed, failed
    write_indicators(data_set, outputs)
    left = dict(products(outputs))
    # What is asked of each figure is answered from the same data: they are opened once.
    with patch.dict(why.__globals__, open_dataset=cache(open_dataset)):
        for run in runs:
            for item in read_page(run.folder).items.values():
                left[f"why {run} {item.name}"] = why(run.folder, item.anchor, ROOT).encode()
    return left


def products(outputs: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all files that a batch leaves, without the times and the keyed hash in them."""
    for path in sorted(outputs.rglob("*")):
        name = path.relative_to(outputs).as_posix()
        if path.is_dir() or path.name.startswith("."):
            continue
        content = path.read_bytes()
        if path.name == "executed.ipynb":
            content = BY_CHANCE.sub(b"", content)
        if path.name == "manifest.json":
            told = json.loads(content)
            for mark in OF_TIME:
                del told[mark]
            for part in ("outputs", "sizes"):
                del told[part]["executed.ipynb"]
            del told["key"]["data"]  # keyed: see test_publish
            content = json.dumps(told).encode()
        yield name, content
