"""Makes the names of the table: whole, short and former ones, with the divisions that each can mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

from buqi.divisions.meaning import COST, FORMER, FULL, MISSING, SHORT, Meaning, depth
from buqi.divisions.names import short_name, short_names
from buqi.divisions.table import FormerName, Table, load_former
from buqi.divisions.trade import trade_zones
from buqi.expressions import expression
from buqi.indexes import CellLists, Lists, TextLists

GENERIC = expression(
    r"[东西南北中上下前后新老][城关山湖河沙江门安岗坡港区乡]|[城河湖江山海][东西南北中关口]|(?:红旗|解放|和平|新华|胜利|人民|前进|向阳|东风"
    r"|光明|滨海|团结|建设|工农|友谊|永红|长青|五星|青年|立山|文峰|龙山|凤凰|平安|惠民|新兴|兴安|永安|南市|东方|新市)"
)
# Characters of names whose traditional form does not turn back into them: 于河 is 於河 in traditional script,
# but 於潜 is written so in simplified script too.
TRADITIONAL = dict(zip("于干馀钜泄幺着鲇台𬒗𬕂鿎𬜯", "於乾余巨洩么著鲶枱𥗽篢䃮䓣", strict=True))
WITH_CITY = expression(r".{2,}(?:市|盟|地区).{2,}")  # a former county with its city's name: 大同市城区
DISTRICT_WITH_CITY = expression(r"(?P<city>.{2,})市(?P<district>.{1,2}区)")
OLD = 2000  # a common name that was given up before this year says little
THIS_YEAR = 2024  # the last of the yearly tables
RECENT = 2010  # the short name of a county that was given up since then counts behind its city where another has it
ONLY_UNDER = 5.0  # what makes a name count only behind a name around it
FADING = 0.04  # a former name costs this much more for each year since it was given up
MOST_FADED = 1.5  # it never costs more
MOST_FADED_CITY = 0.7  # of a whole name of a city: few of today's places are called so
# Cities of Xinjiang's production and construction corps, by their division. The 11th and the 12th have none.
CORPS = dict(
    zip(
        ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十三", "十四"),
        "阿拉尔市 铁门关市 图木舒克市 可克达拉市 双河市 五家渠市 胡杨河市 石河子市 白杨市 北屯市 新星市 昆玉市".split(),
        strict=True,
    )
)
DIGITS = dict(zip("一 二 三 四 五 六 七 八 九 十 十三 十四".split(), (*range(1, 11), 13, 14), strict=True))
RENAMED = {"三民乡": "那玛夏区"}  # a township of Taiwan, and its name today: 三民区 is another one
PARTED = {"四川省": "重庆市"}  # a province, and what was a part of it until 1997
NO_PROVINCE = expression(r"(?P<short>内蒙古|..).*(?:市|自治区)")  # it is written as a province too: 广西省
INDEX_SEPARATOR = "/"  # between the parts of a meaning in an index
Meanings = dict[str, list[Meaning]]


class LexiconNames(NamedTuple):
    """Names by their text.

    Attributes:
        names: what each can mean.
        stubs: names that count only behind another name (鄂托克前).
        zones: which are zones' names.
        whole: which are names of today in full.
        lengths: of the names by their first two characters, longest first.
    """

    names: Mapping[str, list[Meaning]]
    stubs: Mapping[str, list[Meaning]]
    zones: set[str]
    whole: set[str]
    lengths: dict[str, tuple[int, ...]]


def names_of(table: Table) -> LexiconNames:
    """Return the names of a table, of what was there before, and of free-trade zones (0.3 s)."""
    names: Meanings = defaultdict(list)
    shorts: Meanings = defaultdict(list)
    _add_divisions(table, names, shorts)
    _add_others(table, names)
    zones = _add_former(table, names, shorts)
    for name, code in trade_zones(table):
        zones.add(name)
        names[name].append(Meaning(code, FORMER, name, 4, COST[FORMER]))
    provinces = {short for division in table.at("province") for short in short_names(division.name)}
    for short in sorted(provinces):  # 河南 is the province before it is 河南蒙古族自治县
        shorts[short] = [m if m.level == 1 else m._replace(alone=COST["province"]) for m in shorts[short]]
    for short, meanings in shorts.items():
        names[short] += meanings
    whole = {name for name, found in names.items() if any(m.kind == FULL for m in found)}
    stubs = _stubs(table)
    return LexiconNames(dict(names), stubs, zones, whole, _lengths(names, stubs))


def _lengths(names: Iterable[str], stubs: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return the lengths of names by their first two characters, longest first.

    Lengths of stubs count too, but not of stubs that are longer than every name that begins so.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for name in names:
        found[name[:2]].add(len(name))
    for stub in stubs:
        if len(stub) < max(found.get(stub[:2], ()), default=0):
            found[stub[:2]].add(len(stub))
    return {beginning: tuple(sorted(lengths, reverse=True)) for beginning, lengths in found.items()}


def _add_divisions(table: Table, names: Meanings, shorts: Meanings) -> None:
    """Add the names of today, and what else they are called: short ones to ``shorts``."""
    counties = {county.name for county in table.at("county")}
    for code, division in table.by_code.items():
        level = depth(code)
        for written in spellings(division.name):
            names[written].append(Meaning(code, FULL, division.name, level))
        if division.name.endswith("街道") and len(division.name) > 3:
            # Most subdistricts were towns, and the office is often written for the subdistrict.
            base = division.name.removesuffix("街道")
            names[base + "镇"].append(Meaning(code, FORMER, division.name, level, COST["kind"]))
            names[base + "办事处"].append(Meaning(code, FORMER, division.name, level, COST[FORMER]))
        if level == 4 and len(division.parent) == 4 and division.name.endswith("区街道"):  # 中山市东区
            base = division.name.removesuffix("街道")
            names[base].append(Meaning(code, FORMER, division.name, level, COST["kind"], COST["generic"]))
        if level == 4 and division.name.endswith("镇镇"):  # 乌镇镇 is called 乌镇
            names[division.name[:-1]].append(Meaning(code, FORMER, division.name, level, COST[FORMER]))
        if level < 4 and division.name[:-1].endswith(("自治", "地")) and len(division.name) > 3:  # 临夏回族自治, 喀什地
            names[division.name[:-1]].append(Meaning(code, MISSING, division.name, level, COST[MISSING]))
        if level < 4:
            for short in short_names(division.name):
                if "自治" in division.name and short[-1] in "县旗" and short not in counties:  # 秀山县 is no other
                    names[short].append(Meaning(code, FULL, division.name, level, COST["people"]))
                    continue
                cost = COST[SHORT] + COST["generic"] * bool(level > 2 and GENERIC.fullmatch(short))
                shorts[short].append(Meaning(code, SHORT, division.name, level, cost))


def _add_others(table: Table, names: Meanings) -> None:
    """Add what divisions of the table are called beside their names: cities of Xinjiang's corps, 广西省."""
    counties = {county.name: county.code for county in table.at("county")}
    for number, name in CORPS.items():
        if code := counties.get(name):
            fronts = ("第", "农", "兵团", "兵团第", "兵团农")
            for front, said in product(fronts, (number, str(DIGITS[number]))):
                names[f"{front}{said}师"].append(Meaning(code, SHORT, name, 3, COST[SHORT]))
    provinces = {province.name: province.code for province in table.at("province")}
    for parent, part in PARTED.items():
        if code := provinces.get(part):
            for written in (parent, *short_names(parent)):
                names[written].append(Meaning(code, FORMER, parent, 1, COST[FORMER]))
    for name, code in provinces.items():
        if kind := NO_PROVINCE.fullmatch(name):
            names[f"{kind['short']}省"].append(Meaning(code, FULL, name, 1, COST["people"]))


def _add_former(table: Table, names: Meanings, shorts: Meanings) -> set[str]:
    """Add former names; return those of zones."""
    zones = set()
    for former in load_former():
        if former.kind == "zone":
            zones.add(former.name)
            names[former.name].append(Meaning(former.successor, FORMER, former.name, 4, _zone_cost(table, former)))
            continue
        cost = min(COST[FORMER] + FADING * max(0, THIS_YEAR - former.until), MOST_FADED)
        if WITH_CITY.match(former.name):
            cost = COST[FORMER]
        level, whole = {"city": 2, "county": 3, "town": 4}[former.kind], cost
        if former.name.endswith("地区"):
            whole = COST[FORMER]
        elif former.kind == "city":
            whole = min(cost, MOST_FADED_CITY)
        old = level == 3 and former.until < OLD and GENERIC.fullmatch(short_name(former.name))
        alone = COST["generic"] if old else 0.0  # 北城区: several cities had one
        successor = _of_the_stem(table, former) or former.successor
        names[former.name].append(Meaning(successor, FORMER, former.name, level, whole, alone))
        if short := _without_kind_of_city(former.name):
            names[short].append(Meaning(successor, FORMER, former.name, level, whole, alone))
        if former.kind in ("city", "county") and WITH_CITY.match(former.name) is None:
            for short in short_names(former.name):
                if former.until >= RECENT and _is_free_there(short, former.successor, shorts):  # 重庆江北
                    names[short].append(
                        Meaning(former.successor, FORMER, former.name, level, cost + COST[SHORT], ONLY_UNDER)
                    )
                if short not in shorts:
                    shorts[short].append(Meaning(former.successor, FORMER, former.name, level, cost + COST[SHORT]))
    return zones


def _without_kind_of_city(name: str) -> str:
    """Return the name of a district that has its city's name before it, without 市: 长治郊区; ``""`` of other names."""
    around = DISTRICT_WITH_CITY.fullmatch(name)
    return around["city"] + around["district"] if around else ""


def _is_free_there(short: str, code: str, shorts: Meanings) -> bool:
    """Whether a short name is that of counties elsewhere only."""
    known = shorts.get(short, [])
    elsewhere = all(m.level == 3 and m.code[:4] != code[:4] for m in known)
    return bool(known) and elsewhere


def _of_the_stem(table: Table, former: FormerName) -> str:
    """Return the code of the subdistrict of a former town's name in its county, or ``""``: 龙泉街道 for 龙泉镇."""
    if former.kind != "town" or former.name[-1] not in "镇乡" or former.successor not in table.by_code:
        return ""
    towns = table.town_names(table.county_of(former.successor))
    return next((code for code, name in towns.items() if name == former.name[:-1] + "街道"), "")


def _zone_cost(table: Table, zone: FormerName) -> float:
    """Return what a zone's name is worth less. It is little if the zone bears the name of its county."""
    around = table.by_code[table.county_of(zone.successor)].name
    own = any(zone.name.startswith(short) for short in short_names(around))
    return COST[SHORT] if own else COST["zone"]


def _stubs(table: Table) -> Meanings:
    """Return short forms of counties that may be anything without a name before them."""
    stubs: Meanings = defaultdict(list)
    for county in table.at("county"):
        if (stub := short_name(county.name)) not in {county.name, *short_names(county.name)}:
            stubs[stub].append(Meaning(county.code, SHORT, county.name, 3, COST[SHORT]))
    for county in (d for d in table.at("county") if d.code.startswith("71") and d.name[-1] in "区市"):
        names = [county.name[:-1] + kind for kind in "乡镇市"]  # one of them was its name before it was 区, or 员林市
        for name in (*names, *RENAMED):
            known = name in {county.name, *stubs} or RENAMED.get(name, county.name) != county.name
            if len(name) > 2 and not known:
                stubs[name] = [Meaning(county.code, FORMER, name, 3, COST[FORMER])]
    return dict(stubs)


def spellings(name: str) -> list[str]:
    """Return a name, and how it may read when it was written in traditional script."""
    choices = [character + TRADITIONAL.get(character, "") for character in name]
    return ["".join(written) for written in product(*choices)]


# --- as lists of an index


class MeaningLists(CellLists[Meaning]):
    """Meanings by name. They are read from their words when they are first asked for: most never are."""

    def __init__(self, words: TextLists) -> None:
        super().__init__(words.cells)
        self._made: Meanings = {}

    def __getitem__(self, name: str) -> list[Meaning]:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = [_meaning(word, name) for word in self.cells[name].split(" ")]
        return found


def to_lists(found: LexiconNames) -> dict[str, Lists]:
    """Return names as an index holds them; `from_lists` reads them."""

    def words(meanings: Mapping[str, list[Meaning]]) -> Lists:
        return {name: [_word(meaning, name) for meaning in meanings[name]] for name in meanings}

    return {
        "names": words(found.names),
        "stubs": words(found.stubs),
        "sets": {"zones": sorted(found.zones), "whole": sorted(found.whole)},
        "lengths": {beginning: list(map(str, lengths)) for beginning, lengths in found.lengths.items()},
    }


def from_lists(found: Mapping[str, TextLists]) -> LexiconNames:
    """Return what `to_lists` wrote (0.03 s)."""
    names, stubs = MeaningLists(found["names"]), MeaningLists(found["stubs"])
    lengths = {beginning: tuple(map(int, cell.split(" "))) for beginning, cell in found["lengths"].cells.items()}
    return LexiconNames(names, stubs, set(found["sets"]["zones"]), set(found["sets"]["whole"]), lengths)


def _word(m: Meaning, name: str) -> str:
    right = "" if m.name == name else m.name
    return INDEX_SEPARATOR.join((m.code, m.kind, str(m.level), repr(m.cost), repr(m.alone), right))


def _meaning(word: str, name: str) -> Meaning:
    code, kind, level, cost, alone, right = word.split(INDEX_SEPARATOR)
    return Meaning(code, kind, right or name, int(level), float(cost), float(alone))
