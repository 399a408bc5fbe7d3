"""Towns behind their county that are not written as the table has them.

They are written as another kind (乡 for 镇, 街 for 街道) or mistyped, or they lie in another county today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from buqi.divisions.brief_kinds import is_brief
from buqi.divisions.chain import CONTRADICTION, WEIGHT, Hypothesis, State, contradicted, grow
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.look_alikes import with_look_alikes
from buqi.divisions.meaning import COST, FORMER, FULL, MOVED, SHORT, Meaning
from buqi.divisions.mistyping import slip
from buqi.divisions.names import PEOPLES, short_name
from buqi.divisions.sounds import sound
from buqi.divisions.stems import town_stem
from buqi.divisions.town_beginnings import TownBeginnings
from buqi.expressions import expression

# How the kind of a town is written. 街 and 办 stand for a subdistrict only before the name of something in it.
OFFICE = r"(?:街道?)?办事处|街道办|街办"
OFFICE_KIND = expression(r"[街办]")
KIND = expression(
    rf"(?:{OFFICE}|街道(?!上)|民族乡|乡(?![村里道])|镇|苏木)|(?P<brief>街(?![道办坊到倒导])|办(?![公案事]))"
)
# Ends of towns' names written by their sound: 柳新真, 蒋村街到.
ENDS_HEARD = dict(zip("真振阵正到倒导香相", "镇镇镇镇道道道乡乡", strict=True))
# Behind such an end: the road that it begins. 长安振安路 is 振安路 in 长安镇.
ROAD_HEARD = expression(r"[\u4e00-\u9fff]?[东西南北中一二三四五六]?(?:路|大道|大?街(?!道)|巷)")
NAMED_ROAD = expression(r"路|大道|大?街(?!道)|巷")
SURELY_HEARD = "真阵"  # begin few other names
# A town may stand ahead.
AHEAD = expression(rf"[\u4e00-\u9fff]{{1,9}}?[乡镇街办道木{''.join(ENDS_HEARD)}]")
# A town's name is not meant where this follows: 龙王塘路.
GOES_ON = expression(r"公路|[东西南北中一二三四]*(?:[路街道巷桥河村站港镇乡]|大[道街桥])|(?:国际)?机场")
PEOPLE = expression(rf"(?<=..)(?:(?:{PEOPLES})族?)+乡$")
END_KINDS = ("街道", "镇", "乡", "苏木")
END = expression(rf"(?:{'|'.join(END_KINDS)})$")
ENDS = "道镇乡木"
KIND_STARTS = frozenset("街办民乡镇苏")  # what a kind begins with
LONGEST_TOWN = 9  # characters of a town's name
KEPT_COUNTIES = 4000  # counties whose towns are kept by their ends: all of the country
KEPT_OTHERS = 500  # divisions of which other things are kept
LONG_TOWN = 3  # characters of a town's name that is rarely another's
FEW_NAMESAKES = 2  # towns of a name: as few are not what is meant in a county that had one of that name
FEW_TOWNS = 5  # towns of one name. Of a commoner name, the county may have a town that no list has


class TownReader:
    """Reads towns behind their county.

    Args:
        lexicon: knows the names, and the towns of each county.

    Attributes:
        stems: returns the names without their kind of the towns of a province, city or county, given its code.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon, self.table = lexicon, lexicon.table
        self._beginnings = TownBeginnings(lexicon.table)
        self._ending = lru_cache(maxsize=KEPT_COUNTIES)(self._by_end)
        self._fronts = lru_cache(maxsize=KEPT_OTHERS)(self._by_front)
        self.stems = lru_cache(maxsize=KEPT_OTHERS)(self._stems)

    def read(self, text: str, state: State) -> Iterator[State]:
        """Yield ``state`` with the town that stands where it ends, if it has a county and none of its towns fits."""
        best = state.best
        if best is None or len(best.code) > 6 or self.table.has_counties(best.code) or best.names[-1] is None:
            return
        named = [m for _, meanings in self.lexicon.starting(text, state.at) for m in meanings]
        if not named and AHEAD.match(text, state.at) is None:
            return  # a road or an estate follows
        if any(len(m.code) == 9 and m.code.startswith(best.code) for m in named):
            return
        if other := self.other_kind(text, state.at, best.code):
            found = grow(state, state.at, state.at + other[0], [other[1]])
        elif (moved := self._moved(text, state)) is not None:
            found = moved
        elif wrong := self.mistyped(text, state.at, best.code):
            found = grow(state, state.at, state.at + wrong[0], [wrong[1]])
        elif _is_certain(best.names) and (length := self._elsewhere(named, best.code)):
            found = contradicted(state, state.at + length)
        else:
            return
        if found is not None:
            yield found

    def other_kind(self, text: str, at: int, county: str) -> tuple[int, Meaning] | None:
        """Return (length, meaning) of the one town that stands at a position with another kind: 七里镇 for 七里乡.

        Args:
            text: as the matcher reads it.
            at: the position.
            county: code of the county, or of a city without counties.
        """
        if AHEAD.match(text, at) is None:
            return None
        ends = range(min(LONGEST_TOWN, len(text) - at - 1), 1, -1)
        lengths = [length for length in ends if text[at + length] in KIND_STARTS]
        stems = self._called(county, text[at : at + 2]) if lengths else {}
        for length in lengths if stems else ():
            named = stems.get(text[at : at + length], [])
            kind = KIND.match(text, at + length) if named else None
            if kind is None:
                continue
            if kind["brief"] and not is_brief(text, at, kind.span(), county):
                continue
            office = OFFICE_KIND.search(kind.group()) is not None
            found = [town for town in named if town[1].endswith("街道") == office] or named
            if len(found) == 1:
                code, name = found[0]
                return kind.end() - at, Meaning(code, "suffix", name, 4, COST["suffix"])
        return None

    def stems_at(self, text: str, at: int, county: str) -> list[str]:
        """Return the names without their kind of the towns of a county that may stand at a position.

        They begin as the text does there. Names of one character are left out.
        """
        return [town_stem(name) for _, name in self._beginnings.towns(county, text[at : at + 2])]

    def called(self, text: str, county: str) -> str:
        """Return the code of the one town whose name without its kind begins a text, or ``""``: 龙王塘万科.

        A name of two characters must be the whole text (庄河市大郑), or follow a city without counties (东莞虎门).
        """
        own = short_name(self.table.by_code[county].name)
        stems, shortest = self._called(county, text[:2]), 2 if len(county) == 4 or len(text) == 2 else 3
        for length in range(min(LONGEST_TOWN, len(text)), shortest - 1, -1) if stems else ():
            named = stems.get(text[:length], [])
            like_road = length < len(text) and text[length - 1] in "路街道巷区站"
            like_road = like_road or (length < len(text) and text[:length] == own)  # 石河子大学
            if len(named) == 1 and not like_road and GOES_ON.match(text, length) is None:
                return named[0][0]
        return ""

    def mistyped(self, text: str, at: int, county: str) -> tuple[int, Meaning] | None:
        """Return (length, meaning) of the one town that is mistyped at a position. Arguments as for `other_kind`."""
        if AHEAD.match(text, at) is None:
            return None
        for length in range(min(LONGEST_TOWN, len(text) - at), 2, -1):
            window = text[at : at + length]
            if window[-1] not in ENDS:
                heard = window[-1] in ENDS_HEARD and ROAD_HEARD.match(text, at + length) is None
                if heard and (town := self._heard(window, county)):
                    return length, town
                continue
            meant = self._meant(window, county)
            # A town of that name is likelier meant than another one mistyped.
            known = bool(meant) and window in self.lexicon.names
            meant = meant if known else with_look_alikes(window, meant)
            found = {name: kind for name, kind in meant.items() if _is_likely(window, name, kind, known)}
            sure = {name: kind for name, kind in found.items() if kind not in ("other", "missing", "added")} or found
            if sure and (window[-1] == "道" or NAMED_ROAD.match(text, at + length) is None):  # 七宝新镇路
                name, kind = next(iter(sure.items()))
                code = self._ending(county)[name[-1]][name]
                return (length, Meaning(code, kind, name, 4, COST[kind])) if len(sure) == 1 else None
        return None

    def _heard(self, window: str, county: str) -> Meaning | None:
        """Return the one town whose kind is written by its sound: 柳新真, 铜官真 for 铜官街道, 虎们真 for 虎门镇."""
        end = ENDS_HEARD[window[-1]]
        towns, name = self._ending(county).get(end, {}), window[:-1] + end
        code = towns.get(name, "")
        if not code and window[-1] in SURELY_HEARD:
            other = self.other_kind(name, 0, county)
            alike = [meant for meant, kind in self._meant(name, county).items() if kind == "sound"]
            if other is not None and other[0] == len(name):
                code, name = other[1].code, other[1].name
            elif len(alike) == 1:
                code, name = towns[alike[0]], alike[0]
        return Meaning(code, "sound", name, 4, COST["sound"]) if code else None

    def _moved(self, text: str, state: State) -> State | None:
        """Return ``state`` with a town that lay in the county that was read. Today another county of the city has it.

        宝安区公明街道 is in 光明区 now. 南郊区口泉乡 is in 云冈区: its county was split. It need not be known that the
        town lay in that county where few towns of the country have its name: 青山区八吉府街道 is in 洪山区.
        """
        best = state.best
        county = best.names[-1] if best else None
        if best is None or county is None or county.level != 3 or len(best.code) != 6:
            return None
        for length, meanings in self.lexicon.starting(text, state.at):
            full = [m for m in meanings if m.kind == FULL and m.level == 4]
            today = [m for m in full if m.code[:4] == best.code[:4]]
            end, name = state.at + length, text[state.at : state.at + length]
            if former := not today and (self._former_near(name, meanings, best) or self._raised(text, end, name, best)):
                today = former
            if len(today) != 1 or any(len(m.code) == 9 and m.code.startswith(best.code) for m in meanings):
                continue
            around = self.table.by_code[today[0].code].parent
            if len(today[0].code) == 6 and text.startswith(self.table.names[today[0].code][-1], end):
                end += 1  # 霍邱县叶集区
            had_it = any(m.kind == FORMER and m.code == best.code for m in meanings)
            had_it = had_it and (len(full) <= FEW_TOWNS or self._is_district(best.code))
            was_here = county.kind == FORMER or had_it
            if was_here or former or (county.kind == FULL and len(full) <= FEW_TOWNS):
                names = (*best.names[:-1], county._replace(kind=MOVED, code=around), today[0])
                town = Hypothesis(today[0].code, best.score + WEIGHT[4], names)
                left = Hypothesis(best.code, best.score - CONTRADICTION, (*best.names, None))
                return State(end, (*state.spans, (state.at, end)), {town.code: town, left.code: left})
        return None

    def _raised(self, text: str, end: int, name: str, best: Hypothesis) -> list[Meaning]:
        """Return the county of today that a town of a name without its kind became: 霍邱县叶集, 苍南县龙港."""
        if GOES_ON.match(text, end) is not None:
            return []
        town = name + END_KINDS[1]
        found = self._former_near(town, self.lexicon.names.get(town, ()), best)
        return [m for m in found if len(m.code) == 6 and self.table.names[m.code][:-1] == name]

    def _former_near(self, name: str, meanings: Sequence[Meaning], best: Hypothesis) -> list[Meaning]:
        """Return what had a town's name before in the city of the county that was read, each once.

        长沙县暮云镇 is 暮云街道 in 天心区, 苍南县龙港镇 is 龙港市. Where other towns have the name today, one in the
        province or several, the county must be a former one too, or the town be in the list, the city be named and both
        counties be districts: 西华县城关镇 is not the former 城关镇 of 扶沟县.
        """
        near = [m for m in meanings if m.kind == FORMER and m.level == 4 and m.code[:4] == best.code[:4]]
        counties = [m for m in near if len(m.code) == 6 and self.table.names[m.code][:-1] == name[:-1]]
        if counties:
            return counties[:1]
        county, listed = best.names[-1], [m for m in near if len(m.code) == 9 and m.name == name]
        if county is None or county.kind == SHORT:
            return []
        full = [m for m in meanings if m.kind == FULL]
        close = any(m.code.startswith(best.code[:2]) for m in full)  # 穆棱镇 is in the same province as 密山市
        if county.kind != FORMER and (close or len(full) > FEW_NAMESAKES):
            city = _names_city(best.names)
            near = [m for m in listed if city and self._is_district(best.code) and self._is_district(m.code[:6])]
        return list({m.code: m for m in near if len(m.code) == 9}.values())

    def _is_district(self, county: str) -> bool:
        """Whether a county is a district: towns of these moved (振兴区汤池镇). Two counties may each have a 城关镇."""
        return self.table.names[county].endswith("区")

    def _elsewhere(self, named: list[Meaning], county: str) -> int:
        """Return the length of a whole name that a town in another county of the city or municipality has, or 0.

        A longer name may also be that of the only such town in the country: 东城区墟沟街道.
        """
        around = county[: 2 if len(self.table.path(county).divisions) < 3 else 4]
        full = [m for m in named if m.kind == FULL and m.level == 4]
        lone = full if len(full) == 1 and len(named) == 1 and len(full[0].name) >= LONG_TOWN else []
        return max((len(m.name) for m in full if m.code.startswith(around) or m in lone), default=0)

    def _stems(self, code: str) -> frozenset[str]:
        """Return the names without their kind of the towns of a province, city or county."""
        return frozenset(town_stem(town.name) for town in self.table.towns_below(code))

    def _meant(self, window: str, code: str) -> dict[str, str]:
        """Return the towns that a text may be mistyped for, each with how it is mistyped. They end as the text does.

        The few towns of a county are all compared.
        """
        towns = self._ending(code).get(window[-1], {})
        near = [name for name in self._like(window, code) if name in towns] if len(code) < 6 else towns
        slips = [(name, slip(window, name)) for name in near if -2 < len(name) - len(window) < 2]
        return {name: kind for name, kind in slips if kind}

    def _like(self, window: str, code: str) -> set[str]:
        """Return the towns of a province or city that begin so that a text may be mistyped for them.

        A slip behind the first character leaves that. One in it leaves what follows, or the two are swapped.
        """
        fronts = self._fronts(code)
        keys = sound(window[0]), window[1:3], window[:2], window[1]
        return {name for key in keys for name in fronts.get(key, ())}

    def _by_front(self, code: str) -> dict[str, set[str]]:
        """Return the towns of a division by their first character, by its sound, and by the two that follow."""
        fronts: dict[str, set[str]] = {}
        for name in self.table.town_names(code).values():
            for key in (sound(name[0]), name[0], name[1:3]):
                fronts.setdefault(key, set()).add(name)
        return fronts

    def _by_end(self, county: str) -> dict[str, dict[str, str]]:
        """Return codes of the towns of a county by their last character and name."""
        towns: dict[str, dict[str, str]] = {}
        for code, name in self.table.town_names(county).items():
            towns.setdefault(name[-1], {})[name] = code
        return towns

    def _called(self, county: str, beginning: str) -> dict[str, list[tuple[str, str]]]:
        """Return code and name of the towns of a county that begin with ``beginning``, by what they are called."""
        stems: dict[str, list[tuple[str, str]]] = {}
        for code, name in self._beginnings.towns(county, beginning):
            for stem in {town_stem(name), END.sub("", name), name, without_people(name)}:
                if len(stem) > 1:
                    stems.setdefault(stem, []).append((code, name))
        return stems


def without_people(name: str) -> str:
    """Return the name of a people's township without the people and the kind: 黄道侗族乡 → 黄道; others as they are."""
    return PEOPLE.sub("", name) if name.endswith("族乡") else name


def _names_city(names: Sequence[Meaning | None]) -> bool:
    """Whether the whole name of a city is among some names."""
    return any(name is not None and name.level == 2 and name.kind == FULL for name in names)


def _is_certain(names: Sequence[Meaning | None]) -> bool:
    """Whether a county was read in full, or by its short name behind names around it."""
    last = names[-1]
    return last is not None and (last.kind == FULL or (last.kind == SHORT and len(names) > 1 and None not in names))


def _is_likely(window: str, name: str, kind: str, known: bool) -> bool:
    """Whether ``name`` may be meant by ``window``, which is mistyped as ``kind`` says.

    A character that neither sounds nor looks alike may only stand in a long name, and not at its front: 熊家庙乡 is not
    蔡家庙乡. Nor may the text be ``known`` as the name of another town. In all other ways both must end alike.
    """
    end = END.search(name)
    if kind == "added" and window[0] != name[0]:
        return False  # 陇西线巩昌镇: the county is mistyped
    if kind != "other" or end is None:
        return window[-1] == name[-1]
    return not known and window[0] == name[0] and end.start() > 2 and window.endswith(end.group())
