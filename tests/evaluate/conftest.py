"""Contestants that know their answers, and rows for them."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, Group
from rich.table import Table

from buqi.evaluate.compare import compare_rows
from buqi.evaluate.contestants import Contestant
from buqi.evaluate.prediction import Prediction
from buqi.rows import Row
from buqi.task import ADDRESS

GOLD = "陕西省宝鸡市扶风县法门镇法门寺"
LEVELS = {"province": "陕西省", "city": "西安市", "county": "碑林区"}


class Says(Contestant):
    """Gives the same answers whatever it is asked; a text is one that a model has ended."""

    identity, piece = "", 100

    def __init__(self, name: str, *answers: Prediction | str) -> None:
        self.name = name
        self.answers = [a if isinstance(a, Prediction) else Prediction(a, stopped=True) for a in answers]

    def answer(self, task, asked):
        return self.answers


def compared(*columns, rows=None):
    rows = rows or [
        Row((ADDRESS.prompt("扶风法门镇法门寺"),), (GOLD,), meta={"damage": "county_short"}),
        Row((ADDRESS.prompt("碑林区<1>号"),), ("陕西省西安市碑林区<1>号",), meta={"damage": "prefix_missing"}),
    ]
    return compare_rows(ADDRESS, rows, [Says(f"c{i}", *answers) for i, answers in enumerate(columns)])


def shown(*tables: Table | Group, width: int = 100) -> str:
    """Return tables as a terminal shows them."""
    console = Console(file=StringIO(), width=width)
    console.print(*tables)
    return console.file.getvalue()


def rows(*texts: str) -> list[Row]:
    return [Row((ADDRESS.prompt(text),), ("",), meta={"levels": LEVELS, "slice": "S1"}) for text in texts]


class Counted(Contestant):
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
