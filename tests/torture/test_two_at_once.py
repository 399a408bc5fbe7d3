"""Two processes want the same folder: one works, the other says so and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from buqi.base import embedded
from buqi.errors import BuqiError
from buqi.lock import LOCK, locked
from buqi.owner import this_process
from tests.conftest import write_sets
from tests.helpers import buqi, settings

HOLD = (
    "import sys, time; from pathlib import Path; from buqi.lock import locked\n"
    "with locked(Path(sys.argv[1]), 'holding'):\n"
    "    print('held', flush=True); time.sleep(60)\n"
)
RACE = (
    "import sys, time; from pathlib import Path; from buqi.lock import locked; from buqi.errors import BuqiError\n"
    "path, log = Path(sys.argv[1]), Path(sys.argv[2])\n"
    "for _ in range(60):\n"
    "    try:\n"
    "        with locked(path, 'racing'), log.open('x'):\n"
    "            time.sleep(0.002); log.unlink()\n"
    "    except BuqiError:\n"
    "        time.sleep(0.001)\n"
)


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "out" / LOCK)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_training_is_told_and_a_dead_one_is_taken_over(tiny, tmp_path, holder):
    write_sets(tmp_path / "data", 8, 2)
    values = settings(tiny, tmp_path / "data", tmp_path / "out", num_train_epochs=1)
    (tmp_path / "c.json").write_text(json.dumps(values))
    said = buqi("train", tmp_path / "c.json", code=1).stderr
    assert f"process {holder.pid} is busy there since" in said and "wait until it is done" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == [LOCK]
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    buqi("train", tmp_path / "c.json")
    assert not (tmp_path / "out" / LOCK).exists() and (tmp_path / "out" / "seal.json").is_file()


def test_a_second_fetch_is_told(cache):
    lock = cache / "base" / ".embedded.lock"
    with locked(lock, "fetching the embedded base"), pytest.raises(BuqiError, match="busy there"):
        embedded.fetch_embedded()
    assert not lock.exists()


def test_a_lock_of_another_host_is_not_taken(tmp_path):
    lock = tmp_path / LOCK
    lock.write_text(json.dumps({"pid": 1, "start": "0", "host": "elsewhere", "since": "yesterday", "what": "x"}))
    with pytest.raises(BuqiError, match=f"on host elsewhere .*delete {lock} if that host is gone"), locked(lock, "y"):
        pass
    for broken in ("", "[]", "{", '{"pid": "1"}', "[" * 100_000):
        lock.write_text(broken)
        with locked(lock, "y"):
            assert json.loads(lock.read_text())["pid"] == os.getpid()
        assert not lock.exists()


def test_a_process_that_has_another_ones_number_is_not_its_owner(tmp_path):
    me = this_process()
    record = {"pid": me.pid, "start": "1" + me.start, "host": os.uname().nodename, "since": "", "what": "x"}
    (tmp_path / LOCK).write_text(json.dumps(record))
    twice = locked(tmp_path / LOCK, "z")
    with locked(tmp_path / LOCK, "y"), pytest.raises(BuqiError, match="this process is busy there already"), twice:
        pass


def test_never_two_hold_it(tmp_path):
    arguments = [sys.executable, "-c", RACE, str(tmp_path / "a" / LOCK), str(tmp_path / "log")]
    started = time.monotonic()
    racers = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for racer in racers:
        _, said = racer.communicate(timeout=60)
        assert racer.returncode == 0, said
    print(f"lock: 4 processes, 240 tries in {time.monotonic() - started:.1f} s")
    assert not (tmp_path / "a" / LOCK).exists() and not (tmp_path / "log").exists()
