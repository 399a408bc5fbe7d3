"""Killed twenty times at random moments, a run ends with the adapter of a run that nobody killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import write_sets
from tests.helpers import settings, weights

# Each life is a fork of a process that has read its modules already, so that it is killed while it trains.
LIVES = """
import json, os, random, signal, sys, time
from pathlib import Path
from rich.console import Console
import peft, torch, transformers
from buqi.config import make_config
from buqi.tune import make_plan
from buqi.tune.run import train
from buqi.tune.checkpoints import last_checkpoint
from buqi.tune.trainer import PackedTrainer

config, kills, longest = make_config(json.loads(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3])
folder, rng = Path(config.output_dir), random.Random(1)

def live():
    quiet = Console(file=open(os.devnull, "w"))
    train(make_plan(config), quiet, resume=last_checkpoint(folder) is not None)

reached = []
for _ in range(kills):
    child = os.fork()
    if child == 0:
        live()
        os._exit(0)
    time.sleep(rng.uniform(0.1, 1) * longest)
    os.kill(child, signal.SIGKILL)
    reached.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    checkpoint = last_checkpoint(folder)
    print(checkpoint.name if checkpoint else "none", file=sys.stderr)
live()
print(json.dumps(reached))
"""


def lives(values: dict, kills: int, longest: float = 1.6) -> list[int]:
    """Train, killed ``kills`` times after at most ``longest`` seconds; return how each of these lives ended."""
    run = subprocess.run(
        [sys.executable, "-c", LIVES, json.dumps(values), str(kills), str(longest)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.long
def test_twenty_kills_one_adapter(tiny, tmp_path):
    write_sets(tmp_path / "data", dev=2)
    changes = {
        "save_strategy": "steps", "save_steps": 1, "evaluation_strategy": "no", "num_train_epochs": 80,
        "overwrite_output_dir": True, "save_total_limit": 2, "lora_dropout": 0.1,
    }  # fmt: skip
    killed, whole = (settings(tiny, tmp_path / "data", tmp_path / name, **changes) for name in ("killed", "whole"))
    assert lives(killed, 20).count(-9) == 20
    assert lives(whole, 0) == []
    mine, theirs = weights(tmp_path / "killed"), weights(tmp_path / "whole")
    assert mine.keys() == theirs.keys()
    assert all(mine[key].equal(theirs[key]) for key in mine)
    assert (tmp_path / "killed" / "last").resolve() == Path(tmp_path / "killed" / "checkpoint-480").resolve()
