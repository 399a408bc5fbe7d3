"""What tests of several rooms train and run with."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from safetensors.torch import load_file

from buqi.config import make_config
from buqi.tune import make_plan, train
from buqi.tune.watch import read_log

QUIET = Console(file=io.StringIO())


def settings(tiny: Path, data: Path, out: Path, **changes):
    return {
        "model_name_or_path": str(tiny),
        "dataset_name_or_path": str(data),
        "output_dir": str(out),
        "do_train": True,
        "do_eval": True,
        "lora": True,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 2,
        "num_train_epochs": 3,
        "learning_rate": 1e-2,
        "logging_steps": 1,
        "evaluation_strategy": "epoch",
        "save_strategy": "epoch",
        "report_to": "none",
        "exact_match_rows": 2,
    } | changes


def run(tiny, data, out, resume=False, **changes):
    return train(make_plan(make_config(settings(tiny, data, out, **changes))), QUIET, resume)


def losses(out: Path) -> dict[int, float]:
    return {r["step"]: r["loss"] for r in read_log(out / "log.jsonl") if "loss" in r}


def weights(out: Path):
    return load_file(out / "adapter_model.safetensors")


def buqi(*words, code=0, cwd=None):
    done = subprocess.run(
        [sys.executable, "-m", "buqi", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=cwd,
        check=False,
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done
