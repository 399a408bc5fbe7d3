from __future__ import annotations

import pytest

from buqi.config import make_config
from buqi.errors import UsageError
from buqi.rows import read_rows
from buqi.tune.plan import make_plan
from tests.conftest import pairs, write_jsonl
from tests.helpers import settings


@pytest.fixture
def plan(tiny, data, tmp_path):
    def make(**changes):
        return make_plan(make_config(settings(tiny, data, tmp_path / "out", **changes)))

    return make


def test_steps_are_counted_up(plan):
    made = plan(per_device_train_batch_size=5, gradient_accumulation_steps=1, num_train_epochs=2.5)
    assert (made.steps_per_epoch, made.total_steps) == (5, 13)
    assert plan(max_steps=7).total_steps == 7


def test_a_plan_has_the_sets_that_are_asked_for(plan, data):
    write_jsonl(data / "test.json", pairs(4, start=200))
    assert list(plan().rows) == ["train", "dev"]
    made = plan(do_eval=False, do_predict=True, evaluation_strategy="no")
    assert [len(made.encoded[name]) for name in ("train", "test")] == [24, 4] and "dev" not in made.rows
    assert made.data_record["test"]["rows"] == 4


def test_the_identity_follows_what_decides_the_run(plan, data):
    one = plan()
    assert one.identity == plan(disable_tqdm=True, report_to="none").identity
    assert one.identity != plan(seed=1).identity
    assert one.identity != plan(prompt_template="{text}!").identity
    before = one.identity
    write_jsonl(data / "train.json", pairs(23))
    assert plan().identity != before


def test_doubtful_rows_are_warned_of(plan, data):
    write_jsonl(data / "dev.json", pairs(2))
    (warning,) = plan().warnings
    assert warning.startswith("2 rows in training and in another set")


def test_rows_beside_have_a_task_of_their_own(tiny, data, tmp_path):
    rows = read_rows(data / "dev.json")
    made = make_plan(make_config(settings(tiny, data, tmp_path / "out")), extra_sets={"other": rows})
    kept, encoded = made.extra_sets["other"]
    assert kept == rows and [row.ids for row in encoded] == [row.ids for row in made.encoded["dev"]]


def test_missing_sets_are_named(plan, data):
    (data / "dev.json").unlink()
    with pytest.raises(UsageError, match="dev"):
        plan()


def test_how_a_step_is_divided_is_not_the_identity(plan):
    whole = plan(per_device_train_batch_size=4, gradient_accumulation_steps=1)
    assert whole.identity == plan(per_device_train_batch_size=1, gradient_accumulation_steps=4).identity
    assert whole.identity != plan(per_device_train_batch_size=2, gradient_accumulation_steps=4).identity


def test_the_best_of_one_is_warned_of(plan):
    best = {"load_best_model_at_end": True, "max_steps": 20}
    steps = {"evaluation_strategy": "steps", "save_strategy": "steps", "eval_steps": 500, "save_steps": 500}
    (warning,) = plan(**best, **steps).warnings
    assert "load_best_model_at_end: the run has 20 steps and is measured every 500, so once" in warning
    assert plan(**best, **steps | {"eval_steps": 10, "save_steps": 10}).warnings == []
    assert warning.endswith("nothing is compared; lower eval_steps and save_steps")
    (warning,) = plan(load_best_model_at_end=True, num_train_epochs=1).warnings
    assert "set evaluation_strategy and save_strategy to steps" in warning and "lower" not in warning
    assert plan(load_best_model_at_end=True, num_train_epochs=2).warnings == []
    (warning,) = plan(load_best_model_at_end=True, num_train_epochs=3, early_stopping_patience=3).warnings
    assert warning.startswith("early_stopping_patience 3: the run has 18 steps and is measured every 6")


def test_what_would_be_done_after_the_run_is_warned_of(plan):
    steps = {"evaluation_strategy": "steps", "save_strategy": "steps", "logging_steps": 1, "max_steps": 3}
    assert plan(**steps, eval_steps=3, save_steps=3).warnings == []
    assert plan(**steps | {"logging_steps": 9}, eval_steps=9, save_steps=9).warnings == [
        "eval_steps 9: the run has 3 steps, so dev.json is measured once, at its end",
        "save_steps 9: the run has 3 steps, so no checkpoint is kept before its end",
        "logging_steps 9: the run has 3 steps, so the log has its first step and its end alone",
    ]


def test_a_rank_over_the_width_is_warned_of(plan):
    (warning,) = plan(lora_rank=65, target_modules="q_proj").warnings
    assert warning.startswith("lora_rank 65: model.layers.0.self_attn.q_proj has 64 at its smaller side")


def test_modules_are_checked_before_the_run(plan):
    with pytest.raises(UsageError, match="target_modules lm_head"):
        plan(target_modules="q_proj,lm_head")
