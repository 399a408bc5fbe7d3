"""Killed at random moments, a command run again gives the same bytes and leaves nothing else behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from buqi.files import sha256_of
from buqi.seal import SEAL, broken
from tests.conftest import write_sets
from tests.helpers import make_adapter, settings

# Each life is a fork of a process that has read its modules already, so that it is killed while it works.
TRAININGS = """
import json, os, random, signal, sys, time
from pathlib import Path
from rich.console import Console
import peft, torch, transformers
from buqi.config import make_config
from buqi.tune.plan import make_plan
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
# The same; a watcher looks all the time whether the target is there.
MERGES = """
import os, random, signal, sys, time
from pathlib import Path
import peft, torch, transformers
from buqi.export.merge import merge
from buqi.seal import broken

base, adapter, target, kills, longest = sys.argv[1], *map(Path, sys.argv[2:4]), int(sys.argv[4]), float(sys.argv[5])
rng, killed, gone, looked = random.Random(3), 0, 0, 0

def life():  # never in this process: threads that torch has started are lost in a fork
    child = os.fork()
    if child == 0:
        merge(base, adapter, target, overwrite=True)
        os._exit(0)
    return child

for _ in range(2):  # the second is as fast as those after it
    started = time.monotonic()
    assert os.waitpid(life(), 0)[1] == 0
    usual = time.monotonic() - started
for _ in range(kills):
    child = life()
    end = time.monotonic() + rng.uniform(0.02, min(1.5 * usual, longest))
    while time.monotonic() < end:
        looked += 1
        gone += not (target / "model.safetensors").is_file()
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    assert not broken(target, whole=True), broken(target, whole=True)
assert os.waitpid(life(), 0)[1] == 0
print(killed, gone, looked)
"""


def lives(values: dict, kills: int, longest: float = 1.6) -> list[int]:
    """Train, killed ``kills`` times after at most ``longest`` seconds; return how each of these lives ended."""
    run = subprocess.run(
        [sys.executable, "-c", TRAININGS, json.dumps(values), str(kills), str(longest)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


def files(folder: Path) -> dict[str, str]:
    """Return every file and link under a folder with its hash, what measures time left out."""
    timed = ("log.jsonl", "curve.png", "run.json", SEAL)
    return {
        path.relative_to(folder).as_posix(): "" if path.name in timed else sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "runs" not in path.parts
    }


@pytest.mark.long
def test_a_training_killed_often_ends_as_one_that_was_not(tiny, tmp_path):
    write_sets(tmp_path / "data", dev=2)
    changes = {
        "save_strategy": "steps", "save_steps": 1, "evaluation_strategy": "no", "num_train_epochs": 80,
        "overwrite_output_dir": True, "save_total_limit": 2, "lora_dropout": 0.1,
    }  # fmt: skip
    assert lives(settings(tiny, tmp_path / "data", tmp_path / "killed", **changes), 20).count(-9) == 20
    assert lives(settings(tiny, tmp_path / "data", tmp_path / "whole", **changes), 0) == []
    killed, whole = files(tmp_path / "killed"), files(tmp_path / "whole")
    print(f"training: 20 kills, {len(killed)} files alike")
    assert {name for name in killed if "checkpoint" not in name} == {n for n in whole if "checkpoint" not in n}
    assert killed["adapter_model.safetensors"] == whole["adapter_model.safetensors"]
    for name in ("adapter_model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"):
        assert killed[f"checkpoint-480/{name}"] == whole[f"checkpoint-480/{name}"], name
    assert len(list((tmp_path / "killed").glob("checkpoint-*"))) == 2
    assert (tmp_path / "killed" / "last").resolve() == (tmp_path / "killed" / "checkpoint-480").resolve()
    assert not [name for name in killed if "/." in f"/{name}"]
    assert not broken(tmp_path / "killed", whole=True)


@pytest.mark.long
def test_a_training_of_the_real_base_killed_often_ends_as_one_that_was_not(real_base, tmp_path):
    write_sets(tmp_path / "data", 8, 2)
    changes = {
        "save_strategy": "steps", "save_steps": 1, "evaluation_strategy": "no", "num_train_epochs": 6, "do_eval": False,
        "overwrite_output_dir": True, "save_total_limit": 2, "learning_rate": 1e-3, "lora_dropout": 0.1,
    }  # fmt: skip
    killed, whole = (settings(real_base, tmp_path / "data", tmp_path / name, **changes) for name in ("killed", "whole"))
    ended = lives(killed, 3, 25.0)
    lives(whole, 0)
    print(f"training of the real base: {ended.count(-9)} kills")
    assert ended.count(-9) > 0
    mine, theirs = files(tmp_path / "killed"), files(tmp_path / "whole")
    assert {name for name in mine if "checkpoint" not in name} == {n for n in theirs if "checkpoint" not in n}
    assert mine["adapter_model.safetensors"] == theirs["adapter_model.safetensors"]
    assert not broken(tmp_path / "killed", whole=True) and not (tmp_path / "killed" / ".lock").exists()


@pytest.mark.long
@pytest.mark.parametrize(("base", "kills", "longest"), [("tiny", 25, 5.0), ("real_base", 2, 120.0)])
def test_a_merge_killed_often_leaves_the_old_target_or_the_new(request, tmp_path, base, kills, longest):
    folder = request.getfixturevalue(base)
    adapter, target = make_adapter(folder, tmp_path / "a", 1, std=0.02), tmp_path / "out" / "merged"
    run = subprocess.run(
        [sys.executable, "-c", MERGES, str(folder), str(adapter), str(target), str(kills), str(longest)],
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    killed, gone, looked = map(int, run.stdout.split())
    print(f"merge on {base}: {killed} of {kills} killed, target missing in {gone} of {looked} looks")
    assert killed > 0 and gone == 0 and looked > 100
    assert [path.name for path in target.parent.iterdir()] == ["merged"]
    assert json.loads((target / "run.json").read_text())["fingerprint"]


def test_a_killed_writer_leaves_a_draft_that_the_next_removes(tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from buqi.files import whole_file, whole_folder, whole_files\n"
        "with globals()[sys.argv[1]](Path(sys.argv[2])) as draft:\n"
        "    draft.write_text('half') if sys.argv[1] == 'whole_file' else (draft / 'half').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if sys.argv[3:] else None\n"
    )
    for kind in ("whole_file", "whole_folder", "whole_files"):
        target = tmp_path / kind / "target"
        for last in (["die"], ["die"], []):
            done = subprocess.run([sys.executable, "-c", script, kind, str(target), *last], check=False)
            assert done.returncode == (-9 if last else 0)
            assert target.exists() is not bool(last)
            assert len(list(target.parent.iterdir())) == 1, "one draft, or the target"
