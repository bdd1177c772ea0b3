"""What the synthetic records meet, how they are drawn, and invented names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewm_analysis.l10n import add_up

Cell = tuple[str, int]
"""A cluster in a reporting year."""

_GIVEN = tomllib.loads(files(__package__).joinpath("example.toml").read_text("utf-8"))


def _by_cell(tree: Mapping[str, Mapping[str, Any]]) -> dict[Cell, Any]:
    return {(name, int(year)): own for name, years in tree.items() for year, own in years.items()}


DRAWN: Mapping[str, Any] = _GIVEN["drawn"]
"""Weights, shares and ranges of what is met by no figure."""

MET: Mapping[Cell, Mapping[str, int]] = _by_cell(_GIVEN["met"])
NAMED: Mapping[Cell, list[Mapping[str, Any]]] = _by_cell(_GIVEN["named"])
"""The projects that a report names; the only ones here that exist."""

ASKED: Mapping[str, Any] = _GIVEN["targets"]
"""Invented targets, as columns and rows."""

TAB_2 = tuple(tuple(row) for row in _GIVEN["roster"]["tab_2"])
"""Type, size class, and actors from Berlin and Brandenburg in activities and new projects."""

ROSTERS: Mapping[tuple[Cell, str], tuple[int, ...]] = {
    (tuple(_GIVEN["roster"]["cell"]), form): tuple(row[place] for row in TAB_2)
    for place, form in ((2, "activities"), (3, "projects"))
}
"""Distinct actors of the region, in the order of the kinds of Tab. 2."""

LEVELS = {
    name: dict(zip(DRAWN["economy"], own, strict=True)) for name, own in _GIVEN["levels"].items()
}
"""Orders of magnitude of the cluster cores, invented; a seed moves them."""

_WORDS = _GIVEN["words"]
ROOTS = tuple(onset + ending for onset in _WORDS["onsets"] for ending in _WORDS["endings"])


def met(cell: Cell, name: str, otherwise: int) -> int:
    """Return the figure that a cell must meet, or else what was drawn for it.

    Examples
    --------
    >>> met(("imk", 2021), "projects_new", 40), met(("gw", 2021), "projects_new", 40)
    (34, 40)
    """
    return MET.get(cell, {}).get(name, otherwise)


def printed(table: str, cluster: str, scope: str, name: str) -> float | None:
    """Return what Tab. 1 says: the ``economy`` of its latest year, or ``growth`` to it."""
    found: float | None = _GIVEN[table].get(cluster, {}).get(scope, {}).get(name)
    return found


def _fields(rng: np.random.Generator, clusters: Iterable[str]) -> list[str]:
    lists = [_WORDS["fields"].get(cluster, _WORDS["other_fields"]) for cluster in clusters]
    places = rng.integers(len(_WORDS["other_fields"]), size=len(lists))
    return [fields[place] for fields, place in zip(lists, places, strict=True)]


def _roots(rng: np.random.Generator, count: int) -> list[str]:
    """Return roots in random order; all are used before one is used again."""
    order = rng.permutation(len(ROOTS))
    return [ROOTS[order[place % len(ROOTS)]] for place in range(count)]


def actor_names(rng: np.random.Generator, homes: pd.Series, actor_types: pd.Series) -> list[str]:
    """Return a name for each actor; one that comes again is numbered."""
    roots, fields = _roots(rng, len(homes)), _fields(rng, homes)
    forms = rng.choice(_WORDS["forms"], len(homes), p=_WORDS["form_weights"])
    parts = zip(actor_types, roots, fields, forms, strict=True)
    names = pd.Series(
        [
            _WORDS["patterns"][kind].format(root=root, field=field, form=form)
            for kind, root, field, form in parts
        ],
        dtype="object",
    )
    again = names.groupby(names).cumcount()
    return [
        f"{name} {count + 1}" if count else name for name, count in zip(names, again, strict=True)
    ]


def project_titles(rng: np.random.Generator, clusters: pd.Series) -> list[str]:
    """Return a title for each project, such as ``ZWIRBELTAL – Sensorik``."""
    roots, fields = _roots(rng, len(clusters)), _fields(rng, clusters)
    return [f"{root.upper()} – {field}" for root, field in zip(roots, fields, strict=True)]


def activity_titles(rng: np.random.Generator, clusters: pd.Series, kinds: pd.Series) -> list[str]:
    """Return a title for each activity, such as ``Workshop Sensorik``."""
    fields = _fields(rng, clusters)
    return [
        f"{_WORDS['activities'][kind]} {field}" for kind, field in zip(kinds, fields, strict=True)
    ]


Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]


def lowest(scores: Floats, count: int) -> Flags:
    """Flag the `count` lowest scores: a quota, filled at random if the scores are random.

    Examples
    --------
    >>> import numpy as np
    >>> lowest(np.array([0.3, 0.1, 0.2]), 2).tolist()
    [False, True, True]
    """
    flags = np.zeros(len(scores), dtype=bool)
    flags[np.argsort(scores, kind="stable")[:count]] = True
    return flags


def apportion(total: int, weights: Floats) -> Integers:
    """Split a whole number by weights into whole parts of at least 1 (largest remainders).

    Examples
    --------
    >>> import numpy as np
    >>> apportion(10, np.array([1.0, 1.0, 2.0])).tolist()
    [3, 3, 4]
    """
    left = total - len(weights)
    parts: Integers = np.array(add_up(left, weights / weights.sum() * left), dtype=np.int64)
    return parts + 1


def apportion_below(total: int, weights: Floats, most: int) -> Integers:
    """Split like `apportion`, no part larger than `most`; what lies above goes to the others.

    Examples
    --------
    >>> import numpy as np
    >>> apportion_below(20, np.array([1.0, 1.0, 8.0]), most=9).tolist()
    [6, 5, 9]
    """
    is_capped = np.zeros(len(weights), dtype=bool)
    while True:
        parts = np.full(len(weights), most, dtype=np.int64)
        parts[~is_capped] = apportion(total - most * int(is_capped.sum()), weights[~is_capped])
        if parts.max() <= most:
            return parts
        is_capped |= parts >= most


def deal(
    rng: np.random.Generator, items: Integers, roster: Integers, weights: Floats, extra: int
) -> tuple[Integers, Integers]:
    """Link every item and every actor of a roster at least once, and more at random.

    Neither is empty. ``weights`` say how often an actor is drawn again; ``extra`` links go beyond
    those that cover all, and one drawn twice stays one. Returns item and actor of each, sorted.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> items, actors = deal(rng, np.arange(3), np.arange(5), np.ones(5), extra=0)
    >>> sorted(set(items.tolist())), sorted(actors.tolist())
    ([0, 1, 2], [0, 1, 2, 3, 4])
    """
    cover = max(len(items), len(roster))
    busy = rng.gamma(1.0, size=len(items)) + 0.1
    at = [
        np.resize(rng.permutation(len(items)), cover),
        rng.choice(len(items), extra, p=busy / busy.sum()),
    ]
    who = [
        np.resize(rng.permutation(len(roster)), cover),
        rng.choice(len(roster), extra, p=weights / weights.sum()),
    ]
    links = np.unique(np.concatenate(at) * len(roster) + np.concatenate(who))
    return items[links // len(roster)], roster[links % len(roster)]
