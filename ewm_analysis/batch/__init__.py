"""Which notebook is run for which year and cluster; running them; what each run left behind."""

from ewm_analysis.batch.execute import RunResult, execute_runs
from ewm_analysis.batch.manifest import Manifest, read_manifest
from ewm_analysis.batch.plan import Run, plan_runs

__all__ = ["Manifest", "Run", "RunResult", "execute_runs", "plan_runs", "read_manifest"]
