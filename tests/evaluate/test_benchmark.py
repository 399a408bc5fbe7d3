"""The open benchmark as it ships, and rows drawn from it."""

from __future__ import annotations

import gzip
import json
from collections import Counter

from buqi.divisions import load_table
from buqi.evaluate.benchmark import BENCHMARK, spread
from buqi.evaluate.gold import gold_of, read_gold
from tests.conftest import pairs, write_jsonl

RECORDS = [json.loads(line) for line in gzip.decompress(BENCHMARK.read_bytes()).decode().splitlines()]


def test_it_has_the_rows_that_its_page_says():
    page = (BENCHMARK.parent / "OPEN_BENCHMARK.md").read_text(encoding="utf-8")
    kinds = Counter(record["slice"] for record in RECORDS)
    assert (len(RECORDS), len(kinds)) == (3948, 17)
    for kind, rows in kinds.items():
        assert f"| `{kind}` | {rows} |" in page
    assert {key for record in RECORDS for key in record} == {
        *("id", "slice", "input", "province", "city", "county", "town", "full", "damage"),
        *("scored", "was", "written", "namesakes", "contradicts", "junk", "lure"),
    }
    assert len({record["id"] for record in RECORDS}) == len(RECORDS)


def test_every_right_answer_is_a_path_of_the_table():
    paths = {"".join(record[level] for level in ("province", "city", "county", "town")) for record in RECORDS} - {""}
    table = load_table()
    assert [path for path in paths if table.read(path)[0].full != path] == []


def test_it_is_read_as_rows():
    rows = read_gold(BENCHMARK)
    golds = [gold_of(row, address=True) for row in rows]
    assert len(rows) == 3948 and sum(gold.nowhere for gold in golds) == 200
    assert all(
        set(gold.levels) == {"province", "city"} for gold, r in zip(golds, RECORDS, strict=True) if "scored" in r
    )


def test_rows_of_each_slice_are_drawn_evenly():
    rows = read_gold(BENCHMARK)
    drawn = spread(rows, 20)
    assert Counter(rows[i].meta["slice"] for i in drawn) == dict.fromkeys({r["slice"] for r in RECORDS}, 20)
    assert drawn == sorted(set(drawn))
    first = [i for i in drawn if rows[i].meta["slice"] == "county_first"]
    assert first[0] == 0 and 230 < first[-1] < 250
    assert len(spread(rows, 10**6)) == 3948


def test_rows_without_slices_are_one(tmp_path):
    rows = read_gold(write_jsonl(tmp_path / "r.json", pairs(10)))
    assert spread(rows, 5) == [0, 2, 4, 6, 8]
