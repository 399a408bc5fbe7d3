"""Two processes want the same folder: one works, the other says so and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from buqi.answering import AnswerOptions
from buqi.base import embedded
from buqi.bulk import Job, run_job
from buqi.errors import BuqiError
from buqi.lock import LOCK, locked
from buqi.owner import this_process
from buqi.seal import broken
from tests.conftest import write_sets
from tests.helpers import buqi, buqi_process, make_adapter, settings

HOLD = (
    "import sys, time; from pathlib import Path; from buqi.lock import locked\n"
    "with locked(Path(sys.argv[1]), 'holding'):\n"
    "    print('held', flush=True); time.sleep(60)\n"
)
CLAIM = (
    "import sys, time; from contextlib import ExitStack; from pathlib import Path; from buqi.lock import claimed\n"
    "with ExitStack() as held:\n"
    "    [held.enter_context(claimed(Path(name))) for name in sys.argv[1:]]\n"
    "    print('held', flush=True); time.sleep(120)\n"
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
    for nobody in ("", "[]", "{", '{"pid": "1"}', "[" * 100_000):
        lock.write_text(nobody)
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


@pytest.fixture
def claim(tmp_path):
    """A process that holds the right to write ``out`` of the test's folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(tmp_path / "out.gguf"), str(tmp_path / "out")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_merge_quantisation_or_export_into_a_target_is_told(tiny, tmp_path, claim):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    base = ("--model_name_or_path", tiny)
    commands = [
        ("merge", "--lora_path", adapter, "--output_path", tmp_path / "out", *base),
        ("merge", "--lora_path", adapter, "--output_path", tmp_path / "out", *base, "--overwrite", "--adapter_only"),
        ("export-paddle", adapter, "--output_path", tmp_path / "out", *base),
        ("quantize", tiny, "--out", tmp_path / "out.gguf", "--bits", "8"),
        ("quantize", adapter, "--out", tmp_path / "out.gguf", "--base", tiny),
    ]
    for words in commands:
        assert f"process {claim.pid} is busy there since" in buqi(*words, code=1).stderr
    held = {"a", ".out.lock", ".out.gguf.lock"}
    assert {path.name for path in tmp_path.iterdir()} == held, "nothing was written"
    claim.send_signal(signal.SIGKILL)
    claim.wait()
    for words in (commands[0], commands[3]):
        buqi(*words)
    assert not {".out.lock", ".out.gguf.lock"} & {path.name for path in tmp_path.iterdir()}
    assert "exists" in buqi(*commands[0], code=2).stderr


def test_two_quantisations_at_once_leave_what_belongs_together(tiny, tmp_path):
    command = [sys.executable, "-m", "buqi", "quantize", str(tiny), "--out", str(tmp_path / "m.gguf"), "--overwrite"]
    runs = [
        subprocess.Popen([*command, "--bits", bits], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for bits in ("8", "16")
    ]
    said = [run.communicate(timeout=120)[1] for run in runs]
    codes = sorted(run.returncode for run in runs)
    assert codes in ([0, 0], [0, 1]) and all("Traceback" not in text for text in said)
    assert codes == [0, 0] or "is busy there" in "".join(said)
    kept = json.loads((tmp_path / "m.parity.json").read_text())
    assert kept["bytes"] == (tmp_path / "m.gguf").stat().st_size
    assert not broken(tmp_path, whole=True, file="m.seal.json") and not list(tmp_path.glob(".*"))


def test_a_second_job_on_a_file_is_told_and_the_first_goes_on(tmp_path):
    (tmp_path / "in.csv").write_text("address\n" + "碑林区1号\n" * 20)
    first = Job(tmp_path / "in.csv", tmp_path / "done.csv", options=AnswerOptions("match"), workers=1, piece=5)
    words = ["complete", "--file", first.source, "--out", first.target, "--mode", "match"]

    def try_again(summary):
        if summary.rows == 10:
            done = buqi_process(*words, code=1)
            assert f"process {os.getpid()} is busy there" in done.stderr

    assert run_job(first, progress=try_again).rows == 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["done.csv", "done.csv.review.csv", "in.csv"]
