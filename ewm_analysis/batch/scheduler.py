"""The workers of a Dask cluster, as a pool that runs are given to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ewm_analysis.batch.attempt import stop_batch
from ewm_analysis.errors import RunError

SECONDS_TO_ANSWER = 10


@contextmanager
def connect(address: str) -> Iterator[tuple[Executor, Callable[[str], bool]]]:
    """Connect with a scheduler; give a pool, and what stops the runs of a batch on all workers.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    RunError
        If the library is missing, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise RunError(
            "--scheduler needs Dask. Install it with: pip install 'ewm_analysis[dask]'"
        ) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # failures are results
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RunError(f"No Dask scheduler answers at {address}: {error}") from error
    with client:

        def stop(batch: str) -> bool:
            is_lost = client.status != "running"
            return is_lost or all(client.run(stop_batch, batch).values())

        # Equal runs of two batches are not one task: pure=False.
        yield client.get_executor(pure=False), stop
