"""Parts and offices of a city that are no divisions, behind its short name: 南京河西, 武汉东湖, 天津港, 罗湖海关."""

from __future__ import annotations

import re

from buqi.address.evidence.named_after import ShortNames
from buqi.divisions import Match
from buqi.divisions.meaning import FULL
from buqi.divisions.table import MUNICIPALITIES
from buqi.divisions.words import HAN

PART = re.compile(
    rf"[河江][东西南北]|城[东西南北中]|[东西南北近远]?郊区?|市[区郊]|[东西南北]市区|岛[内外]|{HAN}{{1,2}}湖"
)
AGENCY = re.compile(
    r"市?(?:(?:海关|口岸|(?:出入境)?边(?:防)?检(?:查)?站|边境管理支队|监狱|看守所|铁路局|铁路运输(?:中级)?(?:法院|检察院)|综合保税区|保税区|港(?:口|区|务局)?)+(?:联检(?:大)?楼|办公楼|大[厅楼])?)"
)


class CityParts:
    """Finds the city or county whose part or office is all that an address names.

    Args:
        short: the short names of divisions.
    """

    def __init__(self, short: ShortNames) -> None:
        self.short = short
        matcher = short.resources.matcher
        self.names, self.stems = matcher.lexicon.names, matcher.names.towns.stems

    def place(self, match: Match) -> tuple[str, int]:
        """Return the code of the place and how much of an address names it; ``""`` if that is something else.

        Its province may stand before it. An office's name stays whole.
        """
        text, around, at = match.address, "", 0
        used = match.candidates[0].used if match.equal else ()
        if text in self.names or any(name.kind == FULL for name in used):
            return "", 0
        while name := self.short.at(text, at):
            levels, at = self.short.by_name[name], at + len(name)
            codes = [code for level in ("province", "city", "county") for code in levels.get(level, ())]
            codes = [code for code in codes if code.startswith(around)]
            if PART.fullmatch(text, at):
                city = next((code for code in codes if _is_city(code)), "")
                if match.best is not None and len(match.best.code) > 4:
                    break  # 杭州西湖 is the district
                if not city or text[at:] in self.stems(city):
                    break  # 南京玄武湖 is the subdistrict
                return city, at
            if AGENCY.fullmatch(text, at):
                cities = [code for code in codes if _is_city(code)]
                return (cities or codes)[0] if cities or len(codes) == 1 else "", 0
            if not codes:
                break
            around = codes[0]
        return "", 0


def _is_city(code: str) -> bool:
    return len(code) == 4 or code in MUNICIPALITIES
