"""Cross-cluster matrix and network of actors: published examples, relations, edge cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics import co_participation, cross_cluster_matrix
from ewm_analysis.statistics.links import ei_index

# Residence in 1980 and 1985, USA; Agresti (2002), Categorical Data Analysis, table 10.6.
MIGRATION = np.array(
    [[11607, 100, 366, 124], [87, 13677, 515, 302], [172, 225, 17819, 270], [63, 176, 286, 10192]]
)
TABLES = arrays.arrays(
    np.int64, st.tuples(st.integers(2, 6), st.integers(2, 7)), elements=st.integers(0, 30)
)


def diagonal(shape: tuple[int, ...]) -> np.ndarray:
    return np.eye(*shape, dtype=bool)


def test_migration_has_the_printed_deviance() -> None:
    # Agresti, section 10.4.2: quasi-independence has G² = 69.5 with 5 degrees of freedom.
    off = ~diagonal(MIGRATION.shape)
    found = cross_cluster_matrix(MIGRATION, ~off)
    observed, expected = MIGRATION[off], found.expected[off]
    assert 2 * np.sum(observed * np.log(observed / expected)) == pytest.approx(69.5, abs=0.05)


def test_expected_agrees_with_a_poisson_regression() -> None:
    off = ~diagonal(MIGRATION.shape)
    rows, columns = (pd.get_dummies(part, dtype=float) for part in np.nonzero(off))
    design = np.column_stack([rows, columns.iloc[:, 1:]])
    fitted = sm.GLM(MIGRATION[off], design, family=sm.families.Poisson()).fit().fittedvalues
    found = cross_cluster_matrix(MIGRATION, ~off)
    assert found.expected[off] == pytest.approx(fitted, rel=1e-6)


def test_without_excluded_cells_it_is_row_times_column_by_total() -> None:
    table = np.array([[10, 20, 30], [6, 9, 12]])
    found = cross_cluster_matrix(table, np.zeros(table.shape, dtype=bool))
    margins = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    assert found.expected == pytest.approx(margins)


@given(TABLES)
def test_expected_has_the_observed_margins(table: np.ndarray) -> None:
    excluded = diagonal(table.shape)
    kept = np.where(excluded, 0, table)
    if kept.sum() == 0:
        return
    found = cross_cluster_matrix(table, excluded)
    expected = np.nan_to_num(found.expected)
    slack = 0.02 * kept.sum()
    assert expected.sum(axis=0) == pytest.approx(kept.sum(axis=0), abs=slack)
    assert expected.sum(axis=1) == pytest.approx(kept.sum(axis=1), abs=slack)
    assert np.isnan(found.expected).tolist() == excluded.tolist()
    assert np.isfinite(found.p_value[~excluded]).all()


@given(TABLES, st.integers(0, 2**32))
def test_order_of_clusters_is_irrelevant(table: np.ndarray, seed: int) -> None:
    excluded = diagonal(table.shape)
    if np.where(excluded, 0, table).sum() == 0:
        return
    order = np.random.default_rng(seed).permutation(len(table))
    straight = cross_cluster_matrix(table, excluded)
    shuffled = cross_cluster_matrix(table[order], excluded[order])
    assert np.nan_to_num(shuffled.expected) == pytest.approx(
        np.nan_to_num(straight.expected[order]), abs=0.02 * table.sum()
    )


def test_one_strong_link_stands_out() -> None:
    table = np.full((8, 8), 5)
    table[0, 1] = 50
    found = cross_cluster_matrix(table, diagonal(table.shape))
    assert found.side[0, 1] == 1
    assert found.p_value[0, 1] < 0.05
    assert (found.side == 1).sum() == 1


def test_no_participation_is_said_and_nothing_undefined() -> None:
    with pytest.warns(SmallSampleWarning, match="no participation"):
        found = cross_cluster_matrix(np.zeros((3, 3)), diagonal((3, 3)))
    assert np.nan_to_num(found.expected).sum() == 0
    assert (found.side == 0).all()


def test_single_cluster_leaves_nothing_to_expect_but_what_is_there() -> None:
    found = cross_cluster_matrix(np.array([[0, 3, 4]]), np.array([[True, False, False]]))
    assert found.expected[0, 1:] == pytest.approx([3, 4])
    assert (found.side == 0).all()


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(ParameterError, match="shape"):
        cross_cluster_matrix(np.ones((2, 2)), np.eye(3, dtype=bool))
    with pytest.raises(ParameterError, match="no count"):
        cross_cluster_matrix(np.array([[0, -1], [2, 0]]), diagonal((2, 2)))


INVOLVED = st.lists(
    st.tuples(
        st.sampled_from(["p1", "p2", "p3"]),
        st.sampled_from([("a", "be"), ("b", "be"), ("c", "bb"), ("d", "bb"), ("e", "other")]),
    ),
    max_size=15,
)


def participations(rows: list[tuple[str, tuple[str, str]]]) -> pd.DataFrame:
    flat = [(project, *actor) for project, actor in rows]
    return pd.DataFrame(flat, columns=["project_id", "actor_id", "state"])


def test_ei_index() -> None:
    assert ei_index(0, 5) == 1
    assert ei_index(5, 0) == -1
    assert ei_index(0, 0) is None
    with pytest.raises(ParameterError):
        ei_index(-1, 2)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_ei_index_lies_between_minus_one_and_one(internal: int, external: int) -> None:
    index = ei_index(internal, external)
    if index is None:
        assert internal == external == 0
    else:
        assert -1 <= index <= 1
        assert index == -(ei_index(external, internal) or 0)


@given(INVOLVED)
def test_network_holds_together(rows: list[tuple[str, tuple[str, str]]]) -> None:
    found = co_participation(participations(rows))
    assert found.actors == len({actor for _, (actor, _) in rows})
    assert found.internal + found.external <= found.links
    assert found.density is None or 0 <= found.density <= 1
    assert found == co_participation(participations(rows[::-1]))


def test_two_projects_by_hand() -> None:
    rows = [("p1", ("a", "be")), ("p1", ("c", "bb")), ("p1", ("e", "other")), ("p2", ("a", "be"))]
    found = co_participation(participations(rows))
    assert (found.actors, found.links, found.internal, found.external) == (3, 3, 0, 1)
    assert (found.density, found.mean_degree, found.ei) == (1.0, 2.0, 1.0)


def test_everyone_linked_has_the_expected_index() -> None:
    everyone = [("p1", who) for who in [("a", "be"), ("b", "be"), ("c", "bb"), ("d", "bb")]]
    found = co_participation(participations(everyone))
    assert found.ei == found.ei_expected == pytest.approx(2 / 6)


def test_nobody_and_somebody_alone() -> None:
    nobody = co_participation(participations([]))
    assert (nobody.actors, nobody.links, nobody.density, nobody.mean_degree) == (0, 0, None, None)
    alone = co_participation(participations([("p1", ("a", "be"))]))
    assert (alone.actors, alone.density, alone.mean_degree, alone.ei) == (1, None, 0.0, None)
