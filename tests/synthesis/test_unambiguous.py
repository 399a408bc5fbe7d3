"""Which names leave no doubt."""

from __future__ import annotations

from buqi.synthesis.unambiguous import former_names, may_mean_others, read_elsewhere, unique_names


def test_names_that_leave_no_doubt():
    assert "碑林区" in unique_names()["county"] and "鼓楼区" not in unique_names()["county"]
    assert "法门镇" in unique_names()["town"] and "城关镇" not in unique_names()["town"]
    assert "碑林" in unique_names()["county_short"]


def test_former_names_mean_nothing_else_today():
    assert former_names()["330112"] == ("临安县", "临安市")
    assert "户县" in former_names()["610118"]


def test_a_mistyped_county_may_be_anothers():
    assert not may_mean_others("陇熙县", "陇西县")
    assert may_mean_others("杯林区", "碑林区"), "北林区 sounds alike too"
    assert may_mean_others("雁塔区", "碑林区"), "a name of its own"


def test_a_text_may_be_read_elsewhere():
    assert read_elsewhere("扶风县", "610103") and read_elsewhere("鼓楼区", "320106")
    assert not read_elsewhere("碑林区", "610103") and not read_elsewhere("西安市", "610103")
