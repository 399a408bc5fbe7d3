"""Names of province and city that stand alone behind a town and before one more word: 潜江熊口镇 湖北 小龙虾."""

from __future__ import annotations

from buqi.address.completion import Completion
from buqi.address.whole_names import INSTITUTION
from buqi.divisions.name_patterns import NOT_SHORT
from buqi.divisions.names import short_names
from buqi.expressions import expression

PART = expression(r"[^\s,，/]+")
TOWN = 9  # characters of its code
CITY = 4  # of a city
BANK = expression(r"[\u4e00-\u9fff]{0,4}(?:银行|信用社)")  # 苏州 商业银行


def without_name_alone(answer: Completion) -> str:
    """Return the detail without the names of province and city at its front if one other word follows them, or none.

    They stand apart, and the word is none of those that make another name of them: 苏州 大酒店.
    """
    if len(answer.code) < TOWN:
        return answer.detail
    above = [division.name for division in answer.path.divisions if len(division.code) <= CITY]
    forms = {form for name in above for form in (name, *short_names(name))}
    if answer.detail in forms and answer.input.endswith(tuple(f"{between}{answer.detail}" for between in " ,，/")):
        return ""
    parts = list(PART.finditer(answer.detail))
    if len(parts) < 2 or any(part.group() not in forms for part in parts[:-1]):
        return answer.detail
    last = parts[-1].group()
    if any(answer.input.count(part.group()) > 1 for part in parts[:-1]):
        return answer.detail  # 江苏省昆山市花桥镇 江苏 快递站 may be a name
    if last in forms or any(pattern.match(last) for pattern in (NOT_SHORT, INSTITUTION, BANK)):
        return answer.detail
    return answer.detail[parts[-1].start() :]
