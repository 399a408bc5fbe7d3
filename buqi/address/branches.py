"""Branches and offices in another place: 哈尔滨工业大学(威海), 南京银行苏州分行, 温州市驻上海办事处.

An address that names nothing else is where its branch is, not where the institution's name comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from buqi.address.branch_levels import LAST, UPPER, city_behind, head_office, is_county_of_a_bank, is_of_a_bank
from buqi.address.city_parts import CityParts
from buqi.address.evidence.named_after import ShortNames
from buqi.address.first_names import FirstNames
from buqi.address.hospitals import hospital_of
from buqi.address.ports import port_of
from buqi.address.sights import sight_of
from buqi.address.sites import site_of
from buqi.divisions import Match
from buqi.divisions.meaning import FULL
from buqi.divisions.names import short_names
from buqi.divisions.table import MUNICIPALITIES
from buqi.divisions.words import HAN
from buqi.expressions import expression

OPEN, CLOSE = "(（", ")）"
KINDS = "省市州县区旗"
KIND = rf"[{KINDS}]?"
NUMBER = "第?[一二三四五六七八九十]+"
# What an institution's own name ends in. Behind it a place is that of a branch.
HEAD = expression(rf"(?:大学(?![城路街])|学院|医院|学校|研究院)(?:医学院|附属|附设|{NUMBER}(?=[^\d])|集团)*")
CAMPUS = expression(rf"{KIND}(?:国际|新|东|西|南|北)?(?:校区|分校|校园|院区|分院|书院|医学院|研究院|研究生院)")
HOSPITAL = expression(rf"{KIND}(?:{NUMBER})?(?:中心|人民|国际|儿童)*医院")
INSTITUTE = expression(
    rf"(?!{HAN}?(?:路|街|大道|镇|乡)){HAN}{{0,9}}?(?:研究院|研究所|学院|学校(?!友)|[中小]学|医院|创新园|科创园|(?:创新|科创|研发){HAN}{{0,4}}?(?:中心|基地)|基地)"
)
# What follows a branch's place. Behind a division in full, only these tell of another city.
ELSEWHERE = expression(r"市?(?:分行|分公司|项目部|办事处|联络处|联络站)$")
# Behind a short name or none, these tell of one too.
OFFICE = expression(
    rf"{KIND}(?:[支分]行|[支分]公司|子公司|项目部|办事处|联络处|联络站|经营部|批发部|专卖店|旗舰店|直营店|分?店|分厂|展厅|仓库)$"
)
SENT = expression(r"驻(?P<place>[^驻]{2,10}?)[省市州县]?(?:办事处|联络处|联络站|办$)")
OFFICE_ENDS = frozenset("行司部处站办\n")  # what these end in; most addresses end in another character
SHOP_ENDS = OFFICE_ENDS | frozenset("店厂厅库)）")
WORKS = expression(rf"(?:集团|公司|股份){HAN}{{0,4}}$")
PLANT = expression(rf"市?{HAN}{{0,4}}(?:工业园|产业园|工厂|厂|基地)$")
SHOP = expression(rf"(?![东西南北中]?[一二三四五六七八九十]?(?:路|街|道|大道)){HAN}{{0,12}}店[)）]?$")
FIRM = expression(r"(?:股份|有限|公司|集团|银行|分行)")
# An institution's branch whose place is not in its name: 中山大学附属第七医院 is in 深圳.
UNNAMED = expression(
    rf"(?:大学|学院|医院){HAN}{{0,8}}(?:校区|分校|校园|院区|分院|书院|研究院|研究生院|科创|创新)"
    rf"|(?:大学|学院){HAN}{{0,4}}(?:附属{HAN}{{0,6}}|{NUMBER}(?:附属|临床)?)(?:医院|学校|[中小]学)|大学(?!医)[^医市县区]{{2,4}}学院"
)
# A road, a door or a town. What stands behind one is there, whatever its name says.
DOOR = expression(r"[路街巷弄]|(?<!农)村|大道|胡同|[0-9]号|镇(?![江海雄赉原平康沅宁安坪巴远])|乡(?!宁)")
PORT_OR_HOSPITAL = expression("港[区區]|院")
CHINA = "中国"
AIRPORT = expression(
    rf"(?P<own>{HAN}{{2,8}}?)(?:国际)?机场(?!{HAN}?[路街镇乡]|{HAN}?(?:小区|社区|花园|家园|新村|公寓))"
)
OUTSIDE = frozenset("北戴河 河东 天山 牡丹 云冈 南岳".split())  # districts whose airports lie in another one
SIGHTS = "山湖树源岛湾海冈霞"  # what an airport is named after that lies elsewhere: 武当山, 黄果树
LEAST_BEFORE = 2  # characters of the institution's own name before a branch's place
REACH = 10  # characters between an institution's own name and its branch's place
NO_CITIES = frozenset("中山 朝阳".split())  # hospitals of these names are where the institution is


def has_branch(match: Match) -> bool:
    """Whether an address may name a branch."""
    text = institution(match)
    if "驻" in text and SENT.search(text):
        return True
    if _in_full(match):
        return text[-1:] in OFFICE_ENDS and ELSEWHERE.search(text) is not None
    shop = text[-1:] in SHOP_ENDS and (OFFICE.search(text) or SHOP.search(text))
    return bool(shop or HEAD.search(text) or FIRM.search(text))


def may_be_an_office(text: str) -> bool:
    """Whether a text that begins with a county may end in an office elsewhere."""
    # Most texts end in another character: to look at it is quicker than to search.
    return text[-1:] in OFFICE_ENDS and (ELSEWHERE.search(text) or SENT.search(text)) is not None


def _in_full(match: Match) -> bool:
    """Whether a division is named in full, or a county and what is around it; not in a bank's own name."""
    used = match.candidates[0].used if match.equal else ()
    if len(used) > 1 and is_of_a_bank(match):
        return False
    return any(name.kind == FULL for name in used) or (len(used) > 1 and len(match.candidates[0].code) > 4)


def institution(match: Match) -> str:
    """Return the text without what stands before the address. 中国 is kept: many institutions' names begin with it."""
    return match.text[len(match.lead.removesuffix(CHINA)) :]


def has_unnamed_branch(text: str) -> bool:
    """Whether a text names a part of an institution that may be in another place than the institution."""
    # Each such name has one of the two characters.
    return ("学" in text or "院" in text) and UNNAMED.search(text) is not None


def is_airport(match: Match, short: ShortNames) -> bool:
    """Whether an address is that of a city's airport named after a sight, which may lie elsewhere: 安顺黄果树机场."""
    used, text = match.candidates[0].used if match.equal else (), match.address
    found = AIRPORT.match(text) if "机场" in text else None
    if found is None or any(name.kind == FULL and len(name.code) > 4 for name in used):
        return False
    city = short.at(text, 0)
    own = found["own"].removeprefix(city)
    sight = own[-1:] in SIGHTS and "county" not in short.by_name.get(own, ())
    return "city" in short.by_name.get(city, ()) and (sight or own in OUTSIDE)


class BranchPlace(NamedTuple):
    """Where an address lies, by the name of a branch or of a city's part.

    Attributes:
        code: the province, city or county.
        lead: what stands before the address.
        detail: what is left of the address. An institution's name stays whole.
    """

    code: str
    lead: str
    detail: str


class Branches:
    """Finds the place of a branch in an institution's name.

    Args:
        first_names: know the short names of divisions and the listed institutions.
    """

    def __init__(self, first_names: FirstNames) -> None:
        self.short: ShortNames = first_names.short
        self.resources = first_names.resources
        self.parts = CityParts(self.short)

    def find(self, match: Match) -> BranchPlace | None:
        """Return the place of the branch, the site, or the part of a port or city that an address names alone."""
        whole = institution(match)
        if code := site_of(match, whole, self.resources.matcher.table):
            return BranchPlace(code, match.text.removesuffix(whole), whole)
        if code := sight_of(match):
            return BranchPlace(code, match.lead, match.address)
        for kind in (port_of, hospital_of) if PORT_OR_HOSPITAL.search(whole) else ():
            code, detail = kind(match, match.address, self.short)
            if code:
                return BranchPlace(code, match.lead, detail)
        code, detail = (self.place(match), match.address) if has_branch(match) else self.parts.place(match)
        if not code:
            return None
        if detail != match.address:
            return BranchPlace(code, match.lead, detail)
        return BranchPlace(code, match.text.removesuffix(whole), whole)

    def place(self, match: Match) -> str:
        """Return the code of the province, city or county that a branch is named after, ``""`` if there is none."""
        text, in_full = institution(match), _in_full(match)
        own = match.candidates[0].code if match.equal else ""
        if sent := SENT.search(text):
            if DOOR.search(text, 0, sent.start()):
                return ""
            code = self._named(text, *sent.span("place"))
            return "" if own.startswith(code) else code
        around, end = ("", len(text)) if in_full else city_behind(text, self.short)
        found, text = around, text[:end]
        for at in range(LEAST_BEFORE, len(text) - 1):
            name = self.short.at(text, at)
            code = self._behind(text, at, name, in_full, found) if name else ""
            of_bank = len(own) > 4 and is_of_a_bank(match)  # 江苏江阴农村商业银行无锡分行
            if not code or (own.startswith(code) and not of_bank):
                continue
            if len(code) < 6 or (found and code.startswith(found)) or self._may_be_in(code, name, match, text[:at]):
                found = code
        return found or head_office(text, self.short)

    def _behind(self, text: str, at: int, name: str, in_full: bool, around: str) -> str:
        """Return the code of the place of a branch's name in a text. ``around``: that of the branch before it."""
        end, opened = at + len(name), text[at - 1] in OPEN
        if in_full:
            told = ELSEWHERE.match(text, end) is not None and DOOR.search(text, 0, at) is None
            return self._code(name, text) if told and self._is_city(name) else ""
        if opened and SHOP.match(text, end):
            return self._deeper(self._code(name, text), text, end) if self._is_city(name) else ""
        if DOOR.search(text, 0, at):
            return ""
        if UPPER.match(text, end):
            return self._code(name, text) if self._is_city(name) else ""
        head = next((found for found in HEAD.finditer(text, 0, at) if at - found.end() <= REACH), None)
        closed = opened and text[end : end + 2].lstrip(KINDS)[:1] in {"", *CLOSE}
        plant = PLANT.match(text, end) is not None and WORKS.search(text, 0, at) is not None
        office = OFFICE.match(text, end) or (around and LAST.match(text, end))
        if (closed and (head or FIRM.search(text))) or office or plant:
            return self._inside(name, around) or self._code(name, text)
        if head is None:
            return ""
        hospital = HOSPITAL.match(text, end) is not None and name not in NO_CITIES
        campus = CAMPUS.match(text, end) is not None
        if hospital or campus or INSTITUTE.match(text, end):
            if self._is_city(name):
                return self._code(name, text)
            code = self._near(name, text)
            return code[:2] if campus and self._is_county_elsewhere(code, text) else code
        return ""

    def _is_county_elsewhere(self, code: str, text: str) -> bool:
        """Whether a code is that of a county, and no district or city, outside the institution's own city.

        A campus is rarely in one; it may have the same name: 四川大学江安校区 is not in 江安县.
        """
        name = self.resources.matcher.table.names.get(code, "")
        return name.endswith("县") and all(head[:4] != code[:4] for head in self._heads(text))

    def _inside(self, name: str, around: str) -> str:
        """Return the code of the one county of a name in the place of the branch before it, ``""`` if there is none."""
        counties = [code for code in self.short.by_name[name].get("county", ()) if around and code.startswith(around)]
        return counties[0] if len(counties) == 1 else ""

    def _may_be_in(self, county: str, name: str, match: Match, before: str) -> bool:
        """Whether a branch may be in a county: no division was read, or its city was read or stands before its name.

        西安 is read as a district first, and as the city too. Banks have branches elsewhere too.
        """
        path = self.resources.matcher.table.path(county).divisions[:-1]
        around = [name for division in path for name in short_names(division.name)]
        read = any(county.startswith(candidate.code[:4]) for candidate in match.candidates)
        if not match.equal or read or before.endswith(tuple(around)):
            return True
        return is_county_of_a_bank(name, county, match, self.resources.matcher, self.short)

    def _deeper(self, city: str, text: str, end: int) -> str:
        """Return the code of the county whose short name follows a city's, or the city's: 沈阳铁西店."""
        end += text[end : end + 1] in KINDS
        counties = self.short.by_name.get(self.short.at(text, end), {}).get("county", [])
        return next((code for code in counties if city and code.startswith(city)), city)

    def _named(self, text: str, start: int, end: int) -> str:
        """Return the code of the place that ``text[start:end]`` names, the deeper one of two: 江西南昌."""
        name = self.short.at(text, start)
        deeper = self.short.at(text, start + len(name)) if name and start + len(name) < end else ""
        return self._code(deeper or name, text) if name else ""

    def _is_city(self, name: str) -> bool:
        """Whether a short name is that of a city or province and tells of a branch."""
        levels = self.short.by_name[name]
        return ("city" in levels or "province" in levels) and name not in NO_CITIES

    def _code(self, name: str, text: str) -> str:
        """Return the code of what a short name means: a province, a city, or the one county of the name."""
        levels = self.short.by_name[name]
        for level in ("province", "city"):
            if level in levels and name not in NO_CITIES:
                return levels[level][0]
        counties = levels.get("county", [])
        return counties[0] if len(counties) == 1 else self._near(name, text)

    def _near(self, name: str, text: str) -> str:
        """Return the code of the one county of a name in the institution's city, or in its province."""
        counties = self.short.by_name[name].get("county", [])
        heads = set(self._heads(text))
        for digits in (4, 2):
            near = [code for code in counties if any(code[:digits] == head[:digits] for head in heads)]
            if len(near) == 1 and (digits == 4 or len(counties) == 1 or near[0].startswith(MUNICIPALITIES)):
                return near[0]
        return ""

    def _heads(self, text: str) -> Iterator[str]:
        """Yield codes of where the institution itself is, by a list or by its name's beginning."""
        for place in self.resources.listed_places.find(text):
            yield from place.codes
        if name := self.short.at(text, 0):
            for level in ("province", "city"):
                yield from self.short.by_name[name].get(level, ())
