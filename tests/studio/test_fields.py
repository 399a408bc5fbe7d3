"""The form behind "more": every key, and back to a configuration."""

from __future__ import annotations

import pytest

from buqi.config import Config, make_config
from buqi.errors import UsageError
from buqi.studio.fields import ELSEWHERE, config_of, fields, form_of, written

ASKED = {"dataset_name_or_path": "data", "output_dir": "out", "model_name_or_path": "embedded"}
TRAINED = {"do_train": True}


def test_every_key_has_a_field_and_a_sentence():
    assert {field.key for field in fields()} == Config.model_fields.keys() - set(ELSEWHERE)
    assert all(field.sentence for field in fields())
    kinds = {field.key: field.kind for field in fields()}
    assert kinds["lora"] == "flag" and kinds["weight_quantize_algo"] == "choice" and kinds["max_steps"] == "whole"
    assert kinds["lora_alpha"] == "number" and kinds["rank_pattern"] == kinds["target_modules"] == "text"


def test_an_untouched_form_is_the_default():
    assert config_of(form_of(TRAINED), ASKED) == make_config(ASKED | TRAINED)


@pytest.mark.parametrize(
    "given",
    [
        {"lora": True, "target_modules": "q_proj,v_proj", "lora_alpha": 4, "rank_pattern": {"v_proj": 16}},
        {"lora": True, "stages": [{"name": "a", "data": "a", "target_modules": ["q_proj"]}]},
        {"learning_rate": 3e-4, "save_total_limit": 1, "prompt_template": "a {text}", "evaluation_strategy": "no"},
    ],
)
def test_a_form_there_and_back(given):
    config = make_config(ASKED | TRAINED | given)
    values = {key: getattr(config, key) for key in config.model_fields_set}
    again = config_of([float(v) if type(v) is int else v for v in form_of(values)], ASKED)
    assert again == config and make_config(written(again)) == config


def test_mistakes_are_told_at_once():
    form = dict(zip((field.key for field in fields()), form_of(TRAINED), strict=True))
    with pytest.raises(UsageError, match=r"(?s)2 mistakes.*learning_rate.*lora_rank"):
        config_of(list((form | {"learning_rate": 7.0, "lora_rank": 1.5}).values()), ASKED)
    with pytest.raises(UsageError, match="rank_pattern: not JSON"):
        config_of(list((form | {"rank_pattern": "{no"}).values()), ASKED)
