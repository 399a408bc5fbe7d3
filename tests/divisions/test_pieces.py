"""Names of towns and villages speak for the counties that have them."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.divisions import Table
from buqi.divisions.pieces import Pieces, SmallNames, WholeNames

NAMES = {
    "32": "江苏省", "3201": "南京市", "320106": "鼓楼区", "320106001": "宁海路街道", "320106002": "鼓楼镇",
    "3203": "徐州市", "320302": "鼓楼区", "320302001": "环城街道",
    "44": "广东省", "4419": "东莞市", "441900003": "东城街道",
    "81": "香港特别行政区", "8101": "香港岛", "810101": "湾仔区",
}  # fmt: skip
CELLS = {"320106001": "001 中央路社区居委会\t002 山西路社区居委会", "320302001": "001 坝子街社区居委会"}


@pytest.fixture(scope="module")
def small() -> SmallNames:
    return SmallNames(Table(NAMES, lambda: CELLS))


def test_counties_are_numbered_cities_without_counties_among_them(small):
    assert list(small.number) == ["320106", "320302", "4419"]


def test_a_village_further_back_speaks_for_its_county(small):
    (here, _), (there, _) = small.weigh(["320106", "320302"], "中央路1号")
    assert here > there
    (here, _), (there, _) = small.weigh(["320106", "320302"], "坝子街1号")
    assert there > here


def test_what_was_read_already_says_nothing_new(small):
    assert small.weigh(["320106"], "中央路1号", "中央路")[0] == small.weigh(["320106"], "1号")[0]


def test_a_village_of_the_town_itself_is_named(small):
    found = small.weigh(["320106001", "320106002"], "中央路社区1号")
    assert [names for _, names in found] == [("中央路社区居委会",), ()]
    assert found[0][0] > found[1][0]


def test_pieces_count_by_county_and_city():
    pieces = Pieces(["中央路\n", "中央街\n", "东城\n"], np.array([0, 0, 1]))
    grams = pieces.numbers("中央")
    assert len(grams) == 1 and len(pieces.numbers("路 口")) == 0
    first, second, third = pieces.scores([grams])[0]
    assert first == pytest.approx(second) and first > third == 0
    assert len(pieces.numbers("中央", without="中央门")) == 0


def test_pieces_say_what_the_formula_says():
    names = ["中央路\n中央街\n", "中央街\n", "东城\n"]
    pieces = Pieces(names, np.array([0, 0, 1]), (2,), least=100.0)
    common = 4.0 * (3 + 1) / 100.0  # 中央 stands in three names
    around = 0.25 * np.log1p(3 / (common * (len(names[0]) + len(names[1]) + 2)))
    wanted = [
        0.4 * np.log1p(count / (common * (len(name) + 1))) + around for count, name in ((2, names[0]), (1, names[1]))
    ]
    assert pieces.scores([pieces.numbers("中央"), pieces.numbers("天地")]).tolist() == [[*wanted, 0.0], [0.0] * 3]
    assert pieces.scores([pieces.numbers("天地")]).dtype == np.float64
    assert pieces.rare_in(pieces.numbers("中央"), np.array([1]), 2)
    assert not pieces.rare_in(pieces.numbers("中央"), np.array([1]), 1)
    assert not pieces.rare_in(pieces.numbers("天地"), np.array([1]), 2)


def test_whole_names_are_not_found_in_longer_ones():
    whole = WholeNames(["鲁河镇\n大鲁河镇\n", "鲁河镇\n"])
    assert whole.counties("鲁河镇").tolist() == [0, 1]
    assert whole.counties("大鲁河镇").tolist() == [0]
    assert whole.counties("鲁河").tolist() == []


def test_arrays_hold_all_of_it(small):
    again = SmallNames.of(small.table, small.arrays())
    assert again.number == small.number
    for codes, rest in ((["320106", "320302"], "中央路1号"), (["320106001", "320106002"], "中央路社区1号")):
        assert again.weigh(codes, rest) == small.weigh(codes, rest)
    assert again.whole.counties("鼓楼镇").tolist() == small.whole.counties("鼓楼镇").tolist() == [0]
