"""Remarks between two names of an address: a customer's word, a courier's, a person with a telephone.

昆山市VIP客户花桥镇 and 义乌市李四13900001111佛堂镇 name a town behind one. The whole name must follow at once.
"""

from __future__ import annotations

import re

from buqi.divisions.lead import PHONE, SHORTEST_NAME, SURNAMES
from buqi.divisions.name_patterns import CLOSE, OPEN
from buqi.divisions.words import HAN
from buqi.expressions import expression

WORD = (
    r"(?:[Vv][Ii][Pp])?(?:[老新大]|重要|重点|月结|普通|长期|企业)?(?:客户|会员|用户|买家|顾客)|贵宾(?:客户)?"
    r"|[特加]急件?|急件|急单|急用|快件|包裹|样品|到付|现付|月结|自提|送货上门|派送"
)
NAME = rf"[{SURNAMES}]{HAN}{{1,2}}"
TITLED = rf"[{SURNAMES}]{HAN}{{0,2}}(?:先生|女士|小姐|太太|老板|经理)"
REMARK = expression(
    rf"(?:(?:{WORD})|{TITLED}(?:{PHONE})?|{NAME}{PHONE}|{PHONE}(?:{TITLED}|(?P<last>{NAME})))(?:亲?收|签收)?", re.ASCII
)

STARTS = frozenset(SURNAMES + "Vv老新大重月普长企客会用买顾贵特加急快包样到现自送派+0123456789")  # a remark begins so


def remark_ends(text: str, at: int) -> tuple[int, ...]:
    """Return where a remark that begins at a position may end; none if no remark stands there.

    A name behind a telephone has two or three characters: 13900001111李四佛堂镇.

    Args:
        text: as the matcher reads it.
        at: the position.
    """
    found = REMARK.match(text, at) if text[at : at + 1] in STARTS else None
    if found is None:
        return ()
    end = found.end()
    return (
        (end, end - 1) if found["last"] and found.end("last") == end and len(found["last"]) > SHORTEST_NAME else (end,)
    )


def is_remark(text: str, start: int, end: int) -> bool:
    """Whether a part of a text is a remark and nothing else, or a bracket that holds one."""
    inside = end - start > 2 and text[start] in OPEN and text[end - 1] in CLOSE
    return bool(REMARK.search(text, start, end) if inside else REMARK.fullmatch(text, start, end))
