"""Links across clusters, and the network of actors that share projects."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import ALPHA, QUESTIONS
from ewm_analysis.statistics.shares import adjust

if TYPE_CHECKING:
    import networkx as nx

ROUNDS = 1_000
PRECISION = 1e-10


@dataclass(frozen=True)
class LinkMatrix:
    """Observed and expected counts, cell by cell, and who stands out.

    ``p_value`` is adjusted for all cells at once (Holm); ``side`` is 1 for more and -1 for
    fewer than expected, 0 where chance suffices. Excluded cells are nan in ``expected`` and
    ``p_value``.
    """

    observed: np.ndarray
    expected: np.ndarray
    p_value: np.ndarray
    side: np.ndarray


def cross_cluster_matrix(observed: np.ndarray, excluded: np.ndarray) -> LinkMatrix:
    r"""Compare participations between clusters with quasi-independence.

    Expected are :math:`m_{ij} = a_i b_j` outside of the excluded cells (a cluster's own
    actors), with the observed margins, found by iterative proportional fitting. Without
    excluded cells this is the hypergeometric expectation, row times column by total. Each cell
    is then tested against the Poisson distribution of its expectation (twice the smaller
    tail), all cells adjusted by Holm. Fixed margins make the test cautious, actors who come
    in groups make it bold: a marked cell is a hint, not a proof.

    Parameters
    ----------
    observed : array of int, shape (clusters, homes)
        Participations; what stands in excluded cells is ignored.
    excluded : array of bool, same shape
        Cells that cannot hold anything.

    References
    ----------
    Goodman (1968), JASA 63, 1091-1131; Agresti (2002), Categorical Data Analysis, 10.4.2.

    Examples
    --------
    >>> import numpy as np
    >>> found = cross_cluster_matrix(np.array([[0, 6], [4, 0]]), np.eye(2, dtype=bool))
    >>> found.expected.tolist()
    [[nan, 6.0], [4.0, nan]]
    """
    table, closed = np.asarray(observed, dtype=float), np.asarray(excluded, dtype=bool)
    if table.shape != closed.shape or table.ndim != 2:
        raise ParameterError("excluded", closed.shape, reason=f"has not the shape {table.shape}")
    if not (np.isfinite(table[~closed]) & (table[~closed] >= 0)).all():
        raise ParameterError("observed", "a cell", reason="is no count: 0, 1, 2 … is allowed")
    table = np.where(closed, 0.0, table)
    if table.sum() == 0:
        warnings.warn("links: no participation", SmallSampleWarning, stacklevel=2)
    expected = _fit(table, closed)
    p_value, side = _tails(table, expected, closed)
    expected = np.where(closed, np.nan, expected)
    return LinkMatrix(table.astype(int), expected, p_value, side)


def _fit(table: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """Fit rows and columns in turn until both margins hold."""
    is_open = (~closed).astype(float)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    a, b = np.ones(len(rows)), np.ones(len(columns))
    for _ in range(ROUNDS):
        b = _ratio(columns, a @ is_open)
        reached = is_open @ b
        if np.abs(a * reached - rows).max(initial=0.0) <= PRECISION * rows.sum():
            break
        a = _ratio(rows, reached)
    fitted: np.ndarray = np.outer(a, b) * is_open
    return fitted


def _ratio(target: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Divide, 0 where nothing is reached: such a row or column is empty."""
    ratio: np.ndarray = np.zeros_like(target)
    np.divide(target, reached, out=ratio, where=reached > 0)
    return ratio


def _tails(
    table: np.ndarray, expected: np.ndarray, closed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    p_value, side = np.full(table.shape, np.nan), np.zeros(table.shape, dtype=int)
    testable = ~closed & (expected > 0)
    k, mean = table[testable], expected[testable]
    more, fewer = scipy.stats.poisson.sf(k - 1, mean), scipy.stats.poisson.cdf(k, mean)
    p_value[~closed] = 1.0
    p_value[testable] = adjust(np.minimum(1.0, 2 * np.minimum(more, fewer)))
    side[testable] = np.where(
        p_value[testable] < ALPHA / QUESTIONS, np.where(more < fewer, 1, -1), 0
    )
    return p_value, side


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

    Without any link the index is None.

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
    import networkx as nx

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
    import networkx as nx

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
