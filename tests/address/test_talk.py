"""A place that is named inside talk."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.talk import Talk


@pytest.fixture(scope="module")
def talk() -> Talk:
    return Completer().talk


@pytest.mark.parametrize(
    ("text", "place", "lead", "detail"),
    [
        ("老板发到义乌廿三里,电话还是原来那个", "浙江省金华市义乌市廿三里街道", "老板发到", "电话还是原来那个"),
        ("麻烦看下件到哪了,我是高碑店白沟的", "河北省保定市高碑店市白沟镇", "麻烦看下件到哪了,我是", "的"),
    ],
)
def test_a_clause_behind_a_word_of_place_is_read(talk: Talk, text: str, place: str, lead: str, detail: str) -> None:
    answer = talk.read(Completion.nothing(text))
    assert (answer.path.full, answer.lead, answer.detail) == (place, lead, detail)


@pytest.mark.parametrize("text", ["我是北京人", "我是朝阳的,你呢", "这个发到哪里", "义乌廿三里"])
def test_talk_without_a_certain_place_is_left(talk: Talk, text: str) -> None:
    answer = Completion.nothing(text)
    assert talk.read(answer) is answer
