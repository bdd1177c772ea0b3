"""Statistics refuse what they cannot be given: by name and value, with what is allowed."""

from __future__ import annotations

from math import inf, nan

import pandas as pd
import pytest

from ewm_analysis import statistics
from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics.counts import rank_values

REFUSED = [
    ("growth_rate", (inf, 5), "first: inf"),
    ("growth_rate", (5, -inf), "last: -inf"),
    ("growth_rate", (pd.Series([1.0, inf]), 5), "first: inf"),
    ("cagr", (5, inf, 3), "last: inf"),
    ("cagr", (5, 6, nan), "periods: nan"),
    ("share_interval", (2.9, 5), "count: 2.9"),
    ("share_interval", (2, 5.5), "base: 5.5"),
    ("compare_shares", ((2.9, 5), (3, 5)), "count: 2.9"),
    ("compare_shares", ((2, 5), (6, 5)), "count: 6"),
    ("compare_counts", (2.5, 5), "first: 2.5"),
    ("compare_counts", (2, nan), "last: nan"),
    ("constancy", ([3, -1],), "counts: -1"),
    ("detectable_ratio", (1.5,), "count: 1.5"),
    ("rank_counts", ([3, 1.5],), "counts: 1.5"),
    ("trend", ([1, nan, 3, 4], [1, 2, 3, 4]), "years: nan"),
    ("trend", ([1, 2, 3, 4], [1, inf, 3, 4]), "values: inf"),
    ("concentration", ([1, -2],), "volume: -2.0"),
    ("compare_volumes", ([1, 2, 3, inf], [1, 2, 3, 4]), "volume: inf"),
    ("decompose_volume", ([1, 2, 3], [1, 2, 3], -1), "k: -1"),
    ("decompose_volume", ([1, -2, 3], [1, 2, 3], 1), "volume: -2.0"),
    ("adjust", ([-1, 0.2],), "p_values: -1.0"),
    ("adjust", ([0.01, nan, 0.03],), "p_values: nan"),
    ("check_percent", (inf, 10), "share: inf"),
    ("check_percent", (0.2, 0), "base: 0"),
    ("funnel", ([1.5, 2], [3, 4]), "count: 1.5"),
]


@pytest.mark.parametrize(("name", "given", "said"), REFUSED)
def test_what_cannot_be_is_refused(name: str, given: tuple[object, ...], said: str) -> None:
    with pytest.raises(ParameterError, match=f"^{said} "):
        getattr(statistics, name)(*given)


def test_a_negative_figure_has_no_growth() -> None:
    assert statistics.growth_rate(5, -3) is pd.NA
    both = statistics.growth_rate(pd.Series([5.0, 4.0]), pd.Series([-3.0, 5.0]))
    assert both.isna().tolist() == [True, False]


def test_ranks_take_bounds_but_no_infinite_value() -> None:
    with pytest.raises(ParameterError, match="values: inf"):
        rank_values([1, inf])
