"""A place that is named inside talk."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.talk import Talk


@pytest.fixture(scope="module")
def talk() -> Talk:
    completer = Completer()
    return Talk(completer.matcher, completer.complete)


@pytest.mark.parametrize(
    ("text", "place", "lead", "detail"),
    [
        ("老板发到义乌廿三里,电话还是原来那个", "浙江省金华市义乌市廿三里街道", "老板发到", "电话还是原来那个"),
        ("麻烦看下件到哪了,我是高碑店白沟的", "河北省保定市高碑店市白沟镇", "麻烦看下件到哪了,我是", "的"),
        ("嗯那个就是在顺德北滘镇", "广东省佛山市顺德区北滘镇", "嗯那个就是在", ""),
        ("到海宁许村镇下车", "浙江省嘉兴市海宁市许村镇", "到", "下车"),
    ],
)
def test_a_clause_behind_a_word_of_place_is_read(talk: Talk, text: str, place: str, lead: str, detail: str) -> None:
    answer = talk.read(Completion.nothing(text))
    assert (answer.path.full, answer.lead, answer.detail) == (place, lead, detail)


@pytest.mark.parametrize("text", ["我是北京人", "我是朝阳的,你呢", "这个发到哪里", "义乌廿三里"])
def test_talk_without_a_certain_place_is_left(talk: Talk, text: str) -> None:
    answer = Completion.nothing(text)
    assert talk.read(answer) is answer


def test_words_behind_a_place_do_not_hide_its_town() -> None:
    answer = Completer().complete("送到昆山花桥下车")
    assert (answer.path.full, answer.lead, answer.detail) == ("江苏省苏州市昆山市花桥镇", "送到", "下车")


def test_a_place_without_such_words_is_left(talk: Talk) -> None:
    answer = talk.complete("送到昆山市花桥镇绿地大道8号")
    assert talk.read(answer) is answer
