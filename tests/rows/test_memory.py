"""Neither building nor tokenising holds rows: what a further row takes is a small part of its own size."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.helpers import settings

FEW, MANY = 20_000, 140_000
MEASURED = """
import sys
from buqi.machine import resident_mb
{body}
print(round(resident_mb("VmHWM") * 1e6))  # ru_maxrss would begin with that of the parent
"""
BUILD = """
from pathlib import Path
from buqi.cli.data import build
build(Path(sys.argv[1]), "全国", int(sys.argv[2]), None, 42, True)
"""
PLAN = """
import json
from buqi.config import make_config
from buqi.tune.plan import make_plan
plan = make_plan(make_config(json.loads(sys.argv[1])))
assert type(plan.rows["train"]).__name__ == sys.argv[2], plan.rows
"""


def peak(body: str, *words: object) -> int:
    """Return the peak memory of a process of its own, in bytes."""
    code = MEASURED.replace("{body}", body)
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_memory_does_not_grow_with_the_text(tiny, tmp_path, monkeypatch):

    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    peak(BUILD, tmp_path / "warm", 100)  # indexes are made
    built = {rows: peak(BUILD, tmp_path / str(rows), rows) for rows in (FEW, MANY)}
    assert (built[MANY] - built[FEW]) / (MANY - FEW) < 400, f"{built}: bytes a row; a row and its line take 2,000"

    made = {}
    for rows, kind in ((FEW, "list"), (MANY, "RowFile")):
        changes = {"do_eval": False, "evaluation_strategy": "no", "max_length": 1000, "src_length": 900}
        given = settings(tiny, tmp_path / str(rows), tmp_path / "out", **changes)
        made[rows] = peak(PLAN, json.dumps(given), kind)
    kept = peak(PLAN, json.dumps(given), kind)
    assert (made[MANY] - made[FEW]) / (0.7 * (MANY - FEW)) < 4000, (
        f"{made}: bytes a row; lists of 250 tokens take 10,000"
    )
    assert kept < made[MANY], f"{kept}, {made}"
