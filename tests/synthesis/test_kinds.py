"""Each kind of rows that teach the map says what is true, and what its input allows."""

from __future__ import annotations

import random

import pytest

from buqi.divisions import load_matcher, load_table
from buqi.divisions.stems import town_stem
from buqi.gazetteer.mapped_roads import MappedRoads
from buqi.gazetteer.zones import load_zone_roads
from buqi.synthesis import counties_of
from buqi.synthesis.atlas import Atlas, bare_village
from buqi.synthesis.country import makers
from buqi.synthesis.kinds import TEACHING, named_village
from buqi.synthesis.unambiguous import read_elsewhere, unique_names

ROWS = 80


@pytest.fixture(scope="module")
def atlas():
    return Atlas(counties_of("全国"))


@pytest.fixture(scope="module")
def rows(atlas):
    """Some rows of each kind."""
    found = {}
    for name, kind in makers(atlas, random.Random(5)).items():
        made = (kind.make() for _ in range(20 * ROWS))
        found[name] = [row for row in made if row is not None][:ROWS]
    return found


def town_of(atlas, row):
    return next(d for d in atlas.table.read(row.answer)[0].divisions if d.level == "town")


def test_every_kind_is_made(rows):
    assert {kind: len(made) for kind, made in rows.items()} == dict.fromkeys(rows, ROWS)
    for kind, made in rows.items():
        for row in made:
            path, detail = load_table().read(row.answer)
            assert row.code in {d.code for d in path.divisions}, row
            assert kind in (row.kind, "former", "missing", "typo") or row.kind in (
                "prefix_missing",
                "city_first",
                "none",
            )
            assert detail == "" or row.text.endswith(detail), row


@pytest.mark.parametrize("kind", ["shared_county", "town_typo", "town_short", "known_road", "zone_road", "zone"])
def test_the_matcher_does_not_read_another_place(rows, kind):
    table, matcher = load_table(), load_matcher()
    for row in rows[kind]:
        best = matcher.match(row.text).best
        around = {d.code for d in table.path(row.code).divisions}
        assert best is None or best.code in around or row.code in {d.code for d in best.path.divisions}, row


def test_of_the_counties_of_a_name_one_has_the_town(atlas, rows):
    for row in rows["shared_county"]:
        county, town = atlas.table.by_code[row.code], town_of(atlas, row)
        others = atlas.counties_named[county.name]
        assert len(others) > 1 and row.text.startswith(county.name + town.name)
        assert [d.code for d in others if town.name in {t.name for t in atlas.table.children.get(d.code, ())}] == [
            row.code
        ]


def test_of_the_towns_of_a_name_one_has_the_village(atlas, rows):
    for row in rows["town_village"]:
        town = town_of(atlas, row)
        rest = row.text.removeprefix(town.name)
        having = [
            other.parent
            for other in atlas.towns_named[town.name]
            if any(rest.startswith(named_village(v)) for v in atlas.table.village_names(other.code))
        ]
        assert len(atlas.towns_named[town.name]) > 1 and having == [row.code], row


def test_one_place_of_the_country_has_a_long_village(atlas, rows):
    towns = {}
    for town in atlas.table.at("town"):
        for village in atlas.table.village_names(town.code):
            towns.setdefault(bare_village(village), []).append(town.parent)
    for row in rows["village_first"]:
        name = max((n for n in (row.text[:end] for end in range(4, 9)) if n in towns), key=len)
        assert towns[name] == [row.code] and row.answer == atlas.table.path(row.code).full + row.text


def test_short_towns_stay_as_they_are_written(atlas, rows):
    for row in rows["town_short"]:
        county = atlas.table.by_code[row.code]
        rest = row.answer.removeprefix(atlas.table.path(row.code).full)
        assert row.text.endswith(rest) and row.text != rest
        assert any(rest.startswith(town_stem(t.name)) for t in atlas.table.children[county.code])


def test_a_mistyped_town_differs_by_a_character_and_is_no_other(atlas, rows):
    for row in rows["town_typo"]:
        town = town_of(atlas, row)
        tail = row.answer.removeprefix(atlas.table.path(row.code).full)
        wrong = row.text[-len(tail) :][: len(town.name)]
        assert sum(a != b for a, b in zip(wrong, town.name, strict=True)) == 1
        assert wrong not in atlas.towns_named and town.name in unique_names()["town"]


def test_a_road_alone_is_one_that_one_city_has(atlas, rows):
    cities = MappedRoads().cities
    alone = [row for row in rows["known_road"] if row.answer.endswith(row.text) and not row.answer.startswith(row.text)]
    alone = [row for row in alone if not row.text.startswith(atlas.table.by_code[row.code].name)]
    assert alone and len(alone) < ROWS
    for row in alone:
        road = next(r.name for r in atlas.roads if r.code == row.code and row.text.startswith(r.name))
        assert len(road) >= 4 and len(cities[road]) == 1


def test_a_road_in_a_zone_is_listed_for_its_city(atlas, rows):
    listed = {(code, road) for code, _, road in load_zone_roads()}
    for row in rows["zone_road"]:
        assert any(road in row.text for code, road in listed if code == row.code), row


def test_what_a_list_names_is_in_the_text(atlas, rows):
    for kind, names in (("landmark", atlas.landmarks), ("zone", atlas.zones)):
        for row in rows[kind]:
            head = atlas.table.by_code[row.code].name
            fitting = [n for n in names if n.code == row.code and n.name in row.text]
            assert fitting, row
            assert any(n.unique and not read_elsewhere(n.name, n.code) for n in fitting) or head in row.text


def test_villages_of_the_town_stand_in_the_text(atlas, rows):
    def names_village(row):
        path, detail = atlas.table.read(row.answer)
        town = next((d for d in path.divisions if d.level == "town"), None)
        names = atlas.table.village_names(town.code) if town else []
        return any(len(bare_village(v)) > 1 and detail.startswith(bare_village(v)) for v in names)

    found = [names_village(row) for row in rows["town_first"]]
    assert 0.25 < sum(found) / len(found) < 0.7


def test_a_region_has_its_own_places_only():
    atlas = Atlas(counties_of("西安市"))
    assert all(town.code.startswith("6101") for town in atlas.towns)
    assert {road.code for road in atlas.roads} == {"6101"} and {zone.code[:4] for zone in atlas.zones} == {"6101"}
    assert all(kind.name for kind in TEACHING)
