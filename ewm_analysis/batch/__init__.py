"""Which notebook is run for which year and cluster; running them; what each run left behind."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ewm_analysis.batch.attempt import RunResult
    from ewm_analysis.batch.due import REASONS, why_due, with_keys
    from ewm_analysis.batch.execute import execute_runs
    from ewm_analysis.batch.long_table import write_indicators
    from ewm_analysis.batch.manifest import Manifest, files_of, read_manifest
    from ewm_analysis.batch.plan import Run, plan_runs
    from ewm_analysis.batch.verify import verify_outputs

_MODULES = {
    "REASONS": "due",
    "Manifest": "manifest",
    "Run": "plan",
    "RunResult": "attempt",
    "execute_runs": "execute",
    "files_of": "manifest",
    "plan_runs": "plan",
    "read_manifest": "manifest",
    "verify_outputs": "verify",
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
    "files_of",
    "plan_runs",
    "read_manifest",
    "verify_outputs",
    "why_due",
    "with_keys",
    "write_indicators",
]


def __getattr__(name: str) -> Any:
    """Import a module when it is used: a batch with nothing to do needs no library."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
