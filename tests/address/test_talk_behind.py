"""Talk at the end of a text."""

from __future__ import annotations

import pytest

from buqi.address.talk_behind import filled_begin, may_be_talk, talk_begin


@pytest.mark.parametrize(
    ("address", "talk"),
    [
        ("侯南村1号", "的省市"),
        ("陆屋街8号", ",对吗"),
        ("隆回县六都寨镇", "的,帮我写全省市县镇"),
        ("孟良崮路3号", "”写完整"),
        ("平兴线9号", " 请尽快发货"),
        ("银杏路2号", " ,急用"),
        ("文明大道8号", " 就行了"),
        ("创业路3号", "!!谢谢老板"),
        ("姜家镇", "就好,谢谢亲"),
        ("下明街2号", '"这个地址的省市是什么?'),
        ("止马镇", "是福建哪里"),
        ("文井镇", ",请问省市怎么填"),
        ("原墙镇", ",具体写下省市谢谢"),
    ],
)
def test_talk_begins_behind_the_address(address: str, talk: str) -> None:
    assert may_be_talk(address + talk)
    assert talk_begin(address + talk) == len(address)


@pytest.mark.parametrize(
    "text",
    ["恩江镇 写字楼", "恩江镇 看守所", "铁富镇的省道", "孔村镇急用药房", "建国路88号 谢谢老板酒吧", "鼓楼区急用", ""],
)
def test_parts_of_an_address_are_no_talk(text: str) -> None:
    assert not may_be_talk(text) or talk_begin(text) == len(text)


def test_a_turned_sentence_ends_behind_its_address() -> None:
    assert filled_begin("六零北大道写完整") == len("六零北大道")
    assert filled_begin("六零北大道12号") == len("六零北大道12号")


@pytest.mark.parametrize("words", [",急", ",对吗", "帮", ",麻烦了", ",请补全就好"])
def test_words_without_end_are_read_at_once(words: str) -> None:
    assert talk_begin(words * 60 + "x") == len(words * 60 + "x")
