"""The names in a user's memory speak for where they were seen."""

from __future__ import annotations

import pytest

from buqi.address.evidence import Resources
from buqi.address.evidence.memory import MemoryNames
from buqi.places import learn, load_memory
from tests.address.evidence.conftest import parsed


@pytest.fixture(scope="module")
def remembering(resources, tmp_path_factory) -> Resources:
    folder = tmp_path_factory.mktemp("places")
    learn([f"吉林省长春市朝阳区珠玑大街{n}号" for n in range(20)] + ["福建省福州市鼓楼区五四路8号"] * 5, "own", folder)
    return Resources(resources.matcher, load_memory(folder), resources.counties)


def test_a_name_speaks_for_where_it_was_seen(remembering):
    found = MemoryNames(remembering).features(parsed(remembering, "珠玑大街1198号"))
    assert remembering.counties.codes[int(found["names"].argmax())] == "220104"
    assert remembering.counties.codes[int(found["parts"].argmax())] == "220104"


def test_a_piece_of_a_name_speaks_too(remembering):
    found = MemoryNames(remembering).features(parsed(remembering, "珠玑大厦"))
    assert not found["names"].any() and found["parts"][remembering.counties.number["220104"]] > 0


def test_an_empty_memory_says_nothing(resources):
    assert MemoryNames(resources).features(parsed(resources, "珠玑大街1198号")) == {}
