"""Stages on one adapter: what earlier ones trained stays, the result is one ordinary LoRA, a stop loses nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from buqi.base import load_model
from buqi.config import load_config, make_config
from buqi.errors import UsageError
from buqi.lock import LOCK, HeldError, locked
from buqi.tune import stages as stages_module
from buqi.tune.stages import stage_configs, train_stages
from tests.conftest import write_sets
from tests.helpers import QUIET, settings, weights

TWO = [
    {"name": "first", "data": "one", "target_modules": ["q_proj"], "rank": 4, "epochs": 2},
    {"name": "second", "data": "two", "target_modules": ["v_proj"], "rank": 2, "learning_rate": 5e-3, "epochs": 1},
]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("stages")
    for folder, start in (("one", 0), ("two", 200)):
        write_sets(root / folder, 8, 2, start)
    return root


def config(tiny, data, out, **changes):
    return make_config(settings(tiny, data, out, stages=TWO, exact_match_rows=1) | changes)


@pytest.fixture(scope="module")
def whole(tiny, data, tmp_path_factory) -> Path:
    """The folder of a run that nobody stopped."""
    out = tmp_path_factory.mktemp("whole")
    train_stages(config(tiny, data, out), QUIET)
    return out


def test_the_last_adapter_holds_all_stages_and_the_first_is_not_touched_again(tiny, whole):
    first, last = weights(whole / "stage-1-first"), weights(whole)
    assert first.keys() == last.keys()
    kept, learnt = ([key for key in last if part in key] for part in ("q_proj", "v_proj.lora_B"))
    assert kept and all(torch.equal(first[key], last[key]) for key in kept)
    assert learnt and all(last[key].any() and not first[key].any() for key in learnt)
    assert {t.shape[0] for key, t in last.items() if "q_proj.lora_A" in key} == {4}
    assert {t.shape[0] for key, t in last.items() if "v_proj.lora_A" in key} == {2}
    PeftModel.from_pretrained(load_model(tiny), whole)
    table = json.loads((whole / "stages.json").read_text())
    assert list(table) == ["first", "second"]
    assert {"dev_loss", "second_loss", "second_exact_match"} <= set(table["first"])
    assert {"dev_loss", "first_loss", "first_exact_match"} <= set(table["second"])


def test_a_stopped_run_goes_on_with_the_stage_that_was_not_finished(tiny, data, whole, tmp_path, monkeypatch):
    train = stages_module.train
    calls = iter(range(9))

    def killed(*args, **kwargs):
        if next(calls) == 1:
            raise RuntimeError("killed")
        return train(*args, **kwargs)

    monkeypatch.setattr(stages_module, "train", killed)
    with pytest.raises(RuntimeError, match="killed"):
        train_stages(config(tiny, data, tmp_path / "cut"), QUIET)
    train_stages(config(tiny, data, tmp_path / "cut"), QUIET, resume=True)
    all_of_it, cut = weights(whole), weights(tmp_path / "cut")
    assert all(torch.equal(all_of_it[key], cut[key]) for key in all_of_it)
    changed = [TWO[0] | {"epochs": 1}, TWO[1]]
    with pytest.raises(UsageError, match="finished with another configuration"):
        train_stages(config(tiny, data, tmp_path / "cut", stages=changed), QUIET, resume=True)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"target_modules": ["q_proj"]}, "freeze keeps"),
        ({"target_modules": ["q_proj"], "freeze": "none"}, "cannot change rank"),
        ({"name": "first"}, "names must differ"),
        ({"name": "dev"}, "dev names a set of rows"),
    ],
)
def test_contradictory_stages_are_refused(tiny, data, tmp_path, change, word):
    with pytest.raises(UsageError, match=word):
        config(tiny, data, tmp_path, stages=[TWO[0], TWO[1] | change])
    with pytest.raises(UsageError, match="not with pissa"):
        config(tiny, data, tmp_path, pissa=True)


def test_modules_may_be_trained_on_when_nothing_is_frozen(tiny, data, tmp_path):
    again = TWO[0] | {"name": "again", "data": "two", "freeze": "none"}
    train_stages(config(tiny, data, tmp_path / "out", stages=[TWO[0], again]), QUIET)
    first, last = weights(tmp_path / "out" / "stage-1-first"), weights(tmp_path / "out")
    assert any(not torch.equal(first[key], last[key]) for key in last)


def test_a_stage_of_its_own_rank_is_scaled_as_a_run_of_that_rank(tiny, data, tmp_path):
    for change in ({}, {"rslora": True}):
        (_, first), _ = stage_configs(config(tiny, data, tmp_path, **change))
        alone = [config(tiny, data, tmp_path, stages=[], lora_rank=rank, **change).alpha for rank in (4, 2)]
        assert list(first.alpha_pattern.values()) == alone
    (_, first), _ = stage_configs(config(tiny, data, tmp_path, lora_alpha=3))
    assert first.alpha_pattern == {} and first.alpha == 3


def test_the_shipped_config_is_two_stages():
    shipped = load_config(Path(__file__).parent.parent.parent / "configs" / "typo_then_complete.json")
    runs = dict(stage_configs(shipped))
    assert list(runs) == ["typo", "complete"]
    assert runs["typo"].train_only == ("q_proj",)
    assert runs["complete"].train_only == ("v_proj",)
    assert runs["complete"].lora_path == runs["typo"].output_dir


def test_a_trained_model_in_the_folder_is_not_replaced_by_stages(tiny, data, whole, tmp_path):
    shutil.copytree(whole / "stage-1-first", tmp_path / "out")
    before = (tmp_path / "out" / "adapter_model.safetensors").read_bytes()
    for resume in (False, True):
        with pytest.raises(UsageError, match="out holds a run up to"):
            train_stages(config(tiny, data, tmp_path / "out"), QUIET, resume)
    assert (tmp_path / "out" / "adapter_model.safetensors").read_bytes() == before
    with locked(tmp_path / "two" / LOCK, "training into it"), pytest.raises(HeldError, match="training into it"):
        train_stages(config(tiny, data, tmp_path / "two"), QUIET)
