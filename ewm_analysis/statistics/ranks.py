"""Ranks of clusters and how far they can be trusted.

A rank is the least certain of all figures: a few projects more or less move a cluster by
several places. Beside the rank stands the range of ranks that chance alone makes likely.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import LEVEL

DRAWS = 10_000
"""How often the ranks are drawn."""

SEED = 1996
"""Start of the random numbers: the same counts give the same ranges."""


@dataclass(frozen=True)
class Rank:
    """A rank, 1 for the largest value, and the range of ranks; equal values share the best.

    ``low`` and ``high`` are None where no range is given.

    Examples
    --------
    >>> str(Rank(3, 1, 5)), str(Rank(1, 1, 1)), str(Rank(2))
    ('3 (1–5)', '1 (1)', '2')
    """

    rank: int
    low: int | None = None
    high: int | None = None

    def __str__(self) -> str:
        """Return the rank with its range: "3 (1–5)"."""
        return f"{self.rank} ({self.span})" if self.span else str(self.rank)

    @property
    def span(self) -> str:
        """Return the range: "1–5", or "1" where it is certain; empty if there is none."""
        if self.low is None:
            return ""
        return str(self.low) if self.low == self.high else f"{self.low}–{self.high}"


def rank_values(values: Sequence[float]) -> list[Rank]:
    """Return ranks without a range, for values whose chance is not known, such as volumes.

    Parameters
    ----------
    values : sequence of float
        Finite numbers; the largest has rank 1, equal ones share the better rank.

    Examples
    --------
    >>> [place.rank for place in rank_values([161.5, 68.9, 68.9, 20])]
    [1, 2, 2, 4]
    """
    given = np.asarray(values, dtype=float)
    if not np.isfinite(given).all():
        raise ParameterError("values", values, reason="must be finite numbers")
    return [Rank(int(rank)) for rank in stats.rankdata(-given, method="min")]


def rank_counts(counts: Sequence[int]) -> list[Rank]:
    r"""Return the rank of each count and the range that holds it in 95 % of all draws.

    The rate behind a count x is drawn from its posterior under Jeffreys' prior,

    .. math:: \lambda \sim \mathrm{Gamma}(x + 1/2, 1),

    for all clusters at once; the rates are ranked in each of 10,000 draws, and the range runs
    from the 2.5 % to the 97.5 % quantile of these ranks. It always holds the rank itself.

    Parameters
    ----------
    counts : sequence of int
        Counts of independent events, none of which belongs to two clusters: projects or
        activities, not actors.

    Warns
    -----
    SmallSampleWarning
        If there are fewer than two counts: there is nothing to rank.

    References
    ----------
    Goldstein & Spiegelhalter (1996), JRSS A 159, 385-443; Marshall & Spiegelhalter (1998),
    BMJ 316, 1701-1704.

    Examples
    --------
    >>> [(place.rank, place.low, place.high) for place in rank_counts([300, 34, 30, 3])]
    [(1, 1, 1), (2, 2, 3), (3, 2, 3), (4, 4, 4)]
    """
    places = rank_values(counts)
    if any(count < 0 or count != int(count) for count in counts):
        raise ParameterError("counts", counts, reason="must be counts: 0, 1, 2 …")
    if len(places) < 2:
        warnings.warn("ranks: fewer than two counts", SmallSampleWarning, stacklevel=2)
        return places
    shape = np.asarray(counts, dtype=float) + 0.5
    rates = np.random.default_rng(SEED).gamma(shape, size=(DRAWS, len(shape)))
    ranks = stats.rankdata(-rates, axis=1)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(ranks, (tail, 1 - tail), axis=0, method="inverted_cdf").astype(int)
    return [
        Rank(place.rank, min(place.rank, int(first)), max(place.rank, int(last)))
        for place, first, last in zip(places, low, high, strict=True)
    ]
