"""Markets of a kind of goods that are named after a county: 丹阳眼镜城, 常熟服装城."""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.expressions import expression

MARKET = expression(
    "(?:中国|国际|东方)?(?:眼镜|服装|童装|内衣|羊?毛衫|针织|皮革|皮草|裘皮|小商品|珍?珠宝?|五金|塑料|鞋业?|水晶|家纺|轻纺|纺织|面料|丝绸|木雕|红木|家电|灯饰|灯具|药材|中药材|水产|茶叶|花木|陶瓷|瓷器|紫砂|汽摩配|汽配|石材"
    "|玉器|领带|袜业?|纽扣|箱包|板材|钢材|化纤|电器|厨具)(?:(?:批发|专业|交易)?(?:市场|中心|商城)|城)"
)
ENDS = frozenset("城场心")
MANY = 100  # towns and villages that have the short name; of 新民 there are more
LONGEST = 14  # characters of such a name


def read_goods_market(answer: Completion, matcher: Matcher, short: Callable[[], ShortNames]) -> Completion:
    """Return the answer of the county-level city that a market is named after, or ``answer`` itself.

    Args:
        answer: the first one. If it is deeper than a city it stays.
        matcher: has the names.
        short: tells how common a short name is. Very many towns and villages may not have it.
    """
    text = answer.input
    if text[-1:] not in ENDS or len(text) > LONGEST or (answer.status not in REFUSALS and len(answer.code) > 4):
        return answer  # most addresses
    match = matcher.match(text)
    used = match.candidates[0].used if match.equal == 1 else ()
    if not used:
        return answer
    name = text[: used[0].end]
    if len(used) > 1 or used[0].start or used[0].name[:-1] != name or not used[0].name.endswith("市"):
        return answer
    if len(used[0].code) != 6 or MARKET.fullmatch(text, used[0].end) is None:
        return answer
    if name in COMMON_WORDS or GENERIC.fullmatch(name) or short().resources.namesakes(name) > MANY:
        return answer
    return Completion.known(text, matcher.table.path(used[0].code), match.detail, LESS_SURE, BY_TABLE)
