"""Roads speak for the cities that are known to have them, and for no others."""

from __future__ import annotations

import pytest

from buqi.gazetteer.roads import Roads

LISTED = [("3301", "文一西路"), ("3203", "苏堤北路"), ("3203", "苏堤南路"), ("3203", "中山路"), ("3301", "中山路")]


@pytest.mark.parametrize(
    ("name", "codes", "itself"),
    [
        ("文一西路", ["3301"], True),
        ("苏堤路", ["3203"], False),  # 苏堤北路 and 苏堤南路 are known
        ("中山路", ["3203", "3301"], True),
        ("文二路", [], False),
    ],
)
def test_cities_of_a_road(name, codes, itself):
    found, whole = Roads(LISTED).cities(name)
    assert (list(found), whole) == (codes, itself)
