"""Commands as processes of their own: started one at a time, stopped, found again."""

from __future__ import annotations

import errno
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from buqi.errors import BuqiError, UsageError
from buqi.studio.jobs import ADDRESSES, Queue, run_now


@pytest.fixture
def queue(tmp_path, monkeypatch) -> Iterator[Queue]:
    """A queue whose commands are those of a shell, started as the page's server does: no signal is ignored."""
    monkeypatch.setattr("buqi.studio.jobs.command", lambda words: ["sh", "-c", words[0]])
    (tmp_path / "jobs").mkdir()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield Queue(tmp_path / "jobs")
    signal.signal(signal.SIGINT, before)


def ended(queue: Queue, job) -> str:
    deadline = time.monotonic() + 30
    while queue.state(job) in ("waiting", "running") and time.monotonic() < deadline:
        queue.step()
        time.sleep(0.02)
    return queue.state(job)


def test_one_after_the_other(queue, tmp_path):
    first = queue.add("train", "a", [f"sleep 0.3; touch {tmp_path}/a"], tmp_path / "a")
    second = queue.add("train", "b", [f"touch {tmp_path}/b"], tmp_path / "b")
    beside = queue.add("complete", "c", [f"touch {tmp_path}/c"], tmp_path / "c", ADDRESSES)
    queue.step()
    assert [queue.state(job) for job in (first, second)] == ["running", "waiting"]
    assert ended(queue, beside) == "done"
    assert ended(queue, first) == ended(queue, second) == "done"
    assert queue.all() == [beside, second, first] == Queue(queue.folder).all()
    queue.step()
    (tmp_path / "a").unlink()
    assert queue.state(first) == "done"


def test_nothing_begins_while_something_else_trains(queue, tmp_path):
    job = queue.add("train", "a", ["true"], tmp_path / "a")
    queue.step(busy=True)
    assert queue.state(job) == "waiting"


def test_what_failed_says_why(queue, tmp_path):
    job = queue.add("train", "a", ["echo step 1; echo 'buqi: no such folder'; exit 2"], tmp_path / "a")
    assert ended(queue, job) == "failed" and queue.message(job) == "no such folder"
    killed = queue.add("train", "a", ["echo step 1; kill -9 $$"], tmp_path / "a")
    assert ended(queue, killed) == "failed" and queue.message(killed) == ""
    assert queue.output(killed) == "step 1\n" and queue.seconds(killed) < 30


def test_a_job_goes_on_without_its_server(queue, tmp_path):
    job = queue.add("train", "a", [f"sleep 0.5; touch {tmp_path}/a"], tmp_path / "a")
    queue.step()
    again = Queue(queue.folder)
    assert again.state(job) == "running" and again.latest(tmp_path / "a") == job
    assert ended(again, job) == "done"


def test_asked_to_pause_twice_it_is_told_once(queue, tmp_path):
    trap = f"trap 'echo told >> {tmp_path}/told' INT; touch {tmp_path}/on; for i in 1 2 3 4 5 6; do sleep 0.2; done"
    job = queue.add("train", "a", [trap], tmp_path / "a")
    queue.step()
    while not (tmp_path / "on").exists():
        time.sleep(0.02)
    queue.ask(job, "pause")
    queue.ask(job, "pause")
    assert ended(queue, job) == "stopped" and (tmp_path / "told").read_text() == "told\n"


def test_stop_and_taken_out(queue, tmp_path):
    job, waiting = (queue.add("train", n, ["sleep 60"], tmp_path / n) for n in ("a", "b"))
    queue.step()
    queue.ask(waiting, "stop")
    queue.ask(job, "stop")
    assert ended(queue, job) == "stopped" and queue.all() == [job]


def test_the_same_result_is_asked_once(queue, tmp_path):
    queue.add("train", "a", ["true"], tmp_path / "a")
    with pytest.raises(UsageError, match="in the queue already"):
        queue.add("train", "a", ["true"], tmp_path / "a")


def test_on_a_full_disk_nothing_is_started_or_lost(queue, tmp_path, monkeypatch):
    job = queue.add("train", "a", [f"touch {tmp_path}/a"], tmp_path / "a")
    write = Path.write_text

    def full(path, text, **options):
        if path.name.startswith("."):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, text, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space"):
            queue.step()
    assert queue.state(job) == "waiting" and queue.children == []
    assert ended(queue, job) == "done"


def test_run_now_tells_the_commands_own_message(queue):
    assert run_now(["echo 1"]) == "1\n"
    with pytest.raises(BuqiError, match=r"^a\.csv: no rows$"):
        run_now(["echo 'buqi: a.csv: no rows' >&2; exit 2"])


def test_a_record_of_another_job_or_kind_is_none(queue, tmp_path):
    record = {"id": "x", "kind": "k", "title": "t", "words": ["version"], "result": str(tmp_path / "r")}
    for wrong in ({"id": "../../x"}, {"title": 5}, {"words": [None]}, {"result": None}, {"lane": []}):
        (queue.folder / "x").mkdir(exist_ok=True)
        (queue.folder / "x" / "job.json").write_text(json.dumps(record | wrong))
        assert queue.all() == [], wrong
    (queue.folder / "x" / "job.json").write_text(json.dumps(record))
    assert [job.id for job in queue.all()] == ["x"]


def test_a_text_with_a_zero_byte_is_refused(queue, tmp_path):
    for ask in (lambda: run_now(["a\0b"]), lambda: queue.add("k", "t", ["a\0b"], tmp_path / "r")):
        with pytest.raises(UsageError, match=r"U\+0000"):
            ask()
