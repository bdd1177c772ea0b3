"""Files of a data set to contract tables: everything is checked before anything is computed."""

from ewm_analysis.loaders.dataset import Dataset, list_datasets, open_dataset, resolve_data_dir
from ewm_analysis.loaders.reference import load_reference

__all__ = ["Dataset", "list_datasets", "load_reference", "open_dataset", "resolve_data_dir"]
