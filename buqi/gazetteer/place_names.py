"""The names of places in the part of an address below the county, and nothing that leads to a door or a person."""

from __future__ import annotations

import re

from buqi.divisions.text import read
from buqi.divisions.words import ANY_ZONE, PLACE_ENDINGS, ROAD_NAMED_AFTER, ZONE_WORDS
from buqi.expressions import expression

SHORTEST_NAME, LONGEST_NAME = 3, 10
NAME = expression(rf"[\u4e00-\u9fff]{{1,{LONGEST_NAME - 1}}}?(?:{PLACE_ENDINGS})(?!{ROAD_NAMED_AFTER})")
RUN = expression(r"[\u4e00-\u9fff]+")
# What a number before a run of characters counts: 3号楼, 2单元. It is no part of a name.
DOOR = expression(r"[东南西北]?(?:单元|号楼|号院|栋|幢|号|室|层|楼|组|队|座|户|门|铺|屋|房|弄)")
# Words before or behind the name of a person; all from there on is cut off.
PERSON = expression(r"(?:转交?|交给?|收件人?|联系人|业主|户主|先生|女士|小姐|老师|师傅).*")
# The kind of a city or county whose name was cut off before it: 市云南路, 县城黄海路; not in 市府路, 县前街, 市场路.
LEFT = expression(
    r"(?:市区|县城|城区|市|县)(?![区路街道巷门关环桥场府政前后民委直级内郊心立医属东西南北中一二三])(?=[\u4e00-\u9fff]{2})"
)


def without_left(text: str) -> str:
    """Return ``text`` without the kind of a city or county at its front: 市云南路8号 → 云南路8号."""
    left = LEFT.match(text)
    return text[left.end() :] if left else text


def place_names(text: str) -> list[str]:
    """Return the names of roads, estates, villages, zones and towns in ``text``, in order, each once.

    Numbers, letters, units and floors are no part of a name. What does not end as names of places do is left out: the
    name of a person.
    """
    found: list[str] = []
    for run in RUN.findall(PERSON.sub("", read(text).plain)):
        door = DOOR.match(run)
        rest = run[door.end() :] if door else run
        names = [m.group() for m in NAME.finditer(without_zone(rest))]
        found += [name for name in names if len(name) >= SHORTEST_NAME and not ANY_ZONE.fullmatch(name)]
    return list(dict.fromkeys(found))


def without_zone(text: str) -> str:
    """Return ``text`` without a zone at its front that has no name of its own: 高新区科技路 → 科技路."""
    zone = ANY_ZONE.match(text)
    if zone is None or re.match(ROAD_NAMED_AFTER, text[zone.end() :]):
        return text
    return text[zone.end() :]


def without_zone_words(text: str) -> str:
    """Return ``text`` with blanks for the words that zones of all places share: 南照经济开发区 → 南照."""
    return ZONE_WORDS.sub(" ", text)
