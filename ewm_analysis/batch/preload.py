"""What notebooks import, imported once in a process from which kernels are forked.

Only imports: no thread, socket, event loop or figure may exist before the fork.
"""

# ruff: noqa: E402
import gc
import os
import signal

from ewm_analysis.batch.warm import ENVIRONMENT

# Ctrl-C at a terminal reaches this process, too; it ends with the batch.
interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)

# Libraries read these when they are imported: how many threads, which drawing backend.
os.environ.update(ENVIRONMENT, MPLBACKEND="module://matplotlib_inline.backend_inline")

import ipykernel.kernelapp  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401

import ewm_analysis.figures
import ewm_analysis.notebook
import ewm_analysis.statistics
import ewm_analysis.tables  # noqa: F401

# What is frozen is never traversed by the collector, so that its pages stay shared.
gc.collect()
gc.freeze()
signal.signal(signal.SIGINT, interrupted)
