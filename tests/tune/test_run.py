"""Training on the tiny model: what is written, stopping and going on, what is refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from buqi.base import load_model, load_tokenizer
from buqi.engine.packs import make_pack
from buqi.errors import BuqiError, UsageError
from buqi.rows import read_rows
from buqi.task import ROWS
from buqi.tune.checkpoints import last_checkpoint
from buqi.tune.history import read_log
from buqi.tune.loss import pack_loss
from buqi.tune.step_loss import StepLoss
from buqi.tune.trainer import PackedTrainer
from tests.conftest import pairs, write_jsonl, write_sets
from tests.helpers import losses, run, settings, weights

ARTEFACT = {
    "adapter_config.json", "adapter_model.safetensors", "task.json", "run.json", "log.jsonl", "curve.png", "seal.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tiny, tmp_path_factory):
    """One uninterrupted run, with its data."""
    root = tmp_path_factory.mktemp("whole")
    return root, run(tiny, write_sets(root / "data"), root / "out")


def test_folder_holds_the_artefact_and_nothing_pickled(whole):
    root, result = whole
    assert {p.name for p in (root / "out").iterdir() if p.is_file()} == ARTEFACT
    assert (root / "out" / "curve.png").read_bytes().startswith(b"\x89PNG")
    record = json.loads((root / "out" / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["data"]["train"]["rows"] == 24
    assert set(result.metrics) == {"dev_loss", "dev_accuracy", "dev_exact_match"}
    assert list(losses(root / "out")) == list(range(1, 19))
    assert losses(root / "out")[18] < losses(root / "out")[1]


def test_plain_peft_opens_the_adapter(whole, tiny):
    root, result = whole
    tuned = PeftModel.from_pretrained(load_model(tiny), root / "out").eval()
    tokenizer = load_tokenizer(tiny)
    pack = make_pack([ROWS.encode(tokenizer, r.src, r.tgt) for r in read_rows(root / "data" / "dev.json")])
    loss, hits = pack_loss(tuned, pack)
    assert loss.item() / len(pack.targets) == pytest.approx(result.metrics["dev_loss"], abs=1e-5)
    assert hits.item() / len(pack.targets) == pytest.approx(result.metrics["dev_accuracy"], abs=1e-5)


def test_accumulation_and_pack_size_do_not_change_the_losses(whole, tiny, tmp_path):
    root, _ = whole
    other = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "pack_tokens": 80}
    run(tiny, root / "data", tmp_path / "b", **other)
    assert losses(tmp_path / "b") == pytest.approx(losses(root / "out"), abs=1e-4)


def test_recompute_gives_the_same_losses(whole, tiny, tmp_path):
    root, _ = whole
    run(tiny, root / "data", tmp_path / "r", recompute=True)
    assert losses(tmp_path / "r") == pytest.approx(losses(root / "out"), abs=1e-5)


def interrupt_in(monkeypatch, method, when):
    """Press Ctrl-C inside a method of the trainer, the first time ``when(trainer)`` holds."""
    plain, pressed = getattr(PackedTrainer, method), []

    def pressing(self, *args, **kwargs):
        if not pressed and when(self):
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(PackedTrainer, method, pressing)


def logged(out: Path) -> list[dict]:
    timed = ("train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss")
    return [{k: v for k, v in r.items() if k not in timed} for r in read_log(out / "log.jsonl")]


@pytest.mark.parametrize(
    ("method", "step", "kept"),
    [
        ("training_step", 8, 9),  # in the middle of an epoch
        ("training_step", 11, 12),  # in its last step: evaluated before it stops
        ("measure", 6, 6),  # in its evaluation
    ],
)
def test_resume_after_ctrl_c_is_bit_identical(whole, tiny, tmp_path, method, step, kept):
    root, _ = whole
    with pytest.MonkeyPatch.context() as patch:
        interrupt_in(patch, method, lambda trainer: trainer.state.global_step == step)
        with pytest.raises(KeyboardInterrupt):
            run(tiny, root / "data", tmp_path / "out")
    assert last_checkpoint(tmp_path / "out").name == f"checkpoint-{kept}"
    assert (tmp_path / "out" / "curve.png").stat().st_size > 10_000, "drawn as far as it went"
    run(tiny, root / "data", tmp_path / "out", resume=True)
    assert logged(tmp_path / "out") == logged(root / "out"), "losses and evaluations alike"
    for name, value in weights(root / "out").items():
        assert torch.equal(value, weights(tmp_path / "out")[name]), name


def test_resume_after_kill(whole, tiny, tmp_path):
    root, _ = whole
    config = tmp_path / "c.json"
    config.write_text(json.dumps(settings(tiny, root / "data", tmp_path / "out")))
    command = [sys.executable, "-m", "buqi", "train", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while last_checkpoint(tmp_path / "out") is None and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert last_checkpoint(tmp_path / "out") is not None
    run(tiny, root / "data", tmp_path / "out", resume=True)
    assert losses(tmp_path / "out") == pytest.approx(losses(root / "out"), abs=1e-6)
    for name, value in weights(root / "out").items():
        torch.testing.assert_close(value, weights(tmp_path / "out")[name], atol=1e-6, rtol=1e-5)


def test_stale_folder_is_never_continued_by_accident(whole, tiny, tmp_path):
    root, _ = whole
    with pytest.raises(UsageError, match="--overwrite_output_dir"):
        run(tiny, root / "data", root / "out")
    with pytest.raises(UsageError, match="lora_rank was 8, is 4"):
        run(tiny, root / "data", root / "out", resume=True, lora_rank=4)
    with pytest.raises(UsageError, match="no whole checkpoint"):
        run(tiny, root / "data", tmp_path / "new", resume=True)


def test_full_disk_keeps_the_last_good_checkpoint(tiny, tmp_path, data, monkeypatch):
    from transformers import Trainer

    save = Trainer._save_checkpoint

    def full(self, model, trial):
        if self.state.global_step > 6:
            folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
            folder.mkdir()
            (folder / "half").write_text("half")
            raise OSError(28, "No space left on device")
        save(self, model, trial)

    monkeypatch.setattr(Trainer, "_save_checkpoint", full)
    with pytest.raises(BuqiError, match=r"(?s)checkpoint-12 could not be written.*--resume"):
        run(tiny, data, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").glob("checkpoint-*")] == ["checkpoint-6"]
    monkeypatch.setattr(Trainer, "_save_checkpoint", save)
    assert run(tiny, data, tmp_path / "out", resume=True).metrics


def test_old_checkpoint_goes_only_when_the_new_one_is_whole(tiny, tmp_path, data, monkeypatch):
    write_bytes = Path.write_bytes

    def full(self, *args, **kwargs):
        if "seal.json" in self.name and self.parent.name == "checkpoint-12":
            raise OSError(28, "No space left on device")
        return write_bytes(self, *args, **kwargs)

    with monkeypatch.context() as context:
        context.setattr(Path, "write_bytes", full)
        with pytest.raises(BuqiError, match="checkpoint-12 could not be written"):
            run(tiny, data, tmp_path / "out", save_total_limit=1)
    assert [p.name for p in (tmp_path / "out").glob("checkpoint-*")] == ["checkpoint-6"]
    run(tiny, data, tmp_path / "out", save_total_limit=1, resume=True)
    assert [p.name for p in (tmp_path / "out").glob("checkpoint-*")] == ["checkpoint-18"]


def test_an_impossible_run_does_not_wipe_the_old_one(whole, tiny, tmp_path):
    root, out = whole[0], shutil.copytree(whole[0] / "out", tmp_path / "out", symlinks=True)
    before = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    with pytest.raises(UsageError, match="q_proj"):
        run(tiny, root / "data", out, overwrite_output_dir=True, target_modules="query_proj")
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    assert last_checkpoint(out).name == "checkpoint-18"


def test_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(tiny, tmp_path, data, monkeypatch):
    plain, calls = StepLoss.loss, []

    def poisoned(self, model, rows, pack):
        loss, hits = plain(self, model, rows, pack)
        calls.append(model.training)
        return (loss * float("nan") if sum(calls) == 8 else loss), hits

    monkeypatch.setattr(StepLoss, "loss", poisoned)
    with pytest.raises(BuqiError, match=r"step 8: the loss is nan; .*checkpoint-6 is kept(.|\n)*lower learning_rate"):
        run(tiny, data, tmp_path / "out")
    assert last_checkpoint(tmp_path / "out").name == "checkpoint-6"


def test_rows_too_long_stop_before_training(tiny, tmp_path, data):
    with pytest.raises(UsageError, match="too long: 30 rows"):
        run(tiny, data, tmp_path / "out", max_length=10, src_length=10)
    assert not (tmp_path / "out").exists()


def test_what_is_asked_is_measured(tiny, tmp_path, data):
    write_jsonl(data / "test.json", pairs(4, start=200))
    asked = {"do_predict": True, "eval_with_do_generation": True, "report_to": "tensorboard"}
    result = run(tiny, data, tmp_path / "out", num_train_epochs=1, **asked)
    assert "test_exact_match" in result.metrics, "the test set at the end"
    assert any("eval_exact_match" in r for r in read_log(tmp_path / "out" / "log.jsonl")), "at every evaluation"
    assert list((tmp_path / "out" / "runs").glob("events*"))


def test_the_adapter_that_is_kept_is_the_best_and_measured_once(whole, tiny, tmp_path, monkeypatch):
    root, result = whole
    measured = []
    measure = PackedTrainer.measure

    def counted(self, rows, name="dev"):
        measured.append(name)
        return measure(self, rows, name)

    monkeypatch.setattr(PackedTrainer, "measure", counted)
    again = run(tiny, root / "data", tmp_path / "out")
    assert measured == ["dev"] * 3 and again.metrics == result.metrics, "once an epoch, not once more at the end"
    best = run(
        tiny, root / "data", tmp_path / "best", load_best_model_at_end=True, metric_for_best_model="loss",
        save_total_limit=1, learning_rate=0.5, num_train_epochs=4,
    )  # fmt: skip
    assert measured == ["dev"] * 7
    evaluated = [r["eval_loss"] for r in read_log(tmp_path / "best" / "log.jsonl") if "eval_loss" in r][:-1]
    assert len(evaluated) == 4
    assert best.metrics["dev_loss"] == pytest.approx(min(evaluated), abs=1e-5)
    assert len(list((tmp_path / "best").glob("checkpoint-*"))) <= 2
    run(tiny, root / "data", tmp_path / "none", evaluation_strategy="no", num_train_epochs=1)
    assert len(measured) == 8, "nothing was measured before"
