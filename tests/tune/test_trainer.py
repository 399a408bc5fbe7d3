from __future__ import annotations

import json

import pytest

from buqi.errors import BuqiError
from buqi.tune.trainer import PackedTrainer
from tests.helpers import run


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
