"""Names that stand alone between separators at the end, from the smallest."""

from __future__ import annotations

import pytest

from buqi.address.parted_tail import PartedTail
from buqi.address.tail_names import TailNames
from buqi.divisions import load_matcher


@pytest.fixture(scope="module")
def tail() -> PartedTail:
    matcher = load_matcher()
    return PartedTail(matcher, TailNames(matcher.table))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("横街12号, 西塘, 嘉善", "嘉善县西塘镇"),
        ("解放街12号，观海卫，慈溪，宁波", "宁波市慈溪市观海卫镇"),
        ("人民路1号, 长安, 东莞", "东莞市长安镇"),
        ("和平路3号, 长安, 石家庄", "石家庄市长安区"),
        ("中心街6号 白沟镇 高碑店。", "高碑店市白沟镇"),
    ],
)
def test_names_that_agree_are_read(tail: PartedTail, text: str, names: str) -> None:
    found = tail.read(text)
    assert found is not None and found.names == names
    assert 0 < found.cut < len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "中山路3号, 西塘, 南京",
        "横街12号西塘嘉善",
        "中山路8号, 东莞, 广东",
        "人民路8号, 嘉善",
        "嘉善, 西塘, 横街12号",
    ],
)
def test_other_ends_are_left(tail: PartedTail, text: str) -> None:
    assert tail.read(text) is None
