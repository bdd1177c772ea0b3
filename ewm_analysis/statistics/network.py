"""Who works with whom: the network of actors that share a project."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import pandas as pd

from ewm_analysis.errors import ParameterError


@dataclass(frozen=True)
class Network:
    """A network of actors; a link joins two who share at least one project.

    ``internal`` are links within Berlin or within Brandenburg, ``external`` those between the
    two; actors from elsewhere belong to neither. ``ei_expected`` is the E-I index if
    links fell on pairs of actors at random. What cannot be computed is None.
    """

    actors: int
    links: int
    density: float | None
    mean_degree: float | None
    internal: int
    external: int
    ei: float | None
    ei_expected: float | None


def ei_index(internal: int, external: int) -> float | None:
    """Return the E-I index: -1 if all links stay within the groups, 1 if all go between them.

    Parameters
    ----------
    internal, external : int
        Number of links within and between groups; without any link the index is None.

    References
    ----------
    Krackhardt & Stern (1988), Social Psychology Quarterly 51, 123-140.

    Examples
    --------
    >>> ei_index(internal=6, external=2)
    -0.5
    """
    if internal < 0 or external < 0:
        raise ParameterError("links", min(internal, external), reason="must be 0 or more")
    both = internal + external
    return (external - internal) / both if both else None


def co_participation(involved: pd.DataFrame) -> Network:
    """Describe the network of actors that take part in the same projects.

    Parameters
    ----------
    involved : DataFrame
        One row a participation: ``project_id``, ``actor_id``, ``state`` (be, bb, other).

    References
    ----------
    Wasserman & Faust (1994), Social Network Analysis, ch. 4 (density, degree) and 8
    (affiliation networks).

    Examples
    --------
    >>> rows = [("p1", "a", "be"), ("p1", "b", "bb"), ("p2", "b", "bb"), ("p2", "c", "bb")]
    >>> found = co_participation(pd.DataFrame(rows, columns=["project_id", "actor_id", "state"]))
    >>> found.actors, found.links, round(found.density, 2), found.ei
    (3, 2, 0.67, 0.0)
    """
    states = involved.drop_duplicates("actor_id").set_index("actor_id")["state"]
    graph = _actors(involved)
    joined = [{states[first], states[last]} for first, last in graph.edges]
    region = [states_of for states_of in joined if states_of <= {"be", "bb"}]
    internal = sum(len(states_of) == 1 for states_of in region)
    external = len(region) - internal
    size, links = graph.number_of_nodes(), graph.number_of_edges()
    return Network(
        actors=size,
        links=links,
        density=float(nx.density(graph)) if size > 1 else None,
        mean_degree=2 * links / size if size else None,
        internal=internal,
        external=external,
        ei=ei_index(internal, external),
        ei_expected=_expected(int((states == "be").sum()), int((states == "bb").sum())),
    )


def _actors(involved: pd.DataFrame) -> nx.Graph:
    """Project the network of projects and actors on the actors."""
    if involved.empty:
        return nx.Graph()
    projects = [("project", code) for code in involved["project_id"]]
    actors = [("actor", code) for code in involved["actor_id"]]
    both = nx.Graph(zip(projects, actors, strict=True))
    projected = nx.bipartite.projected_graph(both, dict.fromkeys(actors))
    return nx.relabel_nodes(projected, {node: node[1] for node in projected})


def _expected(berlin: int, brandenburg: int) -> float | None:
    """Return the E-I index of a network in which every pair of actors is linked."""
    pairs = [size * (size - 1) // 2 for size in (berlin, brandenburg)]
    return ei_index(sum(pairs), berlin * brandenburg)
