"""Characters that sound or look alike."""

from __future__ import annotations

import pytest

from buqi.divisions.sounds import folded, likeness, mistaken, readings, shapes


@pytest.mark.parametrize(
    ("written", "meant", "kind"),
    [("杯", "碑", "sound"), ("林", "陵", "near"), ("湘", "湖", "shape"), ("山", "海", "other"), ("碑", "碑", "same")],
)
def test_likeness(written, meant, kind):
    assert likeness(written, meant) == kind


@pytest.mark.parametrize(("syllable", "near"), [("zhang", "zan"), ("ling", "lin"), ("nan", "lan"), ("hua", "hua")])
def test_near_syllables_are_folded_into_one(syllable, near):
    assert folded(syllable) == folded(near)


def test_readings():
    assert readings("碑") == ("bei",)
    assert set(readings("长")) >= {"chang", "zhang"}
    assert readings("1") == readings("ab") == ()


def test_shapes_are_alike_in_both_directions():
    assert all(character in shapes()[other] for character, others in shapes().items() for other in others)


def test_characters_that_people_write_for_rare_ones():
    found = mistaken()
    assert found["靳"] == "蕲"
    assert found["雎"] == "睢濉"
    assert all(written not in meant for written, meant in found.items())
