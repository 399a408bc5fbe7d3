from __future__ import annotations

import pytest

from buqi.config import make_config, rules
from buqi.errors import UsageError
from tests.config import MINIMUM


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"tensor_parallel_degree": 2}, "fits one device"),
        ({"pissa": True, "dora": True}, "choose one"),
        ({"lora": False, "pissa": True}, "only for LoRA"),
        ({"target_modules": "(q_proj"}, "no name and no regular expression"),
        ({"rank_pattern": {"*": 3}}, "no name and no regular expression"),
        ({"lora": False, "lora_plus_scale": 4}, "only for LoRA"),
        ({"pissa": True, "weight_quantize_algo": "nf4"}, "exact weights"),
        ({"lora_path": "x", "rslora": True}, "says its own"),
        ({"weight_double_quant": True}, "only for weight_quantize_algo"),
        ({"weight_quantize_algo": "nf4", "weight_blocksize": 32}, "blocks of 64"),
        ({"early_stopping_patience": 2}, "load_best_model_at_end"),
        ({"greedy_zero_padding": True}, "needs zero_padding"),
        ({"sharding": "stage2"}, "torchrun"),
        ({"use_mora": True}, "not among the methods"),
        ({"metric_for_best_model": "f1"}, "exact_match"),
        ({"metric_for_best_model": "exact_match", "load_best_model_at_end": True}, "eval_with_do_generation"),
        ({"src_length": 4096}, "larger than max_length"),
        ({"evaluation_strategy": "epoch"}, "do_eval"),
        ({"warmup_steps": 1, "warmup_ratio": 0.1}, "not both"),
        ({"do_train": False, "do_predict": True}, "buqi evaluate"),
        ({"fp16_opt_level": "O2"}, "needs fp16 or bf16"),
    ],
)
def test_contradictions(change, word):
    with pytest.raises(UsageError, match=word):
        make_config(MINIMUM | change)


def test_a_quantised_base_without_its_library_is_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(rules, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"weight_quantize_algo nf4: needs bitsandbytes; pip install 'bitsandbytes"):
        make_config(MINIMUM | {"weight_quantize_algo": "nf4"})
