"""The two scripts of the pages, and the policy that lets a page run nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

TEMPLATES = Path(__file__).with_name("templates")


@cache
def script(name: Literal["report", "site"]) -> str:
    """Return a script as it stands in a page."""
    return (TEMPLATES / "ewm" / f"{name}.js").read_text("utf-8").strip()


def policy(code: str) -> str:
    """Return the content-security policy of a page that runs one script.

    Nothing is fetched, nothing is sent, and what a data set or a commentary may bring in
    is not run.

    Parameters
    ----------
    code : str
        The script, exactly as it stands in the page.

    Examples
    --------
    >>> policy("1").split("; ")[-1]
    "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    """
    mark = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src 'unsafe-inline'; script-src 'sha256-{mark}'"
    )
