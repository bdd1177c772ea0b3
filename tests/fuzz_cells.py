"""Damage to single cells: another type, another spelling, another value."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
from fuzz_plan import Base, Damage, Text

from ewm_analysis.contracts import RECORDS, Column
from ewm_analysis.intake.columns import choices_of

DAY = dt.datetime(2021, 2, 28)
NOTHING = object()
"""No value is meant: only an error will do."""

Change = tuple[str, object, object]
"""Name of the damage, what is put into the cell, and the value that is meant by it."""

BAD_EVERYWHERE: list[Change] = [
    ("formula", "=1+1", NOTHING),
    ("formula of text", '=HYPERLINK("https://example.org","x")', NOTHING),
    ("error value", "#N/A", NOTHING),
    ("text like a formula", Text("=1+1"), NOTHING),
    ("text like a command", Text("@SUM(A1)"), NOTHING),
    ("line break", "a\nb", NOTHING),
    ("date", DAY, NOTHING),
    ("time", dt.time(12, 30), NOTHING),
]

AMOUNTS: list[Change] = [
    ("1.5", "1.5", NOTHING),
    ("1,5", "1,5", 1.5),
    ("1.234,5", "1.234,5", 1234.5),
    ("1,234.5", "1,234.5", NOTHING),
    ("1,234", "1,234", NOTHING),
    ("1.234", "1.234", 1234.0),
    ("12.34.567", "12.34.567", NOTHING),
    ("negative", -5, NOTHING),
    ("negative text", "-5", NOTHING),
    ("exponent", "1e5", NOTHING),
    ("huge", 1e300, NOTHING),
    ("huge text", "9" * 25, NOTHING),
    ("not known", "k. A.", pd.NA),
    ("with unit", "12 €", 12.0),
    ("in millions", "1,5 Mio.", 1_500_000.0),
    ("percent", "12 %", NOTHING),
    ("boolean", True, NOTHING),
    ("30.02.", "30.02.2021", NOTHING),
    ("zeros before", "007", NOTHING),
    ("full width", "１２", NOTHING),
    ("two numbers", "12 - 15", NOTHING),
    ("about", "ca. 500", 500.0),
    ("zero", 0, 0.0),
    ("decimals", 1234.5, 1234.5),
    ("blanks only", "   ", pd.NA),
    ("emptied", None, pd.NA),
]

BOOLEANS: list[Change] = [
    ("x", "x", True),
    ("one", 1, NOTHING),
    ("zero", 0, NOTHING),
    ("perhaps", "vielleicht", NOTHING),
    ("emptied", None, NOTHING),
    ("wahr", "WAHR", True),
    ("falsch", "falsch", False),
    ("boolean", True, True),
    ("yes", "yes", True),
    ("No", " No ", False),
]

TEXTS: list[Change] = [
    ("number", 2021, "2021"),
    ("decimals", 1.5, NOTHING),
    ("boolean", True, NOTHING),
    ("long", "ä" * 3000, "ä" * 3000),
    ("signs", "„Ω“ \U0001f600 <b>&amp;", "„Ω“ \U0001f600 <b>&amp;"),
    ("quotes", "\";,'", "\";,'"),
    ("emptied", None, ""),
    ("like a date", "1-9", "1-9"),
]

IDS: list[Change] = [
    ("path", "../../etc/passwd", NOTHING),
    ("absolute", "/tmp/x", NOTHING),
    ("backslash", "C:\\x", NOTHING),
    ("device", "con", NOTHING),
    ("unseen sign", "a\u200b1", NOTHING),
    ("decimals", 1.5, NOTHING),
    ("boolean", False, NOTHING),
    ("too long", "x" * 101, NOTHING),
    ("emptied", None, ""),
    ("unknown", "gibt-es-nicht", "gibt-es-nicht"),
]

CODES: list[Change] = [
    ("unknown code", "gibt_es_nicht", NOTHING),
    ("number", 12, NOTHING),
    ("decimals", 0.5, NOTHING),
    ("boolean", True, NOTHING),
    ("emptied", None, ""),
]


def damage_cells(rng: random.Random, base: Base) -> Damage:
    """Change one cell of one row."""
    plan = base.plan()
    place = rng.randrange(len(RECORDS))
    stem, sheet = [*RECORDS][place], plan[place]
    line = rng.randrange(1, len(sheet.rows))
    columns = [one for one in RECORDS[stem].columns.values() if one.name != "year"]
    at = rng.randrange(len(columns))
    column, old = columns[at], sheet.rows[line][at]
    name, value, meant = rng.choice(_changes(column, old, base, base.records[stem].iloc[line - 1]))
    sheet.rows[line][at] = value
    expected = dict(base.records)
    if meant is not NOTHING:
        expected[stem] = base.records[stem].copy()
        expected[stem].loc[line - 1, column.name] = meant
    elif value == old:
        return Damage("untouched", plan, base.records)
    else:
        expected[stem] = base.records[stem].iloc[:0]  # nothing that can be read is right
    return Damage(f"{_kind(column)}: {name}", plan, expected)


def _kind(column: Column) -> str:
    if column.kind == "number":
        return "amount"
    if column.kind == "boolean":
        return "boolean"
    if column.name in ("project_id", "activity_id", "actor_id"):
        return "id"
    return "code" if column.refers_to or column.allowed or column.name == "category" else "text"


def _changes(column: Column, old: object, base: Base, row: pd.Series) -> list[Change]:
    kind = _kind(column)
    own = {"amount": AMOUNTS, "boolean": BOOLEANS, "text": TEXTS, "id": IDS, "code": CODES}[kind]
    same = row[column.name]
    changes = [*own, *BAD_EVERYWHERE]
    if isinstance(old, str):
        changes.append(("blanks around", f"  {old}\u00a0", same))
    if kind == "amount" and isinstance(old, float):
        changes += [
            ("German spelling", f"{old:,.2f}".translate({44: ".", 46: ","}), same),
            ("English spelling", f"{old:,.2f}", NOTHING if old >= 1000 else same),
            ("as text", f"{old:.0f}", same),
        ]
    if kind == "code" and isinstance(old, str):
        scheme = row["scheme"] if column.name == "category" else ""
        choices = choices_of(column, base.reference, int(row["year"]), scheme=scheme)
        own_choice = next(choice for choice in choices if choice.code == old)
        changes += [
            ("label", own_choice.label_de, same),
            ("English label", own_choice.label_en, same),
            ("other case", old.swapcase(), same),
        ]
    if column.name == "category":
        changes += [
            ("of another cluster", "gw_life_sciences", NOTHING),
            ("of another edition", "Biotechnologie/Pharma", NOTHING),
            ("of another scheme", "ai" if row["scheme"] != "technology" else "work", NOTHING),
        ]
    if kind == "id" and isinstance(old, str):
        changes.append(("other case", old.swapcase(), old.swapcase()))
    return changes
