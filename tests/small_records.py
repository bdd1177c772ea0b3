"""Records of one or two clusters, written out in a test as small tables of text.

Not a test: `test_indicators*` and `test_relations` build their tables with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import (
    DTYPES,
    Activities,
    Actors,
    Assignments,
    Economy,
    Organisations,
    Participations,
    Projects,
    Published,
    Table,
    check,
)
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset

NO_TABLE = pd.DataFrame()

# What a column holds where a test does not name it.
DEFAULTS: dict[str, object] = {
    "year": 2021, "cluster_id": "imk", "region": "bebb", "is_new": True, "is_rdi": False,
    "status": "started", "actor_type": "university", "state": "be", "mention": 1,
    "unit": "count", "precision": "exact", "is_year_inferred": False, "is_provisional": False,
    "source_id": "report", "reference": "p. 1", "delimitation": "clustermonitoring",
}  # fmt: skip


def _words(text: str) -> pd.DataFrame:
    header, *lines = [line.split() for line in text.strip().splitlines()]
    return pd.DataFrame(lines, columns=header, dtype="string").replace("-", "")


def table(contract: Table, text: str) -> pd.DataFrame:
    """Return a table of the contract from lines of words; ``-`` is an empty cell."""
    columns = contract.columns
    frame = _words(text)
    assert set(frame) <= set(columns), f"no column of {contract.__name__}: {text}"
    for name, column in columns.items():
        if name not in frame:
            empty: object = "" if column.kind == "text" else pd.NA
            frame[name] = DEFAULTS.get(name, empty)
        elif column.kind == "boolean":
            frame[name] = frame[name] == "true"
        elif column.kind in ("integer", "number"):
            frame[name] = pd.to_numeric(frame[name].replace("", pd.NA))
    dtypes = {name: DTYPES[column.kind] for name, column in columns.items()}
    return check(frame[list(columns)].astype(dtypes), contract)


CATEGORIES = """\
dimension category parent cluster_id valid_from valid_to
status application - - - -
status started_or_finished - - - -
status started started_or_finished - - -
status finished started_or_finished - - -
funder eu - - - -
funder federal - - - -
consortium_type single - - - -
consortium_type companies - - - -
guideline innovation - - 2019 -
guideline innovation_technical innovation - 2019 -
guideline innovation_other innovation - 2019 -
guideline international - - 2019 -
guideline materials - - 2011 2018
focus_topic work - - - -
focus_topic international - - - -
action_field imk_media - imk - 2020
action_field imk_ict - imk 2021 -
action_field gw_care - gw 2021 -
technology ai - - - -
actor_type university - - - -
actor_type company - - - -
actor_type chamber - - - -
size_class 1-9 - - - -
size_class 250+ - - - -
state be - - - -
state bb - - - -
state other - - - -
project alpha - - - -
"""

CLUSTERS = """\
cluster_id kind region
imk joint bebb
gw joint bebb
kc brandenburg bb
cleantech sub_theme be
joint group bebb
other_sector sector bebb
"""

DISTRICTS = """\
ags name state
11000 Berlin be
12051 Brandenburg bb
12054 Potsdam bb
"""


def reference_of(**tables: pd.DataFrame) -> Reference:
    """Return reference tables; those not given are empty."""
    empty = {field.name: NO_TABLE for field in fields(Reference)}
    return Reference(**{**empty, "geometry": Path("none.geojson"), **tables})


def _reference() -> Reference:
    categories = _words(CATEGORIES)
    for name in ("valid_from", "valid_to"):
        categories[name] = pd.to_numeric(categories[name].replace("", pd.NA)).astype("Int64")
    categories["position"] = range(len(categories))
    return reference_of(
        categories=categories, clusters=_words(CLUSTERS), districts=_words(DISTRICTS)
    )


REFERENCE = _reference()

RECORDS = {
    "projects": (Projects, "project_id"),
    "activities": (Activities, "activity_id"),
    "actors": (Actors, "actor_id"),
    "participations": (Participations, "actor_id"),
    "assignments": (Assignments, "category"),
}


def dataset(
    records: Mapping[str, str | pd.DataFrame], *, published: str = "value", economy: str = "value"
) -> Dataset:
    """Return a data set of the given tables; the others are empty."""
    tables = {}
    for name, (contract, column) in RECORDS.items():
        given = records.get(name, column)
        tables[name] = table(contract, given) if isinstance(given, str) else given
    return Dataset(
        name="small",
        path=Path("small"),
        titles={"de": "klein", "en": "small"},
        is_synthetic=True,
        disclosure="none",
        reference=REFERENCE,
        published=table(Published, published),
        economy=table(Economy, economy),
        organisations=table(Organisations, "fact"),
        records=tables,
        files=(),
    )


@cache
def computed(**records: str) -> pd.DataFrame:
    """Return all indicators of the given records; computed once for all tests that share them."""
    return compute_indicators(dataset(records))


def by_category(
    values: pd.DataFrame, indicator: str, dimension: str, cluster_id: str = "imk", year: int = 2021
) -> dict[str, float]:
    """Return the values of an indicator by category, zeros included."""
    chosen = values[
        (values["indicator"] == indicator)
        & (values["dimension"] == dimension)
        & (values["cluster_id"] == cluster_id)
        & (values["year"] == year)
    ]
    assert chosen["category"].is_unique
    return dict(zip(chosen["category"], chosen["value"], strict=True))


def filled(
    values: pd.DataFrame, indicator: str, dimension: str, cluster_id: str = "imk", year: int = 2021
) -> dict[str, float]:
    """As `by_category`, without the categories that nothing falls into."""
    found = by_category(values, indicator, dimension, cluster_id, year)
    return {category: value for category, value in found.items() if value}


def total(
    values: pd.DataFrame, indicator: str, cluster_id: str = "imk", year: int = 2021
) -> float | None:
    """Return the undivided value of an indicator; None where it has no row."""
    return by_category(values, indicator, "", cluster_id, year).get("")
