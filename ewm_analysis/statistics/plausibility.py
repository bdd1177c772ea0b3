"""Contradictions among printed figures, found by rule and never by list.

A rule is a generator: it yields once for each time it could be applied, a finding or, where
nothing is wrong, None. What it reads is a `Printed`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.printed import (
    FINDING,
    TYPES,
    Checks,
    Figure,
    Finding,
    Key,
    check_percent,
    contradicts,
    exact,
    exact_figures,
    last_unit,
    printed_digits,
)
from ewm_analysis.statistics.result import table_of

EXCLUSIVE = {
    "status": ({"application", "started", "finished"}, {"application", "started_or_finished"}),
    "funder": ({"eu", "federal", "state_be", "state_bb", "other"},),
    "consortium_type": ({"companies_science", "companies", "other_joint", "single"},),
}
"""Breakdowns in which each project has one category, and sets of codes that do not overlap."""

COMPLETE = {"actor_type", "size_class", *EXCLUSIVE}
"""Breakdowns that print all their parts; others name some (projects, districts, sectors)."""

WHOLES = {"size_class": ("actor_type", "company")}
"""Breakdowns whose whole is itself a part: only companies have a size class."""

BESIDE_TOTAL = {("state", "other")}
"""Categories that the total does not contain: it counts actors of Berlin and Brandenburg."""

COUNTED_BY = {"project_volume": "projects_new", "project_volume_running": "projects_running"}
"""The number of the projects whose volume an indicator adds up."""

MEMBER_PARTS = ("sme_count", "large", "universities", "research_institutes", "other_members")
MEMBER_SHARES = ("sme_share", "large_share", "research_share")


Facts = dict[tuple[str, str], list[Figure]]
"""Exact numbers by organisation and fact, in the order of their mentions."""


# --- what the rules read --------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """Exact printed figures to check, and every exact value that may serve as a base.

    ``vague`` names breakdowns (place, indicator, dimension) that hold inexact figures too, so
    that their exact ones are not all there is. ``bounds`` are sums of which not all items are
    known. ``facts`` are those of cluster organisations; ``phrases`` what reports say in words of
    ``values``.
    """

    figures: dict[Key, Figure]
    bases: dict[Key, Figure]
    repeated: list[list[Figure]]
    vague: set[Key]
    bounds: dict[Key, Figure]
    facts: Facts
    phrases: pd.DataFrame
    values: pd.DataFrame

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures.values())

    def beside(
        self, figure: Figure, name: str, dimension: str = "", category: str = ""
    ) -> Figure | None:
        """Return another printed figure of the same place."""
        return self.figures.get((*figure[:5], name, dimension, category))

    def base_of(self, figure: Figure) -> Figure | None:
        """Return the whole that a share is a share of, printed or computed."""
        key = (*figure[:5], indicator(figure.indicator).base, "", "")
        return self.figures.get(key) or self.bases.get(key)

    def breakdowns(self) -> list[list[Figure]]:
        """Return the figures of each breakdown: same place, indicator and dimension."""
        groups: dict[Key, list[Figure]] = {}
        for figure in self:
            if figure.dimension:
                groups.setdefault(figure[:7], []).append(figure)
        return [*groups.values()]

    def parts(self) -> Iterator[tuple[Figure, Figure]]:
        """Yield parts with their whole: by the catalogue, or a category of the undivided figure."""
        for figure in self:
            wholes = []
            if of := indicator(figure.indicator).of:
                wholes.append(self.beside(figure, of, figure.dimension, figure.category))
            is_part = figure.dimension and figure[6:8] not in BESIDE_TOTAL
            if is_part and figure.unit != "fraction":
                wholes.append(self.beside(figure, figure.indicator))
            yield from ((figure, whole) for whole in wholes if whole)

    def totals(self, *, of_economy: bool) -> Iterator[tuple[Figure, list[Figure]]]:
        """Yield totals with their groups, where all are printed.

        Employees are in one group; distinct projects, activities and actors can be in two.
        """
        for figure in self:
            entry = indicator(figure.indicator)
            groups = [self.beside(figure, name) for name in entry.sum_of]
            known = [group for group in groups if group is not None]
            is_whole = known and len(known) == len(groups) and not figure.dimension
            if is_whole and (entry.group == "economy") == of_economy:
                yield figure, known


def read_printed(
    values: pd.DataFrame, published: pd.DataFrame, facts: Facts, phrases: pd.DataFrame
) -> Printed:
    """Return printed figures: those of reports, and the economic ones among the values.

    Only exact figures take part: "about 75 %" or "more than half" contradicts nothing. A
    growth belongs to two years and is left out.
    """
    economic = [name for name in indicators() if indicator(name).group == "economy"]
    published = published.assign(scope="", delimitation="").sort_values("mention", kind="stable")
    every = exact_figures(values)
    repeated: dict[Key, list[Figure]] = {}
    for figure in exact_figures(published):
        repeated.setdefault(figure.key, []).append(figure)
    printed = {figure.key: figure for figure in every if figure.indicator in economic}
    inexact = [*exact_figures(values, exactly=False), *exact_figures(published, exactly=False)]
    return Printed(
        figures=printed | {key: places[0] for key, places in repeated.items()},
        bases={figure.key: figure for figure in every},
        repeated=[places for places in repeated.values() if len(places) > 1],
        vague={figure[:7] for figure in inexact if figure.dimension},
        bounds={figure.key: figure for figure in inexact if pd.notna(figure.n_known)},
        facts=facts,
        phrases=phrases,
        values=values,
    )


def read_facts(organisations: pd.DataFrame) -> Facts:
    """Return the exact numbers among the facts; the fact stands in the indicator's place."""
    usable = (organisations["precision"] == "exact") & organisations["value"].notna()
    table = (
        organisations[usable]
        .sort_values("mention", kind="stable")
        .rename(columns={"fact": "indicator", "organisation_id": "category"})
    )
    table = table.assign(year=None, dimension="organisation", reference="")
    table[["cluster_id", "region", "scope", "delimitation"]] = ""
    facts: Facts = {}
    for row in table.reindex(columns=[*Figure._fields]).itertuples(index=False):
        figure = Figure(*row)._replace(value=float(row.value))
        facts.setdefault((figure.category, figure.indicator), []).append(figure)
    return facts


# --- shares ---------------------------------------------------------------------------------------


def share_of_base(printed: Printed) -> Checks:
    """A share of a count must be that of a whole number: 73 % of 34 projects is none."""
    for figure in printed:
        base = printed.base_of(figure) if figure.unit == "fraction" else None
        is_count = base and base.unit in ("count", "persons")
        if base and is_count and base.value >= 1 and float(base.value).is_integer():
            yield _share(figure, base)


def _share(share: Figure, base: Figure) -> Finding | None:
    """Return a finding if the share fits no whole count of its base by rounding."""
    check = check_percent(share.value, int(base.value), printed_digits(share.value))
    if check.fits:
        return None
    below, above = check.neighbours
    cut = check.by_cutting[0] if check.by_cutting else None
    known = {"base": base.value, "below": below, "above": above, "count_if_cut": cut}
    return contradicts(share, base, expected=None, **known)


def shares_to_whole(printed: Printed) -> Checks:
    """Shares of which each project has one make at most 100 %, up to rounding.

    m shares with a last digit of u may exceed the whole by m u / 2.
    """
    for group in printed.breakdowns():
        if group[0].unit != "fraction" or len(group) < 2 or not _is_exclusive(group):
            continue
        digits = max(printed_digits(figure.value) for figure in group)
        limit = 1 + len(group) * Fraction(1, 2 * 100 * 10**digits)
        total = sum(exact(figure.value) for figure in group)
        whole = group[0]._replace(category="", value=float(total))
        is_above = total > limit
        yield contradicts(whole, expected=float(limit)) if is_above else None


def _is_exclusive(group: Iterable[Figure]) -> bool:
    """True if no project can stand in two of the categories shown."""
    figures = list(group)
    codes = {figure.category for figure in figures}
    return any(codes <= known for known in EXCLUSIVE.get(figures[0].dimension, ()))


# --- two figures that belong together -------------------------------------------------------------


def repeated_quantity(printed: Printed) -> Checks:
    """A quantity printed twice must be the same, up to the rounding of amounts and shares."""
    for first, *others in printed.repeated:
        for other in others:
            is_same = _agree(first, other)
            yield None if is_same else contradicts(first, other)


def _agree(first: Figure, other: Figure) -> bool:
    """True if the coarser of two printed values is the finer one, rounded; counts must equal."""
    if first.unit == "eur":
        unit = max(last_unit(first.value), last_unit(other.value))
    elif first.unit == "fraction":
        digits = min(printed_digits(first.value), printed_digits(other.value))
        unit = Fraction(1, 100 * 10**digits)
    else:
        return first.value == other.value
    one, two = (math.floor(exact(f.value) / unit + Fraction(1, 2)) for f in (first, other))
    return one == two


def part_above_whole(printed: Printed) -> Checks:
    """A part is at most its whole: new of running projects, funding of volume, a category."""
    for part, whole in printed.parts():
        is_above = part.value > whole.value
        yield contradicts(part, whole) if is_above else None


def part_above_known(printed: Printed) -> Checks:
    """A part above the known part of its whole, as funding above volume, is of more items.

    ``base`` of ``other_base`` items of the whole are known.
    """
    for part in [*printed.bases.values(), *printed.bounds.values()]:
        whole = printed.bounds.get((*part[:5], indicator(part.indicator).of, *part[6:8]))
        if whole is not None:
            counts = {"base": whole.n_known, "other_base": whole.n_all, "level": "note"}
            yield contradicts(part, whole, **counts) if part.value > whole.value else None


def part_equals_whole(printed: Printed) -> Checks:
    """Fewer projects do not have the whole volume: one figure is given for the wrong ones.

    68.9 million cannot be the volume of 42 new projects and of all 98 running ones.
    """
    for part, whole in printed.parts():
        few = printed.beside(part, COUNTED_BY.get(part.indicator, ""))
        many = printed.beside(whole, COUNTED_BY.get(whole.indicator, ""))
        if part.dimension or few is None or many is None:
            continue
        counts = {"base": few.value, "other_base": many.value}
        is_odd = part.value == whole.value > 0 and few.value < many.value
        yield contradicts(part, whole, **counts) if is_odd else None


def funding_near_volume(printed: Printed) -> Checks:
    """Volume and funding of one project that nearly agree may be the same quantity.

    Nearly: printed in different places, one unit of the last printed digit apart, as 12.8
    and 12.7 million.
    """
    for funding in printed:
        is_single = (funding.indicator, funding.dimension) == ("funding_volume", "project")
        volume = printed.beside(funding, "project_volume", "project", funding.category)
        if not is_single or volume is None:
            continue
        apart = exact(volume.value) - exact(funding.value)
        unit = min(last_unit(volume.value), last_unit(funding.value))
        is_elsewhere = funding[10:12] != volume[10:12]
        is_near = 0 < apart <= unit and is_elsewhere
        yield contradicts(volume, funding, level="note") if is_near else None


# --- sums -----------------------------------------------------------------------------------------


def sum_of_parts(printed: Printed) -> Checks:
    """Parts that may be summed make their whole; a breakdown that names some stays below."""
    for group in printed.breakdowns():
        parts = [figure for figure in group if figure[6:8] not in BESIDE_TOTAL]
        whole = _whole(printed, parts)
        if whole is None:
            continue
        total = sum(exact(part.value) for part in parts)
        gap = total - exact(whole.value)
        is_complete = parts[0].dimension in COMPLETE and parts[0][:7] not in printed.vague
        is_off = abs(gap) > _tolerance([*parts, whole]) and (gap > 0 or is_complete)
        sums = whole._replace(dimension=parts[0].dimension, category="")
        odd = contradicts(sums, parts[0], expected=float(total))
        yield odd if is_off else None


def _whole(printed: Printed, parts: list[Figure]) -> Figure | None:
    if len(parts) < 2 or parts[0].unit == "fraction":
        return None
    first = parts[0]
    if indicator(first.indicator).parts != "sum" and not _is_exclusive(parts):
        return None
    return printed.beside(first, first.indicator, *WHOLES.get(first.dimension, ("", "")))


def _tolerance(figures: list[Figure]) -> Fraction:
    """Amounts are rounded when printed, each by half a unit; counts are not."""
    if figures[0].unit != "eur":
        return Fraction(0)
    return sum((last_unit(figure.value) / 2 for figure in figures), Fraction(0))


def sum_of_groups(printed: Printed) -> Checks:
    """A total of disjoint groups is their sum: insured and marginal employment."""
    for total, groups in printed.totals(of_economy=True):
        expected = float(sum(exact(group.value) for group in groups))
        odd = contradicts(total, groups[0], expected=expected)
        yield odd if total.value != expected else None


def sum_of_overlapping(printed: Printed) -> Checks:
    """A total of distinct actors in several groups counts no one twice.

    It lies between the largest group and their sum. Exactly the sum is possible, if no
    actor is in two groups, and a sign of double counting: a note.
    """
    for total, groups in printed.totals(of_economy=False):
        sizes = [group.value for group in groups]
        largest, together = max(sizes), sum(sizes)
        if largest <= total.value < together:
            yield None
            continue
        level = "note" if total.value == together else "contradiction"
        bound = together if total.value >= together else largest
        yield contradicts(total, groups[0], level=level, expected=bound)


# --- cluster organisations ------------------------------------------------------------------------


def member_share(printed: Printed) -> Checks:
    """A share of the members is that of a whole number of members."""
    for (organisation, fact), figures in printed.facts.items():
        if fact in MEMBER_SHARES and (organisation, "members") in printed.facts:
            yield _share(figures[0], printed.facts[organisation, "members"][0])


def member_parts(printed: Printed) -> Checks:
    """Kinds of members make at most all members, and just these where every kind is known."""
    for (organisation, fact), figures in printed.facts.items():
        kinds = {name: printed.facts.get((organisation, name)) for name in MEMBER_PARTS}
        parts = [known[0].value for known in kinds.values() if known]
        if fact != "members" or not parts:
            continue
        total, members = sum(parts), figures[0]
        is_odd = total > members.value or (all(kinds.values()) and total < members.value)
        yield contradicts(members, expected=total) if is_odd else None


def repeated_fact(printed: Printed) -> Checks:
    """One source must not give a fact two values; two sources may differ by their dates."""
    for first, *others in printed.facts.values():
        for other in others:
            level = "contradiction" if first.source_id == other.source_id else "note"
            odd = contradicts(first, other, level=level)
            yield odd if first.value != other.value else None


# --- words of reports -----------------------------------------------------------------------------


def words_and_numbers(printed: Printed) -> Checks:
    """What a report says in words must hold for its figures: −19 % is not "etwas weniger".

    What the words allow is data, a reading of them, so that all findings are notes.
    """
    names, values = ["region", "scope", "indicator"], printed.values
    for phrase in printed.phrases.itertuples():
        same = (values[names] == [getattr(phrase, name) for name in names]).all(axis=1)
        judge = _growth_claimed if phrase.claim == "change" else _highest_claimed
        yield from judge(phrase, values[same & (values["dimension"] == "")])


def _growth_claimed(phrase: Any, values: pd.DataFrame) -> Checks:
    own = values[(values["cluster_id"] == phrase.cluster_id) & values["base_year"].isna()]
    first, last = (
        exact_figures(own[own["year"] == year]) for year in (phrase.base_year, phrase.year)
    )
    if not first or not last or not first[0].value:
        return
    change = last[0].value / first[0].value - 1
    low, high = (-math.inf if pd.isna(phrase.low) else phrase.low), phrase.high
    is_met = low <= change <= (math.inf if pd.isna(high) else high)
    yield None if is_met else _said(phrase, last[0], first[0], change=change)


def _highest_claimed(phrase: Any, values: pd.DataFrame) -> Checks:
    same = (values["year"] == phrase.year) & (values["base_year"] == phrase.base_year)
    exact = exact_figures(values[same].assign(base_year=pd.NA))
    own = [figure for figure in exact if figure.cluster_id == phrase.cluster_id]
    others = [figure for figure in exact if figure.cluster_id not in ("", phrase.cluster_id)]
    if own and others:
        highest = max(others, key=lambda figure: figure.value)
        yield _said(phrase, own[0], highest) if highest.value > own[0].value else None


def _said(phrase: Any, figure: Figure, other: Figure, **more: Any) -> Finding:
    said = {name: getattr(phrase, name) for name in ("phrase", "source_id", "reference")}
    return contradicts(figure, other, level="note", **said, **more)


# --- all of them ----------------------------------------------------------------------------------

RULES = (
    share_of_base,
    shares_to_whole,
    repeated_quantity,
    part_above_whole,
    part_above_known,
    part_equals_whole,
    funding_near_volume,
    sum_of_parts,
    sum_of_groups,
    sum_of_overlapping,
    member_share,
    member_parts,
    repeated_fact,
    words_and_numbers,
)


@dataclass(frozen=True)
class Plausibility:
    """What was checked and what was found.

    ``findings`` has a row per finding, its columns are those of `FINDING`. ``checks``
    has a row per rule: ``rule``, ``checked`` (how often it could be applied),
    ``contradictions`` and ``notes``.
    """

    findings: pd.DataFrame
    checks: pd.DataFrame


def find_contradictions(
    values: pd.DataFrame,
    published: pd.DataFrame,
    organisations: pd.DataFrame,
    phrases: pd.DataFrame | None = None,
) -> Plausibility:
    """Hold printed figures against each other and return what cannot be true together.

    A contradiction cannot be explained by rounding; a note is worth a look. Figures that are
    printed as approximate or as a bound never take part.

    Parameters
    ----------
    values : DataFrame
        Contract `IndicatorValues`; its economic figures are checked, the others may serve
        as base of a printed share.
    published : DataFrame
        Contract `Published`, all mentions.
    organisations : DataFrame
        Contract `Organisations`.
    phrases : DataFrame, optional
        Contract `Phrases`: what reports say in words.
    """
    told = pd.DataFrame() if phrases is None else phrases
    printed = read_printed(values, published, read_facts(organisations), told)
    outcomes = {rule.__name__: [*rule(printed)] for rule in RULES}
    found = [one | {"rule": rule} for rule, each in outcomes.items() for one in each if one]
    findings = table_of(found, FINDING, **TYPES).sort_values(
        ["level", "year", "cluster_id", "indicator"], kind="stable", ignore_index=True
    )
    levels = {rule: [one["level"] for one in each if one] for rule, each in outcomes.items()}
    rows = [
        (rule, len(each), *map(levels[rule].count, ("contradiction", "note")))
        for rule, each in outcomes.items()
    ]
    counts = "checked contradictions notes"
    return Plausibility(findings, table_of(rows, f"rule {counts}", string="rule", Int64=counts))


# --- in words -------------------------------------------------------------------------------------


def say_finding(row: Any, words: Words) -> str:
    """Return what a rule found, as a sentence; ``row`` has the columns of `FINDING`."""
    dates = words.reference.sources.set_index("source_id")["published"]
    digits = printed_digits(row.found)
    said = {name: _amount(row, getattr(row, name), words) for name in ("found", "expected")}
    said |= {name: words.count(getattr(row, name)) for name in ("base", "other_base")}
    said |= {name: words.share(getattr(row, name), digits) for name in ("below", "above")}
    said["other"] = _name(row.other_indicator, row, words)
    said["date"], said["other_date"] = (
        words.date(dates.get(source, "")) for source in (row.source_id, row.other_source_id)
    )
    # Some rules return notes, and a contradiction under a stricter condition.
    usually_note = row.rule in ("repeated_fact", "sum_of_overlapping")
    is_worse = usually_note and row.level == "contradiction"
    key = f"{row.rule}_contradiction" if is_worse else row.rule
    if row.phrase:
        key = row.rule if pd.notna(row.change) else f"{row.rule}_highest"
        said |= {"phrase": row.phrase, "change": words.change(row.change)}
    sentence = words.text(f"statistics.finding.{key}", **said)
    if pd.notna(row.count_if_cut):
        cut = words.text("statistics.cut", count=words.count(row.count_if_cut), base=said["base"])
        sentence = f"{sentence} {cut}"
    return sentence


def say_subject(row: Any, words: Words, *, is_known: bool = False) -> str:
    """Return which figure a finding is about; ``is_known`` leaves out its cluster.

    "IKT, Medien und Kreativwirtschaft 2021: Projektvolumen, ResKriVer".
    """
    if row.dimension == "organisation":
        fact = words.label("organisation_fact", row.indicator)
        return f"{words.label('organisation', row.category)}: {fact}"
    where = words.label("cluster", row.cluster_id) if row.cluster_id else ""
    where = where or words.label("region", row.region)
    figure = words.figure(row)
    if row.dimension and not row.category:
        figure += f", {words.text(f'tables.dimension.{row.dimension}')}"
    return f"{figure} {row.year}" if is_known else f"{where} {row.year}: {figure}"


def _amount(row: Any, value: Any, words: Words) -> str:
    if pd.isna(value):
        return MISSING
    if row.dimension != "organisation":
        return words.value(row.indicator, float(value))
    is_share = row.rule == "member_share"
    return words.share(value, printed_digits(value)) if is_share else words.count(value)


def _name(name: str, row: Any, words: Words) -> str:
    if not name:
        return MISSING
    is_fact = row.dimension == "organisation"
    return (
        words.label("organisation_fact", name) if is_fact else words.within(words.indicator(name))
    )
