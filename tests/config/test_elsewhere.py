"""Names that other toolkits have lead to ours, or to what to do instead."""

from __future__ import annotations

import pytest

from buqi.config import make_config
from buqi.config.elsewhere import CALLED, INSTEAD, WHAT_TO_DO
from buqi.config.keys import ALIASES, Config
from buqi.config.paddle import WHY
from buqi.errors import UsageError


def test_every_name_is_none_of_ours_and_leads_to_one():
    assert set(CALLED.values()) <= Config.model_fields.keys()
    ours = {*Config.model_fields, *ALIASES}
    assert not ours & CALLED.keys() and not ours & WHAT_TO_DO.keys() and not CALLED.keys() & WHAT_TO_DO.keys()
    assert len(WHAT_TO_DO) == sum(len(keys.split()) for keys in INSTEAD.values()), "each stands once"
    assert not WHY.keys() & {*CALLED, *WHAT_TO_DO}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("gradient_checkpointing", "did you mean recompute?"),
        ("base_model", "did you mean model_name_or_path?"),
        ("lora_model_dir", "did you mean lora_path?"),
        ("stage", "only src and tgt are learnt from"),
        ("max_samples", "all rows are trained on"),
        ("val_size", "dev.json is measured; buqi data import divides rows"),
        ("template", "the base's own template is used"),
        ("train_on_inputs", "answers alone are learnt"),
        ("special_tokens", "the tokens are the base's own"),
        ("finetuning_type", "set lora to true"),
    ],
)
def test_a_name_of_another_toolkit_is_answered(key, said):
    with pytest.raises(UsageError) as caught:
        make_config({key: "x"})
    assert f"  {key}: no such key; {said}" in str(caught.value)


@pytest.mark.parametrize("key", ["val_sizes", "torch_types", "strict"])
def test_what_is_like_no_key_has_no_neighbour(key):
    with pytest.raises(UsageError, match=f"{key}: no such key\n"):
        make_config({key: 1})
