"""The machine's entry: every figure of a data set in one Parquet file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ewm_analysis.contracts import IndicatorValues, columns_of
from ewm_analysis.disclosure import suppress
from ewm_analysis.files import written
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset

FILE = "indicators.parquet"
AUDIT = "disclosure-audit.csv"
"""Every confidential figure with its value and the reason; written for internal use only."""


def write_indicators(dataset: Dataset, outputs: Path, *, internal: bool = False) -> Path:
    """Write ``<outputs>/<data set>/indicators.parquet``; the same data give the same bytes.

    The rows keep the contract `IndicatorValues`, sorted by all columns of its key; each column
    carries its German and English title and its meaning as metadata of the field, the file
    whether the data set is synthetic. Confidential figures have no value, unless for internal
    use; then ``disclosure-audit.csv`` beside the file tells which they are, and why.

    Parameters
    ----------
    dataset : Dataset
        Whose figures are written.
    outputs : Path
        Folder of all results.
    internal : bool
        Write confidential figures, too.
    """
    columns = columns_of(IndicatorValues)
    key = list(IndicatorValues.to_schema().unique)
    open_to_all = suppress(compute_indicators(dataset), dataset, internal=internal)
    values = open_to_all.table().sort_values(key, kind="stable", ignore_index=True)
    table = pa.Table.from_pandas(values, preserve_index=False).replace_schema_metadata(
        {
            "data_set": dataset.name,
            "title_de": dataset.titles["de"],
            "title_en": dataset.titles["en"],
            "synthetic": str(dataset.is_synthetic).lower(),
        }
    )
    fields = [
        field.with_metadata(
            {name: getattr(columns[field.name], name)
             for name in ("title_de", "title_en", "description", "unit")}
        )
        for field in table.schema
    ]  # fmt: skip
    table = table.cast(pa.schema(fields, metadata=table.schema.metadata))
    target = outputs / dataset.name / FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    if internal:
        open_to_all.audit.to_csv(target.with_name(AUDIT), index=False, lineterminator="\n")
    with written(target) as beside:
        pq.write_table(table, beside)
    return target
