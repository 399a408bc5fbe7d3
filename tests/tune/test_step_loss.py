"""Which way losses are computed is decided by the first rows, and smaller packs give the same."""

from __future__ import annotations

import pytest
import torch

from buqi.base import load_tokenizer
from buqi.config import make_config
from buqi.task import ROWS
from buqi.tune.adapter import load_for_training
from buqi.tune.fused import FusedModel
from buqi.tune.step_loss import SMALLEST, StepLoss
from tests.conftest import pairs
from tests.helpers import settings


@pytest.fixture
def rows(tiny):
    tokenizer = load_tokenizer(tiny)
    return [ROWS.encode(tokenizer, [pair["src"]], [pair["tgt"]]) for pair in pairs(24)]


@pytest.fixture
def started(tiny, tmp_path, rows):
    """Makes a model and its losses, and what was said."""

    def start(**changes):
        config = make_config(settings(tiny, tmp_path, tmp_path / "out", **changes))
        said: list[str] = []
        model, losses = load_for_training(config, tiny), StepLoss(config, said.append)
        losses.decide(model, rows)
        return model, losses, said

    return start


def total(model, losses, rows) -> float:
    return sum(losses.loss(model, group, pack)[0].item() for group, pack in losses.groups(rows))


def test_the_ways_agree(started, rows):
    model, losses, said = started()
    assert (losses.way, losses.why, said) == ("fused", None, [])
    fused = total(model, losses, rows)
    losses.fused, losses.way = None, "peft"
    assert total(model, losses, rows) == pytest.approx(fused, rel=1e-6)
    losses.way = "one by one"
    assert len(losses.groups(rows)) == len(rows)
    assert total(model, losses, rows) == pytest.approx(fused, rel=1e-6)


def test_a_fused_model_that_is_not_exact_is_not_used(started, rows, monkeypatch):
    plain = FusedModel.loss

    def wrong(self, pack):
        loss, hits = plain(self, pack)
        return loss * 1.01, hits

    monkeypatch.setattr(FusedModel, "loss", wrong)
    model, losses, said = started()
    assert losses.way == "peft" and losses.fused is None and losses.deviation < 1e-4
    assert losses.why.startswith("it changes the loss by 0.0") and said == [], "packs are still exact"
    assert total(model, losses, rows) > 0


def test_weights_that_are_divided_among_processes_are_left_to_peft(started, rows):
    model, losses, _ = started()

    class Divided(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.module = model
            self.config, self.forward = model.config, model.forward

    apart = StepLoss(losses.config, print)
    apart.decide(Divided(), rows)
    assert (apart.way, apart.why) == ("peft", "its weights are divided among processes")


def test_the_first_rows_decide_once(started, rows, monkeypatch):
    model, losses, _ = started()
    fused = losses.fused
    losses.decide(model, rows)
    assert losses.fused is fused


def test_packs_become_smaller_as_far_as_that_helps(started, rows):
    model, losses, _ = started(pack_tokens=1024)
    whole = total(model, losses, rows)
    sizes = [losses.budget]
    while losses.shrink(rows):
        sizes.append(losses.budget)
    assert sizes == [1024, 512, SMALLEST]
    assert total(model, losses, rows) == pytest.approx(whole, rel=1e-6)
    assert not losses.shrink(rows[:1])


@pytest.mark.parametrize(("changes", "dtype"), [({"bf16": True}, torch.bfloat16), ({}, torch.float32)])
def test_products_are_in_the_precision_of_the_configuration(started, changes, dtype):
    _, losses, _ = started(**changes)
    assert losses.dtype == losses.fused.dtype == losses.fused.layers[0].qkv.dtype == dtype
