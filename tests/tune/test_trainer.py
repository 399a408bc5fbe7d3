from __future__ import annotations

import json

import pytest
import torch

from buqi.artefact import read_run
from buqi.errors import BuqiError
from buqi.tune.finite import FiniteCheck
from buqi.tune.history import read_log
from buqi.tune.step_loss import StepLoss
from buqi.tune.trainer import PackedTrainer
from tests.helpers import losses, run


def test_a_gradient_that_is_not_finite_stops_the_run_and_names_its_rows(tiny, data, tmp_path, monkeypatch):
    step = PackedTrainer.training_step
    calls = iter(range(100))
    changes = {"save_strategy": "steps", "save_steps": 1}

    def broken(self, model, inputs, *rest):
        if next(calls) == 2:
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.register_hook(lambda gradient: gradient * float("nan"))
        return step(self, model, inputs, *rest)

    monkeypatch.setattr(PackedTrainer, "training_step", broken)
    with pytest.raises(
        BuqiError, match=r"step 3: the gradient is not finite; .*checkpoint-2 is kept(.|\n)*rows end in"
    ):
        run(tiny, data, tmp_path / "out", **changes)
    assert sorted(p.name for p in (tmp_path / "out").glob("checkpoint-*")) == ["checkpoint-1", "checkpoint-2"]


@pytest.mark.parametrize("logging_steps", [2, 50])
def test_a_step_that_is_not_finite_is_found_before_anything_is_kept_of_it(
    tiny, data, tmp_path, monkeypatch, logging_steps
):
    """As on a GPU, where looking at each step would make the program wait."""
    plain, calls = StepLoss.loss, []

    def poisoned(self, model, rows, pack):
        loss, hits = plain(self, model, rows, pack)
        calls.append(model.training)
        return (loss * float("nan") if sum(calls) == 9 else loss), hits

    looks = []
    first_bad = FiniteCheck.first_bad
    monkeypatch.setattr(FiniteCheck, "first_bad", lambda self: looks.append(len(self.waiting)) or first_bad(self))
    monkeypatch.setattr(PackedTrainer, "checks_each_step", False)
    monkeypatch.setattr(StepLoss, "loss", poisoned)
    with pytest.raises(BuqiError, match=r"step 9: the loss is nan; .*checkpoint-6 is kept(.|\n)*rows end in"):
        run(tiny, data, tmp_path / "out", logging_steps=logging_steps)
    assert max(looks) > 1, "several steps at once"
    assert [p.name for p in (tmp_path / "out").glob("checkpoint-*")] == ["checkpoint-6"]


def test_a_run_looks_at_its_last_steps(tiny, data, tmp_path, monkeypatch):
    monkeypatch.setattr(PackedTrainer, "checks_each_step", False)
    plain = StepLoss.loss
    monkeypatch.setattr(StepLoss, "loss", lambda *given: (plain(*given)[0] * float("inf"), plain(*given)[1]))
    quiet = {"save_strategy": "no", "evaluation_strategy": "no", "logging_steps": 100, "max_steps": 3}
    with pytest.raises(BuqiError, match="step 1: the loss is inf"):
        run(tiny, data, tmp_path / "out", **quiet)
    assert not (tmp_path / "out" / "adapter_config.json").exists()


def out_of_memory(monkeypatch, above: int) -> list[int]:
    """Let packs of more than ``above`` tokens find the memory full; return the sizes that were tried."""
    plain, tried = StepLoss.loss, []

    def full(self, model, rows, pack):
        tried.append(pack.input_ids.shape[1])
        if tried[-1] > above:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(self, model, rows, pack)

    monkeypatch.setattr(StepLoss, "loss", full)
    return tried


def test_packs_are_halved_once_where_memory_is_full(tiny, data, tmp_path, monkeypatch):
    changes = {"per_device_train_batch_size": 12, "num_train_epochs": 1, "pack_tokens": 600}
    run(tiny, data, tmp_path / "whole", **changes)
    tried = out_of_memory(monkeypatch, 320)
    run(tiny, data, tmp_path / "out", **changes)
    assert [size > 320 for size in tried].count(True) == 1
    told = [entry["warning"] for entry in read_log(tmp_path / "out" / "log.jsonl") if "warning" in entry]
    assert told == ["the device's memory was full: packs of 300 tokens from here on, half as large"]
    assert read_run(tmp_path / "out")["computed"]["pack_tokens"] == 300
    assert losses(tmp_path / "out") == pytest.approx(losses(tmp_path / "whole"), abs=1e-5)


def test_memory_that_stays_full_ends_in_a_message(tiny, data, tmp_path, monkeypatch):
    out_of_memory(monkeypatch, 1)
    with pytest.raises(BuqiError, match="step 1: the device's memory is full with packs of 300 tokens; free some"):
        run(tiny, data, tmp_path / "out", per_device_train_batch_size=12, pack_tokens=600)


def test_early_stopping(tiny, data, tmp_path):
    changes = {
        "num_train_epochs": 30,
        "learning_rate": 0.5,
        "load_best_model_at_end": True,
        "early_stopping_patience": 2,
        "save_total_limit": 1,
    }
    run(tiny, data, tmp_path / "out", **changes)
    evaluated = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert 3 <= sum("eval_loss" in record for record in evaluated) < 30
