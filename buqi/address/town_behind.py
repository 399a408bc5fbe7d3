"""The town that the rest of an address names, where the table or a memory make it certain."""

from __future__ import annotations

from collections.abc import Mapping

from buqi.address.bare_towns import bare_town
from buqi.address.town_offices import town_of_office
from buqi.address.unread import TOWN, unread, with_between
from buqi.address.villages import LONGEST, NAMED, village_of
from buqi.divisions import Candidate, Division, DivisionPath, Match, Matcher, Table
from buqi.divisions.meaning import FORMER
from buqi.divisions.stems import town_stem
from buqi.divisions.text import read
from buqi.divisions.town_reader import GOES_ON
from buqi.expressions import expression
from buqi.gazetteer.place_names import place_names
from buqi.places import Memory

# A zone, or a regiment of the corps: 铁门关市29团博古其镇.
_ZONES = (
    "新|开发|高新|经开|经济|工业园?|科技园?|产业园?|园|片|湖|湾|港|港务|保税|自贸|贸易|合作|管理|直管|生态|示范|度假|旅游"
    "|集聚|综合|[试实]验|服务|物流"
)
ZONE = expression(
    rf"(?:(?![省市县州镇乡道])[\u4e00-\u9fff]){{0,12}}?(?:新城|(?:{_ZONES})[东西南北]?区)|杨凌|[\u4e00-\u9fff]{{1,3}}港"
    r"|[0-9一二三四五六七八九十百〇零]{1,4}团场?|总场"
)
# An office of the county. A town's whole name behind it says where the rest is: 公安局杨安镇派出所.
OFFICE = expression(
    r"[\u4e00-\u9fff]{0,8}?(?:局|人民政府|委员会|联社|信用社|快件已?[由在到])(?=[\u4e00-\u9fff]{1,6}?(?:镇|乡|街道|苏木))"
)
MOST_ZONES = 2  # one in another
TOWN_NEAR = expression(r".{2,20}?(?:镇|乡|街道|苏木)")  # a town may stand behind a zone
LAST_OF_TOWN = frozenset("道镇乡木")  # last characters of the kinds of towns
# A town's name without its kind, a separator, and a name that follows.
PARTED = expression(
    r"(?P<stem>[\u4e00-\u9fff]{2,4})[\s,，;；、]+"
    r"(?![路道巷](?!头|[东西南北](?:新?村|社区|\s|$))|街(?!上|里|村|道上))(?=[\u4e00-\u9fffA-Za-z])"
)
TWICE = expression(r"(?P<stem>[\u4e00-\u9fff]{2,4})(?=(?P=stem)[镇乡街苏])")  # 狮岭狮岭镇
NO_STEM = expression(r"[路街道巷区站里港桥]$")  # 学院路 5号 is a road
ROAD = expression(r"[\u4e00-\u9fff]{1,6}(?:路|大道|大?街)")
ROAD_ENDS = frozenset("路道街")
AREAS = frozenset(("金融街", "牛街", "五大道"))  # areas that are known better than a road of the name
SHORTEST_STEM = 2
CLOSING = (")", "）")  # may stand behind a town at the end
# A house or a separator stands before the town; a bracket where one is closed behind it.
BEFORE = expression(r"(?<=[号楼室栋幢座院层])[\s,，;；、]*$|[\s,，;；、]+$")
BEFORE_CLOSED = expression(r"[\s,，;；、]*[(（]\s*$")


def deepest_read(
    match: Match, candidate: Candidate | None, path: DivisionPath, matcher: Matcher, memory: Memory
) -> tuple[DivisionPath, Division | None, str]:
    """Return what `deepest` does for an answer to what was read.

    If no town is certain, the name of a former town stays in the detail.

    Args:
        match: what was read of the address.
        candidate: the reading that the answer follows; ``None`` if it follows none.
        path: the answer.
        matcher: has the table.
        memory: knows the towns of some names; may be empty.
    """
    whole = unread(match, candidate, path)
    # A city that goes against the answer is no village of it: 石家庄市衡水市桃城区, which has a 石家庄.
    against = candidate.against if candidate else ()
    other = next((name for name in against if whole.startswith(name) and not TOWN.search(name)), "")
    named = candidate is not None and any(len(used.code) > 4 for used in candidate.used)
    found, village, detail = deepest(path, whole[len(other) :], matcher, memory, named)
    detail = other + detail
    former = candidate is not None and not found.name("town") and any(u.kind == FORMER for u in candidate.used)
    if former:
        detail = unread(match, candidate, path, former_towns=True)
    return found, village, with_between(match, candidate, path, detail, former)


def deepest(
    path: DivisionPath, detail: str, matcher: Matcher, memory: Memory, named: bool = True, plain: str | None = None
) -> tuple[DivisionPath, Division | None, str]:
    """Return ``path`` with the town that ``detail`` names, if it is certain, the village that it names, and the detail.

    A town's whole name behind a zone or at the end is taken out of the detail. Otherwise the detail stays as it is, but
    it is empty where it is nothing but the town's name.

    Args:
        path: the divisions that are known.
        detail: what stands behind them.
        matcher: has the table.
        memory: knows the towns of some names; may be empty.
        named: whether the address names the county. Behind it 南京西路 is the road, and no subdistrict of that name.
        plain: the detail as the matcher reads it, if that is known.
    """
    table, code = matcher.table, path.divisions[-1].code
    town = code if len(code) == 9 else ""
    county = table.county_of(code)
    if len(county) == 2 or table.has_counties(county):
        return path, None, detail  # only a city or a province is known
    village = village_of(detail.lstrip(), county, town, table)
    if town:
        return path, village, detail
    if village is not None:
        town = village.parent
    else:
        town, rest = _written_out(detail, county, table)
        if not town:
            town, rest = _parted_stem(detail, county, matcher)
        if not town:
            town, rest = bare_town(detail, county, matcher)
        if town:
            return table.path(town), village_of(rest, county, town, table), rest
        line = read(detail).plain if plain is None else plain
        town = town_of_office(line, county, matcher)
        if not town:
            town = matcher.names.towns.called(line, county)
            town = "" if town and named and is_road(line) and line == town_stem(table.names[town]) else town
        if not town and memory:
            town = memory.town(place_names(detail), county)
    if not town:
        return path, village, detail
    name, plain = table.names[town], read(detail).plain
    parted = PARTED.match(detail)
    if parted is not None and parted["stem"] in (town_stem(name), name):
        return table.path(town), village, detail[parted.end() :]  # 西三旗 建材城西路
    if detail.startswith(name):  # the whole name, which the matcher did not read: it is not said twice
        return table.path(county), village, detail
    return table.path(town), village, "" if plain in (town_stem(name), name) else detail


def is_road(text: str) -> bool:
    """Whether a text is a road's name and nothing else, and no area's that is called like one: 金融街."""
    return text[-1:] in ROAD_ENDS and text not in AREAS and ROAD.fullmatch(text) is not None


def _written_out(detail: str, county: str, table: Table) -> tuple[str, str]:
    """Return the code of the town whose whole name stands at the end or behind a zone, and the detail without it."""
    if _without_closing(detail)[-1:] in LAST_OF_TOWN:
        code, rest = _at_end(detail, table.town_names(county))
        if code:
            return code, rest
    if TOWN_NEAR.match(detail) is None:
        return "", ""
    if twice := TWICE.match(detail):
        code, rest = _behind_zone(detail[twice.end() :], 0, table.town_names(county))
        if code and town_stem(table.names[code]) == twice["stem"]:
            return code, rest
    end = 0
    for _ in range(MOST_ZONES):
        zone = ZONE.match(detail, end)
        if zone is None:
            break
        end = zone.end()
        code, rest = _behind_zone(detail, end, table.town_names(county))
        if code:
            return code, rest
    return _behind_office(detail, table.town_names(county)), detail


def _parted_stem(detail: str, county: str, matcher: Matcher) -> tuple[str, str]:
    """Return the code of the town whose name without its kind stands before a separator, and the detail without it.

    昆山市 花桥 绿地大道1000号. The name of a subdistrict counts in a county or a county-level city only: districts
    have larger areas of the same name. Without a separator a village of that town must follow: 睢宁县沙集东风村.
    """
    text = detail.lstrip()
    parted = PARTED.match(text)
    if parted is None and NAMED.search(text, SHORTEST_STEM, SHORTEST_STEM + LONGEST) is None:
        return "", ""  # most addresses: no village follows
    stem = parted["stem"] if parted else text[:SHORTEST_STEM]
    town = matcher.names.towns.called(stem, county)
    name = matcher.table.names.get(town, "")
    subdistrict = name.endswith("街道")
    if not name or town_stem(name) != stem or (subdistrict and NO_STEM.search(stem)):
        return "", ""
    if parted is None:
        rest = text[len(stem) :]
        return (town, rest) if village_of(rest, county, town, matcher.table) else ("", "")
    if subdistrict and matcher.table.names[county].endswith("区"):
        return "", ""
    return town, text[parted.end() :]


def _behind_office(detail: str, towns: Mapping[str, str]) -> str:
    """Return the code of the town whose whole name follows a county's office in a detail: 公安局杨安镇派出所."""
    office = OFFICE.match(detail)
    if office is None:
        return ""
    found = {name: code for code, name in towns.items() if detail.startswith(name, office.end())}
    name = max(found, key=len, default="")
    return "" if GOES_ON.match(detail, office.end() + len(name)) else found.get(name, "")


def _behind_zone(detail: str, end: int, towns: Mapping[str, str]) -> tuple[str, str]:
    """Return the code of the town whose whole name stands behind a zone that ends at ``end``, the detail without it."""
    rest = detail[end:]
    found = {name: code for code, name in towns.items() if rest.startswith(name)}
    name = max(found, key=len, default="")
    return found.get(name, ""), detail[:end] + rest[len(name) :]


def _at_end(detail: str, towns: Mapping[str, str]) -> tuple[str, str]:
    """Return the code of the town whose whole name ends a detail behind a house, and the detail without it."""
    text = _without_closing(detail)
    found = {name: code for code, name in towns.items() if text.endswith(name)}
    name = max(found, key=len, default="")
    pattern = BEFORE_CLOSED if detail[len(text) :].strip() else BEFORE
    before = pattern.search(text[: -len(name)]) if name else None
    return (found[name], text[: before.start()]) if before and before.start() else ("", "")


def _without_closing(detail: str) -> str:
    """Return a detail without a bracket that is closed at its end, and without spaces there."""
    text = detail.rstrip()
    return text[:-1].rstrip() if text.endswith(CLOSING) else text
