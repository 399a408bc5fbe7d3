from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.divisions import load_matcher
from buqi.divisions.chain import State
from buqi.divisions.name_patterns import FILLER, FILLER_STARTS


def read_names(text: str) -> set[str]:
    reader = load_matcher().names
    return {text[state.spans[0][0] : state.spans[0][1]] for state in reader.exact(text, State(0))}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("吉林市船营区", {"吉林市"}),
        ("古县街道1号", {"古县街道"}),
        ("普洱镇沅人民路", {"普洱镇", "普洱"}),
        ("延安西路1号", set()),
        ("唐山路南人民路", {"唐山"}),
        ("唐山路南侧", set()),
        ("东方市场三区", set()),
        ("杭州市场口镇", {"杭州市"}),
        ("（上海）浦东", {"上海"}),
        ("内蒙古路12号", set()),
        ("内蒙古科技大学", set()),
        ("红河哈尼族彝族自治洲个旧市", {"红河哈尼族彝族自治"}),  # 红河县 is not meant
        ("红河迤萨镇", {"红河"}),
        ("内蒙古包头", {"内蒙古"}),
        ("内蒙包头", {"内蒙"}),
        ("云南铺村南", set()),
        ("新疆三道街", set()),
        ("台湾城日月潭路", set()),
        ("浙江商贸城46号", set()),
        ("上海花苑B区", set()),
        ("奇台总场四十里", set()),
        ("海南城西镇", {"海南"}),
        ("柳州江南路3号", {"柳州"}),
        ("武汉中北路9号", {"武汉"}),
        ("拉萨八一路1号", {"拉萨"}),
        ("佳木斯站前路", {"佳木斯"}),
        ("南京大桥南路", {"南京"}),
        ("阿里河中央街", set()),  # of 阿里河镇
        ("嘉陵江东路", set()),  # a district's short name
        ("黔西南环城路80号", {"黔西南"}),
        ("巴彦淖尔解放街", {"巴彦淖尔"}),
        ("三门海游街道", {"三门"}),
        ("达县地区达川市", {"达县地区"}),
        ("太湖景区", set()),  # the lake
        ("太湖晋熙镇", {"太湖"}),
    ],
)
def test_names_that_stand_at_the_front(text, names):
    assert read_names(text) == names


@pytest.mark.parametrize("text", ["香港九龙油尖旺区弥敦道", "香港新界沙田区"])
def test_parts_of_hong_kong_before_a_district(text):
    assert len(load_matcher().match(text).candidates[0].code) == 6


def test_a_former_county_behind_another_county_contradicts():
    best = load_matcher().match("安徽省桐城市无为县无城镇").candidates[0]
    assert best.against == ("无为县",)


def test_a_short_name_is_no_beginning_of_a_mistyped_longer_one():
    assert read_names("科尔沁翼中旗人民路") == set()
    assert read_names("江南新区胜利道") == {"江南"}


def test_a_whole_name_is_not_taken_for_a_mistyped_one():
    reader = load_matcher().names
    assert not list(reader.mistyped("广州市天河路", State(0)))
    assert not list(reader.mistyped("准格尔南路11号", State(0))), "a road; the kind is not what is missing"
    assert list(reader.mistyped("杯林区1号", State(0)))
    assert not list(reader.mistyped("郧阳地区十堰市", State(0)))


@given(st.from_regex(FILLER.pattern, fullmatch=True))
def test_every_filler_begins_as_one_is_sought(filler):
    assert filler[0] in FILLER_STARTS or not "\u4e00" <= filler[0] <= "\u9fff"
