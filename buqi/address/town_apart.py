"""A town that stands apart from its county: 安福寺镇 湖北宜昌枝江市, 海淀区中关村大街27号 海淀区中关村街道.

It stands first in the text, or its county's whole name is said again before it behind a separator. Nothing else is in
that part.
"""

from __future__ import annotations

from dataclasses import replace

from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.divisions import Matcher
from buqi.expressions import expression

COUNTY = 6  # characters of its code
PART = expression(r"(?:(?<=[\s,，/])|^)(?P<name>[\u4e00-\u9fff]{2,20}?(?:[镇乡]|街道))(?=[\s,，/（(]|$)")
SEPARATORS = " \t\u3000,，/"


def read_town_apart(answer: Completion, matcher: Matcher) -> Completion:
    """Return the answer with the town of its county that a part of its detail is, or ``answer`` itself.

    Args:
        answer: of a county.
        matcher: has the names of towns.
    """
    if len(answer.code) != COUNTY or answer.status in REFUSALS or PART.search(answer.detail) is None:
        return answer
    if any(note.endswith(AGAINST.format("")) for note in answer.notes):
        return answer
    towns, county = matcher.table.town_names(answer.code), answer.path.name("county")
    found = []
    for part in PART.finditer(answer.detail):
        name = part["name"].removeprefix(county)
        said = name != part["name"] or (part.start() == 0 and answer.input.startswith(part["name"]))
        codes = [code for code, town in towns.items() if said and town == name]
        if len(codes) == 1:
            found.append((codes[0], part))
    if len(found) != 1:
        return answer
    code, part = found[0]
    before, behind = answer.detail[: part.start()], answer.detail[part.end() :].lstrip(SEPARATORS)
    detail = before + behind if behind else before.rstrip(SEPARATORS)
    path = matcher.table.path(code)
    return replace(answer, path=path, detail=detail, full=path.full + detail, status="complete", village=None)
