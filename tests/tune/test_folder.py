from __future__ import annotations

import json

import pytest

from buqi.artefact import read_run
from buqi.config import make_config
from buqi.errors import BuqiError, UsageError
from buqi.seal import broken, seal
from buqi.tune.folder import check_checkpoint, checkpoint_for, clear, record, tidy
from buqi.tune.history import STARTED, latest_run
from buqi.tune.plan import make_plan
from buqi.tune.trainer import PackedTrainer
from tests.helpers import run, settings
from tests.tune.test_checkpoints import checkpoint


@pytest.fixture
def plan(tiny, data, tmp_path):
    return make_plan(make_config(settings(tiny, data, tmp_path / "out")))


def test_a_new_run_needs_an_empty_folder_and_a_resumed_one_its_own(plan, tmp_path):
    out = tmp_path / "out"
    assert checkpoint_for(plan, out, resume=False) is None
    with pytest.raises(UsageError, match="no whole checkpoint"):
        checkpoint_for(plan, out, resume=True)
    clear(plan, out)
    assert json.loads((out / STARTED).read_text()) == record(plan, "started") == latest_run(out)
    first, _ = checkpoint(out, 6), checkpoint(out, 12, whole=False)
    assert checkpoint_for(plan, out, resume=True) == first
    with pytest.raises(UsageError, match="a run up to checkpoint-6"):
        checkpoint_for(plan, out, resume=False)
    (out / STARTED).write_text(json.dumps(record(plan, "started") | {"identity": "0", "task": "another"}))
    with pytest.raises(UsageError, match="this is another run: task changed"):
        checkpoint_for(plan, out, resume=True)


def test_a_folder_is_cleared_of_a_run_and_of_nothing_else(plan, tmp_path):
    out = tmp_path / "out"
    checkpoint(out, 6)
    for name in ("log.jsonl", "adapter_config.json", "mine.txt"):
        (out / name).touch()
    clear(plan, out)
    assert sorted(path.name for path in out.iterdir()) == ["adapter_config.json", "mine.txt", STARTED]


def test_the_model_that_is_replaced_stays_until_the_new_one_is_whole(tiny, data, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr("buqi.tune.folder.draw_curve", no_room)
    with pytest.raises(BuqiError, match="could not be written.*--resume"):
        run(tiny, data, out, num_train_epochs=1)
    assert not list(out.glob("*adapter*"))
    monkeypatch.undo()
    assert run(tiny, data, out, resume=True, num_train_epochs=1).metrics
    before, seen = (out / "adapter_model.safetensors").read_bytes(), []

    def step(*given):
        seen.append((out / "adapter_model.safetensors").read_bytes() == before and not broken(out, whole=True))
        return training_step(*given)

    training_step = PackedTrainer.training_step
    monkeypatch.setattr(PackedTrainer, "training_step", step)
    changes = {"num_train_epochs": 1, "overwrite_output_dir": True, "learning_rate": 3e-2}
    monkeypatch.setattr("buqi.tune.folder.draw_curve", no_room)
    with pytest.raises(BuqiError, match="make room and run again with --resume"):
        run(tiny, data, out, **changes)
    assert seen and all(seen) and (out / "adapter_model.safetensors").read_bytes() == before
    assert latest_run(out)["status"] == "started" and read_run(out)["status"] == "finished" and not broken(out, True)
    monkeypatch.undo()
    run(tiny, data, out, resume=True, **changes)
    assert (out / "adapter_model.safetensors").read_bytes() != before and not broken(out, whole=True)
    assert not (out / STARTED).exists() and latest_run(out)["config"]["learning_rate"] == 3e-2
    run(tiny, data, out, **changes, lora=False)
    assert (out / "model.safetensors").is_file() and not (out / "adapter_config.json").exists()
    assert not broken(out, whole=True)


def no_room(*_):
    raise OSError(28, "No space left on device")


def test_a_broken_checkpoint_is_named_with_the_one_before(tmp_path):
    first, last = checkpoint(tmp_path, 6), checkpoint(tmp_path, 12)
    check_checkpoint(last)
    (last / "optimizer.pt").write_text("2")
    with pytest.raises(BuqiError, match="optimizer.pt: not the.*Delete .*checkpoint-12; .*goes on from checkpoint-6"):
        check_checkpoint(last)
    (first / "trainer_state.json").write_text("[]")
    seal(first)
    with pytest.raises(BuqiError, match="trainer_state.json: expected an object, found list"):
        check_checkpoint(first)


def test_what_killed_runs_left_is_removed(tmp_path):
    for step, whole in ((6, True), (12, False), (18, True)):
        checkpoint(tmp_path, step, whole)
    (tmp_path / "checkpoint-18" / "optimizer.pt").unlink()
    tidy(tmp_path, going_on=False)
    assert len(list(tmp_path.iterdir())) == 3
    tidy(tmp_path, going_on=True)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-6"]


def test_a_damaged_checkpoint_stays_whatever_its_folder_is_called(tmp_path):
    first = checkpoint(tmp_path / "missing-names", 6)
    (first / "optimizer.pt").write_text("2")
    tidy(first.parent, going_on=True)
    assert first.is_dir(), "it is reported, not removed"
