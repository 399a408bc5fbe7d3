"""Names before and behind those of an answer that go against it: they are noted.

Two whole names of another place may stand there (中华南路3号(原地址遵义市汇川区北京路4号) in 贵阳), or a city or
county with a house in it, or another county of the city, or a town that the county does not have: 密山市穆棱镇.
"""

from __future__ import annotations

from dataclasses import replace

from buqi.address.completion import AGAINST, NO_SUCH_TOWN, REFUSALS, Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.address.county_beside import county_beside
from buqi.address.moved_towns import COUNTY, left_town
from buqi.divisions import Matcher
from buqi.divisions.meaning import FORMER, FULL, SHORT, Meaning
from buqi.divisions.name_patterns import NOT_SHORT, OWN_KINDS
from buqi.divisions.table import MUNICIPALITIES
from buqi.divisions.text import read
from buqi.divisions.words import HAN
from buqi.expressions import expression

# What two whole names, or one and a house, hold. Most addresses have nothing of the kind behind their own names.
TWO_NAMES = expression(
    rf"[省市州盟县旗区](?:(?<![小社园厂校库片景]区)(?={HAN}{{1,11}}?(?:[市区县旗镇乡]|街道))"
    rf"|(?<=[市县旗]){HAN}{{2,6}}?(?:路|街|大道)[0-9])"
)
HOUSE = expression(rf"{HAN}{{2,6}}?(?:路|街|大道)[0-9]+号")
TOWN = expression(r"(?:镇|乡|街道|苏木)$")
# What stands behind a town's name, and not behind the beginning of a longer one: 新华街道口, 大桥乡村道.
NO_TOWN = expression(r"[口村路街道巷里站桥港]|(?:大道|公路|中[小]?学)")
BRANCH = "分(?:部|店|厂|公司)在?"
JOIN = expression(f"以?及|[和与到至]|{BRANCH}")  # at the front, or before the end of a journey, or a branch elsewhere
JOINED = expression(rf"(?:以?及|[和与]){HAN}{{1,8}}?[区县市旗]")
TO = expression(f"[到至]|{BRANCH}")
PROVINCE = 2  # characters of its code
SHORTEST_TOWN = 3  # characters; shorter names are words of other things too
SEATS = "城关"  # most counties had a town of this name


def may_name_another(line: str, start: int) -> bool:
    """Whether names of another place may stand behind ``start``; to look closer takes longer."""
    return TWO_NAMES.search(line, start) is not None


def may_join(line: str, start: int) -> bool:
    """Whether 和 or 到 may join another place behind ``start``."""
    return JOINED.match(line, start) is not None or TO.search(line, start) is not None


class OtherPlaces:
    """Finds the names of other places in what is left of an address.

    Args:
        matcher: has the names.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher, self.lexicon, self.table = matcher, matcher.lexicon, matcher.table

    def noted(self, answer: Completion) -> Completion:
        """Return an answer with a note of such names. Names of another place also make it less sure."""
        if answer.status in REFUSALS:
            return answer
        for text in filter(None, (answer.lead, answer.detail)):
            names = self._names_in(text, answer.code)
            if names and not _is_noted(names, answer):
                confidence = min(answer.confidence or 0.0, MOST_AGAINST)
                return replace(answer, notes=(*answer.notes, AGAINST.format(names)), confidence=confidence)
        other = self._joined(answer) or county_beside(answer, self.matcher)
        if other and not _is_noted(other, answer):
            confidence = min(answer.confidence or 0.0, MOST_AGAINST)
            return replace(answer, notes=(*answer.notes, AGAINST.format(other)), confidence=confidence)
        plain = read(answer.detail).plain if answer.detail else ""
        town = self._town(plain, answer) if plain else ""
        if town and not _is_noted(town, answer):
            county = answer.path.divisions[-1].name
            if len(answer.code) == PROVINCE and answer.code not in MUNICIPALITIES:  # 江西省万宁县
                confidence = min(answer.confidence or 0.0, MOST_AGAINST)
                return replace(answer, notes=(*answer.notes, AGAINST.format(town)), confidence=confidence)
            written = county in answer.input and len(answer.code) > 4  # 江县永平镇 may be another county than 绛县
            written = written and not self._is_near(town, answer)
            confidence = min(answer.confidence or 0.0, 1.0 if written else MOST_AGAINST)
            return replace(answer, notes=(*answer.notes, NO_SUCH_TOWN.format(town, county)), confidence=confidence)
        return self._without_left(answer, plain) if plain and len(answer.code) == COUNTY else answer

    def _without_left(self, answer: Completion, detail: str) -> Completion:
        """Return an answer with a note of a town that lies in another county today (鄞州区石碶), which may be meant."""
        county = answer.path.divisions[-1]
        stem = left_town(detail, county.code, self.matcher)
        if not stem or _is_noted(stem, answer):
            return answer
        confidence = min(answer.confidence or 0.0, MOST_AGAINST)
        return replace(answer, notes=(*answer.notes, NO_SUCH_TOWN.format(stem, county.name)), confidence=confidence)

    def _joined(self, answer: Completion) -> str:
        """Return another county that 和 or 到 joins to the answer's (锦江区和青羊区), or a city at a journey's end."""
        if JOIN.search(answer.detail) is None:
            return ""
        text = read(answer.detail).plain
        for join in JOIN.finditer(text):
            city = TO.match(join.group()) is not None
            if not city and join.start():
                continue
            for length, meanings in self.lexicon.starting(text, join.end()):
                end = join.end() + length
                short = city and NOT_SHORT.match(text, end) is None
                named = [m for m in meanings if m.level < 4 and (m.kind == FULL or (short and _is_short_city(m)))]
                if named and (length > 2 or short) and not any(_in_one_place(m.code, answer.code) for m in named):
                    return text[join.end() : end]
        return ""

    def _names_in(self, text: str, code: str) -> str:
        """Return the first whole names of another place as they are written in ``text``, ``""`` if there are none."""
        reading = read(text)
        found = self._names(reading.plain, code) if may_name_another(reading.plain, 0) else None
        return text[slice(*reading.span(*found))] if found else ""

    def _names(self, text: str, code: str) -> tuple[int, int] | None:
        """Return from where to where the first whole names of another place stand; ``None`` if there are none."""
        said = 0  # end of names of the answer's own place
        for at in range(len(text) - 1):
            if at < said:
                continue
            for length, meanings in self.lexicon.starting(text, at):
                above = [m for m in meanings if m.kind == FULL and m.level < 4]
                found = self._deeper(text, at + length, above)
                if found is None:
                    continue
                end, deepest = found
                if not any(_in_one_place(name.code, code) for name in deepest):
                    return at, end
                said = end
                break
        return None

    def _deeper(self, text: str, at: int, above: list[Meaning]) -> tuple[int, list[Meaning]] | None:
        """Return the end and the meanings of the whole names that stand behind that of a division they lie in.

        A house behind a city or county is as good; not behind a district, as more places are called so than the table
        has. ``None`` if neither stands there.
        """
        names, end = above, at
        while under := self._under(text, end, names):
            end, names = under
        if end > at:
            return end, names
        own = [m for m in above if m.name[-1] in OWN_KINDS and len(m.name) > 2]
        house = HOUSE.match(text, at) if own else None
        return (house.end(), own) if house else None

    def _under(self, text: str, at: int, above: list[Meaning]) -> tuple[int, list[Meaning]] | None:
        """Return the end and the meanings of the whole name of something in one of the divisions ``above``."""
        for length, meanings in self.lexicon.starting(text, at) if above else ():
            whole = [m for m in meanings if m.kind == FULL]
            under = [m for m in whole if any(m.code.startswith(a.code) and m.code != a.code for a in above)]
            if under:
                return at + length, under
        return None

    def _town(self, text: str, answer: Completion) -> str:
        """Return the whole name that a text begins with, if only towns of other counties have it; else ``""``."""
        if answer.path.name("town"):
            return ""
        has_towns = self._has_towns(answer.path.divisions[-1].code)
        for length, meanings in self.lexicon.starting(text, 0):
            if self._is_former_county(text[:length], meanings, answer):
                return text[:length]
            if not has_towns:
                continue
            towns = {m.code for m in meanings if m.kind == FULL and m.level == 4}
            if not towns or length < SHORTEST_TOWN:
                continue
            name = text[:length]
            if len(answer.code) < 6 and len(meanings) > 1 and self.table.has_counties(answer.code):
                return ""  # the city may have had a town of a common name
            if any(m.code.startswith(answer.code) for m in meanings) or name.startswith(SEATS):
                return ""
            return name if TOWN.search(name) and NO_TOWN.match(text, length) is None else ""
        return ""

    def _is_near(self, town: str, answer: Completion) -> bool:
        """Whether another district of the city has a town that a district lacks: 武进区新桥镇 is in 新北区 today."""
        county = answer.path.divisions[-1]
        towns = [m.code for m in self.lexicon.names.get(town, ()) if m.level == 4 and len(m.code) == 9]
        return county.name.endswith("区") and any(code[:4] == county.code[:4] for code in towns)

    def _is_former_county(self, name: str, meanings: list[Meaning], answer: Completion) -> bool:
        """Whether a name behind a city is that of a county that lay elsewhere, and never there: 黄冈市新洲县."""
        if (
            not (len(answer.code) == PROVINCE or self.table.has_counties(answer.code))
            or name[-1] not in OWN_KINDS
            or len(name) < SHORTEST_TOWN
        ):
            return False
        counties = [m for m in meanings if m.level == 3 and m.name == name and m.kind == FORMER]
        return bool(counties) and not any(m.code.startswith(answer.code) for m in meanings)

    def _has_towns(self, code: str) -> bool:
        return len(code) in (4, 6) or code in MUNICIPALITIES


def _is_short_city(meaning: Meaning) -> bool:
    """Whether a meaning is the short name of a city or province."""
    return meaning.kind == SHORT and meaning.level < 3


def _is_noted(names: str, answer: Completion) -> bool:
    """Whether a note says something of the names already, or of a part of them."""
    noted = [note.partition(":")[0] for note in answer.notes]
    return any(names in other or other in names for other in noted)


def _in_one_place(one: str, other: str) -> bool:
    """Whether one of two divisions lies in the other, or both in one county."""
    one, other = one[:6], other[:6]
    return one.startswith(other) or other.startswith(one)
