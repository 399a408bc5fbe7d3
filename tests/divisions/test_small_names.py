"""Names of towns and villages speak for the counties that have them."""

from __future__ import annotations

import pytest

from buqi.divisions import Table
from buqi.divisions.small_names import SmallNames, WholeNames, parts_of, small_name_arrays, whole_name_keys

NAMES = {
    "32": "江苏省", "3201": "南京市", "320106": "鼓楼区", "320106001": "宁海路街道", "320106002": "鼓楼镇",
    "3203": "徐州市", "320302": "鼓楼区", "320302001": "环城街道",
    "44": "广东省", "4419": "东莞市", "441900003": "东城街道",
    "81": "香港特别行政区", "8101": "香港岛", "810101": "湾仔区",
}  # fmt: skip
CELLS = {"320106001": "001 中央路社区居委会\t002 山西路社区居委会", "320302001": "001 坝子街社区居委会"}


@pytest.fixture(scope="module")
def small() -> SmallNames:
    table = Table(NAMES, lambda: CELLS)
    return SmallNames(table, small_name_arrays(table))


def test_counties_are_numbered_cities_without_counties_among_them(small):
    assert list(small.number) == ["320106", "320302", "4419"]


def test_a_village_further_back_speaks_for_its_county(small):
    here, there = small.weigh(["320106", "320302"], "中央路1号")
    assert here > there
    here, there = small.weigh(["320106", "320302"], "坝子街1号")
    assert there > here


def test_what_was_read_already_says_nothing_new(small):
    assert small.weigh(["320106"], "中央路1号", "中央路")[0] == small.weigh(["320106"], "1号")[0]


def test_a_village_of_the_town_itself_speaks_for_it(small):
    here, there = small.weigh(["320106001", "320106002"], "中央路社区1号")
    assert here > there


def test_whole_names_are_not_found_in_longer_ones():
    keys = whole_name_keys(["鲁河镇\n大鲁河镇\n", "鲁河镇\n"])
    whole = WholeNames(keys, parts_of(keys))
    assert whole.counties("鲁河镇").tolist() == [0, 1]
    assert whole.counties("大鲁河镇").tolist() == [0]
    assert whole.counties("鲁河").tolist() == []


def test_of_many_names_each_is_found():
    names = [f"{one}{other}" for one in "甲乙丙丁戊己庚辛壬癸" for other in map(chr, range(0x4E00, 0x4E80))]
    keys = whole_name_keys(["".join(f"{name}\n" for name in names[part::2]) for part in (0, 1)])
    parts = parts_of(keys)
    whole = WholeNames(keys, parts)
    assert len(keys) == parts[-1] == len(names) and max(parts[1:] - parts[:-1]) < 10  # of 65,536 parts
    assert [whole.counties(name).tolist() for name in names] == [[at % 2] for at in range(len(names))]
    assert not any(len(whole.counties(name)) for name in ("一", "一甲", "鿿鿿", "甲一乙", "癸鿿"))
