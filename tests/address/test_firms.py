"""Branches and offices that are named after a place."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.firms import Firms


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.fixture(scope="module")
def firms(completer: Completer) -> Firms:
    return Firms(completer.matcher, completer.short, completer.complete)


@pytest.mark.parametrize(
    ("text", "place", "lead"),
    [
        ("中国银行义乌佛堂支行", "浙江省金华市义乌市佛堂镇", ""),
        ("开户行:中国农业银行股份有限公司永康市支行", "浙江省金华市永康市", "开户行:"),
        ("国网沛县供电公司", "江苏省徐州市沛县", ""),
        ("中石化昆山花桥加油站", "江苏省苏州市昆山市花桥镇", ""),
        ("国家税务总局南京市税务局", "江苏省南京市", ""),
        ("国家税务总局东台税务局", "江苏省盐城市东台市", ""),  # one short name that is no other
        ("国家统计局桐庐调查队", "浙江省杭州市桐庐县", ""),
        ("中国农业银行股份有限公司桐乡乌镇支行", "浙江省嘉兴市桐乡市乌镇镇", ""),  # with a note
        ("中通快递余姚泗门网点", "浙江省宁波市余姚市泗门镇", ""),
        ("菜鸟驿站昆山花桥店", "江苏省苏州市昆山市花桥镇", ""),
        ("顺丰速运深圳营业点", "广东省深圳市", ""),
    ],
)
def test_a_branch_is_where_its_name_says(firms: Firms, text: str, place: str, lead: str) -> None:
    answer = firms.read(Completion.nothing(text))
    assert (answer.path.full, answer.lead + answer.detail, answer.lead) == (place, text, lead)


@pytest.mark.parametrize(
    "text",
    [
        "中国工商银行新华支行",
        "中国银行朝阳支行",
        "中国银行股份有限公司",
        "义乌佛堂支行",
        "中通快递莲花网点",
        "中石化昆山加油站",
        "顺丰速运临夏路营业点",
    ],
)
def test_a_common_short_name_is_not_enough(firms: Firms, text: str) -> None:
    answer = Completion.nothing(text)
    assert firms.read(answer) is answer


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("长沙市公安局岳麓分局望月湖派出所", "湖南省长沙市岳麓区"),
        ("上海市公安局浦东分局川沙派出所", "上海市浦东新区"),
        ("长沙市公安局高新分局", "湖南省长沙市"),
    ],
)
def test_a_city_s_office_for_a_district(completer: Completer, text: str, place: str) -> None:
    assert completer.complete(text).path.full == place
