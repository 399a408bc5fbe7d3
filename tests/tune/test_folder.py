from __future__ import annotations

import json

import pytest

from buqi.config import make_config
from buqi.errors import UsageError
from buqi.tune import make_plan
from buqi.tune.folder import COMPLETE, checkpoint_for, clear, last_checkpoint, record
from tests.helpers import settings


@pytest.fixture
def plan(tiny, data, tmp_path):
    return make_plan(make_config(settings(tiny, data, tmp_path / "out")))


def checkpoint(folder, step: int, whole: bool = True) -> None:
    (folder / f"checkpoint-{step}").mkdir(parents=True)
    if whole:
        (folder / f"checkpoint-{step}" / COMPLETE).touch()


def test_a_checkpoint_cut_off_is_not_resumed_from(tmp_path):
    for step, whole_ in ((6, True), (12, False)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if whole_:
            (tmp_path / f"checkpoint-{step}" / "complete").touch()
    assert last_checkpoint(tmp_path).name == "checkpoint-6"


def test_a_new_run_needs_an_empty_folder_and_a_resumed_one_its_own(plan, tmp_path):
    out = tmp_path / "out"
    assert checkpoint_for(plan, out, resume=False) is None
    with pytest.raises(UsageError, match="no whole checkpoint"):
        checkpoint_for(plan, out, resume=True)
    clear(plan, out)
    assert json.loads((out / "run.json").read_text()) == record(plan, "started")
    checkpoint(out, 6)
    checkpoint(out, 12, whole=False)
    assert checkpoint_for(plan, out, resume=True) == out / "checkpoint-6"
    with pytest.raises(UsageError, match="a run up to checkpoint-6"):
        checkpoint_for(plan, out, resume=False)
    (out / "run.json").write_text(json.dumps(record(plan, "started") | {"identity": "0", "task": "another"}))
    with pytest.raises(UsageError, match="this is another run: task changed"):
        checkpoint_for(plan, out, resume=True)


def test_a_folder_is_cleared_of_a_run_and_of_nothing_else(plan, tmp_path):
    out = tmp_path / "out"
    checkpoint(out, 6)
    for name in ("log.jsonl", "adapter_config.json", "mine.txt"):
        (out / name).touch()
    clear(plan, out)
    assert sorted(path.name for path in out.iterdir()) == ["mine.txt", "run.json"]
