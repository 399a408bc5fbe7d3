"""The tables on a terminal, and that they fit it."""

from __future__ import annotations

from buqi.evaluate.compare import compare_rows
from buqi.evaluate.report import html_page
from buqi.evaluate.tables import slice_tables, terminal_table, trust_table
from buqi.rows import Row
from buqi.task import ADDRESS
from tests.evaluate.conftest import GOLD, LEVELS, Says, compared, shown


def test_terminal_table_shows_every_contestant():
    text = shown(terminal_table(compared([GOLD, "x"], ["x", "x"]).as_json()))
    assert "50.0%" in text
    assert "\nc1 against c0 (exact match): 0 fixed, 1 broken\n" in text, "a line of its own, however narrow the table"


def test_slices_take_as_many_tables_as_keep_figures_whole():
    shares = {f"S{i:02}_some": {"right": 0.911 + i / 1000, "wrong": 0.052} for i in range(13)}
    record = {"contestants": {name: {"by_slice": shares} for name in ("ssdlab-region-parser", "auto", "匹配")}}
    for width, parts in ((40, 2), (64, 1), (200, 1)):
        tables = slice_tables(record, width)
        text = shown(*tables, width=width)
        assert "…" not in text
        assert len(tables) == parts
        assert all(text.count(f"{91.1 + i / 10:.1f} (5.2)") == 3 + 3 * (i == 6) for i in range(13)), "the mean too"
        assert all(text.count(name) == 1 for name in record["contestants"])
        assert all(text.count(group) == parts for group in shares)  # whole: 镇_东 and 镇_西 are two
    assert slice_tables({"contestants": {"base": {}}}, 80) == []


def test_the_mean_counts_each_slice_once():
    rows = [Row((ADDRESS.prompt(str(i)),), ("",), meta={"levels": LEVELS, "slice": "ab"[i == 3]}) for i in range(4)]
    record = compare_rows(ADDRESS, rows, [Says("auto", *["陕西省西安市碑林区"] * 3, "江苏省")]).as_json()
    (table,) = slice_tables(record, 80)
    (line,) = [line for line in shown(table).splitlines() if "mean" in line]
    assert "50.0 (50.0)" in line
    assert "50.0 <small>(50.0 wrong)</small></p>" in html_page(record, {})


def test_the_table_has_a_column_for_each_contestant_with_confidences():
    groups = {"N6": {"rows": 4, "sure": 2, "error": 0.021, "sure_wrong": 0.5}, "none": {"rows": 1, "sure": 0}}
    record = {"contestants": {"auto": {"trust": groups}, "cpca": {}}}
    text = shown(trust_table(record))
    assert "2.1 (50.0)" in text and "auto" in text and "cpca" not in text and "–" in text
    assert trust_table({"contestants": {"cpca": {}}}) is None
