"""Every character that is read can be found in the input."""

from __future__ import annotations

from buqi.divisions.text import read


def test_reading_keeps_every_position():
    reading = read("臺灣　１２，a")
    assert reading.plain == "台湾12a"
    assert [reading.raw[reading.where(i)] for i in range(5)] == ["臺", "灣", "１", "２", "a"]
    assert read("乾县").plain == "乾县"  # a character of the table stays
