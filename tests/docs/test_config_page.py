"""The page of keys lists every key."""

from __future__ import annotations

import re

from buqi.config import Config, load_config
from buqi.config.paddle import WHY
from tests.docs.pages import ROOT
from tests.docs.test_pages import loaded

MAKER = loaded("reference/make_config.py")


def test_every_key_stands_on_the_page_once_with_its_effect():
    table, refused = MAKER.page().split("## PaddleNLP's other keys")
    told = {}
    for line in table.splitlines():
        if found := re.match(r"\| `(\w+)`", line):
            assert found[1] not in told
            told[found[1]] = [cell.strip() for cell in line.strip("|").split("|")][1:]
    assert list(told) == list(Config.model_fields)
    assert all(cells[-1] for cells in told.values())
    assert set(MAKER.SECTIONS) <= set(told)
    assert told["lora_rank"][:2] == ["8", "whole number, at least 1, at most 65536"]
    assert told["save_strategy"][:2] == ["steps", "no, steps, epoch"]
    assert told["target_modules"][:2] == ["all linear layers", "text or list"]
    assert told["dataset_name_or_path"][0] == "required"
    assert all(f"`{key}`" in refused for key in WHY)


def test_stars_mark_the_tutorials_keys():
    given = load_config(ROOT / "configs" / "lora_argument_0p5b.json").model_fields_set
    assert given == MAKER.TUTORIAL
