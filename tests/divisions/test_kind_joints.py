from __future__ import annotations

import re

import pytest

from buqi.divisions import load_matcher
from buqi.divisions.kind_joints import begins_town, ends_in_next, has_unlisted_town
from buqi.divisions.meaning import FORMER, FULL, SHORT, Meaning
from buqi.divisions.names import short_names

LEIYANG = Meaning("430481", SHORT, "耒阳市", 3)
STEM = re.compile(r"[市县区镇旗]")


@pytest.mark.parametrize(
    ("text", "end", "code", "shared"),
    [
        ("竹溪县河镇", 3, "420324", True),
        ("竹溪县县河镇", 3, "420324", False),
        ("竹溪县城关镇", 3, "420324", False),
        ("乐山市中区", 3, "5111", True),
        ("通道县溪镇", 3, "431230", True),
    ],
)
def test_the_kind_may_begin_the_next_name(text, end, code, shared):
    full = [Meaning(code, FULL, text[:end], 3)]
    assert ends_in_next(load_matcher().lexicon, text, end, full) is shared


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("耒阳竹市镇", True),
        ("耒阳竹市镇人民路", True),
        ("耒阳盐市口街道", True),
        ("耒阳山观镇", True),
        ("耒阳山东镇", False),
        ("耒阳山观路", False),
        ("耒阳竹市路", False),
        ("耒阳竹市", False),
        ("耒阳小区镇", False),
        ("耒阳眉市绥山镇", False),
    ],
)
def test_a_town_that_no_list_has_may_follow(text, second):
    assert has_unlisted_town(load_matcher().lexicon, text, 2, LEIYANG) is second


def test_a_former_town_may_follow_a_short_name():
    town, county = Meaning("320505", FORMER, "镇湖街道", 4), Meaning("320505", SHORT, "虎丘区", 3)
    assert begins_town(county, [town])
    assert not begins_town(county, [])
    assert not begins_town(county, [town._replace(name="科技城")])
    assert not begins_town(Meaning("3205", SHORT, "苏州市", 2), [town])


def test_all_towns_with_a_kind_in_their_name_are_read_behind_their_county():
    matcher = load_matcher()
    table, missed = matcher.table, []
    for county in table.at("county"):
        for code, name in table.town_names(county.code).items():
            if STEM.search(name[:-1]) and not county.code.startswith("71"):
                for short in short_names(county.name):
                    best = matcher.match(short + name).candidates[:1]
                    missed += [] if best and best[0].code == code else [short + name]
    assert missed == []
