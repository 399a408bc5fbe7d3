"""Parts and offices of a city that are no divisions, behind its short name: 南京河西, 武汉东湖, 天津港, 罗湖海关."""

from __future__ import annotations

from buqi.address.evidence.named_after import LEVELS, ShortNames
from buqi.divisions import Match
from buqi.divisions.meaning import FULL
from buqi.divisions.table import MUNICIPALITIES
from buqi.divisions.words import ANY_ZONE, HAN
from buqi.expressions import expression
from buqi.gazetteer.zones import kind_of

PART = expression(
    rf"[河江][东西南北]|城[东西南北中]|[东西南北近远]?郊区?|市[区郊]|[东西南北]市区|岛[内外]|{HAN}{{1,2}}湖"
)
AGENCY = expression(
    r"市?(?:(?:海关|口岸|(?:出入境)?边(?:防)?检(?:查)?站|边境管理支队|监狱|看守所|铁路局|铁路运输(?:中级)?(?:法院|检察院)|综合保税区|保税区|港(?:口|区|务局)?)+(?:联检(?:大)?楼|办公楼|大[厅楼])?)"
)
# The last characters of what these and `ANY_ZONE` match: most addresses end in another one.
LAST = frozenset("东西南北中郊区内外湖园地关岸站队狱所局院港口楼厅")
SIGHT = expression(r"(?:风景|名胜|旅游|度假|景)区$")


class CityParts:
    """Finds the city or county whose part or office is all that an address names.

    Args:
        short: the short names of divisions.
    """

    def __init__(self, short: ShortNames) -> None:
        self.short = short
        matcher = short.resources.matcher
        self.names, self.stems = matcher.lexicon.names, matcher.names.towns.stems

    def place(self, match: Match) -> tuple[str, str]:
        """Return the code of the place and what is left of the address; ``("", "")`` if it names something else.

        A province may stand before the city. A part is left without the names before it (河西), an office's name stays
        whole (天津港).
        """
        text, around, at = match.address, "", 0
        used = match.candidates[0].used if match.equal else ()
        if sight := self._sight(match):
            return sight, text
        if text[-1:] not in LAST or text in self.names or any(name.kind == FULL for name in used):
            return "", ""
        while name := self.short.at(text, at):
            levels, at = self.short.by_name[name], at + len(name)
            codes = [code for level in LEVELS for code in levels.get(level, ()) if code.startswith(around)]
            if province := next(iter(levels.get("province", ())), ""):  # 海南监狱 is not in 海南州 of another province
                codes = [code for code in codes if code.startswith(province)]
            cities = [code for code in codes if len(code) == 4 or code in MUNICIPALITIES]
            if PART.fullmatch(text, at):
                district = match.best is not None and len(match.best.code) > 4  # 杭州西湖
                subdistrict = bool(cities) and text[at:] in self.stems(cities[0])  # 南京玄武湖
                return (cities[0], text[at:]) if cities and not district and not subdistrict else ("", "")
            if cities and ANY_ZONE.fullmatch(text, at) and not self._is_listed(text, at, cities[0]):
                return cities[0], text[at:] if used else text
            if AGENCY.fullmatch(text, at):
                return ((cities or codes)[0], text) if cities or len(codes) == 1 else ("", "")
            if not codes:
                break
            around = codes[0]
        return "", ""

    def _is_listed(self, text: str, at: int, city: str) -> bool:
        """Whether a city's zone is in the lists, and no zone of this name is elsewhere: 宁波经济技术开发区."""
        zones = self.short.resources.zones
        elsewhere = [code for code in zones.by_name.get(text, ()) if not code.startswith(city)]
        return not elsewhere and city in zones.having(kind_of(text[at:]))

    def _sight(self, match: Match) -> str:
        """Return the code of the county of a scenic area that the lists have too and that alone was read, or ``""``."""
        used = match.candidates[0].used if match.equal == 1 else ()
        if len(used) != 1 or not used[0].zone or SIGHT.search(used[0].name) is None:
            return ""
        code = used[0].code
        places = self.short.resources.listed_places.find(used[0].name)
        return code if len(code) == 6 and any(code in place.codes for place in places) else ""
