"""Lines are completed as addresses are; contacts are read apart where asked, the first of several is answered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.address.completer import Completer
from buqi.address.lines import Line, complete_lines
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory

TWO = "北京市海淀区中关村大街1号；上海市浦东新区世纪大道2号"


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


def test_a_contact_is_read_apart_where_asked(plain):
    line = "收货人：王小明，18291234567，扶风法门镇法门寺，邮编722200"
    found = plain.complete(line, contact=True)
    assert (found.name, found.phone, found.postcode) == ("王小明", "18291234567", "722200")
    assert (found.input, found.full, found.lead) == (line, "陕西省宝鸡市扶风县法门镇法门寺", "")
    without = plain.complete(line)
    assert (without.name, without.phone, without.postcode) == ("", "", "") and without.contact is None
    assert without.detail.endswith("邮编722200")


def test_of_several_addresses_the_first_is_answered_and_a_note_says_so(plain):
    found = plain.complete(TWO)
    assert found.path.full == "北京市海淀区" and found.input == TWO
    assert found.notes == ("another address follows: 上海市浦东新区世纪大道2号",)
    assert (found.detail, found.full) == ("中关村大街1号；上海市浦东新区世纪大道2号", TWO), "nothing is lost"
    refused = plain.complete("鼓楼区1号；上海市浦东新区世纪大道2号")
    assert refused.status == "ambiguous" and refused.full == refused.input == refused.detail
    assert all(other["full"].endswith("鼓楼区1号；上海市浦东新区世纪大道2号") for other in refused.alternatives)


def test_of_an_older_and_a_newer_address_the_newer_is_answered(plain):
    line = "旧地址：江苏省昆山市花桥镇绿地大道1号，新地址：浙江省义乌市佛堂镇双林路2号"
    found = plain.complete(line)
    assert (found.path.full, found.detail) == ("浙江省金华市义乌市佛堂镇", "双林路2号")
    assert found.lead == line.removesuffix("浙江省义乌市佛堂镇双林路2号") and found.input == line
    assert found.notes == ("an older address stands before: 江苏省昆山市花桥镇绿地大道1号",)
    apart = plain.complete(line, contact=True)
    assert (apart.path.full, apart.detail, apart.notes) == (found.path.full, "双林路2号", found.notes)
    refused = plain.complete("旧地址：江苏省昆山市花桥镇1号，新地址：鼓楼区2号")
    assert refused.full == refused.input or refused.path.full == "江苏省苏州市昆山市花桥镇"


def test_an_answer_is_less_sure_where_another_county_follows(plain):
    assert plain.complete(TWO).confidence == 0.9
    same = plain.complete("昆山市花桥镇绿地大道1号；昆山市花桥镇绿地大道5号")
    assert same.notes and (same.confidence or 0.0) > 0.9
    strict = Completer(empty_memory(), threshold=0.95).complete(TWO)
    assert strict.status == "ambiguous" and strict.full == strict.detail == TWO


def test_no_contact_of_others_is_told(plain):
    found = plain.complete("张三 13800000000 北京市海淀区1号；李四 13900000000 上海市浦东新区2号", contact=True)
    assert (found.name, found.phone, found.full) == ("张三", "13800000000", "北京市海淀区1号")
    assert found.notes == ("another address follows: 上海市浦东新区2号",)


def test_equal_addresses_are_completed_once(plain):
    asked: list[str] = []

    def complete(addresses: list[str]) -> list:
        asked.extend(addresses)
        return plain.complete_all(addresses)

    lines = ["张三 13800000000 碑林区1号", "李四 13900000000 碑林区1号", "碑林区1号"]
    found = complete_lines(lines, complete, load_matcher(), contact=True)
    assert asked == ["碑林区1号"] and [f.name for f in found] == ["张三", "李四", ""]
    assert [f.input for f in found] == lines and {f.full for f in found} == {"陕西省西安市碑林区1号"}


def test_a_line_without_an_address_is_refused(plain):
    found = plain.complete("张三 13800000000", contact=True)
    assert (found.name, found.status, found.full) == ("张三", "unknown", "")


PIECES = st.sampled_from(
    ["北京市海淀区", "人民路1号", "；", "\n", "王小明", " 13800000000 ", " ", "收货人：", " 100080 ", "鼓楼区"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_is_told_stands_in_the_line(plain, text):
    found = plain.complete(text, contact=True)
    assert found.input == text
    for told in (found.name, found.postcode, *filter(None, found.phone.split("; "))):
        assert told in text
    line = Line.read(text, load_matcher(), contact=True)
    answered = found.status in ("complete", "partial")
    assert found.full == (found.path.full + found.detail if answered else line.asked)
    assert "13800000000" not in found.full + found.lead + found.detail
