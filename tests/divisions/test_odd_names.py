"""Counties written as another kind, and towns behind a remark or a zone."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher


def read(text: str) -> tuple[str, str]:
    match = load_matcher().match(text)
    return match.path.full, match.detail


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("浙江省嘉兴市海盐市澉浦镇", "浙江省嘉兴市海盐县澉浦镇"),
        ("化州区宝圩镇", "广东省茂名市化州市宝圩镇"),
        ("鄂尔多斯康巴什县医院", "内蒙古自治区鄂尔多斯市康巴什区"),  # a hospital of a county
        ("焦作山阳市北路8号", "河南省焦作市"),
        ("浙江省嘉兴市海盐市场路1号", "浙江省嘉兴市"),
    ],
)
def test_a_county_of_another_kind(text, path):
    assert read(text)[0] == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("浦口区高新区泰山街道", "江苏省南京市浦口区泰山街道"),
        ("渌口区（原株洲县）龙门镇", "湖南省株洲市渌口区龙门镇"),
        ("南京高新区科技路8号", "江苏省南京市"),
        ("上海浦东新区周浦镇", "上海市浦东新区周浦镇"),  # a division and no zone
    ],
)
def test_a_town_behind_a_gap(text, path):
    assert read(text)[0] == path
