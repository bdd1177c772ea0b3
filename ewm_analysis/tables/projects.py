"""Projects that a report names."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.tables.cells import notes, say
from ewm_analysis.tables.table import Table

BETWEEN = " · "


def largest_projects_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the projects that the report names, largest first, with place in the source.

    Where a volume is printed twice, both values are shown with their places.

    Parameters
    ----------
    rows : DataFrame
        Contract `Published` (all mentions) or `IndicatorValues`, of one cluster.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If the latest year names no project.
    """
    chosen = (rows["indicator"] == "project_volume") & (rows["dimension"] == "project")
    named = rows[chosen]
    named = named[named["year"] == named["year"].max()]
    if "mention" in named:
        named = named.sort_values("mention", kind="stable")
    largest = named.groupby("category")["value"].transform("max")
    named = named.assign(_largest=largest).sort_values(
        ["_largest", "category"], ascending=[False, True], kind="stable"
    )
    cells = []
    for code, mentions in named.groupby("category", sort=False):
        told = [say(row, words) for row in mentions.itertuples()]
        places = [words.place(place) for place in mentions["reference"] if place]
        name = words.label("project", str(code))
        cells.append([name, *(BETWEEN.join(dict.fromkeys(parts)) for parts in (told, places))])
    header = [words.text(f"tables.column.{name}") for name in ("project", "volume", "place")]
    frame = pd.DataFrame(
        {
            header[0]: [words.label("project", code) for code in named["category"]],
            words.text("tables.column.volume_eur"): named["value"].to_numpy(),
            header[2]: named["reference"].to_numpy(),
        }
    )
    return Table(frame, header, cells, numbers=(1,), notes=notes(cells, words))
