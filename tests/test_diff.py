"""What two editions tell differently: each case has a cause that is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import REFERENCE, TABLES, write_dataset
from typer.testing import CliRunner, Result

from ewm_analysis.batch.outputs import Manifest
from ewm_analysis.cli import app
from ewm_analysis.editions.causes import MANY, Cause, Kept, compare_files, find_causes, of_cluster
from ewm_analysis.editions.diff import Change, Diff, diff, masked
from ewm_analysis.editions.telling import as_json, as_page, as_text, summary
from ewm_analysis.errors import ParameterError
from ewm_analysis.files import sha256
from ewm_analysis.report.bundles import Contents, Figure, Page, Table
from ewm_analysis.report.files import write_files

PLACE = "example/2021/imk/10_annual_report/de"
NONE = "34 gegenüber 42 Projekten ist kein belastbarer Unterschied (p = 0,36)."
SOME = "12 gegenüber 42 Projekten ist ein belastbarer Rückgang (p < 0,001)."
SVG = '<svg viewBox="0 0 4 3"><path d="M0 0h4"/></svg>'
PROJECTS = "records/2021/projects.csv"


def ewm(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, words)


def edition(
    folder: Path,
    rows: tuple[tuple[Any, ...], ...] = ((2020, "Projekte", 42), (2021, "Projekte", 34)),
    *,
    sentence: str = NONE,
    svg: str = SVG,
    table: tuple[tuple[Any, ...], ...] = (("Unternehmen", 7),),
    inputs: Mapping[str, str] | None = None,
    confidential: bool = False,
    locale: Any = "de",
    parameters: Mapping[str, Any] | None = None,
    **key: str,
) -> Path:
    """Write a page as `ewm run` leaves it, in a folder of results."""
    place = folder / PLACE.removesuffix("de") / locale
    page = Page("Bericht 2021", "", locale, "example", "Testdaten", False, "", {"year": 2021})
    header, shared = ("Jahr", "Indikator", "Wert"), ((), ("Quelle: Meldungen",), ("projects_new",))
    figure = Figure(1, "projects", "Abb. 1", header, rows, *shared, alt=sentence, svg=svg)
    actors = Table(1, "actors", "Tab. 1", ("Akteurstyp", "Akteure"), table)
    write_files(Contents(page, [figure], [actors]), place)
    (place / "report.html").write_text("<html></html>", "utf-8")
    products = sorted(path for path in place.rglob("*") if path.is_file())
    outputs = {path.relative_to(place).as_posix(): sha256(path) for path in products}
    manifest = Manifest(
        status="ok",
        key={"data": str(inputs), "package": "a", "notebook": "n"} | key,
        notebook="10_annual_report",
        notebook_sha256="n",
        parameters=dict(parameters or {}),
        page={},
        shows=[],
        is_confidential=confidential,
        cluster_label="IMK",
        package_version="0.1.0",
        package_sha256=key.get("package", "a") * 64,
        inputs=dict(inputs or {}),
        outputs=outputs,
        sizes={},
        libraries={},
        python="3",
        git_commit=None,
        started="2026-11-29T01:16:07+00:00",
        seconds=0.0,
    )
    told = json.dumps(manifest.sealed().model_dump())
    (place / "manifest.json").write_text(told, "utf-8")
    return folder


def changes(found: Diff) -> list[Change]:
    return [change for page in found.pages for change in page.changes]


def causes(found: Diff) -> list[Cause]:
    return [cause for own in found.causes.values() for cause in own]


def test_the_same_is_the_same(tmp_path: Path) -> None:
    old, new = edition(tmp_path / "old"), edition(tmp_path / "new")
    found = diff(old, new, "de")
    assert found.pages == []
    assert summary(found, "de") == "Keine Angabe ist anders: 1 Seite verglichen."
    done = ewm("diff", str(old), str(new))
    assert (done.exit_code, done.output) == (0, summary(found, "de") + "\n")


def test_a_number_moves_and_a_sentence_turns(tmp_path: Path) -> None:
    old = edition(tmp_path / "old")
    rows = ((2020, "Projekte", 42), (2021, "Projekte", 12))
    new = edition(tmp_path / "new", rows, sentence=SOME, package="b")
    found = diff(old, new, "de")
    assert changes(found) == [
        Change("value", "figures/projects", "2021, Projekte: Wert", 34, 12),
        Change("turned", "figures/projects", "", NONE, SOME),
    ]
    assert [cause.kind for cause in causes(found)] == ["package"]
    told = as_text(found, "de")
    rules = "ewm_analysis 0.1.0 (aaaaaaaaaaaa) → 0.1.0 (bbbbbbbbbbbb)"
    assert f"Die Regeln haben sich geändert: {rules}" in told
    assert "2021, Projekte: Wert: 34 → 12" in told
    assert "<del>kein</del> <ins>ein</ins>" in as_page(found, "de")
    assert summary(found, "en") == "1 of 1 pages differs: 1 number, 1 sentence says something else."


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (NONE, NONE.replace("34", "3.400,5").replace("0,36", "1"), True),
        ("davon entfallen auf fünf Projekte", "davon entfallen auf zwölf Projekte", True),
        ("ein Anstieg um 3 %", "ein Rückgang um 3 %", False),
        (NONE, SOME, False),
    ],
)
def test_a_sentence_turns_with_its_words(one: str, other: str, *, alike: bool) -> None:
    assert (masked(one) == masked(other)) is alike


def test_what_only_moved_in_its_layout(tmp_path: Path) -> None:
    old = edition(tmp_path / "old")
    new = edition(tmp_path / "new", svg=SVG.replace("h4", "h3"))
    assert changes(diff(old, new, "de")) == [Change("drawn", "figures/projects")]


def test_rows_come_and_go_and_order_does_not_count(tmp_path: Path) -> None:
    old = edition(tmp_path / "old", table=(("Unternehmen", 7), ("Vereine", 2)))
    new = edition(tmp_path / "new", table=(("Verwaltung", 1.5), ("Unternehmen", 7)))
    assert changes(diff(old, new, "de")) == [
        Change("row", "tables/actors", "Verwaltung", None, 1.5),
        Change("row", "tables/actors", "Vereine", 2, None),
    ]


def test_pages_of_one_edition_only_are_told_and_languages_kept_apart(tmp_path: Path) -> None:
    old = edition(tmp_path / "old", locale="en")
    new = edition(edition(tmp_path / "new"), locale="en")
    assert diff(old, new, "en").pages == []
    assert [(page.place, page.status) for page in diff(old, new, "de").pages] == [(PLACE, "added")]


def test_a_corrected_cell_is_the_cause(tmp_path: Path) -> None:
    """Both files are found by their hashes: one in the edition published, one in the project."""
    name = f"data/example/{PROJECTS}"
    before = TABLES[PROJECTS]
    after = before.replace("1000000,600000.5", "1500000,600000.5")
    folders = {"old": before, "new": after}
    marks = {}
    for place, text in folders.items():
        path = tmp_path / place / name
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
        marks[place] = sha256(path)
    old = edition(tmp_path / "old", inputs={name: marks["old"]})
    new = edition(tmp_path / "new", ((2021, "Projekte", 35),), inputs={name: marks["new"]})
    cause = Cause("corrected", name, "p1", "volume_eur", "1000000", "1500000")
    assert causes(diff(old, new, "de")) == [cause]
    # The number of projects is not made from volumes: the cause is not its cause.
    assert json.loads(as_json(diff(old, new, "de")))["pages"][0]["changes"][0]["causes"] == []


def test_a_file_nobody_kept_is_told_as_a_whole(tmp_path: Path) -> None:
    old = edition(tmp_path / "old", inputs={"data/a/corrections.csv": "1"})
    new = edition(tmp_path / "new", inputs={"data/a/corrections.csv": "2"}, sentence=SOME)
    found = diff(old, new, "de")
    assert causes(found) == [Cause("table", "data/a/corrections.csv")]
    assert "(1) data/a/corrections.csv ist anders" in as_text(found, "de")


def test_a_cell_newly_large_enough_is_told_internally_only(tmp_path: Path) -> None:
    old = edition(tmp_path / "old", table=(("Unternehmen", "•"), ("Vereine", 9)), confidential=True)
    new = edition(tmp_path / "new", table=(("Unternehmen", 5), ("Vereine", 9)), confidential=True)
    found = diff(old, new, "de")
    assert [(page.changes, page.hidden) for page in found.pages] == [([], 1)]
    for told in (as_text(found, "de"), as_json(found), as_page(found, "de")):
        assert "Unternehmen" not in told.replace("Tab. 1", "")
    inside = diff(old, new, "de", internal=True)
    assert changes(inside) == [Change("value", "tables/actors", "Unternehmen: Akteure", "•", 5)]


def test_records_behind_confidential_pages_are_not_told() -> None:
    class Told:
        parameters: Mapping[str, str] = {}
        key: Mapping[str, str]
        inputs: Mapping[str, str] = {}

        def __init__(self, data: str) -> None:
            self.key = {"data": data}

    old, new = Told("1"), Told("2")
    assert find_causes(old, new, Kept()) == [Cause("records")]  # type: ignore[arg-type]


def two_sets(tmp_path: Path, changed: Mapping[str, str], **head: object) -> tuple[Path, Path]:
    """Write the small data set twice, the second with these files."""
    told = json.dumps({"title": "Klein", "synthetic": True, "disclosure": "none"} | head)
    old = write_dataset(tmp_path / "old", {"datapackage.json": told})
    return old, write_dataset(tmp_path / "new", {"datapackage.json": told, **changed})


def test_data_sets_one_corrected_cell(tmp_path: Path) -> None:
    rows = TABLES[PROJECTS].replace("1000000,600000.5", "1500000,600000.5")
    found = diff(*two_sets(tmp_path, {PROJECTS: rows}), "de")
    volume = [change for change in changes(found) if change.item == "values/project_volume"]
    assert [(change.before, change.after) for change in volume] == [(1000000, 1500000)]
    assert causes(found) == [Cause("corrected", PROJECTS, "p1", "volume_eur", "1000000", "1500000")]
    page = json.loads(as_json(found))["pages"][0]
    assert {change["item"] for change in page["changes"]} <= {
        "values/project_volume",
        "values/project_volume_running",
    }
    assert all(change["causes"] == [1] for change in page["changes"])


def test_data_sets_a_project_no_longer_of_the_year(tmp_path: Path) -> None:
    rows = TABLES[PROJECTS].replace("2021,p2,imk,,false", "2021,p2,imk,,true")
    found = diff(*two_sets(tmp_path, {PROJECTS: rows}), "de")
    assert causes(found) == [Cause("corrected", PROJECTS, "p2", "is_new", "false", "true")]
    items = {change.item: (change.before, change.after) for change in changes(found)}
    assert items["values/projects_new"] != ()
    assert "values/projects_running" not in items


def test_data_sets_another_edition_of_categories(tmp_path: Path) -> None:
    name = "reference/categories.csv"
    rows = REFERENCE[name].replace("started (de)", "angelaufen")
    old, new = two_sets(tmp_path, {name: rows})
    found = diff(old, new, "de")
    assert [change.kind for change in changes(found)] == ["row", "row"]
    assert [(cause.kind, cause.file, cause.key) for cause in causes(found)] == [
        ("corrected", name, "status, started")
    ]


def test_data_sets_confidential_records_are_not_told(tmp_path: Path) -> None:
    rows = TABLES[PROJECTS].replace("1000000,600000.5", "1500000,600000.5")
    sets = two_sets(tmp_path, {PROJECTS: rows}, disclosure="standard")
    for told in (as_text(diff(*sets, "de"), "de"), as_json(diff(*sets, "de"))):
        assert "1500000" not in told
        assert "1.500.000" not in told
    assert causes(diff(*sets, "de", internal=True))[0].after == "1500000"


def test_pages_of_a_cluster_are_not_told_of_the_rows_of_others(tmp_path: Path) -> None:
    table = TABLES[PROJECTS].replace("1000000,600000.5", "1500000,600000.5")
    other = "2021,g1,gw,,true,false,started,{},,0,,,\n"
    old, new = (rows + other.format(v) for rows, v in ((TABLES[PROJECTS], 1), (table, 2)))
    found = compare_files("data/small/" + PROJECTS, old.encode(), new.encode())
    assert [(cause.key, cause.cluster_id) for cause in found] == [("p1", "imk"), ("g1", "gw")]
    assert [cause.key for cause in of_cluster(found, "imk")] == ["p1"]
    assert [cause.key for cause in of_cluster(found, None)] == ["p1", "g1"]


def test_of_many_rows_some_are_told_and_the_others_counted(tmp_path: Path) -> None:
    many = [Cause("corrected", PROJECTS, f"p{n}", "volume_eur", "1", "2") for n in range(MANY + 3)]
    told = of_cluster(many, "imk")
    assert told == [*many[:MANY], Cause("more", PROJECTS, after="3")]


def test_each_two_files_are_compared_once_for_all_pages(tmp_path: Path) -> None:
    for name, text in (("old", "a"), ("new", "b")):
        place = tmp_path / name / PROJECTS
        place.parent.mkdir(parents=True)
        place.write_text(TABLES[PROJECTS].replace("p1", text), "utf-8")
    marks = [(sha256(tmp_path / name / PROJECTS), None) for name in ("old", "new")]
    kept = Kept(tmp_path / "old", tmp_path / "new")
    assert kept.compare(PROJECTS, *marks) is kept.compare(PROJECTS, *marks)
    assert {cause.kind for cause in kept.compare(PROJECTS, *marks)} == {"added", "removed"}


def test_a_data_set_is_no_folder_of_results(tmp_path: Path) -> None:
    old, _ = two_sets(tmp_path, {})
    with pytest.raises(ParameterError, match="is no data set as the other is"):
        diff(old, edition(tmp_path / "pages"), "de")
    refused = ewm("diff", str(old), str(tmp_path / "pages"), "--html", "x.txt")
    assert (refused.exit_code, "must end in .html" in refused.output) == (2, True)


def test_the_page_is_written_and_machines_get_all(tmp_path: Path) -> None:
    old, new = edition(tmp_path / "old"), edition(tmp_path / "new", sentence=SOME)
    page = tmp_path / "diff.html"
    done = ewm("diff", str(old), str(new), "--format", "json", "--html", str(page))
    assert done.exit_code == 1
    assert json.loads(done.stdout)["pages"][0]["changes"][0]["kind"] == "turned"
    html = page.read_text("utf-8")
    assert html.count("<h1>") == 1
    assert "<script></script>" in html
    assert "Der Satz sagt etwas anderes" in html
