"""Towns without their kind, run together with a road or village."""

from __future__ import annotations

import pytest

from buqi.address.bare_towns import bare_town
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("detail", "county", "town", "rest"),
    [
        ("沙集东风村3组", "320324", "沙集镇", "东风村3组"),
        ("虎门连升路12号", "4419", "虎门镇", "连升路12号"),
        ("朱兰钢城路中段", "410481", "朱兰街道", "钢城路中段"),
        ("花桥绿地大道1000号", "320583", "花桥镇", "绿地大道1000号"),
        ("沙井新沙路", "440306", "沙井街道", "新沙路"),  # a district that was a county
        ("千灯石浦路", "320583", "千灯镇", "石浦路"),  # a road that no list has
    ],
)
def test_the_town_is_read_before_a_known_road_or_village(detail: str, county: str, town: str, rest: str) -> None:
    matcher = load_matcher()
    code, left = bare_town(detail, county, matcher)
    assert (matcher.table.names[code], left) == (town, rest)


@pytest.mark.parametrize(
    ("detail", "county"),
    [
        ("花桥路5号", "320583"),  # a road
        ("花桥工业园", "320583"),
        ("千灯工业大道", "320583"),
        ("千灯南大街", "320583"),
        ("月浦六村12号", "310113"),
        ("望京广顺北大街", "110105"),  # the area is larger than the subdistrict
        ("太平北三道街5号", "230102"),
        ("延庆通惠南路8号", "110119"),  # the county's own name
        ("阜新通惠南路8号", "210921"),  # its city's
        ("虎门", "4419"),
        ("", "4419"),
    ],
)
def test_the_beginning_of_another_name_is_no_town(detail: str, county: str) -> None:
    assert bare_town(detail, county, load_matcher()) == ("", "")
