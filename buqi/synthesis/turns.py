"""Things taken in turn: each once in a round, every round in another order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def in_turn(rng: random.Random, things: Sequence[Item], others: Sequence[Item] = (), drawn: int = 0) -> Iterator[Item]:
    """Yield ``things`` without end; in each round ``drawn`` of ``others`` take part. Nothing if there are none."""
    while things:
        order = [*things, *rng.sample(others, drawn)]
        rng.shuffle(order)
        yield from order
