"""Which notebook is run for which year and cluster; running them; what each run left behind.

Throughout, ``root`` is the folder of the project, in which the kernels work; ``outputs`` the
folder of all results; ``data_sets`` are those of the plan, and ``runs`` are the plan.
"""

import sys
from importlib import import_module
from typing import Any

# Jupyter brings jsonschema, and that builds forty parsers of addresses when it is imported, where
# it finds them: a quarter of what a command waits for its libraries. No notebook needs them.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

_MODULES = {
    "Run": "plan",
    "RunResult": "execute",
    "execute_runs": "execute",
    "plan_runs": "plan",
    "read_manifest": "outputs",
    "verify_outputs": "outputs",
    "why_due": "outputs",
    "with_keys": "outputs",
    "write_indicators": "outputs",
}

__all__ = [*_MODULES]  # noqa: PLE0604  # names of names, all texts


def __getattr__(name: str) -> Any:
    """Import a module when it is used: a batch with nothing to do needs no library."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
