"""The network of actors in figures: size, density, and how far it spans both states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.l10n import MISSING, with_sign
from ewm_analysis.statistics import Network, co_participation
from ewm_analysis.tables.table import Table


def network_table(involved: pd.DataFrame, words: Words) -> Table:
    """Return size, density and E-I index of the network of actors, by reporting cluster.

    Parameters
    ----------
    involved : DataFrame
        One row a participation in a new project, with the actor's attributes.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If nobody takes part in a new project.
    """
    if involved.empty:
        raise MissingDataError("Nobody takes part in a new project.")
    known = {*involved["cluster_id"]}
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    networks = {
        words.label("cluster", code): co_participation(involved[involved["cluster_id"] == code])
        for code in order
        if code in known
    }
    networks[words.text("comparison.table.all_actors")] = co_participation(involved)
    first = words.text("tables.column.cluster")
    columns: dict[str, Callable[[Network], tuple[Any, str]]] = {
        "actors": lambda found: (found.actors, words.count(found.actors)),
        "links": lambda found: (found.links, words.count(found.links)),
        "degree": lambda found: (found.mean_degree, words.number(found.mean_degree, 1)),
        "density": lambda found: (found.density, words.share(found.density, 1)),
        "ei": lambda found: (found.ei, _index(found.ei, words)),
        "ei_expected": lambda found: (found.ei_expected, _index(found.ei_expected, words)),
    }
    tellers = [*columns.values()]
    told = {label: [tell(network) for tell in tellers] for label, network in networks.items()}
    cells = [[label, *(text for _, text in line)] for label, line in told.items()]
    header = [first, *(words.text(f"comparison.network.{name}") for name in columns)]
    values = [[label, *(value for value, _ in line)] for label, line in told.items()]
    frame = pd.DataFrame(values, columns=header).astype(dict.fromkeys(header[1:], "Float64"))
    is_undefined = any(MISSING in line for line in cells)
    keys = ["links_note", "ei_note"] + ["undefined"] * is_undefined
    explained = [words.text(f"comparison.network.{key}") for key in keys]
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=explained)


def _index(index: float | None, words: Words) -> str:
    """Return an E-I index with its sign: "−0,12"."""
    return with_sign(words.number(index, 2))
