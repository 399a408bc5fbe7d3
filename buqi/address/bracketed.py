"""Shops and firms whose bracket tells the place: 肯德基（昆山花桥店）, 中国银行（义乌市北苑支行）.

What stands in the bracket before the word for the branch is read as an address of its own. It counts if its names are
certain. The name and its bracket stay whole in the detail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from buqi.address.branch_levels import is_of_a_bank, is_rarely_another
from buqi.address.branches import CHINA, DOOR, NO_CITIES
from buqi.address.completion import AGAINST, BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.address.no_place import DISH
from buqi.address.settled import COMMON_WORDS
from buqi.address.shop_landmarks import county_before_landmark
from buqi.divisions import Match, Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.match import Used
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.name_patterns import SIDES
from buqi.divisions.table import OVERSEAS
from buqi.expressions import expression

_OPEN, _CLOSE = r"(（\[【《〔「{", r")）\]】》〕」}"
# What a branch is called at the end of a bracket.
_TAIL = (
    "(?:旗舰|专卖|直营|体验|社区|生活|[分门]|第?[一二三四五六七八九十])*店|[支分]行|分理处|营业[部所厅点]|网点|[支分子]公司|分部|门市部?|专柜"
    "|(?:生产|研发)?基地|分?工?厂|园区|总部|办事处|仓库?|站点|服务[部站]|项目部|驿站|自提点|加油站"
)
BRACKET = expression(
    rf"(?P<name>[^{_OPEN}{_CLOSE},，;；]{{2,24}})[{_OPEN}](?P<place>[^{_OPEN}{_CLOSE},，;；]{{2,20}}?)(?P<tail>{_TAIL})?[{_CLOSE}]"
)
PLACE_END = expression("(?:[区县镇乡村]|街道|(?<![超菜夜])市)$")  # of a name that is a place's
FIRM = expression("(?:公司|集团|银行)$")
LEAST = 0.8  # confidence of the place in the bracket
DOUBTFUL = 0.85  # an answer of less confidence gives way to a branch in another place: 北京同仁堂（昆山花桥店）
WEIGHED = 0.98  # of a place with something else behind one short name: 昆山花桥国际商务城
ROAD = expression("[路街道巷]$")  # a subdistrict may be called so too; a shop is on the road
LONGEST = 40  # characters of a text that is read


class BracketedPlaces:
    """Finds the places in brackets in what was refused, or answered less deep.

    Args:
        matcher: has the names.
        short: tells how common a short name is.
        complete: completes the place in the bracket.
    """

    def __init__(
        self, matcher: Matcher, short: Callable[[], ShortNames], complete: Callable[[str], Completion]
    ) -> None:
        self.matcher, self.table, self.short, self.complete = matcher, matcher.table, short, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that a bracket gives, or ``answer`` itself if that says as much."""
        text = answer.input
        if len(text) > LONGEST or (found := BRACKET.match(text)) is None:
            return answer  # most addresses
        refused = answer.status in REFUSALS
        if PLACE_END.search(found["name"]):
            return answer
        if not refused and answer.path.name("town"):
            return _whole(answer, found)
        place = self._place(found["place"], found["tail"] is not None)
        if refused and DOOR.search(found["name"]) and (place is None or not place.path.name("town")):
            return answer  # 人民路5号（朝阳店）
        if place is None or (refused and self._is_of_a_county(found["name"], place)):
            return _whole(answer, found)
        around = refused or place.code.startswith(answer.code)
        elsewhere = (answer.confidence or 0.0) < DOUBTFUL or self._is_firm(found["name"])
        doubtful = found["tail"] is not None and elsewhere
        doubtful = doubtful and not around and not answer.code.startswith(place.code)
        if not (around or doubtful) or answer.code == place.code:
            return _whole(answer, found)
        same = not refused and self.table.county_of(place.code) == answer.code  # the town is all that is new
        confidence = answer.confidence if same else min(place.confidence or 0.0, LESS_SURE)
        whole = refused or doubtful or answer.lead == CHINA or not answer.detail.endswith(text[found.end("name") :])
        lead, detail = ("", text) if whole else (answer.lead, answer.detail)
        said = place.notes or (() if refused or doubtful else answer.notes)
        return Completion.known(text, place.path, detail, confidence, BY_TABLE, place.village, notes=said, lead=lead)

    def _is_firm(self, name: str) -> bool:
        """Whether a name is a firm's that begins with its city at most: 深圳市某某公司 may have a branch anywhere."""
        if FIRM.search(name) is None or DOOR.search(name):
            return False
        match = self.matcher.match(name)
        if is_of_a_bank(match):
            return True
        return all(len(used.code) < 6 for candidate in match.candidates[:1] for used in candidate.used)

    def _is_of_a_county(self, name: str, place: Completion) -> bool:
        """Whether a firm's name begins with another county's short name: 徐汇某某超市（田林店）. A dish is none."""
        county = self.short().at(name, 0)
        levels = self.short().by_name.get(county, {})
        if set(levels) != {"county"} or DISH.match(name, len(county)) or place.path.name("town"):
            return False
        return not any(place.code.startswith(code) for code in levels["county"])

    def _place(self, text: str, branch: bool) -> Completion | None:
        """Return the answer to what a bracket holds, if its names are certain.

        Args:
            text: what it holds, without the word for a branch.
            branch: whether there is such a word.
        """
        match = self.matcher.match(text)
        used = match.candidates[0].used if match.equal else ()
        if not used or used[0].start or match.lead or match.front or used[0].code.startswith(OVERSEAS):
            return None
        found = self.complete(text)
        if found.status in REFUSALS or (found.confidence or 0.0) < LEAST or found.lead:
            return self._before_landmark(match, found) if branch else None
        if any(note.endswith(AGAINST.format("")) for note in found.notes):
            return None
        if not self._is_certain(match, used, found, branch):
            return self._before_landmark(match, found) if branch else None
        county = self.table.county_of(found.code)
        if ROAD.search(text) and not found.detail and not text.endswith(found.path.name("town") or text):
            return Completion.known(text, self.table.path(county), text, found.confidence, notes=found.notes)
        return found

    def _before_landmark(self, match: Match, found: Completion) -> Completion | None:
        """Return the answer of the county whose short name stands before a branch's landmark: 常熟万达店."""
        county = "" if found.lead else county_before_landmark(match, self.short())
        if not county or (found.status not in REFUSALS and not found.code.startswith(county)):
            return None
        return Completion.known(match.text, self.table.path(county), match.text, LESS_SURE, BY_TABLE)

    def _is_certain(self, match: Match, used: tuple[Used, ...], found: Completion, branch: bool) -> bool:
        """Whether a place is named in full, by two names, or by one short name that tells it beside a branch."""
        if any(_is_telling(name) for name in used) or len({name.code for name in used}) > 1:
            return True
        name = match.text[used[0].start : used[0].end]
        if len(used) > 1 or used[0].kind != SHORT or not found.code.startswith(used[0].code):
            return False
        if found.detail and found.code == used[0].code and (found.confidence or 0.0) >= WEIGHED:
            return True
        if len(used[0].code) < 6:
            of_city = found.code == used[0].code and branch and name not in NO_CITIES
            return of_city or (bool(found.path.name("town")) and not self.table.has_counties(used[0].code))
        if found.path.name("town"):
            return True
        if not branch or found.detail or name in COMMON_WORDS or GENERIC.fullmatch(name):
            return False
        return is_rarely_another(name, used[0].name, self.short())


def _is_telling(name: Used) -> bool:
    """Whether a name was read in full and is no side of something: 阳光花园（西区）."""
    side = set(name.name) <= SIDES or (name.name.endswith("区") and GENERIC.fullmatch(name.name[:-1]))
    return name.kind == FULL and not name.zone and not side


def _whole(answer: Completion, found: re.Match[str]) -> Completion:
    """Return an answer with a firm's name and its bracket whole in the detail: 中国 and the bracket are parts of it."""
    text = answer.input
    if answer.lead == CHINA and text.startswith(CHINA) and answer.status not in REFUSALS:
        return replace(answer, lead="", detail=text, full=answer.path.full + text)
    left = (found["tail"] or "") + text[found.end() - 1 :]
    opened = answer.lead and text[len(answer.lead) - 1] in _OPEN and len(answer.lead) <= found.start("place")
    rest = answer.detail == left or (found["tail"] and answer.detail.endswith(left))
    if answer.status in REFUSALS or not opened or not rest or found.end() < len(text):
        return answer
    return replace(answer, lead="", detail=text, full=answer.path.full + text)
