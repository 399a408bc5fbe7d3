"""Parts and offices of a city that are no divisions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.city_parts import AGENCY, LAST, PART
from buqi.address.completer import Completer
from buqi.divisions.words import ANY_ZONE
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("南京河西", "江苏省南京市河西"),
        ("武汉东湖", "湖北省武汉市东湖"),
        ("西安城南", "陕西省西安市城南"),
        ("上海郊区", "上海市郊区"),
        ("天津港", "天津市天津港"),
        ("罗湖海关", "广东省深圳市罗湖区罗湖海关"),
        ("黑龙江黑河边检站", "黑龙江省黑河市黑龙江黑河边检站"),
        ("绥芬河口岸", "黑龙江省牡丹江市绥芬河市绥芬河口岸"),
        ("中国武汉东湖", "湖北省武汉市东湖"),
        ("海南监狱", "海南省海南监狱"),  # 海南州 is in another province
        ("吉林监狱", "吉林省吉林市吉林监狱"),
        ("桂林工业园区", "广西壮族自治区桂林市桂林工业园区"),
        ("大同经济开发区", "山西省大同市经济开发区"),  # 大庆 has one of this name too
        ("黄山风景区南大门", "安徽省黄山市黄山区黄山风景区南大门"),
    ],
)
def test_a_part_of_a_city_is_there(completer, text, full):
    answer = completer.complete(text)
    assert (answer.full, answer.confidence) == (full, 0.89)
    assert text.startswith(answer.lead) and text.endswith(answer.detail)


@pytest.mark.parametrize("text", ["连云港", "杭州西湖", "长沙臭豆腐", "北京路", "三亚湾路5号"])
def test_what_is_none_is_left_to_the_others(completer, text):
    assert completer.branches.parts.place(completer.matcher.match(text)) == ("", "")


@given(st.one_of([st.from_regex(kind.pattern, fullmatch=True) for kind in (PART, AGENCY, ANY_ZONE)]))
def test_every_part_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in LAST
