from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.divisions import load_matcher, load_table
from buqi.divisions.lexicon import load_lexicon
from buqi.divisions.mistyping import slip
from buqi.divisions.stems import town_stem
from buqi.divisions.table import Table
from buqi.divisions.town_reader import KIND, KIND_STARTS, TownReader

SAME_COUNTY = [
    ("望城区铜官真", "铜官街道", "铜官真", "sound"),
    ("万山区黄道乡", "黄道侗族乡", "黄道乡", "suffix"),
    ("东莞市虎们真", "虎门镇", "虎们真", "sound"),
    ("临武县汾市乡南岸村", "汾市镇", "汾市乡", "suffix"),
    ("东山县前楼乡岱南村", "前楼镇", "前楼乡", "suffix"),
    ("临潼区新丰办席家村", "新丰街道", "新丰办", "suffix"),
    ("枝江市马家店街办江口社区", "马家店街道", "马家店街办", "suffix"),
    ("天津市武清区黄庄街武静路", "黄庄街道", "黄庄街", "suffix"),
    ("天津市南开区嘉陵道街人民路12号", "嘉陵道街道", "嘉陵道街", "suffix"),
    ("攸县峦山镇皮佳村", "鸾山镇", "峦山镇", "sound"),
    ("景县降河流镇许高", "洚河流镇", "降河流镇", "sound"),
    ("商城县双铺镇大岗村", "双椿铺镇", "双铺镇", "missing"),
    ("三台县观桥场镇", "观桥镇", "观桥场镇", "added"),
    ("阿克苏地区沙雅县努尔巴克乡排先拜巴扎村", "努尔巴格乡", "努尔巴克乡", "other"),
]


@pytest.mark.parametrize(("text", "town", "written", "kind"), SAME_COUNTY)
def test_a_town_written_otherwise_is_read_and_said(text, town, written, kind):
    match = load_matcher().match(text)
    used = match.best.used[-1]
    assert match.path.name("town") == used.name == town
    assert (text[used.start : used.end], used.kind) == (written, kind)


@pytest.mark.parametrize(
    ("text", "town"),
    [("天津市河北区望海楼街", "望海楼街道"), ("广州市天河区石牌街", "石牌街道"), ("西安市临潼区新丰街", "")],
)
def test_three_cities_write_a_subdistrict_as_a_street(text, town):
    assert load_matcher().match(text).path.name("town") == town


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("余杭区临平镇东大街", "浙江省杭州市临平区临平街道"),
        ("番禺市南沙镇", "广东省广州市南沙区南沙街道"),
        ("增城市永和镇", "广东省广州市黄埔区永和街道"),  # thirteen other towns of that name
        ("沛县永和镇", "江苏省徐州市沛县"),
    ],
)
def test_a_town_that_is_a_subdistrict_of_another_county_today(text, path):
    assert load_matcher().match(text).path.full == path


def test_a_road_does_not_begin_with_the_kind_of_a_town():
    match = load_matcher().match("东莞市长安振安路1号")
    assert (match.path.name("town"), match.detail) == ("", "长安振安路1号")


@pytest.mark.parametrize(
    "text",
    [
        "庆城县熊家庙乡李家庄村",  # no 蔡家庙乡: the first character is another
        "沁水县樊村乡樊村村",  # no 张村乡
        "如东县环店镇顾高桥村",  # no 新店镇
        "揭阳市榕城区进贤门大道西段北侧",  # a road, although there is a 进贤门街道
        "武汉市蔡甸区奓山街12号",  # a street: nothing in a subdistrict follows
        "武汉市蔡甸区奓山街东侧",
        "西安市临潼区新丰办公楼",
    ],
)
def test_another_place_is_no_town_written_otherwise(text):
    match = load_matcher().match(text)
    assert match.path.name("county")
    assert not match.path.name("town")


def test_a_town_of_the_county_goes_before_one_that_moved():
    """新和县 has a 塔木托格拉克乡, and 阿瓦提县 a 塔木托格拉克镇."""
    match = load_matcher().match("新疆维吾尔自治区阿克苏地区新和县塔木托格拉克镇1号")
    assert match.path.full.endswith("新和县塔木托格拉克乡")


def test_a_town_that_lies_in_another_county_today_is_read_there():
    match = load_matcher().match("深圳市宝安区公明街道松白路1号")
    assert match.path.full == "广东省深圳市光明区公明街道"
    assert [used.kind for used in match.best.used] == ["full", "moved", "full"]


def test_every_town_with_its_kind_exchanged_is_read_or_none_is():
    """Over all towns of a province: 镇 for 乡 and the reverse is read as a town of its own stem, never as another."""
    matcher = load_matcher()
    read = right = 0
    for town in matcher.table.towns_below("43"):
        if town.name[-1] not in "镇乡" or town.name.endswith("民族乡"):
            continue
        path = matcher.table.path(town.code)
        other = town.name[:-1] + ("乡" if town.name[-1] == "镇" else "镇")
        if any(d.name == other for d in matcher.table.towns_below(matcher.table.county_of(town.code))):
            continue
        found = matcher.match("".join(d.name for d in path.divisions[:-1]) + other + "人民路12号").path
        read += 1
        right += found.full == path.full
    assert read > 1000
    assert right >= 0.98 * read


@pytest.mark.parametrize(
    ("text", "county", "town"),
    [
        ("龙王塘万科樱花园", "210212", "龙王塘街道"),
        ("斗湖堤斗沙路50号", "421022", "斗湖堤镇"),
        ("四平路587号", "310110", ""),
        ("大郑", "210283", "大郑镇"),  # two characters that are all of the text
        ("大郑小区", "210283", ""),
        ("虎门太平手袋厂", "4419", "虎门镇"),  # no county between
        ("东城中路", "4419", ""),
    ],
)
def test_a_town_called_without_its_kind(text, county, town):
    table = load_matcher().table
    code = load_matcher().names.towns.called(text, county)
    assert (table.by_code[code].name if code else "") == town


@given(st.from_regex(KIND.pattern, fullmatch=True))
def test_every_kind_begins_as_one_is_sought(kind):
    assert kind[0] in KIND_STARTS


@pytest.mark.parametrize("code", ["410928", "4419", "610113"])
def test_towns_are_found_by_all_that_they_are_called(code):
    towns = TownReader(load_lexicon())
    for town in load_table().towns_below(code):
        for called in {town_stem(town.name), town.name}:
            if len(called) > 1:
                assert (town.code, town.name) in towns._called(code, called[:2])[called]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("深圳市宝安区观澜镇", "广东省深圳市龙华区观澜街道"),  # no other place has the name
        ("厦门市同安区新店镇", "福建省厦门市翔安区新店街道"),  # a former town of the list
        ("苍南县龙港镇1号", "浙江省温州市龙港市"),  # a town that is a county-level city today
        ("黑龙江省鸡西市密山市穆棱镇", "黑龙江省鸡西市密山市"),  # of 穆棱市
    ],
)
def test_a_town_that_moved_and_is_another_kind_today(text, path):
    assert load_matcher().match(text).path.full == path


# Few characters, some of one sound or shape, so that most texts are near a name.
NAME = st.text("林陵麟临区街山", min_size=2, max_size=6).map(lambda stem: stem + "镇")


@given(NAME, st.lists(NAME, max_size=5))
def test_of_many_towns_all_are_found_that_a_text_is_mistyped_for(written, names):
    towns = {f"44010{number}00{number}": name for number, name in enumerate(names)}
    reader = TownReader(SimpleNamespace(table=Table({"44": "广东省", **towns})))
    assert reader._meant(written, "44") == {name: kind for name in names if (kind := slip(written, name))}


@pytest.mark.parametrize("county", ["320583", "4419"])
def test_stems_at_a_position_are_those_of_towns(county):
    towns = load_matcher().names.towns
    stems = towns.stems(county)
    assert all(stem in towns.stems_at(f"到{stem}", 1, county) for stem in stems if len(stem) > 1)
    assert all(stem in stems for name in ("人民路", "花", "", "花桥镇") for stem in towns.stems_at(name, 0, county))


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("周口市西华县城关镇箕城路1号", "河南省周口市西华县"),  # 扶沟县 had one too
        ("蚌埠市怀远县城关镇禹王路1号", "安徽省蚌埠市怀远县"),  # 五河县 still has one
        ("成都市彭州市新兴镇阳平村", "四川省成都市彭州市"),  # 双流区 had one too
        ("怀远城关镇1号", "安徽省蚌埠市怀远县"),
    ],
)
def test_a_common_name_is_of_the_county_that_is_named(text, county):
    assert load_matcher().match(text).path.full.startswith(county)


def test_a_common_name_may_have_moved_between_districts():
    assert load_matcher().match("宁波市鄞州区高桥镇1号").path.full == "浙江省宁波市海曙区高桥镇"


def test_a_town_without_its_kind_that_is_a_county_today():
    assert load_matcher().match("霍邱县叶集").path.name("county") == "叶集区"
    assert load_matcher().match("苍南县龙港站前路1号").path.name("county") == "苍南县"
