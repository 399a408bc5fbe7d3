"""Divisions that the matcher read speak for the counties that they mean."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest

from buqi.address.evidence.named import NamedDivisions
from tests.address.evidence.conftest import parsed, said


@pytest.fixture(scope="module")
def row_of(resources):
    kind = NamedDivisions(resources)

    def row(text: str, county: str) -> dict[str, float]:
        found = said(kind, parsed(resources, text, match=True))
        return defaultdict(float, {name: column[resources.counties.number[county]] for name, column in found.items()})

    return row


def test_a_name_speaks_for_each_county_that_bears_it(row_of):
    here, there = row_of("鼓楼区中央路1号", "320106"), row_of("鼓楼区中央路1号", "350102")
    assert here["named"] == there["named"] > 0 and here["any"] == 1.0 and "bare" not in here
    assert row_of("鼓楼区中央路1号", "110101") == dict.fromkeys(here, 0.0)


def test_a_city_speaks_for_all_of_its_counties(row_of):
    assert row_of("长春市人民大街1号", "220104")["clear"] == 1.0
    assert row_of("长春市人民大街1号", "220102")["named"] == row_of("长春市人民大街1号", "220104")["named"]


def test_short_former_and_mistyped_names(row_of, resources):
    short = row_of("扶风法门寺", "610324")
    assert short["short"] == 1.0 and short["common"] == math.log1p(resources.namesakes("扶风"))
    assert row_of("临安市人民路1号", "330112")["former"] == 1.0
    slip = row_of("危县友谊大街1号", "130533")  # 威县
    assert (slip["mistyped"], slip["changed"], slip["kept_kind"]) == (1.0, 0.0, 1.0)


def test_a_town_adds_what_speaks_for_it(row_of):
    assert row_of("龙湖镇双湖大道1号", "350582")["town"] != 0.0 == row_of("晋江市双湖大道1号", "350582")["town"]


def test_no_division_at_all(resources):
    found = said(NamedDivisions(resources), parsed(resources, "人民路1号", match=True))
    assert list(found) == ["bare"] and found["bare"].all()
