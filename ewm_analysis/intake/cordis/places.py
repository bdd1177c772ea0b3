"""The seat of an organisation of CORDIS: state and district, or unknown."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Reference
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

    Parameters
    ----------
    members : DataFrame
        Contract `CordisOrganizations`.
    reference : Reference
        Districts and municipalities.
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
