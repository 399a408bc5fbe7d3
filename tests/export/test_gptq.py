"""Rounding that looks at the inputs keeps outputs better than rounding alone, in bytes that llama.cpp reads."""

from __future__ import annotations

import numpy as np
import torch
from gguf import GGMLQuantizationType, dequantize, quantize

from buqi.base import load_model, load_tokenizer
from buqi.export.gptq import calibrate, inputs_of, round_q4_1
from buqi.task import ADDRESS

Q4_1 = GGMLQuantizationType.Q4_1


def test_outputs_change_less_than_by_rounding_alone():
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(48, 256)).astype(np.float32)
    x = (rng.normal(size=(2000, 24)) @ rng.normal(size=(24, 256)) + 0.1 * rng.normal(size=(2000, 256))).astype(
        np.float32
    )
    ours = dequantize(round_q4_1(weight, torch.from_numpy(x.T @ x)), Q4_1)
    plain = dequantize(quantize(weight, Q4_1), Q4_1)
    assert ours.shape == weight.shape and np.abs(ours - weight).max() < 1.5
    change, change_plain = (np.square(x @ (w - weight).T).mean() for w in (ours, plain))
    assert change < 0.3 * change_plain


def test_without_any_inputs_it_still_rounds():
    weight = np.random.default_rng(1).normal(size=(8, 64)).astype(np.float32)
    weight[0] = 0.0
    found = dequantize(round_q4_1(weight, torch.zeros(64, 64)), Q4_1)
    assert np.abs(found - weight).max() < 0.5 and not found[0].any()


def test_every_layer_has_its_inputs(tiny):
    tokenizer = load_tokenizer(tiny)
    model = load_model(tiny).eval()
    rows = [ADDRESS.encode(tokenizer, [ADDRESS.prompt("碑林区1号")], ["陕西省西安市碑林区1号"])]
    sums = calibrate(model, rows)
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            found = inputs_of(f"{name}.weight", sums)
            assert found is not None and found.shape == (module.in_features,) * 2 and float(found.diagonal().min()) >= 0
    assert not model.model.layers[0].self_attn.q_proj._forward_pre_hooks
