"""Whether characters have the form of a person's name. The form proves nothing by itself: 高平 is also a city."""

from __future__ import annotations

import re
from importlib import resources

from buqi.expressions import expression


def _word_lists() -> list[list[str]]:
    """Return the words of each part of the file; a line that begins with # stands above each."""
    text = resources.files("buqi.contact").joinpath("data/words.txt").read_text(encoding="utf-8")
    return [part.partition("\n")[2].split() for part in text.split("# ")[1:]]


# Common surnames, without those that are mostly words of addresses; words that only look like names.
_SINGLE, _COMPOUND, _WORDS = _word_lists()
SURNAMES, COMPOUND, _NO_NAMES = frozenset("".join(_SINGLE)), frozenset(_COMPOUND), frozenset(_WORDS)
_TITLE = "先生|女士|小姐|太太|夫人|老师|同学|经理|师傅|阿姨|医生|大夫|主任|同志|教授|律师"
_NEAR_TITLE = "总|哥|姐|叔|姨|嫂|工|生|导|董"
TITLED = expression(rf"(?P<base>[\u4e00-\u9fff*某]{{1,4}})(?:{_TITLE})(?:女士|先生)?")
NEAR_TITLED = expression(
    rf"(?P<base>[\u4e00-\u9fff])(?:{_NEAR_TITLE})|[小老阿][\u4e00-\u9fff]|[\u4e00-\u9fff]某{{1,2}}"
)
DOTTED = expression(r"[\u4e00-\u9fff]{1,8}(?:[·•‧・.˙][\u4e00-\u9fff]{1,10}){1,3}")
MASKED = expression(r"[\u4e00-\u9fff](?:[*某x×]{1,3}[\u4e00-\u9fff]?|[\u4e00-\u9fff]\*)|\*{1,2}[\u4e00-\u9fff]{1,2}")
LATIN = expression(r"[A-Z][a-z]{1,14}(?: [A-Z][a-z]{1,14}| [A-Z]\.?){0,3}|[A-Z]{2,12} [A-Z]{2,12}(?: [A-Z]{2,12})?")
_LATIN_WORDS = expression(
    r"(?i)\b(?:china|prc|null|none|undefined|nan|room|road|street|district|city|province|building|floor|unit|no|rd|st|tel"
    r"|phone|mobile|name|address|zip|code|sf|ems|jd|yto|and|the|to|from|hong|kong|beijing|shanghai|guangzhou|shenzhen)\b"
)
# How places end: always, and only where a place may stand.
_PLACE_END = expression(
    r".*(?:[省市区县镇乡村路街道巷弄号楼室层栋幢组屯庄寨厦厂店库座港厅局院部委所站校司馆铺圩]|公寓|广场|中心|大学|中学|小学|家园|花园|小区|社区|大厦"
    r"|单位|公司|集团|办公|市场|商城|新城|大院|宿舍|学院|医院|酒店|宾馆|银行|超市|工地|门口|门卫|驿站|快递|柜|前台|物业)"
)
_WEAK_END = expression(r".*[山湖桥城里园庭苑府湾场寺庙坝坪沟塘井门河江岛岭口岗坡堡营屿洲滩池坊州台岸湘都墅郡轩居舍]")
_STRONG_END = expression(r".*(?:[省市区县镇乡村路街号楼室]|公司|集团|街道|医院|大学|学校|单位)")  # behind a label
_DAY = expression(r"周[一二三四五六日末至到]|[上下]午")


def is_name(token: str, near: bool = False, far_from_places: bool = False) -> bool:
    """Whether a whole token has the form of a person's name.

    Args:
        token: without separators, in simplified script.
        near: a telephone stands beside it.
        far_from_places: no part of an address can stand where it stands; 王小山 needs this.
    """
    if DOTTED.fullmatch(token) or is_titled(token):
        return True
    if MASKED.fullmatch(token) and (token[0] in SURNAMES or "*" in token):
        return True
    if near and NEAR_TITLED.fullmatch(token) and not _PLACE_END.fullmatch(token):
        return token[0] in SURNAMES or token[0] in "小老阿"
    if near and LATIN.fullmatch(token):
        return _LATIN_WORDS.search(token) is None
    token = re.sub(r"(?<=^.)\s+(?=.$)", "", token)  # forms fill up 王　明
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", token) or token in _NO_NAMES or _DAY.match(token):
        return False
    if _PLACE_END.fullmatch(token) or (_WEAK_END.fullmatch(token) and not far_from_places):
        return False
    if token[:2] in COMPOUND and len(token) > 2:
        return True
    if len(token) == 4:
        return near and far_from_places and token[0] in SURNAMES and token[1] in SURNAMES
    return token[0] in SURNAMES


def is_titled(token: str) -> bool:
    """Whether a token is a name with a title: 王先生, 张小明女士."""
    found = TITLED.fullmatch(token)
    if found is None:
        return False
    base = found["base"]
    return (base[0] in SURNAMES or base[:2] in COMPOUND) and not _PLACE_END.fullmatch(base)


def is_labelled_name(token: str) -> bool:
    """Whether a token behind a label (收货人：) is a name: it must be no place, firm or number."""
    forms = (MASKED, LATIN, TITLED)
    if is_name(token, near=True, far_from_places=True) or any(form.fullmatch(token) for form in forms):
        return True
    return re.fullmatch(r"[\u4e00-\u9fff]{2,4}", token) is not None and not _STRONG_END.fullmatch(token)
