"""Actors that stand under two ids, made one as evaluators decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ewm_analysis.errors import Failure


def check_merges(
    merges: pd.DataFrame, actors: pd.DataFrame, *, file: str, lines: Sequence[int]
) -> list[Failure]:
    """Return a failure for each decision that fits nothing.

    Both ids must stand among the actors of some year; an id is given up once, and the one that
    is kept is not given up itself.

    Parameters
    ----------
    merges : DataFrame
        Contract `ActorMerges`.
    actors : DataFrame
        Contract `Actors`, all years.
    file : str
        Name shown in failures.
    lines : sequence of int
        Line in the file of each row.
    """
    known = set(actors["actor_id"])
    given_up = merges.loc[merges["decision"] == "merge", "actor_id"]
    found = []
    for line, row in zip(lines, merges.itertuples(index=False), strict=True):
        for column in ("actor_id", "same_as"):
            if (value := getattr(row, column)) not in known:
                reason = "the decision fits nothing: no actor of any year has this id"
                found.append(Failure(file, line, column, value, reason))
        if row.decision == "merge" and row.same_as in set(given_up):
            reason = "is given up in another row; name the actor that is kept in the end"
            found.append(Failure(file, line, "same_as", row.same_as, reason))
        if row.decision == "merge" and (given_up == row.actor_id).sum() > 1:
            reason = "is given up for two actors; keep one row"
            found.append(Failure(file, line, "actor_id", row.actor_id, reason))
    return found


def merge_actors(
    records: Mapping[str, pd.DataFrame], merges: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the records with every actor under the id that is kept.

    Where both stand in a year, the row of the kept one counts, and a participation of both in
    the same project or activity counts once.

    Parameters
    ----------
    records : mapping of str to DataFrame
        The five tables of all years.
    merges : DataFrame
        Contract `ActorMerges`.

    Examples
    --------
    >>> actors = pd.DataFrame({"year": [2021, 2021], "actor_id": ["a", "b"], "name": ["TU", "tu"]})
    >>> links = pd.DataFrame({"year": [2021] * 2, "project_id": ["p"] * 2, "activity_id": [""] * 2,
    ...                       "actor_id": ["a", "b"]})
    >>> merges = pd.DataFrame({"actor_id": ["b"], "same_as": ["a"], "decision": ["merge"]})
    >>> merged = merge_actors({"actors": actors, "participations": links}, merges)
    >>> merged["actors"]["name"].tolist(), len(merged["participations"])
    (['TU'], 1)
    """
    chosen = merges[merges["decision"] == "merge"]
    kept = dict(zip(chosen["actor_id"], chosen["same_as"], strict=True))
    if not kept:
        return dict(records)
    actors, links = records["actors"], records["participations"]
    is_given_up = actors["actor_id"].isin(kept)
    renamed = actors.assign(actor_id=actors["actor_id"].replace(kept))
    first = renamed.assign(is_given_up=is_given_up).sort_values("is_given_up", kind="stable")
    one = ~first.duplicated(["year", "actor_id"])
    links = links.assign(actor_id=links["actor_id"].replace(kept)).drop_duplicates()
    return {
        **records,
        "actors": renamed.loc[sorted(first.index[one])].reset_index(drop=True),
        "participations": links.reset_index(drop=True),
    }
