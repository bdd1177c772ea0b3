"""Series in the figures of one indicator, and what sets each apart from the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words

KEY = ["cluster_id", "region", "scope", "delimitation", "base_year", "family"]
"""What tells one series of figures from another: figures of different keys are no steps."""


def with_family(rows: pd.DataFrame) -> pd.DataFrame:
    """Return figures with the ``family`` that tells those apart that must not be compared.

    Figures of one delimitation go together, whoever prints them. The delimitation ``other``
    is none: each source then counts in its own way, and only its own figures are compared.

    Examples
    --------
    >>> rows = pd.DataFrame({"delimitation": ["official", "other"], "source_id": ["a", "b"]})
    >>> with_family(rows)["family"].tolist()
    ['', 'b']
    """
    return rows.assign(family=rows["source_id"].where(rows["delimitation"] == "other", ""))


def series_of(rows: pd.DataFrame, words: Words) -> dict[tuple[Any, ...], pd.DataFrame]:
    """Return the figures by series, in the order of the clusters; each sorted by year.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one indicator and one breakdown.
    words : Words
        Its reference has the order.
    """
    position = words.reference.clusters.set_index("cluster_id")["position"]
    place = rows["cluster_id"].map(position).fillna(len(position) + 1)
    ordered = with_family(rows).assign(_place=place).sort_values(["_place", "year"], kind="stable")
    groups = ordered.drop(columns="_place").groupby(KEY, sort=False, dropna=False)
    return {(*key,): own.drop(columns="family") for key, own in groups}


def series_labels(
    keys: Iterable[tuple[Any, ...]], words: Words, *, short: bool = False
) -> dict[tuple[Any, ...], str]:
    """Return the name of each series: its cluster or region, and what else sets it apart.

    Series of one and the same cluster are named by what sets them apart alone.

    Parameters
    ----------
    keys : iterable of tuple
        Values of `KEY`.
    words : Words
        Language.
    short : bool
        With the short name of the cluster, for narrow places.
    """
    found = [*keys]
    rest = {key: ", ".join(_apart(key, words)) for key in found}
    if len({key[0] for key in found}) == 1 and len({*rest.values()} - {""}) == len(found) > 1:
        return rest
    heads = {key: _owner(key, words, short=short) for key in found}
    return {key: ", ".join(filter(None, (heads[key], rest[key]))) for key in found}


def _owner(key: tuple[Any, ...], words: Words, *, short: bool) -> str:
    cluster_id, *_ = key
    if not cluster_id:
        return ""
    return words.short(cluster_id) if short else words.label("cluster", cluster_id)


def _apart(key: tuple[Any, ...], words: Words) -> list[str]:
    """Return scope, region, delimitation and base year, as far as they are not the usual ones.

    Of a source that counts in its own way, its title.
    """
    cluster_id, region, scope, delimitation, base_year, family = key
    titles = words.titles() if family else {}
    usual = words.reference.clusters.set_index("cluster_id")["region"].get(cluster_id, "")
    parts = [words.text(f"word.scope.{scope}")] if scope else []
    parts += [words.label("region", region)] if region != usual else []
    parts += [titles[family]] if family else []
    is_apart = delimitation in ("survey", "approximation")
    parts += [words.text(f"word.delimitation.{delimitation}")] if is_apart else []
    parts += [words.text("word.series.since", year=int(base_year))] if pd.notna(base_year) else []
    return parts
