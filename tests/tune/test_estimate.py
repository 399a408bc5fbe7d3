from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from buqi.base import load_model
from buqi.config import make_config
from buqi.errors import BuqiError
from buqi.tune.adapter import add_adapter, trainable_parameters
from buqi.tune.estimate import _lora_size, _share, estimate, product_rate
from buqi.tune.plan import make_plan
from tests.conftest import write_sets
from tests.helpers import settings


@pytest.fixture
def plan(tiny, tmp_path):
    write_sets(tmp_path, 16, 2)

    def make(**changes):
        return make_plan(make_config(settings(tiny, tmp_path, tmp_path / "out", **changes)))

    return make


def test_more_work_takes_longer_and_more_trained_takes_more(plan):
    lora = estimate(plan(), rate=1e9)
    assert estimate(plan(num_train_epochs=6), rate=1e9).seconds == pytest.approx(2 * lora.seconds)
    assert estimate(plan(), rate=2e9).seconds == pytest.approx(lora.seconds / 2)
    full = estimate(plan(lora=False), rate=1e9)
    assert full.memory_gb > lora.memory_gb
    assert full.seconds > lora.seconds
    assert estimate(plan(recompute=True), rate=1e9).seconds > lora.seconds


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"target_modules": ["q_proj", "k_proj"]},
        {"target_modules": r".*layers\.1\.mlp\.(up|down)_proj"},
        {"rank_pattern": {"v_proj": 16, "layers.0.mlp.up_proj": 2}},
    ],
)
def test_what_lora_trains_is_counted_as_peft_makes_it(plan, tiny, changes):
    config = plan(**changes).config
    assert _lora_size(config, tiny) == trainable_parameters(add_adapter(load_model(tiny), config))


def test_fast_products_leave_what_is_around_them():
    assert _share("fused", "bf16", 412e9) == pytest.approx(0.46, abs=0.01)  # seen with AVX512-BF16: 0.42 to 0.49
    assert _share("fused", "bf16", 1400e9) == pytest.approx(0.24, abs=0.01)  # seen with AMX: 0.27
    assert _share("fused", "fp32", 150e9) == _share("fused", "fp32", 300e9)


def test_the_rate_is_measured():
    assert product_rate() > 1e8


def test_a_base_of_other_sizes_is_named(plan, tmp_path):
    base = shutil.copytree(plan().base, tmp_path / "gpt2")
    (base / "config.json").write_text('{"model_type": "gpt2", "vocab_size": 259, "n_embd": 32}')
    with pytest.raises(BuqiError, match="gpt2: config.json has no hidden_size; a gpt2 is not trained"):
        estimate(replace(plan(), base=base))
