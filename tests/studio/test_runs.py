"""A run as its folder tells it, whoever began it."""

from __future__ import annotations

import json

import pytest

from buqi.lock import LOCK, locked
from buqi.studio.jobs import Queue
from buqi.studio.runs import Pace, run_named, training_elsewhere
from tests.conftest import pairs, write_jsonl
from tests.helpers import settings
from tests.tune.test_checkpoints import checkpoint


@pytest.fixture
def begun(studio, tiny):
    """A run of three steps of six, cut off behind a checkpoint."""
    place = studio.folder.runs / "r"
    checkpoint(place, 2)
    config = settings(tiny, studio.folder.data / "a", place, max_steps=6)
    data = {"train": {"file": "train.json", "rows": 24, "sha256": "0"}}
    (place / "started.json").write_text(json.dumps({"status": "started", "config": config, "data": data}))
    write_jsonl(place / "log.jsonl", [{"step": n, "loss": 5.0 - n} for n in (1, 2, 3)] + [{"step": 3, "warning": "w"}])
    return place


def test_states_of_a_run(studio, begun, tuned):
    run = studio.run("r")
    assert (run.state, run.step, run.steps, run.rows_per_step, run.can_go_on) == ("stopped", 3, 6, 4, True)
    assert run.points("loss") == [(1, 4.0), (2, 3.0), (3, 2.0)] and run.memory_gb == 0
    with locked(begun / LOCK, "training into it"):
        run = studio.run("r")
        assert run.state == "running" and run.pid > 0 and run.memory_gb > 0 and run.job is None
        assert training_elsewhere(studio.folder, studio.queue)
    assert not training_elsewhere(studio.folder, studio.queue)
    (studio.folder.runs / "done").symlink_to(tuned / "out")
    run = studio.run("done")
    assert run.state == "finished" and run.steps == 6 == run.step
    assert studio.run("none").state == "stopped" and not studio.run("none").can_go_on


def test_a_run_that_waits_and_one_that_never_began(studio):
    write_jsonl(studio.folder.data / "a" / "train.json", pairs(3))
    job = studio.queue.add("train", "r", ["x"], studio.folder.runs / "r" / "run.json")
    assert studio.run("r").state == "waiting"
    (studio.queue.folder / job.id / "process.txt").write_text("1-0-00000000")  # another host's
    assert run_named(studio.folder, Queue(studio.folder.jobs), "r").state == "running"
    (studio.queue.folder / job.id / "process.txt").write_text("")
    assert studio.run("r").state == "waiting"


def test_pace(studio, begun):
    pace, run = Pace(), studio.run("r")
    with locked(begun / LOCK, "training into it"):
        assert pace.see(studio.run("r"), now=0.0) == 0
        for step, now in ((4, 2.0), (5, 4.0)):
            with (begun / "log.jsonl").open("a") as file:
                file.write(json.dumps({"step": step, "loss": 1.0}) + "\n")
            speed = pace.see(studio.run("r"), now)
        assert speed == 0.5
    assert pace.see(run, 9.0) == 0


@pytest.mark.parametrize("value", [None, "x", [], {}, 1e308, float("nan"), 2**70, -1])
@pytest.mark.parametrize("key", ["max_steps", "num_train_epochs", "per_device_train_batch_size", "rows"])
def test_a_record_that_anybody_wrote_stops_no_page(studio, begun, key, value):
    record = json.loads((begun / "started.json").read_text())
    del record["config"]["max_steps"]
    (record["data"]["train"] if key == "rows" else record["config"])[key] = value
    (begun / "started.json").write_text(json.dumps(record))
    assert studio.run("r").steps >= 0 and studio.run("r").rows_per_step >= 1
    (begun / "started.json").write_text(json.dumps(record | {"data": {"train": value}}))
    assert studio.run("r").steps == 0
