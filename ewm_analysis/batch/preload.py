"""What every notebook begins with, done once in the process from which kernels are forked.

Imports, and a rehearsal of what is slow only the first time. No thread, socket, event loop or
figure may exist before the fork, and no data but what `warm_up` names.
"""

# ruff: noqa: E402, F401
import gc
import json
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from ewm_analysis.batch.warm import ENVIRONMENT, SHARED

gc.disable()  # hardly a cycle among what is imported, and a tenth of the time to look for one

# Ctrl-C at a terminal reaches this process, too; it ends with the batch.
interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)

# Libraries read these when they are imported: how many threads, which drawing backend.
os.environ.update(ENVIRONMENT, MPLBACKEND="module://matplotlib_inline.backend_inline")

import pandas as pd

data_dirs = json.loads(os.environ.pop(SHARED, "[]"))
size = sum(path.stat().st_size for each in data_dirs for path in Path(each).rglob("*"))
if 0 < size < 10_000_000:
    # Arrow's strings are for many rows; without them pages are made a tenth quicker. Before the
    # contracts, which hold tables to one of both.
    pd.set_option("mode.string_storage", "python")

import babel.dates
import babel.numbers
import ipykernel.debugger
import ipykernel.kernelapp
import IPython.core.completerlib
import IPython.core.debugger
import IPython.core.logger
import IPython.core.magics.execution
import IPython.core.oinspect
import IPython.extensions.storemagic
import matplotlib.pyplot
import matplotlib_inline.backend_inline
import networkx
import pandas.core.reshape.reshape
import scipy.optimize
import scipy.sparse.csgraph
import scipy.stats
import statsmodels.stats.multitest
import statsmodels.stats.proportion
import statsmodels.stats.rates
import tornado.platform.asyncio

import ewm_analysis.notebook
import ewm_analysis.statistics
import ewm_analysis.tables
from ewm_analysis.catalogue import indicators
from ewm_analysis.contracts import FIGURES, RECORDS, REFERENCE
from ewm_analysis.figures import figure_svg, new_axes
from ewm_analysis.figures.grammar import entries, entry
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders.read import TextTable, parse_table
from ewm_analysis.notebook.shared import share


def rehearse() -> None:
    """Compile the contracts, read words, catalogue and entries, look for fonts."""
    for room in (ewm_analysis.figures, ewm_analysis.tables):
        for module in iter_modules(room.__path__, f"{room.__name__}."):
            import_module(module.name)
    for name in entries():
        entry(name)
    messages()
    indicators()
    for contract in [*REFERENCE.values(), *FIGURES.values(), *RECORDS.values()]:
        header = tuple(contract.columns)
        parse_table(
            TextTable(header, pd.DataFrame(columns=header, dtype="string"), "", []), contract
        )
    ax = new_axes()
    ax.set_title("Abb. 1", weight="bold")
    ax.bar([0], [1], label="Projekte")
    ax.legend()
    figure_svg(matplotlib.pyplot.gcf(), "")
    matplotlib.pyplot.close()


rehearse()
for data_dir in data_dirs:
    with suppress(Exception):  # the page that reads it tells what is wrong
        share(data_dir)

# What the batch does without, a notebook may want.
sys.modules.pop("rfc3987_syntax", None)

# What is frozen is never traversed by the collector, so that its pages stay shared.
gc.collect()
gc.freeze()
gc.enable()
gc.set_threshold(10_000)  # a page makes millions of objects, and hardly a cycle that must go soon
signal.signal(signal.SIGINT, interrupted)
