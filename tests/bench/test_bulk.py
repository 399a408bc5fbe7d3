"""Speed and share of right answers stand side by side."""

from __future__ import annotations

from pathlib import Path

from buqi.bench.bulk import lines, mix, open_contestants, time_all


def test_speed_and_share_stand_side_by_side():
    found = time_all(open_contestants(None, None, [], Path("none"), None), 300, 5)
    assert set(found) == {"match", "auto"}
    for figures in found.values():
        assert figures["rows"] == 300 and figures["rows_per_second"] > 0 and figures["right"] > 0.7
        assert 0 <= figures["wrong"] <= 1 - figures["right"]
    told = lines(found)
    assert [line.split()[0] for line in told] == ["match", "auto"]
    assert f"{found['auto']['right']:.1%}" in told[1]


def test_the_mix_is_the_same_every_time():
    assert [row.src for row in mix(50)] == [row.src for row in mix(50)]
    assert len({row.meta["damage"] for row in mix(300)}) > 8
