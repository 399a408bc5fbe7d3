"""No key is taken and then forgotten: a run reads each, or it is one that only a refusal knows."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from buqi.config import Config, make_config, notes
from buqi.tune.plan import make_plan
from buqi.tune.run import train
from buqi.tune.stages import stage_configs
from tests.helpers import settings

ONLY_REFUSED = {
    "weight_blocksize",  # bitsandbytes has one size
    "weight_double_quant_block_size",
    "tensor_parallel_degree",
    "pipeline_parallel_degree",
}


@pytest.fixture
def read(monkeypatch) -> set[str]:
    """The keys that are read from now on."""
    seen: set[str] = set()
    plain = Config.__getattribute__

    def noting(self: Config, name: str) -> object:
        seen.add(name)
        return plain(self, name)

    monkeypatch.setattr(Config, "__getattribute__", noting)
    return seen


def test_every_key_is_read_by_a_run(tiny, data, tmp_path, read):
    switched = {
        "max_steps": 1, "fp16": True, "tf32": True, "torch_compile": True,
        "recompute": True, "zero_padding": True, "unified_checkpoint": True,
        "use_flash_attention": True, "eval_accumulation_steps": 4, "neftune": True, "load_best_model_at_end": True,
        "early_stopping_patience": 2, "weight_quantize_algo": "nf4", "evaluation_strategy": "steps", "eval_steps": 1,
        "save_strategy": "steps", "save_steps": 1, "eval_with_do_generation": True, "lora_plus_scale": 2.0,
    }  # fmt: skip
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "adapter_config.json").touch()  # an earlier run, which is overwritten
    config = make_config(settings(tiny, data, tmp_path / "out", overwrite_output_dir=True, **switched))
    stage = {"name": "one", "data": ".", "target_modules": ["q_proj"]}
    staged = make_config(settings(tiny, data, tmp_path / "staged", stages=[stage]))
    read.clear()  # what is checked when a configuration is made does not count
    notes(config, gpu=False)
    train(make_plan(config), Console(file=io.StringIO()))
    assert len(list(stage_configs(staged))) == 1
    assert set(Config.model_fields) - read == ONLY_REFUSED
