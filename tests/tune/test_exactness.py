"""Packs are used where rows in them do not see each other, whatever bf16 rounds; where they do, it is said."""

from __future__ import annotations

import io

import pytest
import torch
from rich.console import Console

from buqi.artefact import read_run
from buqi.base import load_model, load_tokenizer
from buqi.base.attention import Blocks
from buqi.config import make_config
from buqi.engine.packs import make_pack
from buqi.task import ROWS
from buqi.tune.exactness import ALLOWED_DEVIATION, deviation, in_fp32
from buqi.tune.history import read_log
from buqi.tune.loss import pack_loss, plain_loss
from buqi.tune.plan import make_plan
from buqi.tune.run import train
from buqi.tune.trainer import PackedTrainer
from tests.conftest import pairs
from tests.helpers import run, settings, weights


@pytest.fixture
def rows(tiny):
    tokenizer = load_tokenizer(tiny)
    return [ROWS.encode(tokenizer, [pair["src"]], [pair["tgt"]]) for pair in pairs(8)]


@pytest.fixture
def loud(tiny):
    """The tiny model in bf16 with logits so large that rounding them is seen in the loss."""
    model = load_model(tiny, "bfloat16").eval()
    with torch.no_grad():
        model.get_input_embeddings().weight.mul_(32)
    return model


@pytest.fixture
def mixing(monkeypatch):
    """Attention in which each row of a pack sees the rows before it."""
    apart = Blocks.of
    monkeypatch.setattr(Blocks, "of", lambda prefix, lengths, device: apart(prefix, [sum(lengths)], device))


def test_rounding_to_bf16_does_not_decide(loud, rows):
    some = rows[:4]
    with torch.no_grad():
        rounding = plain_loss(loud, some, torch.bfloat16)[0] - pack_loss(loud, make_pack(some), torch.bfloat16)[0]
    assert abs(rounding) / sum(sum(row.trained) for row in some) > 10 * ALLOWED_DEVIATION
    assert deviation(loud, rows) < ALLOWED_DEVIATION


def test_the_check_leaves_the_model_as_it_was(loud, rows):
    before = {name: p.clone() for name, p in loud.named_parameters()}
    loud.train()
    with in_fp32(loud):
        assert {p.dtype for p in loud.parameters()} == {torch.float32}
    deviation(loud, rows)
    assert loud.training and loud.lm_head.weight is loud.get_input_embeddings().weight
    for name, parameter in loud.named_parameters():
        assert parameter.dtype == torch.bfloat16 and torch.equal(parameter, before[name]), name
        assert not parameter.is_inference()


def test_rows_that_see_each_other_are_found(tiny, rows, mixing):
    assert deviation(load_model(tiny), rows) > 10 * ALLOWED_DEVIATION


def test_exact_packs_are_used_and_recorded(tiny, data, tuned, tmp_path):
    assert run(tiny, data, tmp_path / "half", num_train_epochs=1, bf16=True).packed
    for out in (tuned / "out", tmp_path / "half"):
        record = read_run(out)
        assert record["packing"]["exact"] is True
        assert record["packing"]["deviation"] <= ALLOWED_DEVIATION
        assert not any("warning" in entry for entry in read_log(out / "log.jsonl"))


def trained_one_by_one(tiny, data, out, **changes):
    """Train rows one by one, which is said, and return the result."""
    screen = io.StringIO()
    config = make_config(settings(tiny, data, out, num_train_epochs=1, **changes))
    result = train(make_plan(config), Console(file=screen, width=80))
    record = read_run(out)
    told = [entry["warning"] for entry in read_log(out / "log.jsonl") if "warning" in entry]
    assert not result.packed and record["packing"]["exact"] is False
    assert record["packing"]["deviation"] > ALLOWED_DEVIATION
    assert len(told) == 1 and "rows are computed one by one" in told[0]
    assert f"warning: {told[0]}" in screen.getvalue()
    return result


@pytest.mark.parametrize("changes", [{"bf16": True}, {"neftune": True}])
def test_packs_that_are_not_exact_are_not_used_and_it_is_said(tiny, data, tmp_path, mixing, changes):
    assert trained_one_by_one(tiny, data, tmp_path / "out", **changes).metrics


def test_rows_one_by_one_are_trained_and_measured_as_in_exact_packs(tiny, data, tuned, tmp_path, mixing):
    alone = trained_one_by_one(tiny, data, tmp_path / "alone")
    packed = read_run(tuned / "out")
    assert alone.metrics == pytest.approx(packed["metrics"], abs=1e-4)
    one, other = weights(tuned / "out"), weights(tmp_path / "alone")
    assert all(torch.allclose(one[key], other[key], atol=1e-5) for key in one)


def test_a_trainer_without_a_run_warns(tiny, data, tmp_path, mixing):
    plan = make_plan(make_config(settings(tiny, data, tmp_path / "out")))
    model, tokenizer = load_model(tiny), load_tokenizer(tiny)
    trainer = PackedTrainer(task=ROWS, config=plan.config, model=model, processing_class=tokenizer)
    with pytest.warns(UserWarning, match="packs are not exact"):
        found = trainer.measure(plan.encoded["dev"])
    count = sum(sum(row.trained) for row in plan.encoded["dev"])
    assert found["loss"] == pytest.approx(plain_loss(model, plan.encoded["dev"])[0].item() / count, abs=1e-5)
