"""Files of a data set to contract tables: everything is checked before anything is computed."""

from ewm_analysis.loaders.dataset import Dataset, open_dataset
from ewm_analysis.loaders.part import fingerprint, part_of
from ewm_analysis.loaders.reference import load_reference
from ewm_analysis.project import list_datasets, resolve_data_dir

__all__ = [
    "Dataset",
    "fingerprint",
    "list_datasets",
    "load_reference",
    "open_dataset",
    "part_of",
    "resolve_data_dir",
]
