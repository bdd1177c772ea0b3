"""Real official statistics, written back to the forms in which they are published."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from cordis_files import OPENDATA

EMPLOYED = OPENDATA / "eurostat_nama_10r_3empers_BE_BB_2008-2017.csv"
DIMENSIONS = ["freq", "unit", "wstatus", "nace_r2", "geo"]


def real_employed() -> pd.DataFrame:
    """Return employed persons by district, branch and year, in thousands as Eurostat has them."""
    table = pd.read_csv(EMPLOYED)
    return table.assign(
        freq="A",
        unit="THS",
        wstatus="EMP",
        geo=table["nuts3"],
        value=(table["employed_persons"] / 1000).map("{:.2f}".format),
    )


def write_sdmx_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write observations as SDMX-CSV."""
    rows = table.assign(
        DATAFLOW="ESTAT:NAMA_10R_3EMPERS(1.0)",
        **{"LAST UPDATE": "11/03/25 11:00:00"},
        TIME_PERIOD=table["year"],
        OBS_VALUE=table["value"],
        OBS_FLAG="",
        CONF_STATUS="",
    )
    columns = ["DATAFLOW", "LAST UPDATE", *DIMENSIONS, "TIME_PERIOD", "OBS_VALUE"]
    rows[[*columns, "OBS_FLAG", "CONF_STATUS"]].to_csv(path, index=False)
    return path


def write_tsv(table: pd.DataFrame, path: Path) -> Path:
    """Write observations as TSV: codes in one column, a column for each year, blanks behind."""
    wide = table.pivot(index=DIMENSIONS, columns="year", values="value").fillna(":")
    lines = ["\t".join([rf"{','.join(DIMENSIONS)}\TIME_PERIOD", *(f"{year} " for year in wide)])]
    lines += ["\t".join([",".join(key), *(f"{cell} " for cell in row)])
              for key, row in zip(wide.index, wide.to_numpy(), strict=True)]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
