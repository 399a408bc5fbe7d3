"""A measurement in a process of its own, so that load time and peak memory are its own too."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from buqi.errors import BuqiError


def measured_alone(what: str, module: str, *arguments: str) -> dict[str, Any]:
    """Return the JSON object that ``python -m module arguments`` prints last.

    Raises:
        BuqiError: it failed; what was measured and the end of its output are in the message.
    """
    run = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise BuqiError(f"{what} failed: {run.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found
