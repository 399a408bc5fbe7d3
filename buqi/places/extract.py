"""The names of places in the part of an address below the county, and nothing that leads to a door or a person."""

from __future__ import annotations

import re

from buqi.divisions.lexicon import ANY_ZONE
from buqi.divisions.text import read
from buqi.gazetteer.zones import KIND as ZONE_KIND

LONGEST = 10
# What a place's name ends in. Longer endings first: 文一西路 ends in 路, 翠苑小区 in 小区.
ENDINGS = (
    "经济技术开发区|高新技术开发区|高新技术产业开发区|经济开发区|高新开发区|自由贸易试验区|开发区|高新区|经开区|保税区|工业园区|产业园区"
    "|工业园|产业园|科技园|工业区|集中区|集聚区|示范区|度假区|产业区|片区|港区|园区|新区|特区|管理区|街道办事处|街道办|办事处|街道|苏木|镇|乡"
    "|社区|居委会|村委会|新村|自然村|行政村|村|屯|庄|寨|集镇|林场|农场|牧场|渔场|茶场|分场|嘎查"
    "|大道|大街|公路|马路|干道|国道|省道|高速|环路|支路|路|街|巷|弄|胡同|里|道"
    "|小区|花园|家园|公寓|别墅|新城|新苑|嘉园|花苑|名苑|名都|豪庭|雅苑|苑|城|府|庭|湾|院|园"
    "|大厦|广场|商厦|大楼|中心|市场|商城|商场|酒店|宾馆|医院|大学|学院|中学|小学|车站|机场|码头|油田|电厂|厂|矿|桥|山|寺|庙|水库"
)
# A road named after something else is a road: 科技园路, 人民广场东街.
ROAD_AFTER = r"[东南西北中一二三四五六七八九十]{0,2}(?:路|街(?!道)|大道|大街|巷|弄)"
NAME = re.compile(rf"[\u4e00-\u9fff]{{1,{LONGEST - 1}}}?(?:{ENDINGS})(?!{ROAD_AFTER})")
# What a zone is called beside its name: 南照 is what says where 南照经济开发区 lies.
ZONE_WORDS = re.compile(rf"(?:{ZONE_KIND.pattern}|(?:开发|经开|高新|高开|保税|集聚|集中)区|新区)(?!{ROAD_AFTER})")
RUN = re.compile(r"[\u4e00-\u9fff]+")
# Where the way to one door begins: from here on nothing is kept but what follows the next number.
DOOR = re.compile(r"[东南西北]?(?:单元|号楼|号院|栋|幢|号|室|层|楼|组|队|座|户|门|铺|屋|房|弄)")
PERSON = re.compile(r"(?:转交?|交给?|收件人?|联系人|业主|户主|先生|女士|小姐|老师|师傅).*")
LEAST = 3
# What is left of a city's or county's name that was cut off: 市云南路, 县城黄海路; but not 市府路, 县前街, 市场路.
LEFT = re.compile(
    r"(?:市区|县城|城区|市|县)(?![区路街道巷门关环桥场府政前后民委直级内郊心立医属东西南北中一二三])(?=[\u4e00-\u9fff]{2})"
)


def without_left(text: str) -> str:
    """Return ``text`` without a kind at its front whose name was cut off: 市云南路8号 → 云南路8号."""
    left = LEFT.match(text)
    return text[left.end() :] if left else text


def place_names(text: str) -> list[str]:
    """Return the names of roads, estates, villages, zones and towns in ``text``, in order, each once.

    Numbers, letters, units and floors are no part of any name; a piece that does not end as place names do, such as a
    person's name, is left out.
    """
    found: list[str] = []
    for run in RUN.findall(PERSON.sub("", read(text).plain)):
        door = DOOR.match(run)
        rest = run[door.end() :] if door else run
        names = [m.group() for m in NAME.finditer(without_zone(rest))]
        found += [name for name in names if len(name) >= LEAST and not ANY_ZONE.fullmatch(name)]
    return list(dict.fromkeys(found))


def without_zone(text: str) -> str:
    """Return ``text`` without a zone at its front that has no name of its own: 高新区科技路 → 科技路."""
    zone = ANY_ZONE.match(text)
    if zone is None or re.match(ROAD_AFTER, text[zone.end() :]):
        return text
    return text[zone.end() :]


def without_zone_words(text: str) -> str:
    """Return ``text`` with blanks for the words that zones of all places share: 南照经济开发区 → 南照."""
    return ZONE_WORDS.sub(" ", text)
