"""Kernels of a batch: this interpreter, warm, on private sockets, one thread each."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
import uuid
import weakref
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.iorw import write_ipynb
from papermill.log import logger

from ewm_analysis.batch.warm import ENVIRONMENT, NAME
from ewm_analysis.errors import RunError

LONGEST_SOCKET = 100
"""Bytes that a path of a socket may have on every POSIX system, with some left for its number."""

QUIET = "--IPKernelApp.log_level=50"
"""A kernel is interrupted before it is shut down, and would report that as an error."""


class OwnInterpreter(KernelSpecManager):
    """Offers the running interpreter, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the running interpreter as a kernel."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(
            argv=[*command, "--HistoryManager.enabled=False", QUIET],
            display_name="Python 3",
            language="python",
            env=ENVIRONMENT,
            metadata={"kernel_provisioner": {"provisioner_name": NAME}},
        )


class PrivateKernelManager(AsyncKernelManager):
    """A kernel that talks over sockets in a folder of its own; equal names would collide."""

    at_work: ClassVar[set[PrivateKernelManager]] = set()

    def __init__(self, batch: str = "", **options: Any) -> None:
        self.batch = batch
        kernel_id = str(uuid.uuid4())
        folder = Path(tempfile.mkdtemp(prefix="ewm-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = folder / "kernel.json"
        is_short = len(os.fsencode(file)) <= LONGEST_SOCKET
        super().__init__(
            transport="ipc" if os.name == "posix" and is_short else "tcp",
            kernel_id=kernel_id,
            connection_file=str(file),
            kernel_spec_manager=OwnInterpreter(),
            **options,
        )

    @property
    def exit_code(self) -> int | None:
        """Return how the kernel ended, negative for a signal; None if it is not known."""
        return getattr(self.provisioner, "exit_code", None)

    def kill(self) -> None:
        """End the kernel at once, if it runs."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            process.kill()


def kill_kernels(batch: str) -> None:
    """End the kernels of a batch in this process at once, and no other process."""
    for manager in list(PrivateKernelManager.at_work):
        if manager.batch == batch:
            manager.kill()


class KernelDiedError(RunError):
    """A kernel ended before its notebook did.

    Parameters
    ----------
    cell : int
        Number of the cell that was run, 0 before the first.
    code : int or None
        How the process ended: exit code, or a signal as a negative number.

    Examples
    --------
    >>> print(KernelDiedError(4, 3))
    cell [4]: the kernel ended with exit code 3, the code run there ended its process.
    >>> KernelDiedError(4, -9).is_chance
    True
    """

    def __init__(self, cell: int, code: int | None) -> None:
        self.cell, self.code = cell, code
        # 255 stands for a kernel whose fork server went with it.
        self.is_chance = code is None or code < 0 or code == 255
        if code is not None and code < 0:
            how = f"was killed ({signal.Signals(-code).name}); perhaps memory ran out"
        elif self.is_chance:
            how = "was lost"
        else:
            how = f"ended with exit code {code}, the code run there ended its process"
        super().__init__(f"cell [{cell}]: the kernel {how}.")


class Engine(NBClientEngine):
    """Runs a notebook as papermill does, and keeps it when its kernel dies or takes too long."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        manager: PrivateKernelManager,
        live_path: Path,
        timeout: float | None,
        resources: dict[str, Any],
        **_: Any,
    ) -> Any:
        """Run the cells; papermill itself would lose the notebook of a dead kernel."""
        deadline = None if timeout is None else time.monotonic() + timeout
        client = PapermillNotebookClient(
            nb_man,
            km=manager,
            kernel_name=kernel_name,
            resources=resources,
            log=logger,
            timeout_func=lambda cell: deadline and max(deadline - time.monotonic(), 0.001),
        )
        manager.at_work.add(manager)
        try:
            return client.execute(cleanup_kc=True)
        except (RuntimeError, CellTimeoutError) as error:
            write_ipynb(nb_man.nb, str(live_path))
            cell = client.code_cells_executed
            if isinstance(error, DeadKernelError):
                raise KernelDiedError(cell, manager.exit_code) from error
            if isinstance(error, CellTimeoutError):
                limit = f"{timeout:g} s"
                raise RunError(f"cell [{cell}]: stopped, {limit} were over (--timeout).") from None
            raise
        finally:
            manager.kill()
            manager.at_work.discard(manager)
