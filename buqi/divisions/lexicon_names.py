"""What every name of the table means, also the names that divisions had before and the short ones: how it is made."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import accumulate, pairwise, product
from typing import NamedTuple

import numpy as np

from buqi.divisions.meaning import COST, FORMER, FULL, SHORT, Meaning
from buqi.divisions.names import short_name, short_names
from buqi.divisions.table import FormerName, Table, load_former
from buqi.divisions.trade import trade_zones
from buqi.indexes import Arrays, numbered, packed, unpacked

GENERIC = re.compile(
    r"[东西南北中上下前后新老][城关山湖河沙江门安岗坡港区乡]|[城河湖江山海][东西南北中关口]|(?:红旗|解放|和平|新华|胜利|人民|前进|向阳|东风"
    r"|光明|滨海|团结|建设|工农|友谊|永红|长青|五星|青年|立山|文峰|龙山|凤凰|平安|惠民|新兴|兴安|永安|南市|东方|新市)"
)
# Characters of names whose traditional form does not turn back into them: 于河 is 於河 in traditional script,
# but 於潜 is written so in simplified script too.
TRADITIONAL = dict(zip("于干馀钜泄幺着鲇台𬒗𬕂鿎𬜯", "於乾余巨洩么著鲶枱𥗽篢䃮䓣", strict=True))
OLD = 2000  # a common name given up before says little
THIS_YEAR = 2024  # the last of the yearly tables
FADING = 0.04  # a former name costs this much more for each year since, up to 1.5
KINDS = (FULL, SHORT, FORMER)
Meanings = dict[str, list[Meaning]]


class LexiconNames(NamedTuple):
    """Names by their text.

    Attributes:
        names: what each can mean.
        stubs: what counts only under another name (鄂托克前).
        zones: which are zones' names.
        whole: which are names of today in full.
        reach: the length of the longest name by its first two characters.
    """

    names: Meanings
    stubs: Meanings
    zones: set[str]
    whole: set[str]
    reach: dict[str, int]


def names_of(table: Table) -> LexiconNames:
    """Return the names of a table, of what was there before, and of free-trade zones (0.3 s)."""
    names: Meanings = defaultdict(list)
    shorts: Meanings = defaultdict(list)
    _add_divisions(table, names, shorts)
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
    reach = {name[:2]: len(name) for name in sorted(names, key=len)}
    return LexiconNames(dict(names), _stubs(table), zones, whole, reach)


def _add_divisions(table: Table, names: Meanings, shorts: Meanings) -> None:
    for code, division in table.by_code.items():
        level = min((len(code) + 1) // 2, 4)
        for written in spellings(division.name):
            names[written].append(Meaning(code, FULL, division.name, level))
        if division.name.endswith("街道") and len(division.name) > 3:
            # Most subdistricts were towns, and the office is often written for the subdistrict.
            base = division.name.removesuffix("街道")
            names[base + "镇"].append(Meaning(code, FORMER, division.name, level, COST["kind"]))
            names[base + "办事处"].append(Meaning(code, FORMER, division.name, level, COST[FORMER]))
        if level == 4 and division.name.endswith("镇镇"):  # 乌镇镇 is called 乌镇
            names[division.name[:-1]].append(Meaning(code, FORMER, division.name, level, COST[FORMER]))
        if level < 4:
            for short in short_names(division.name):
                cost = COST[SHORT] + COST["generic"] * bool(level > 2 and GENERIC.fullmatch(short))
                shorts[short].append(Meaning(code, SHORT, division.name, level, cost))


def _add_former(table: Table, names: Meanings, shorts: Meanings) -> set[str]:
    """Add former names; return those of zones."""
    zones = set()
    for former in load_former():
        if former.kind == "zone":
            zones.add(former.name)
            names[former.name].append(Meaning(former.successor, FORMER, former.name, 4, _zone(table, former)))
            continue
        cost = min(COST[FORMER] + FADING * max(0, THIS_YEAR - former.until), 1.5)
        level = {"city": 2, "county": 3, "town": 4}[former.kind]
        old = level == 3 and former.until < OLD and GENERIC.fullmatch(short_name(former.name))
        alone = COST["generic"] if old else 0.0  # 北城区: several cities had one
        names[former.name].append(Meaning(former.successor, FORMER, former.name, level, cost, alone))
        if former.kind in ("city", "county"):
            for short in short_names(former.name):
                if short not in shorts:
                    shorts[short].append(Meaning(former.successor, FORMER, former.name, level, cost + COST[SHORT]))
    return zones


def _zone(table: Table, zone: FormerName) -> float:
    """Return what a zone's name is worth less: little if it bears the name of the county it lies in."""
    around = table.by_code[table.county_of(zone.successor)].name
    own = any(zone.name.startswith(short) for short in short_names(around))
    return COST[SHORT] if own else COST["zone"]


def _stubs(table: Table) -> Meanings:
    stubs: Meanings = defaultdict(list)
    for county in table.at("county"):
        if (stub := short_name(county.name)) not in (county.name, *short_names(county.name)):
            stubs[stub].append(Meaning(county.code, SHORT, county.name, 3, COST[SHORT]))
    for district in (d for d in table.at("county") if d.code.startswith("71") and d.name.endswith("区")):
        for kind in "乡镇市":  # of a county that became a city; one of the three was its name
            name = district.name[:-1] + kind
            if len(name) > 2 and name not in stubs:
                stubs[name] = [Meaning(district.code, FORMER, name, 3, COST[FORMER])]
    return dict(stubs)


def spellings(name: str) -> list[str]:
    """Return a name, and how it may read when it was written in traditional script."""
    choices = [character + TRADITIONAL.get(character, "") for character in name]
    return ["".join(written) for written in product(*choices)]


# --- as arrays of an index


def to_arrays(found: LexiconNames) -> Arrays:
    """Return the arrays of an index; `from_arrays` reads them."""
    reach = {"starts": packed(found.reach), "reach": np.array(list(found.reach.values()), np.uint8)}
    sets = {"zones": packed(sorted(found.zones)), "whole": packed(sorted(found.whole))}
    return _meanings("names", found.names) | _meanings("stubs", found.stubs) | sets | reach


def from_arrays(arrays: Arrays) -> LexiconNames:
    """Return what `to_arrays` wrote (0.08 s)."""
    zones, whole = (set(unpacked(arrays[name])) for name in ("zones", "whole"))
    reach = dict(zip(unpacked(arrays["starts"]), arrays["reach"].tolist(), strict=True))
    return LexiconNames(_read(arrays, "names"), _read(arrays, "stubs"), zones, whole, reach)


def _meanings(part: str, found: Meanings) -> dict[str, np.ndarray]:
    all_of = [meaning for meanings in found.values() for meaning in meanings]
    codes, code = numbered([m.code for m in all_of])
    rights, right = numbered([m.name for m in all_of])
    ends = list(accumulate(map(len, found.values())))
    return {
        part: packed(found),
        f"{part}.ends": np.array(ends, np.int32),
        f"{part}.codes": codes,
        f"{part}.code": code,
        f"{part}.rights": rights,
        f"{part}.right": right,
        f"{part}.kind": np.array([KINDS.index(m.kind) for m in all_of], np.uint8),
        f"{part}.level": np.array([m.level for m in all_of], np.uint8),
        f"{part}.cost": np.array([m.cost for m in all_of], np.float64),
        f"{part}.alone": np.array([m.alone for m in all_of], np.float64),
    }


def _read(arrays: Arrays, part: str) -> Meanings:
    def words(of: list[str] | tuple[str, ...], column: str) -> list[str]:
        return [of[number] for number in arrays[f"{part}.{column}"].tolist()]

    columns = (
        words(unpacked(arrays[f"{part}.codes"]), "code"),
        words(KINDS, "kind"),
        words(unpacked(arrays[f"{part}.rights"]), "right"),
        *(arrays[f"{part}.{column}"].tolist() for column in ("level", "cost", "alone")),
    )
    all_of = list(map(Meaning, *columns))
    ends = [0, *arrays[f"{part}.ends"].tolist()]
    return dict(zip(unpacked(arrays[part]), (all_of[a:b] for a, b in pairwise(ends)), strict=True))
