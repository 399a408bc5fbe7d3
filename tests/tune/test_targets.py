"""Modules that are named are linear layers of the base."""

from __future__ import annotations

import pytest

from buqi.config import make_config
from buqi.config.keys import LINEAR
from buqi.errors import UsageError
from buqi.shapes import shapes_of
from buqi.tune.targets import check_targets, wider_than_layers
from tests.config import MINIMUM


def checked(tiny, **changes):
    check_targets(make_config(MINIMUM | {"lora": True} | changes), shapes_of(tiny))


def test_names_and_patterns_of_the_base(tiny):
    for targets in (LINEAR, "all", ["self_attn.q_proj"], ["model.layers.1.mlp.up_proj"], r".*\.[qv]_proj"):
        checked(tiny, target_modules=targets)
    checked(
        tiny, target_modules="q_proj,v_proj", rank_pattern={"v_proj": 2, r"layers\.1.*q_proj": 3}, train_only="q_proj"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target_modules": ["c_attn"]}, "target_modules c_attn: this base has down_proj, gate_proj, k_proj"),
        ({"target_modules": "q_proj,c_attn"}, "target_modules c_attn: "),
        ({"target_modules": "lm_head"}, "target_modules lm_head: "),
        ({"target_modules": ["embed_tokens"]}, "target_modules embed_tokens: "),
        ({"target_modules": ".*(q_proj|lm_head)"}, "this base has"),
        ({"target_modules": ".*x_proj"}, "this base has"),
        ({"target_modules": "(q_proj"}, "no regular expression"),
        ({"target_modules": "q_proj", "rank_pattern": {"v_proj": 2}}, "rank_pattern v_proj: matches none"),
        ({"alpha_pattern": {"c_attn": 2}}, "alpha_pattern c_attn: matches none"),
        ({"target_modules": "q_proj", "train_only": "v_proj"}, "train_only v_proj"),
    ],
)
def test_what_no_adapter_can_be_on_is_refused(tiny, changes, said):
    with pytest.raises(UsageError) as caught:
        checked(tiny, **changes)
    assert said in str(caught.value)


def test_a_rank_over_the_layers_width_is_said(tiny):
    def said(**changes):
        return wider_than_layers(make_config(MINIMUM | {"lora": True} | changes), shapes_of(tiny))

    assert said(lora_rank=64, target_modules="q_proj") == said(lora_rank=99, rank_pattern={"q_proj": 4}) == []
    for targets in ("q_proj", r".*q_proj"):
        assert "q_proj has 64 at its smaller side" in said(lora_rank=65, target_modules=targets)[0]
