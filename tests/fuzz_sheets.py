"""Damage to rows, columns and sheets."""

from __future__ import annotations

import random
from collections.abc import Callable

from fuzz_plan import Base, Damage, SheetPlan, Text
from openpyxl.utils import get_column_letter as letter

from ewm_analysis.contracts import RECORDS, Column
from ewm_analysis.intake.columns import headers_of, sheet_title


def damage_sheets(rng: random.Random, base: Base) -> Damage:
    """Change rows, columns or sheets; what is meant stays, or nothing is."""
    plan = base.plan()
    place = rng.randrange(len(RECORDS))
    name, change = rng.choice([*CHANGES.items()])
    is_meant = change(rng, plan, place)
    empty = {stem: frame.iloc[:0] for stem, frame in base.records.items()}
    return Damage(f"sheet: {name}", plan, base.records if is_meant else empty)


def _columns(place: int) -> list[Column]:
    stem = [*RECORDS][place]
    return [one for one in RECORDS[stem].columns.values() if one.name != "year"]


def _empty_rows(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    for _ in range(rng.randrange(1, 200)):
        row = [rng.choice([None, "", "  "]) for _ in plan[place].rows[0]]
        plan[place].rows.insert(rng.randrange(1, len(plan[place].rows) + 1), row)
    return True


def _rows_before_header(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    plan[place].rows[:0] = [[None]] * rng.randrange(1, 5)
    return True


def _title_before_header(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    plan[place].rows.insert(0, ["Meldung des Clusters"])
    return True


def _shuffled_rows(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    head, *rows = plan[place].rows
    rng.shuffle(rows)
    plan[place].rows = [head, *rows]
    return True


def _row_twice(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    rows = plan[place].rows
    rows.insert(rng.randrange(1, len(rows) + 1), [*rng.choice(rows[1:])])
    return False


def _header_twice(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    rows = plan[place].rows
    rows.insert(rng.randrange(1, len(rows) + 1), [*rows[0]])
    return True


def _shuffled_columns(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    order = [*range(len(plan[place].rows[0]))]
    rng.shuffle(order)
    plan[place].rows = [[row[at] for at in order] for row in plan[place].rows]
    return True


def _swapped_headers(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    """Headers of columns that hold different things; two amounts could not be told apart."""
    columns = _columns(place)
    head = plan[place].rows[0]
    free = {"title", "name", "place"}
    what = [(column.kind, column.refers_to) for column in columns]
    names = [column.name for column in columns]
    pairs = [
        (one, other)
        for one in range(len(columns))
        for other in range(one)
        if what[one] != what[other] and not {names[one], names[other]} <= free
    ]
    one, other = rng.choice(pairs)
    head[one], head[other] = head[other], head[one]
    return False


def _lost_column(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    names = [column.name for column in _columns(place)]
    at = rng.choice([at for at, name in enumerate(names) if name != "place"])
    for row in plan[place].rows:
        del row[at]
    return False


def _renamed_header(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    head = plan[place].rows[0]
    at = rng.randrange(len(head))
    head[at] = rng.choice([f"{head[at]} neu", f"x{head[at]}", "", None, 2021, Text("=A1"), "=A1"])
    return False


def _same_header_otherwise(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    head = plan[place].rows[0]
    english = headers_of(RECORDS[[*RECORDS][place]], "en")
    for at, column in enumerate(_columns(place)):
        spelt = [str(head[at]).upper(), f" {head[at]} ", english[column.name], column.name]
        head[at] = rng.choice([*spelt, f"{head[at]}*", str(head[at]).replace(" ", "\n")])
    return True


def _column_twice(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    at = rng.randrange(len(plan[place].rows[0]))
    for row in plan[place].rows:
        row.append(row[at])
    return False


def _further_column(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    header = rng.choice([None, "Bemerkung"])
    for line, row in enumerate(plan[place].rows):
        row.append(header if line == 0 else "siehe Anlage")
    return header is not None


def _lost_sheet(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    del plan[place]
    return False


def _renamed_sheet(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    plan[place].title = rng.choice(["Tabelle1", f"{plan[place].title} alt", "Projekt"])
    return False


def _other_titles(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    for stem, sheet in zip(RECORDS, plan, strict=False):
        sheet.title = rng.choice([stem, sheet_title(stem, "en"), sheet.title.upper()])
    rng.shuffle(plan)
    return True


def _table_twice(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    twin = plan[place].copy()
    twin.title = sheet_title([*RECORDS][place], "en")
    plan.append(twin)
    return False


def _further_sheet(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    plan.append(SheetPlan("Notizen", [["Bitte beachten"]], rng.choice(["visible", "hidden"])))
    return True


def _further_empty_sheet(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    plan.append(SheetPlan("Tabelle7", []))
    return True


def _hidden(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    plan[place].state = rng.choice(["visible", "hidden", "veryHidden"])
    plan[place].hidden_rows = rng.sample(range(2, 5), 2)
    plan[place].hidden_columns = [letter(rng.randrange(1, 4))]
    return True


def _merged(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    line, at = rng.randrange(1, len(plan[place].rows)), rng.randrange(1, 3)
    plan[place].merged = [f"{letter(at)}{line}:{letter(at + 1)}{line + 1}"]
    return False


def _far_cell(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    """A stray cell far below, at the side or both is no reason to hang, nor to forget it."""
    rows = plan[place].rows
    rows += [[] for _ in range(5000)]
    rows.append([None] * rng.randrange(0, 500) + ["verirrt"])
    return False


def _other_year(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    for line, row in enumerate(plan[place].rows):
        row.insert(0, "Berichtsjahr" if line == 0 else rng.choice([2020, 2021, None, "2021,5"]))
    plan[place].rows[1][0] = 2020
    return False


def _same_year(rng: random.Random, plan: list[SheetPlan], place: int) -> bool:
    for line, row in enumerate(plan[place].rows):
        row.insert(0, "Berichtsjahr" if line == 0 else rng.choice([2021, "2021"]))
    return True


CHANGES: dict[str, Callable[[random.Random, list[SheetPlan], int], bool]] = {
    "empty rows": _empty_rows,
    "rows before the header": _rows_before_header,
    "title before the header": _title_before_header,
    "rows in another order": _shuffled_rows,
    "row twice": _row_twice,
    "header twice": _header_twice,
    "columns in another order": _shuffled_columns,
    "headers swapped": _swapped_headers,
    "column lost": _lost_column,
    "header renamed": _renamed_header,
    "header spelt otherwise": _same_header_otherwise,
    "column twice": _column_twice,
    "further column": _further_column,
    "sheet lost": _lost_sheet,
    "sheet renamed": _renamed_sheet,
    "titles spelt otherwise": _other_titles,
    "table twice": _table_twice,
    "further sheet": _further_sheet,
    "further empty sheet": _further_empty_sheet,
    "hidden": _hidden,
    "merged": _merged,
    "far cell": _far_cell,
    "another year": _other_year,
    "same year": _same_year,
}
