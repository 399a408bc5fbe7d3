"""A mistyped city or county behind other words."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "lead", "place", "note"),
    [
        ("住安徽省宿洲市萧县黄口镇", "住", "安徽省宿州市萧县黄口镇", "宿洲市: read as 宿州市 (same sound)"),
        ("江苏泰卅姜堰市溱潼镇", "", "江苏省泰州市姜堰区溱潼镇", "泰卅: read as 泰州市 (similar character)"),
        ("收货人 郑卅中牟县官渡镇", "收货人 ", "河南省郑州市中牟县官渡镇", "郑卅: read as 郑州市 (similar character)"),
        (
            "位于江西省上饶市戈阳县圭峰镇两车相撞",
            "位于",
            "江西省上饶市弋阳县圭峰镇",
            "戈阳县: read as 弋阳县 (similar character)",
        ),
    ],
)
def test_the_name_is_read_and_noted(completer: Completer, text: str, lead: str, place: str, note: str) -> None:
    found = completer.complete(text)
    assert (found.lead, found.path.full, found.input) == (lead, place, text)
    assert note in found.notes


@pytest.mark.parametrize(
    "text", ["王洲 涡阳县义门镇", "苏舟 昆山市花桥镇", "江心洲 建邺区沙洲街道", "满洲里 陈巴尔虎旗巴彦库仁镇"]
)
def test_other_words_stay_in_the_lead(completer: Completer, text: str) -> None:
    found = completer.complete(text)
    assert found.lead.strip() == text.split()[0]
    assert not any("read as" in note for note in found.notes)
