"""The contracts for readers without Python: data dictionary and Frictionless descriptors.

``python -m ewm_analysis.contracts.dictionary data`` writes both anew. Nothing is written by
hand but the head of a descriptor: name, title, licences, and whether the data are synthetic.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ewm_analysis.contracts.model import (
    AMENDMENTS,
    FIGURES,
    RECORDS,
    REFERENCE,
    TABLES,
    Column,
    Table,
)
from ewm_analysis.project import DESCRIPTOR

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

INTRODUCTION = files(__package__).joinpath("introduction.md").read_text("utf-8")


def table_schema(contract: Table) -> dict[str, Any]:
    """Return the Frictionless Table Schema of a contract.

    Examples
    --------
    >>> from ewm_analysis.contracts import Clusters
    >>> table_schema(Clusters)["primaryKey"]
    ['cluster_id']
    """
    schema: dict[str, Any] = {"fields": [*map(_field, contract.columns.values())]}
    if all(contract.columns[name].required for name in contract.key):
        schema["primaryKey"] = contract.key
    schema["missingValues"] = [""]
    return schema


def _field(column: Column) -> dict[str, Any]:
    unit = f"Unit: {column.unit}" if column.unit else ""
    field: dict[str, Any] = {
        "name": column.name,
        "type": _type(column),
        "title": column.title["de"],
        "description": _sentences(column.title["en"], column.description, unit),
    }
    if column.kind == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.allowed:
        constraints["enum"] = [*column.allowed]
    if column.pattern:
        constraints["pattern"] = column.pattern
    for name, limit in (("minimum", column.minimum), ("maximum", column.maximum)):
        if limit is not None:
            constraints[name] = limit
    if constraints:
        field["constraints"] = constraints
    return field


def _type(column: Column) -> str:
    return "string" if column.kind == "text" else column.kind


def _sentences(*texts: str) -> str:
    return ". ".join(text for text in texts if text)


def package_descriptor(
    head: Mapping[str, Any], resources: Mapping[str, Table | None]
) -> dict[str, Any]:
    """Return a Frictionless descriptor: its head as it is, then every file by its path.

    A file that is no table has no contract.

    Examples
    --------
    >>> package_descriptor({"name": "small"}, {"commentary/2021/imk.de.md": None})["resources"]
    [{'name': 'commentary-2021-imk-de-md', 'path': 'commentary/2021/imk.de.md', \
'mediatype': 'text/markdown'}]
    """
    return {**head, "resources": [_resource(*item) for item in sorted(resources.items())]}


def _resource(path: str, contract: Table | None) -> dict[str, Any]:
    place = Path(path)
    stem = place.with_suffix("") if contract else place
    resource: dict[str, Any] = {
        "name": stem.as_posix().replace("/", "-").replace(".", "-").lower(),
        "path": path,
        "mediatype": MEDIA_TYPES[place.suffix],
    }
    if contract is None:
        return resource
    schema, purpose = table_schema(contract), contract.purpose
    if "primaryKey" not in schema:
        purpose += f" Key, with parts that may be empty: {', '.join(contract.key)}."
    resource |= {"type": "table", "description": purpose}
    if place.suffix == ".csv":
        resource["encoding"] = "utf-8"
    return {**resource, "schema": schema}


def write_descriptor(folder: Path) -> None:
    """Write the resources of a folder into its ``datapackage.json``, the head kept.

    Records, and decisions on them, are listed in synthetic data sets only: real ones are
    confidential, and so is which of them there are. The folder is a data set, or ``reference``.
    """
    file = folder / DESCRIPTOR
    head = json.loads(file.read_text("utf-8"))
    head.pop("resources", None)
    resources = {
        name: _as_filed(path, _contract_of(name))
        for path in folder.rglob("*")
        if path.suffix in MEDIA_TYPES
        and path.name != "README.md"
        and (not _is_confidential(name := path.relative_to(folder).as_posix()) or head["synthetic"])
    }
    text = json.dumps(package_descriptor(head, resources), indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def _is_confidential(path: str) -> bool:
    return (
        path.startswith(("records/", "originals/"))
        or Path(path).with_suffix("").as_posix() in AMENDMENTS
    )


def _as_filed(path: Path, contract: Table | None) -> Table | None:
    """Return a contract without the columns that may be absent from a file and are."""
    if contract is None or path.suffix != ".csv":
        return contract
    header = next(csv.reader(path.read_text("utf-8-sig").splitlines()), [])
    kept = {
        name: column
        for name, column in contract.columns.items()
        if column.default is None or name in header
    }
    return contract.model_copy(update={"columns": kept})


def _contract_of(path: str) -> Table | None:
    place = Path(path)
    if place.suffix not in (".csv", ".xlsx", ".parquet"):
        return None
    if place.parts[0] == "records":
        return RECORDS.get(place.stem)
    stem = place.with_suffix("").as_posix()
    return FIGURES.get(stem) or AMENDMENTS.get(stem) or REFERENCE.get(place.stem)


def dictionary_markdown() -> str:
    """Return the text of ``data/README.md``: layout, conventions and every column."""
    tables: dict[str, Table] = {
        **{f"reference/{stem}": contract for stem, contract in REFERENCE.items()},
        **FIGURES,
        **{f"records/<year>/{stem}": contract for stem, contract in RECORDS.items()},
        **AMENDMENTS,
        "outputs/<data set>/indicators": TABLES["IndicatorValues"],
    }
    return INTRODUCTION + "".join(_section(path, table) for path, table in tables.items())


def _section(path: str, contract: Table) -> str:
    lines = [
        f"\n### `{path}`\n",
        f"{contract.purpose} Key: {', '.join(f'`{name}`' for name in contract.key)}.\n",
        "| Column | Meaning | German title | Type | Unit | Allowed |",
        "|---|---|---|---|---|---|",
    ]
    for column in contract.columns.values():
        meaning = _sentences(column.title["en"], column.description)
        told = [meaning, column.title["de"], _type(column), column.unit, _allowed(column)]
        cells = [f"`{column.name}`", *told]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _allowed(column: Column) -> str:
    texts = []
    if column.allowed:
        texts.append(", ".join(f"`{code}`" for code in column.allowed))
    elif ":" in column.refers_to:
        texts.append(f"codes of `{column.refers_to.partition(':')[2]}` in `categories`")
    elif column.refers_to:
        table, _, key = column.refers_to.partition(".")
        texts.append(f"`{key}` of `{table}`")
    elif column.pattern:
        texts.append(f"form `{column.pattern.replace('|', '|`<wbr>`')}`")  # may break there
    if column.minimum is not None:
        texts.append(f"at least {column.minimum:g}")
    if column.maximum is not None:
        texts.append(f"at most {column.maximum:g}")
    return "; ".join([*texts, *([] if column.required else ["may be empty"])])


def write_all(data: Path) -> None:
    """Write ``README.md`` and the descriptor of every data set below a data folder."""
    (data / "README.md").write_text(dictionary_markdown(), encoding="utf-8", newline="\n")
    for file in sorted(data.glob(f"*/{DESCRIPTOR}")):
        write_descriptor(file.parent)


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
