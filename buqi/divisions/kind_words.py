"""Words that begin with the kind of the name before them: 海宁市民中心 is 海宁市 and its 市民中心, not its 民中心."""

from __future__ import annotations

from buqi.divisions.chain import State
from buqi.divisions.text import Reading
from buqi.expressions import expression

_OFFICES = r"委(?![员托会内])|府(?:路|大道|广场|大院|大楼|招待所|$)"  # 市委党校, 县委, 区府路
# 政府 and 民政局 are words without 市 before them.
_OF_CITY = (
    r"民(?:中心|广场|公园|之家|服务|文化|活动|花园|大厦)|政(?:协|大楼|广场|公司|工程|设施|府广场)"
    r"|容(?:局|所|管理|环境|监察)|立(?:第[一二三四五])?(?:人民|中心|中)?(?:医院|幼儿园|图书馆|体育馆)"
    r"|区(?!政府|[委划域号块间庄村伯边巷屋家中])"
)
_WORD = expression(rf"(?<=市)(?:{_OF_CITY}|{_OFFICES})|(?<=县)(?:城$|{_OFFICES})|(?<=区)(?:{_OFFICES})")
STARTS = frozenset("民政容立区城委府")  # what follows the kind begins so. Behind most names it does not


def begins_in_kind(text: str, at: int) -> bool:
    """Whether a word that ends the name before a position begins with the last character of that name.

    Args:
        text: as the matcher reads it.
        at: where the name ends.
    """
    return text[at : at + 1] in STARTS and _WORD.match(text, at) is not None


def give_back_kind(reading: Reading, state: State) -> None:
    """Let a chain end before the kind of its last name, if that begins the word behind it and no name contradicts.

    Args:
        reading: the text.
        state: a chain that is the answer. It is changed.
    """
    start, end = state.spans[-1]
    if not (state.at == end > start + 1 and begins_in_kind(reading.plain, end)):
        return  # nearly always
    agrees = state.best is not None and None not in state.best.names
    if agrees and state.level < 4 and not reading.parted(end):
        state.at -= 1
