"""Files of a data set to contract tables: everything is checked before anything is computed.

A failure names a file as the user knows it: ``file`` stands for that name, ``lines`` for the line
in it of each row. All failures of a data set are collected (`files.Reading`), then raised at once.
"""

from ewm_analysis.loaders.dataset import Dataset, fingerprint, open_dataset, part_of, told_apart
from ewm_analysis.loaders.files import load_reference
from ewm_analysis.project import list_datasets, resolve_data_dir

__all__ = [name for name, value in [*globals().items()] if callable(value)]
