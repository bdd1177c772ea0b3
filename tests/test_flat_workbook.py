"""One row a project: partners, guidelines and topics in cells, ids left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sent_files import AMOUNTS, GOOD, reference

from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake import import_workbook
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.records import read_records
from ewm_analysis.intake.sheets import RawCell, Sheet
from ewm_analysis.loaders import open_dataset

Rows = list[list[object]]

PROJECTS = GOOD["Projekte"]
ACTORS = GOOD["Akteure"]
FLAT: dict[str, Rows] = {
    "Projekte": [
        [*PROJECTS[0][1:], "Partner", "Technologien", "Leitlinie"],
        ["imk", "Leises Licht", "ja", "ja", "started", *AMOUNTS, "federal", "single",
         "Muster GmbH", "KI; IoT", "–"],
        ["imk", "Weites Netz", "ja", "nein", "finished", *AMOUNTS, "eu", "other_joint",
         "Beispiel gGmbH;\nProbe AG; Muster  GMBH", "ai", "innovation\ninternational"],
        ["imk", "Helle Bühne", "nein", "ja", "started", *AMOUNTS, "state_be", "single",
         "Probe AG", None, "k.A."],
    ],
    "Akteure": [row[1:] for row in ACTORS],
}  # fmt: skip
FIVE: dict[str, Rows] = {
    "Projekte": [
        PROJECTS[0],
        *(["p" + str(at), *row[:-3]] for at, row in enumerate(FLAT["Projekte"][1:], 1)),
    ],
    "Aktivitäten": GOOD["Aktivitäten"],
    "Akteure": ACTORS,
    "Beteiligungen": [
        GOOD["Beteiligungen"][0],
        *([one, None, code] for one, code in (
            ("p1", "a1"), ("p2", "a2"), ("p2", "a3"), ("p2", "a1"), ("p3", "a3"),
        )),
    ],
    "Zuordnungen": [
        GOOD["Zuordnungen"][0],
        *([one, None, scheme, code] for one, scheme, code in (
            ("p1", "technology", "ai"), ("p1", "technology", "iot"), ("p2", "technology", "ai"),
            ("p2", "guideline", "innovation"), ("p2", "guideline", "international"),
        )),
    ],
}  # fmt: skip

ALONE = {
    "Projekte": [
        [*row, place]
        for row, place in zip(
            FLAT["Projekte"], ("Ort", "Potsdam", "Berlin; Berlin; Potsdam", None), strict=True
        )
    ]
}
"""Partners without a sheet of actors: their name and place say the rest."""


class Done(NamedTuple):
    tables: dict[str, pd.DataFrame]
    errors: list[str]
    notes: list[str]


def read(sheets: dict[str, Rows]) -> Done:
    """Read sheets as an import does."""
    kinds = {str: "s", int: "n", float: "n", bool: "b"}
    raw = [
        Sheet(
            title,
            {
                (line, at): RawCell(value, kinds[type(value)])
                for line, row in enumerate(rows, 1)
                for at, value in enumerate(row, 1)
                if value is not None
            },
        )
        for title, rows in sheets.items()
    ]
    remarks = Remarks("de")
    found = read_records(raw, reference(), 2022, remarks, {})
    said = {
        is_error: [one.said("de") for one in remarks.all if (one.level == "error") == is_error]
        for is_error in (True, False)
    }
    return Done({stem: table.frame for stem, table in found.items()}, said[True], said[False])


def by_name(tables: dict[str, pd.DataFrame]) -> dict[str, list[tuple[Any, ...]]]:
    """Rows with titles and names in place of ids, in one order."""
    names = {
        key: dict(zip(tables[stem][key], tables[stem][name], strict=True))
        for stem, key, name in (("projects", "project_id", "title"), ("actors", "actor_id", "name"))
    }
    found = {}
    for stem, rows in tables.items():
        named = rows.assign(**{key: rows[key].map(names[key]) for key in names if key in rows})
        named = named.astype("string").fillna("")
        found[stem] = sorted(named.itertuples(index=False, name=None))
    return found


def changed(title: str, line: int, at: int, value: object) -> dict[str, Rows]:
    """The flat workbook with another cell; lines and columns count from 1."""
    rows = [[*row] for row in FLAT[title]]
    rows[line - 1][at - 1] = value
    return FLAT | {title: rows}


def without(sheets: dict[str, Rows], title: str, *headers: str) -> dict[str, Rows]:
    places = [at for at, text in enumerate(sheets[title][0]) if text not in headers]
    return sheets | {title: [[row[at] for at in places] for row in sheets[title]]}


def test_a_flat_workbook_gives_what_the_five_sheets_give() -> None:
    flat, five = read(FLAT), read(FIVE)
    assert not flat.errors
    assert not five.errors
    assert not five.notes
    assert by_name(flat.tables) == by_name(five.tables)
    assert [len(rows) for rows in flat.tables.values()] == [3, 0, 3, 5, 5]
    assert [*flat.tables["projects"]["project_id"]] == [
        "p-leises-licht", "p-weites-netz", "p-helle-buehne",
    ]  # fmt: skip


def test_each_reading_is_told_once() -> None:
    told = "\n".join(read(FLAT).notes)
    for said in (
        "Projekte!L1: „Partner“ – Als „Akteure“ gelesen",
        "Projekte!M1: „Technologien“ – Als „Technologie“ gelesen",
        "Projekte – Kennungen sind aus „Titel“ gebildet (Zeilen: 3)",
        "Akteure – Kennungen sind aus „Name“ gebildet (Zeilen: 3)",
        "Projekte!N2 – Als leer gelesen (Leitlinie, Zellen: 2): – (1×), k.A. (1×)",
        "Projekte!M2 – Als Code gelesen (Kategorie, Zellen: 2): KI (1×), IoT (1×)",
        "Diese Blätter fehlen; es gilt allein, was auf den anderen in Zellen steht: Aktivitäten, "
        "Beteiligungen und Zuordnungen",
        "Beteiligungen 5, Zuordnungen 5, Akteure ohne eigene Zeile 0",
    ):
        assert told.count(said) == 1, said


@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_and_columns_changes_nothing(data: st.DataObject) -> None:
    flat = data.draw(st.sampled_from([FLAT, ALONE]))
    sheets = {}
    for title, (header, *rows) in flat.items():
        places = data.draw(st.permutations(range(len(header))))
        body = data.draw(st.permutations(rows))
        sheets[title] = [[row[at] for at in places] for row in (header, *body)]
    done = read(sheets)
    assert not done.errors
    for stem, table in read(flat).tables.items():
        one, other = (
            sorted(rows.astype("string").fillna("").itertuples(index=False, name=None))
            for rows in (done.tables[stem], table)
        )
        assert one == other


def test_ids_of_the_sheets_hold_where_they_stand() -> None:
    """A partner may be named by its id; what sheet and cell both say counts once."""
    mixed = changed("Projekte", 2, 12, "a1; Probe AG") | {
        "Akteure": ACTORS,
        "Beteiligungen": [GOOD["Beteiligungen"][0], ["p-leises-licht", None, "a1"]],
    }
    done = read(mixed)
    assert not done.errors
    took_part = done.tables["participations"].query("project_id == 'p-leises-licht'")
    assert [*took_part["actor_id"]] == ["a1", "a3"]
    assert [*done.tables["actors"]["actor_id"]] == ["a1", "a2", "a3"]


def test_activities_may_name_their_partners_too() -> None:
    sheets = FLAT | {
        "Aktivitäten": [
            ["Cluster", "Titel", "Art", "Beteiligte"], ["imk", "Messe", None, "Muster GmbH"],
        ],
    }  # fmt: skip
    done = read(sheets)
    assert not done.errors
    rows = done.tables["participations"].query("activity_id != ''")
    assert rows[["project_id", "activity_id", "actor_id"]].to_numpy().tolist() == [
        ["", "v-messe", "a-muster-gmbh"]
    ]


def test_partners_without_a_row_are_read_from_name_and_place() -> None:
    done = read(ALONE)
    assert not done.errors
    facts = done.tables["actors"].set_index("name")[["actor_type", "state", "ags", "place"]]
    assert facts.loc["Muster GmbH"].tolist() == ["company", "bb", "12054", "Potsdam"]
    assert facts.loc["Probe AG"].tolist() == ["company", "be", "11000", "Berlin"]
    assert "Nach dem Namen gelesen (Akteurstyp, Akteure: 3): Muster GmbH: Unternehmen" in "\n".join(
        done.notes
    )


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        (changed("Projekte", 2, 12, "Neuling"),
         "Projekte!L2: „Neuling“ – Von diesem Partner fehlt: Akteurstyp und Land. Bitte eine "
         "Zeile mit seinem Namen auf dem Blatt Akteure"),
        (changed("Projekte", 2, 12, "Klinik Neu GmbH"), "fehlt: Akteurstyp und Land"),
        (changed("Projekte", 2, 13, "Zauberei"), "Projekte!M2: „Zauberei“ – Steht für 2022 nicht"),
        (changed("Projekte", 2, 12, 17), "Projekte!L2: „17“ – Hier muss Text stehen"),
        (changed("Projekte", 3, 2, "Leises Licht"),
         "Projekte!3: „2022, p-leises-licht“ – Diese Kennung steht schon in Zeile 2. Was etwas "
         "anderes ist, braucht eine eigene Kennung"),
        (FLAT | {"Akteure": [*ACTORS, ["a4", *ACTORS[1][1:]]]},
         "Projekte!L2: „Muster GmbH“ – Auf dem Blatt Akteure heißen mehrere so. Bitte statt des "
         "Namens die Kennung schreiben: a1 und a4"),
        (changed("Projekte", 1, 14, "Ort"),
         "Projekte!N3: „innovation; international“ – Die Zahl der Angaben (2) passt nicht zur "
         "Zahl der Partner (3)"),
        (changed("Projekte", 2, 12, "Muster GmbH, Probe AG"),
         "Projekte!L2: „Muster GmbH, Probe AG“ – Sind das mehrere Partner?"),
        (FLAT | {"Projekte": [*FLAT["Projekte"], [*[None] * 11, "Muster GmbH"]]},
         "Projekte!L5: „Muster GmbH“ – Diese Zeile hat weder Titel noch Kennung"),
        (changed("Projekte", 1, 2, "Name"), "Projekte!B1: „Name“ – Diese Überschrift ist unbek"),
        (changed("Projekte", 2, 12, "Muster GmbH") | {"Akteure": without(FLAT, "Akteure", "Name")[
            "Akteure"]}, "Akteure!A1 – Die Spalte „Name“ fehlt"),
        (without(FLAT, "Projekte", "Status"), "Die Spalte „Status“ fehlt"),
        (without(FLAT, "Projekte", "Partner", "Technologien", "Leitlinie"), "Das Blatt fehlt"),
    ],
)  # fmt: skip
def test_what_has_no_one_meaning_is_refused_at_its_cell(sheets: dict[str, Rows], said: str) -> None:
    assert said in "\n".join(read(sheets).errors)


def test_what_two_cells_say_of_a_partner_must_agree() -> None:
    rows = [[*row, *more] for row, more in zip(
        FLAT["Projekte"], (["Land"], ["bb"], ["be; be; be"], ["be"]), strict=True,
    )]  # fmt: skip
    errors = read({"Projekte": rows}).errors
    assert errors == [
        "Projekte!L3: „be“ – Von „Muster GMBH“ heißt es anderswo: Land bb. Bitte überall dasselbe "
        "schreiben, oder zwei Namen."
    ]


def test_columns_that_may_be_empty_may_be_left_out() -> None:
    done = read(without(FLAT, "Akteure", "Größenklasse", "Cluster des Akteurs"))
    assert not done.errors
    assert "Akteure – Diese Spalten fehlen und gelten als leer: Größenklasse und Cluster" in (
        "\n".join(done.notes)
    )
    assert {*done.tables["actors"]["size_class"]} == {""}


def book_of(sheets: dict[str, Rows], file: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


def test_a_corrected_workbook_meets_the_records_of_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = import_workbook(book_of(FLAT, tmp_path / "one.xlsx"), data, year=2022)
    assert first.outcome == "written", [one.said("de") for one in first.remarks]
    assert not any(first.changes)  # nothing stood there
    again = import_workbook(book_of(FLAT, tmp_path / "two.xlsx"), data, year=2022)
    assert again.outcome == "unchanged"
    mended = changed("Projekte", 2, 6, 2_500_000)
    done = import_workbook(book_of(mended, tmp_path / "three.xlsx"), data, year=2022)
    assert done.outcome == "changes"
    assert [(one.added, one.removed, len(one.changed)) for one in done.changes] == [
        ([], [], 1), *[([], [], 0)] * 4,
    ]  # fmt: skip
    assert done.changes[0].changed[0].key == "p-leises-licht"
    import_workbook(book_of(mended, tmp_path / "three.xlsx"), data, year=2022, replace=True)
    projects = open_dataset(data).records["projects"].set_index("project_id")
    assert projects.loc["p-leises-licht", "volume_eur"] == 2_500_000
    assert {*RECORDS} == {*done.rows}
