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
        ({"max_steps": 0}, "max_steps: expected -1 .* or above 0, found 0"),
        ({"lora": True, "target_modules": []}, "names no module"),
        ({"seed": -1}, "seed: expected greater"),
        ({"seed": 1 << 32}, "seed: expected less"),
        ({"output_dir": ""}, "output_dir: expected a name"),
        (
            {"metric_for_best_model": "exact_match", "load_best_model_at_end": True, "exact_match_rows": 0},
            "needs exact_match_rows above 0",
        ),
    ],
)
def test_contradictions(change, word):
    with pytest.raises(UsageError, match=word):
        make_config(MINIMUM | change)


def test_a_quantised_base_without_its_library_is_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(rules, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"weight_quantize_algo nf4: needs bitsandbytes; pip install 'bitsandbytes"):
        make_config(MINIMUM | {"weight_quantize_algo": "nf4"})


@pytest.mark.parametrize(
    ("change", "useful"),
    [
        ({"eval_with_do_generation": True}, {"evaluation_strategy": "epoch", "do_eval": True}),
        ({"neftune_noise_alpha": 10}, {"neftune": True}),
        (
            {"metric_for_best_model": "accuracy"},
            {"load_best_model_at_end": True, "do_eval": True, "evaluation_strategy": "epoch", "save_strategy": "epoch"},
        ),
        ({"save_steps": 9}, {"save_strategy": "steps"}),
        ({"eval_steps": 9}, {"evaluation_strategy": "steps", "do_eval": True}),
        ({"save_total_limit": 2}, {"save_strategy": "epoch"}),
    ],
)
def test_a_key_that_has_no_effect_is_noted(change, useful):
    def said(**more):
        config = make_config(MINIMUM | {"save_strategy": "no"} | change | more)
        return [note for note in rules.notes(config, gpu=False) if "no effect" in note]

    (note,) = said()
    (key,) = change
    assert note.startswith(f"{key}: no effect with ") and said(**useful) == []
