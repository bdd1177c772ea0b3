"""How a contract is written: a pandera model whose columns carry their meaning.

Every column has a kind, a German and an English title, a description, and where it applies a
unit, the allowed codes and the table it refers to. Files, data dictionary and descriptor are
all read from here, so that a column is declared once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

Kind = Literal["text", "integer", "number", "boolean", "date"]

Text = Series[pd.StringDtype]
Integer = Series[pd.Int64Dtype]
Number = Series[pd.Float64Dtype]
Boolean = Series[pd.BooleanDtype]

DTYPES: dict[str, str] = {
    "text": "string",
    "date": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column of a contract, as the data dictionary and the loaders see it."""

    name: str
    kind: Kind
    required: bool
    title_de: str
    title_en: str
    description: str
    unit: str
    allowed: tuple[str, ...]
    pattern: str
    refers_to: str
    minimum: float | None
    maximum: float | None
    default: str | None


def column(
    kind: Kind,
    title_de: str,
    title_en: str,
    description: str = "",
    *,
    required: bool = True,
    unit: str = "",
    allowed: Sequence[str] = (),
    pattern: str = "",
    refers_to: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    default: str | None = None,
) -> Any:
    """Declare a column; `refers_to` is ``table.column`` or ``categories:dimension``.

    A column with a `default` may be absent from a file; its cells then hold the default.
    """
    metadata = {
        "kind": kind,
        "required": required,
        "title_de": title_de,
        "title_en": title_en,
        "description": description,
        "unit": unit,
        "allowed": tuple(allowed),
        "pattern": pattern,
        "refers_to": refers_to,
        "minimum": minimum,
        "maximum": maximum,
        "default": default,
    }
    checks: dict[str, Any] = {}
    if allowed:
        checks["isin"] = [*allowed] if required else [*allowed, ""]
    elif kind in ("text", "date") and pattern:
        checks["str_matches"] = f"^(?:{pattern})$" if required else f"^(?:{pattern})?$"
    elif kind in ("text", "date") and required:
        checks["str_length"] = {"min_value": 1}
    if minimum is not None:
        checks["ge"] = minimum
    if maximum is not None:
        checks["le"] = maximum
    nullable = kind not in ("text", "date") and not required
    return pa.Field(nullable=nullable, metadata=metadata, **checks)


class Table(pa.DataFrameModel):
    """Base of all contracts: exactly the declared columns, in their types."""

    class Config:
        strict = True
        coerce = False


def columns_of(contract: type[Table]) -> dict[str, Column]:
    """Return the columns of a contract by name, in their order.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> columns_of(Projects)["volume_eur"].unit
    'EUR'
    """
    schema = contract.to_schema()
    return {
        name: Column(name=name, **(field.metadata or {})) for name, field in schema.columns.items()
    }


def key_of(contract: type[Table]) -> list[str]:
    """Return the columns that together name one row of a contract.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> key_of(Projects)
    ['year', 'project_id']
    """
    return list(contract.to_schema().unique or [])
