"""What is read again where the evidence leaves a county open."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.second_reading import SecondReader


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "full", "confidence"),
    [
        ("西咸新区秦汉新城", "陕西省西咸新区秦汉新城", 0.9),
        ("天津港保税区", "天津市滨海新区天津港保税区", 0.89),
        ("沈阳沈抚新区", "辽宁省沈阳市沈抚新区", 0.89),
        ("西湖 三墩", "浙江省杭州市西湖区三墩镇", 0.9),
        ("贵安新区湖潮乡", "贵州省贵阳市花溪区湖潮苗族布依族乡贵安新区", 0.8335),
        ("天府新区成都直管区万安街道", "四川省成都市双流区万安街道天府新区成都直管区", 0.89),
        ("天河 体育西", "广东省广州市天河区体育西", 0.89),
        ("甪直", "江苏省苏州市吴中区甪直镇", 0.7),
        ("苏州甪直古镇", "江苏省苏州市吴中区甪直镇甪直古镇", 0.7),
        ("洪山 光谷", "湖北省武汉市洪山区光谷", 0.89),
        (
            "孝感云梦城关楚王城大道",
            "湖北省孝感市云梦县城关镇楚王城大道",
            0.9,
        ),  # the county was certain, its town was not
    ],
)
def test_it_answers_what_was_left_open(completer: Completer, text: str, full: str, confidence: float) -> None:
    answer = completer.complete(text)
    assert (answer.full, answer.confidence) == (full, confidence)


def test_a_former_county_is_noted(completer: Completer) -> None:
    assert completer.complete("南市区老西门").notes == ("南市区: today 黄浦区",)


@pytest.mark.parametrize("text", ["江苏省南京市玄武区中山路1号", "江苏省南京市", "朝阳区建国路88号"])
def test_a_sure_answer_stays(completer: Completer, text: str) -> None:
    answer = completer.complete(text)
    assert SecondReader(completer.matcher).read(answer) is answer


def test_a_city_stays_where_the_user_asks_for_more_than_the_second_reading_gives() -> None:
    answer = Completer(threshold=0.95).complete("天津经济技术开发区第三大街")
    assert (answer.province, answer.county) == ("天津市", "")
