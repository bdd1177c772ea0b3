"""Warm kernels: each a process of its own, forked from one that has the libraries imported.

A kernel provisioner of Jupyter on the standard library's fork server. Whatever goes wrong
with it, a plain kernel starts instead.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.jsonutil import json_default
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.session import json_packer

NAME = "ewm-warm"
"""Under which `WarmProvisioner` is registered as an entry point."""

ENVIRONMENT = {
    # Runs are parallel already; more threads for linear algebra only get in each other's way.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Arrow's own pool keeps what it once had: a kernel would need 20 MB more.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""Of every kernel, and of the process from which they are forked."""

SHARED = "EWM_SHARED"
"""Names the data sets that are read before kernels are forked, as a list in JSON."""

LAUNCHER = [sys.executable, "-m", "ipykernel_launcher"]
PRELOAD = ["ewm_analysis.batch.preload"]
POLL_SECONDS = 0.01
"""How often the end of a kernel is looked for; Jupyter's tenth of a second adds up."""

logger = logging.getLogger(__name__)


class ForkedKernel:
    """A kernel process forked from the server, with the part of `subprocess.Popen` Jupyter uses."""

    stdin = stdout = stderr = None
    alive: ClassVar[set[ForkedKernel]] = set()
    # One kernel at a time asks the server or reads an exit code: both read the same pipes.
    lock: ClassVar[threading.RLock] = threading.RLock()

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], cwd: str) -> None:
        context = multiprocessing.get_context("forkserver")
        with self.lock, _without_main():
            _start_server()
            self._process = context.Process(target=run_kernel, args=([*arguments], {**env}, cwd))
            self._process.start()
            self.pid: int = self._process.pid or 0
            self.alive.add(self)

    def poll(self) -> int | None:
        """Return how the process ended, or None while it runs; negative is a signal."""
        with self.lock:
            code = self._process.exitcode
            if code is not None:
                self.alive.discard(self)
        return code

    def wait(self) -> int | None:
        """Wait for the end of the process."""
        while (code := self.poll()) is None:
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)


def warm_up(data_dirs: Sequence[Path]) -> None:
    """Start the process from which kernels are forked: it imports and reads while others plan.

    It reads data sets once, for the kernels of all pages.
    """
    if can_fork():
        with ForkedKernel.lock, _without_main(), suppress(OSError, RuntimeError):
            _start_server(data_dirs)


def _start_server(data_dirs: Sequence[Path] = ()) -> None:
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOAD)
    # Of this process and not of the kernels, which look into the project's folder: there a
    # calendar.py is not Python's.
    own = {SHARED: json.dumps([*map(str, data_dirs)]), "PYTHONSAFEPATH": "1"}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep multiprocessing from running the main program again in each kernel."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@atexit.register
def _end_kernels() -> None:
    """Multiprocessing waits for its processes at exit; a kernel would never end by itself."""
    for kernel in list(ForkedKernel.alive):
        kernel.kill()


def run_kernel(arguments: list[str], env: dict[str, str], cwd: str) -> None:
    """Be an ordinary kernel, in the forked process, as if it had been started by command."""
    os.setsid()  # an interrupt reaches this kernel and no other
    threading.Thread(target=_end_with_batch, daemon=True).start()
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    sys.path[:] = path_of_kernel(sys.path)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    sys.argv = ["ipykernel_launcher", *arguments]
    from ipykernel.kernelapp import IPKernelApp

    # The kernel ends with the server, too.
    own = [f"--IPKernelApp.parent_handle={os.getppid()}", "--matplotlib=inline"]
    IPKernelApp.launch_instance([*arguments, *own])


def path_of_kernel(path: Sequence[str]) -> list[str]:
    """Return where a plain kernel looks for modules: in its folder before the libraries.

    The folder of the command `ewm` is no such place.

    Examples
    --------
    >>> path_of_kernel(["/lib/python3.11", "/venv/lib/site-packages"])
    ['/lib/python3.11', '', '/venv/lib/site-packages']
    """
    scripts = str(Path(sys.executable).parent)
    kept = [each for each in path if each not in (scripts, "")]
    names = [Path(each).name for each in kept]
    place = names.index("site-packages") if "site-packages" in names else 0
    return [*kept[:place], "", *kept[place:]]


def pack(message: object) -> bytes:
    r"""Return a message as Jupyter sends it; half a character, which no text holds, as �.

    Examples
    --------
    >>> pack({"text": "a\ud800b"}).decode()
    '{"text": "a�b"}'
    """
    try:
        return json_packer(message)
    except UnicodeEncodeError:
        text = json.dumps(message, default=json_default, ensure_ascii=False, allow_nan=False)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _end_with_batch() -> None:
    """Wait for the end of the process that asked for the kernel, even if it was killed."""
    batch = multiprocessing.parent_process()
    if batch is not None:
        batch.join()
        os._exit(1)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by forking, and as usual where that cannot be."""

    exit_code: int | None = None
    """How the kernel ended; negative is a signal."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel; `cmd` is the command that would start a plain one."""
        if not can_fork():
            return await super().launch_kernel(cmd, **kwargs)
        try:
            cwd = kwargs.get("cwd") or os.getcwd()
            kernel = ForkedKernel(cmd[len(LAUNCHER) :], kwargs["env"], cwd)
        # A process that multiprocessing started as a daemon may not start others: AssertionError.
        except (OSError, ValueError, RuntimeError, EOFError, AssertionError) as error:
            logger.warning("A plain kernel starts, forking failed: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = cast("subprocess.Popen[bytes]", kernel)
        self.pid = self.pgid = kernel.pid
        return self.connection_info

    async def poll(self) -> int | None:
        """Return how the kernel ended, or None while it runs, and remember it."""
        code = await super().poll()
        if self.process is not None:
            self.exit_code = code
        return code

    async def wait(self) -> int | None:
        """Wait for the end of the kernel, looking often."""
        while await self.poll() is None:
            await asyncio.sleep(POLL_SECONDS)
        return await super().wait()


def can_fork() -> bool:
    """Tell whether this system has a fork server."""
    return "forkserver" in multiprocessing.get_all_start_methods()
