"""Branches of institutions in another city: 哈尔滨工业大学(威海) is in 威海, 山东大学青岛校区 in 青岛."""

from __future__ import annotations

import re

from buqi.address.evidence.named_after import ShortNames
from buqi.address.first_names import FirstNames
from buqi.divisions import Match
from buqi.divisions.meaning import FULL

HEAD = re.compile(r"(?:大学|学院|医院|学校)(?:医学院|附属|附设|第[一二三四五六])*")
CAMPUS = re.compile(r"(?:市|县|区)?(?:国际|新|东|西|南|北)?(?:校区|分校|校园|学院|医学院|研究院|研究生院)")
HOSPITAL = re.compile(r"(?:市)?(?:中心|人民|国际)?(?:医院|分院)")
OPEN, CLOSE = "(（", ")）"
REACH = 8  # characters between an institution's own name and its branch's place
# Hospitals of these names are where the institution is.
NO_CITIES = frozenset("中山 朝阳".split())


def has_branch(match: Match) -> bool:
    """Whether an address that names no division in full may name a branch of an institution."""
    used = match.candidates[0].used if match.equal else ()
    return HEAD.search(match.address) is not None and not any(name.kind == FULL for name in used)


class Branches:
    """Finds the place of a branch in an institution's name.

    Args:
        first_names: know the short names of divisions and the listed institutions.
    """

    def __init__(self, first_names: FirstNames) -> None:
        self.short: ShortNames = first_names.short
        self.resources = first_names.resources

    def place(self, match: Match) -> str:
        """Return the code of the city or county that a branch is named after, ``""`` if an address names none."""
        text = match.address
        head = HEAD.search(text)
        if head is None:
            return ""
        found = ""
        for at in range(head.end(), min(head.end() + REACH, len(text) - 1)):
            name = self.short.at(text, at)
            if not name or not (code := self._code(name, text, at, head.end())):
                continue
            found = code
        return found

    def _code(self, name: str, text: str, at: int, start: int) -> str:
        levels, end = self.short.by_name[name], at + len(name)
        city = next((code for code in levels.get("city", ()) if self._is_city(code)), "")
        bracket = at == start + 1 and text[start] in OPEN and text[end : end + 1] in (*CLOSE, "")
        if city and name not in NO_CITIES and (bracket or CAMPUS.match(text, end) or HOSPITAL.match(text, end)):
            return city
        counties = levels.get("county", ())
        if city or len(counties) != 1 or not (bracket or CAMPUS.match(text, end)):
            return ""
        listed = [code for place in self.resources.listed_places.find(text) for code in place.codes]
        return counties[0] if any(code[:2] == counties[0][:2] for code in listed) else ""

    def _is_city(self, code: str) -> bool:
        return self.resources.matcher.table.by_code[code].name.endswith("市")
