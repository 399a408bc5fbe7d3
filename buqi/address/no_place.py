"""Whether a text names a place at all: 长沙臭豆腐 has a city's short name in it and is no address."""

from __future__ import annotations

import re

from buqi.address.evidence.place_words import has_place_word
from buqi.divisions import Match, Matcher
from buqi.divisions.meaning import FORMER, SHORT
from buqi.divisions.name_patterns import SHORT_ENDS
from buqi.divisions.text import read
from buqi.gazetteer.place_names import place_names
from buqi.places.memory import Memory

# Words of which an address has one beside a short name: kinds of roads, villages, zones, houses, institutions; numbers.
PLACE_WORD = re.compile(
    r"[路街巷弄道村庄屯寨镇乡区县市州旗园苑城厦楼栋幢座室层号店场厂站院校桥港岛湾岭沟坡坝塘堡营铺寺庙府庭舍宅寓墅馆邸轩阁郡所局库"
    r"组队社旁侧段处库\dA-Za-z]|公司|中心|大学|中学|小学|集团|嘎查|苏木|胡同|[对里外前后东南西北]面|公里|[东西南北]大?门|门外|[东西南北]角|矿|闸|门口|路口|[东西南北]口|[支分银商]行"
    r"|国际|世纪|新天地|名都|新里|[东西南北]里|一里|二里|三里|机场|码头|老街|宿舍|家属|地块|医"
)
# Behind a place's name: what is eaten or drunk, and is sold everywhere. 沙县小吃店, 兰州拉面馆.
DISH = re.compile(
    "(?:正宗|特色|风味|老|传统)*(?:小吃|[拉拌扣烩刀削手擀牛羊肉热干担担小油泼]+面|面馆|火锅|米[粉线皮]|[螺蛳酸辣肥肠]+粉|臭豆腐|麻辣|[烤板酱盐水]+鸭|[黄焖大盘扒烧]+鸡|凉[皮粉面]|肉夹馍"
    "|[烧锅]+[饼盔]|羊肉|牛肉|烧烤|烤肉|炒饭|盖饭|大闸蟹|[酱香白黄]+酒|毛尖|龙井茶|普洱茶|铁观音|小笼|汤包|馄饨|饺子|豆花|豆腐)"
)
LONGEST_TOWN_STEM = 6  # characters of a town's name without its kind


def names_no_place(match: Match, matcher: Matcher) -> bool:
    """Whether nothing but one shortened name was read and what stands behind it is no word of a place.

    Args:
        match: what was read.
        matcher: that matcher.
    """
    used = match.candidates[0].used if match.equal and match.candidates else ()
    if len(used) > 1 or any(name.kind not in (SHORT, FORMER) for name in used):
        return False
    if used and used[0].end - used[0].start > 2 and match.text[used[0].end - 1] in SHORT_ENDS:
        return False  # 循化县 for 循化撒拉族自治县
    rest = read(match.detail if used else match.address).plain
    if used and DISH.match(rest):
        return True
    if not rest or PLACE_WORD.search(rest) or (not used and rest in matcher.lexicon.names):
        return False
    stems = matcher.names.towns.stems(match.candidates[0].code) if used else frozenset()
    return not any(rest[:length] in stems for length in range(2, LONGEST_TOWN_STEM + 1))  # 北京望京


def lacks_place_word(match: Match) -> bool:
    """Whether one shortened name was read at most, and behind it no word of a place's kind or of a door: 孟连药店.

    The model weighs this by itself without a memory; with one it was fitted before there was such evidence.
    """
    used = match.candidates[0].used if match.candidates else ()
    if len(used) > 1 or any(name.kind not in (SHORT, FORMER) for name in used):
        return False
    rest = read(match.detail if match.equal else match.address).plain
    return bool(rest) and not has_place_word(rest)


def is_remembered(match: Match, memory: Memory) -> bool:
    """Whether a memory has a name of what is left of a text when its divisions are read."""
    text = read(match.detail if match.equal else match.address).plain if memory else ""
    return any(memory.seen(name) for name in filter(None, dict.fromkeys([text, *place_names(text)])))
