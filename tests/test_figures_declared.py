"""Figures are declared once: every clause can be said, and what is misspelt is told by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ewm_analysis import figures, notebook
from ewm_analysis.catalogue.entries import read_entries
from ewm_analysis.errors import ParameterError
from ewm_analysis.figures import grammar
from ewm_analysis.notebook.showing import FIGURE_MIME
from ewm_analysis.project import resolve_data_dir


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
    for module in ("opening", "showing"):
        place = f"ewm_analysis.notebook.{module}.display"
        monkeypatch.setattr(place, lambda data, **_: shown.append(data))
    data = str(resolve_data_dir("data/example"))
    page = notebook.start(year=2021, cluster_id="imk", locale="en", data_dir=data)
    notebook.show(page, "funding_volume")
    figure = shown[-1][FIGURE_MIME]
    assert figure["title"] == "Fig. 1: Funding volume, 2018–2021"
    assert figure["alt"].startswith("In 2021 the funding volume was €")
    assert len(figure["rows"]) == 4


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
def test_every_entry_is_explained(name: str) -> None:
    said = figures.entry(name).explained()
    assert all(text in said for figure, text in declared() if figure == name)
