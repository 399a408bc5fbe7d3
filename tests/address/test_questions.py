"""Questions about an address: what asks is no part of it."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.questions import question
from buqi.places.memory import empty_memory


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("你好，请问“石狮市宝盖镇龙穴村”完整的五级地址是什么？", "石狮市宝盖镇龙穴村"),
        ("把“枝江市董市镇”补成五级地址", "枝江市董市镇"),
        ("把枝江市董市镇补全成五级地址", "枝江市董市镇"),
        ("我想知道陆丰市甲子镇的完整地址", "陆丰市甲子镇"),
        ("我想知道陆丰市甲子镇", "陆丰市甲子镇"),
        ("输入：宜都市枝城镇西湖路 输出：", "宜都市枝城镇西湖路"),
        ("邳州市铁富镇在哪里", "邳州市铁富镇"),
        ("將樂縣古鏞鎮屬於哪個省？", "將樂縣古鏞鎮"),
        ("请问和平在哪里", "和平"),
        ("请查一下查干花镇属于哪个市", "查干花镇"),
        ("桐乡市濮院镇永乐路8号，谢谢！", "桐乡市濮院镇永乐路8号"),
        ("桐乡市濮院镇永乐路8号，请帮我标准化一下", "桐乡市濮院镇永乐路8号"),
        ("地址：桐乡市濮院镇，邮编是多少", "桐乡市濮院镇"),
        ("“桐乡市濮院镇永乐路8号”", "桐乡市濮院镇永乐路8号"),
        ("“桐乡市濮院镇在哪个省？”", "桐乡市濮院镇"),
    ],
)
def test_words_that_ask_are_taken_from_the_address(text: str, address: str) -> None:
    asks = question(text)
    assert asks is not None and asks.address == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "请",
        "这是哪里？",
        "你在哪里",
        "将乐县古镛镇和平街2号",
        "杭州市西湖区文三路谢谢奶茶店",
        "杭州市西湖区文三路88号谢谢",
        "杭州市西湖区文三路88号在哪里酒吧",
        "杭州市西湖区文三路88号详细地址",
        "杭州市上城区“德寿宫”",
        "“小南国”餐厅在上海市黄浦区“大上海”",
        "请问张三在吗，杭州市西湖区文三路88号",
    ],
)
def test_other_texts_are_no_questions(text: str) -> None:
    assert question(text) is None


def test_the_words_of_a_question_stand_in_lead() -> None:
    completer = Completer(empty_memory())
    text = "你好，请问“石狮市宝盖镇龙穴村”完整的五级地址是什么？"
    found = completer.complete(text)
    assert (found.input, found.full, found.detail) == (text, "福建省泉州市石狮市宝盖镇龙穴村", "龙穴村")
    assert found.lead == "你好，请问“”完整的五级地址是什么？"
    found = completer.complete("桐乡市濮院镇永乐路8号，帮忙补一下")
    assert (found.detail, found.lead) == ("永乐路8号", "帮忙补一下")
    assert completer.complete("“桐乡市濮院镇”").lead == "", "signs alone are no words"


def test_a_refusal_repeats_the_question() -> None:
    found = Completer(empty_memory()).complete("请问鼓楼区在哪里？")
    assert found.status == "ambiguous" and found.full == found.detail == found.input == "请问鼓楼区在哪里？"
    assert found.lead == ""
