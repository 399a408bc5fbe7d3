"""Every method: what is saved is what was trained, opened by plain PEFT and transformers on the plain base."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import AutoPeftModelForCausalLM, PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from buqi.base import load_model
from buqi.base.spec import name_for_peft
from buqi.config import make_config
from buqi.errors import UsageError
from buqi.export import merge
from buqi.tune.adapter import load_for_training, parameter_groups
from buqi.tune.trainer import PackedTrainer
from tests.conftest import write_sets
from tests.helpers import logits, run, settings, trained_logits, weights

METHODS = {
    "lora": {},
    "rslora": {"rslora": True},
    "dora": {"dora": True},
    "pissa": {"pissa": True},
    "pissa_rslora": {"pissa": True, "rslora": True, "lora_alpha": 3},
    "lora_plus": {"lora_plus_scale": 4.0},
    "neftune": {"neftune": True},
    "patterns": {"target_modules": "q_proj,v_proj", "rank_pattern": {"v_proj": 2}, "alpha_pattern": {"v_proj": 2.0}},
    "regular expression": {"target_modules": r".*\.(q|down)_proj"},
    "regular expressions of ranks": {
        "target_modules": "q_proj,v_proj",
        "rank_pattern": {r"layers\.0\..*": 2, ".*": 3},
        "alpha_pattern": {".*v_proj": 2.0},
    },
    "full": {"lora": False, "learning_rate": 1e-3},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_sets(tmp_path_factory.mktemp("data"), 6, 2)


@pytest.fixture(scope="module")
def trained(tiny, data, tmp_path_factory):
    """Returns what a method trained in two epochs, and the logits of the model in the trainer when it was saved."""
    done = {}

    def get(method: str):
        if method not in done:
            with pytest.MonkeyPatch.context() as patch:
                seen = trained_logits(patch)
                done[method] = run(tiny, data, tmp_path_factory.mktemp("out"), num_train_epochs=2, **METHODS[method])
            done[method] = done[method], seen[0]
        return done[method]

    return get


@pytest.mark.parametrize("method", METHODS)
def test_what_is_saved_is_what_was_trained(tiny, trained, tmp_path, method):
    result, seen = trained(method)
    out, base = result.folder, load_model(tiny)
    start = logits(base)
    opened = AutoModelForCausalLM.from_pretrained(out) if method == "full" else PeftModel.from_pretrained(base, out)
    assert torch.allclose(logits(opened), seen, atol=1e-4)
    assert not torch.allclose(start, seen, atol=1e-2)
    if method != "full":
        merge(str(tiny), out, tmp_path / "merged")
        assert torch.allclose(logits(load_model(tmp_path / "merged")), seen, atol=1e-4)


def test_plain_peft_opens_an_adapter_and_its_base(tiny, trained):
    out = trained("lora")[0].folder
    opened = AutoPeftModelForCausalLM.from_pretrained(out)
    assert torch.equal(logits(opened), logits(PeftModel.from_pretrained(load_model(tiny), out)))


@pytest.mark.parametrize(
    ("named", "written"),
    [
        ("embedded", "/cache/base"),
        ("a.gguf", "/cache/base"),
        ("./mine", "/cache/base"),
        ("Qwen/Qwen2.5-0.5B-Instruct",) * 2,
    ],
)
def test_the_base_has_a_name_that_peft_knows(named, written):
    assert name_for_peft(named, Path("/cache/base")) == written


@pytest.mark.parametrize("method", METHODS)
def test_in_half_precision_nearly_the_same_is_learnt(tiny, data, trained, tmp_path, method):
    exact, _ = trained(method)
    half = run(tiny, data, tmp_path / "half", num_train_epochs=2, bf16=True, **METHODS[method])
    assert half.metrics["dev_loss"] != exact.metrics["dev_loss"]
    assert half.metrics["dev_loss"] == pytest.approx(exact.metrics["dev_loss"], rel=0.03)
    weights = load_file(half.folder / ("model.safetensors" if method == "full" else "adapter_model.safetensors"))
    assert {w.dtype for w in weights.values()} == {torch.float32}


@pytest.mark.parametrize("method", ["pissa", "dora", "lora_plus", "neftune", "full"])
def test_a_stopped_run_goes_on_exactly(tiny, data, trained, tmp_path, monkeypatch, method):
    changes = METHODS[method] | {"num_train_epochs": 2, "save_strategy": "steps", "save_steps": 1}
    step = PackedTrainer.training_step
    calls = iter(range(100))

    def killed(self, *args, **kwargs):
        if next(calls) == 2:
            raise RuntimeError("killed")
        return step(self, *args, **kwargs)

    monkeypatch.setattr(PackedTrainer, "training_step", killed)
    with pytest.raises(RuntimeError, match="killed"):
        run(tiny, data, tmp_path / "cut", **changes)
    monkeypatch.setattr(PackedTrainer, "training_step", step)
    run(tiny, data, tmp_path / "cut", resume=True, **changes)
    name = "model.safetensors" if method == "full" else "adapter_model.safetensors"
    whole, cut = load_file(trained(method)[0].folder / name), load_file(tmp_path / "cut" / name)
    assert all(torch.equal(whole[key], cut[key]) for key in whole)


@pytest.mark.parametrize("algo", ["nf4", "fp4", "weight_only_int8"])
def test_quantised_base(tiny, data, tmp_path, monkeypatch, algo):
    seen = trained_logits(monkeypatch)
    changes = {"weight_quantize_algo": algo, "weight_double_quant": algo != "weight_only_int8"}
    run(tiny, data, tmp_path / "out", num_train_epochs=2, **changes)
    config = make_config(settings(tiny, data, tmp_path / "x", lora_path=str(tmp_path / "out"), **changes))
    assert torch.allclose(logits(load_for_training(config, tiny)), seen[0], atol=1e-4)
    merge(str(tiny), tmp_path / "out", tmp_path / "merged")  # into the unquantised base


@pytest.mark.parametrize("algo", ["nf4", "fp4"])
def test_a_quantised_base_is_not_repacked_by_an_evaluation(tiny, data, tmp_path, monkeypatch, algo):
    monkeypatch.setattr("bitsandbytes.nn.modules.has_avx512bf16", lambda: True)  # whatever the CPU at hand
    model = load_for_training(make_config(settings(tiny, data, tmp_path, weight_quantize_algo=algo)), tiny)
    before = logits(model)
    states = [p.quant_state for p in model.parameters() if hasattr(p, "quant_state")]
    assert states and not any(getattr(state, "packing_format_for_cpu", False) for state in states)
    model.train()
    model(torch.arange(8)[None]).logits.sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters() if p.requires_grad)
    assert torch.allclose(logits(model), before, atol=1e-4)


def test_going_on_from_an_adapter(tiny, other_tiny, data, trained, tmp_path):
    first = trained("lora")[0].folder
    run(tiny, data, tmp_path / "two", num_train_epochs=1, lora_path=str(first))
    one, two = weights(first), weights(tmp_path / "two")
    assert one.keys() == two.keys()
    assert any(not torch.equal(one[key], two[key]) for key in one)
    with pytest.raises(UsageError, match="another base"):
        run(other_tiny, data, tmp_path / "three", lora_path=str(first))


def test_lora_plus_gives_b_its_own_rate(tiny, data, tmp_path):
    config = make_config(settings(tiny, data, tmp_path, lora_plus_scale=8.0))
    model = load_for_training(config, tiny)
    groups = parameter_groups(model, config)
    assert [group["lr"] for group in groups] == [1e-2, 8e-2]
    ends = {id(p) for name, p in model.named_parameters() if "lora_B" in name}
    assert {id(p) for p in groups[1]["params"]} == ends
