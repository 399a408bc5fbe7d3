"""Rows to fit on: shortened as people do, right by their record, none of them in the memory they are fitted with."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import polars as pl
import pytest

from buqi.divisions import load_matcher
from buqi.fitting.recipe import RECIPE
from buqi.fitting.samples import Address, FittingRow, Shortener, main, natural_rows, weigh


@pytest.fixture(scope="module")
def shorten() -> Callable[..., FittingRow | None]:
    shortener = Shortener(load_matcher())

    def shorten(seed: int = 0, **levels: str) -> FittingRow | None:
        known = {"province": "吉林省", "city": "长春市", "county": "朝阳区", "town": "", "rest": "", "original": ""}
        shortener.rng.seed(seed)
        shortener.made.clear()
        return shortener.row(Address(**(known | levels)))

    return shorten


@pytest.mark.parametrize(
    ("levels", "slices"),
    [
        ({"town": "永春镇", "rest": "永春镇陈家村3组"}, {"town_first"}),
        ({"rest": "硅谷大街1198号"}, {"zone_first"}),  # a road of its high-tech zone
        ({"rest": "高新区蔚山路2号"}, {"zone_first"}),
        ({"rest": "无名胡同1号"}, {"county_ambiguous", "county_typo"}),  # 朝阳区 is in Beijing too
        ({"county": "德惠市", "rest": "德大路1号"}, {"city_road", "county_typo"}),
        ({"county": "德惠市", "rest": "粮库家属楼"}, {"county_first", "county_short", "county_typo"}),
    ],
)
def test_ways_to_shorten(shorten, levels, slices):
    rows = [shorten(seed, **levels) for seed in range(30)]
    assert {row.slice for row in rows if row} <= slices and any(rows)
    for row in rows:
        assert row is None or (row.province, row.city) == ("吉林省", "长春市")
        assert row is None or row.county == levels.get("county", "朝阳区")
        assert row is None or levels["rest"][-4:] in row.input


def test_a_county_that_is_not_in_the_table_makes_no_row(shorten):
    assert shorten(county="没有区", rest="人民路1号") is None
    assert shorten(rest="") is None


def test_no_more_of_a_kind_than_wanted():
    shortener = Shortener(load_matcher(), 0)
    address = Address("吉林省", "长春市", "朝阳区", "永春镇", "永春镇陈家村3组", "")
    made = [shortener.row(address) for _ in range(RECIPE.ways["town_first"].most + 100)]
    assert sum(row is not None and row.slice == "town_first" for row in made) == RECIPE.ways["town_first"].most


def test_natural_rows_leave_out_what_is_measured_and_what_is_out_of_date(tmp_path):
    records = [
        {"form": "5 road first", "province": "吉林省", "city": "长春市", "address": "硅谷大街1号"},
        {"form": "5 road first", "province": "吉林省", "city": "长春市", "address": "人民大街1号"},
        {"form": "6 other", "province": "吉林省", "city": "四平市", "address": "公主岭市八屋镇"},  # 长春市 since 2020
        {"form": "9 unknown", "province": "吉林省", "city": "长春市", "address": "某处"},
    ]
    pl.DataFrame(records).write_csv(tmp_path / "n.tsv", separator="\t")
    rows = list(natural_rows(tmp_path / "n.tsv", load_matcher(), {"人民大街1号"}, random.Random(0)))
    assert [(row.input, row.slice) for row in rows] == [("硅谷大街1号", "road_first")]


def test_weights_are_one_on_average_and_more_where_more_people_live():
    here = [("北京市", "", "朝阳区"), ("北京市", "", "延庆区")] * 5
    rows = weigh([FittingRow("x", *place, "county_first") for place in here], load_matcher())
    assert sum(row.weight for row in rows) / len(rows) == pytest.approx(1.0, abs=0.01)
    assert rows[0].weight > rows[1].weight


def test_the_command_keeps_rows_and_memory_apart(tmp_path):
    rest = [f"{word}路{n}号" for word in ("东明", "西康", "南湖", "北安", "光复", "长江") for n in range(1, 40)]
    frame = pl.DataFrame(
        {
            "province": "吉林省", "city": "长春市", "county": "朝阳区", "town": "", "rest": rest, "form": "PCD",
            "original": [f"吉林省长春市朝阳区{r}" for r in rest],
        }
    )  # fmt: skip
    frame.write_csv(tmp_path / "a.tsv", separator="\t")
    main(tmp_path / "a.tsv", tmp_path / "out")
    rows = [json.loads(line) for line in (tmp_path / "out" / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = pl.read_csv(tmp_path / "out" / "memory.csv")["address"].to_list()
    assert rows and len(kept) == round(0.8 * len(rest))
    beginnings = {address.removeprefix("吉林省长春市朝阳区")[:8] for address in kept}
    assert all(not any(row["input"].endswith(b) for b in beginnings) for row in rows)


def test_half_of_the_roads_of_cut_rows_are_taken_out_of_the_memory():
    shortener = Shortener(load_matcher(), 0)
    addresses = [
        Address("吉林省", "长春市", "朝阳区", "", f"{name}{number}号", "")
        for name in ("硅谷大街", "蔚山路", "前进大街", "卫星路")
        for number in range(1, 9)
    ]
    rows = [shortener.row(address) for address in addresses]
    assert any(row and row.slice == "zone_first" for row in rows)
    unseen = {name for _, _, name in shortener.unseen}
    assert unseen, "some roads are not to be seen"
    for name in unseen:
        assert not shortener.is_seen(Address("吉林省", "长春市", "南关区", "", f"{name}99号", ""))
        assert shortener.is_seen(Address("吉林省", "吉林市", "船营区", "", f"{name}99号", "")), "elsewhere it may be"


def test_rows_with_a_zone_weigh_as_the_zones_are_large():
    rows = [FittingRow("高新区x", "四川省", "成都市", "武侯区", "zone_first", zone="high-tech")] * 4
    rows = [FittingRow(**vars(row)) for row in rows]
    rows += [
        FittingRow("高新区x", "四川省", "自贡市", "汇东区", "zone_first", zone="high-tech"),
        FittingRow("张江工业园", "上海市", "", "青浦区", "zone_first"),
    ]
    found = weigh(rows, load_matcher())
    assert sum(row.weight for row in found[:4]) > 3 * found[4].weight, "all of a city's together"
    assert found[5].weight == 1.0, "alone of its sort"
