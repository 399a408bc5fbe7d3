"""The classifiers of a user's memory speak for where such texts were seen."""

from __future__ import annotations

import numpy as np

from buqi.address.evidence import Resources
from buqi.address.evidence.likeness import TextLikeness
from buqi.places import training
from buqi.places.memory import Memory, empty_memory
from buqi.places.training import train
from tests.address.evidence.conftest import parsed


def test_a_text_like_those_of_a_county(resources, monkeypatch):
    for name, value in {"WIDTH": 16, "PASSES": 30, "BATCH": 64, "KNOWN": 1, "DROPPED": 0.2}.items():
        monkeypatch.setattr(training, name, value)
    roads = {"330110": ["文一西路", "荆长大道", "五常大道"], "320106": ["中央路", "湖南路", "云南北路"]}
    rows = [(f"{road}{n}号", code) for code, names in roads.items() for road in names for n in range(1, 5)]
    trained = train([text for text, _ in rows], [code for _, code in rows])
    remembering = Resources(resources.matcher, Memory(empty_memory().arrays, [trained]), resources.counties)
    found = TextLikeness(remembering).features(parsed(remembering, "荆长大道55号"))["likeness"]
    assert resources.counties.codes[int(found.argmax())] == "330110"
    assert np.flatnonzero(found).size == 2, "nothing for or against counties that were not seen"


def test_a_memory_without_classifiers_says_nothing(resources):
    assert TextLikeness(resources).features(parsed(resources, "荆长大道55号")) == {}
