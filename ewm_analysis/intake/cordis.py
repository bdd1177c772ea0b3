"""EU-funded projects of the region, from the files of CORDIS, as a data set of its own.

The files are held together and joined to one list of partners, with seats by NUTS codes and
clusters by rules that are data. The map in ``cordis.toml`` says what its columns are; from there
on it is read as any list is. Every failure of every file is told at once.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference, indicators
from ewm_analysis.contracts import (
    CORDIS,
    RECORDS,
    Categories,
    ClusterRules,
    Clusters,
    Table,
)
from ewm_analysis.errors import ContractError, Failure, MissingDataError, ParameterError
from ewm_analysis.intake.data_set import (
    load_mapping,
    open_head,
    publisher_of,
    refuse_other,
    typed_rows,
    with_own_source,
    write_parts,
)
from ewm_analysis.intake.findings import Remarks, declared, filled
from ewm_analysis.intake.list_map import ListRows, understood_map
from ewm_analysis.intake.lists import read_list, whole_sum
from ewm_analysis.intake.names import GERMANY, STATES, with_seats_by_code
from ewm_analysis.intake.sending import read_delimited, read_sent
from ewm_analysis.l10n import FALLBACK
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.loaders.read import TextTable, parse_table

ORIGIN = "cordis"
PARTS = ("records", "reference", "import", "README.md")
"""What an import writes; everything else in the folder is left alone."""

NOT_ASKED = ("guideline", "focus_topic", "action_field", "technology", "project")
"""Breakdowns of the monitoring that CORDIS does not know; without codes nothing is counted 0."""

UNKNOWN_PARTS = ("activities", "cross_cluster", "participations")
"""Parts of the names of indicators that need what CORDIS does not tell."""

NAMED = 5
"""New projects of a year and cluster that pages name, by total cost."""

AMOUNTS = {"totalCost", "ecMaxContribution", "ecContribution"}

FEW = 20
"""Up to so many rows are told one by one where whole files do not belong together."""

UNASSIGNED = "unassigned"

ASSOCIATED = "associatedPartner"
"""The role of a partner that gets no money of the EU; its empty contribution means none."""


def import_cordis(
    folders: Sequence[Path],
    target: Path,
    *,
    regions: Sequence[str],
    incomplete: Sequence[int] = (),
    rules: Path | None = None,
) -> dict[str, object]:
    """Write the EU-funded projects with partners in a region as a data set.

    Parameters
    ----------
    folders : sequence of Path
        A folder for each programme with the CSV files as CORDIS publishes them, or its ZIP.
    target : Path
        The data set. One that was imported before is replaced; commentary and figures of
        official statistics in it are kept.
    regions : sequence of str
        Beginnings of NUTS codes within Berlin and Brandenburg: ``DE3``, ``DE4``, ``DE404``.
    incomplete : sequence of int, optional
        Years of which the files hold a part only; the last one always counts as such.
    rules : Path, optional
        Table `ClusterRules` that stands in for the shipped one.

    Returns
    -------
    dict of str to object
        What was imported, counted, by what it is.

    Raises
    ------
    ParameterError
        If a region lies elsewhere, a folder holds no files of CORDIS, an incomplete year has no
        project, or the target holds another data set.
    MissingDataError
        If no project has a partner in the regions.
    ContractError
        With all failures of all files, by line and column.
    """
    shared = load_reference(resolve_data_dir("data/reference"))
    _check_regions(regions, shared.districts["nuts3"])
    refuse_other(target, ORIGIN)
    ruled = load_mapping("cordis_clusters", ClusterRules, shared.clusters, rules)
    made = make_records(read_cordis(folders), ruled, regions, shared)
    years = sorted({int(year) for year in made.records["projects"]["year"]})
    for year in incomplete:
        if year not in years:
            raise ParameterError("incomplete_year", year, years, "has no project")
    partial = sorted({*incomplete, int(made.projects["year"].max())})
    files = _files(target, made, shared, folders)
    write_parts(target, _head(target, made, regions, partial), files, PARTS)
    return _counts(made)


def _check_regions(regions: Sequence[str], known: Iterable[str]) -> None:
    allowed = sorted({*STATES, *known})
    for region in regions or [""]:
        is_part = any(code.startswith(region) for code in allowed)
        if not (region[:3] in STATES and is_part):
            reason = "is no beginning of a NUTS code here: DE3 is Berlin, DE4 Brandenburg"
            raise ParameterError("region", region, allowed, reason)


def read_cordis(folders: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Return the tables of CORDIS by file stem; amounts in EUR, ``year`` and ``last_year`` added.

    Raises
    ------
    ParameterError
        If a folder does not hold these files or is given twice.
    ContractError
        With all failures of all files, by line and column.
    """
    _check_folders(folders)
    failures: list[Failure] = []
    parts: dict[str, list[pd.DataFrame]] = {stem: [] for stem in CORDIS}
    seen: dict[str, Path] = {}
    for folder in folders:
        own: dict[str, Path] | None = None
        for stem, contract in CORDIS.items():
            try:
                text = _text(folder, f"{stem}.csv", contract)
                table = parse_table(text, contract)
            except ContractError as error:
                failures += error.failures
                continue
            parts[stem].append(table)
            if stem == "project":
                own = dict.fromkeys(table["id"], folder)
                failures += _twice(text, table["id"].map(seen).dropna())
            elif own is not None:
                failures += _strange(text, table.loc[~table["projectID"].isin(own), "projectID"])
        seen |= own or {}
    if failures:
        raise ContractError(failures)
    whole = {stem: pd.concat(frames, ignore_index=True) for stem, frames in parts.items()}
    for table in whole.values():
        for name in AMOUNTS & {*table}:
            table[name] = _numbers(table[name].str.replace(",", "."), "Float64")
    project = whole["project"]
    project["year"] = _numbers(project["startDate"].str[:4], "Int64")
    project["last_year"] = _numbers(project["endDate"].str[:4], "Int64")
    return whole


def _numbers(texts: pd.Series, kind: str) -> pd.Series:
    return pd.to_numeric(texts.mask(texts == "")).astype(kind)


def _check_folders(folders: Sequence[Path]) -> None:
    names = [f"{stem}.csv" for stem in CORDIS]
    places = [folder.resolve() for folder in folders]
    for folder, place in zip(folders, places, strict=True):
        reason = ""
        if not folder.exists():
            reason = "does not exist"
        elif folder.is_file() and not zipfile.is_zipfile(folder):
            reason = "is neither a folder nor a ZIP"
        elif places.count(place) > 1:
            reason = "is given twice"
        elif folder.is_dir() and not any((folder / name).is_file() for name in names):
            below = sorted(path.parent for path in folder.glob(f"*/{names[0]}"))
            hint = f"; name {' '.join(map(str, below))} instead" if below else ""
            reason = f"holds none of {', '.join(names)}, which CORDIS publishes in a ZIP{hint}"
        if reason:
            raise ParameterError("folder", str(folder), reason=reason)


def _text(folder: Path, name: str, contract: Table) -> TextTable:
    """Return a file of a folder or ZIP, with the columns that its contract declares."""
    file = f"{folder.name}/{name}"
    _, data = read_sent(folder / name if folder.is_dir() else folder, file, [name])
    text = read_delimited(data, ";", file)
    header = tuple(one for one in text.header if one in contract.columns)
    return replace(text, header=header, frame=text.frame[[*dict.fromkeys(header)]])


def _twice(text: TextTable, folders: pd.Series) -> list[Failure]:
    """Projects that another folder holds as well would be counted twice."""
    if len(folders) > FEW:
        reason = f"{len(folders)} projects stand in {folders.iloc[0]}, too"
        return [Failure(text.file, 0, "", "", reason)]
    ids = text.frame["id"]
    return [
        Failure(text.file, text.lines[row], "id", ids[row], f"stands in {folder}, too")
        for row, folder in folders.items()
    ]


def _strange(text: TextTable, rows: pd.Series) -> list[Failure]:
    """Rows about projects that are none of the folder's."""
    if len(rows) > max(len(text.lines) / 2, FEW):
        reason = (
            f"{len(rows)} of {len(text.lines)} rows are about projects that are not in "
            "project.csv; unpack each programme into a folder of its own"
        )
        return [Failure(text.file, 0, "", "", reason)]
    reason = "is no id of project.csv"
    return [
        Failure(text.file, text.lines[row], "projectID", value, reason)
        for row, value in rows.items()
    ]


def of_region(members: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of organisations with a seat in Berlin or Brandenburg."""
    return members[members["state"].isin([*STATES.values()])]


def _match_clusters(
    tables: Mapping[str, pd.DataFrame], members: pd.DataFrame, rules: pd.DataFrame
) -> pd.DataFrame:
    """Return every match of a project with a rule; those of its lowest rank decide."""
    partners = of_region(members).assign(name=lambda own: own["name"].str.upper())
    values = _project_values({**tables, "partners": partners})
    rules = rules[["field", "pattern", "cluster_id", "rank"]]
    # m:m on purpose: a value may match several rules, and belong to several projects.
    pairs = values[["field", "value"]].drop_duplicates().merge(rules, on="field", validate="m:m")
    fits = [fnmatchcase(*pair) for pair in zip(pairs["value"], pairs["pattern"], strict=True)]
    table = values.merge(pairs[fits], how="left", on=["field", "value"], validate="m:m")
    best = table.groupby("project_id")["rank"].transform("min")
    table["decides"] = (table["rank"] == best).fillna(False)
    table[["pattern", "cluster_id"]] = table[["pattern", "cluster_id"]].fillna("")
    order = ["project_id", "rank", "field", "value", "pattern", "cluster_id"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _memberships(matches: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters of each project: its ``id``, and the id it has in that cluster.

    They are those that the deciding rules name; where no rule matches, ``unassigned``. In the
    first of several the project keeps its id; in the others the cluster stands behind it.
    """
    deciding = matches.loc[matches["decides"], ["project_id", "cluster_id"]].drop_duplicates()
    known = matches[["project_id"]].drop_duplicates().merge(deciding, how="left")
    known = known.fillna({"cluster_id": UNASSIGNED}).sort_values([*known])
    known = known.rename(columns={"project_id": "id"})
    again = known["id"] + "-" + known["cluster_id"]
    return known.assign(project_id=known["id"].where(~known.duplicated("id"), again))


def _project_values(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what the rules look at: ``project_id``, ``field``, ``value``, each once."""
    values = pd.concat(
        tables[one["table"]][[one["key"], one["column"]]]
        .set_axis(["project_id", "value"], axis=1)
        .assign(field=one["field"])[["project_id", "field", "value"]]
        for one in declared("cordis.toml")["looked_at"]
    )
    # A project without any of them keeps a row, so that it is not lost.
    named = values[values["value"] != ""]
    bare = values[~values["project_id"].isin(named["project_id"])]
    return pd.concat([named, bare]).drop_duplicates()


@dataclass(frozen=True)
class CordisRecords:
    """Records by table, the chosen rows they are made of, and amounts taken as unknown.

    `matches` has one row a match of a chosen project with a rule, its pattern and cluster empty
    for a value that no rule matches. `members` has one row a role of an organisation in a chosen
    project, with its seat. `contradictions` has one row an amount that cannot be right:
    ``project_id``, ``column``, ``value``, ``limit``. `undated` counts projects without a start,
    `in_files` all projects of the files by the year they start.
    """

    records: Mapping[str, pd.DataFrame]
    matches: pd.DataFrame
    projects: pd.DataFrame
    members: pd.DataFrame
    contradictions: pd.DataFrame
    undated: int
    in_files: str


def make_records(
    tables: Mapping[str, pd.DataFrame],
    rules: pd.DataFrame,
    regions: Sequence[str],
    reference: Reference,
) -> CordisRecords:
    """Return the records of the projects with a partner whose seat lies in one of the regions.

    Its files are joined to one list of partners, which is read by the map in ``cordis.toml``. A
    project has a row in each year from its start to its end, up to the last year in which a
    chosen project begins, and in each of its clusters; it is new in the year of its start.

    Raises
    ------
    MissingDataError
        If there is no such project.
    """
    members = with_seats_by_code(tables["organization"], reference)
    inside = members["seat"].str.startswith(tuple(regions))
    chosen = tables["project"][tables["project"]["id"].isin(members.loc[inside, "projectID"])]
    projects = chosen[chosen["year"].notna()].reset_index(drop=True)
    if projects.empty:
        named = ", ".join(regions)
        raise MissingDataError(f"No project has a partner in {named} and a start date.")
    members = members[members["projectID"].isin(projects["id"])].reset_index(drop=True)
    amounts, contradictions = _amounts(projects, members)
    own = {
        stem: table[table["projectID"].isin(projects["id"])]
        for stem, table in tables.items()
        if stem != "project"
    }
    matches = _match_clusters({**own, "project": projects}, members, rules)
    partners = _partners(projects, members).merge(_memberships(matches), on="id", validate="m:m")
    records = _read(partners, amounts, reference)
    counts = tables["project"]["year"].value_counts().sort_index()
    in_files = ", ".join(f"{year}: {count}" for year, count in counts.items())
    undated = len(chosen) - len(projects)
    return CordisRecords(records, matches, projects, members, contradictions, undated, in_files)


def _partners(projects: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each partner of each project; an organisation is as it is described last."""
    latest = members.sort_values("contentUpdateDate", kind="stable")
    latest = latest.drop_duplicates("organisationID", keep="last")
    pairs = members[["projectID", "organisationID"]].drop_duplicates()
    about = ["organisationID", "name", "activityType", "SME", "city", "state", "ags"]
    rows = projects.merge(pairs, left_on="id", right_on="projectID", validate="1:m")
    rows = rows.merge(latest[about], on="organisationID", validate="m:1")
    only = rows["year"].mask(rows["last_year"].notna())
    name = rows["name"].mask(rows["name"] == "", rows["organisationID"])
    return rows.assign(only_year=only, name=name)


def _read(
    partners: pd.DataFrame, amounts: pd.DataFrame, reference: Reference
) -> dict[str, pd.DataFrame]:
    """Return the records of all years, read from the list of partners by the map."""
    listed = understood_map(declared("cordis.toml")["map"], "cordis.toml")
    places = {one.header: at for at, one in enumerate(listed.columns, 1)}
    first, last = partners["year"], partners["last_year"].fillna(partners["year"])
    read = []
    for year in range(first.min(), first.max() + 1):
        own = partners[(first <= year) & (last >= year)].astype(object).fillna("")
        if len(own):
            cells = {name: [*own[name]] for name in places}
            rows = ListRows("organization.csv", 1, places, cells, range(2, len(own) + 2))
            read.append(read_list(rows, listed, reference, year, Remarks(FALLBACK)))
    whole = {stem: pd.concat([tables[stem].frame for tables in read]) for stem in RECORDS}
    own = amounts.reindex(whole["projects"]["project_id"].str.partition("-")[0])
    whole["projects"] = whole["projects"].assign(**{name: own[name].array for name in own})
    records = {}
    for stem, contract in RECORDS.items():
        typed = typed_rows(whole[stem], contract)
        records[stem] = typed.sort_values([*typed][:3], kind="stable", ignore_index=True)
    return records


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
            "volume_region_eur": whole_sum(cost, own["projectID"], projects["id"]),
            "funding_eur": projects["ecMaxContribution"].array,
            "funding_region_eur": whole_sum(paid, own["projectID"], projects["id"]),
        },
        index=pd.Index(projects["id"], name="id"),
        dtype="Float64",
    )
    found = []
    for column, sign, limit in (
        ("volume_eur", "<", "funding_eur"),
        ("funding_region_eur", ">", "funding_eur"),
        ("volume_region_eur", ">", "volume_eur"),
    ):
        wrong = table.eval(f"{column} {sign} {limit}").fillna(False).astype(bool)
        rows = table.loc[wrong, [column, limit]].set_axis(["value", "limit"], axis=1)
        found.append(rows.rename_axis("project_id").reset_index().assign(column=column))
        table[column] = table[column].mask(wrong)
    return table, pd.concat(found, ignore_index=True)


def _head(
    target: Path, made: CordisRecords, regions: Sequence[str], incomplete: Sequence[int]
) -> dict[str, object]:
    new = _new(made)
    several = made.records["projects"].query("is_new and project_id not in @new.project_id")
    source = publisher_of(ORIGIN)
    licence = "https://creativecommons.org/licenses/by/4.0/"
    return {
        **open_head(
            target,
            "cordis",
            unassigned=int((new["cluster_id"] == UNASSIGNED).sum()),
            several=several["title"].nunique(),
            incomplete=", ".join(str(year) for year in incomplete),
            regions=", ".join(regions),
            first=new["year"].min(),
            last=new["year"].max(),
            unknown=int(new["volume_eur"].isna().sum()),
            all=len(new),
            in_files=made.in_files,
        ),
        "origin": ORIGIN,
        "not_collected": [
            name for name in indicators() if any(part in name for part in UNKNOWN_PARTS)
        ],
        "incomplete_years": [*incomplete],
        "overlapping": True,
        "sources": [{"title": source["title"], "path": source["url"]}],
        "licenses": [{"name": "CC-BY-4.0", "title": source["licence"], "path": licence}],
    }


def _files(
    target: Path, made: CordisRecords, shared: Reference, folders: Sequence[Path]
) -> dict[str, pd.DataFrame | str]:
    """Return all that the data set holds, by its place."""
    records = {
        f"records/{year}/{stem}.csv": table[table["year"] == year]
        for stem, table in made.records.items()
        for year in made.records["projects"]["year"].unique()
    }
    source = publisher_of(ORIGIN) | {"source_id": "records"}
    own = load_mapping("cordis_own_clusters", Clusters)
    own["position"] += shared.clusters["position"].max()
    clusters = pd.concat([shared.clusters, own], ignore_index=True)
    return {
        **records,
        "reference/sources.csv": with_own_source(target, shared.sources, **source),
        "reference/categories.csv": _categories(shared.categories, made),
        "reference/clusters.csv": clusters,
        "import/cluster_matches.csv": made.matches,
        "README.md": _report(made, clusters, shared.districts, folders),
    }


def _categories(shared: pd.DataFrame, made: CordisRecords) -> pd.DataFrame:
    """Return the shared codes, those of some breakdowns replaced by what CORDIS tells apart."""
    own = load_mapping("cordis_categories", Categories)
    kept = shared[~shared["dimension"].isin([*NOT_ASKED, *own["dimension"]])]
    return pd.concat([kept, own, _named_projects(made)], ignore_index=True)


def _named_projects(made: CordisRecords) -> pd.DataFrame:
    """Return the largest new projects of each year and cluster: those that pages name."""
    new = made.records["projects"].query("is_new and volume_eur.notna()")
    largest = new.sort_values(["volume_eur", "project_id"], ascending=[False, True])
    largest = largest.groupby(["year", "cluster_id"]).head(NAMED)
    ids = largest["project_id"].str.partition("-")[0]
    labels = ids.map(made.projects.set_index("id")["acronym"])
    labels = labels.mask(labels == "", ids)
    rows = largest.rename(columns={"project_id": "category"}).assign(
        dimension="project",
        valid_from=largest["year"],
        valid_to=largest["year"],
        position=range(1, len(largest) + 1),
        label_de=labels,
        label_en=labels,
        is_assumption=False,
        source_id="records",
    )
    return typed_rows(rows, Categories)


def _report(
    made: CordisRecords, clusters: pd.DataFrame, districts: pd.DataFrame, folders: Sequence[Path]
) -> str:
    """Return what was imported, from its template beside this file."""
    own = of_region(made.members).drop_duplicates(["projectID", "organisationID"])
    names = districts.set_index("ags")["name"].to_dict() | {"": "district unknown"}
    labels = clusters.set_index("cluster_id")["label_en"]
    matches, table = made.matches, made.records["projects"]
    deciding = matches[matches["decides"]].groupby(["field", "pattern", "cluster_id"])
    unassigned = table.loc[table["cluster_id"] == UNASSIGNED, "project_id"]
    unmapped = matches[matches["project_id"].isin(unassigned) & (matches["value"] != "")]
    unmapped = unmapped.groupby(["field", "value"]).size()
    return filled(
        "cordis.md.j2",
        folders=[one.name for one in folders],
        counts=_counts(made),
        traps=_traps(made),
        contradictions=made.contradictions.to_dict("records"),
        seats=own["ags"].map(names).value_counts(),
        clusters=table[table["is_new"]]["cluster_id"].value_counts(),
        labels=labels,
        rules=deciding["project_id"].nunique(),
        unmapped=unmapped.sort_values(ascending=False, kind="stable"),
    )


def _new(made: CordisRecords) -> pd.DataFrame:
    """Return each project once, in the year it starts, whatever the number of its clusters."""
    table = made.records["projects"]
    return table[table["is_new"] & table["project_id"].isin(made.projects["id"])]


def _counts(made: CordisRecords) -> dict[str, object]:
    own = of_region(made.members)
    partners = own.drop_duplicates("organisationID")
    new = _new(made)
    is_sme = partners["SME"] == "true"
    counts = {
        "in_files": made.in_files,
        "projects": len(made.projects),
        "participations": len(own.drop_duplicates(["projectID", "organisationID"])),
        "actors": len(partners),
        "sme": is_sme.sum(),
        "sme_companies": (is_sme & (partners["activityType"] == "PRC")).sum(),
        "coordinations": (own["role"] == "coordinator").sum(),
        "funding": f"{new['funding_region_eur'].sum():.2f}",
        "partners": made.members["organisationID"].nunique(),
    }
    return {label: counts[name] for name, label in declared("cordis.toml")["counts"].items()}


def _traps(made: CordisRecords) -> dict[str, object]:
    members, projects = made.members, made.projects
    own = of_region(members).drop_duplicates("organisationID")
    kinds = members.groupby("organisationID")[["activityType", "SME", "seat"]].nunique()
    actors = members["organisationID"]
    is_seatless = (members["country"] == GERMANY) & (members["seat"] == "")
    counts = {
        "lump_sums": (projects["totalCost"].fillna(0) == 0).sum(),
        "undated": made.undated,
        "endless": projects["last_year"].isna().sum(),
        "roles": members.duplicated(["projectID", "organisationID"]).sum(),
        "unpaid": (members["ecContribution"].isna() & (members["role"] == ASSOCIATED)).sum(),
        "changed": (kinds > 1).any(axis=1).sum(),
        "untyped": actors[members["activityType"] == ""].nunique(),
        "seatless": actors[is_seatless].nunique(),
        "undistricted": (own["ags"] == "").sum(),
    }
    return {label: counts[name] for name, label in declared("cordis.toml")["traps"].items()}
