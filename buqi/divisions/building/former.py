"""Names that are no longer, or never were, divisions: former counties, cities and towns, and functional zones.

Each gets the division that an address with this name lies in today: its successor, or the county or city around it
where the successor is not known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from buqi.divisions.building.join import parent_of
from buqi.divisions.data_files import data_text
from buqi.divisions.stems import plain_town, region_stem, town_stem, village_stem
from buqi.divisions.table import Division, FormerName, Table
from buqi.divisions.words import LISTED_FARMS, LISTED_ZONES, TOWN_SUFFIXES
from buqi.expressions import expression

ZONE_END = expression(rf"(?:{LISTED_ZONES})$")
FARM = expression(rf"(?:{LISTED_FARMS})$")
TOWN = expression(rf"(?:{TOWN_SUFFIXES})$")
MERGED = "merged.tsv"  # counties of which the sources do not tell what they became
CORRECTED = "corrected.tsv"  # other successors than the sources give; without one the name is left out
MORE = "former_more.tsv"  # names that no source lists, in the format of the list that is built
NO_NAMES = ("市区", "市辖区", "县", "新区", "城区", "郊区", "矿区")
# A zone's kind without a place says nothing about where it is.
GENERIC_NAME = expression(
    r"(?:国家级?|省级|市|县|区|经济|技术|高新|高新技术|产业|工业|科技|现代|农业|生态|旅游|综合|循环|新型|第[一二三四五])*"
    rf"(?:{LISTED_ZONES}|集聚区|集中区|{LISTED_FARMS})"
)


@dataclass(frozen=True)
class Change:
    """One change event: in ``year`` the county or city ``old`` of ``province`` became ``new`` of ``new_province``."""

    year: int
    province: str
    old: str
    new_province: str
    new: str


class Successors:
    """Finds today's division for a county's or city's name of some year.

    Args:
        table: the divisions of today.
        changes: change events, in any order.
    """

    def __init__(self, table: Table, changes: Sequence[Change]) -> None:
        self.today: dict[tuple[str, str], list[Division]] = defaultdict(list)
        for division in table.by_code.values():
            if len(division.code) in (4, 6):
                self.today[table.by_code[division.code[:2]].name, division.name].append(division)
        self.changes: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in sorted(changes, key=lambda c: -c.year):
            self.changes[change.province, change.old].append(change)

    def find(self, province: str, name: str, year: int = 0, steps: int = 6) -> Division | None:
        """Return today's division, following changes since ``year``; ``None`` if unknown or more than one."""
        if now := self.today.get((province, name)):
            return now[0] if len(now) == 1 else None
        for change in self.changes.get((province, name), []) if steps else ():
            if change.year >= year and (change.new_province, change.new) != (province, name):
                found = self.find(change.new_province, change.new, change.year, steps - 1)
                if found is not None:
                    return found
        return None


def read_changes(events: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Return the events that name a successor."""
    paths = ((int(event["year"]), event.get("old_path"), event.get("new_path")) for event in events)
    return [Change(year, old[0], old[-1], new[0], new[-1]) for year, old, new in paths if old and new]


def former_regions(table: Table, successors: Successors, yearly: Sequence[Mapping[str, str]]) -> Iterator[FormerName]:
    """Yield counties and cities of 1980 to 2024 that no longer exist under their name.

    ``yearly`` has the columns ``year``, ``province_name``, ``city_name``, ``county_name``, ``county_id``.
    """
    last: dict[tuple[str, str], Mapping[str, str]] = {}
    first: dict[tuple[str, str], int] = {}
    by_id: dict[str, str] = {}
    for row in sorted(yearly, key=lambda r: r["year"]):
        for name in {row["county_name"], row["city_name"]} - {"", "县", "市辖区"}:
            if "直辖" in name:
                continue
            key = (row["province_name"], name)
            last[key] = row
            first.setdefault(key, int(row["year"]))
        if row["county_name"]:
            by_id[row["county_id"]] = row["county_name"]
    for (province, name), row in sorted(last.items()):
        if (province, name) in successors.today or name in NO_NAMES:
            continue
        year, is_county = int(row["year"]), row["county_name"] == name
        city, later = (row["city_name"], by_id.get(row["county_id"], "")) if is_county else ("", "")
        found = successors.find(province, name, year)
        # The tables keep an identifier over renames, but it is also reused: a shared character is asked for.
        if found is None and set(region_stem(name)) & set(region_stem(later)):
            found = successors.find(province, later, year)
        found = found or _same_stem(successors, province, name, city)
        if found is None and is_county:
            around = _merged(table, province, name) or successors.find(province, city, year)
            around = around or _same_stem(successors, province, city, "")
            found = around or next((d for d in table.children[""] if d.name == province), None)
        if found is not None and table.by_code[found.code].name != name:
            yield FormerName(name, "county" if is_county else "city", first[province, name], year, found.code)


def former_more(table: Table) -> Iterator[FormerName]:
    """Yield what `MORE` lists: counties of Taiwan that became cities, districts that a city called so itself."""
    for name, kind, since, until, code in (line.split("\t") for line in data_text(MORE).splitlines()):
        if code in table.by_code:
            yield FormerName(name, kind, int(since), int(until), code)


def corrected(names: Iterable[FormerName]) -> Iterator[FormerName]:
    """Yield former names with the successors of `CORRECTED`, without those that it leaves out."""
    rows = (line.split("\t") for line in data_text(CORRECTED).splitlines())
    right = {(name, kind, successor): today for name, kind, successor, today in rows}
    for former in names:
        today = right.get((former.name, former.kind, former.successor), former.successor)
        if today:
            yield replace(former, successor=today)


def _merged(table: Table, province: str, name: str) -> Division | None:
    """Return the county that a county of a province became or was merged into, by `MERGED`."""
    merged = dict(line.split("\t") for line in data_text(MERGED).splitlines())
    found = table.by_code.get(merged.get(name, ""))
    around = table.path(found.code).name("province") if found else ""
    return found if around == province or (around, province) == ("重庆市", "四川省") else None


def _same_stem(successors: Successors, province: str, name: str, city: str) -> Division | None:
    """Return the one division of the province whose name differs in its kind alone; ``None`` if there are several.

    A county's must lie in its ``city``, if that still exists.
    """
    around = successors.find(province, city) if city else None
    length = 6 if city else 4
    fitting = {
        d.code: d
        for kind in ("市", "区", "县")
        for d in successors.today.get((province, region_stem(name) + kind), [])
        if len(d.code) == length and (around is None or d.code.startswith(around.code))
    }
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def former_towns(
    table: Table,
    successors: Successors,
    year: int,
    areas: Mapping[str, str],
    streets: Mapping[str, str],
    towns_of: Mapping[str, str],
) -> Iterator[FormerName]:
    """Yield the towns, zones and farms of one year's list that are not divisions today.

    ``areas`` and ``streets`` are the list's counties and towns (names by code); ``towns_of`` has today's town of a
    street's code, where it is known.
    """
    for code, listed in streets.items():
        name = plain_town(listed)
        kind = "town" if TOWN.search(name) else "zone" if ZONE_END.search(name) or FARM.search(name) else ""
        if not kind or not 3 <= len(name) <= 14 or GENERIC_NAME.fullmatch(name):
            continue
        town = towns_of.get(code, "")
        around = table.by_code[town].parent if town else county_today(table, successors, year, code, areas)
        if not around or (not town and any(d.name == name for d in table.towns_below(around))):
            continue
        town = town or _same_town(table, around, name)
        if not town or table.by_code[town].name != name:
            yield FormerName(name, kind, year, year, town or around)


def former_zones(table: Table, successors: Successors, year: int, areas: Mapping[str, str]) -> Iterator[FormerName]:
    """Yield the zones that a year's list counts as counties, with the city around them."""
    for code, name in areas.items():
        if code in table.by_code or code[:4] not in table.by_code or name in NO_NAMES:
            continue
        if name[-1] not in "县市旗" and successors.find(table.by_code[code[:2]].name, name, year) is None:
            city = table.by_code[code[:4]].name
            short = name.removeprefix(city).removeprefix(city.removesuffix("市"))
            under = {d.name for d in table.children[code[:4]]}
            for form in sorted({name, short}):
                if len(form) > 2 and not GENERIC_NAME.fullmatch(form) and form not in under:
                    yield FormerName(form, "zone", year, year, code[:4])


def vote(
    streets: Mapping[str, str],
    villages: Mapping[str, str],
    counties: Mapping[str, str],
    today: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """Return today's town of each street most of whose villages' names lie in one town of its county today.

    Args:
        streets: names by code.
        villages: names by code; the first nine digits are the street's.
        counties: today's county (or city without counties) by the street's code.
        today: village names by today's town.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for code, name in villages.items():
        names[code[:9]].append(village_stem(name))
    seats: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for town, listed in today.items():
        for name in listed:
            seats[parent_of(town)][village_stem(name)].add(town)
    found = {}
    for street in streets:
        votes = Counter(town for name in names[street] for town in seats[counties.get(street, "")].get(name, ()))
        if votes:
            town = min(votes, key=lambda code: (-votes[code], code))
            if votes[town] * 2 > len(names[street]):
                found[street] = town
    return found


def county_today(table: Table, successors: Successors, year: int, code: str, areas: Mapping[str, str]) -> str:
    """Return the code of today's county, or of the city, around a street of some year's list."""
    county, city = code[:6], code[:4]
    if county in table.by_code and table.by_code[county].name == areas.get(county):
        return county
    if county.endswith("00") and city in table.by_code:
        return city
    province = table.by_code[code[:2]].name if code[:2] in table.by_code else ""
    found = successors.find(province, areas.get(county, ""), year)
    return found.code if found else city if city in table.by_code else ""


def _same_town(table: Table, around: str, name: str) -> str:
    """Return the code of the one town around that differs in its kind only: 河溶乡 → 河溶镇."""
    fitting = [d.code for d in table.towns_below(around) if town_stem(d.name) == town_stem(name)]
    return fitting[0] if len(fitting) == 1 else ""
