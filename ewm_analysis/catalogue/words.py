"""The reference tables of a data set, and what is said with them in one language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ewm_analysis import l10n
from ewm_analysis.catalogue.entries import indicator
from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import FALLBACK, MISSING, Locale, numbers, sentences

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Reference:
    """Reference tables, each in its contract, and the path of the districts' geometry."""

    sources: pd.DataFrame
    categories: pd.DataFrame
    clusters: pd.DataFrame
    districts: pd.DataFrame
    municipalities: pd.DataFrame
    organisation_groups: pd.DataFrame
    requirements: pd.DataFrame
    cluster_branches: pd.DataFrame
    geometry: Path

    def __repr__(self) -> str:
        return f"Reference of {len(self.clusters)} clusters, {len(self.categories)} categories"

    def valid(self, dimension: str, year: int | None = None, cluster_id: str = "") -> pd.DataFrame:
        """Return the categories of a dimension that hold in a year and for a cluster.

        Parameters
        ----------
        dimension : str
            ``guideline``, ``actor_type``, ``funder`` …
        year : int, optional
            Reporting year; without it all editions are returned.
        cluster_id : str, optional
            Keeps the cluster's own categories beside those of all clusters.
        """
        asked = dimension, year, cluster_id
        if asked not in self._valid:
            self._valid[asked] = self._valid_rows(*asked)
        return self._valid[asked].copy(deep=False)  # a reader may change it, the next one asks anew

    @cached_property
    def _valid(self) -> dict[tuple[str, int | None, str], pd.DataFrame]:
        return {}

    def _valid_rows(self, dimension: str, year: int | None, cluster_id: str) -> pd.DataFrame:
        table = self.categories
        chosen = (table["dimension"] == dimension) & table["cluster_id"].isin(["", cluster_id])
        if year is not None:
            chosen &= (table["valid_from"].fillna(year) <= year) & (
                table["valid_to"].fillna(year) >= year
            )
        return table[chosen].sort_values("position", kind="stable")

    def label(self, dimension: str, category: str, locale: Locale) -> str:
        """Return the label of a category, a cluster or a district; a region may be a district.

        Raises
        ------
        ParameterError
            If the dimension has no such category.
        """
        known = "district" if dimension == "region" and category.isdigit() else dimension
        if locale not in self._labels:
            self._labels[locale] = self._labels_in(locale)
        labels = self._labels[locale].get(known, {})
        if category not in labels:
            raise ParameterError(dimension, category, labels)
        return labels[category]

    @cached_property
    def _labels(self) -> dict[Locale, dict[str, dict[str, str]]]:
        """Labels by language, dimension and category, for the languages asked for so far."""
        return {}

    def _labels_in(self, locale: Locale) -> dict[str, dict[str, str]]:
        def by(table: pd.DataFrame, key: str, names: pd.Series[str]) -> dict[str, str]:
            return dict(zip(table[key], names, strict=True))

        long, short = (named(self.clusters, column, locale) for column in ("label", "short"))
        labels = {
            "cluster": by(self.clusters, "cluster_id", long),
            "home_cluster": by(self.clusters, "cluster_id", long),
            "short": by(self.clusters, "cluster_id", short),
            "district": by(self.districts, "ags", self.districts["name"]),
        }
        own = self.categories.assign(label=named(self.categories, "label", locale))
        for dimension, listed in own.groupby("dimension"):
            once = listed.drop_duplicates("category")
            labels[str(dimension)] = by(once, "category", once["label"])
        return labels


def named(table: pd.DataFrame, column: str, locale: Locale) -> pd.Series[str]:
    """Return ``label`` or ``short`` of the rows of a table; English where a language has none."""
    english = table[f"{column}_{FALLBACK}"]
    own = table.get(f"{column}_{locale}", english)
    return own.where(own != "", english)


@dataclass(frozen=True, repr=False)
class Words:
    """Says numbers, labels and sentences in one language; figures and tables speak with it.

    Parameters
    ----------
    reference : Reference
        Reference tables of a data set: ``dataset.reference``.
    locale : {"de", "en"}
        Language.

    Raises
    ------
    ParameterError
        If the language is unknown, or something else is given than reference tables.
    """

    reference: Reference
    locale: Locale

    def __post_init__(self) -> None:
        if self.locale not in l10n.LOCALES:
            raise ParameterError("locale", self.locale, l10n.LOCALES)
        if not isinstance(self.reference, Reference):
            reason = "holds no reference tables: give dataset.reference"
            raise ParameterError("reference", type(self.reference).__name__, reason=reason)

    def __repr__(self) -> str:
        return f"Words(reference, {self.locale!r})"

    def text(self, key: str, /, **values: object) -> str:
        """Return a message, filled."""
        return l10n.text(key, self.locale, **values)

    def label(self, dimension: str, category: str) -> str:
        """Return the label of a category, cluster or district."""
        return self.reference.label(dimension, category, self.locale)

    def short(self, cluster_id: str) -> str:
        """Return the short name of a cluster, for narrow places."""
        return self.label("short", cluster_id)

    def area(self, region: str, scope: str, delimitation: str) -> str:
        """Return what an economic figure covers: "Berlin, Gesamtcluster (Clustermonitoring)"."""
        place = ", ".join(filter(None, [self.label("region", region), self.scope(scope)]))
        counted = self.text(f"word.delimitation.{delimitation}") if delimitation else ""
        return f"{place} ({counted})" if counted else place

    def indicator(self, name: str) -> str:
        """Return the label of an indicator."""
        return l10n.in_language(indicator(name).label, self.locale)

    def within(self, label: str) -> str:
        """Return a label as it stands within a sentence."""
        return sentences.within(label, self.locale)

    def scope(self, scope: str) -> str:
        """Return core or total of a cluster as it stands within a sentence; empty for neither."""
        return self.within(self.text(f"word.scope.{scope}")) if scope else ""

    def titles(self) -> dict[str, str]:
        """Return the titles of sources; a translation in square brackets is left out in German."""
        return {**self._titles}

    @cached_property
    def _titles(self) -> dict[str, str]:
        titles = self.reference.sources.set_index("source_id")["title"]
        if self.locale == l10n.DEFAULT:
            titles = titles.str.replace(r" \[[^]]*]$", "", regex=True)
        return dict(titles)

    def figure(self, row: Any) -> str:
        """Return what a row tells, with scope and category: "Projektvolumen, ResKriVer"."""
        scope = getattr(row, "scope", "")
        said = [self.indicator(row.indicator)]
        said += [self.scope(scope)] if scope else []
        said += [self.label(row.dimension, row.category)] if row.category else []
        return ", ".join(said)

    def place(self, reference: str) -> str:
        """Return where a source prints something: "p. 7 (Abb. 1)" as "S. 7 (Abb. 1)"."""
        for token in ("Abb", "Tab", "para", "part", "p"):
            said = self.text(f"word.place.{token}")
            reference = re.sub(rf"\b{token}\b\.? ", said + l10n.NBSP, reference)
        return reference

    def date(self, published: str) -> str:
        """Return a date as the reference table writes it: 2023-07-19, 2012, ~2012, or nothing."""
        return numbers.format_date(published, self.locale)

    def count(self, value: float | None) -> str:
        """Return a whole number."""
        return l10n.format_number(value, self.locale)

    def share(self, value: float | None, digits: int = 0) -> str:
        """Return a fraction as percentage."""
        return numbers.format_share(value, self.locale, digits)

    def change(self, value: float | None, digits: int | None = None) -> str:
        """Return a relative change with its sign."""
        return numbers.format_change(value, self.locale, digits)

    def number(self, value: float | None, digits: int) -> str:
        """Return a number with decimals."""
        return l10n.format_number(value, self.locale, digits)

    def p_value(self, value: float) -> str:
        """Return a p value with its sign: "p = 0,36"."""
        return numbers.format_p(value, self.locale)

    def eur(self, value: float | None) -> str:
        """Return an amount of euros."""
        return numbers.format_eur(value, self.locale)

    def hedged(self, text: str, of: Any, prefix: str = "") -> str:
        """Return a value as well as it is known: "rund 75 %", "mindestens 5 € (1 von 2 Projekten)".

        Parameters
        ----------
        text : str
            The value.
        of : str or object
            Its ``precision``; or what has it, as a row of the long table, and may say that of
            ``n_all`` items only ``n_known`` are: such a sum of euros is a bound, perhaps with an
            ``at_most``.
        prefix : str
            Stands before these names: ``first_`` for ``first_precision``.
        """
        items = _items(of, prefix)
        usual = "at_least" if items else "exact"
        at_most = getattr(of, f"{prefix}at_most", None)
        precision = of if isinstance(of, str) else getattr(of, f"{prefix}precision", usual)
        most = "" if _is_missing(at_most) else self.eur(at_most)
        return sentences.hedged(text, precision, items, self.locale, most)

    def precision(self, of: Any) -> str:
        """Return how well a value is known, by itself: "mindestens (11 von 22 Projekten)"."""
        label = self.text(f"notebook.precision.{of.precision}")
        return sentences.hedged(label, "exact", _items(of), self.locale)

    def unknown(self, name: str, year: int, of: Any, prefix: str = "") -> str:
        """Say what a sum lacks: "2018: bei 1 von 30 Projekten ist kein Volumen bekannt".

        Empty if it lacks nothing, or that must not be told. Parameters as in `hedged`.
        """
        items = _items(of, prefix)
        if items is None or items[0] == items[1]:
            return ""
        known, every = items
        counts = {"unknown": self.count(every - known), "all": self.count(every)}
        return self.text(f"word.unknown.{name}", year=year, **counts)

    def join(self, parts: list[str]) -> str:
        """Return an enumeration."""
        return sentences.join(parts, self.locale)

    def quantity(self, name: str, value: float) -> str:
        """Return a value of an indicator with its noun: "34 neue Projekte", "1 new project"."""
        entry = indicator(name)
        if entry.one is None or entry.other is None:
            return self.value(name, value)
        noun = l10n.plural(
            value,
            l10n.in_language(entry.one, self.locale),
            l10n.in_language(entry.other, self.locale),
        )
        return f"{self.count(value)}{l10n.NBSP}{noun}"

    def value(self, name: str, value: float | None) -> str:
        """Return a value of an indicator in its unit."""
        unit = indicator(name).unit
        if unit == "eur":
            return self.eur(value)
        if unit == "fraction":
            digits = _printed_digits(value)
            if name.endswith(("_growth", "_cagr")):
                return self.change(value, digits)
            return self.share(value, digits or 0)
        return self.count(value)


def say_limits(
    row: Any, words: Words, say: Callable[[float], str], style: Literal["mark", "said"] = "mark"
) -> str:
    """Return a number with its bounds, a dash if there is none.

    Parameters
    ----------
    row : object with ``low``, ``high`` and ``is_rough``
        A `Quantity`, or a row of a table that holds one. A limit may be missing.
    words : Words
        Language.
    say : callable
        Says one number: ``words.count``, ``words.share`` …
    style : {"mark", "said"}
        A sign for tables and labels ("≈ 80", "> 60"), or words for sentences ("about 80"). A
        rough bound always has a word: "> about 60", "more than about 60".
    """
    low = None if row is None or _is_missing(row.low) else float(row.low)
    high = None if row is None or _is_missing(row.high) else float(row.high)
    if low is None and high is None:
        return MISSING
    rough = bool(row.is_rough)

    def said(value: float, style: str) -> str:
        text = say(value)
        return words.text(f"organisations.{style}.approximate", value=text) if rough else text

    if low is None or high is None:
        kind = "lower_bound" if high is None else "upper_bound"
        limit = low if low is not None else high or 0.0
        return words.text(f"organisations.{style}.{kind}", value=said(limit, "said"))
    if low == high:
        return said(low, style)
    return words.text("organisations.range", low=say(low), high=say(high))


def _items(of: Any, prefix: str = "") -> tuple[int, int] | None:
    """Return of how many items of a sum how many are known; None where nothing is said of it."""
    items: list[Any] = [getattr(of, f"{prefix}{name}", None) for name in ("n_known", "n_all")]
    return None if any(map(_is_missing, items)) else (int(items[0]), int(items[1]))


def two_digits(words: Words) -> Callable[[float], str]:
    """Return what says a ratio for `say_limits`: in two digits, as much as its parts carry."""
    return lambda value: words.number(value, 0 if value >= 10 else 1)


def _printed_digits(value: float | None) -> int | None:
    """Decimals of a percentage as sources print it: 16.7 % or 73 %; None for what is computed."""
    percent = 0.0 if _is_missing(value) else 100 * float(value or 0)
    return next((n for n in (0, 1) if abs(percent - round(percent, n)) < 1e-9), None)


def _is_missing(value: Any) -> bool:
    return value is None or str(value) in ("<NA>", "nan")
