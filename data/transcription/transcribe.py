"""Carry transcribed figures into the tables of the data set, cell by cell by rule.

    python data/transcription/transcribe.py FACTS_DIR

FACTS_DIR holds the transcriptions as they were taken down from the sources. What happens to
them stands in three tables beside this script and nowhere else:

* ``indicators.csv``: name, unit and factor of each figure
* ``codes.csv``: codes that are called otherwise here; all others must be known already
* ``rows.csv``: treatment of single rows. Match cells may be empty (any) or hold ``*``; a later
  rule overrides the cells of an earlier one; ``left_out`` is the reason for not writing a row.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parent

Row = dict[str, str]

MATCH = ("table", "source", "item", "region", "year", "measure", "category", "value")
SETTINGS = (
    "mention", "precision", "base_year", "is_year_inferred", "is_provisional", "reference",
    "note", "left_out",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """Transcriptions and the table they become; `item` names a cluster or an organisation."""

    sources: tuple[str, ...]
    path: str
    item: str
    measure: str
    key: tuple[str, ...]
    rest: tuple[str, ...]


TARGETS = {
    "monitoring": Target(
        sources=("monitoring_published.csv",),
        path="capital-region/published/figures.csv",
        item="cluster_id",
        measure="indicator",
        key=("year", "cluster_id", "region", "indicator", "dimension", "category", "base_year",
             "mention"),
        rest=("value", "unit", "precision", "is_year_inferred", "source_id", "reference", "note"),
    ),
    "economy": Target(
        sources=("economy_published.csv", "innovation_survey_published.csv"),
        path="capital-region/economy/economy.csv",
        item="cluster_id",
        measure="measure",
        key=("year", "cluster_id", "scope", "region", "sector", "indicator", "base_year",
             "delimitation", "mention"),
        rest=("value", "unit", "precision", "is_provisional", "source_id", "reference", "note"),
    ),
    "organisations": Target(
        sources=("go_cluster_published.csv",),
        path="capital-region/organisations/portraits.csv",
        item="organisation",
        measure="fact",
        key=("organisation_id", "fact", "mention"),
        rest=("value", "text", "unit", "precision", "source_id", "note"),
    ),
}  # fmt: skip


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file, every cell as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(printed: str, factor: str) -> str:
    """Return a number times its factor: no exponent, no trailing zeros.

    Examples
    --------
    >>> number("161.5", "1000000"), number("16.70", "0.01"), number("-20", "0.01")
    ('161500000', '0.167', '-0.2')
    """
    text = format(Decimal(printed) * Decimal(factor), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass
class Tables:
    """The tables beside the script and the codes of ``reference/``."""

    indicators: dict[tuple[str, str, str], Row]
    codes: dict[tuple[str, str], str]
    rules: list[Row]
    known: dict[str, set[str]]
    used: set[int] = field(default_factory=set)

    @classmethod
    def open(cls) -> Tables:
        """Read what lies beside the script."""
        known: dict[str, set[str]] = defaultdict(set)
        for row in read(DATA / "reference" / "categories.csv"):
            known[row["dimension"]].add(row["category"])
        for stem, column in (("cluster", "cluster_id"), ("source", "source_id")):
            table = read(DATA / "reference" / f"{stem}s.csv")
            known[stem] = {row[column] for row in table}
        indicators = {
            (row["table"], row["measure"], row["printed_unit"]): row
            for row in read(HERE / "indicators.csv")
        }
        codes = {
            (row["dimension"], row["printed"]): row["code"] for row in read(HERE / "codes.csv")
        }
        return cls(indicators, codes, read(HERE / "rows.csv"), known)

    def code(self, dimension: str, printed: str, place: str) -> str:
        """Return our code of a printed one; an unknown code stops the transcription."""
        code = self.codes.get((dimension, printed))
        if code is None and (not printed or printed in self.known[dimension]):
            code = printed
        if code is None:
            raise SystemExit(
                f"{place}: {dimension} {printed!r} is neither in codes.csv nor a code of the "
                "reference tables. Add it to one of them."
            )
        return code

    def indicator(self, table: str, measure: str, unit: str, place: str) -> Row:
        """Return name, unit and factor of a measure; facts of organisations keep their name."""
        found = self.indicators.get((table, measure, unit), self.indicators.get((table, "", unit)))
        if found is None:
            raise SystemExit(
                f"{place}: {measure!r} in {unit!r} is not in indicators.csv. Add a row."
            )
        return found

    def settings(self, match: Row) -> Row:
        """Return what the rules say of a row, later rules last."""
        result = dict.fromkeys(SETTINGS, "")
        for index, rule in enumerate(self.rules):
            if all(not rule[name] or fnmatchcase(match[name], rule[name]) for name in MATCH):
                self.used.add(index)
                result |= {name: rule[name] for name in SETTINGS if rule[name]}
        return result

    def check_used(self) -> None:
        """Stop if a rule met no row: it is misspelt, or the row it treated is gone."""
        idle = [str(i + 2) for i in range(len(self.rules)) if i not in self.used]
        if idle:
            raise SystemExit(f"rows.csv, line {', '.join(idle)}: the rule meets no row.")


def where(printed: str) -> str:
    """Return page and number of the figure or table, without the words around them."""
    page = re.search(r"p\. [^)]+", printed)
    number = re.search(r"(?:Abb|Tab)\. \d+", printed)
    if page and number:
        return f"{page[0]} ({number[0]})"
    paragraph = re.search(r"paragraph (\d+)", printed)
    if paragraph:
        return f"para. {paragraph[1]}"
    return page[0] if page else printed


def convert(row: Row, name: str, settings: Row, tables: Tables, place: str) -> Row:
    """Return one row in the columns of its target."""
    target = TARGETS[name]
    found = tables.indicator(name, row[target.measure], row["unit"], place)
    dimension = found["dimension"]
    item_kind = "cluster" if target.item == "cluster_id" else target.item
    result = {
        **row,
        f"{item_kind}_id": tables.code(item_kind, row[target.item], place),
        "source_id": tables.code("source", row["source_id"], place),
        "indicator": found["indicator"],
        "dimension": dimension,
        "category": tables.code(dimension, row.get("category", ""), place) if dimension else "",
        "fact": tables.code("organisation_fact", row.get("fact", ""), place),
        "precision": tables.code("precision", row["precision"], place),
        "unit": found["unit"],
        "mention": "1",
        "is_year_inferred": "false",
        "is_provisional": row.get("provisional", ""),
        "note": "",
        # a region as a whole has no core
        "scope": row.get("scope", "") if row[target.item] else "",
    }
    for column in ("region", "sector", "delimitation"):
        result[column] = tables.code(column, row.get(column, ""), place)
    if found["factor"]:
        result["value"] = number(row["value"], found["factor"])
    else:
        result |= {"value": "", "text": tables.codes.get(("text", row["value"]), row["value"])}
    given = {column: cell for column, cell in settings.items() if cell}
    return result | given | {"reference": where(given.get("reference", row.get("reference", "")))}


def transcribe(name: str, facts: Path, tables: Tables) -> tuple[list[Row], list[str]]:
    """Return the rows of one table, sorted by key, and what happened, line by line."""
    target = TARGETS[name]
    rows = [
        (f"{source}, line {line}", row)
        for source in target.sources
        for line, row in enumerate(read(facts / source), start=2)
    ]
    written: dict[tuple[str, ...], Row] = {}
    left_out = []
    for place, row in rows:
        cells = {"table": name, "source": row["source_id"], "item": row[target.item],
                 "measure": row[target.measure]}  # fmt: skip
        settings = tables.settings({match: row.get(match, "") for match in MATCH} | cells)
        if settings["left_out"]:
            left_out.append(f"  left out: {place}, {cells['measure']}: {settings['left_out']}")
            continue
        result = convert(row, name, settings, tables, place)
        key = tuple(result.get(column, "") for column in target.key)
        if key in written:
            raise SystemExit(
                f"{place}: {', '.join(filter(None, key))} is there already. "
                "Say in rows.csv which mention comes first."
            )
        written[key] = result
    head = (
        f"{' + '.join(target.sources)} → {target.path}: "
        f"{len(rows)} read, {len(written)} written, {len(left_out)} left out"
    )
    return [written[key] for key in sorted(written)], [head, *left_out]


def write(target: Target, rows: list[Row]) -> None:
    """Write a table, the same bytes for the same rows."""
    path = DATA / target.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [*target.key, *target.rest], extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def main(arguments: list[str]) -> None:
    """Write all tables and print what was read, written and left out."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        raise SystemExit("usage: python data/transcription/transcribe.py FACTS_DIR")
    tables = Tables.open()
    results = {name: transcribe(name, Path(arguments[0]), tables) for name in TARGETS}
    tables.check_used()
    for name, (rows, messages) in results.items():
        write(TARGETS[name], rows)
        print("\n".join(messages))


if __name__ == "__main__":
    main(sys.argv[1:])
