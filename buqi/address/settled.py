"""What the names in an address settle by themselves."""

from __future__ import annotations

import re
from dataclasses import replace

from buqi.address.branches import has_unnamed_branch
from buqi.address.completion import passed_over
from buqi.address.evidence.place_words import has_place_word
from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.meaning import FORMER, FULL, MOVED, SHORT
from buqi.divisions.mistyping import MISTYPED
from buqi.divisions.table import MUNICIPALITIES
from buqi.divisions.text import read
from buqi.divisions.words import HAN, TOWN_ENDS, ZONE_WORDS

TOWN = re.compile(rf"(?:{TOWN_ENDS})$")
TOWN_AHEAD = re.compile(rf"{HAN}{{1,6}}?[乡镇](?![上东西南北中]?[路街])")
MOST_AGAINST = 0.9  # confidence of an answer that goes against a name written in full
CLEAR_AGAINST = 1.0  # the same where another name contradicts it and two whole names agree
OWN_KINDS = "市县旗"  # what counties end in whose names are their own
SEAT_ENDS = "镇乡道"  # of 城关镇 and 城关街道; 城关区 is a county
OVERSEAS = ("71", "81", "82")
MOST_SHARED = 0.6  # confidence of a county overseas whose name towns of the mainland have too
# Of weighed answers at 0.9 and more one in fifty may be wrong. Of these kinds so many are only from here on.
SURE_FROM = {"bare": 0.97, "zone_first": 0.97, "city_only": 0.95, "uncertain": 0.95, "tied": 0.95}
LONE_SURE_FROM, LESS_SURE = 0.97, 0.89  # of a town's or a former name alone
ZONE_NEAR = 12  # characters behind it in which a zone is named: 沙窝乡经济开发区
# Words that are counties too, alone: 公安县, 资源县.
COMMON_WORDS = frozenset(
    "公安 资源 通道 友谊 武功 和顺 商城 民权 安居 大方 富裕 乐业 友好 高明 康乐 互助 共和 同心 比如 正安"
    " 大名 政和 平和 温泉 平房 前锋 灯塔 港口 海港 运河 莲花 牡丹 芙蓉 海棠 博爱 长寿 回民 站前 上街 洞口"
    " 宏伟 丰满 新建 兴隆 路南 路北 天长 爱民 中原 石林 开化 紫金 大观 榆树 清流 白杨 新星 新源 天涯 文成"
    " 大兴 兴国 五常 富民 民主 桥东 龙门 湖滨 清新 光明 点军 平安 南部".split()
)
RECENT = 0.7  # names no further apart: a county was called so elsewhere until ten years ago
CLEAR = 2.0  # a plain reading is ahead of the next by this in the matcher's units


def plain_kind(match: Match, matcher: Matcher) -> str | None:
    """Return the kind of a reading that leaves nothing to weigh, else ``None``.

    ``full``, ``short`` or ``former``, by the name that says most; ``against`` where another name contradicts two.

    It names a county (or a city without counties), nothing contradicts it or is mistyped, and no other place is near.
    """
    if match.equal != 1:
        return "against" if lone_county(match) else None
    best = match.candidates[0]
    if names_any_seat(match):
        return None
    kinds = {used.kind for used in best.used if len(used.code) <= 6}
    others = match.candidates[1:]
    ahead = best.named - max((c.named for c in others), default=-CLEAR)
    if best.against and ahead >= CLEAR_AGAINST and agree(match):
        return "against"
    if match.front and len(best.used) < 2:
        return None  # 人民路5号（建瓯市农机站旁）
    if kinds & MISTYPED or any(used.zone for used in best.used):
        return None
    if best.contradicted:
        return None
    if said(match, matcher) and not match.detail.strip():
        return "full"  # a city or province and nothing more
    county = matcher.table.county_of(best.code)
    if len(county) == 2 or matcher.table.has_counties(county):
        return None
    if others and ahead < CLEAR:
        return None
    if all(len(used.code) > 6 or (used.kind == FORMER and TOWN.search(used.name)) for used in best.used):
        return None  # a town alone: there may be one of its name that no table has
    named = {used.kind for used in best.used if len(used.code) >= len(county)} - MISTYPED
    if "full" in named:
        return "full"
    alone = best.used[0] if len(best.used) < 2 else None
    if alone and alone.kind == FORMER and alone.end - alone.start < len(alone.name):
        return None  # 下关 for 下关区
    return None if not named or (alone and "short" in named) else min(named)


def lone_county(match: Match) -> bool:
    """Whether a city or province stands before the whole name of one county, and it lies elsewhere: 济南市胶州市.

    Districts do not count: people call more so than the table has.
    """
    if match.equal or not match.candidates:
        return False
    best, *others = match.candidates
    used, against = best.used, best.against
    whole = len(used) == len(against) == 1 and used[0].kind == FULL and len(best.code) == 6
    ahead = all(other.against and best.named - other.named >= CLEAR_AGAINST for other in others)
    return whole and ahead and len(used[0].name) > 2 and used[0].name[-1] in OWN_KINDS and used[0].end == match.behind


def sure(confidence: float, kind: str, candidate: Candidate | None = None, detail: str = "") -> float:
    """Return the confidence of a weighed answer, less where so many of its kind are wrong that it is not sure.

    A town's or a former name alone is doubted too: places that the table lacks are called so. Where a zone is the next
    that ``detail`` names, it is never sure.
    """
    used = candidate.used if candidate is not None else ()
    lone = len(used) == 1 and (len(used[0].code) == 9 or used[0].kind == FORMER)
    if has_unnamed_branch(detail) and not any(len(name.code) > 4 for name in used):
        return min(confidence, LESS_SURE)
    if lone and ZONE_WORDS.search(detail[:ZONE_NEAR]):
        return min(confidence, LESS_SURE)
    least = max(SURE_FROM.get(kind, 0.0), LONE_SURE_FROM * lone)
    return min(confidence, LESS_SURE) if confidence < least else confidence


def known_overseas(match: Match) -> bool:
    """Whether a text names a county overseas for certain: in full, with what is around it, or all of it is its name.

    彰化 before a road is the county and the city of that name. 桥头, 新店 and 三峡 are words of places everywhere.
    """
    best = match.candidates[0]
    if len(best.used) > 1 or best.used[0].kind != SHORT or not match.detail.strip():
        return True
    last, around = best.path.divisions[-1], best.path.divisions[-2:][0]
    own = len(best.code) <= 4 or last.name[:2] == around.name[:2]
    return own and has_place_word(read(match.detail).plain)


def overseas_county(match: Match) -> Match | None:
    """Return a match of the one county whose whole name is all of a text, where else only towns have it: 关西镇."""
    whole = [c for c in match.candidates if len(c.used) == 1 and c.used[0].kind == FULL]
    counties = [c for c in whole if len(c.code) == 6]
    if len(counties) != 1 or len(whole) < 2 or match.detail.strip() or match.front:
        return None
    return replace(match, candidates=(counties[0], *(c for c in whole if c is not counties[0])), equal=1)


def lone_city(match: Match) -> Match | None:
    """Return a match of the one city whose short name is all of a text: 西安 is 西安市 before it is a 西安区.

    Its province may stand before it.
    """
    named = match.candidates and not match.text[match.behind :].strip() and not match.front
    if named and match.equal == 1 and len(match.candidates[0].used) == 2 and len(match.candidates[0].code) == 4:
        best = match.candidates[0]
        plain = not best.against and all(used.kind in (SHORT, FULL) for used in best.used)
        return match if plain and best.used[0].code != best.used[1].code else None
    if not named or any(len(c.used) != 1 or c.used[0].kind not in (SHORT, FORMER) for c in match.candidates):
        return None
    cities = [c for c in match.candidates if len(c.code) <= 4 and c.used[0].kind == SHORT]
    if not cities and len(match.candidates) == 1 and len(match.candidates[0].code) == 4:
        cities = list(match.candidates)  # 襄樊, 哲里木盟
    return replace(match, candidates=(cities[0],), equal=1, detail="") if len(cities) == 1 else None


def lone_short_county(match: Match) -> Match | None:
    """Return the match where the short name of one county is all of a text: 沅陵, 大厂县. Common words are none."""
    if match.equal != 1 or match.front or match.text[match.behind :].strip():
        return None
    best, *others = match.candidates
    if len(best.used) != 1 or best.used[0].kind != SHORT or len(best.code) != 6 or best.code.startswith(OVERSEAS):
        return None
    rivals = any(used.kind in (SHORT, FULL) for other in others for used in other.used)
    return None if rivals or match.text[best.used[0].start : match.behind] in COMMON_WORDS else match


def surest(match: Match, candidate: Candidate | None) -> float:
    """Return the highest confidence of an answer: less where it goes against a name, or where one stands far behind."""
    if candidate is None:
        return MOST_AGAINST if passed_over(match, candidate) else 1.0
    if overseas_county(match) is not None and candidate.code.startswith(OVERSEAS):
        return MOST_SHARED
    doubtful = candidate.against or any(used.kind == MOVED for used in candidate.used) or has_namesake(match, candidate)
    doubtful = doubtful or is_seat(candidate) or is_called_as_its_city(match, candidate)
    doubtful = doubtful or lone_short_county(match) is not None
    return MOST_AGAINST if doubtful or (match.front and len(candidate.used) < 2) else 1.0


def names_any_seat(match: Match) -> bool:
    """Whether a city and a 城关镇 are the best that was read, which leaves open the county that is meant."""
    return match.best is not None and len(match.best.used) > 1 and is_seat(match.best)


def is_seat(candidate: Candidate) -> bool:
    """Whether a 城关镇 is read and no county: most counties had one, and some have it no more."""
    last = candidate.used[-1] if candidate.used else None
    county = any(len(used.code) == 6 for used in candidate.used if used is not last)
    return last is not None and last.name.startswith("城关") and last.name[-1] in SEAT_ENDS and not county


def is_called_as_its_city(match: Match, candidate: Candidate) -> bool:
    """Whether a county's short name alone was read, and the prefecture around it has it too: 阿勒泰, 喀什."""
    last = candidate.used[-1] if candidate.used else None
    if last is None or last.kind != SHORT or len(last.code) != 6 or any(len(used.code) == 4 for used in candidate.used):
        return False
    return candidate.path.name("city").startswith(match.text[last.start : last.end])


def of_the_prefecture(match: Match, matcher: Matcher) -> Match:
    """Return the match with the prefecture's name in full where a town follows that its county of the name lacks.

    阿克苏阿恰乡 lies in another county of 阿克苏地区 than 阿克苏市.
    """
    best = match.best
    if best is None or not TOWN_AHEAD.match(match.detail) or not is_called_as_its_city(match, best):
        return match
    last = best.used[-1]
    return matcher.match(match.text[: last.start] + best.path.name("city") + match.text[last.end :])


def has_namesake(match: Match, candidate: Candidate) -> bool:
    """Whether another place of the same whole name is nearly as likely where nothing else tells.

    金山区 alone is also in 新北, and an 江北区 was in 重庆 until 2025.
    """
    if len(candidate.used) != 1 or candidate.used[0].kind != FULL or len(candidate.code) != 6:
        return False
    others = [c for c in match.candidates if c.code != candidate.code and len(c.used) == 1 and len(c.code) == 6]
    alone = not match.detail.strip()
    return any(
        (alone and c.used[0].kind == FULL) or (c.covered and candidate.named - c.named - c.covered < RECENT)
        for c in others
    )


def agree(match: Match) -> bool:
    """Whether two and more whole names agree with the best candidate, one below the provinces, and it is one.

    A former name counts beside one of today: 浙江海门市三厂街道. A county counts beside its city.
    A whole town counts beside its city and county, and beside its county where that is no common word and all that
    contradicts stands before it: 杭州义乌佛堂镇.
    """
    best = match.candidates[0]
    names = [u for u in best.used if not u.zone and (u.kind == FULL or u.end - u.start >= len(u.name))]
    whole = [used for used in names if used.kind in (FULL, FORMER)] if any(u.kind == FULL for u in names) else []
    if len(whole) > 1:
        return any(len(used.code) >= 4 for used in whole)
    above = {len(used.code): used for used in best.used if used.kind in (FULL, SHORT)}
    if whole and len(whole[0].code) == 6:
        own = whole[0].name[-1] in OWN_KINDS and len(whole[0].name) > 2
        own = own or whole[0].code.startswith(MUNICIPALITIES)  # 江苏上海嘉定区
        return 4 in above or (2 in above and own)  # 江苏杭州西湖区, 浙江宁波市义乌市
    if not whole or len(whole[0].code) != 9:
        return False
    county = above.get(6)
    if county is None or 4 in above:
        return county is not None  # 深圳龙岗坪山坑梓街道
    common = match.text[county.start : county.end] in COMMON_WORDS
    return not common and county.kind == SHORT and match.spans[-2:] == ((county.start, county.end), whole[0][:2])


def alike(match: Match) -> bool:
    """Whether the best two candidates have the same names and nothing else is said, or are siblings of one short name.

    朝阳区 alone may be anywhere. Of 伊宁市 and 伊宁县, both written 伊宁, the larger is not likelier by far enough.
    """
    if len(match.candidates) < 2:
        return False
    one, other = match.candidates[:2]
    whole = {used.kind for used in (*one.used, *other.used)} == {FULL}
    if whole and not match.detail.strip() and one.named == other.named and len(one.code) == 6:
        return True
    short = one.used and other.used and one.used[-1].kind == other.used[-1].kind == SHORT
    return bool(short) and one.named == other.named and one.path.divisions[:-1] == other.path.divisions[:-1]


def whole_town(match: Match) -> str:
    """Return the code of the one town whose whole name an address begins with; ``""`` if it is read otherwise too.

    Readings of the name as a former one do not count.
    """
    town = ""
    for candidate in match.candidates:
        kinds = [used.kind for used in candidate.used]
        if len(candidate.code) == 9 and kinds.count(FULL) == len(kinds):
            if town:
                return ""
            town = candidate.code
        elif kinds.count(FORMER) < len(kinds):
            return ""
    return town


def said(match: Match, matcher: Matcher) -> str:
    """Return the code of the city or province that the address names in full and without contradiction, or ``""``."""
    if match.equal != 1 or match.candidates[0].contradicted:
        return ""
    best = match.candidates[0]
    whole = all(used.kind == FULL for used in best.used)
    return best.code if whole and len(best.code) <= 4 and not _goes_elsewhere(match, matcher) else ""


def _goes_elsewhere(match: Match, matcher: Matcher) -> bool:
    """Whether a county of another city follows, written in full: 广州市张家港市."""
    behind = matcher.lexicon.starting(read(match.detail).plain, 0)
    return any(m.kind == FULL and m.level == 3 and len(m.name) > 2 for _, found in behind for m in found)
