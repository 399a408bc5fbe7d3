"""Branches of branches, and banks whose own name begins with a place: 宁波银行苏州分行昆山支行, 上海浦东发展银行.

Such a bank has branches elsewhere. Of two levels of branches the last is where the address is; the one before it tells
which of several places is meant. So does a city behind the branch: 栖霞支公司烟台.
"""

from __future__ import annotations

from buqi.address.evidence.named_after import ShortNames
from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Match, Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import SHORT
from buqi.divisions.words import HAN
from buqi.expressions import expression

_LAST = "(?:[支分]行|支公司|分理处|营业[部所厅]|储蓄所)"
LAST = expression(rf"市?{_LAST}$")  # a branch of a branch
# Behind the short names that a bank's own name begins with.
BANK = expression("(?:浦东)?发展银行|(?:农村商业|农村合作|农商|商业|村镇)?银行")
# A bank that no district places. An unknown branch is most often where its head office is: 陆家嘴支行.
SHANGHAI_BANK = expression(
    rf"上海市?浦东发展银行(?:股份)?(?:有限公司)?(?P<branch>{HAN}{{2,6}}?)(?:[支分]行|营业部|分理处)$"
)
SHANGHAI_OWN = expression("上海市浦东发展银行")
SHANGHAI = "31"
# A branch that has branches itself.
UPPER = expression(rf"市?(?:分行|分公司|中心支公司)(?={HAN}{{2,10}}{_LAST}$)")
CITY_BEHIND = expression(rf"(?:[支分]行|支公司)(?P<city>{HAN}{{2,6}}?)市?$")
FEW, RARE = 20, 3  # towns and villages that have the short name of a county-level city, of another county


def is_of_a_bank(match: Match) -> bool:
    """Whether all names that were read are short, and belong to a bank's own name: 江苏常熟农村商业银行.

    上海市浦东发展银行 is one too.
    """
    if "银行" not in match.text:
        return False  # most addresses
    used = match.candidates[0].used if match.equal else ()
    if not used or used[-1].kind != SHORT or BANK.match(match.detail) is None:
        return False
    return all(name.kind == SHORT for name in used) or SHANGHAI_OWN.match(match.address) is not None


def head_office(text: str, short: ShortNames) -> str:
    """Return the code of the head office's city if a branch has no place's name: 上海浦东发展银行陆家嘴支行."""
    found = SHANGHAI_BANK.match(text)
    return SHANGHAI if found and short.at(found["branch"], 0) != found["branch"] else ""


def city_behind(text: str, short: ShortNames) -> tuple[str, int]:
    """Return the code of the city whose short name stands behind a branch, and where the branch's name ends.

    ``("", len(text))`` is returned if none does.
    """
    found = CITY_BEHIND.search(text)
    codes = short.by_name.get(found["city"], {}).get("city", ()) if found else ()
    return (codes[0], found.start("city")) if found and len(codes) == 1 else ("", len(text))


def is_rarely_another(short: str, name: str, names: ShortNames) -> bool:
    """Whether few towns and villages have the short name of a county: of 昆山市 some, of 莲花县 very many."""
    return names.resources.namesakes(short) <= (FEW if name.endswith("市") else RARE)


def is_county_of_a_bank(name: str, county: str, match: Match, matcher: Matcher, names: ShortNames) -> bool:
    """Whether a bank of another city may have a branch in the county of a short name: 宁波银行昆山支行.

    A district elsewhere is none: 上海银行吴中支行 is in 吴中路.

    Args:
        name: the short name. No town where the bank is may be called so, and few others: 江苏昆山农村商业银行玉山支行.
        county: code of the county.
        match: what was read.
        matcher: has the names.
        names: tells how common the name is.
    """
    whole = matcher.table.names[county]
    if not is_of_a_bank(match) or whole.endswith("区") or name in COMMON_WORDS or GENERIC.fullmatch(name):
        return False
    own = matcher.names.towns.stems(match.candidates[0].code)
    return name not in own and is_rarely_another(name, whole, names)
