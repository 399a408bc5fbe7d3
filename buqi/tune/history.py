"""The records in a run's folder. They are read without PyTorch, whose import takes seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from buqi.artefact import read_run

LOG = "log.jsonl"
LAST, BEST = "last", "best"  # links to checkpoints
STARTED = "started.json"  # of the run under way; until it ends, run.json is of the model that lies there


def latest_run(folder: Path) -> dict[str, Any]:
    """Return the record of the run that began last in ``folder``: `STARTED` while it is under way, else ``run.json``.

    Raises:
        BuqiError: the file is broken.
    """
    return read_run(folder, STARTED) or read_run(folder)


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the records of a ``log.jsonl``; a last line that was cut off is left out."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return records
