from __future__ import annotations

import random
from itertools import islice

from buqi.synthesis.turns import in_turn


def test_each_thing_stands_once_in_a_round():
    found = list(islice(in_turn(random.Random(1), range(5)), 15))
    rounds = [found[at : at + 5] for at in (0, 5, 10)]
    assert all(sorted(one) == [0, 1, 2, 3, 4] for one in rounds) and len({tuple(one) for one in rounds}) > 1


def test_others_take_part_in_small_number():
    found = list(islice(in_turn(random.Random(1), range(4), range(10, 50), 1), 10))
    assert sum(thing >= 10 for thing in found) == 2
    assert list(in_turn(random.Random(1), [])) == []
