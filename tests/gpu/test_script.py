"""The script for a GPU, on a CPU with the small random model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.gpu.base import base_folder
from tests.gpu.summary import judged

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_every_step_of_the_script_ends_well(tiny, tmp_path):
    settings = {
        "DEVICE": "cpu", "BASE": str(tiny), "OUT": str(tmp_path), "PYTHON": sys.executable, "ROWS": "16", "STEPS": "2",
        "LORA_RANK": "4", "MICROS": "8 16", "TRAIN_ROWS": "120", "ASKED": "4", "PATIENCE": "10",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(["sh", "tests/gpu/run.sh"], env=os.environ | settings, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)  # fmt: skip # noqa: E501
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "summary.json").read_text())
    logs = {path.stem: path.read_text()[-800:] for path in tmp_path.glob("*.log")}
    steps = {name: met for name, (_, aim, met) in found.items() if name.endswith("seconds") and not aim}
    assert len(steps) == 10 and all(steps.values()), (steps, logs)
    for name in ("loss, fp32", "gradients, fp32", "loss, bf16", "lines about full memory"):
        assert found[name][2], (name, found[name])
    assert found["rows a second"][0] > 0 and found["times Trainer + PEFT"][0] > 0


def test_a_folder_without_weights_gets_random_ones(tiny, tmp_path):
    bare = shutil.copytree(tiny, tmp_path / "bare", ignore=shutil.ignore_patterns("*.safetensors"))
    made = base_folder(str(bare), tmp_path / "made")
    one, other = load_file(made / "model.safetensors"), load_file(tiny / "model.safetensors")
    assert {k: v.shape for k, v in one.items()} == {k: v.shape for k, v in other.items()}
    assert base_folder(str(tiny), tmp_path / "unused") == tiny


def test_what_failed_is_not_met(tmp_path):
    (tmp_path / "steps.txt").write_text("exact 0 3\nbuqi 1 2\n")
    exact = {"deviations": {k: {"loss": 0.0, "gradients": 1e-3} for k in ("fp32", "bf16")}, "rates": {"bf16": 1e12}}
    (tmp_path / "exact.json").write_text(json.dumps(exact | {"work_of_a_row": 1e9}))
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "run.json").write_text('{\n"rows_per_second": 301.0\n}')
    met = {name: met for name, (_, _, met) in judged(tmp_path).items()}
    assert met == {
        "loss, fp32": True, "gradients, fp32": False, "loss, bf16": True, "rows a second": False,
        "rows a second, compiled": False,
        "share of the bf16 rate": False, "times Trainer + PEFT": False, "tutorial, rows a second": True,
        "lines about full memory": False, "exact, seconds": True, "buqi, seconds": False,
    }  # fmt: skip
