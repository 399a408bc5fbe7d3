"""Farms behind the bureau that runs them: 红兴隆管理局八五二农场. All such bureaus are in Heilongjiang."""

from __future__ import annotations

from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.divisions import Matcher
from buqi.divisions.words import HAN
from buqi.expressions import expression

PROVINCE = "黑龙江省"
BUREAU = expression(
    rf"(?:黑龙江)?省?(?:农垦)?(?:总局)?(?:红兴隆|建三江|宝泉岭|九三|牡丹江|北安|齐齐哈尔|绥化|哈尔滨)(?:农垦)?(?:管理局|分局|管局)(?P<farm>{HAN}{{2,5}}?农场)"
)


def read_bureau_farm(answer: Completion, matcher: Matcher) -> Completion:
    """Return the answer of the farm behind a bureau, or ``answer`` itself if the table does not know the farm."""
    text = answer.input
    found = BUREAU.match(text) if "局" in text and "农场" in text else None
    if found is None or (answer.status not in REFUSALS and len(answer.code) > 4):
        return answer  # most addresses
    match = matcher.match(PROVINCE + found["farm"])
    best = match.best if match.equal == 1 else None
    if best is None or best.used[-1].name != found["farm"] or len(best.code) < 6:
        return answer
    path = matcher.table.path(best.code)
    return Completion.known(text, path, text, LESS_SURE, BY_TABLE)
