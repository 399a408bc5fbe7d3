"""Parts of Macau that are no divisions: 路环石排湾, 澳门路氹城. They tell that the address lies in Macau."""

from __future__ import annotations

import re

from buqi.address.hong_kong import District
from buqi.divisions import Match
from buqi.divisions.meaning import FULL
from buqi.divisions.text import read
from buqi.expressions import expression

CODE = "82"
# 路环 alone is also what stands between a road and a ring road: 广州路环城路.
PART = expression(
    r"(?:中国)?(?P<city>澳门(?:特别行政区)?)?[\s,，]*(?P<detail>(?P<part>路氹城?|路环(?=(?P<known>石排湾|黑沙|市区|九澳|竹湾))?|氹仔).*)",
    re.DOTALL,
)
TOWN = expression("[镇乡村]")


def macau_of(match: Match) -> District | None:
    """Return Macau as the place of an address that begins with a part of it; ``None`` if none does.

    Another division in full is believed.

    Args:
        match: what was read.
    """
    if "氹" not in match.text and "路环" not in match.text and "路環" not in match.text:
        return None
    used = match.candidates[0].used if match.equal and match.candidates else ()
    if any(name.kind == FULL and name.code != CODE for name in used):
        return None
    reading = read(match.text)
    start = reading.inside(len(match.lead))
    found = PART.match(reading.plain, start)
    if found is None or TOWN.match(reading.plain, found.end("part")):
        return None
    if found["part"] == "路环" and not found["city"] and found["known"] is None:
        return None
    lead, detail = (reading.raw[: reading.after(at)] for at in (start, found.start("detail")))
    return District(CODE, lead, reading.raw[len(detail) :], bool(found["city"]))
