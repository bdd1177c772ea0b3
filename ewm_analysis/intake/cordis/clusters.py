"""The cluster of a project of CORDIS: by rules that are data, every match kept."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import pandas as pd

SEVERAL = "several"
UNASSIGNED = "unassigned"


def match_clusters(tables: Mapping[str, pd.DataFrame], rules: pd.DataFrame) -> pd.DataFrame:
    """Return every match of a project with a rule, and whether it decides.

    Of all rules that match, those of the lowest rank decide.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As returned by `read_cordis`.
    rules : DataFrame
        Contract `ClusterRules`.

    Returns
    -------
    DataFrame
        ``project_id``, ``field``, ``value``, ``pattern``, ``cluster_id``, ``rank``,
        ``decides``; a value that no rule matches has an empty pattern and cluster.
    """
    values = project_values(tables)
    distinct = values[["field", "value"]].drop_duplicates()
    found = [
        distinct[(distinct["field"] == rule.field) & _fits(distinct["value"], rule.pattern)].assign(
            pattern=rule.pattern, cluster_id=rule.cluster_id, rank=rule.rank
        )
        for rule in rules.itertuples()
    ]
    columns = ["field", "value", "pattern", "cluster_id", "rank"]
    matched = pd.concat([pd.DataFrame(columns=columns), *(each for each in found if len(each))])
    # m:m on purpose: a value may match several rules, and belong to several projects.
    table = values.merge(matched, how="left", on=["field", "value"], validate="m:m")
    table["rank"] = table["rank"].astype("Int64")
    best = table.groupby("project_id")["rank"].transform("min")
    table["decides"] = (table["rank"] == best).fillna(False).astype(bool)
    table[["pattern", "cluster_id"]] = table[["pattern", "cluster_id"]].fillna("")
    order = ["project_id", "rank", "field", "value", "pattern", "cluster_id"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def cluster_of(matches: pd.DataFrame) -> pd.Series:
    """Return the cluster of each project, by project id.

    Where the deciding rules name one cluster, it is that one; where they name more,
    ``several``; where no rule matches, ``unassigned``. Nothing else breaks a tie.

    Examples
    --------
    >>> import pandas as pd
    >>> matches = pd.DataFrame({"project_id": ["1", "1", "2"], "cluster_id": ["gw", "imk", ""],
    ...                         "decides": [True, True, False]})
    >>> cluster_of(matches).to_dict()
    {'1': 'several', '2': 'unassigned'}
    """
    deciding = matches.loc[matches["decides"], ["project_id", "cluster_id"]].drop_duplicates()
    single = deciding.groupby("project_id")["cluster_id"].agg(
        lambda names: names.iloc[0] if len(names) == 1 else SEVERAL
    )
    return single.reindex(matches["project_id"].unique(), fill_value=UNASSIGNED)


def project_values(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what the rules look at: ``project_id``, ``field``, ``value``, each once."""
    projects = tables["project"]
    parts = [
        (projects["id"], "topic", projects["topics"]),
        (tables["topics"]["projectID"], "topic", tables["topics"]["topic"]),
        (projects["id"], "legal_basis", projects["legalBasis"]),
        (tables["euroSciVoc"]["projectID"], "euroscivoc", tables["euroSciVoc"]["euroSciVocPath"]),
    ]
    values = pd.concat(
        pd.DataFrame({"project_id": ids, "field": field, "value": cells})
        for ids, field, cells in parts
    )
    # A project without any of them keeps a row, so that it is not lost.
    named = values[values["value"] != ""]
    bare = values[~values["project_id"].isin(named["project_id"])]
    return pd.concat([named, bare]).drop_duplicates(["project_id", "field", "value"])


def _fits(values: pd.Series, pattern: str) -> pd.Series:
    return pd.Series([fnmatchcase(value, pattern) for value in values], index=values.index)
