"""Figures are declared once: every clause can be said, and what is misspelt is told by name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from random import Random
from typing import Any

import pandas as pd
import pytest

from ewm_analysis import figures, notebook
from ewm_analysis.catalogue import Words
from ewm_analysis.catalogue.entries import read_entries
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.figures import grammar
from ewm_analysis.indicators.compute import computed, counting
from ewm_analysis.l10n import LOCALES, Locale, in_language
from ewm_analysis.loaders import load_reference
from ewm_analysis.notebook.showing import FIGURE_MIME
from ewm_analysis.project import resolve_data_dir

SUMS = [name for name in computed() if counting(name).sum]
"""Indicators that may be known in part."""


def texts(clause: Any) -> Iterator[str]:
    if isinstance(clause, str):
        yield clause
    else:
        for part in clause:
            yield from texts(part)


def declared() -> set[tuple[str, str]]:
    """Every text of every clause of every figure."""
    return {
        (name, text)
        for name, entry in figures.entries().items()
        for words in (entry.say, *entry.clauses.values())
        for said in words.values()
        for text in texts(said)
    }


def drawn_by_lot(entry: grammar.Figure, words: Words, lot: Random) -> pd.DataFrame:
    """Rows of one cluster such as a figure takes, any of which may be missing, zero or rough."""
    records, values = [], lot.choice([[0], [1], [0, 1, 2, 30]])
    also = () if isinstance(entry.rows, str) else entry.rows
    for name in dict.fromkeys([*entry.show, *entry.beside, *also]):
        for dimension in dict.fromkeys(["", entry.by, entry.part_by]):
            listed = words.reference.valid(dimension, cluster_id="imk")["category"]
            if dimension == "home_cluster":
                listed = words.reference.clusters["cluster_id"]
            known = lot.sample([*listed], lot.randint(0, min(4, len(listed))))
            for category in known if dimension else [""] * lot.randint(0, 1):
                value = lot.choice(values) * (1 if dimension else 10)
                precision = lot.choice(["exact", "exact", "approximate", "at_least"])
                share = value / lot.choice([10, 100]) if name.endswith("_share") else value
                before = {year: lot.choice([0.25, 0.9, 1, 1.1, 4]) for year in (2020, 2019)}
                times = {2021: 1.0, **lot.choice([{}, before])}
                records += [
                    (year, name, dimension, category, share * factor, precision)
                    for year, factor in times.items()
                ]
    columns = ["year", "indicator", "dimension", "category", "value", "precision"]
    rows = pd.DataFrame(records, columns=columns)
    is_partial = (rows["precision"] == "at_least") & rows["indicator"].isin(SUMS)
    rows = rows.assign(n_known=2, n_all=3).astype({"n_known": "Int64", "n_all": "Int64"})
    rows[["n_known", "n_all"]] = rows[["n_known", "n_all"]].where(is_partial)
    return rows.assign(cluster_id="imk", scope="", is_year_inferred=lot.random() < 0.1)


def say_by_lot(name: str, words: Words, lot: Random) -> None:
    """Say a figure of rows by lot; one with a function, of some of the facts that it tells."""
    entry = figures.entry(name)
    if not entry.facts:
        with contextlib.suppress(MissingDataError):
            figures.describe(name, drawn_by_lot(entry, words, lot), words)
        return
    told, view = entry.known_facts(), grammar.View(entry, pd.DataFrame(), words)
    for _ in range(10):
        some = lot.sample(told, lot.randint(0, len(told)))
        facts = grammar.Facts(view, {name: name for name in some})
        for clause in in_language(entry.say, words.locale):
            facts.fill(clause)
        for clause in entry.clauses:
            facts.say(clause)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_clause_is_said_of_some_rows(locale: Locale, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an entry takes from one that it is like may be said by either."""
    words = Words(load_reference(resolve_data_dir("data/reference")), locale)
    of = {
        name: {text for said in (entry.say, *entry.clauses.values())
               for text in texts(in_language(said, locale))}
        for name, entry in figures.entries().items()
    }  # fmt: skip
    unsaid, fill = set().union(*of.values()), grammar.Facts.fill

    def told(facts: grammar.Facts, clause: Any) -> str:
        for text in texts(clause):
            if said := fill(facts, text):
                unsaid.discard(text)
                return said
        return ""

    monkeypatch.setattr(grammar.Facts, "fill", told)
    lot = Random(7)
    for name in [name for _ in range(300) for name in of]:
        if of[name] & unsaid:
            say_by_lot(name, words, lot)
    assert unsaid == set()


FUNDING = """
[funding_volume]
rows = ["funding_volume"]
caption.de = "Fördervolumen, {years}"
caption.en = "Funding volume, {years}"
draw = "columns"
show = ["funding_volume"]
clauses.before = { de = "{funding_volume.n} ({at})", en = "{funding_volume.n} ({at})" }
say.de = ["{when} betrug das Fördervolumen {funding_volume.n}.", "Zuvor: {earlier}."]
say.en = ["{when} the funding volume was {funding_volume.n}.", "Before: {earlier}."]
"""


def test_a_further_figure_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(FUNDING.strip().splitlines()) <= 12
    known = figures.entries() | read_entries("mine.toml", FUNDING, grammar.Figure)
    monkeypatch.setattr(grammar, "entries", lambda: known)
    monkeypatch.setattr(figures, "entries", lambda: known)
    shown: list[dict[str, Any]] = []
    for module in ("page", "showing"):
        place = f"ewm_analysis.notebook.{module}.display"
        monkeypatch.setattr(place, lambda data, **_: shown.append(data))
    data = str(resolve_data_dir("data/example"))
    page = notebook.start(year=2021, cluster_id="imk", locale="en", data_dir=data)
    notebook.show(page, "funding_volume")
    figure = shown[-1][FIGURE_MIME]
    assert figure["title"] == "Fig. 1: Funding volume, 2018–2021"
    assert figure["alt"].startswith("In 2021 the funding volume was €")
    assert len(figure["rows"]) == 4
    assert figure["headline"] == ""  # nothing is claimed: the plain title stays the heading
    assert "ewm-headline" not in shown[-1]["text/html"]


def loaded(text: str) -> None:
    for entry in read_entries("mine.toml", text, grammar.Figure).values():
        entry.check_clauses()


@pytest.mark.parametrize(
    ("line", "other", "told"),
    [
        ('draw = "columns"', 'drwa = "columns"', r"mine\.toml, \[funding_volume\]: 'drwa'.*'draw'"),
        ('draw = "columns"', 'draw = "colums"', "draw: 'colums'.*Did you mean 'columns'"),
        ('draw = "columns"', "draw = 3", "draw: 3 cannot be: Input should be a valid string"),
        ('draw = "columns"', 'like = "funders"', "like: 'funders' is not known"),
        ('rows = ["funding_', 'rows = ["fundng_', "rows: 'fundng_volume'.*Did you mean 'funding_v"),
        ('show = ["funding_', 'show = ["fundng_', "show: 'fundng_volume'.*Did you mean 'funding_v"),
        ("{at}", "{att}", "clauses: 'att' is not known. Did you mean 'at'"),
        ("Before: {earlier}", "Before: {earlyer}", "'earlyer'.*Did you mean 'earlier'"),
        ("say.en", "say.fr", "say.*has no words in 'en'"),
    ],
)
def test_what_is_misspelt_is_told(line: str, other: str, told: str) -> None:
    assert line in FUNDING
    with pytest.raises(ParameterError, match=told):
        loaded(FUNDING.replace(line, other))


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'funders'"):
        figures.entry("fundrs")
    with pytest.raises(AttributeError, match="plot_fundrs"):
        _ = figures.plot_fundrs
    assert figures.plot_funders is figures.plot_funders


@pytest.mark.parametrize("name", figures.entries())
def test_a_figure_has_no_rows_of_a_breakdown_that_it_does_not_show(name: str) -> None:
    """Its values and its sheet would hold what another figure shows."""
    entry = figures.entry(name)
    if entry.draw and ":" not in entry.draw and not isinstance(entry.rows, str):
        shown = {entry.dimension} if isinstance(entry.dimension, str) else {*entry.dimension}
        assert shown - {""} <= {entry.by, entry.part_by}


@pytest.mark.parametrize("name", figures.entries())
def test_every_entry_is_explained(name: str) -> None:
    said = figures.entry(name).explained()
    assert all(text in said for figure, text in declared() if figure == name)


def test_a_misspelt_name_in_a_notebook_is_told() -> None:
    data = str(resolve_data_dir("data/example"))
    page = notebook.start(year=2021, cluster_id="imk", locale="en", data_dir=data)
    with pytest.raises(ParameterError, match=r"'actors_tabel'.*Did you mean 'actors_table'"):
        notebook.show(page, "actors_tabel")
