"""Counties and cities behind a province that they do not lie in."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("河北省密云县", "北京市密云区", "河北省"),
        ("江苏省青浦县", "上海市青浦区", "江苏省"),
        ("江苏崇明县堡镇", "上海市崇明区堡镇", "江苏"),
        ("河北昌平区", "北京市昌平区", "河北"),
        ("河北蓟州区", "天津市蓟州区", "河北"),  # not 冀州区, which sounds alike
        ("浙江金山区", "上海市金山区", "浙江"),
        ("广东省海口市", "海南省海口市", "广东省"),
        ("广东三亚市", "海南省三亚市", "广东"),
        ("广东琼海县", "海南省琼海市", "广东"),
        ("湖南绵阳市", "四川省绵阳市", "湖南"),
    ],
)
def test_the_name_tells_the_place(plain, text, place, detail):
    answer = plain.complete(text)
    assert (answer.path.full, answer.detail) == (place, detail)
    assert answer.confidence <= 0.9 and answer.notes[-1].startswith(detail)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("江苏南岸区", "江苏省"),  # the table need not have all districts that people speak of
        ("湖南朝阳区", "湖南省"),
        ("广东番禺县", "广东省广州市番禺区"),
        ("河北长安区", "河北省石家庄市长安区"),
        ("江西省万宁县", "江西省"),  # 万年县 may be meant
        ("山东沛县", ""),  # two characters may be another name mistyped
        ("江苏绵阳路5号", ""),
    ],
)
def test_other_names_are_left(plain, text, place):
    answer = plain.complete(text)
    assert answer.path.full == place or not place
    assert "contradicts" not in "".join(answer.notes) or answer.path.full == place
