"""A thread that goes on after a step that failed, and is started again after it died."""

from __future__ import annotations

import threading
import time

from buqi.serve import worker
from buqi.serve.worker import Worker


def until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_steps_go_on_after_one_that_failed(monkeypatch):
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.01)
    steps, failing = [], threading.Event()

    def step() -> None:
        time.sleep(0.005)
        if failing.is_set():
            raise SystemExit(1)
        steps.append(1)

    found = Worker(step, "steps")
    assert not found.alive
    found.keep_alive()
    until(lambda: len(steps) > 2)
    failing.set()
    until(lambda: found.trouble == "SystemExit")
    assert found.alive
    failing.clear()
    until(lambda: not found.trouble)
    thread = found.thread
    found.keep_alive()
    assert found.thread is thread, "one that works is left alone"
    found.stop()
    found.keep_alive()
    assert not found.alive, "it was told to stop"


def test_a_thread_that_died_is_started_again():
    steps: list[int] = []
    found = Worker(lambda: (steps.append(1), time.sleep(0.005))[1], "steps")
    found.thread = threading.Thread(target=int)
    found.thread.start()
    found.thread.join()
    assert not found.alive
    found.keep_alive()
    until(lambda: steps)
    found.stop()
