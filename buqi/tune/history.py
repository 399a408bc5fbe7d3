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
    """Return the records of a ``log.jsonl`` up to the first line that is none: a last line may be cut off."""
    records = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            break
        if not isinstance(record, dict) or type(record.get("step")) is not int:
            break
        records.append(record)
    return records
