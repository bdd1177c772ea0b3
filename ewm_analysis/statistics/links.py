"""Links between clusters: observed participations against those that margins alone would give."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import ALPHA
from ewm_analysis.statistics.shares import adjust

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

    Warns
    -----
    SmallSampleWarning
        If there is no participation at all.

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
    more, fewer = stats.poisson.sf(k - 1, mean), stats.poisson.cdf(k, mean)
    p_value[~closed] = 1.0
    p_value[testable] = adjust(np.minimum(1.0, 2 * np.minimum(more, fewer)))
    side[testable] = np.where(p_value[testable] < ALPHA, np.where(more < fewer, 1, -1), 0)
    return p_value, side
