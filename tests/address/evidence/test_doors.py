"""How doors are written tells regions apart."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.evidence.doors import FORMS, LEAST, MOST, Doors, area_of, counted, forms_in, load_doors, ratios_of
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("64弄26号", "31"),
        ("附3号2单元", "50"),
        ("十二委6组", "2301"),
        ("二环南三段9号", "5101"),
        ("甲12号院3号楼", "11"),
    ],
)
def test_what_is_written_in_one_region(text, area):
    codes, _ = load_doors()
    found = Doors(list(codes)).of(text)
    assert found[codes.index(area)] > np.median(found) + 1.0


def test_an_area_without_numbers_and_a_text_without_forms_say_nothing():
    assert Doors(["9999"]).of("64弄26号").tolist() == [0.0]
    assert not Doors(list(load_doors()[0])).of("人民").any()


def test_shipped_numbers_are_whole():
    codes, ratios = load_doors()
    assert ratios.shape == (len(FORMS), len(codes)) and len(set(codes)) == len(codes)
    assert ratios.min() >= LEAST and ratios.max() <= MOST and np.isfinite(ratios).all()


def test_counting():
    texts = ["上海市黄浦区南京东路64弄26号", "上海市黄浦区北京东路8号", "江苏省南京市玄武区中山路1号", "no address"]
    codes, sizes, with_form = counted(texts, load_matcher())
    assert codes == ["31", "3201"] and sizes.tolist() == [2, 1]
    lane = next(number for number in forms_in("64弄") if "弄" in FORMS[number])
    assert with_form[lane].tolist() == [1, 0]
    ratios = ratios_of(codes, sizes, with_form)
    assert ratios[lane, 0] > 0 > ratios[lane, 1]


def test_a_county_without_a_city_stands_with_its_province():
    matcher = load_matcher()
    assert area_of(matcher, "310101") == "31" and area_of(matcher, "320102") == "3201"
    assert area_of(matcher, "429004") == "42"
