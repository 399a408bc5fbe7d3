"""Contestants that know their answers, and rows for them."""

from __future__ import annotations

from typing import ClassVar

from buqi.engine import Answer
from buqi.evaluate.compare import compare_rows
from buqi.evaluate.contestants import ModelContestant
from buqi.evaluate.prediction import Prediction
from buqi.rows import Row
from buqi.task import ADDRESS

GOLD = "陕西省宝鸡市扶风县法门镇法门寺"
LEVELS = {"province": "陕西省", "city": "西安市", "county": "碑林区"}


class Parrot:
    """An engine that knows its answers."""

    def __init__(self, answers):
        self.answers = answers

    def generate(self, prompts, max_new_tokens, adapter="base", progress=None):
        if progress:
            progress(len(prompts))
        return [Answer(text, True) for text in self.answers]


class Template:
    eos_token_id = 0
    added_tokens_decoder: ClassVar[dict[int, str]] = {}

    def apply_chat_template(self, messages, **_):
        return messages[-1]["content"]


def compared(*columns, rows=None):
    rows = rows or [
        Row((ADDRESS.prompt("扶风法门镇法门寺"),), (GOLD,), meta={"damage": "county_short"}),
        Row((ADDRESS.prompt("碑林区<1>号"),), ("陕西省西安市碑林区<1>号",), meta={"damage": "prefix_missing"}),
    ]
    found = [ModelContestant(f"c{i}", Parrot(answers), Template()) for i, answers in enumerate(columns)]
    return compare_rows(ADDRESS, rows, found)


def rows(*texts: str) -> list[Row]:
    return [Row((ADDRESS.prompt(text),), ("",), meta={"levels": LEVELS, "slice": "S1"}) for text in texts]


class Counted:
    name = identity = "counted"
    piece = 2
    asked = 0

    def __init__(self, dies_after: int = 100):
        self.dies_after = dies_after

    def answer(self, task, asked):
        Counted.asked += len(asked)
        if Counted.asked > self.dies_after:
            raise KeyboardInterrupt
        return [Prediction("陕西省西安市碑林区") for _ in asked]

    def memory_mb(self, asked):
        return 0.0
