"""Dishes, goods and brands that are named after another place, beside an address: 兰州拉面昆山花桥, 广州天河沙县小吃.

Such a name says nothing about where the text lies. It is cut off, and the rest is read as an address of its own. The
rest counts if its names are certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from buqi.address.branch_levels import is_rarely_another
from buqi.address.certain_names import LEAST, certain_answer
from buqi.address.completion import AGAINST, BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.address.no_place import DISH
from buqi.divisions import Matcher
from buqi.expressions import expression

# Most texts have none of the last characters of wares: to look for one is quicker than to look for a ware.
LAST = expression("[吃面馆锅粉线皮腐辣鸭鸡馍饼盔肉烤饭蟹酒尖茶音笼包饨子花药台果米菜胶枣]")
WARE = expression(
    rf"(?P<dish>{DISH.pattern})|白药|啤酒|茅台酒?|葡萄酒|苹果|大米|榨菜|阿胶|[大红]枣|狗不理包子|包子|麻花|龙井"
)
SHOP = expression("(?:专卖|旗舰|直营|总|分)?店|大药房|[面酒]?馆|[铺屋]")
GOES_ON = expression("[厂街路城园村节公集股]")  # 青岛啤酒厂, 沙县小吃城, 云南白药集团: another name
ROAD = expression("[路街道巷]$")
NAME_LENGTHS = (2, 3, 4)  # of the short name before a ware
LONGEST = 60  # characters of a text that is read


class Products:
    """Reads the address beside the name of a ware, where that name hid it.

    Args:
        matcher: has the names.
        short: the short names of divisions.
        complete: completes the rest of the text.
    """

    def __init__(
        self, matcher: Matcher, short: Callable[[], ShortNames], complete: Callable[[str], Completion]
    ) -> None:
        self.matcher, self.short, self.complete = matcher, short, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer of the address beside a ware, or ``answer`` itself if that has read the address."""
        text = answer.input
        if len(text) > LONGEST or LAST.search(text) is None or WARE.search(text) is None:
            return answer  # most addresses
        for start, end, dish in self._wares(text):
            found = self._before(answer, start) if end == len(text) else None
            if found is None and dish and end == len(text) and answer.status in REFUSALS:
                found = self._alone(answer, start)
            found = found or (self._behind(answer, end) if start == 0 else None)
            if found is not None:
                return found
        return answer

    def _wares(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Yield from where to where the name of a ware stands, with its place; whether a shop may be meant."""
        by_name = self.short().by_name
        for ware in WARE.finditer(text):
            names = (ware.start() - length for length in NAME_LENGTHS if length <= ware.start())
            start = next((at for at in names if text[at : ware.start()] in by_name), -1)
            if start < 0:
                continue
            name, shop = text[start : ware.start()], SHOP.match(text, ware.end())
            end = shop.end() if shop else ware.end()
            if not shop and GOES_ON.match(text, end):
                continue
            if text[:start] in by_name and end < len(text) and self._around(text[:start], name):
                start = 0  # 福建沙县小吃
            # 古城 in 平遥古城牛肉 is no other county
            known = name.endswith("县") or not {"province", "city"}.isdisjoint(by_name[name])
            yield start, end, known and (shop is not None or ware["dish"] is not None)

    def _around(self, larger: str, smaller: str) -> bool:
        """Whether a short name is that of something around a place of another short name, or in its province."""
        provinces = {code[:2] for codes in self.short().by_name[smaller].values() for code in codes}
        return any(code[:2] in provinces for codes in self.short().by_name[larger].values() for code in codes)

    def _before(self, answer: Completion, start: int) -> Completion | None:
        """Return the answer of the address before a ware, if ``answer`` is a refusal or less deep."""
        text = answer.input
        place = self._certain(text[:start])
        if ROAD.search(text[:start].rstrip()) and place is not None and not place.detail:
            return None  # a road; a subdistrict may be called so too
        if place is None or not (answer.status in REFUSALS or place.code.startswith(answer.code)):
            return None
        if answer.code == place.code and answer.status not in REFUSALS:
            return None
        same = answer.code == self.matcher.table.county_of(place.code)  # the town is all that is new
        found = self._given(text, place, place.lead, place.detail + text[start:])
        return replace(found, confidence=answer.confidence) if same else found

    def _alone(self, answer: Completion, start: int) -> Completion | None:
        """Return the answer of a city or county in another province that stands alone before a dish: 杭州沙县小吃."""
        text = answer.input
        levels = self.short().by_name.get(text[:start], {})
        codes = [code for level in ("city", "county") for code in levels.get(level, ())]
        ware = self.matcher.match(text[start:])
        if len(codes) != 1 or "province" in levels or any(c.code[:2] == codes[0][:2] for c in ware.candidates):
            return None
        if "county" in levels and not is_rarely_another(text[:start], self.matcher.table.names[codes[0]], self.short()):
            return None
        place = self.complete(text[:start])
        whole = place.code == codes[0] and (place.confidence or 0.0) >= LEAST and not place.detail
        return self._given(text, place, "", text[start:]) if whole else None

    def _behind(self, answer: Completion, end: int) -> Completion | None:
        """Return the answer of the address behind a ware, if ``answer`` is a refusal or has not read it."""
        text = answer.input
        rest = text[end:].lstrip(" ,，:：-\t")
        if answer.status not in REFUSALS and not answer.detail.endswith(rest):
            return None
        place = self._certain(rest)
        return self._given(text, place, text[: len(text) - len(rest)], place.detail) if place else None

    def _certain(self, text: str) -> Completion | None:
        """Return the answer to a text that begins with certain names which agree."""
        found = certain_answer(text, self.matcher, self.complete)
        against = found is not None and any(note.endswith(AGAINST.format("")) for note in found.notes)
        return None if against else found

    def _given(self, text: str, place: Completion, lead: str, detail: str) -> Completion:
        known = Completion.known(text, place.path, detail, None, BY_TABLE, place.village, notes=place.notes, lead=lead)
        return replace(known, confidence=min(place.confidence or 0.0, LESS_SURE))
