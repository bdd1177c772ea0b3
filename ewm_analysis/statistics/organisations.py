"""Cluster organisations: portraits, ratios, and what programmes require of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

import pandas as pd

from ewm_analysis.errors import ParameterError

PROGRAMME = "go_cluster"
"""Stands among the organisations for the programme itself."""

RATIOS = {
    "members_per_staff": ("members", "staff"),
    "events_per_staff": ("events_per_year", "staff"),
    "participants_per_event": ("event_participants_per_year", "events_per_year"),
}
"""What is divided by what: facts of the portraits."""

MEMBER_COUNTS = {
    "sme": "sme_count",
    "large": "large",
    "university": "universities",
    "institute": "research_institutes",
    "other": "other_members",
}
MEMBER_SHARES = {
    "sme": "sme_share",
    "large": "large_share",
    "business": "company_share",
    "research": "research_share",
    "municipality": "municipality_share",
}
FINANCING = {
    "public": "funding_share_public",
    "fees": "funding_share_members",
    "carrier": "funding_share_own_carrier",
}


class Quantity(NamedTuple):
    """What a source says about a number: its limits, and whether it says "about".

    110 is (110, 110), about 80 is (80, 80, rough), more than 60 is (60, None), up to 30 is
    (None, 30), 40 to 50 % is (0.4, 0.5).
    """

    low: float | None
    high: float | None
    is_rough: bool = False

    def per(self, other: Quantity) -> Quantity | None:
        """Return the ratio of two positive quantities; None if nothing bounds it.

        Examples
        --------
        >>> Quantity(60, None).per(Quantity(6, 6, is_rough=True))
        Quantity(low=10.0, high=None, is_rough=True)
        >>> Quantity(13000, None).per(Quantity(8700, None)) is None
        True
        """
        low = self.low / other.high if self.low is not None and other.high else None
        high = self.high / other.low if self.high is not None and other.low else None
        known = low is not None or high is not None
        return Quantity(low, high, self.is_rough or other.is_rough) if known else None


_LIMITS = {
    "exact": lambda value: Quantity(value, value),
    "approximate": lambda value: Quantity(value, value, is_rough=True),
    "lower_bound": lambda value: Quantity(value, None),
    "upper_bound": lambda value: Quantity(None, value),
}


def quantities(facts: pd.DataFrame, name: str) -> dict[str, Quantity]:
    """Return what each organisation's portrait says about a fact, its bounds put together.

    The first mention counts; `name` is that of the fact without ``_min`` and ``_max``:
    ``members``, ``staff``, ``events_per_year`` …
    """
    names = (name, f"{name}_min", f"{name}_max")
    chosen = facts[facts["fact"].isin(names) & (facts["mention"] == 1) & facts["value"].notna()]
    found: dict[str, Quantity] = {}
    for row in chosen.itertuples():
        new = _LIMITS[row.precision](float(row.value))
        old = found.get(row.organisation_id, Quantity(None, None))
        found[row.organisation_id] = Quantity(
            new.low if old.low is None else old.low,
            new.high if old.high is None else old.high,
            old.is_rough or new.is_rough,
        )
    return found


def choose_organisations(
    facts: pd.DataFrame, groups: pd.DataFrame, *, state: str = "", field: str = ""
) -> pd.DataFrame:
    """Return the facts of the organisations in a federal state and technology field.

    The programme itself is no organisation and is left out.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`.
    groups : DataFrame
        Contract `OrganisationGroups`.
    state, field : str, optional
        Codes of ``federal_state`` and ``technology_field``; all if empty.

    Raises
    ------
    ParameterError
        If no organisation belongs to the state, to the field, or to both together.
    """
    known = [one for one in dict.fromkeys(facts["organisation_id"]) if one != PROGRAMME]
    groups = groups[groups["organisation_id"].isin(known)]
    kept = known
    for name, dimension, code in (
        ("state", "federal_state", state),
        ("field", "technology_field", field),
    ):
        codes = groups[groups["dimension"] == dimension]
        if code and code not in {*codes["category"]}:
            raise ParameterError(name, code, sorted({*codes["category"]}))
        inside = {*codes.loc[codes["category"] == code, "organisation_id"]}
        kept = [one for one in kept if not code or one in inside]
    if known and not kept:
        raise ParameterError("field", field, reason=f"has no organisation in state {state!r}")
    return facts[facts["organisation_id"].isin(kept)].reset_index(drop=True)


def organisation_ages(facts: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return the age of each organisation in the year of the source that states its foundation.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``founded``, ``as_of`` (year of the source), ``age`` (years).
    """
    years = sources.set_index("source_id")["published"].str.extract(r"(\d{4})")[0]
    rows = facts.loc[facts["fact"] == "founded", ["organisation_id", "value", "source_id"]]
    founded = rows["value"].astype("Int64")
    as_of = rows["source_id"].map(years).astype("Int64")
    table = rows[["organisation_id"]].assign(founded=founded, as_of=as_of, age=as_of - founded)
    return table.reset_index(drop=True)


Row = tuple[str, str, Quantity]
"""An organisation, what is told of it, and how much."""


def _told(rows: Iterable[Row], kind: str, facts: pd.DataFrame) -> pd.DataFrame:
    """Put rows in a table, each with the source of its organisation's portrait."""
    names = ["organisation_id", kind, *Quantity._fields]
    table = pd.DataFrame([(one, name, *quantity) for one, name, quantity in rows], columns=names)
    table = table.astype({"low": "Float64", "high": "Float64", "is_rough": "boolean"})
    return table.assign(source_id=table["organisation_id"].map(_sources(facts)))


def _sources(facts: pd.DataFrame) -> pd.Series:
    return facts.drop_duplicates("organisation_id").set_index("organisation_id")["source_id"]


def _parts(facts: pd.DataFrame, printed: Mapping[str, str]) -> dict[str, dict[str, Quantity]]:
    """Return by organisation what it prints of some facts, under their names."""
    found = {name: quantities(facts, fact) for name, fact in printed.items()}
    own = {
        one: {name: known[one] for name, known in found.items() if one in known}
        for one in dict.fromkeys(facts["organisation_id"])
    }
    return {one: parts for one, parts in own.items() if parts}


def per_head(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the ratios of `RATIOS` for each organisation, as far as the portraits bound them.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``ratio``, ``low``, ``high``, ``is_rough``, ``source_id``.
    """

    def rows() -> Iterator[Row]:
        for ratio, (part, base) in RATIOS.items():
            bases = quantities(facts, base)
            for organisation, quantity in quantities(facts, part).items():
                divided = quantity.per(bases[organisation]) if organisation in bases else None
                if divided is not None:
                    yield organisation, ratio, divided

    return _told(rows(), "ratio", facts)


def composition(facts: pd.DataFrame, *, basis: Literal["share", "count"]) -> pd.DataFrame:
    """Return the members by type as printed in shares or counts, and what is not broken down.

    Shares and counts are never turned into each other: a count rebuilt from a rounded
    percentage would be a guess.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``member_type``, ``low``, ``high``, ``is_rough``, ``source_id``. The
        type ``not_stated`` holds the rest of the members; where the parts make more than the
        total printed there is none. The type ``total`` holds the members, counts only.
    """
    members = quantities(facts, "members")
    printed = MEMBER_COUNTS if basis == "count" else MEMBER_SHARES

    def rows() -> Iterator[Row]:
        for one, parts in _parts(facts, printed).items():
            whole = Quantity(1.0, 1.0) if basis == "share" else members.get(one)
            rest = _rest([*parts.values()], whole)
            if rest is not None:
                parts["not_stated"] = rest
            if basis == "count" and whole is not None:
                parts["total"] = whole
            yield from ((one, kind, quantity) for kind, quantity in parts.items())

    return _told(rows(), "member_type", facts)


def _rest(parts: list[Quantity], whole: Quantity | None) -> Quantity | None:
    """Return what the parts leave of the whole; None if nothing, or if a bound is open."""
    if whole is None or any(part.low is None or part.high is None for part in [*parts, whole]):
        return None
    rest = round((whole.low or 0) - sum(part.low or 0 for part in parts), 10)
    is_rough = any(part.is_rough for part in [*parts, whole])
    return Quantity(rest, rest, is_rough) if rest > 0 else None


def financing(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the sources of finance as shares, and how concentrated they are.

    The concentration (Herfindahl index) is the sum of the squared shares: 1 if all money comes
    from one source, 1/3 if three give the same. It takes all sources, printed exactly.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``financing_source`` (``herfindahl`` for the index), ``low``, ``high``,
        ``is_rough``, ``source_id``.
    """

    def rows() -> Iterator[Row]:
        for one, parts in _parts(facts, FINANCING).items():
            index = herfindahl(parts.values())
            if index is not None:
                parts["herfindahl"] = Quantity(index, index)
            yield from ((one, source, share) for source, share in parts.items())

    return _told(rows(), "financing_source", facts)


def herfindahl(shares: Iterable[Quantity]) -> float | None:
    """Return the sum of squared shares; None unless they are exact and make the whole.

    Examples
    --------
    >>> round(herfindahl([Quantity(0.5, 0.5), Quantity(0.3, 0.3), Quantity(0.2, 0.2)]), 2)
    0.38
    >>> herfindahl([Quantity(0.4, 0.5)]) is None
    True
    """
    parts = [*shares]
    if any(part.is_rough for part in parts) or not _makes(parts, Quantity(1, 1)):
        return None
    return sum((part.low or 0) ** 2 for part in parts)


def _makes(parts: list[Quantity], whole: Quantity | None) -> bool:
    """True if all limits are closed and the parts make the whole."""
    if whole is None or any(part.low is None or part.low != part.high for part in [*parts, whole]):
        return False
    return abs(sum(part.low or 0 for part in parts) - (whole.low or 0)) < 1e-9


# What programmes require

Outcome = Literal["met", "not_met", "unknown"]

ROUGH = 0.1
"""A number printed as "about" is taken as up to a tenth lower or higher."""

UNITS = {"staff": "persons", "members": "count", "member_types": "count"}
"""What portraits count; persons are no full-time equivalents, so that these do not compare."""

COMMON_TYPE = {
    **dict.fromkeys(("sme", "large", "business"), "business"),
    **dict.fromkeys(("university", "institute", "research"), "science"),
    "municipality": "public",
}
"""Members that count as one type; "others" may be any."""


def at_least(quantity: Quantity | None, threshold: float) -> Outcome:
    """Say whether a quantity reaches a threshold, as far as its source tells.

    Examples
    --------
    >>> at_least(Quantity(60, None), 15), at_least(Quantity(None, 30), 15)
    ('met', 'unknown')
    >>> at_least(Quantity(16, 16, is_rough=True), 15)
    'unknown'
    """
    if quantity is None:
        return "unknown"
    slack = ROUGH if quantity.is_rough else 0.0
    if quantity.low is not None and quantity.low * (1 - slack) >= threshold:
        return "met"
    if quantity.high is not None and quantity.high * (1 + slack) < threshold:
        return "not_met"
    return "unknown"


def eligibility(facts: pd.DataFrame, requirements: pd.DataFrame) -> pd.DataFrame:
    """Hold each organisation against the thresholds for registration.

    Evaluated are the `Requirements` of the scheme ``eccp_registration``.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``requirement``, ``outcome`` (met, not_met, unknown), ``low``,
        ``high``, ``is_rough`` of what the portrait states, ``threshold``, ``unit``,
        ``source_id``.
    """
    rules = requirements[requirements["scheme"] == "eccp_registration"]
    stated = {
        "staff": quantities(facts, "staff"),
        "members": quantities(facts, "members"),
        "member_types": member_types(facts),
    }
    rows = []
    for organisation, source in _sources(facts).items():
        for rule in rules.itertuples():
            name, unit, threshold = rule.requirement, rule.unit, float(rule.value)
            quantity = stated[name].get(str(organisation))
            outcome = at_least(quantity if UNITS[name] == unit else None, threshold)
            known = quantity or Quantity(None, None)
            rows.append((organisation, name, outcome, *known, threshold, unit, source))
    names = ["organisation_id", "requirement", "outcome", *Quantity._fields]
    return pd.DataFrame(rows, columns=[*names, "threshold", "unit", "source_id"])


def member_types(facts: pd.DataFrame) -> dict[str, Quantity]:
    """Return how many types of members each portrait names: companies, science, public sector.

    The number is a lower bound unless the types printed make up all members.
    """
    parts = {**MEMBER_COUNTS, **{f"{kind}_share": fact for kind, fact in MEMBER_SHARES.items()}}
    named: dict[str, set[str]] = {}
    for kind, fact in parts.items():
        common = COMMON_TYPE.get(kind.removesuffix("_share"))
        for organisation, quantity in quantities(facts, fact).items():
            if common is not None and quantity.low:
                named.setdefault(organisation, set()).add(common)
    complete = _broken_down(facts)
    return {
        organisation: Quantity(len(kinds), len(kinds) if organisation in complete else None)
        for organisation, kinds in named.items()
    }


def _broken_down(facts: pd.DataFrame) -> set[str]:
    """Return the organisations whose types printed, without others, make exactly all members."""
    members, others = quantities(facts, "members"), quantities(facts, "other_members")
    counts, shares = _parts(facts, MEMBER_COUNTS), _parts(facts, MEMBER_SHARES)
    wholes = [(counts, members), (shares, dict.fromkeys(shares, Quantity(1, 1)))]
    return {
        one
        for found, whole in wholes
        for one, parts in found.items()
        if one in whole and one not in others
        if not any(part.is_rough for part in (*parts.values(), whole[one]))
        if _makes([*parts.values()], whole[one])
    }


LABEL_DAYS = {
    "valid_until": ("validity",),
    "benchmarking_from": ("benchmarking_from",),
    "benchmarking_to": ("benchmarking_to",),
    "renewal_until": ("validity", "renewal"),
}
"""What follows from the day of an award: after which periods, each with its last day."""


def label_window(awarded: date, years: Mapping[str, float]) -> dict[str, date]:
    """Return until when a label holds, and when the second benchmarking is due: `LABEL_DAYS`.

    Parameters
    ----------
    awarded : date
        Day of the award, taken as that of the benchmarking before it.
    years : mapping of str to float
        Periods in years, multiples of a month: ``validity``, ``benchmarking_from``,
        ``benchmarking_to``, ``renewal``.

    Raises
    ------
    ParameterError
        If a period is missing or is no whole number of months.

    Examples
    --------
    >>> years = {"validity": 2, "benchmarking_from": 1.5, "benchmarking_to": 2, "renewal": 1}
    >>> window = label_window(date(2019, 7, 25), years)
    >>> str(window["valid_until"]), str(window["benchmarking_from"]), str(window["renewal_until"])
    ('2021-07-25', '2021-01-25', '2022-07-25')
    """
    for name in {period for periods in LABEL_DAYS.values() for period in periods} - {*years}:
        raise ParameterError("requirement", name, years, "is missing")
    return {
        day: _later(awarded, sum(years[period] for period in periods))
        for day, periods in LABEL_DAYS.items()
    }


def _later(day: date, years: float) -> date:
    """Return the same day some years later; the last of the month where it has no such day."""
    months = years * 12
    if months != int(months):
        raise ParameterError("years", years, reason="is no whole number of months")
    later: date = (pd.Timestamp(day) + pd.DateOffset(months=int(months))).date()
    return later


def label_calendar(
    facts: pd.DataFrame, groups: pd.DataFrame, requirements: pd.DataFrame
) -> pd.DataFrame:
    """Return the labels of the organisations, with their periods where the award is dated.

    The award is dated by ``since`` of `OrganisationGroups`, the periods are those of the scheme
    ``silver_label`` in `Requirements`.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``label``, ``awarded``, the `LABEL_DAYS` as text and
        ``source_id``; days are empty where the award is not dated.
    """
    rules = requirements[requirements["scheme"] == "silver_label"]
    years = {str(rule.requirement): float(rule.value) for rule in rules.itertuples()}
    held = groups[
        (groups["dimension"] == "label") & groups["organisation_id"].isin(facts["organisation_id"])
    ]
    rows = []
    for row in held.itertuples():
        days = dict.fromkeys(LABEL_DAYS, "")
        if row.since and row.category == "silver":
            window = label_window(date.fromisoformat(row.since), years)
            days = {name: day.isoformat() for name, day in window.items()}
        rows.append((row.organisation_id, row.category, row.since, *days.values(), row.source_id))
    columns = ["organisation_id", "label", "awarded", *LABEL_DAYS, "source_id"]
    return pd.DataFrame(rows, columns=columns)
