from __future__ import annotations

import pytest

from buqi.divisions import load_matcher
from buqi.divisions.chain import State
from buqi.divisions.peoples import PeoplesNames

MATCHER = load_matcher()
PEOPLES = PeoplesNames(MATCHER.lexicon)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("秀山土家族县平凯街道", "秀山土家族县"),
        ("酉阳苗族自治县", "酉阳苗族自治县"),
        ("连南县瑶族自治县三江镇", "连南县瑶族自治县"),
        ("龙胜县各族自治县", "龙胜县各族自治县"),
        ("管城区回族区", "管城区回族区"),
        ("恩施土家族自治州", "恩施土家族自治州"),
        ("秀山土家族苗族自治县", None),  # as the table has it
        ("门源藏族自治县", None),  # not its people
        ("管城回族县", None),
        ("白沙黎县", None),
        ("连南瑶族文化园", None),
    ],
)
def test_an_autonomous_county_with_some_of_its_peoples_or_its_kind_twice(text, name):
    found = [text[slice(*state.spans[0])] for state in PEOPLES.read(text, State(0))]
    assert found == ([name] if name else [])


@pytest.mark.parametrize(
    ("text", "town", "detail"),
    [
        ("阳山县秤架镇瑶族乡", "秤架瑶族乡", ""),
        ("阳山县秤架瑶族乡瑶族乡5号", "秤架瑶族乡", "5号"),
        ("阳山县秤架瑶族乡秤架乡5号", "秤架瑶族乡", "5号"),
        ("阳山县秤架瑶族镇5号", "秤架瑶族乡", "5号"),
        ("阳山县秤架乡民族乡5号", "秤架瑶族乡", "5号"),
        ("会同县金子岩侗族乡人民路5号", "金子岩侗族苗族乡", "人民路5号"),
        ("会同县金子岩乡侗族乡5号", "金子岩侗族苗族乡", "5号"),
        ("沅陵县二酉乡苗族乡5号", "二酉苗族乡", "5号"),
        ("同江市八岔乡赫哲族乡5号", "八岔赫哲族乡", "5号"),
        ("会同县金子岩回族乡5号", "", "金子岩回族乡5号"),
    ],
)
def test_a_township_with_some_of_its_peoples_or_its_kind_twice(text, town, detail):
    match = MATCHER.match(text)
    assert (match.path.name("town"), match.detail) == (town, detail)


@pytest.mark.parametrize(
    ("text", "at", "name", "follows"),
    [
        ("会同县金子岩侗族乡", 3, "会同县", True),
        ("会同县林城镇", 3, "会同县", False),
        ("秤架瑶族乡瑶族乡", 5, "秤架瑶族乡", True),
        ("秤架瑶族乡秤架村", 5, "秤架瑶族乡", False),
        ("秤架瑶族乡回族乡", 5, "秤架瑶族乡", False),
    ],
)
def test_what_may_follow_a_county_or_a_township(text, at, name, follows):
    assert PEOPLES.may_follow(text, at, name) is follows
