"""Data sets that were read and computed before the kernels of their pages were forked.

A process that calls `share` hands what it read to all that are forked from it; elsewhere, and
where a file was changed meanwhile, a page reads and computes for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ewm_analysis.files import hashes
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset, open_dataset, part_of
from ewm_analysis.loaders.dataset import rows_of
from ewm_analysis.loaders.files import reference_folder
from ewm_analysis.project import resolve_data_dir


@dataclass(frozen=True)
class _Shared:
    dataset: Dataset
    values: pd.DataFrame
    state: object


_known: dict[Path, _Shared] = {}


def share(data_dir: str | Path) -> None:
    """Read, check and compute a data set for the processes that are forked from this one."""
    dataset = open_dataset(data_dir)
    _known[dataset.path] = _Shared(dataset, compute_indicators(dataset), _state(dataset))


def opened(data_dir: str | Path) -> Dataset:
    """Return a data set: the one that is shared, as long as its files are what they were."""
    shared = _known.get(resolve_data_dir(data_dir))
    if shared is None or _state(shared.dataset) != shared.state:
        return open_dataset(data_dir)
    return shared.dataset


def part_and_values(
    whole: Dataset, cluster_id: str | None, last_year: int | None
) -> tuple[Dataset, pd.DataFrame]:
    """Return the part of a data set that a page reads, and the values of its indicators."""
    part = part_of(whole, cluster_id=cluster_id, last_year=last_year)
    shared = _known.get(whole.path)
    # Without a year that is left out of comparisons, the values of a part are a part of the values.
    if shared is None or shared.dataset is not whole or whole.incomplete_years:
        return part, compute_indicators(part)
    return part, rows_of(shared.values, cluster_id, last_year)


def _state(dataset: Dataset) -> object:
    """All files by name, and by content those that were read."""
    folders = (dataset.path, reference_folder(dataset.path))
    names = sorted(path for folder in folders for path in folder.rglob("*"))
    return names, hashes(filter(Path.is_file, dataset.files), dataset.path)
