from __future__ import annotations

import pytest

from buqi.engine import Answer
from buqi.evaluate import ModelContestant, Prediction, compare_rows, score_answer
from buqi.evaluate.gold import gold_of
from buqi.evaluate.report import html_page, marked, slice_tables, terminal_table
from buqi.rows import Row
from buqi.task import ADDRESS, ROWS

GOLD = "陕西省宝鸡市扶风县法门镇法门寺"


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

    def apply_chat_template(self, messages, **_):
        return messages[-1]["content"]


def compared(*columns, rows=None):
    rows = rows or [
        Row((ADDRESS.prompt("扶风法门镇法门寺"),), (GOLD,), meta={"damage": "county_short"}),
        Row((ADDRESS.prompt("碑林区<1>号"),), ("陕西省西安市碑林区<1>号",), meta={"damage": "prefix_missing"}),
    ]
    found = [ModelContestant(f"c{i}", Parrot(answers), Template()) for i, answers in enumerate(columns)]
    return compare_rows(ADDRESS, rows, found)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (GOLD, "province city county town province_city_county"),
        ("陕西省宝鸡市扶风县", "province city county province_city_county"),
        ("陕西省宝鸡市岐山县法门镇", "province city"),
        ("陕西省", "province"),
        ("扶风法门镇法门寺", ""),
    ],
)
def test_levels(answer, right):
    score = score_answer(ADDRESS, Prediction(answer, stopped=True), gold_of(Row(("x",), (GOLD,)), True))
    assert {level for level, ok in score.levels.items() if ok} == set(right.split())
    assert score.exact == (answer == GOLD)


@pytest.mark.parametrize(
    ("answer", "lost", "doubled"),
    [
        (GOLD, False, False),
        ("陕西省宝鸡市扶风县法门镇法门寺法门寺", False, True),
        ("陕西省宝鸡市扶风县扶风县法门镇法门寺", False, True),
        ("陕西省宝鸡市扶风县法门镇", True, False),
        ("广东省清远市清新区法门镇法门寺", False, False),  # 法门镇 is no division there, and is said once
        ("广东省清远市清新区法门镇法门镇法门寺", False, True),
    ],
)
def test_lost_and_doubled(answer, lost, doubled):
    score = score_answer(ADDRESS, Prediction(answer, stopped=True), gold_of(Row(("x",), (GOLD,)), True))
    assert (score.lost, score.doubled) == (lost, doubled)


def test_other_tasks_have_no_levels():
    score = score_answer(ROWS, Prediction(" yes ", stopped=False), gold_of(Row(("x",), ("yes",)), False))
    assert (score.exact, score.stopped, score.levels) == (True, False, {})


def test_figures_fixed_and_broken():
    record = compared([GOLD, "x"], ["x", "陕西省西安市碑林区<1>号"]).as_json()
    assert (record["fixed"], record["broken"]) == ([1], [0])
    assert record["contestants"]["c0"]["exact_match"] == 0.5
    assert record["contestants"]["c1"]["by_damage"]["county_short"]["exact_match"] == 0.0
    assert record["contestants"]["c0"]["town"] == 1.0, "only rows whose gold has a town count"


def test_page_is_self_contained_and_escapes():
    found = compared(["<script>alert(1)</script>", "x"], [GOLD, "陕西省西安市碑林区<1>号"])
    page = html_page(found.as_json(), {"command": "buqi"})
    for outside in ("http://", "https://", "<script>alert", "src=", "url("):
        assert outside not in page
    assert "&lt;script&gt;" in page.replace("<mark>", "").replace("</mark>", "")
    assert "纠正 2 行" in page
    assert "2 rows fixed, 0 broken" in page


def test_bars_say_whose_they_are_where_colours_run_out():
    few, many = (
        html_page(compared(*[[GOLD, "x"]] * n).as_json(), {"command": "buqi"}).split("Chart 对比图")[1] for n in (6, 7)
    )
    assert "<small>c5</small>" not in few
    charts = many.split("Who differs")[0]
    assert charts.count("<small>c6</small>") == charts.count('class="row"') / 7 > 0


def test_terminal_table_shows_every_contestant():
    from io import StringIO

    from rich.console import Console

    console = Console(file=StringIO(), width=100)
    console.print(terminal_table(compared([GOLD, "x"], ["x", "x"]).as_json()))
    text = console.file.getvalue()
    assert "50.0%" in text
    assert "c1 against c0: 0 fixed, 1 broken" in text


def test_slices_take_as_many_tables_as_keep_figures_whole():
    from io import StringIO

    from rich.console import Console

    shares = {f"S{i:02}_some": {"right": 0.911 + i / 1000, "wrong": 0.052} for i in range(13)}
    record = {"contestants": {name: {"by_slice": shares} for name in ("ssdlab-region-parser", "auto", "匹配")}}
    for width, parts in ((40, 2), (64, 1), (200, 1)):
        console = Console(file=StringIO(), width=width)
        tables = slice_tables(record, width)
        for table in tables:
            console.print(table)
        text = console.file.getvalue()
        assert "…" not in text
        assert len(tables) == parts
        assert all(text.count(f"{91.1 + i / 10:.1f} (5.2)") == 3 for i in range(13))
        assert all(text.count(name) == 1 for name in record["contestants"])
        assert all(text.count(group) == parts for group in shares)  # whole: 镇_东 and 镇_西 are two
    assert slice_tables({"contestants": {"base": {}}}, 80) == []


def test_differing_characters_are_marked():
    assert marked("宝鸡市岐山县", "宝鸡市扶风县") == "宝鸡市<mark>岐山</mark>县"
    assert marked("a<b", "a<b") == "a&lt;b"
