"""The ways to mistype a name are those that the lexicon weighs and the matcher reports."""

from __future__ import annotations

from buqi.divisions.meaning import COST
from buqi.divisions.mistyping import MISTYPED, MISTYPINGS
from buqi.divisions.sounds import likeness


def test_every_way_is_weighed():
    assert set(COST) >= MISTYPED == set(MISTYPINGS)
    assert not MISTYPED & {"full", "short", "former", "kind", "zone", "generic", "province"}
    assert {likeness(*pair) for pair in ("杯碑", "林陵", "湘湖", "山海")} <= MISTYPED
