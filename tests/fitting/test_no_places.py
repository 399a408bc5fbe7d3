"""Lines without a place: made up, no two equal, none that the names alone settle."""

from __future__ import annotations

import random

from buqi.address.settled import plain_kind
from buqi.divisions import load_matcher
from buqi.fitting.no_places import no_places


def test_lines():
    matcher = load_matcher()
    lines = list(no_places(matcher, 200, random.Random(0)))
    assert len(set(lines)) == 200
    assert not [line for line in lines if plain_kind(matcher.match(line), matcher)]
    assert lines == list(no_places(matcher, 200, random.Random(0))), "the same seed makes the same"
