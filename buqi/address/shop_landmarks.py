"""Counties before the landmark that a shop's branch is named after: 常熟万达, 义乌国际商贸城, 桐庐世纪广场.

The county's name is short. A road or landform of that name is none: 常熟路, 昆山公园.
"""

from __future__ import annotations

from buqi.address.branch_levels import is_rarely_another
from buqi.address.evidence.named_after import ShortNames
from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Match
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import SHORT
from buqi.divisions.words import HAN
from buqi.expressions import expression

# What makes one name with a short name before it.
ONE_NAME = expression(
    r"[东南西北中上下前后新老大小一二三四五]{0,2}(?:[路街巷弄道里坊村镇乡区县市州桥港口门山河湖江海岛湾岭园寺塔庙苑]|大道|大街|大桥|公园|医院|花园|家园|广场|大厦|大楼|中心|小区|新村)"
)
LANDMARK = expression(
    rf"(?:{HAN}{{0,6}}(?:广场|商场|商城|商业城|购物中心|百货|天街|印象城|步行街|商业街|老街|古城|火车站|高铁站|汽车站|客运站|机场|商贸城|市场|皮革城|服装城|大厦|天地|乐园|公园|医院|大学|超市)"
    "|万达|吾悦|银泰|银座|大悦城|万象[城汇]|来福士|龙湖|金鹰|八佰伴|大润发|沃尔玛|家乐福|欧尚|宝龙|爱琴海|印力|永旺|苏宁|国美|红星美凯龙|世茂|凯德|万科|华润|奥特莱斯|奥莱|砂之船|合生汇|吾角)"
    rf"{HAN}{{0,4}}"
)
CITY_REST = expression(rf"{HAN}{{2,8}}")


def county_before_landmark(match: Match, names: ShortNames) -> str:
    """Return the code of the county that a branch's name begins with, ``""`` if none does or others are called so.

    Behind a county-level city anything may follow that makes no other name with it; behind another one a landmark.

    Args:
        match: of the branch's name without the word for a branch.
        names: tells how common a short name is.
    """
    used = match.candidates[0].used if match.equal == 1 else ()
    if len(used) != 1 or used[0].start or len(used[0].code) != 6:
        return ""
    name, rest = match.text[: used[0].end], match.text[used[0].end :]
    if used[0].kind != SHORT and used[0].name[:-1] != name:  # without its last character it is as short
        return ""
    if ONE_NAME.match(rest) or name in COMMON_WORDS or GENERIC.fullmatch(name):
        return ""
    told = (CITY_REST if used[0].name.endswith("市") else LANDMARK).fullmatch(rest) is not None
    return used[0].code if told and is_rarely_another(name, used[0].name, names) else ""
