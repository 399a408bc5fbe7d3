from __future__ import annotations

import pytest

from buqi.config import Config, make_config, notes
from buqi.errors import UsageError
from tests.config import MINIMUM


@pytest.mark.parametrize(
    ("asked", "units", "half", "said"),
    [
        ({}, True, False, ""),
        ({"fp16": True}, False, False, "a CPU has no fast fp16"),
        ({"fp16": True}, True, True, "products in bf16, what is trained in fp32"),
        ({"bf16": True}, True, True, "products in bf16"),
        ({"bf16": True}, False, True, "slower than fp32 on this CPU"),
        ({"fp16": True, "weight_quantize_algo": "nf4"}, True, False, "a quantised base computes in fp32"),
    ],
)
def test_half_precision_is_used_where_the_cpu_gains_by_it(monkeypatch, asked, units, half, said):
    for module in ("buqi.config.keys", "buqi.config.rules"):
        monkeypatch.setattr(f"{module}.fast_bf16", lambda: units)
    monkeypatch.setattr("buqi.config.keys.gpu", lambda: False)
    config = make_config(MINIMUM | asked)
    assert config.half == half
    assert said in "\n".join(notes(config, gpu=False))


@pytest.mark.parametrize("host_units", [True, False])
@pytest.mark.parametrize(
    ("asked", "card_has_bf16", "precision", "dtype", "said"),
    [
        ({}, True, "fp32", "float32", ""),
        ({"fp16": True}, True, "bf16", "bfloat16", "products in bf16, which needs no scaling of the loss"),
        ({"fp16": True}, False, "fp16", "float16", "this GPU has no units for bf16; products in fp16, the loss scaled"),
        ({"bf16": True}, True, "bf16", "bfloat16", "products in bf16, what is trained in fp32"),
        ({"bf16": True}, False, "bf16", "bfloat16", "slower than fp32 on this GPU"),
        ({"fp16": True, "weight_quantize_algo": "nf4"}, True, "fp32", "float32", "a quantised base computes in fp32"),
    ],
)
def test_on_a_gpu_the_card_decides_not_the_host(monkeypatch, host_units, asked, card_has_bf16, precision, dtype, said):
    for module in ("buqi.config.keys", "buqi.config.rules"):
        monkeypatch.setattr(f"{module}.fast_bf16", lambda: host_units)
        monkeypatch.setattr(f"{module}.gpu_bf16", lambda: card_has_bf16)
    monkeypatch.setattr("buqi.config.keys.gpu", lambda: True)
    config = make_config(MINIMUM | {"lora": True} | asked)
    assert (config.precision, config.dtype) == (precision, dtype)
    assert said in "\n".join(notes(config, gpu=True))


def test_what_only_a_gpu_does_is_noted_on_a_cpu():
    asked = {"tf32": True, "torch_compile": True}
    found = ["tf32: a CPU has no such products; fp32", "torch_compile: only on a GPU"]
    assert notes(make_config(MINIMUM | asked), gpu=False) == found
    assert notes(make_config(MINIMUM | asked), gpu=True) == []


@pytest.mark.parametrize(("key", "strategy"), [("eval_steps", "evaluation_strategy"), ("save_steps", "save_strategy")])
def test_steps_that_no_strategy_reads_are_noted(key, strategy):
    asked = MINIMUM | {"do_eval": True, key: 3}
    (note,) = notes(make_config(asked | {strategy: "epoch"}), gpu=True)
    assert note == f"{key}: no effect with {strategy} epoch; set {strategy} to steps"
    assert notes(make_config(asked | {strategy: "steps"}), gpu=True) == []


def test_schema_names_every_key():
    assert set(Config.model_json_schema()["properties"]) == set(Config.model_fields)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("num_train_epochs", float("inf"), "expected a finite number"),
        ("num_train_epochs", 1e308, "expected less than 2 to the power of 32"),
        ("per_device_train_batch_size", 10**30, "expected less than 2 to the power of 32"),
        ("lora_rank", 1 << 31, "expected less than or equal to 65536"),
        ("rank_pattern", {"q_proj": 0}, "expected greater than or equal to 1"),
        ("lora_rank", True, "expected a number, found True"),
        ("warmup_ratio", False, "expected a number, found False"),
    ],
)
def test_numbers_that_no_run_can_have_are_refused(key, value, said):
    with pytest.raises(UsageError, match=f"{key}: {said}"):
        make_config(MINIMUM | {key: value})
