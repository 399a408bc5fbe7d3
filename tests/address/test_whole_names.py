"""Names that begin with a division's short name and stay whole."""

from __future__ import annotations

import pytest

from buqi.address.whole_names import begins_old_town, whole_name_from
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("武夷山风景区1号", 0),
        ("湖北文理学院", 0),
        ("浙江绍兴文理学院南山校区", 2),
        ("宁波栎社国际机场T2航站楼", 0),
        ("湖北宜昌三峡机场", 2),
        ("重庆江北国际机场", 0),  # a former district
        ("万州长江二桥南桥头", 0),
        ("岳麓书院东门", 0),
        ("岳阳楼酒店", 0),
        ("丽江古城四方街", 0),
        ("景德镇陶瓷大学湘湖校区", 0),
        ("武昌南湖机场宝安花园三期", -1),  # a housing estate
        ("宁波栎社机场路12号", -1),
        ("岳麓书院路8号", -1),
        ("丽江古城福慧路", -1),
        ("重庆永川文理学院", -1),
        ("张家界武陵源国家森林公园", -1),
        ("万州长江二路8号", -1),
        ("西安市碑林区长乐路1号", -1),
        ("长乐路1号", -1),
    ],
)
def test_where_a_whole_name_begins(text: str, start: int) -> None:
    match = load_matcher().match(text)
    used = match.candidates[0].used if match.candidates else ()
    assert whole_name_from(match.text, used) == start


def test_a_place_in_an_old_town_is_no_road() -> None:
    assert begins_old_town("丽江古城四方街")
    assert not begins_old_town("丽江古城福慧路")
