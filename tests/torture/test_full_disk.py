"""A disk that is full at any moment of a command: one sentence, the old result whole, and the same bytes afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from buqi.base import embedded
from buqi.errors import BuqiError
from buqi.lock import LOCK, locked
from tests.base.test_embedded import PARTS, registry  # noqa: F401 (a fixture)
from tests.conftest import write_sets
from tests.helpers import make_adapter, settings
from tests.torture.full_disk import Disk, full

# On a disk of its own (tmpfs, in a name space of its own). Each life is a fork of a process that has read its modules
# already. It prints how many lives met the full disk and how many did not.
DISKS = """
import errno, json, os, random, shutil, subprocess, sys, traceback
from pathlib import Path
import peft, torch, transformers, gguf
from rich.console import Console
from buqi.base.gguf_file import folder_from_gguf
from buqi.config import make_config
from buqi.errors import BuqiError
from buqi.export.merge import merge
from buqi.export.quantize import quantize
from buqi.files import sha256_of
from buqi.seal import broken
from buqi.tune.plan import make_plan
from buqi.tune.folder import last_checkpoint
from buqi.tune.run import train

what, disk, tries = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
given, rng, target = json.loads(sys.argv[4]), random.Random(7), disk / "out"
for name in ("merge", "quantize"):  # they would refuse before anything is written
    sys.modules[f"buqi.export.{name}"].check_room = lambda *_: None

def act(first):
    if what == "train":
        config = make_config(given | {"output_dir": str(target), "learning_rate": 1e-2 if first else 2e-2})
        quiet = Console(file=open(os.devnull, "w"))
        resume = not first and (target / "started.json").is_file() and last_checkpoint(target) is not None
        train(make_plan(config), quiet, resume)
    elif what == "merge":
        merge(given["base"], Path(given["adapters"][not first]), target, overwrite=True)
    elif what == "quantize":
        quantize(Path(given["base"]), target / "m.gguf", 8 if first else 32, overwrite=True, texts=("x",))
    else:
        os.environ["BUQI_CACHE"] = str(target / "cache")
        folder_from_gguf(Path(given["ggufs"][not first]))

def life(first=False):
    child = os.fork()
    if child == 0:
        try:
            act(first)
            os._exit(0)
        except (BuqiError, OSError) as error:
            full = isinstance(error, BuqiError) or error.errno == errno.ENOSPC
            print(what, "said:", str(error)[:150].replace(chr(10), " "), file=sys.stderr)
            os._exit(3 if full else 4)
        except BaseException:
            traceback.print_exc()
            os._exit(4)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def mount(size, again=False):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"{'remount,' * again}size={size}", "x", disk], check=True)

def used():
    return shutil.disk_usage(disk).used

def results():
    timed = ("log.jsonl", "curve.png", "run.json", "seal.json", "m.seal.json", "m.parity.json")
    return {
        p.relative_to(target).as_posix(): "" if p.name in timed else sha256_of(p)
        for p in sorted(target.rglob("*"))
        if p.is_file()
    }

def remains():
    return [str(p) for p in disk.rglob(".*") if p.name.endswith((".part", ".old", ".lock"))]

def sound():
    if what == "quantize":
        return not broken(target, whole=True, file="m.seal.json")
    folders = list(target.glob("cache/base/gguf-*")) if what == "fetch" else [target]
    return all(not broken(folder, whole=True) for folder in folders)

mount("300m")
assert life(first=True) == 0
kept = disk.parent / "kept"
shutil.copytree(target, kept, symlinks=True)
first, before = results(), used()
assert life() == 0
needed, wanted, ended = used() - before, results(), []
assert wanted != first
room = 2 * max(needed, 400_000) if what != "train" else 900_000
for number in range(tries):
    subprocess.run(["umount", disk], check=True)
    mount("300m")
    shutil.copytree(kept, target, symlinks=True)
    mount(used() + 4096 * rng.randrange(room // 4096 + 1), again=True)
    ended.append(life())
    assert ended[-1] in (0, 3), ended
    assert sound(), "what was there, or the new one"
    assert not remains(), remains()
    if ended[-1] == 3 and what != "train":
        now = results()
        assert all(now.get(name) in (value, wanted.get(name)) for name, value in first.items()), (first, now)
    mount("300m", again=True)
    assert life() == 0
    assert sound() and not remains()
    now = results()
    assert {n: v for n, v in now.items() if "checkpoint" not in n} == \\
        {n: v for n, v in wanted.items() if "checkpoint" not in n}, (wanted, now)
print(ended.count(3), ended.count(0))
"""


def test_a_fetch_meets_a_full_disk_at_every_write(registry, cache, monkeypatch):  # noqa: F811
    failed, said = 0, set()
    for left in range(1000):
        shutil.rmtree(cache, ignore_errors=True)
        with monkeypatch.context() as patch:
            disk = Disk(cache, left, patch)
            try:
                embedded.fetch_embedded()
            except BuqiError as error:
                said.add(str(error))
            except OSError as error:
                said.add(os.strerror(error.errno))
        if not disk.failed:
            break
        failed += 1
        assert not embedded.embedded_folder().exists() or embedded.fetch_embedded(whole=True)
        assert not list(cache.rglob(".*")), "no draft and no lock"
        folder = embedded.fetch_embedded(whole=True)
        assert (folder / "model.safetensors").read_bytes() == b"".join(PARTS)
        assert [path.name for path in (cache / "base").iterdir()] == [folder.name]
    assert all("No space left on device" in text for text in said), said
    print(f"fetch: {failed} writes, each met a full disk once")
    assert failed > 20


def test_a_lock_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("buqi.lock.json.dumps", full)
        with pytest.raises(BuqiError, match="cannot be written .No space left"), locked(tmp_path / "out" / LOCK, "x"):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare: a small disk cannot be mounted")
@pytest.mark.parametrize("what", ["train", "merge", "quantize", "fetch"])
def test_a_disk_full_at_any_moment(tiny, other_tiny, tmp_path, what):
    from buqi.export.gguf_writer import TYPES, write_gguf

    (tmp_path / "disk").mkdir()
    if subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "x", tmp_path / "disk"], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    write_sets(tmp_path / "data", dev=2)
    for number, base in enumerate((tiny, other_tiny)):
        write_gguf(base, tmp_path / f"{number}.gguf", TYPES[8])
    given = settings(tiny, tmp_path / "data", tmp_path / "out", overwrite_output_dir=True, save_steps=2)
    given |= {"save_strategy": "steps", "evaluation_strategy": "no", "num_train_epochs": 2, "save_total_limit": 2}
    if what != "train":
        adapters = [str(make_adapter(tiny, tmp_path / f"a{seed}", seed)) for seed in (1, 2)]
        given = {"base": str(tiny), "adapters": adapters, "ggufs": [str(tmp_path / f"{n}.gguf") for n in (0, 1)]}
    run = subprocess.run(
        ["unshare", "-Urm", sys.executable, "-c", DISKS, what, str(tmp_path / "disk"), "12", json.dumps(given)],
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    failed, done = map(int, run.stdout.split())
    print(f"{what}: {failed} times a full disk, {done} times room enough")
    assert failed >= 4
