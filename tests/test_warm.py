"""Warm kernels: the same pages as plain ones, nothing shared, nothing left behind."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from exported_pages import EXAMPLE, REPORT, ROOT, Pages
from small_project import code, small_notebook, write_project

from ewm_analysis.batch import Run, RunResult, execute_runs, plan_runs, read_manifest, warm
from ewm_analysis.batch.execute import PrivateKernelManager
from ewm_analysis.batch.warm import ForkedKernel, can_fork
from ewm_analysis.loaders import open_dataset

EWM = [sys.executable, "-c", "from ewm_analysis.cli import app; app()"]
TELL = "display({'text/plain': json.dumps(%s)}, raw=True)"

pytestmark = pytest.mark.skipif(not can_fork(), reason="this system has no fork server")


def plan(root: Path, **chosen: Any) -> list[Run]:
    chosen = {"years": [2021], "locales": ["de"], **chosen}
    return plan_runs([open_dataset(root / "data/example")], root, root / "outputs", **chosen)


def run_one(root: Path, source: str) -> RunResult:
    write_project(root, nb_00_data_quality=small_notebook(code(source)))
    (result,) = execute_runs(plan(root), root, root / "outputs")
    return result


def told(result: RunResult) -> Any:
    node = nbformat.read(result.run.folder / "executed.ipynb", 4)
    return json.loads(node.cells[-1].outputs[0].data["text/plain"])


def test_pages_are_the_same_to_the_byte_and_have_their_pictures(
    tmp_path: Path, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `ewm run` makes them, with the data read before the fork, and by plain kernels."""
    monkeypatch.setattr(warm, "can_fork", lambda: False)
    chosen = {"years": [2021], "clusters": ["imk"], "notebooks": [REPORT]}
    data = open_dataset(ROOT / "data" / EXAMPLE)
    runs = plan_runs([data], ROOT, tmp_path, locales=["de"], **chosen)  # type: ignore[arg-type]
    (result,) = execute_runs(runs, ROOT, tmp_path)
    assert not result.error
    outputs = []
    for folder in (pages.path(f"{EXAMPLE}/2021/imk/{REPORT}/de").parent, runs[0].folder):
        made = read_manifest(folder).outputs
        kinds = {".csv", ".html", ".ipynb", ".json", ".svg", ".xlsx"}
        assert {Path(file).suffix for file in made} == kinds
        outputs.append({file: mark for file, mark in made.items() if file != "executed.ipynb"})
        page = (folder / "report.html").read_text("utf-8")
        pictures = sum(file.endswith(".svg") for file in made)
        assert pictures >= 9
        assert page.count("<figure") >= pictures
    assert outputs[0] == outputs[1]


def test_inline_backend_is_switched_on(tmp_path: Path) -> None:
    result = run_one(
        tmp_path, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n1 / 0"
    )
    assert "ZeroDivisionError" in result.error
    assert result.failed_notebook is not None
    outputs = nbformat.read(result.failed_notebook, 4).cells[-1].outputs
    assert sum("image/png" in each.get("data", {}) for each in outputs) == 1


def test_kernels_share_no_random_numbers_nor_anything_else(tmp_path: Path) -> None:
    source = (
        "import json, os, random, sys, numpy\n"
        "warm = 'ewm_analysis.batch.preload' in sys.modules\n"
        "numbers = [random.random(), numpy.random.rand()]\n"
        + TELL
        % "[warm, os.getpid() == os.getsid(0), numbers]"
    )
    first = small_notebook(code(source))
    root = write_project(tmp_path, nb_00_data_quality=first, nb_01_again=first)
    results = execute_runs(plan(root), root, root / "outputs", jobs=2)
    (warm_1, own_1, numbers_1), (warm_2, own_2, numbers_2) = map(told, results)
    assert warm_1
    assert warm_2
    assert own_1
    assert own_2
    assert set(numbers_1).isdisjoint(numbers_2)


def test_nothing_is_left_after_a_batch(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    assert not run_one(tmp_path, "1 + 1").error
    assert not ForkedKernel.alive
    left = set(psutil.Process().children(recursive=True)) - before
    names = [" ".join(process.cmdline()) for process in left]
    assert all("forkserver" in name or "resource_tracker" in name for name in names), names


def test_nothing_but_memory_is_handed_to_a_kernel() -> None:
    """What exists before the fork is shared: no socket, event loop, figure or thread of Python."""
    look = (
        "import ewm_analysis.batch.preload, asyncio, os, threading, matplotlib.pyplot as plt\n"
        "numbers = os.listdir('/proc/self/fd') if os.path.isdir('/proc/self/fd') else []\n"
        "open_ = [os.readlink(f'/proc/self/fd/{n}') for n in numbers if n not in '012' "
        "and os.path.islink(f'/proc/self/fd/{n}')]\n"
        "sockets = [name for name in open_ if name.startswith('socket')]\n"
        "print(threading.active_count(), plt.get_fignums(), sockets, "
        "asyncio.get_event_loop_policy()._local._loop)\n"
    )
    command, env = (
        [sys.executable, "-c", look],
        {**os.environ, warm.SHARED: f'["{ROOT}/data/example"]'},
    )
    found = subprocess.run(
        command, env=env, capture_output=True, text=True, check=True, timeout=120
    )
    assert found.stdout.split("\n")[0] == "1 [] [] None"


def test_a_batch_reads_before_the_fork_and_no_file_stands_in_for_a_library(tmp_path: Path) -> None:
    source = "import json, os, pandas\nfrom ewm_analysis.notebook import shared\n" + TELL
    look = source % "[[path.name for path in shared._known], os.environ.get('EWM_SHARED')]"
    root = write_project(tmp_path, nb_00_data_quality=small_notebook(code(look)))
    for name in ("calendar", "socket", "pandas"):
        (root / f"{name}.py").write_text("raise RuntimeError('not the library')")
    # As the command `ewm`, which does not look into its folder; -P would be handed to the server.
    source = f"import sys; sys.path.remove(''); {EWM[2]}"
    command = [sys.executable, "-c", source, "run", "--year", "2021", "--locale", "de"]
    subprocess.run(command, cwd=root, check=True)
    (executed,) = root.glob("outputs/**/executed.ipynb")
    told_there = nbformat.read(executed, 4).cells[-1].outputs[0].data["text/plain"]
    assert json.loads(told_there) == [["example"], None]


def test_a_kernel_finds_the_modules_of_its_project_and_sends_what_no_text_holds(
    tmp_path: Path,
) -> None:
    source = (
        "import json, mine, pathlib, sys\n"
        "print('a\\ud800b')\n"
        "scripts = str(pathlib.Path(sys.executable).parent) in sys.path\n"
        + TELL
        % "[mine.NUMBER, scripts, sys.path.index('') > 0]"
    )
    root = write_project(tmp_path, nb_00_data_quality=small_notebook(code(source)))
    (root / "mine.py").write_text("NUMBER = 7\n", "utf-8")
    program = f"import os, sys; sys.path[0] = os.path.dirname(sys.executable); {EWM[2]}"
    command = [sys.executable, "-c", program, "run", "--year", "2021", "--locale", "de"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    (executed,) = root.glob("outputs/**/executed.ipynb")
    outputs = nbformat.read(executed, 4).cells[-1].outputs
    assert [each.text for each in outputs if each.output_type == "stream"] == ["a\ufffdb\n"]
    told_there = [each.data["text/plain"] for each in outputs if "data" in each]
    assert told_there == ["[7, false, true]"]


async def _reply(client: Any, source: str) -> Any:
    client.execute(source)
    return (await client.get_shell_msg(timeout=60))["content"]


async def _two_kernels() -> tuple[str, str]:
    managers = [PrivateKernelManager(kernel_name="python3") for _ in range(2)]
    clients = []
    try:
        for manager in managers:
            await manager.start_kernel()
            clients.append(manager.client())
            clients[-1].start_channels()
            await clients[-1].wait_for_ready(timeout=60)
        tasks = [
            asyncio.create_task(_reply(client, "import time; time.sleep(1.5)"))
            for client in clients
        ]
        await asyncio.sleep(0.5)
        await managers[0].interrupt_kernel()
        one, two = await asyncio.gather(*tasks)
    finally:
        for client in clients:
            client.stop_channels()
        for manager in managers:
            await manager.shutdown_kernel(now=True)
    return one.get("ename", one["status"]), two["status"]


def test_interrupt_reaches_one_kernel_only() -> None:
    assert asyncio.run(_two_kernels()) == ("KeyboardInterrupt", "ok")


def test_kernel_that_ends_itself_fails_its_run_soon(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    result = run_one(tmp_path, f"import os\nopen({str(mark)!r}, 'w').close()\nos._exit(3)")
    ended = time.time()
    assert result.error.startswith("cell [4]: the kernel ended with exit code 3,")
    assert ended - mark.stat().st_mtime < 5


@pytest.mark.parametrize("error", [OSError("no fork"), AssertionError("daemonic processes")])
def test_plain_kernel_where_forking_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(ForkedKernel, "__init__", refuse)
    with caplog.at_level(logging.WARNING, "ewm_analysis"):
        result = run_one(tmp_path, "import json, sys\n" + TELL % "'pandas' in sys.modules")
    assert not result.error
    assert told(result) is False
    assert f"A plain kernel starts, forking failed: {error}" in caplog.text


def test_lost_fork_server_is_started_again(tmp_path: Path) -> None:
    source = "import json, os\n" + TELL % "os.getppid()"
    server = told(run_one(tmp_path, source))
    os.kill(server, signal.SIGKILL)
    assert told(run_one(tmp_path, source)) != server
