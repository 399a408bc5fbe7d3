"""What lives as long as the server."""

from __future__ import annotations

import pytest

from buqi.errors import UsageError
from buqi.studio.studio import ANSWERS, Studio, StudioSettings


def test_who_answers_is_a_run_that_is_there(studio, tuned):
    assert studio.answers_with() == "" and studio.adapter("") is None
    (studio.folder.root / ANSWERS).write_text("r")
    assert studio.answers_with() == ""  # no such run yet
    (studio.folder.runs / "r").symlink_to(tuned / "out")
    assert studio.answers_with() == "r" and studio.adapter("r") == studio.folder.runs / "r"
    for name in ("../r", ".", ""):
        with pytest.raises(UsageError):
            studio.run(name)


def test_jobs_begin_between_start_and_stop_only(tmp_path, tiny):
    studio = Studio(StudioSettings(tmp_path / "s", str(tiny)))
    job = studio.queue.add("complete", "one", ["--version"], tmp_path / "s" / "never")
    assert studio.queue.state(job) == "waiting"
    studio.start()
    for _ in range(200):
        if studio.queue.state(job) not in ("waiting", "running"):
            break
        studio.worker.closing.wait(0.1)
    studio.stop()
    assert studio.queue.state(job) == "failed"  # it made no result
    assert studio.worker.closing.is_set()
