"""Names that stand alone behind a town and before one more word."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("潜江熊口镇 湖北 小龙虾", "小龙虾"),
        ("赣县江口镇 赣州 钟女士", "钟女士"),
        ("昆山市花桥镇 江苏 苏州 王五", "王五"),
        ("昆山市花桥镇，苏州，13800000000", "13800000000"),
    ],
)
def test_such_a_name_is_said_once(completer: Completer, text: str, detail: str) -> None:
    assert completer.complete(text).detail == detail


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("昆山市花桥镇 苏州 大酒店", "苏州 大酒店"),
        ("渠县临巴镇 四川 大学", "四川 大学"),
        ("渠县临巴镇 达州 商业银行", "达州 商业银行"),
        ("大兴区黄村镇 北京 路", "北京 路"),
        ("江苏省昆山市花桥镇 江苏 快递站", "江苏 快递站"),
        ("昆山市花桥镇 张三 江苏 收", "张三 江苏 收"),
    ],
)
def test_what_may_be_another_name_stays(completer: Completer, text: str, detail: str) -> None:
    assert completer.complete(text).detail == detail
