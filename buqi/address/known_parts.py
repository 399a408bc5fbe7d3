"""A short name and a place in it that the lists know, and nothing more: 西安曲江, 蓟州盘山, 增城永和.

A short name alone before an unknown word may be anything (长沙臭豆腐). A zone, a landmark, a scenic place or a town of
that name in the same city tells that the city is meant, or the county.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.address.no_place import DISH, GOODS
from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Candidate
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.table import MUNICIPALITIES, OVERSEAS
from buqi.divisions.text import read
from buqi.divisions.words import HAN
from buqi.expressions import expression
from buqi.gazetteer.landmarks import Landmarks, load_landmarks

PART = expression(rf"{HAN}{{2,5}}(?<![路街巷弄道村号楼组])")
# What zones everywhere are named after, and what stands in the names of many places.
NO_PLACE = expression(
    "车|电子|电源|医药|钢|纺|服装|光电|生物|材料|能源|物流|商贸|食品|软件|陶瓷|紫砂|家具|家居|化工|石材|石油|科[技创学]|文旅|农[村产机]|船舶|航[天空]"
    "|智|数字|信息|网|铝|玻璃|皮|鞋|衣|丝|茶|酒|花卉|果|粮|盐化|煤|铁路|木材|机[械电器场]|冶金|[核风]电|高铁|激光|节能"
    f"|^(?:{GENERIC.pattern})$"
)
TOWN_KINDS = ("镇", "乡", "街道")
RARE = 20  # counties that have a village of the name
SCENIC = "景区"  # behind the name of a scenic place
LONGEST = 12  # characters of a text that is read


class KnownParts:
    """Finds the places in what was refused.

    Args:
        short: the short names of divisions, and the lists.
    """

    def __init__(self, short: ShortNames) -> None:
        self.short, self.resources = short, short.resources
        self.matcher = self.resources.matcher
        self.table = self.matcher.table

    @cached_property
    def landmarks(self) -> Landmarks:
        """Cities by their landmarks."""
        return load_landmarks()

    def read(self, answer: Completion) -> Completion:
        """Return the answer that a short name and a known place in it give, or ``answer`` itself."""
        text = answer.input
        if answer.status not in REFUSALS or len(text) > LONGEST:
            return answer
        short = self.short.at(text, 0)  # most refused texts begin with none
        if not short or not PART.fullmatch(text, len(short)):
            return answer
        match = self.matcher.match(text)
        part = read(match.detail).plain
        if not match.equal or match.lead or match.front or not PART.fullmatch(part):
            return answer
        if NO_PLACE.search(part) or GOODS.match(part) or DISH.match(part):
            return answer
        found = {code for candidate in match.candidates for code in self._codes(candidate, part)}
        if len(found) != 1:
            return answer
        path = self.table.path(found.pop())
        return Completion.known(text, path, match.detail, LESS_SURE, BY_TABLE)

    def _codes(self, candidate: Candidate, part: str) -> Iterator[str]:
        """Yield the county or city of a reading if a place of a name lies in it; the city for a place beside it."""
        code, used = candidate.code, candidate.used
        short = used and all(name.kind == SHORT for name in used) and used[-1].name[:-1] not in COMMON_WORDS
        if not short or candidate.against or code.startswith(OVERSEAS) or len(code) > 6:
            return
        if len(code) == 2 and code not in MUNICIPALITIES:
            return
        places = self._places(part)
        if any(place.startswith(code) for place in places) or self._has_village(code, part):
            yield code
        elif len(code) == 6:
            city = code[:2] if code.startswith(MUNICIPALITIES) else code[:4]
            if any(place.startswith(city) for place in places) or self._begins_a_town(city, part):
                yield from (city,) * (city in self.table.by_code)

    def _places(self, part: str) -> set[str]:
        """Return the codes of the zones, landmarks, scenic places and towns of a name."""
        zones = self.resources.zones.by_name.get(part, ())
        scenic = (code for place in self.resources.listed_places.find(part + SCENIC) for code in place.codes)
        towns = (
            meaning.code
            for kind in TOWN_KINDS
            for meaning in self.matcher.lexicon.names.get(part + kind, ())
            if meaning.level == 4 and meaning.kind in (FULL, FORMER)
        )
        return {*zones, *self.landmarks.names.get(part, ()), *scenic, *towns}

    def _begins_a_town(self, city: str, part: str) -> bool:
        """Whether a town of a city has a name of one character more: 蔡家岗街道."""
        return any(
            stem.startswith(part) and len(stem) == len(part) + 1 for stem in self.matcher.names.towns.stems(city)
        )

    def _has_village(self, code: str, part: str) -> bool:
        """Whether a county has a village of a name that few counties have."""
        number = self.resources.counties.number.get(code)
        having = self.matcher.small_names.whole.counties(part + "村") if number is not None else ()
        return 0 < len(having) <= RARE and number in having
