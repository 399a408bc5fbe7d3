"""``python -m tests.gpu.summary OUT``: what ``run.sh`` measured against what is aimed at; also as ``summary.json``."""

from __future__ import annotations

import json
import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from buqi.bench.training import TrainingSpeed

ROWS_A_SECOND, SHARE_OF_RATE, TIMES_TRAINER, TUTORIAL_ROWS = 3000, 0.30, 5, 300  # aims on one H100 or H200
LOSS, GRADIENTS, LOSS_BF16 = 1e-5, 1e-5, 0.05  # nats a token in fp32, share of the largest, nats a token in bf16


def told(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file is, or that its last line is; an empty one where there is none."""
    text = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    for part in (text, text.rpartition("\n")[2]):
        with suppress(ValueError):
            return dict(json.loads(part))
    return {}


def speed(path: Path) -> float:
    """Return rows a second of a measured trainer; 0 where it failed."""
    found = told(path)
    return TrainingSpeed(**found).rows_per_second if found else 0.0


def judged(out: Path) -> dict[str, tuple[float, float, bool]]:
    """Return by name what was measured, what is aimed at, and whether that is met."""
    exact, run = told(out / "exact.json"), told(out / "adapter" / "run.json")
    plain, compiled = speed(out / "buqi.json"), speed(out / "buqi_compiled.json")
    buqi = max(plain, compiled)
    best = max((speed(path) for path in out.glob("trainer_*.json")), default=0.0)
    share = buqi * exact["work_of_a_row"] / exact["rates"]["bf16"] if exact else 0.0
    failed = {"loss": math.inf, "gradients": math.inf}
    off = exact.get("deviations") or {"fp32": failed, "bf16": failed}
    tutorial = run.get("rows_per_second", 0.0)
    said = told(out / "full.json").get("said", [])
    found = {
        "loss, fp32": (off["fp32"]["loss"], LOSS, off["fp32"]["loss"] <= LOSS),
        "gradients, fp32": (off["fp32"]["gradients"], GRADIENTS, off["fp32"]["gradients"] <= GRADIENTS),
        "loss, bf16": (off["bf16"]["loss"], LOSS_BF16, off["bf16"]["loss"] <= LOSS_BF16),
        "rows a second": (buqi, ROWS_A_SECOND, buqi >= ROWS_A_SECOND),
        "rows a second, compiled": (compiled, 0.0, compiled > 0),
        "share of the bf16 rate": (share, SHARE_OF_RATE, share >= SHARE_OF_RATE),
        "times Trainer + PEFT": (buqi / best if best else 0.0, TIMES_TRAINER, buqi >= TIMES_TRAINER * best > 0),
        "tutorial, rows a second": (tutorial, TUTORIAL_ROWS, tutorial >= TUTORIAL_ROWS),
        "lines about full memory": (float(len(said)), 1.0, len(said) == 1),
    }
    for line in (out / "steps.txt").read_text(encoding="utf-8").splitlines():
        name, code, seconds = line.split()
        found[f"{name}, seconds"] = (float(seconds), 0.0, code == "0")
    return found


def main(out: Path) -> None:
    """Print the table and write it down."""
    found = judged(out)
    for name, (value, aim, met) in found.items():
        print(f"{'met   ' if met else 'NOT   '} {name:<26} {value:10.4g}" + (f"   aim {aim:g}" if aim else ""))
    (out / "summary.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
