from __future__ import annotations

import random
import re

from buqi.synthesis import streets

NUMBER = re.compile(r"|\d+号|\d+-\d+号|\d+号\d+栋|\d+号\d+号楼\d+单元\d+室|\d+组\d+号")


def test_places_and_numbers_are_of_the_lists():
    rng = random.Random(1)
    roads = [streets.road(rng) for _ in range(400)]
    known = sum(road.startswith(streets.WELL_KNOWN) for road in roads)
    assert all(road.endswith(streets.ROADS) for road in roads) and 80 < known < 180
    assert all(streets.place(rng).endswith((*streets.ROADS, *streets.PLACES)) for _ in range(200))
    assert all(streets.business(rng).endswith(streets.BUSINESSES) for _ in range(50))
    numbers = [streets.number(rng) for _ in range(400)]
    assert all(NUMBER.fullmatch(number) for number in numbers) and 20 < numbers.count("") < 90
