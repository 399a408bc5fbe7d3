"""The memory keeps place names and where they were seen, nothing that leads to a door or a person, and forgets."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from buqi.divisions import Match, Matcher, Table, load_matcher
from buqi.errors import BuqiError, UsageError
from buqi.places import Memory, learn, load_memory
from buqi.places.learning import forget, sources
from buqi.places.memory import NAMES
from buqi.places.placing import placed
from buqi.seal import seal

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


def test_the_index_of_a_memory_is_as_the_memory_and_forgotten_with_it(memory, cache):
    load_memory.cache_clear()
    first = load_memory(memory).seen("文一西路")
    assert [path.name.split("-")[0] for path in (cache / "indexes").glob("memory-*")] == ["memory"]
    load_memory.cache_clear()
    assert load_memory(memory).seen("文一西路") == first
    forget("orders", memory)
    assert not list((cache / "indexes").glob("memory-*"))


def test_bad_input_changes_nothing(memory):
    with pytest.raises(UsageError, match="in none of 2 cells"):
        learn(["abc", ""], "orders", memory)
    with pytest.raises(UsageError, match="use letters"):
        learn(ADDRESSES, "../escape", memory)
    assert len(load_memory(memory).seen("文一西路")) == 2
    (memory / "orders" / NAMES).write_bytes(b"PAR1 broken")
    load_memory.cache_clear()
    with pytest.raises(BuqiError, match=r"11 bytes, .* were written .*forget this source or learn it again"):
        load_memory(memory)
    (memory / "orders" / "seal.json").unlink()
    with pytest.raises(BuqiError, match="broken"):
        load_memory(memory)


def test_a_county_that_is_gone_is_left_out(memory):
    frame = pl.read_parquet(memory / "orders" / NAMES)
    frame.with_columns(pl.lit("999999").alias("county")).write_parquet(memory / "orders" / NAMES)
    seal(memory / "orders")
    load_memory.cache_clear()
    kept = load_memory(memory)
    assert not kept and kept.missing == len(frame)


def test_no_memory_is_an_empty_one(tmp_path):
    assert not load_memory(tmp_path / "none")


def test_a_row_of_a_division_that_the_given_table_lacks_is_left_out(memory):
    frame = pl.read_parquet(memory / "orders" / NAMES)
    kept = Memory(frame, table=Table({"32": "江苏省", "3201": "南京市", "320106": "鼓楼区"}))
    assert kept.seen("中央路") == [("320106", "", 1)] and not kept.seen("文一西路")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("浙江省杭州市余杭区仓前街道文一西路1号", ("330110", "330110014")),
        ("浙江省杭州市西湖区文一西路98号", ("330106", "")),
        ("广东省东莞市某路1号", ("4419", "")),  # it has no counties
        ("浙江省杭州市文一西路98号", None),
        ("鼓楼区1号", None),
        ("广东省南昌市南山区1号", None),  # contradicts itself
    ],
)
def test_which_addresses_are_certain(text, place):
    matcher = load_matcher()
    assert placed(matcher.match(text), matcher.table) == place


def test_the_matcher_that_is_given_reads_the_addresses(tmp_path):
    class Nothing(Matcher):
        def match(self, text):
            return Match(text)

    with pytest.raises(UsageError, match="in none of 6 cells"):
        learn(ADDRESSES, "orders", tmp_path, matcher=Nothing())
