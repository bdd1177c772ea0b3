"""An indicator is declared once: one entry of the catalogue gives it a value on every page, and
lets disclosure control withhold its small cells, and those only."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError
from small_records import REFERENCE, dataset

from ewm_analysis.catalogue import indicator
from ewm_analysis.catalogue.entries import Indicator, _catalogue, check_names
from ewm_analysis.disclosure import suppress
from ewm_analysis.disclosure.cells import Behind
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators import compute_indicators, members, things_of
from ewm_analysis.indicators.compute import computed, from_records
from ewm_analysis.loaders import open_dataset
from ewm_analysis.notebook import Page, start

ROOT = Path(__file__).parents[1]
NAME = "projects_of_both_states"
ENTRY: dict[str, Any] = {
    "unit": "count",
    "group": "projects",
    "parts": "none",
    "label": {"de": "Projekte beider Länder", "en": "Projects of both states"},
    "definition": {"de": "Akteure aus beiden Ländern.", "en": "Actors of both states."},
    "dimensions": ["funder", "guideline"],
    "counted": {"each": "project", "where": ["is_new", "with state = be", "with state = bb"]},
}
"""What somebody writes who follows CONTRIBUTING: one entry, and nothing else anywhere."""


def add(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    monkeypatch.setitem(_catalogue(), NAME, Indicator(name=NAME, **{**ENTRY, **changes}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's year 2021 as two data sets: `none` and `standard` say how confidential."""
    parent = tmp_path_factory.mktemp("declared")
    example = ROOT / "data" / "example"
    shutil.copytree(ROOT / "data" / "reference", parent / "reference")
    for disclosure in ("none", "standard"):
        path = parent / disclosure
        shutil.copytree(example / "records" / "2021", path / "records" / "2021")
        head = json.loads((example / "datapackage.json").read_text("utf-8"))
        head |= {"disclosure": disclosure, "resources": []}
        (path / "datapackage.json").write_text(json.dumps(head), "utf-8")
    return parent


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr("ewm_analysis.notebook.page.display", lambda bundle, raw: None)
    return start(year=2021, cluster_id="imk", locale="en", data_dir=str(folder))


def by_hand(folder: Path) -> tuple[dict[str, set[str]], dict[str, str]]:
    """New projects of imk with actors of both states: who takes part, and the funder."""
    projects, actors, involved = (
        pd.read_csv(folder / "records" / "2021" / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("projects", "actors", "participations")
    )
    state = dict(zip(actors["actor_id"], actors["state"], strict=True))
    who: dict[str, set[str]] = {}
    for project, actor in zip(involved["project_id"], involved["actor_id"], strict=True):
        who.setdefault(project, set()).add(actor)
    own = projects[(projects["cluster_id"] == "imk") & (projects["is_new"] == "true")]
    funder = dict(zip(own["project_id"], own["funder"], strict=True))
    both = {
        project: who[project]
        for project in funder
        if {"be", "bb"} <= {state[actor] for actor in who.get(project, ())}
    }
    return both, {project: funder[project] for project in both}


def test_one_entry_gives_a_value_on_a_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch)
    page = opened(folder / "none", monkeypatch)
    both, funder = by_hand(folder / "none")
    assert page.rows(NAME)["value"].tolist() == [len(both)]
    assert filled(page, "funder") == Counter(funder.values())
    assert page.words.indicator(NAME) == "Projects of both states"


def filled(page: Page, by: str) -> dict[str, float]:
    rows = page.rows(NAME, dimension=by)
    return {
        code: value for code, value in zip(rows["category"], rows["value"], strict=True) if value
    }


def test_a_confidential_page_withholds_its_small_cells_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch)
    page = opened(folder / "standard", monkeypatch)
    both, funder = by_hand(folder / "standard")
    assert page.rows(NAME)["value"].tolist() == [len(both)]
    shown, true = filled(page, "funder"), Counter(funder.values())
    assert shown.items() < true.items()
    assert 0 < len(true) - len(shown) < len(shown)
    assert max(true[code] for code in {*true} - {*shown}) <= min(shown.values())
    assert len(filled(page, "guideline")) == 8
    withheld = page.rows(NAME, dimension="funder", withheld=True)
    assert {*withheld.loc[withheld["value"].isna(), "precision"]} == {"withheld"}


SMALL = {
    "projects": "project_id funder\np1 eu\np2 eu\np3 federal\np4 -",
    "actors": "actor_id state\na be\nb bb\nc bb\nd be\ne be\nf bb\ng other",
    "participations": "project_id actor_id\np1 a\np1 b\np2 c\np2 d\np3 e\np3 f\np4 a\np4 c\np4 g",
}


def test_a_cell_of_two_actors_is_withheld_and_its_total_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(monkeypatch, dimensions=["funder"])
    data = replace(dataset(SMALL), disclosure="standard")
    audit = suppress(compute_indicators(data), data).audit
    own = audit[audit["indicator"] == NAME]
    assert dict(zip(own["category"], own["reason"], strict=True)) == {
        "federal": "threshold", "eu": "secondary",
    }  # fmt: skip


def test_every_computed_figure_of_the_example_is_the_sum_of_what_disclosure_knows() -> None:
    data = open_dataset(ROOT / "data" / "example")
    values = from_records(data.records, data.reference)
    values = values[~values["indicator"].map(lambda name: bool(indicator(name).part))]
    assert {*values["indicator"]} == {*computed()}
    behind = Behind(data.records, data.reference)
    for (year, cluster_id), rows in values.groupby(["year", "cluster_id"]):
        report = behind.report(int(year), str(cluster_id))
        for row in rows.itertuples():
            found = report.contributions((row.indicator, row.dimension, row.category))
            assert found is not None
            assert found.amounts.sum() == pytest.approx(row.value, rel=1e-9)


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        ({"where": ["is_knew"]}, "Did you mean 'is_new'"),
        ({"where": ["status"]}, "Allowed: is_new, is_rdi"),  # a condition is true or has a value
        ({"where": ["with home = gw"]}, "condition: 'home = gw'"),
        ({"sum": "volume"}, "Did you mean 'volume_eur'"),
    ],
)
def test_a_declaration_that_names_no_column_is_refused(
    counted: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, counted={"each": "project", **counted})
    with pytest.raises(ParameterError, match=re.escape(told)) as caught:
        compute_indicators(dataset(SMALL))
    assert NAME in str(caught.value)


@pytest.mark.parametrize(
    "wrong", [{"counted": {"each": "partner"}}, {"counted": {"each": "actor", "in": "project"}},
              {"counts": "projects"}],
)  # fmt: skip
def test_a_declaration_has_no_unknown_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Indicator(name=NAME, **{**ENTRY, **wrong})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"dimensions": ["founder"]}, "Did you mean 'funder'"), ({"part": "projects"}, "'projects'")],
)
def test_a_declaration_names_what_exists(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(told)):
        check_names({NAME: Indicator(name=NAME, **{**ENTRY, **wrong})})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dimensions": ["guideline"]}, "column: 'guideline'"),  # their projects may have several
        ({"dimensions": [], "counted": {"each": "actor in project", "sum": "volume_eur"}},
         "column: 'volume_eur'"),
    ],
)  # fmt: skip
def test_actors_have_no_categories_and_amounts_of_their_projects(
    changes: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, **{"counted": {"each": "actor in project"}, **changes})
    with pytest.raises(ParameterError, match=re.escape(told)):
        compute_indicators(dataset(SMALL))


def test_members_are_the_things_counted() -> None:
    things = things_of(dataset(SMALL).records, REFERENCE)
    rows = members(things, "actors_projects", "state")
    who = things.actors["actor_id"][rows["unit"]]
    assert dict(zip(who, rows["category"], strict=True)) == {
        "a": "be", "b": "bb", "c": "bb", "d": "be", "e": "be", "f": "bb", "g": "other",
    }  # fmt: skip
    assert len(members(things, "actors_projects")) == 6  # g is not of the region
    with pytest.raises(ParameterError, match="'companies' is not counted in records"):
        members(things, "companies")
