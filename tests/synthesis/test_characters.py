"""What a character may be taken for."""

from __future__ import annotations

from buqi.divisions.sounds import readings
from buqi.synthesis.characters import common_characters, homophones, lookalikes, near_sounds, traditional


def test_common_characters_are_the_standards_first_level():
    assert len(common_characters()) == len(set(common_characters())) == 3755
    assert {"啊", "座", "的"} <= set(common_characters()) and "鄠" not in common_characters()


def test_homophones_and_near_sounds_have_nothing_in_common():
    assert "杯" in homophones()["碑"] and "碑" not in homophones()["碑"]
    assert "零" in near_sounds()["林"] and "邻" in homophones()["林"]
    for character in "碑林长安":
        assert all(readings(other)[0] == readings(character)[0] for other in homophones()[character])
        assert not set(homophones()[character]) & set(near_sounds()[character])


def test_lookalikes_are_common():
    common = set(common_characters())
    assert "春" in lookalikes()["星"]
    assert all(set(others) <= common for others in lookalikes().values())


def test_traditional():
    assert traditional("临潼区华清路") == "臨潼區華清路"
