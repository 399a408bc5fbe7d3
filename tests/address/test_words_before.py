"""Words before a chain of short names."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.words_before import WordsBefore
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def words() -> WordsBefore:
    completer = Completer(empty_memory())
    return WordsBefore(completer.matcher, completer.complete)


@pytest.mark.parametrize(
    ("text", "place", "lead", "detail"),
    [
        ("籍贯湖北仙桃彭场镇", "湖北省仙桃市彭场镇", "籍贯", ""),
        ("坐落于江苏张家港塘桥镇人民路3号", "江苏省苏州市张家港市塘桥镇", "坐落于", "人民路3号"),
        ("去琼海博鳌镇", "海南省琼海市博鳌镇", "去", ""),
        ("外卖放昆山玉山镇前进西路1160号", "江苏省苏州市昆山市玉山镇", "外卖放", "前进西路1160号"),
        ("(代收)湖北潜江熊口镇", "湖北省潜江市熊口镇", "(代收)", ""),
        ("景区票务 浙江嘉兴桐乡乌镇石佛南路18号", "浙江省嘉兴市桐乡市乌镇镇", "景区票务 ", "石佛南路18号"),
    ],
)
def test_a_chain_behind_words_is_read(words: WordsBefore, text: str, place: str, lead: str, detail: str) -> None:
    answer = words.read(Completion.nothing(text))
    assert (answer.path.full, answer.lead, answer.detail) == (place, lead, detail)


@pytest.mark.parametrize(
    "text",
    [
        "去思桥路12号",
        "到溪乡",
        "送变电公司 河南郑州",
        "王府井 北京东城东华门",
        "(二期)江苏昆山玉山镇",
        "人民路5号 江苏昆山玉山镇",
        "现代城 江苏昆山",
    ],
)
def test_a_place_before_the_chain_is_left(words: WordsBefore, text: str) -> None:
    answer = Completion.nothing(text)
    assert words.read(answer) is answer


def test_an_answer_with_a_name_at_its_front_is_left(words: WordsBefore) -> None:
    answer = words.complete("江苏省昆山市玉山镇送前进西路1160号")
    assert words.read(answer) is answer
