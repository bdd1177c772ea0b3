"""Rules for the records of one year, table against table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.intake.checks.districts import district_of
from ewm_analysis.intake.checks.findings import Finding, findings_of


def check_within_year(
    records: Mapping[str, pd.DataFrame], reference: Reference, today: date
) -> list[Finding]:
    """Return what is odd about the records of a year, without any other year.

    Parameters
    ----------
    records : mapping of str to DataFrame
        The five tables of all years.
    reference : Reference
        Municipalities and districts.
    today : date
        Records of a year that has not begun are odd.
    """
    return [
        *_future(records["projects"], today),
        *_partners(records),
        *_unused_actors(records),
        *_districts(records["actors"], reference),
    ]


def _future(projects: pd.DataFrame, today: date) -> list[Finding]:
    later = projects[projects["year"] > today.year].drop_duplicates("year")
    return findings_of(later, "year-not-begun", "warning", "projects", column="year")


def _partners(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """A project without any actor, and a single project with several."""
    took_part = records["participations"]
    counts = took_part[took_part["project_id"] != ""].groupby(["year", "project_id"]).size()
    rows = records["projects"].merge(
        counts.rename("actors").reset_index(), how="left", on=["year", "project_id"]
    )
    single = rows[(rows["consortium_type"] == "single") & (rows["actors"] > 1)]
    return [
        *findings_of(
            rows[rows["actors"].isna()],
            "project-without-actor",
            "warning",
            "projects",
            key="project_id",
        ),
        *findings_of(
            single,
            "single-project-with-partners",
            "warning",
            "projects",
            key="project_id",
            column="consortium_type",
            facts={"actors": "actors"},
        ),
    ]


def _unused_actors(records: Mapping[str, pd.DataFrame]) -> list[Finding]:
    actors, took_part = records["actors"], records["participations"]
    used = pd.MultiIndex.from_frame(took_part[["year", "actor_id"]])
    is_used = pd.MultiIndex.from_frame(actors[["year", "actor_id"]]).isin(used)
    return findings_of(
        actors[~is_used],
        "actor-without-participation",
        "note",
        "actors",
        key="actor_id",
        facts={"actor": "name"},
    )


def _districts(actors: pd.DataFrame, reference: Reference) -> list[Finding]:
    """Places against the districts they lie in; what cannot be resolved stays unknown."""
    regional = actors[actors["state"].isin(["be", "bb"])]
    places = {
        place: district_of(place, reference.municipalities) for place in regional["place"].unique()
    }
    names = dict(zip(reference.districts["ags"], reference.districts["name"], strict=True))
    ags = regional["place"].map(places).fillna("").astype("string")
    rows = regional.assign(proposal=ags, district=ags.map(names).fillna(""))
    no_district = (rows["ags"] == "") & (rows["state"] == "bb")
    facts = {"place": "place", "proposal": "proposal", "district": "district"}
    kinds = {
        "district-from-place": rows[no_district & (rows["proposal"] != "")],
        "district-unknown": rows[no_district & (rows["proposal"] == "")],
    }
    found = [
        finding
        for name, chosen in kinds.items()
        for finding in findings_of(
            chosen, name, "note", "actors", key="actor_id", column="ags", facts=facts
        )
    ]
    differs = (rows["ags"] != "") & (rows["proposal"] != "") & (rows["ags"] != rows["proposal"])
    return found + findings_of(
        rows[differs],
        "district-contradicts-place",
        "warning",
        "actors",
        key="actor_id",
        column="ags",
        facts=facts,
    )
