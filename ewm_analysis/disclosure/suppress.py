"""Withhold confidential figures from the long table, and the records behind it from the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.contracts import WITHHELD, IndicatorValues, check
from ewm_analysis.disclosure.cells import Behind, Contributions, DisclosureRule, Name, Report
from ewm_analysis.disclosure.relations import Figure, printed_figures, web_of
from ewm_analysis.disclosure.secondary import Hider
from ewm_analysis.indicators.compute import computed, counting
from ewm_analysis.indicators.long import CELL, COMPUTED
from ewm_analysis.loaders import Dataset

STANDARD = DisclosureRule()
"""The rule of data sets that say ``"disclosure": "standard"``."""

NAME = ["indicator", "dimension", "category"]
QUOTES = ("old", "new", "key")
"""Columns of a correction that quote the records; its reason is written for the page."""

PARTLY = ("n_known", "n_all")
"""How many of the items of an amount are known."""
NOTHING = dict.fromkeys(("value", *PARTLY), pd.NA)

AUDIT = [*CELL, *NAME, "value", "reason"]


@dataclass(frozen=True, repr=False)
class Suppressed:
    """What may be shown of a data set.

    ``values`` are the figures that may be shown, ``withheld`` the rows of the others, without
    value and with the precision ``withheld``. ``dataset`` has no records any more: nothing that
    rests on it can show them. ``audit`` tells each withheld figure with its value and the reason
    (a rule; ``secondary`` for the sake of another figure; ``derived`` from one; ``unknown`` if
    nobody said who stands behind it): it is as confidential as the records.
    """

    dataset: Dataset
    values: pd.DataFrame
    withheld: pd.DataFrame
    audit: pd.DataFrame

    def __repr__(self) -> str:
        shown = f"{len(self.values):,} values may be shown, {len(self.withheld):,} are withheld"
        return f"Suppressed: {shown}; .table() holds both\n{self.dataset!r}"

    def table(self) -> pd.DataFrame:
        """Return all rows of the long table, those withheld without value, in their order."""
        if self.withheld.empty:
            return self.values
        table = pd.concat([self.values, self.withheld]).sort_index(kind="stable")
        return check(table, IndicatorValues, file="indicators")


def suppress(values: pd.DataFrame, dataset: Dataset, *, internal: bool = False) -> Suppressed:
    """Return what may be shown of the figures computed from records.

    Where the data set says ``"disclosure": "none"``, or for internal use, nothing changes.
    Printed and economic figures are public already and stay as they are; a cell that was printed
    as records have it is shown, and no other cell rests on its secrecy.

    Parameters
    ----------
    values : DataFrame
        Contract `IndicatorValues`, as returned by `compute_indicators` of the data set.
    dataset : Dataset
        The data set; its records tell who stands behind a figure.
    internal : bool
        For internal use only: shows everything, but returns what had to be withheld in the audit.
    """
    if dataset.disclosure == "none":
        return Suppressed(dataset, values, values.iloc[:0], pd.DataFrame(columns=AUDIT))
    from_records = values[values["source_id"] == COMPUTED]
    reasons = pd.Series("", index=values.index, dtype="string")
    telling = pd.Series(False, index=values.index)
    behind = Behind(dataset.records, dataset.reference)
    for (year, cluster_id), rows in from_records.groupby(CELL, sort=False):
        report = behind.report(int(year), str(cluster_id))
        names = [*rows[NAME].itertuples(index=False, name=None)]
        telling[rows.index] = [_tells_few(report, name) for name in names]
        printed = printed_figures(rows, dataset.published)
        found = _reasons(report, dict(zip(names, rows["value"], strict=True)), printed)
        reasons[rows.index] = [*found]
    hidden = reasons != ""
    audit = values.loc[hidden, AUDIT[:-1]].assign(reason=reasons[hidden])
    if internal:
        return Suppressed(dataset, values, values.iloc[:0], audit)
    shown = _without_telling_counts(values, hidden, telling)
    withheld = shown[hidden].assign(**NOTHING, precision=WITHHELD, note="")
    withheld = withheld.astype(values.dtypes)
    return Suppressed(_without_records(dataset), shown[~hidden], withheld, audit)


def _without_records(dataset: Dataset) -> Dataset:
    """Return the data set without records, what was corrected in them and who was merged."""
    of_records = dataset.corrections["file"].str.startswith("records/")
    quotes = {name: dataset.corrections[name].mask(of_records, "") for name in QUOTES}
    return replace(
        dataset,
        records={name: table.iloc[:0] for name, table in dataset.records.items()},
        corrections=dataset.corrections.assign(**quotes),
        actor_merges=dataset.actor_merges.iloc[:0],
    )


def _reasons(report: Report, values: Mapping[Name, float], printed: list[Figure]) -> Iterator[str]:
    """Yield why each figure of a report is withheld; empty if it may be shown."""
    figures = {name: value for name, value in values.items() if not indicator(name[0]).base}
    web = web_of(report, figures, printed)
    primary = {
        name: broken
        for name, part in web.parts.items()
        if not web.is_told(name) and (broken := STANDARD.broken(part))
    }
    hider = Hider(web, [name for name in primary if name in web.values], STANDARD)
    for name in primary:
        hider.hide(name)
    found = {name: "unknown" for name in figures if name not in web.parts}
    found |= dict.fromkeys(hider.withheld, "secondary") | primary
    for name in values:
        entry = indicator(name[0])
        behind = [(entry.part, *name[1:]), (entry.base, "", "")]
        is_open = entry.base and any(each in found or each not in values for each in behind)
        yield "derived" if is_open else found.get(name, "")


def _tells_few(report: Report, name: Name) -> bool:
    """Tell whether "33 of 34" beside an amount would count items of too few: those without one."""
    amount = report.contributions(name)
    if amount is None or not amount.is_amount:
        return False
    how = counting(name[0]).model_copy(update={"sum": "", "at_most": ""})
    counts = (each for each in computed() if counting(each) == how)
    count = report.contributions((next(counts, ""), *name[1:]))
    if count is None:
        return True
    lacking = count.stated & ~amount.stated
    left = Contributions(count.units, lacking.astype(float), lacking, is_amount=False)
    return bool(STANDARD.broken(left))


def _without_telling_counts(
    values: pd.DataFrame, hidden: pd.Series, telling: pd.Series
) -> pd.DataFrame:
    """Drop "33 of 34" beside an amount if it tells of few, or the number of projects is withheld.

    An upper bound tells the funding of those that are not known: it is never shown.
    """
    sums = [name for name in computed() if counting(name).sum]
    added_up = {(counting(name).each, counting(name).where) for name in sums}
    counts = [
        name
        for name in computed()
        if not counting(name).sum and (counting(name).each, counting(name).where) in added_up
    ]
    divided = {"", *(by for name in sums for by in indicator(name).dimensions)}
    withheld = values[hidden & values["indicator"].isin(counts) & values["dimension"].isin(divided)]
    places = pd.MultiIndex.from_frame(withheld[CELL])
    told = pd.MultiIndex.from_frame(values[CELL]).isin(places) & (values["source_id"] == COMPUTED)
    told |= telling
    shown = {name: values[name].mask(told) for name in PARTLY}
    return values.assign(**shown, at_most=values["at_most"].mask(values["source_id"] == COMPUTED))
