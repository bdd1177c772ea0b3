"""How the cells of a report hang together: what can be computed from what.

Every relation is an equation between cells. What it lacks to be one is a cell of its own that
no page shows: the projects outside a category, the actors without a district, the overlap of
categories. Such a hidden cell may be confidential like any other: whoever subtracts shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ewm_analysis.catalogue import indicator
from ewm_analysis.contracts.records import SCHEMES
from ewm_analysis.disclosure.cells import LINKS, Name, Report
from ewm_analysis.disclosure.rules import Contributions

PARTITIONS = ("status", "funder", "consortium_type", "project", "actor_type")
"""Breakdowns in which everything stands once at most; the rest stands in none."""

WITHIN = {"size_class": ("actor_type", "company"), "district": ("state", "bb")}
"""Breakdowns of one category of another breakdown."""

SUBSETS = {"actors_projects": "actors_projects_running"}
"""Wholes that the catalogue does not name: it says them of indicators of the same page."""

ITEMS_OF = {"projects": "projects_cross_cluster", "activities": "activities_cross_cluster"}
"""By kind: the items that have the participations from other clusters."""


@dataclass
class Web:
    """The cells of a report and the equations between them.

    ``parts`` says what a cell is made of, as far as that can be said; ``values`` holds all
    cells, ``shown`` those of the long table. Each of ``equations`` is a sum of cells, with
    signs, that is 0.
    """

    values: dict[Name, float] = field(default_factory=dict)
    parts: dict[Name, Contributions] = field(default_factory=dict)
    shown: list[Name] = field(default_factory=list)
    equations: list[dict[Name, int]] = field(default_factory=list)

    def rest(self, whole: Name, parts: Iterable[Name], kind: str = "rest") -> None:
        """Note that a whole is its parts and a rest, which no page shows.

        Parts that count nothing are shown as 0 and leave the whole what it is.
        """
        known = [part for part in parts if part in self.parts and not self.is_zero(part)]
        if whole not in self.parts or not known:
            return
        given = self.parts[whole]
        left = given.amounts - sum(self.parts[part].amounts for part in known)
        name = (kind, *whole, *known[0])
        hidden = Contributions(given.units, left, left != 0, given.is_amount)
        self.parts[name], self.values[name] = hidden, float(left.sum())
        self.equations.append({whole: 1, name: -1} | dict.fromkeys(known, -1))

    def is_zero(self, name: Name) -> bool:
        """Tell whether a cell counts nothing: that is always shown."""
        return not (self.parts[name].is_amount or self.values[name])

    def cover(self, whole: Name, parts: Iterable[Name], label: str) -> None:
        """Note that overlapping parts make at least the whole, but for what is in no part."""
        known = [part for part in parts if part in self.parts]
        if whole not in self.parts or not known:
            return
        given = self.parts[whole]
        reached = np.logical_or.reduce([self.parts[part].stated for part in known])
        outside = given.stated & ~reached
        none, twice = ((kind, *whole, label) for kind in ("none", "overlap"))
        self.parts[none] = Contributions(given.units, outside.astype(float), outside, False)
        self.values[none] = float(outside.sum())
        total = sum(self.values[part] for part in known)
        self.values[twice] = total + self.values[none] - self.values[whole]
        self.equations.append({whole: 1, twice: 1, none: -1} | dict.fromkeys(known, -1))


def web_of(report: Report, values: Mapping[Name, float]) -> Web:
    """Return the cells of a report and all that is known of how they hang together.

    Parameters
    ----------
    report : Report
        What stands behind the figures.
    values : mapping
        The figures of the long table, by indicator, dimension and category.
    """
    web = Web()
    for name, value in values.items():
        found = report.contributions(name)
        if found is not None and np.isclose(found.amounts.sum(), value, rtol=1e-9, atol=1e-6):
            web.parts[name], web.values[name] = found, value
            web.shown.append(name)
    for name in web.shown:
        whole = indicator(name[0]).of or SUBSETS.get(name[0], "")
        web.rest((whole, *name[1:]), [name])
    for each, dimension in dict.fromkeys(name[:2] for name in web.shown if name[1]):
        _breakdown(web, report, each, dimension)
    for links, kind in LINKS.items():
        _links(web, links, ITEMS_OF[kind])
    return web


def _breakdown(web: Web, report: Report, each: str, dimension: str) -> None:
    """Add what a breakdown says of its whole and of its parents."""
    codes = [name[2] for name in web.shown if name[:2] == (each, dimension)]
    total = (each, "", "")
    if dimension in SCHEMES:
        for parent in ["", *codes]:
            whole = (each, dimension, parent) if parent else total
            inner = [(each, dimension, code) for code in report.children(dimension, parent)]
            web.cover(whole, inner, dimension)
            for child in inner:
                web.rest(whole, [child])
    elif dimension in PARTITIONS:
        tops = [code for code in codes if code in report.children(dimension, "")]
        web.rest(total, [(each, dimension, code) for code in tops], "unstated")
        for parent in codes:
            inner = [(each, dimension, code) for code in report.children(dimension, parent)]
            web.rest((each, dimension, parent), inner, "unstated")
    elif dimension == "state":
        web.rest(total, [(each, dimension, code) for code in ("be", "bb")], "unstated")
    elif dimension in WITHIN:
        inside = (each, *WITHIN[dimension])
        whole = inside if inside in web.parts else total
        web.rest(whole, [(each, dimension, code) for code in codes], "unstated")


def _links(web: Web, links: str, items: str) -> None:
    """Every item with a link has one participation from elsewhere at least."""
    known = [name for name in web.shown if name[0] == links]
    whole = (items, "", "")
    if known and whole in web.values:
        more = ("more", *whole)
        web.values[more] = sum(web.values[name] for name in known) - web.values[whole]
        web.equations.append({whole: 1, more: 1} | dict.fromkeys(known, -1))
