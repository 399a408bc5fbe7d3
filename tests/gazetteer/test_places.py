"""Places of official lists are found by their names, and only where nothing else is named after them."""

from __future__ import annotations

import time

import pytest

from buqi.divisions import load_table
from buqi.gazetteer.places import ListedPlaces, NamedPlace, load_places

LISTED = [
    ("university", "6106", "延安大学"),
    ("university", "61", "延安大学西安创新学院"),
    ("station", "3301", "杭州东站"),
    ("scenic", "3304", "乌镇景区"),
    ("scenic", "1409", "五台山风景名胜区"),
    ("scenic", "3205", "周庄古镇"),
    ("airport", "3601", "昌北"),
    ("village", "410901", "某某村"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("延安大学西门", [(0, "university", ("6106",))]),
        ("枣园路（延安大学旁）", [(4, "university", ("6106",))]),
        ("延安大学西安创新学院3号楼", [(0, "university", ("61",))]),  # the longest
        ("延安大学路3号", []),
        ("杭州东站", [(0, "station", ("3301",))]),
        ("到杭州东火车站", [(1, "station", ("3301",))]),
        ("杭州东站路8号", []),
        ("杭州东门", []),
        ("乌镇西栅景区", [(0, "scenic", ("3304",))]),
        ("乌镇大道1号", []),
        ("周庄古镇北口", [(0, "scenic", ("3205",))]),
        ("周庄路8号", []),
        ("五台山南禅寺", [(0, "scenic", ("1409",))]),
        ("五台山路2号", []),
        ("去五台山", [(1, "scenic", ("1409",))]),
        ("五台山县", []),
        ("南昌昌北国际机场", [(2, "airport", ("3601",))]),
        ("昌北机场路", []),
        ("昌北街道", []),
        ("", []),
    ],
)
def test_what_is_found(text, found):
    assert [place[:3] for place in ListedPlaces(LISTED).find(text)] == found


def test_a_name_of_two_cities():
    places = ListedPlaces([("village", "3301", "龙井村"), ("village", "3501", "龙井村")])
    assert [place[:3] for place in places.find("龙井村3组")] == [(0, "village", ("3301", "3501"))]


def test_a_long_name_may_stand_without_a_word_of_places_to_visit():
    places = ListedPlaces(LISTED)
    assert [place.alone for place in places.find("五台山南禅寺")] == [True]
    assert [place.alone for place in places.find("五台山风景区")] == [False]


def test_where_the_first_institution_begins():
    assert ListedPlaces(LISTED).first("枣园路8号延安大学") == 5
    assert ListedPlaces(LISTED).first("某某村") is None


def test_the_shipped_lists_name_places_of_the_table_and_load_quickly():
    begun = time.process_time()
    places = ListedPlaces()
    assert time.process_time() - begun < 0.5
    assert places.find("延安大学西门") == (NamedPlace(0, "university", ("6106",), False),)
    table = load_table()
    assert all(code in table.by_code for _, code, _ in load_places())
