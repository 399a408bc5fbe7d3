"""The memory keeps place names and where they were seen, nothing that leads to a door or a person, and forgets."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.errors import BuqiError, UsageError
from buqi.places import learn, load_memory, place_names
from buqi.places.extract import without_left
from buqi.places.memory import NAMES, forget, sources

ADDRESSES = [
    "浙江省杭州市余杭区仓前街道文一西路969号海创园3幢502室",
    "浙江省杭州市余杭区仓前街道文一西路1218号",
    "浙江省杭州市余杭区仓前街道文一西路1500号",
    "浙江省杭州市西湖区文一西路98号",
    "江苏省南京市鼓楼区中央路1号",
    "没有地名的一行",
]


@pytest.fixture
def memory(tmp_path) -> Path:
    learn(ADDRESSES, "orders", tmp_path / "places")
    return tmp_path / "places"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("文一西路969号海创园3幢502室", ["文一西路", "海创园"]),
        ("经济技术开发区仙台大街1468号", ["仙台大街"]),  # every city has such a zone
        ("东湖开发区关南科技工业园2号", ["东湖开发区", "关南科技工业园"]),
        ("幸福路8号 收件人张三丰", ["幸福路"]),
        ("科技路１２号３单元王小明", ["科技路"]),
        ("12-3", []),
        ("", []),
    ],
)
def test_place_names(text, names):
    assert place_names(text) == names


@given(st.text())
def test_no_digit_and_no_letter_is_ever_kept(text):
    assert not any(c.isascii() for name in place_names(text) for c in name)


def test_what_was_seen_where(memory):
    seen = load_memory(memory).seen("文一西路")
    assert [(county, count) for county, _, count in seen] == [("330110", 3), ("330106", 1)]
    assert load_memory(memory).seen("中山路") == []


def test_the_town_only_where_it_is_certain(memory):
    kept = load_memory(memory)
    assert kept.town(["文一西路"], "330110") == "330110014"
    assert kept.town(["文一西路"], "330106") == ""
    assert kept.town(["海创园"], "330110") == ""  # seen once


def test_nothing_personal_is_on_disk(memory):
    names = "".join(pl.read_parquet(memory / "orders" / NAMES)["name"])
    assert "969" not in names and "502" not in names and "幢" not in names


def test_sources_are_replaced_merged_and_forgotten(memory):
    learn(["江苏省南京市鼓楼区中央路2号"], "more", memory)
    assert [(s.name, s.cells, s.used) for s in sources(memory)] == [("more", 1, 1), ("orders", 6, 5)]
    assert load_memory(memory).seen("中央路") == [("320106", "", 2)]
    learn(["江苏省南京市鼓楼区中央路2号"] * 3, "more", memory)
    assert load_memory(memory).seen("中央路")[0][2] == 4
    forget("orders", memory)
    assert load_memory(memory).seen("文一西路") == []
    with pytest.raises(UsageError, match="nothing was learnt from 'orders'; known: more"):
        forget("orders", memory)


def test_bad_input_changes_nothing(memory):
    with pytest.raises(UsageError, match="in none of 2 cells"):
        learn(["abc", ""], "orders", memory)
    with pytest.raises(UsageError, match="use letters"):
        learn(ADDRESSES, "../escape", memory)
    assert len(load_memory(memory).seen("文一西路")) == 2
    (memory / "orders" / NAMES).write_bytes(b"PAR1 broken")
    load_memory.cache_clear()
    with pytest.raises(BuqiError, match="broken"):
        load_memory(memory)


def test_a_county_that_is_gone_is_left_out(memory):
    frame = pl.read_parquet(memory / "orders" / NAMES)
    frame.with_columns(pl.lit("999999").alias("county")).write_parquet(memory / "orders" / NAMES)
    load_memory.cache_clear()
    kept = load_memory(memory)
    assert not kept and kept.missing == len(frame)


def test_no_memory_is_an_empty_one(tmp_path):
    assert not load_memory(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("市云南路8号", "云南路8号"),
        ("县城黄海路123号", "黄海路123号"),
        ("市区越秀南路973号", "越秀南路973号"),
        ("市府路1号", "市府路1号"),
        ("县前街3号", "县前街3号"),
        ("市场路3号", "市场路3号"),
        ("市南区香港路", "市南区香港路"),
        ("市医院", "市医院"),
        ("市桥大北路3号", "市桥大北路3号"),
        ("人民路1号", "人民路1号"),
    ],
)
def test_what_is_left_of_a_city_that_was_cut_off(text, rest):
    assert without_left(text) == rest
