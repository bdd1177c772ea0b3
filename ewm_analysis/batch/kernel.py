"""Kernels of a batch: this interpreter, warm, on private sockets, one thread each."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
import weakref
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from papermill.engines import NBClientEngine
from papermill.iorw import write_ipynb

from ewm_analysis.batch.warm import NAME, can_fork

LONGEST_SOCKET = 100
"""Bytes that a path of a socket may have on every POSIX system, with some left for its number."""

ENVIRONMENT = {
    # Runs are parallel already; more threads for linear algebra only get in each other's way.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}

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
            metadata={"kernel_provisioner": {"provisioner_name": NAME}} if can_fork() else {},
        )


class PrivateKernelManager(AsyncKernelManager):
    """A kernel that talks over sockets in a folder of its own; equal names would collide."""

    alive: ClassVar[weakref.WeakSet[PrivateKernelManager]] = weakref.WeakSet()

    def __init__(self, **options: Any) -> None:
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
        self.alive.add(self)


def kill_kernels() -> None:
    """End the kernels of this batch at once, and no other process."""
    for manager in list(PrivateKernelManager.alive):
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            process.kill()


class Engine(NBClientEngine):
    """Runs a notebook as papermill does, and keeps it when its kernel dies."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, live_path: Path, **options: Any
    ) -> Any:
        """Run the cells; papermill itself would lose the notebook of a dead kernel."""
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        except RuntimeError:
            write_ipynb(nb_man.nb, str(live_path))
            raise
