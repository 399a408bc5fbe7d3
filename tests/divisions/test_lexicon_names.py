"""What names mean, and that an index gives back what was put into it."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher
from buqi.divisions.lexicon_names import from_lists, names_of, spellings, to_lists
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.table import load_table
from buqi.indexes.arrays import packed_lists, text_lists


def test_full_short_and_former_names():
    found = names_of(load_table())
    kinds = {(m.code, m.kind) for m in found.names["西安"]}
    assert ("6101", SHORT) in kinds
    assert [m.kind for m in found.names["扶风县"]] == [FULL] and found.names["梅列区"][0].kind == FORMER
    assert "扶风县" in found.whole and "梅列区" not in found.whole
    assert found.names["民治办事处"][0].name == "民治街道"
    assert found.lengths["扶风"][-2:] == (3, 2) and "乌镇" in found.names


def test_former_districts_with_their_city_and_former_prefectures():
    names = names_of(load_table()).names
    assert [m.code for m in names["长治郊区"]] == [m.code for m in names["长治市郊区"]] == ["140403"]
    assert names["郧阳地区"][0].cost < names["襄樊市"][0].cost < names["宿县"][0].cost  # the longest ago


def test_traditional_spellings():
    assert spellings("余干县") == ["余干县", "余乾县", "餘干县", "餘乾县"] or "余乾县" in spellings("余干县")
    assert spellings("西安") == ["西安"]


def test_an_index_gives_back_the_same():
    found = names_of(load_table())
    arrays = {key: of for name, lists in to_lists(found).items() for key, of in packed_lists(name, lists).items()}
    again = from_lists({name: text_lists(arrays, name) for name in to_lists(found)})
    assert set(again.names) == set(found.names) and again.zones == found.zones and again.lengths == found.lengths
    for name in ("西安", "鼓楼区", "梅列区", "鄂托克前旗", "于洪区"):
        assert again.names[name] == found.names[name]
    for stub in list(found.stubs)[:50]:
        assert again.stubs[stub] == found.stubs[stub]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("重庆江北观音桥", "重庆市两江新区"),  # 宁波 has a 江北区 today
        ("大同市城区永泰路", "山西省大同市平城区"),
        ("长治市城东路", "山西省长治市"),
        ("第8师143团", "新疆维吾尔自治区石河子市"),
        ("四川省万县地区忠县", "重庆市忠县"),
        ("广西省桂林市阳朔县", "广西壮族自治区桂林市阳朔县"),
        ("北京省海淀区", "北京市海淀区"),
        ("芜湖经济技术开发区", "安徽省芜湖市"),
        ("彰化县员林镇", "台湾省彰化县员林市"),
        ("高雄县三民乡", "台湾省高雄市那玛夏区"),
    ],
)
def test_names_that_were_given_up(text, path):
    assert load_matcher().match(text).path.full == path
