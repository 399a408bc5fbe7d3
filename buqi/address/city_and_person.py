"""A city, and a person with a telephone, and nothing more: 沈阳 张阿姨13998765421 二楼."""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.divisions.lead import SURNAMES
from buqi.divisions.words import HAN
from buqi.expressions import expression

TITLE = "先生|女士|小姐|太太|老师|师傅|阿姨|叔叔|大爷|大妈|大姐|大哥|经理|老板|医生|同学|会计|[姐哥叔姨总工]"
LINE = expression(
    rf"(?P<place>{HAN}{{2,4}})[\s,，]+(?:[{SURNAMES}]{HAN}{{0,2}}(?:{TITLE})|[{SURNAMES}]{HAN}{{1,2}})[\s,，:：]*"
    rf"1[3-9][0-9]{{9}}(?:[\s,，]+(?:[0-9一二三四五六七八九十]+楼|前台|门[口卫]|放{HAN}{{2,4}}|{HAN}{{2}}收)?)?"
)
SHORTEST = 14  # characters of such a line
DIGITS = expression("1[3-9][0-9]{9}")


class CityAndPerson:
    """Answers the city, where the rest hid it.

    Args:
        short: the short names of divisions.
        complete: completes the city's name.
    """

    def __init__(self, short: Callable[[], ShortNames], complete: Callable[[str], Completion]) -> None:
        self.short, self.complete = short, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer of the city or province before a person and a telephone, or ``answer`` itself."""
        text = answer.input
        if answer.status not in REFUSALS or len(text) < SHORTEST or DIGITS.search(text) is None:
            return answer  # most addresses
        found = LINE.fullmatch(text)
        if found is None or not self._is_one(found["place"]):
            return answer
        place = self.complete(found["place"])
        if place.status in REFUSALS or place.detail or len(place.code) > 4:
            return answer
        detail = text[found.end("place") :].lstrip(" \t,，")
        return Completion.known(text, place.path, detail, LESS_SURE, BY_TABLE)

    def _is_one(self, name: str) -> bool:
        """Whether a name is the short name of one city or province, and of no county."""
        levels = self.short().by_name.get(name, {})
        return len(levels) == 1 and "county" not in levels
