"""Names that begin with a division's short name and stay whole: 四川音乐学院, 武夷山风景区, 三亚凤凰机场."""

from __future__ import annotations

from collections.abc import Sequence

from buqi.divisions.match import Used
from buqi.divisions.meaning import FORMER, MISSING, SHORT
from buqi.divisions.words import HAN
from buqi.expressions import expression

# Behind a short name: 大兴国际机场, 宁波银行.
INSTITUTION = expression(
    r"(?:(?:国家级?)?(?:风景|名胜|旅游|生态)*(?:风景|名胜|旅游|生态|景)区|古[城镇](?![区街路镇乡])|(?:国际)?机场|站$|银行)(?![路街巷村镇])"
    r"|"
    r"(?:中?医[科药]?|药科|音乐|农[业林垦]?|林业|工[业商程]?|科技|理工|师范|财[经贸]|经[贸济]|商[业贸]?|金融|交通|邮电|电力|电子|信息|机电|石油|化工|海[洋事]"
    r"|民族|建筑|陶瓷|外事|城建|建设|外国?语|体育|美术|艺术|传媒|戏曲|政法|警[察官]|公安|旅游|水利|地质|矿业|航[空海天]|铁[道路]|职[业工]|技[术师]|卫生|管理|教育"
    r"|第[一二三]|幼儿|广播|电视|开放|联合|女子|城市|国际|高等专科)+(?:大学|学[院校])(?![路街巷村])"
)
# What may follow the name of an airport or a park; 武昌南湖机场宝安花园 is a housing estate.
BUILDING = rf"(?!{HAN})|航站|候机|出发|到达|停车|货运|国[内际]|标志|[东西南北大]*门|入口|游客|景区|索道|内"
AIRPORT = rf"(?:国际)?机场(?={BUILDING})"
# Behind the short name of a province, or of a city or county that is alone or behind its province.
SIGHT = expression(
    rf"(?!{HAN}?[省市区县镇乡路街道]){HAN}{{2,3}}{AIRPORT}|国家(?:级?(?:森林|地质|湿地|矿山))?公园(?={BUILDING})"
    r"|(?:长江|黄河|汉江|湘江)(?:[一二三四五]|公路|铁路)大?桥(?![路街巷村镇乡社小])"
)
COLLEGE = expression(r"文理(?:大学|学院)(?![路街巷村])")  # named after a province or a city
# Sights whose names go on in another character than a division's name, and one old town.
NAMED = expression(r"(?<=岳阳)楼(?![区街路])|(?<=岳麓)书院(?![区街路])")
OLD_TOWN, IN_OLD_TOWN = "丽江古城", expression("四方街|木府|大水车|大石桥|万古楼|[东南西北]门")
RENAMED = expression(AIRPORT)  # 江北国际机场 is in 两江新区


def whole_name_from(text: str, used: Sequence[Used]) -> int:
    """Return where a name begins that ends the names read and goes on behind them; -1 if there is none.

    Args:
        text: what was read.
        used: the names that the reading used, in order.
    """
    if not used:
        return -1
    last = used[-1]
    if not _is_short(last):
        former = last.kind == FORMER and last.end - last.start < len(last.name)
        return used[-2].start if former and len(used) > 1 and RENAMED.match(text, last.end) else -1
    if INSTITUTION.match(text, last.end) or NAMED.match(text, last.end):
        return last.start
    if len(last.code) <= 4 and COLLEGE.match(text, last.end):
        return last.start
    if SIGHT.match(text, last.end) and all(len(name.code) == 2 for name in used[:-1]):
        return last.start
    if text[: last.end].endswith(OLD_TOWN) and IN_OLD_TOWN.match(text, last.end):
        return last.end - len(OLD_TOWN)
    return -1


def begins_old_town(text: str) -> bool:
    """Return whether a text begins with an old town's name and a place in it: 丽江古城四方街."""
    return text.startswith(OLD_TOWN) and IN_OLD_TOWN.match(text, len(OLD_TOWN)) is not None


def _is_short(used: Used) -> bool:
    """Whether a name was read without its kind: 武夷山."""
    return used.kind == SHORT or (used.kind == MISSING and used.end - used.start < len(used.name))
