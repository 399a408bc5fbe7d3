"""Every name that an address may hold, with the divisions it can mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import product

from buqi.divisions.meaning import COST, FORMER, FULL, SHORT, Meaning
from buqi.divisions.mistyping import MistypedNames
from buqi.divisions.names import short_name, short_names
from buqi.divisions.table import FormerName, Table, load_former, load_table
from buqi.divisions.trade import trade_zones
from buqi.divisions.words import ANY_ZONE

GENERIC = re.compile(
    r"[东西南北中上下前后新老][城关山湖河沙江门安岗坡港区乡]|[城河湖江山海][东西南北中关口]|(?:红旗|解放|和平|新华|胜利|人民|前进|向阳|东风"
    r"|光明|滨海|团结|建设|工农|友谊|永红|长青|五星|青年|立山|文峰|龙山|凤凰|平安|惠民|新兴|兴安|永安|南市|东方|新市)"
)
# Characters of names whose traditional form does not turn back into them: 于河 is 於河 in traditional script,
# but 於潜 is written so in simplified script too.
TRADITIONAL = dict(zip("于干馀钜泄幺着鲇台𬒗𬕂鿎𬜯", "於乾余巨洩么著鲶枱𥗽篢䃮䓣", strict=True))
ROAD_END = re.compile(r"大?道|大?街|路(?!口)|巷|弄|大?桥|大学|学院|师范|职业|理工")
COMPOUND = re.compile(r"[园校厂矿景社小库林牧山厅]区$")
OLD = 2000  # a common name given up before says little
THIS_YEAR = 2024  # the last of the yearly tables
FADING = 0.04  # a former name costs this much more for each year since, up to 1.5


class Lexicon:
    """Names by their text, and by their sound and pattern for what is mistyped."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.names: dict[str, list[Meaning]] = defaultdict(list)
        shorts: dict[str, list[Meaning]] = defaultdict(list)
        for code, division in table.by_code.items():
            level = (len(code) + 1) // 2 if len(code) < 9 else 4
            level = min(level, 4)
            for written in spellings(division.name):
                self.names[written].append(Meaning(code, FULL, division.name, level))
            if division.name.endswith("街道") and len(division.name) > 3:
                # Most subdistricts were towns, and the office is often written for the subdistrict.
                base = division.name.removesuffix("街道")
                self.names[base + "镇"].append(Meaning(code, FORMER, division.name, level, COST["kind"]))
                self.names[base + "办事处"].append(Meaning(code, FORMER, division.name, level, COST[FORMER]))
            if level == 4 and division.name.endswith("镇镇"):  # 乌镇镇 is called 乌镇
                self.names[division.name[:-1]].append(Meaning(code, FORMER, division.name, level, COST[FORMER]))
            if level < 4:
                for short in short_names(division.name):
                    cost = COST[SHORT] + COST["generic"] * bool(level > 2 and GENERIC.fullmatch(short))
                    shorts[short].append(Meaning(code, SHORT, division.name, level, cost))
        self.zones: set[str] = set()
        for former in load_former():
            if former.kind == "zone":
                self.zones.add(former.name)
                self.names[former.name].append(Meaning(former.successor, FORMER, former.name, 4, self._zone(former)))
                continue
            cost = min(COST[FORMER] + FADING * max(0, THIS_YEAR - former.until), 1.5)
            level = {"city": 2, "county": 3, "town": 4}[former.kind]
            old = level == 3 and former.until < OLD and GENERIC.fullmatch(short_name(former.name))
            alone = COST["generic"] if old else 0.0  # 北城区: several cities had one
            self.names[former.name].append(Meaning(former.successor, FORMER, former.name, level, cost, alone))
            if former.kind in ("city", "county"):
                for short in short_names(former.name):
                    if short not in shorts:
                        shorts[short].append(Meaning(former.successor, FORMER, former.name, level, cost + COST[SHORT]))
        for name, code in trade_zones(table):
            self.zones.add(name)
            self.names[name].append(Meaning(code, FORMER, name, 4, COST[FORMER]))
        provinces = {short for division in table.at("province") for short in short_names(division.name)}
        for short in provinces:  # 河南 is the province before it is 河南蒙古族自治县
            shorts[short] = [m if m.level == 1 else m._replace(alone=COST["province"]) for m in shorts[short]]
        for short, meanings in shorts.items():
            if short not in self.names:
                self.names[short] = meanings
            else:
                self.names[short] += meanings
        self.stubs: dict[str, list[Meaning]] = defaultdict(list)
        for county in table.at("county"):
            if (stub := short_name(county.name)) not in (county.name, *short_names(county.name)):
                self.stubs[stub].append(Meaning(county.code, SHORT, county.name, 3, COST[SHORT]))
        for district in (d for d in table.at("county") if d.code.startswith("71") and d.name.endswith("区")):
            for kind in "乡镇市":  # of a county that became a city; one of the three was its name
                name = district.name[:-1] + kind
                if len(name) > 2 and name not in self.stubs:
                    self.stubs[name] = [Meaning(district.code, FORMER, name, 3, COST[FORMER])]
        self.whole = {name for name, found in self.names.items() if any(m.kind == FULL for m in found)}
        self.reach: dict[str, int] = {}
        for name in self.names:
            start = name[:2]
            if len(name) > self.reach.get(start, 0):
                self.reach[start] = len(name)

    def is_zone(self, meaning: Meaning) -> bool:
        """Whether a name that was read is a zone's. A county of today (滨海新区) is none."""
        return meaning.kind == FORMER and meaning.name in self.zones

    def _zone(self, zone: FormerName) -> float:
        """Return what a zone's name is worth less: little if it bears the name of the county it lies in."""
        around = self.table.by_code[self.table.county_of(zone.successor)].name
        own = any(zone.name.startswith(short) for short in short_names(around))
        return COST[SHORT] if own else COST["zone"]

    def starting(self, text: str, at: int, under: bool = False) -> Iterator[tuple[int, list[Meaning]]]:
        """Yield (length, meanings) of every name that ``text`` has at a position, longest first.

        Args:
            text: as the matcher reads it.
            at: the position.
            under: whether another name stands before it; then short names count that alone may be anything (鄂伦春).
        """
        for length in range(self.reach.get(text[at : at + 2], 0), 1, -1):
            name = text[at : at + length]
            found = self.names.get(name)
            if under and name in self.stubs:
                found = [*(found or ()), *self.stubs[name]]
            if found is not None and at + length <= len(text):
                yield length, found

    @cached_property
    def _upper(self) -> MistypedNames:
        """Full and former names of provinces, cities and counties."""
        upper = {
            name: [m for m in found if m.level < 4 and m.kind != SHORT and m.name == name]
            for name, found in self.names.items()
        }
        return MistypedNames({name: found for name, found in upper.items() if found})

    def mistyped(self, text: str, at: int) -> Iterator[tuple[int, list[Meaning]]]:
        """Yield (length, meanings) of province, city and county names that ``text`` may have meant at a position."""
        if ANY_ZONE.match(text, at):
            return
        for length, found in self._upper.starting(text, at):
            if COMPOUND.search(text[at : at + length]):  # 光明园区 is no 光明区 with a character too many
                found = [m for m in found if m.kind not in ("added", "other")]
            # 井冈山大道 is a road, 扎兰屯东街 is one in 扎兰屯市
            if text[at : at + length] in self.names and ROAD_END.match(text, at + length):
                window = text[at : at + length]
                found = [m for m in found if m.kind != "missing" or m.name[:-1] != window]
            if found:
                yield length, found


def spellings(name: str) -> list[str]:
    """Return a name, and how it may read when it was written in traditional script."""
    choices = [character + TRADITIONAL.get(character, "") for character in name]
    return ["".join(written) for written in product(*choices)]


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Return the lexicon of the shipped table."""
    return Lexicon(load_table())
