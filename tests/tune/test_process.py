"""Two processes under torchrun give the losses and the adapter of one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.conftest import write_sets
from tests.helpers import losses, run, settings, weights

CONFIGS = Path(__file__).parents[2] / "configs" / "accelerate"
LAUNCHERS = {
    "torchrun": ["torch.distributed.run", "--nproc_per_node", "2", "--standalone"],
    "accelerate": ["accelerate.commands.launch", "--config_file", str(CONFIGS / "two_processes.yaml")],
}


@pytest.mark.parametrize("launcher", ["torchrun", pytest.param("accelerate", marks=pytest.mark.long)])
def test_two_processes_train_as_one(tiny, tmp_path, launcher):
    data = write_sets(tmp_path / "data", 9, 2)  # the last step has one row: one process has none
    changes = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "num_train_epochs": 2}
    run(tiny, data, tmp_path / "one", **changes)
    (tmp_path / "two.json").write_text(json.dumps(settings(tiny, data, tmp_path / "two", **changes)))
    command = [sys.executable, "-m", *LAUNCHERS[launcher], "-m", "buqi", "train", str(tmp_path / "two.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    one, left = losses(tmp_path / "one"), weights(tmp_path / "one")
    two, right = losses(tmp_path / "two"), weights(tmp_path / "two")
    assert one.keys() == two.keys() == set(range(1, 7))
    assert all(abs(one[step] - two[step]) < 1e-4 for step in one)
    assert all(torch.allclose(left[key], right[key], atol=1e-4) for key in left)


def test_accelerate_configs_parse():
    from accelerate.commands.config.config_args import load_config_from_file

    kinds = {path.stem: load_config_from_file(str(path)).distributed_type for path in sorted(CONFIGS.glob("*.yaml"))}
    assert kinds == {"deepspeed": "DEEPSPEED", "fsdp": "FSDP", "two_processes": "MULTI_CPU"}
