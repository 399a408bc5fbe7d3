"""Landmarks that are known to lie in a city speak for all of its counties."""

from __future__ import annotations

from buqi.address.evidence.landmarks import KnownLandmarks
from tests.address.evidence.conftest import counties


def test_a_known_landmark_speaks_for_its_city(resources):
    found = counties(KnownLandmarks(resources), "landmark", "五角场万达广场")
    assert "310110" in found and all(code.startswith("31") for code in found)


def test_no_landmark_says_nothing(resources):
    assert counties(KnownLandmarks(resources), "landmark", "人民路1号") == []
