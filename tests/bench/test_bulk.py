from __future__ import annotations

from pathlib import Path

from buqi.bench.bulk import mix, open_field, time_all


def test_speed_and_share_stand_side_by_side():
    found = time_all(open_field(None, None, [], Path("none"), None), 300, 5)
    assert set(found) == {"match", "auto"}
    for figures in found.values():
        assert figures["rows"] == 300 and figures["rows_per_second"] > 10 and figures["right"] > 0.7


def test_the_mix_is_the_same_every_time():
    assert [row.src for row in mix(50)] == [row.src for row in mix(50)]
    assert len({row.meta["damage"] for row in mix(300)}) > 8
