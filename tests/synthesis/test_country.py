"""Rows of the whole country: their kinds, their places in turn, no input twice."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

import pytest

from buqi.divisions import load_table
from buqi.errors import UsageError
from buqi.synthesis import counties_of, country_rows
from buqi.synthesis.country import in_turn, rows_for
from buqi.synthesis.shares import OF_COUNTRY, OF_REGION
from buqi.task import ADDRESS


@pytest.fixture(scope="module")
def rows():
    return list(country_rows(counties_of("全国"), 6000))


def test_rows_are_seeded_and_of_all_kinds(rows):
    assert list(country_rows(counties_of("全国"), 300)) == rows[:300]
    assert list(country_rows(counties_of("全国"), 300, seed=1)) != rows[:300]
    assert len({row.src for row in rows}) == len(rows)
    kinds = Counter(row.meta["damage"] for row in rows)
    for kind, share in OF_COUNTRY.items():
        assert abs(kinds[kind] / len(rows) - share) < 0.05 and kinds[kind], kind


def test_answers_begin_with_the_place_that_is_named(rows):
    for row in rows:
        path, detail = load_table().read(row.tgt[0])
        assert ADDRESS.text_of(row.src[0]).endswith(detail)
        code = row.meta["county"]
        assert not code or load_table().path(code).full == "".join(d.name for d in path.divisions if d.level != "town")


def test_every_county_and_town_has_its_turn():
    counties = counties_of("西安市")
    rows = list(country_rows(counties, 6000, kinds=("town_first", "prefix_missing")))
    towns = {t.code for c in counties for t in load_table().children[c.code]}
    first = {load_table().read(row.tgt[0])[0].codes.get("town") for row in rows if row.meta["damage"] == "town_first"}
    lone = {
        code for code in towns if len([t for t in load_table().at("town") if t.name == load_table().names[code]]) == 1
    }
    assert first == lone
    assert {row.meta["county"] for row in rows} == {c.code for c in counties}


def test_what_a_region_makes_depends_on_it():
    natural = list(rows_for("西安市", 200, 42, ()))
    assert {row.meta["damage"] for row in natural} <= {*OF_REGION, "none"}
    zones = list(rows_for("西安市", 20, 42, ("zone", "zone_road")))
    assert {row.meta["damage"] for row in zones} == {"zone", "zone_road"}
    assert all(row.tgt[0].startswith("陕西省西安市") for row in zones)
    assert {row.meta["damage"] for row in rows_for("全国", 400, 42, ())} > {"known_road", "shared_county"}


def test_what_cannot_be_made_is_told():
    with pytest.raises(UsageError, match="no counties"):
        next(country_rows([], 1))
    with pytest.raises(UsageError, match="damage lost: expected some of prefix_missing"):
        next(country_rows(counties_of("西安市"), 1, kinds=("lost",)))
    with pytest.raises(UsageError, match="rows allow shared_county in these counties"):
        list(country_rows(counties_of("扶风县"), 5, kinds=("shared_county",)))


def test_each_thing_stands_once_in_a_round():
    found = list(islice(in_turn(random.Random(1), range(5)), 15))
    rounds = [found[at : at + 5] for at in (0, 5, 10)]
    assert all(sorted(one) == [0, 1, 2, 3, 4] for one in rounds) and len({tuple(one) for one in rounds}) > 1


def test_others_take_part_in_small_number():
    found = list(islice(in_turn(random.Random(1), range(4), range(10, 50), 1), 10))
    assert sum(thing >= 10 for thing in found) == 2
    assert list(in_turn(random.Random(1), [])) == []
