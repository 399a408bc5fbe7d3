"""Branches and offices that are named after a place of several names: 中国银行义乌佛堂支行, 国网沛县供电公司.

The place stands between the firm's own name and the word for its branch. It is read as an address of its own, and
counts if nothing of it is left over. A city's office for one of its districts is read too: 长沙市公安局岳麓分局.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.branch_levels import is_rarely_another
from buqi.address.branches import DOOR, NO_CITIES
from buqi.address.completion import AGAINST, BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.names import short_names
from buqi.divisions.text import read
from buqi.divisions.words import HAN
from buqi.expressions import expression

# What ends a firm's own name.
_HEAD = (
    "银行|农行|工行|建行|中行|交行|招行|农商行|农村信用(?:合作)?联?社|农信社?|邮储|邮政|国网|国家电网|南方电网|[石国]化|中?国?石油|中国?联通|中国?移动|中国?电信|中国铁塔"
    "|烟草|保险|人寿|财险|人保|公司|集团|国家税务总局|国家统计局|速运|速递|快递|快运|物流|EMS|菜鸟驿站"
)
# What a branch is called.
_TAIL = (
    "(?:供电|石油|电力|烟草|邮政|燃气|水务|自来水|财产|保险|人寿|通信|销售)*"
    "(?:(?:第[一二三四五六七八九十]+)?税务(?:局|所|分局)|[支分]行|分理处|储蓄所|营业[部所厅点]|[支分]公司|(?<=[电水油务草政气])公司|供电[所局]|信用社|加油站|网点|分部|揽投部|支局|调查队|(?<!旗舰|专卖)店)(?:营业[部厅])?"
)
BRANCH = expression(
    rf"(?:[^:]{{1,8}}:)?(?P<head>{HAN}{{0,24}}(?:{_HEAD})(?:股份)?(?:有限)?(?:责任)?(?:公司)?)(?P<place>{HAN}{{2,12}}?)(?:{_TAIL})"
)
HEAD = expression(_HEAD)
LABEL = expression(r"[^:：]{1,8}[:：]\s*")
# A city's office, and the district that it is for.
OFFICE = expression(rf"{HAN}{{0,12}}?局(?P<name>{HAN}{{2,4}}?)[区县市]?(?:分局|[支大]队|税务所)")
WRITTEN = expression(rf"{DOOR.pattern}|[省市县区]")  # in a firm's own name: a division in full, or a door
ROAD = expression("(?:路|大道)$")
ENDS = frozenset("行处所部厅司局社站点店队")
STATE = expression("国家(?:税务总|统计)局.*(?:税务局|调查队)$")  # has an office in each county, and in no town
# Not enough for these is one short name: a petrol station is called as a village is, and `branches` reads banks.
NOT_ALONE = expression("(?:加油站|[支分]行|分理处|储蓄所)$")
LEAST = 0.8  # confidence of the place between firm and branch
LONGEST = 60  # characters of a text that is read


class Firms:
    """Finds the places of branches in what was refused, or answered by a city.

    Args:
        matcher: has the names.
        short: tells how common a short name is.
        complete: completes the place that stands between firm and branch.
    """

    def __init__(
        self, matcher: Matcher, short: Callable[[], ShortNames], complete: Callable[[str], Completion]
    ) -> None:
        self.matcher, self.table, self.short, self.complete = matcher, matcher.table, short, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that a branch's name gives, or ``answer`` itself if that says as much."""
        text = answer.input
        if len(text) > LONGEST or not (text[-1:] in ENDS or "局" in answer.detail):
            return answer  # most addresses
        if len(answer.code) > 4 and answer.status not in REFUSALS:
            return answer
        return self._branch(answer) or self._office(answer) or answer

    def _branch(self, answer: Completion) -> Completion | None:
        """Return the answer of the place before the word for a branch."""
        text = answer.input
        if text[-1:] not in ENDS or HEAD.search(text) is None or (found := BRANCH.fullmatch(read(text).plain)) is None:
            return None
        if ROAD.search(found["place"]) and NOT_ALONE.search(text) is None:
            return None  # an outlet in 临夏路 is in any city
        place = self.complete(found["place"])
        whole = place.status not in REFUSALS and not place.detail and not place.lead
        if not whole or (place.confidence or 0.0) < LEAST or not self._is_certain(place, text):
            return None
        around = answer.status in REFUSALS or place.code.startswith(answer.code)
        if not around and WRITTEN.search(found["head"]) and not self._is_certain(place):
            return None
        if any(note.endswith(AGAINST.format("")) for note in place.notes):
            return None
        if answer.status not in REFUSALS and answer.code.startswith(place.code):
            return None
        label = LABEL.match(text)
        at = label.end() if label else 0
        confidence = min(place.confidence or 0.0, LESS_SURE)
        return Completion.known(text, place.path, text[at:], confidence, BY_TABLE, notes=place.notes, lead=text[:at])

    def _is_certain(self, place: Completion, text: str = "") -> bool:
        """Whether a place is named in full, by two names, down to a town, or by a short name that few others have.

        Args:
            place: the answer to the place's name.
            text: the name of the branch. Without it no short name alone is enough.
        """
        match = self.matcher.match(place.input)
        used = match.candidates[0].used if match.equal else ()
        if len(used) > 1 or any(name.kind == FULL for name in used) or bool(place.path.name("town")):
            return True
        name = place.input
        if not text or NOT_ALONE.search(text) or name in NO_CITIES:
            return False
        if not used or used[0].kind != SHORT or used[0].code != place.code:
            return False
        if len(place.code) < 6:
            return True
        common = name in COMMON_WORDS or GENERIC.fullmatch(name) is not None
        only = len(self.short().by_name[name].get("county", ())) == 1
        rare = (only and STATE.search(text) is not None) or is_rarely_another(name, used[0].name, self.short())
        return not common and rare

    def _office(self, answer: Completion) -> Completion | None:
        """Return the answer of the district that an office of its city is for."""
        if answer.status in REFUSALS or "局" not in answer.detail:
            return None
        found = OFFICE.match(read(answer.detail).plain)
        if found is None:
            return None
        counties = [
            county
            for county in self.table.at("county")
            if county.code.startswith(answer.code) and found["name"] in {county.name, *short_names(county.name)}
        ]
        if len(counties) != 1:
            return None
        path = self.table.path(counties[0].code)
        confidence = min(answer.confidence or 0.0, LESS_SURE)
        return replace(answer, path=path, full=path.full + answer.detail, confidence=confidence, alternatives=())
