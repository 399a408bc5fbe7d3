from __future__ import annotations

from collections import Counter

import pytest

from buqi.divisions import Table, load_former, load_table


def test_counts_are_the_sources():
    counts = Counter(d.level for d in load_table().by_code.values())
    assert counts == {"province": 34, "city": 353, "county": 3228, "town": 38723}


def test_every_division_hangs_under_a_province():
    table = load_table()
    for code in table.by_code:
        path = table.path(code)
        assert path.divisions[0].level == "province"
        assert path.divisions[-1].code == code


@pytest.mark.parametrize(
    ("text", "codes", "rest"),
    [
        (
            "陕西省宝鸡市扶风县法门镇法门寺",
            {"province": "61", "city": "6103", "county": "610324", "town": "610324107"},
            "法门寺",
        ),
        ("广东省东莞市虎门镇x", {"province": "44", "city": "4419", "town": "441900121"}, "x"),
        ("北京市朝阳区x", {"province": "11", "county": "110105"}, "x"),
        ("湖北省仙桃市x", {"province": "42", "county": "429004"}, "x"),
        ("碑林区x", {}, "碑林区x"),
        ("陕西省南京市x", {"province": "61"}, "南京市x"),
        ("", {}, ""),
    ],
)
def test_read(text, codes, rest):
    path, left = load_table().read(text)
    assert (path.codes, left) == (codes, rest)


def test_villages_lie_under_todays_towns():
    table = load_table()
    found = {v.name: v for v in table.villages("610324107")}
    assert found["法门寺文化景区社区"].code == "610324107001"
    assert found["美阳村委会"].level == "village"
    assert table.villages("nothing") == []
    codes = [v.code for town in table.at("town") for v in table.villages(town.code)]
    assert len(codes) == len(set(codes)) == 605_632
    assert all(len(code) == 12 and code.isdigit() for code in codes)
    assert table.read("陕西省宝鸡市扶风县法门镇美阳村委会")[1] == "美阳村委会", (
        "villages are not read from addresses yet"
    )


def test_where_counties_lie_directly_below():
    table = load_table()
    codes = ["6101", "11", "42", "4419", "61", "610103", "610324107"]  # 东莞市 has towns, 陕西省 cities, 仙桃市 no city
    assert [table.has_counties(code) for code in codes] == [True, True, True, False, False, False, False]


def test_villages_are_those_the_table_was_given():
    names = {"61": "陕西省", "610324": "扶风县", "610324107": "法门镇"}
    assert Table(names).villages("610324107") == []
    table = Table(names, lambda: {"610324107": "001 东村\t610324999002 西村"})
    given = table.villages("610324107")
    assert table.village_names("610324107") == ["东村", "西村"] and table.village_names("nothing") == []
    assert table.villages("610324107", "西") == given[1:] and table.villages("610324107", "北") == []
    assert [(v.code, v.name, v.parent) for v in given] == [
        ("610324107001", "东村", "610324107"),
        ("610324999002", "西村", "610324107"),
    ]


def test_every_former_name_leads_into_the_table():
    table = load_table()
    former = {f.name: f for f in load_former()}
    assert all(f.successor in table.by_code for f in former.values())
    assert table.by_code[former["户县"].successor].name == "鄠邑区"
    assert former["户县"].until == 2015
    assert table.by_code[former["苏州工业园区"].successor].name == "苏州市"


def test_codes_of_our_own_are_not_given_out():
    table = load_table()
    district = next(d for d in table.by_code.values() if d.name == "湾仔区")
    assert not district.official
    assert table.path(district.code).codes == {"province": "81"}


def test_children_are_those_directly_under_a_code():
    names = {
        "44": "广东省", "4419": "东莞市", "441900003": "东城街道", "4401": "广州市", "440103": "荔湾区",
        "11": "北京市", "110105": "朝阳区", "110105001": "建外街道",
    }  # fmt: skip
    table = Table(names)
    found = {code: [d.code for d in under] for code, under in table.children.items()}
    assert found == {
        "": ["11", "44"], "11": ["110105"], "110105": ["110105001"], "44": ["4401", "4419"], "4401": ["440103"],
        "4419": ["441900003"],
    }  # fmt: skip
    assert len(table.children) == 6 and "440103" not in table.children and "4402" not in table.children
    shipped = load_table()
    assert sum(map(len, shipped.children.values())) == len(shipped.by_code)
    assert all(d.parent == code for code, under in shipped.children.items() for d in under)


@pytest.mark.parametrize("code", ["61", "6101", "610113", "4419", "11", "81", "610113001"])
def test_names_of_towns_are_those_of_the_towns_below(code):
    table = load_table()
    assert table.town_names(code) == {town.code: town.name for town in table.towns_below(code)}


@pytest.mark.parametrize("code", ["110101", "4419", "320102", "320102002", "810001"])
def test_villages_below_are_those_of_all_towns(code):
    table = load_table()
    towns = [code] if len(code) == 9 else list(table.town_names(code))
    villages = [village for town in towns for village in table.villages(town)]
    for beginning in {village.name[:2] for village in villages} | {"犇犇"}:
        assert table.villages_below(code, beginning) == [v for v in villages if v.name.startswith(beginning)]
    for town in towns[:3]:
        assert table.village_names(town) == [village.name for village in table.villages(town)]
