"""What the names in an address settle by themselves."""

from __future__ import annotations

from dataclasses import replace

from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.match import Used
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.mistyping import MISTYPED, TAKEN
from buqi.divisions.name_patterns import OF_MANY_CITIES, OWN_KINDS
from buqi.divisions.stems import town_stem
from buqi.divisions.table import MUNICIPALITIES, OVERSEAS
from buqi.divisions.text import read
from buqi.divisions.words import HAN, TOWN_ENDS
from buqi.expressions import expression

TOWN = expression(rf"(?:{TOWN_ENDS})$")
TOWN_AHEAD = expression(rf"(?![老同家故回返下]乡|城[乡镇]){HAN}{{1,6}}?[乡镇](?![上东西南北中]?[路街])")
# In the matcher's units: how far a plain reading is ahead of the next one.
CLEAR = 2.0
NEAR_TOWNS = 0.5  # towns no further apart are equally good where only their name is given
CLEAR_AGAINST = 1.0  # where another name contradicts it and two whole names agree
SEAT_ENDS = "镇乡道"  # of 城关镇 and 城关街道; 城关区 is a county
OF_THE_CORPS = "6590"  # 石河子市 and the other cities of the corps in 新疆
COUNTY_ROAD = expression(r"[东西南北中]?(?:路|大道|大街|街(?![口道]))")
REGIMENT = expression(r"第?[0-9一二三四五六七八九十百〇零]{1,6}团(?![结队购圆])")
# Words that are also short names of counties: 公安县, 资源县.
COMMON_WORDS = frozenset(
    "公安 资源 通道 友谊 武功 和顺 商城 民权 安居 大方 富裕 乐业 友好 高明 平原 康乐 互助 共和 同心 比如 正安"
    " 大名 政和 平和 温泉 平房 前锋 灯塔 港口 海港 运河 莲花 牡丹 芙蓉 海棠 博爱 长寿 回民 站前 上街 洞口"
    " 宏伟 丰满 新建 兴隆 路南 路北 天长 爱民 中原 石林 开化 紫金 大观 榆树 清流 白杨 新星 新源 天涯 文成"
    " 大兴 兴国 五常 富民 民主 桥东 龙门 湖滨 清新 光明 点军 平安 南部".split()
)


def plain_kind(match: Match, matcher: Matcher) -> str | None:
    """Return the kind of a reading that leaves nothing to weigh, else ``None``.

    Such a reading names a county (or a city without counties). No name in it is mistyped or contradicted, and no other
    place is nearly as good. Its kind is ``full``, ``short`` or ``former``, by the name that says most. It is
    ``against`` where another name contradicts it and two whole names agree.
    """
    best = match.best
    if best is None:
        return "against" if names_county_elsewhere(match) else None
    if names_any_seat(match):
        return None
    if best.against and _ahead(match) >= CLEAR_AGAINST and whole_names_agree(match):
        return "against"
    if _is_doubtful(match, best):
        return None
    if stated_region(match, matcher) and not match.detail.strip():
        return FULL  # a city or province and nothing more
    if is_city_and_town(match, matcher):
        return SHORT
    county = matcher.table.county_of(best.code)
    if len(county) == 2 or matcher.table.has_counties(county):
        return None  # no county is named
    if len(match.candidates) > 1 and _ahead(match) < CLEAR:
        return None
    return _kind_of_names(best, county)


def _ahead(match: Match) -> float:
    """Return how far the names of the best candidate are ahead of those of the others."""
    best, *others = match.candidates
    return best.named - max([other.named for other in others], default=-CLEAR)


def is_city_and_town(match: Match, matcher: Matcher) -> bool:
    """Whether a text is the short names of a city without counties and of one of its towns: 东莞长安."""
    best = match.candidates[0]
    if len(best.code) != 4 or len(best.used) != 1 or match.front or matcher.table.has_counties(best.code):
        return False
    name, behind = matcher.table.names, read(match.detail).plain
    town = matcher.names.towns.called(behind, best.code)
    return bool(town) and town_stem(name[town]) == behind


def _is_doubtful(match: Match, best: Candidate) -> bool:
    """Whether a name is mistyped, a zone's or contradicted, or the only one stands behind something else."""
    if match.front and len(best.used) < 2:
        return True  # 人民路5号（建瓯市农机站旁）
    if len(best.used) == 1 and best.used[0].name in OF_MANY_CITIES:
        return True
    mistyped = any(used.kind in MISTYPED and len(used.code) <= 6 for used in best.used)
    return mistyped or best.contradicted or any(used.zone for used in best.used)


def _kind_of_names(best: Candidate, county: str) -> str | None:
    """Return ``full``, ``former`` or ``short``, by the names of the county and of what lies in it.

    ``None`` where a single name is a town's, short or shortened: there may be another place of that name.
    """
    used = best.used
    if all(len(name.code) > 6 or (name.kind == FORMER and TOWN.search(name.name)) for name in used):
        return None
    kinds = {name.kind for name in used if len(name.code) >= len(county)} - MISTYPED
    if FULL in kinds:
        return FULL
    if len(used) < 2:
        return FORMER if FORMER in kinds and not _is_shortened(used[0]) else None
    if FORMER in kinds:
        return FORMER
    return SHORT if kinds else None


def names_county_elsewhere(match: Match) -> bool:
    """Whether a city or province stands before the whole name of one county that lies elsewhere: 济南市胶州市.

    Districts do not count: people call more places districts than the table has.
    """
    if match.equal or not match.candidates:
        return False
    best, *others = match.candidates
    used, against = best.used, best.against
    whole = len(used) == len(against) == 1 and used[0].kind == FULL and len(best.code) == 6
    ahead = all(other.against and best.named - other.named >= CLEAR_AGAINST for other in others)
    return whole and ahead and len(used[0].name) > 2 and used[0].name[-1] in OWN_KINDS and used[0].end == match.behind


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


def lone_mistaken_city(match: Match) -> Match | None:
    """Return a match of the one city that is all of a text, with a character often written for another: 亳洲市.

    Counties are weighed. A province may stand before the city.
    """
    if match.equal != 1 or match.front or match.detail.strip():
        return None
    best = match.candidates[0]
    taken = len(best.code) == 4 and not best.against and best.used[-1].kind == TAKEN and best.used[-1].code == best.code
    return replace(match, candidates=(best,)) if taken else None


def is_lone_short_county(match: Match) -> bool:
    """Whether all of a text is the short name of one county and no common word: 沅陵, 达茂旗.

    A regiment may stand behind a city of the corps: 石河子143团.
    """
    if match.equal != 1 or match.front:
        return False
    best, *others = match.candidates
    if len(best.used) != 1 or best.used[0].kind != SHORT or len(best.code) != 6 or best.code.startswith(OVERSEAS):
        return False
    behind = read(match.text[match.behind :]).plain
    if behind and not (best.code.startswith(OF_THE_CORPS) and REGIMENT.match(behind)):
        return False
    rivals = any(used.kind in (SHORT, FULL) for other in others for used in other.used)
    return not rivals and match.text[best.used[0].start : match.behind] not in COMMON_WORDS


def names_any_seat(match: Match) -> bool:
    """Whether the best reading is a city and a 城关镇: it does not say which county of the city is meant."""
    return match.best is not None and len(match.best.used) > 1 and is_seat(match.best)


def county_of_road(match: Match, matcher: Matcher) -> str:
    """Return the code of the county that a road behind its city is named after, or ``""``: 扬州市高邮路 leads there."""
    best = match.best
    if best is None or len(best.code) != 4 or match.front:
        return ""
    text = read(match.detail).plain
    named = (
        m.code
        for length, meanings in matcher.lexicon.starting(text, 0)
        for m in meanings
        if m.level == 3 and m.code.startswith(best.code) and COUNTY_ROAD.match(text, length)
    )
    return next(named, "")


def is_seat(candidate: Candidate) -> bool:
    """Whether a 城关镇 was read and no county. Most counties had one, and some of them no longer have it."""
    last = candidate.used[-1] if candidate.used else None
    county = any(len(used.code) == 6 for used in candidate.used if used is not last)
    return last is not None and last.name.startswith("城关") and last.name[-1] in SEAT_ENDS and not county


def is_called_as_its_city(match: Match, candidate: Candidate) -> bool:
    """Whether only a county's short name was read, and its prefecture has the same short name: 阿勒泰, 喀什."""
    last = candidate.used[-1] if candidate.used else None
    if last is None or last.kind != SHORT or len(last.code) != 6 or any(len(used.code) == 4 for used in candidate.used):
        return False
    return candidate.path.name("city").startswith(match.text[last.start : last.end])


def of_the_prefecture(match: Match, matcher: Matcher) -> Match:
    """Return the match with the prefecture's whole name in place of a short name that its seat has too.

    This is done where a town follows, as it may lie in another county of the prefecture: 阿克苏阿恰乡 is in 阿克苏地区
    and not in 阿克苏市. Otherwise ``match`` itself is returned.
    """
    best = match.best
    if best is None or not TOWN_AHEAD.match(match.detail) or not is_called_as_its_city(match, best):
        return match
    last = best.used[-1]
    return matcher.match(match.text[: last.start] + best.path.name("city") + match.text[last.end :])


def whole_names_agree(match: Match) -> bool:
    """Whether two or more whole names agree with the best candidate, and one of them is below the provinces.

    A former name counts beside one of today: 浙江海门市三厂街道. A county counts beside its city.
    A town counts beside its city and county. It also counts beside its county alone, if the county's short name is no
    common word and all names that contradict stand before it: 杭州义乌佛堂镇.
    """
    best = match.candidates[0]
    whole = [u for u in best.used if not u.zone and (u.kind == FULL or (u.kind == FORMER and not _is_shortened(u)))]
    if all(used.kind != FULL for used in whole):
        return False
    if len(whole) > 1:
        return any(len(used.code) >= 4 for used in whole)
    (name,) = whole
    above = {len(used.code): used for used in best.used if used.kind in (FULL, SHORT)}
    county = above.get(6)
    if len(name.code) == 6:
        own = (name.name[-1] in OWN_KINDS and len(name.name) > 2) or name.code.startswith(MUNICIPALITIES)
        return 4 in above or (2 in above and own)  # 江苏杭州西湖区, 浙江宁波市义乌市, 江苏上海嘉定区
    if len(name.code) != 9 or county is None:
        return False
    if 4 in above:
        return True  # 深圳龙岗坪山坑梓街道
    common = match.text[county.start : county.end] in COMMON_WORDS
    spans = (county.start, county.end), (name.start, name.end)
    return not common and county.kind == SHORT and match.spans[-2:] == spans


def _is_shortened(used: Used) -> bool:
    """Whether a name is written with fewer characters than it has: 下关 for 下关区."""
    return used.end - used.start < len(used.name)


def best_two_alike(match: Match) -> bool:
    """Whether the best two candidates are equally good for the same reason.

    They may have the same whole name and nothing else is said (朝阳区), or they lie in one place and share a short name
    (伊宁市 and 伊宁县). 乌镇 and 乌镇镇 are alike too.
    """
    if len(match.candidates) < 2:
        return False
    one, other = match.candidates[:2]
    if not match.detail.strip() and {len(one.code), len(other.code)} == {9}:
        return abs(one.named - other.named) < NEAR_TOWNS and len(one.used) == len(other.used) == 1
    if one.named != other.named:
        return False
    whole = {used.kind for used in (*one.used, *other.used)} == {FULL}
    if whole and not match.detail.strip() and len(one.code) == 6:
        return True
    short = one.used and other.used and one.used[-1].kind == other.used[-1].kind == SHORT
    return bool(short) and one.path.divisions[:-1] == other.path.divisions[:-1]


def whole_town(match: Match) -> str:
    """Return the code of the one town whose whole name an address begins with.

    ``""`` if there is another reading. Readings of the name as a former one do not count, but 乌镇 is also 乌镇镇.
    """
    town = ""
    for candidate in match.candidates:
        kinds = [used.kind for used in candidate.used]
        if len(candidate.code) == 9 and kinds.count(FULL) == len(kinds):
            if town:
                return ""
            town = candidate.code
        elif kinds.count(FORMER) < len(kinds) or candidate.used[-1].name.endswith("镇镇"):
            return ""
    return town


def stated_region(match: Match, matcher: Matcher) -> str:
    """Return the code of the city or province that the address names in full and without contradiction, or ``""``.

    The former name of a city counts too (襄樊市), but not that of a prefecture: most of them were divided.
    """
    best = match.best
    if best is None or len(best.code) > 4 or best.contradicted:
        return ""
    renamed = {used.code for used in best.used if _is_former_city(used)}
    whole = all(used.kind == FULL or used.code in renamed for used in best.used)
    return best.code if whole and not _goes_elsewhere(match, matcher) else ""


def _is_former_city(used: Used) -> bool:
    """Whether the whole former name of what is a city today was read."""
    return used.kind == FORMER and len(used.code) == 4 and used.name.endswith("市") and not _is_shortened(used)


def _goes_elsewhere(match: Match, matcher: Matcher) -> bool:
    """Whether a county of another city follows, written in full: 广州市张家港市."""
    behind = matcher.lexicon.starting(read(match.detail).plain, 0)
    return any(m.kind == FULL and m.level == 3 and len(m.name) > 2 for _, found in behind for m in found)
