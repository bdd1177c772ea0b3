"""A new edition is rows with valid years: no line of code knows a category by its name."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from ewm_analysis import figures, tables
from ewm_analysis.batch import plan_runs
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import ContractError
from ewm_analysis.indicators import compute_indicators, select
from ewm_analysis.intake import find_warnings
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.notebook.showing import Describe, Plot

ROOT = Path(__file__).parents[1]
YEAR = 2022

NEW_CODES = {
    "imk_ict": "imk_trust",
    "imk_media_creative": "imk_immersive",
    "open": "resilience",
    "250+": "1000+",
}
"""What replaces what: two action fields, a guideline and a size class."""

SINCE_2022 = {"association": "association_network", "network": "association_network"}
"""What the real reference tables have renewed in the same way."""

NEW_ROWS = """\
action_field,imk_trust,imk,masterplan2022,2022,,,80,Vertrauenswürdige IT,Trustworthy IT,true,,
action_field,imk_immersive,imk,masterplan2022,2022,,,81,Immersive Medien,Immersive media,true,,
guideline,resilience,,innobb2030,2022,,,9,Resilienz,Resilience,true,,
size_class,250-999,,sizes2022,2022,,,5,250 bis 999 Beschäftigte,250 to 999 employees,true,,
size_class,1000+,,sizes2022,2022,,,6,1.000 und mehr Beschäftigte,"1,000 or more employees",true,,
"""


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [*csv.DictReader(stream)]


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def write_reference(folder: Path, *, new_rows: str = NEW_ROWS) -> None:
    """The project's reference tables, the old editions ended and the new ones begun."""
    shutil.copytree(ROOT / "data" / "reference", folder)
    rows = read(folder / "categories.csv")
    for row in rows:
        if row["category"] in NEW_CODES:
            row["valid_to"] = str(YEAR - 1)
    write(folder / "categories.csv", rows)
    with (folder / "categories.csv").open("a", encoding="utf-8") as stream:
        stream.write(new_rows)


def write_records(folder: Path, *, with_new_codes: bool = True) -> None:
    """IMK's invented records of 2021 as those of 2022, in the codes of the new editions."""
    head = {"title": "Neue Ausgaben", "synthetic": True, "disclosure": "none"}
    folder.mkdir(parents=True)
    (folder / "datapackage.json").write_text(json.dumps(head), "utf-8")
    codes = SINCE_2022 | (NEW_CODES if with_new_codes else {})
    source = ROOT / "data" / "example" / "records" / "2021"
    items = {
        row[key]
        for stem, key in (("projects", "project_id"), ("activities", "activity_id"))
        for row in read(source / f"{stem}.csv")
        if row["cluster_id"] == "imk"
    }
    for path in sorted(source.glob("*.csv")):
        kept = [
            {
                **row,
                "year": str(YEAR),
                **{
                    name: codes.get(row[name], row[name])
                    for name in ("category", "size_class", "actor_type")
                    if name in row
                },
            }
            for row in read(path)
            if path.stem == "actors" or {row.get("project_id"), row.get("activity_id")} & items
        ]
        write(folder / "records" / str(YEAR) / path.name, kept)


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("editions")
    write_reference(folder / "reference")
    write_records(folder / "next")
    return open_dataset(folder / "next")


@pytest.fixture(scope="module")
def before() -> dict[tuple[str, str, str], float]:
    return counted(open_dataset(ROOT / "data" / "example"), 2021)


def counted(data: Dataset, year: int) -> dict[tuple[str, str, str], float]:
    values = compute_indicators(data)
    own = (values["cluster_id"] == "imk") & (values["year"] == year)
    rows = values[own & (values["source_id"] == "records")]
    keys = zip(rows["indicator"], rows["dimension"], rows["category"], strict=True)
    return dict(zip(keys, rows["value"], strict=True))


@pytest.mark.parametrize("dimension", ["action_field", "guideline", "size_class"])
def test_the_new_codes_count_what_the_old_ones_did(
    renewed: Dataset, before: dict[tuple[str, str, str], float], dimension: str
) -> None:
    after = counted(renewed, YEAR)
    old = {NEW_CODES.get(key[2], key[2]): key for key in before if key[1] == dimension}
    names = {key[0] for key in before if key[1] == dimension}
    assert names
    for name in names:
        for code, key in old.items():
            assert after[name, dimension, code] == before[name, dimension, key[2]]


def test_a_new_code_that_nobody_has_is_zero_and_an_ended_one_is_gone(renewed: Dataset) -> None:
    after = counted(renewed, YEAR)
    assert after["actors_projects", "size_class", "250-999"] == 0
    codes = {category for _, _, category in after}
    assert codes.isdisjoint(set(NEW_CODES))


@pytest.mark.parametrize(
    ("plot", "describe", "dimension", "label"),
    [
        (
            figures.plot_action_fields,
            figures.describe_action_fields,
            "action_field",
            "Immersive Medien",
        ),
        (figures.plot_guidelines, figures.describe_guidelines, "guideline", "Resilienz"),
    ],
)
def test_figures_show_the_new_edition(
    renewed: Dataset, plot: Plot, describe: Describe, dimension: str, label: str
) -> None:
    words = Words(renewed.reference, "de")
    rows = select(
        compute_indicators(renewed),
        ("projects_new", "activities"),
        cluster_id="imk",
        dimension=dimension,
    )
    axes = plot(rows, words)
    shown = [text.get_text() for text in axes.get_yticklabels()] + [
        text.get_text() for text in axes.texts
    ]
    assert any(label in text.replace("\n", " ") for text in shown)
    assert describe(rows, words)


def test_the_table_of_actors_has_the_new_sizes_in_their_order(renewed: Dataset) -> None:
    words = Words(renewed.reference, "de")
    rows = select(
        compute_indicators(renewed),
        ("actors_activities", "actors_projects"),
        cluster_id="imk",
        dimension=("", "actor_type", "size_class"),
    )
    table = tables.actors_table(rows, words)
    sizes = [table.rows[place][0] for place in table.indented]
    assert [size.rpartition(", ")[2].strip() for size in sizes[-2:]] == [
        size.rpartition(", ")[2].strip()
        for size in (
            words.text("tables.of_which", label="250 bis 999 Beschäftigte"),
            words.text("tables.of_which", label="1.000 und mehr Beschäftigte"),
        )
    ]


def test_the_year_can_be_planned_and_checked(renewed: Dataset, tmp_path: Path) -> None:
    runs = plan_runs([renewed], ROOT, tmp_path, notebooks=["10_annual_report"])
    assert {(run.year, run.cluster_id) for run in runs} == {("2022", "imk")}
    assert "broken-cell" not in {one.name for one in find_warnings(renewed)}


def test_an_ended_code_is_refused_in_the_new_year(tmp_path: Path) -> None:
    write_reference(tmp_path / "reference")
    write_records(tmp_path / "next", with_new_codes=False)
    with pytest.raises(ContractError) as caught:
        open_dataset(tmp_path / "next")
    values = {failure.value for failure in caught.value.failures}
    assert values == set(NEW_CODES)
    (size,) = {
        failure.allowed for failure in caught.value.failures if failure.column == "size_class"
    }
    assert size == (
        "is not a code of size_class in 2022: allowed: 1-9, 10-49, 1000+, 250-999, 50-249. "
        "Did you mean '250-999'?"
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "guideline,open,,innobb2030,2022,,,9,Offenheit,Openness,true,,",
            "column category: 'open' — a code keeps its labels; a new edition needs a new code",
        ),
        (
            "guideline,resilience,,a,2022,2021,,9,Resilienz,Resilience,true,,",
            "column valid_to: '2021' — must not lie before valid_from",
        ),
        (
            "guideline,x,,a,2020,,,9,X,X,true,,\nguideline,x,,b,2022,,,9,X,X,true,,",
            "column valid_from: '2022' — the code holds already; end its older row by valid_to",
        ),
    ],
)
def test_rows_that_contradict_each_other(tmp_path: Path, row: str, expected: str) -> None:
    write_reference(tmp_path / "reference", new_rows=f"{row}\n")
    write_records(tmp_path / "next", with_new_codes=False)
    with pytest.raises(ContractError) as caught:
        open_dataset(tmp_path / "next")
    assert any(str(failure).endswith(expected) for failure in caught.value.failures)
