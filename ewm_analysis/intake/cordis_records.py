"""Tables of CORDIS to records: seats, clusters by rules that are data, projects of each year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, Table, check
from ewm_analysis.intake.data_set import typed_rows
from ewm_analysis.intake.names import district_of

STATES = {"DE3": "be", "DE4": "bb"}
"""States by the beginning of their NUTS codes."""

GERMANY = "DE"
PLACE = ["country", "nutsCode", "city"]


def of_region(members: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of organisations with a seat in Berlin or Brandenburg.

    Examples
    --------
    >>> of_region(pd.DataFrame({"state": ["be", "other"]})).index.tolist()
    [0]
    """
    return members[members["state"].isin([*STATES.values()])]


def with_seats(members: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Add ``seat`` (NUTS code), ``state`` and ``ags`` of the district; empty if not known.

    The NUTS code decides. Where it names no district, the city does, within the state of the
    code. Without a code only the cities that are districts of their own are taken by name:
    names of small places stand for others elsewhere in Germany as well.
    """
    districts = reference.districts.set_index("ags")
    codes = {nuts3: ags for ags, nuts3 in districts["nuts3"].items()}
    towns = reference.municipalities
    cities = towns[towns["district_ags"].map(districts["kind"]) == "city"]

    def seat(country: str, code: str, city: str) -> tuple[str, str, str]:
        if country != GERMANY:
            return code, "other", ""
        state = STATES.get(code[:3], "")
        ags = codes.get(code) or (
            district_of(city, towns if state else cities) if state or not code else ""
        )
        if ags and not code:
            return str(districts.at[ags, "nuts3"]), str(districts.at[ags, "state"]), ags
        fits = ags and districts.at[ags, "state"] == state
        return code, state or "other", ags if fits else ""

    places = members[PLACE].drop_duplicates(ignore_index=True)
    seats = [seat(*map(str, place)) for place in places.itertuples(index=False)]
    found = pd.DataFrame(seats, columns=["seat", "state", "ags"], dtype="string")
    return members.merge(places.join(found), on=PLACE, validate="m:1")


SEVERAL = "several"
UNASSIGNED = "unassigned"


def match_clusters(tables: Mapping[str, pd.DataFrame], rules: pd.DataFrame) -> pd.DataFrame:
    """Return every match of a project with a rule, and whether it decides.

    Of all rules that match, those of the lowest rank decide.

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


ACTOR_TYPES = {
    "HES": "university_research",
    "REC": "university_research",
    "PRC": "company",
    "PUB": "public_administration",
    "OTH": "other",
    "": "unknown",
}
SIZES = {"true": "sme", "false": "not_sme", "": ""}
COORDINATION = r"(?:^|-)CSA(?:-|$)"
"""Funding schemes of coordination and support; all others are research and innovation."""

ASSOCIATED = "associatedPartner"
"""The role of a partner that gets no money of the EU; its empty contribution means none."""


@dataclass(frozen=True)
class CordisRecords:
    """Records by table, the chosen rows they are made of, and amounts taken as unknown.

    `members` has one row a role of an organisation in a chosen project, with its seat.
    `contradictions` has one row an amount that cannot be right: ``project_id``, ``column``,
    ``value``, ``limit``. `in_files` counts all projects of the files by the year they start.
    """

    records: Mapping[str, pd.DataFrame]
    projects: pd.DataFrame
    members: pd.DataFrame
    contradictions: pd.DataFrame
    undated: pd.DataFrame
    in_files: Mapping[int, int]


def make_records(
    tables: Mapping[str, pd.DataFrame],
    clusters: pd.Series,
    regions: Sequence[str],
    reference: Reference,
) -> CordisRecords:
    """Return the records of the projects with a partner whose seat lies in one of the regions.

    A project has a row in each year from its start to its end, up to the last year in which a
    chosen project begins; it is new in the year of its start.
    """
    members = with_seats(tables["organization"], reference)
    inside = members["seat"].str.startswith(tuple(regions))
    chosen = members.loc[inside, "projectID"].unique()
    members = members[members["projectID"].isin(chosen)].reset_index(drop=True)
    projects = tables["project"]
    in_files = projects["year"].value_counts().sort_index()
    projects = projects[projects["id"].isin(chosen)]
    dated = projects["year"].notna()
    projects, undated = projects[dated].reset_index(drop=True), projects[~dated]
    members = members[members["projectID"].isin(projects["id"])].reset_index(drop=True)
    amounts, contradictions = _amounts(projects, members)
    run = _running(projects)
    rows = _project_rows(run, amounts, clusters, projects, members)
    participations = rows[["year", "project_id"]].merge(
        members[["projectID", "organisationID"]].drop_duplicates(),
        left_on="project_id", right_on="projectID", validate="m:m",
    )  # fmt: skip
    participations = participations.rename(columns={"organisationID": "actor_id"})
    actors = participations[["year", "actor_id"]].drop_duplicates()
    made = {
        "projects": rows,
        "activities": pd.DataFrame(),
        "actors": actors.merge(_actors(members), on="actor_id", validate="m:1"),
        "participations": participations.assign(activity_id=""),
        "assignments": pd.DataFrame(),
    }
    records = {stem: _in_contract(table, RECORDS[stem]) for stem, table in made.items()}
    counts = {int(year): int(count) for year, count in in_files.items()}
    return CordisRecords(records, projects, members, contradictions, undated, counts)


def _amounts(projects: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the four amounts of each project, and those of them that cannot be right.

    A total cost of 0 stands for a lump sum: CORDIS does not know it. An amount that exceeds
    what it is part of, or a whole smaller than its part, is taken as unknown.
    """
    own = of_region(members)
    paid = own["ecContribution"].mask(own["ecContribution"].isna() & (own["role"] == ASSOCIATED), 0)
    cost = own["totalCost"].mask(own["totalCost"] == 0)
    table = pd.DataFrame(
        {
            "volume_eur": projects["totalCost"].mask(projects["totalCost"] == 0).array,
            "volume_region_eur": _whole_sum(cost, own["projectID"], projects["id"]),
            "funding_eur": projects["ecMaxContribution"].array,
            "funding_region_eur": _whole_sum(paid, own["projectID"], projects["id"]),
        },
        index=pd.Index(projects["id"], name="project_id"),
        dtype="Float64",
    )
    found = []
    for column, limit, too_much in (
        ("volume_eur", "funding_eur", "volume_eur < funding_eur"),
        ("funding_region_eur", "funding_eur", "funding_region_eur > funding_eur"),
        ("volume_region_eur", "volume_eur", "volume_region_eur > volume_eur"),
    ):
        wrong = table.eval(too_much).fillna(False).astype(bool)
        rows = table[wrong].reset_index()
        found.append(
            pd.DataFrame(
                {
                    "project_id": rows["project_id"],
                    "column": column,
                    "value": rows[column],
                    "limit": rows[limit],
                }
            )
        )
        table[column] = table[column].mask(wrong)
    return table, pd.concat(found, ignore_index=True)


def _whole_sum(amounts: pd.Series, owners: pd.Series, ids: pd.Series) -> pd.Series:
    """Sum amounts by project, to the cent; unknown where one of them is."""
    sums = amounts.groupby(owners).sum(min_count=1).round(2)
    gaps = amounts.isna().groupby(owners).any()
    return sums.mask(gaps).reindex(ids)


def _running(projects: pd.DataFrame) -> pd.DataFrame:
    """Return the years in which each project runs: ``project_id``, ``start``, ``year``."""
    last = projects["year"].max()
    rows = [
        (project, start, year, end)
        for project, start, end in projects[["id", "year", "last_year"]].itertuples(index=False)
        for year in range(start, min(start if pd.isna(end) else end, last) + 1)
    ]
    table = pd.DataFrame(rows, columns=["project_id", "start", "year", "end"])
    return table.astype({"start": "Int64", "year": "Int64", "end": "Int64"})


def _project_rows(
    run: pd.DataFrame,
    amounts: pd.DataFrame,
    clusters: pd.Series,
    projects: pd.DataFrame,
    members: pd.DataFrame,
) -> pd.DataFrame:
    """Return a row for each project and year it runs in."""
    described = pd.DataFrame(
        {
            "project_id": projects["id"],
            "cluster_id": projects["id"].map(clusters),
            "title": (projects["acronym"] + ": " + projects["title"]).str.strip(": "),
            "is_rdi": ~projects["fundingScheme"].str.contains(COORDINATION, regex=True),
            "consortium_type": projects["id"].map(_consortia(members)),
        }
    )
    rows = run.merge(described, on="project_id", validate="m:1")
    rows = rows.merge(amounts.reset_index(), on="project_id", validate="m:1")
    ends = (rows["year"] == rows["end"]).fillna(False)
    return rows.assign(
        is_new=rows["year"] == rows["start"],
        status=ends.map({True: "finished", False: "started"}),
        funder="eu",
    )


def _consortia(members: pd.DataFrame) -> pd.Series:
    """Return the structure of each consortium, from the types of its distinct partners."""
    partners = members.drop_duplicates(["projectID", "organisationID"])
    kinds = partners["activityType"].map(ACTOR_TYPES)
    counts = pd.crosstab(partners["projectID"], kinds)
    counts = counts.reindex(columns=[*dict.fromkeys(ACTOR_TYPES.values())], fill_value=0)
    companies, science = counts["company"], counts["university_research"]
    kind = pd.Series("other_joint", index=counts.index)
    kind = kind.mask((companies > 1) & (science == 0), "companies")
    kind = kind.mask((companies > 0) & (science > 0), "companies_science")
    return kind.mask(counts.sum(axis=1) == 1, "single")


def _actors(members: pd.DataFrame) -> pd.DataFrame:
    """Return each organisation once, as CORDIS describes it last."""
    latest = members.sort_values("contentUpdateDate", kind="stable")
    latest = latest.drop_duplicates("organisationID", keep="last")
    kinds = latest["activityType"].map(ACTOR_TYPES)
    sizes = latest["SME"].map(SIZES).where(kinds == "company", "")
    return latest.assign(
        actor_id=latest["organisationID"],
        actor_type=kinds,
        size_class=sizes,
        place=latest["city"],
    )[["actor_id", "name", "actor_type", "size_class", "state", "ags", "place"]]


def _in_contract(table: pd.DataFrame, contract: Table) -> pd.DataFrame:
    typed = typed_rows(table, contract)
    return check(typed.sort_values([*typed][:3], kind="stable", ignore_index=True), contract)
