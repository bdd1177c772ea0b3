"""Which figures are confidential, what goes with them, and that nothing else changes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import DESCRIPTOR, write_dataset
from pandas.testing import assert_frame_equal
from small_records import REFERENCE, dataset

from ewm_analysis.batch import plan_runs
from ewm_analysis.batch.outputs import AUDIT, write_indicators
from ewm_analysis.catalogue import Reference, Words
from ewm_analysis.cli.run import MARK, keep_apart
from ewm_analysis.disclosure import DisclosureRule, Suppressed, suppress
from ewm_analysis.disclosure.cells import Contributions, Units
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset, open_dataset, part_of
from ewm_analysis.notebook import Page, start
from ewm_analysis.notebook.page import PAGE_MIME
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.tables import actors_table, key_figures_table

RULE = DisclosureRule()
ROOT = Path(__file__).parents[1]


def cell(
    amounts: list[float], actors: str, *, kind: str = "projects", companies: int = 0
) -> Contributions:
    """A cell of units: "ab c" are two, the first with the actors a and b; "-" has none."""
    named = sorted({*actors} - {" ", "-"})
    matrix = np.array([[name in unit for name in named] for unit in actors.split()], dtype=bool)
    matrix = matrix.reshape(len(amounts), len(named))
    is_company = np.arange(len(named)) < companies
    values = np.array(amounts, dtype=float)
    units = Units(kind, matrix, is_company)  # type: ignore[arg-type]
    return Contributions(units, values, np.ones(len(values), dtype=bool), kind == "amount")


def amount(amounts: list[float], actors: str, companies: int = 0) -> Contributions:
    made = cell(amounts, actors, companies=companies)
    return replace(made, is_amount=True)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (cell([1, 1], "ab ab"), "threshold"),  # two projects of the same two actors
        (cell([1], "abc"), ""),  # one project of three: the count tells of none of them
        (cell([1, 1, 1], "a b c"), ""),
        (cell([1, 1], "- -"), "threshold"),  # actors unknown: not shown
        (cell([1], "-", kind="activities"), ""),  # held by the cluster management alone
        (cell([1, 1], "a -", kind="activities"), "threshold"),
        (cell([1, 1], "a b", kind="actors"), "threshold"),
        (cell([1, 1, 1], "a a a", kind="participations"), "threshold"),  # one actor, three times
    ],
)
def test_a_count_needs_three_actors(given: Contributions, reason: str) -> None:
    assert RULE.broken(given) == reason


def test_nothing_counted_is_nothing_to_protect() -> None:
    nothing = replace(cell([0, 0], "a b"), stated=np.zeros(2, dtype=bool))
    assert RULE.broken(nothing) == ""


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (amount([10, 10], "abc def"), "threshold"),  # two projects
        (amount([10, 10, 10], "ab ab ab"), "threshold"),  # two actors
        (amount([10, 10, 10], "ab cd ef", companies=2), "threshold"),  # two companies
        (amount([10, 10, 10], "ab cd ef", companies=3), ""),
        (amount([10, 10, 10], "ab cd ef", companies=0), ""),  # no company at all
        (amount([0, 0], "ab cd"), "threshold"),  # "no funding" says it of each of two
        (amount([50, 36, 7, 7], "ab cd ef gh"), "dominance"),  # 86 of 100 are more than 85 %
        (amount([50, 35, 7, 8], "ab cd ef gh"), ""),  # 85 of 100 are not; 15 > 10 % of 50
        # a holds 60 of 80, so all but one: what is left is the volume of the fourth.
        (amount([20, 20, 20, 20], "ab ac ad e"), "p_percent"),
        (amount([20, 20, 20, 20], "ab ac d e"), ""),
        # The holder of 30 is left with 5 beside the 50: 10 % of 50 are just reached.
        (amount([51, 20, 4, 5, 5], "a b c d b"), ""),
        (amount([51, 20, 4, 1, 11], "a b c d b"), "p_percent"),  # b knows 31: 5 < 5.1
    ],
)
def test_an_amount_must_not_tell_a_single_one(given: Contributions, reason: str) -> None:
    assert RULE.broken(given) == reason


def test_what_must_remain_possible() -> None:
    assert RULE.needed(2, is_amount=False, floor=1) == (1, 3)
    assert RULE.needed(5, is_amount=False, floor=1) == (4, 6)
    assert RULE.needed(1e6, is_amount=True, floor=0) == (0.9e6, 1.1e6)
    assert RULE.needed(0, is_amount=True, floor=0) == (0, 10_000)


# Four new projects of three actors each; e alone runs another one. By funder: 3, and 1 of d.
RECORDS = {
    "projects": """\
project_id is_new funder volume_eur
p1 true eu 100000
p2 true eu 120000
p3 true eu 140000
p4 true federal 90000
p5 false federal 500000
""",
    "actors": """\
actor_id actor_type state ags
a university be 11000
b university be 11000
c university bb 12051
d university bb 12054
e chamber bb 12054
""",
    "participations": """\
project_id activity_id actor_id
p1 - a
p1 - b
p1 - c
p2 - a
p2 - c
p3 - b
p3 - c
p4 - d
p5 - e
""",
}


@cache
def small(disclosure: str = "standard") -> Dataset:
    return replace(dataset(RECORDS), disclosure=disclosure)


@cache
def withheld(*, internal: bool = False) -> Suppressed:
    return suppress(compute_indicators(small()), small(), internal=internal)


def reasons(found: Suppressed, indicator: str, dimension: str = "") -> dict[str, str]:
    audit = found.audit
    own = audit[(audit["indicator"] == indicator) & (audit["dimension"] == dimension)]
    return dict(zip(own["category"], own["reason"], strict=True))


def test_a_cell_of_one_actor_takes_another_one_with_it() -> None:
    # d is alone behind "federal"; of 4 new projects, 3 by "eu" would tell that.
    assert reasons(withheld(), "projects_new", "funder") == {
        "federal": "threshold", "eu": "secondary",
    }  # fmt: skip


def test_a_difference_is_a_cell_too() -> None:
    # 5 running, 4 new: the fifth is that of e alone. The total that is read less goes.
    assert reasons(withheld(), "projects_running") == {"": "secondary"}
    assert reasons(withheld(), "projects_new") == {}


def test_a_volume_that_one_actor_could_solve_is_not_shown() -> None:
    # c takes part in p1, p2 and p3: the new volume would tell that of p4.
    assert reasons(withheld(), "project_volume") == {"": "p_percent"}
    assert reasons(withheld(), "project_volume_running") == {}


def read_by_all(*printed: str) -> Suppressed:
    """The small report, after a report printed some of its figures."""
    lines = "\n".join(["indicator dimension category value unit", *printed])
    data = replace(dataset(RECORDS, published=lines), disclosure="standard")
    return suppress(compute_indicators(data), data)


def test_no_cell_rests_on_one_that_was_printed() -> None:
    # Federal was told from eu by both being withheld; now the total goes with it instead.
    found = read_by_all("projects_new funder eu 3 count")
    assert reasons(found, "projects_new", "funder") == {"federal": "threshold"}
    assert reasons(found, "projects_new") == {"": "secondary"}
    assert {*reasons(found, "projects_new", "status").values()} == {"secondary"}


def test_what_was_printed_needs_no_secret() -> None:
    found = read_by_all("projects_new funder federal 1 count")
    assert reasons(found, "projects_new", "funder") == {}
    # Another figure than that of the records tells nothing of them.
    found = read_by_all("projects_new funder federal 2 count")
    assert reasons(found, "projects_new", "funder") == reasons(withheld(), "projects_new", "funder")


def test_printed_shares_and_sums_are_known() -> None:
    # 75 % of 4: everybody knows that eu is 3, and with the total that federal is 1.
    printed = ("projects_new_share funder eu 0.75 fraction", "projects_new - - 4 count")
    found = read_by_all(*printed)
    assert reasons(found, "projects_new", "funder") == {"federal": "threshold"}
    assert reasons(found, "projects_new") == {}
    # Nobody printed the base: beside it the share would tell eu, and with it federal.
    found = read_by_all(printed[0])
    both = {"federal": "threshold", "eu": "secondary"}
    assert reasons(found, "projects_new", "funder") == both
    assert reasons(found, "projects_new") == {"": "secondary"}
    # A source may print a share above 1: it tells nothing.
    found = read_by_all("projects_new_share funder eu 1.2 fraction", printed[1])
    assert reasons(found, "projects_new", "funder")["federal"] == "threshold"


def with_categories(known: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([known, more]).fillna({"cluster_id": "", "position": 99})


# Five new projects of three actors each, all known by name; nobody takes part in two.
NAMED = {
    "projects": "project_id volume_eur\n" + "\n".join(f"p{n} {n}400000" for n in range(5, 10)),
    "actors": "actor_id\n" + "\n".join(f"a{n}" for n in range(15)),
    "participations": "project_id activity_id actor_id\n"
    + "\n".join(f"p{n // 3 + 5} - a{n}" for n in range(15)),
}


def test_four_of_five_volumes_printed_leave_no_total() -> None:
    categories = pd.DataFrame(
        [{"dimension": "project", "category": f"p{n}", "parent": ""} for n in range(5, 10)]
    )
    reference = replace(REFERENCE, categories=with_categories(REFERENCE.categories, categories))

    def total(*printed: str) -> tuple[dict[str, str], dict[str, str]]:
        lines = "\n".join(["indicator dimension category value unit", *printed])
        found = suppress_all(dataset(NAMED, published=lines), reference)
        return reasons(found, "project_volume"), reasons(found, "project_volume", "project")

    whole, single = total()
    assert whole == {}
    assert {*single} == {f"p{n}" for n in range(5, 10)}
    named = [f"project_volume project p{n} {n}400000 eur" for n in range(5, 9)]
    whole, single = total(*named)
    assert whole == {"": "secondary"}
    assert {*single} == {"p9"}
    # Two are left: each of their partners could tell the other's.
    whole, single = total(*named[1:])
    assert whole == {"": "secondary"}
    # The total itself is printed: nothing that we withhold makes it unknown.
    whole, single = total(*named, "project_volume - - 37000000 eur")
    assert whole == {}


def test_types_of_which_one_is_printed_keep_what_is_promised() -> None:
    # 69 = 37 + 19 + 4 + 0 + five types of few; of four that are left each must be able to be 3.
    counts = {
        "company": 37, "university": 19, "association": 4, "chamber": 0, "network": 4,
        "business_development": 2, "hospital": 1, "public_administration": 1, "other": 1,
    }  # fmt: skip
    types = [name for name, count in counts.items() for _ in range(count)]
    actors = "\n".join(f"a{number} {name}" for number, name in enumerate(types))
    records = {
        "projects": "project_id\np1\np2",
        "actors": f"actor_id actor_type\n{actors}",
        "participations": "project_id activity_id actor_id\n"
        + "\n".join(f"p{1 + number % 2} - a{number}" for number in range(len(types))),
    }
    categories = pd.DataFrame(
        [{"dimension": "actor_type", "category": name, "parent": ""} for name in counts]
    )
    other = REFERENCE.categories[REFERENCE.categories["dimension"] != "actor_type"]
    reference = replace(REFERENCE, categories=with_categories(other, categories))
    lines = "indicator dimension category value\nactors_projects actor_type network 4"
    data = dataset(records, published=lines)
    found = suppress_all(data, reference)
    gone = reasons(found, "actors_projects", "actor_type")
    assert "network" not in gone
    # Four are left, of 5 together: 2 at most each, unless something else goes with them.
    few = {"business_development", "hospital", "public_administration", "other"}
    assert {name for name, reason in gone.items() if reason == "threshold"} == few
    assert {*gone} - few or {*reasons(found, "actors_projects")}


def suppress_all(data: Dataset, reference: Reference) -> Suppressed:
    data = replace(data, disclosure="standard", reference=reference)
    return suppress(compute_indicators(data), data)


def test_actors_by_type_and_district() -> None:
    found = withheld()
    # 2 actors from Berlin, 2 from Brandenburg: both are told by the other and the total.
    assert reasons(found, "actors_projects", "state") == {"be": "threshold", "bb": "threshold"}
    assert reasons(found, "actors_projects", "district") == {
        "12051": "threshold", "12054": "threshold",
    }  # fmt: skip
    shown = found.values
    zeros = shown[(shown["indicator"] == "actors_projects") & (shown["category"] == "company")]
    assert zeros["value"].tolist() == [0.0]


def test_withheld_rows_keep_their_place_without_value() -> None:
    values, found = compute_indicators(small()), withheld()
    table = found.table()
    lost = ["value", "precision", "n_known", "n_all", "note"]
    assert_frame_equal(table.drop(columns=lost), values.drop(columns=lost))
    missing = table["value"].isna()
    assert missing.sum() == len(found.withheld) == len(found.audit) > 0
    assert (table.loc[missing, "precision"] == "withheld").all()
    assert (table.loc[missing, "note"] == "").all()
    assert_frame_equal(table[~missing], values[~missing])


def test_shares_go_with_their_counts() -> None:
    projects = small().records["projects"]
    is_rdi = (projects["project_id"] == "p4").astype("boolean")  # that of d alone
    records = {**small().records, "projects": projects.assign(is_rdi=is_rdi)}
    data = replace(small(), records=records)
    found = suppress(compute_indicators(data), data)
    assert reasons(found, "projects_rdi") == {"": "threshold"}
    assert reasons(found, "projects_rdi_share") == {"": "derived"}
    assert reasons(found, "projects_cross_cluster_share") == {}


def test_how_many_volumes_are_known_goes_with_the_number_of_projects() -> None:
    records = {**RECORDS, "projects": RECORDS["projects"].replace("500000", "-")}
    data = replace(dataset(records), disclosure="standard")
    values = compute_indicators(data)
    assert (4, 5) in {*zip(values["n_known"], values["n_all"], strict=True)}
    found = suppress(values, data)
    assert reasons(found, "projects_running") == {"": "secondary"}
    table = found.table()
    assert table.loc[table["source_id"] == "records", ["n_known", "n_all"]].isna().all(axis=None)


def test_how_many_volumes_are_known_is_not_told_where_few_are_not() -> None:
    # Of seven projects of three actors each, one states no volume: "6 of 7" counts that one of 1.
    def known(*unknown: int, own: int = 3) -> list[list[object]]:
        volumes = [f"p{n} {'-' if n in unknown else f'{n}00000'}" for n in range(1, 8)]
        taking = [f"p{n} - a{n}{m}" for n in range(1, 8) for m in range(own if n in unknown else 3)]
        records = {
            "projects": "\n".join(["project_id volume_eur", *volumes]),
            "actors": "\n".join(["actor_id", *(line.split()[2] for line in taking)]),
            "participations": "\n".join(["project_id activity_id actor_id", *taking]),
        }
        data = replace(dataset(records), disclosure="standard")
        shown = suppress(compute_indicators(data), data).values
        own_rows = shown[(shown["indicator"] == "project_volume") & (shown["dimension"] == "")]
        assert own_rows["precision"].tolist() == ["at_least"]
        assert own_rows["at_most"].isna().all()
        return own_rows[["n_known", "n_all"]].fillna(0).to_numpy().tolist()

    assert known(7) == [[6, 7]]
    assert known(7, own=2) == [[0, 0]]


def test_an_indicator_that_nobody_answers_for_is_not_shown() -> None:
    values = compute_indicators(small())
    strange = values.iloc[[0]].assign(indicator="projects_shared", value=30.0)
    found = suppress(pd.concat([values, strange], ignore_index=True), small())
    assert reasons(found, "projects_shared") == {"": "unknown"}


def test_printed_and_economic_figures_stay() -> None:
    values = compute_indicators(small())
    printed = values.iloc[[0]].assign(value=1.0, source_id="report", cluster_id="gw")
    found = suppress(pd.concat([values, printed], ignore_index=True), small())
    assert found.values["source_id"].tolist().count("report") == 1


def test_nothing_that_is_left_of_the_data_set_tells_of_records() -> None:
    corrections = pd.DataFrame(
        {
            "file": ["records/2021/projects.csv", "published/figures.csv"],
            "line": [2, 3], "key": ["p1", "x"], "column": ["volume_eur", "value"],
            "old": ["1", "2"], "new": ["10", "20"], "reason": ["r", "r"],
            "date": ["2022-01-01", "2022-01-01"],
        }
    ).astype({"line": "Int64"})  # fmt: skip
    data = replace(small(), corrections=corrections)
    left = suppress(compute_indicators(data), data).dataset
    assert all(table.empty for table in left.records.values())
    assert left.corrections["key"].tolist() == ["", "x"]
    assert left.corrections["old"].tolist() == ["", "2"]
    assert left.corrections["new"].tolist() == ["", "20"]
    assert left.actor_merges.empty


def test_none_changes_nothing_at_all() -> None:
    data = small("none")
    values = compute_indicators(data)
    found = suppress(values, data)
    assert found.values is values
    assert found.table() is values
    assert found.dataset is data
    assert found.withheld.empty
    assert found.audit.empty


def test_internal_use_shows_all_and_tells_what_is_confidential() -> None:
    values, found = compute_indicators(small()), withheld(internal=True)
    assert_frame_equal(found.table(), values)
    assert found.dataset is small()
    assert_frame_equal(found.audit, withheld().audit)


def test_a_part_of_the_data_withholds_the_same() -> None:
    lines = RECORDS["projects"].strip().splitlines()
    own = "\n".join([lines[0] + " cluster_id", *(f"{line} imk" for line in lines[1:])])
    both = own + "\n" + "\n".join(f"q{line[1:]} gw" for line in lines[1:])
    data = replace(dataset({**RECORDS, "projects": both}), disclosure="standard")
    part = part_of(data, cluster_id="imk", last_year=2021)
    whole = suppress(compute_indicators(data), data).audit
    alone = suppress(compute_indicators(part), part).audit
    mine = whole[whole["cluster_id"] == "imk"].reset_index(drop=True)
    assert_frame_equal(alone.reset_index(drop=True), mine)


def test_the_order_of_records_does_not_matter() -> None:
    turned = {
        name: "\n".join([text.strip().splitlines()[0], *text.strip().splitlines()[:0:-1]])
        for name, text in RECORDS.items()
    }
    data = replace(dataset(turned), disclosure="standard")
    key = ["indicator", "dimension", "category"]
    found = suppress(compute_indicators(data), data).audit.sort_values(key, ignore_index=True)
    assert_frame_equal(found, withheld().audit.sort_values(key, ignore_index=True))


def test_the_long_table_holds_no_confidential_value(tmp_path: Path) -> None:
    table = pq.read_table(write_indicators(small(), tmp_path)).to_pandas()
    assert table["value"].isna().sum() == len(withheld().audit)
    assert not (tmp_path / "small" / AUDIT).exists()


def test_the_audit_is_written_for_internal_use_only(tmp_path: Path) -> None:
    path = write_indicators(small(), tmp_path, internal=True)
    assert pq.read_table(path).to_pandas()["value"].notna().all()
    audit = pd.read_csv(path.with_name(AUDIT), keep_default_na=False)
    assert len(audit) == len(withheld().audit)
    assert {*audit["reason"]} >= {"threshold", "secondary"}


def test_tables_mark_what_is_withheld() -> None:
    found = withheld()
    rows = pd.concat([found.values, found.withheld])
    words = Words(_labelled(), "de")
    html = actors_table(rows[rows["indicator"].str.startswith("actors")], words).html("t", "t")
    assert ">•<" in html
    assert "• bedeutet: aus Gründen der Geheimhaltung nicht gezeigt." in html
    html = key_figures_table(rows, Words(_labelled(), "en")).html("t", "t")
    assert "• means: not shown for reasons of confidentiality." in html


def _labelled() -> Reference:
    categories = REFERENCE.categories
    labels = {f"label_{locale}": categories["category"] for locale in ("de", "en")}
    clusters = REFERENCE.clusters
    names = {
        name: clusters["cluster_id"] for name in ("label_de", "label_en", "short_de", "short_en")
    }
    return replace(
        REFERENCE,
        categories=categories.assign(**labels),
        clusters=clusters.assign(**names),
        districts=REFERENCE.districts.assign(name=REFERENCE.districts["ags"]),
    )


def test_results_for_internal_use_have_a_folder_of_their_own(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    keep_apart(outside, internal=False)
    assert not outside.exists()
    keep_apart(inside, internal=True)
    keep_apart(inside, internal=True)
    assert "Nicht weitergeben" in (inside / MARK).read_text("utf-8")
    with pytest.raises(ParameterError, match="results for internal use"):
        keep_apart(inside, internal=False)
    outside.mkdir()
    (outside / "index.html").write_text("", "utf-8")
    with pytest.raises(ParameterError, match="name an empty folder"):
        keep_apart(outside, internal=True)


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, **parameters: object) -> tuple[Page, str]:
    """A page of the minimal data set, had it confidential records, and its notice."""
    heads: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "ewm_analysis.notebook.page.display", lambda bundle, raw: heads.append(bundle[PAGE_MIME])
    )
    head = json.dumps({**DESCRIPTOR, "synthetic": False, "disclosure": "standard"})
    path = write_dataset(folder, {"datapackage.json": head})
    page = start(year=2021, cluster_id="imk", data_dir=str(path), **parameters)
    return page, heads[0]["notice"]


def test_a_page_holds_no_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, notice = opened(tmp_path, monkeypatch, locale="de")
    assert notice.startswith("Vertrauliche Meldungen:")
    assert page.is_confidential
    assert all(table.empty for table in page.dataset.records.values())
    # One new project of one actor: no number is left but zeros.
    assert page.rows("projects_new")["value"].tolist() == []
    assert page.rows("projects_new", withheld=True)["precision"].tolist() == ["withheld"]
    assert page.values.loc[page.values["source_id"] == "records", "value"].max() == 0


def test_a_page_says_how_much_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, _ = opened(tmp_path, monkeypatch, locale="en")
    status = page.rows("projects_new", dimension="status")
    assert page.left_out(status) == "One value is not shown for reasons of confidentiality."
    assert page.left_out(part_of_page(page, "economy")) == ""


def test_an_internal_page_shows_all_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, notice = opened(tmp_path, monkeypatch, locale="de", internal=True)
    assert notice == (
        "Interne Fassung: enthält Angaben, die der Geheimhaltung unterliegen. Nicht weitergeben."
    )
    assert page.rows("projects_new")["value"].tolist() == [1.0]
    assert len(page.dataset.records["projects"]) == 2
    assert page.left_out(page.rows("projects_new")) == ""


def test_only_notebooks_with_records_are_run_for_internal_use(tmp_path: Path) -> None:
    data = open_dataset(ROOT / "data" / "capital-region")
    for internal in (False, True):
        runs = plan_runs([data], ROOT, tmp_path, locales=["de"], internal=internal)
        told = {run.notebook.stem: run.parameters.get("internal") for run in runs}
        assert told["10_annual_report"] is (True if internal else None)
        assert told["40_organisations"] is None
