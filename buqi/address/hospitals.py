"""Hospitals of a province in another place: 四川省人民医院金牛医院, 山东省立医院菏泽医院."""

from __future__ import annotations

from buqi.address.evidence.named_after import ShortNames
from buqi.divisions import Match
from buqi.divisions.meaning import FULL
from buqi.expressions import expression

WORD = "院"
HEAD = expression(r"(?:第?[一二三四]?人民|立|中医|中西医结合|肿瘤|儿童|妇幼保健|胸科)+医?院")
PART = expression(r"市?(?:中心|人民)?(?:医院|分院|院区)$")


def hospital_of(match: Match, text: str, short: ShortNames) -> tuple[str, str]:
    """Return the code of the place that a part of a province's hospital is named after, and the text.

    ``("", "")`` is returned if there is none. A county must be in the hospital's own province.

    Args:
        match: what was read. It must be a province in full, and nothing else.
        text: its address.
        short: the short names.
    """
    used = match.candidates[0].used if match.equal and WORD in text else ()
    if len(used) != 1 or used[0].kind != FULL or len(used[0].code) != 2:
        return "", ""  # most addresses
    head = HEAD.match(match.detail)
    at = len(text) - len(match.detail) + head.end() if head else len(text)
    name = short.at(text, at)
    if head is None or not name or PART.match(text, at + len(name)) is None:
        return "", ""
    levels = short.by_name[name]
    counties = [code for code in levels.get("county", ()) if code.startswith(used[0].code)]
    codes = levels.get("city", []) or counties
    return (codes[0], text) if len(codes) == 1 else ("", "")
