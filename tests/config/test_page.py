"""The page of keys is what the command prints, and it lists every key."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from buqi.config import Config, load_config
from buqi.config.paddle import WHY
from buqi.config.page import SECTIONS, TUTORIAL, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_command_prints(tmp_path):
    (written,) = (ROOT / "docs").rglob("config.md")
    subprocess.run([sys.executable, "-m", "buqi.config.page", tmp_path / "config.md"], check=True)
    assert written.read_text(encoding="utf-8") == (tmp_path / "config.md").read_text(encoding="utf-8") == page()


def test_every_key_stands_on_the_page_once_with_its_effect():
    table, refused = page().split("## PaddleNLP's other keys")
    told = {}
    for line in table.splitlines():
        if found := re.match(r"\| `(\w+)`", line):
            assert found[1] not in told
            told[found[1]] = [cell.strip() for cell in line.strip("|").split("|")][1:]
    assert list(told) == list(Config.model_fields)
    assert all(cells[-1] for cells in told.values())
    assert set(SECTIONS) <= set(told)
    assert told["lora_rank"][:2] == ["8", "whole number, at least 1"]
    assert told["save_strategy"][:2] == ["steps", "no, steps, epoch"]
    assert told["target_modules"][:2] == ["all linear layers", "text or list"]
    assert told["dataset_name_or_path"][0] == "required"
    assert all(f"`{key}`" in refused for key in WHY)


def test_stars_mark_the_tutorials_keys():
    given = load_config(ROOT / "configs" / "lora_argument_0p5b.json").model_fields_set
    assert given == TUTORIAL
