"""Fused packs: the loss and the gradients of rows computed alone through PEFT, for every adapter they can take."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from buqi.artefact import read_run
from buqi.base import load_model, load_tokenizer
from buqi.config import make_config
from buqi.engine.packs import make_pack
from buqi.task import ROWS, Encoded
from buqi.tune import layers
from buqi.tune.adapter import add_adapter, load_for_training
from buqi.tune.fused import FusedModel, why_not
from buqi.tune.loss import plain_loss
from tests.conftest import pairs
from tests.helpers import logits, run, settings

ADAPTERS = {
    "all layers": {},
    "rslora": {"rslora": True},
    "two of three": {"target_modules": "q_proj,v_proj", "rank_pattern": {"v_proj": 2}, "alpha_pattern": {"v_proj": 2}},
    "one": {"target_modules": "down_proj"},
    "one of each": {"target_modules": "k_proj,up_proj"},
    "one layer": {"target_modules": r".*layers\.1\.self_attn\.[qo]_proj"},
    "part": {"train_only": ["o_proj", "gate_proj"]},
    "pissa": {"pissa": True},
}


def rows_of(tiny: Path, same_start: bool = True) -> list[Encoded]:
    tokenizer = load_tokenizer(tiny)
    rows = [ROWS.encode(tokenizer, [p["src"] * (1 + n % 3)], [p["tgt"]]) for n, p in enumerate(pairs(7))]
    if same_start:
        return rows
    return [Encoded([n, *row.ids[1:]], row.trained) for n, row in enumerate(rows)]


def adapted(tiny: Path, tmp_path: Path, **changes: object):
    """Return a model with an adapter whose B is not 0, and biases that are not 0."""
    model = load_for_training(make_config(settings(tiny, tmp_path, tmp_path / "out", **changes)), tiny)
    torch.manual_seed(0)
    for name, parameter in model.named_parameters():
        if "lora_B" in name or name.endswith(".bias"):
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def gradients(model, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.requires_grad}


def assert_alike(model, fused: FusedModel, rows: list[Encoded]) -> None:
    count = sum(sum(row.trained) for row in rows)
    plain, hits = plain_loss(model, rows)
    right = gradients(model, plain / count)
    loss, also = fused.loss(make_pack(rows))
    found = gradients(model, loss / count)
    assert loss.item() / count == pytest.approx(plain.item() / count, abs=1e-5)
    assert hits == also
    largest = max(g.abs().max() for g in right.values())
    for name in right:
        torch.testing.assert_close(found[name], right[name], atol=1e-5 * float(largest), rtol=1e-4, msg=name)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_loss_and_gradients_are_those_of_rows_alone(tiny, tmp_path, kind):
    model = adapted(tiny, tmp_path, **ADAPTERS[kind])
    assert why_not(model) is None
    assert_alike(model, FusedModel(model, torch.float32), rows_of(tiny))


@pytest.mark.parametrize("same_start", [True, False])
@pytest.mark.parametrize("recompute", [True, False])
@pytest.mark.parametrize("kept_width", [1, 10_000])
def test_whatever_is_computed_again(tiny, tmp_path, monkeypatch, same_start, recompute, kept_width):
    monkeypatch.setattr(layers, "KEPT_WIDTH", kept_width)
    model = adapted(tiny, tmp_path)
    rows = rows_of(tiny, same_start)
    assert (make_pack(rows).prefix > 0) == same_start
    assert_alike(model, FusedModel(model, torch.float32, recompute=recompute), rows)


def test_a_single_row_and_no_gradient(tiny, tmp_path):
    model, rows = adapted(tiny, tmp_path), rows_of(tiny)[:1]
    fused = FusedModel(model, torch.float32)
    assert_alike(model, fused, rows)
    with torch.inference_mode():
        loss, _ = fused.loss(make_pack(rows))
    assert loss.item() == pytest.approx(plain_loss(model, rows)[0].item(), abs=1e-4)


def test_peft_computes_as_before_with_the_joined_weights(tiny, tmp_path):
    model = adapted(tiny, tmp_path)
    before = logits(model)
    fused = FusedModel(model, torch.float32)
    query = model.get_base_model().model.layers[0].self_attn.q_proj.base_layer.weight
    assert query.data_ptr() == fused.layers[0].qkv.data_ptr(), "one copy"
    torch.testing.assert_close(logits(model), before, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("base", ["float32", "bfloat16"])
def test_in_bf16_the_loss_is_nearly_the_same(tiny, tmp_path, base):
    model, rows = adapted(tiny, tmp_path), rows_of(tiny)
    exact = plain_loss(model, rows)[0].item()
    right = gradients(model, plain_loss(model, rows)[0])
    for parameter in model.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.to(getattr(torch, base))
    fused = FusedModel(model, torch.bfloat16)
    loss, _ = fused.loss(make_pack(rows))
    found = gradients(model, loss)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact, rel=0.01)
    for name, gradient in right.items():
        assert found[name].dtype == torch.float32
        assert torch.nn.functional.cosine_similarity(found[name].flatten(), gradient.flatten(), 0) > 0.97, name


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dora": True}, "DoRA"),
        ({"lora_dropout": 0.1}, "lora_dropout"),
        ({"lora": False}, "every weight"),
    ],
)
def test_what_cannot_be_fused_goes_through_peft_and_it_is_recorded(tiny, data, tmp_path, changes, why):
    result = run(tiny, data, tmp_path / "out", num_train_epochs=1, **changes)
    computed = read_run(result.folder)["computed"]
    assert result.packed and computed["way"] == "peft" and why in computed["not_fused"]


def test_what_was_computed_is_recorded(tuned):
    assert read_run(tuned / "out")["computed"] == {
        "device": "cpu", "precision": "fp32", "way": "fused", "compiled": False, "pack_tokens": 384,
    }  # fmt: skip


def test_another_architecture_goes_through_peft(tiny, tmp_path):
    model = load_model(tiny)
    model.config.model_type = "llama"
    tuned = add_adapter(model, make_config(settings(tiny, tmp_path, tmp_path / "out")))
    assert why_not(tuned) == "its architecture is llama"
