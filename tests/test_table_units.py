"""Tables of the example's pages: what is headed in millions is shown and exported in millions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from numbers import Real
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ewm_analysis.l10n import LOCALES, Locale, format_number
from ewm_analysis.notebook import shared
from ewm_analysis.tables import Table

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
IN_MILLIONS = re.compile(r"Mio\.\s€|€\sm\b")


@pytest.fixture(scope="module", autouse=True)
def example_is_read_once() -> Iterator[None]:
    """As a batch does, for all its pages; `test_shared.py` holds that nothing differs by it."""
    shared.share(ROOT / "data" / "example")
    yield
    shared._known.clear()


def tables_of(notebook: Path, locale: Locale, monkeypatch: pytest.MonkeyPatch) -> list[Table]:
    """Run the cells of a notebook on the example, without its figures, and keep its tables."""
    found: list[Table] = []
    monkeypatch.setattr("ewm_analysis.notebook.showing.show_figure", lambda *_, **__: None)
    monkeypatch.setattr("ewm_analysis.notebook.page.display", lambda *_, **__: None)
    monkeypatch.setattr("ewm_analysis.notebook.showing.display", lambda *_, **__: None)
    monkeypatch.setattr(Table, "html", lambda table, *_: found.append(table) or "")
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    parameters, *others = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    names: dict[str, Any] = {}
    exec(parameters, names)
    names |= {"locale": locale, "data_dir": str(ROOT / "data" / "example")}
    for source in others:
        exec(source, names)
    return found


def in_millions(table: Table) -> Iterator[tuple[str, Any]]:
    """Yield text and raw value of the cells whose row or column is headed in millions."""
    for row, (_, raw) in enumerate(table.frame.iterrows()):
        for place, (column, value) in enumerate(raw.items()):
            heading = f"{column} {raw.iloc[0]}"
            if IN_MILLIONS.search(heading) and isinstance(value, Real) and pd.notna(value):
                yield table.rows[row][place], value


@pytest.mark.filterwarnings("ignore::ewm_analysis.errors.SmallSampleWarning")
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notebook", PAGES, ids=lambda path: path.stem)
def test_what_is_headed_in_millions_is_exported_in_millions(
    notebook: Path, locale: Locale, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = tables_of(notebook, locale, monkeypatch)
    assert tables or notebook.stem == "60_regions"  # the example has no survey
    cells = [cell for table in tables for cell in in_millions(table)]
    assert bool(cells) == (notebook.stem == "20_growth")  # elsewhere exports are in euros
    for text, value in cells:
        shown = text.partition(" ")[0]
        decimals = len(re.split("[.,]", shown)[-1])
        assert shown == format_number(value, locale, decimals)
