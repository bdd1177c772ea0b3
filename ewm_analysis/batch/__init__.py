"""Which notebook is run for which year and cluster; running them; what each run left behind."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ewm_analysis.batch.due import REASONS, why_due, with_keys
    from ewm_analysis.batch.execute import RunResult, execute_runs
    from ewm_analysis.batch.long_table import write_indicators
    from ewm_analysis.batch.manifest import Manifest, read_manifest
    from ewm_analysis.batch.plan import Run, plan_runs

_MODULES = {
    "REASONS": "due",
    "Manifest": "manifest",
    "Run": "plan",
    "RunResult": "execute",
    "execute_runs": "execute",
    "plan_runs": "plan",
    "read_manifest": "manifest",
    "why_due": "due",
    "with_keys": "due",
    "write_indicators": "long_table",
}

__all__ = [
    "REASONS",
    "Manifest",
    "Run",
    "RunResult",
    "execute_runs",
    "plan_runs",
    "read_manifest",
    "why_due",
    "with_keys",
    "write_indicators",
]


def __getattr__(name: str) -> Any:
    """Import a module when it is used: a batch with nothing to do needs no library."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
