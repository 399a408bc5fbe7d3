"""What a written name can mean, and what each way of writing costs."""

from __future__ import annotations

from buqi.divisions.meaning import COST, FORMER, FULL, SHORT, Meaning
from buqi.divisions.mistyping import MISTYPINGS


def test_a_whole_name_costs_nothing_and_every_other_writing_something():
    assert COST[FULL] == 0 < COST[FORMER] < COST[SHORT]
    assert all(cost > 0 for kind, cost in COST.items() if kind != FULL)


def test_every_mistyping_costs_more_than_a_former_name():
    assert set(MISTYPINGS) <= set(COST)
    assert all(COST[kind] > COST[FORMER] for kind in MISTYPINGS)


def test_a_meaning_costs_nothing_if_nothing_else_is_said():
    meaning = Meaning("610103", FULL, "碑林区", 3)
    assert (meaning.cost, meaning.alone, meaning.covered) == (0, 0, 0)
    assert meaning == ("610103", FULL, "碑林区", 3, 0, 0, 0)
