"""The files of CORDIS to records: read and held together, seats, clusters by rules that are data.

A project has a row in each year it runs in. Every failure of every file is told at once.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import CORDIS, RECORDS, Table, check, columns_of
from ewm_analysis.errors import ContractError, Failure, MissingDataError, ParameterError
from ewm_analysis.intake.data_set import typed_rows
from ewm_analysis.intake.findings import Remarks, declared
from ewm_analysis.intake.list_map import understood_map
from ewm_analysis.intake.list_rows import ListRows
from ewm_analysis.intake.lists import read_list, whole_sum
from ewm_analysis.intake.names import district_of
from ewm_analysis.intake.sending import read_delimited, read_sent
from ewm_analysis.l10n import FALLBACK
from ewm_analysis.loaders.read import TextTable, parse_table

AMOUNTS = {"totalCost", "ecMaxContribution", "ecContribution"}

FEW = 20
"""Up to so many rows are told one by one where whole files do not belong together."""

STATES = {"DE3": "be", "DE4": "bb"}
"""States by the beginning of their NUTS codes."""

GERMANY = "DE"
PLACE = ["country", "nutsCode", "city"]

UNASSIGNED = "unassigned"

ASSOCIATED = "associatedPartner"
"""The role of a partner that gets no money of the EU; its empty contribution means none."""


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
                failures += _strange(text, table.index[~table["projectID"].isin(own)])
        seen |= own or {}
    if failures:
        raise ContractError(failures)
    whole = {stem: pd.concat(frames, ignore_index=True) for stem, frames in parts.items()}
    for stem, table in whole.items():
        amounts = {name: _euros(table[name]) for name in table if name in AMOUNTS}
        whole[stem] = table.assign(**amounts)
    years = {"year": "startDate", "last_year": "endDate"}
    dates = {name: _year(whole["project"][column]) for name, column in years.items()}
    return {**whole, "project": whole["project"].assign(**dates)}


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
    header = tuple(one for one in text.header if one in columns_of(contract))
    return replace(text, header=header, frame=text.frame[[*dict.fromkeys(header)]])


def _twice(text: TextTable, folders: pd.Series) -> list[Failure]:
    """Projects that another folder holds as well would be counted twice."""
    if len(folders) > FEW:
        reason = f"{len(folders)} projects stand in {folders.iloc[0]}, too"
        return [Failure(text.file, 0, "", "", reason)]
    return [_failure_at(text, row, "id", f"stands in {one}, too") for row, one in folders.items()]


def _strange(text: TextTable, rows: pd.Index) -> list[Failure]:
    """Rows about projects that are none of the folder's."""
    if len(rows) > max(len(text.lines) / 2, FEW):
        reason = (
            f"{len(rows)} of {len(text.lines)} rows are about projects that are not in "
            "project.csv; unpack each programme into a folder of its own"
        )
        return [Failure(text.file, 0, "", "", reason)]
    return [_failure_at(text, row, "projectID", "is no id of project.csv") for row in rows]


def _failure_at(text: TextTable, row: int, column: str, allowed: str) -> Failure:
    value = str(text.frame[column].iloc[row])
    return Failure(text.file, text.lines[row], column, value, allowed)


def _euros(cells: pd.Series) -> pd.Series:
    """Return amounts as numbers; empty ones are missing."""
    texts = cells.str.replace(",", ".", regex=False)
    return pd.to_numeric(texts.mask(texts == "")).astype("Float64")


def _year(dates: pd.Series) -> pd.Series:
    return pd.to_numeric(dates.str[:4].mask(dates == "")).astype("Int64")


def of_region(members: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of organisations with a seat in Berlin or Brandenburg."""
    return members[members["state"].isin([*STATES.values()])]


def _with_seats(members: pd.DataFrame, reference: Reference) -> pd.DataFrame:
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
        state, ags = STATES.get(code[:3], ""), codes.get(code, "")
        if not ags and (state or not code):
            ags = district_of(city, towns if state else cities)
        if ags and not code:
            return str(districts.at[ags, "nuts3"]), str(districts.at[ags, "state"]), ags
        fits = ags and districts.at[ags, "state"] == state
        return code, state or "other", ags if fits else ""

    places = members[PLACE].drop_duplicates(ignore_index=True)
    seats = [seat(*map(str, place)) for place in places.itertuples(index=False)]
    found = pd.DataFrame(seats, columns=["seat", "state", "ags"], dtype="string")
    return members.merge(places.join(found), on=PLACE, validate="m:1")


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
    found = [
        ("project", "id", "topic", "topics"),
        ("topics", "projectID", "topic", "topic"),
        ("project", "id", "legal_basis", "legalBasis"),
        ("euroSciVoc", "projectID", "euroscivoc", "euroSciVocPath"),
        ("partners", "projectID", "partner", "name"),
    ]
    values = pd.concat(
        tables[stem][[key, column]]
        .set_axis(["project_id", "value"], axis=1)
        .assign(field=field)[["project_id", "field", "value"]]
        for stem, key, field, column in found
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
    in_files: Mapping[int, int]


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
    members = _with_seats(tables["organization"], reference)
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
    in_files = tables["project"]["year"].value_counts().sort_index().to_dict()
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
    headers = [one.header for one in listed.columns]
    cells = {name: [*partners[name].astype(object).fillna("")] for name in headers}
    places = {name: at for at, name in enumerate(headers, 1)}
    rows = ListRows("organization.csv", 1, places, cells, range(2, len(partners) + 2))
    first, last = partners["year"], partners["last_year"].fillna(partners["year"])
    years = {year for pair in zip(first, last, strict=True) for year in range(pair[0], pair[1] + 1)}
    read = [
        read_list(rows, listed, reference, year, Remarks(FALLBACK))
        for year in sorted(years)
        if year <= first.max()
    ]
    whole = {stem: pd.concat([tables[stem].frame for tables in read]) for stem in RECORDS}
    own = amounts.reindex(whole["projects"]["project_id"].str.partition("-")[0])
    whole["projects"] = whole["projects"].assign(**{name: own[name].array for name in own})
    return {stem: _in_contract(table, RECORDS[stem]) for stem, table in whole.items()}


def _in_contract(table: pd.DataFrame, contract: Table) -> pd.DataFrame:
    typed = typed_rows(table, contract)
    return check(typed.sort_values([*typed][:3], kind="stable", ignore_index=True), contract)


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
