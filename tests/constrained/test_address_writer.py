"""Whatever the model likes: no name that the table lacks is written, and no character is lost or doubled."""

from __future__ import annotations

import random

import pytest

from buqi.bench.kept_text import is_kept
from buqi.bench.law_mutations import mutated
from buqi.constrained import AddressWriter
from buqi.constrained.calibration import Calibration
from buqi.divisions import load_matcher, load_table
from buqi.errors import UsageError

LINES = [
    "碑林区友谊路1号", "扶风法门镇法门寺", "朝阳区建国路88号", "张三 13800138000 碑林区友谊路1号", "西安市",
    "碑林区碑林区友谊路1号", "浙江省碑林区友谊路1号", "碑吝区长乐路1号", "临安市锦北街道1号", "   ", "，，", "",
    "北京市朝阳区建国路1号；上海市浦东新区世纪大道2号", "广东省东莞市虎门镇5号", "友谊路1号，西安市碑林区",
    "五角场万达广场3楼", "臺北市大安區1號",
]  # fmt: skip


@pytest.fixture(scope="module")
def mutations():
    table, rng = load_table(), random.Random(4)
    chosen = rng.sample([code for code in table.names if len(code) in (6, 9)], 25)
    return [line for code in chosen for line in mutated([d.name for d in table.path(code).divisions], rng.random(), 2)]


def test_nothing_is_invented_lost_or_doubled(chooser, mutations):
    texts, table = [*LINES, *mutations], load_table()
    for text, found in zip(texts, AddressWriter(chooser).complete(texts), strict=True):
        assert found.input == text
        assert found.full == found.path.full + found.detail
        assert found.path.divisions == () or table.path(found.path.divisions[-1].code) == found.path
        assert len(found.lead) + len(found.detail) <= len(text)
        if "；" not in text:
            assert is_kept(found, load_matcher().match(text)), (text, found.full)


def test_what_is_not_sure_enough_is_refused(chooser):
    text = "朝阳区建国路88号"
    unsure = Calibration("x", 0.9, {"county": (0.0, 0.01, 0.0), "city": (0.0, 0.01, 0.0)})
    given, refused = (AddressWriter(chooser, unsure, least).complete([text])[0] for least in (0.0, None))
    assert given.county == "朝阳区" and given.status == "partial" and given.decided == "model"
    assert given.full.endswith("朝阳区建国路88号") and 0.5 < given.confidence < 0.9
    assert (refused.status, refused.full, refused.detail) == ("ambiguous", text, text)
    assert refused.notes == ("no place is likely enough",) and refused.confidence >= given.confidence
    assert refused.alternatives[0]["full"] == given.full and refused.alternatives[1:] == given.alternatives
    with pytest.raises(UsageError, match=r"threshold -1: expected a number from 0 to 1"):
        AddressWriter(chooser, threshold=-1)


def test_a_county_is_left_open_where_only_its_city_is_sure(chooser):
    weights = {"county": (-50.0, 0.0, 0.0), "city": (50.0, 0.0, 0.0)}
    writer = AddressWriter(chooser, Calibration("x", 0.9, weights))
    city, own, none = writer.complete(["西安市科技路2号", "朝阳区建国路88号", "上海市人民路1号"])
    assert (city.full, city.status, city.county) == ("陕西省西安市科技路2号", "partial", "")
    assert own.county == "" and own.full.endswith("朝阳区建国路88号"), "the name stays in the detail"
    assert none.full == "上海市人民路1号" and none.province == "上海市"


def test_no_place_is_asked_of_no_model(chooser, monkeypatch):
    monkeypatch.setattr(chooser.engine, "choose", lambda prompts, *_: [] if not prompts else pytest.fail("asked"))
    seen: list[int] = []
    found = AddressWriter(chooser).complete(["", "长沙臭豆腐"], seen.append)
    assert [one.status for one in found] == ["unknown"] * 2 and sum(seen) == 2
