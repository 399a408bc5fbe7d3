"""Names of institutions, stations, works and roads that begin with a division's short name: 遂宁大桥, 延安大学.

How often such a name tells the truth depends on its kind (of works called 淮安… nine in ten are there, of roads one in
seven), on the division's level, and on how many towns and villages bear the same short name (太平, 新城).
``data/named_after.tsv`` has a line for each kind and level: the shares by `COMMONNESS`.
``python -m buqi.fitting.named_after ADDRESSES.tsv`` counts them in full addresses.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from buqi.address.data_tables import table_rows
from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.parsed import ParsedAddress
from buqi.divisions import Table, load_table
from buqi.divisions.names import short_names
from buqi.divisions.words import HAN
from buqi.expressions import expression
from buqi.gazetteer.lists import reach_of
from buqi.indexes import Lists, kept_lists

NAMED_AFTER_FILE = "named_after.tsv"
LEVELS = ("province", "city", "county")
COMMONNESS = (0, 3, 20)  # towns and villages of the short name: none, at most 3, at most 20, more
SHORTEST, LONGEST_NAME = 2, 6
ANYWHERE = {"province": 1 / 31, "city": 1 / 340, "county": 1 / 2800}  # the share of places that lie in a division
LEAST_TELLING = 1.0  # a column says nothing of names that tell less than this (ln)
NAMES_OF = {  # what follows the division's name, by kind; the first that fits
    "university": expression(
        "大学|师范|学院|职业技术|(?:第[一二三四]|实验|市)?(?:中学|高中|[一二三四]中|小学)|学校|党校"
    ),
    "hospital": expression(rf"{HAN}{{0,2}}医院|卫生院|疾控|妇幼"),
    "station": expression("[东南西北老新]{0,2}(?:火车站|高铁站|汽车站|客运站|车站|站|机场)|国际机场"),
    "bridge": expression(rf"(?:{HAN}{{1,2}}[江河])?(?:公路|铁路|[一二三东南西北])?(?:大桥|桥)"),
    "scenic": expression(rf"{HAN}{{0,4}}(?:风景|景区|古镇|古城|旅游|度假区)|博物馆|体育|图书馆|影剧院|公园|文化"),
    "zone": expression(rf"{HAN}{{0,4}}(?:工业园|开发区|工业区|园区|产业园|新区|高新区)"),
    "home": expression(rf"{HAN}{{0,3}}(?:小区|花园|家园|公寓|社区|新村)"),
    "office": expression(rf"{HAN}{{1,4}}局|政府|法院|检察院|(?:银行|供电|电力|邮政|农机|气象|变电)"),
    "works": expression(rf"{HAN}{{1,6}}(?:公司|集团|厂)"),
    "market": expression(rf"{HAN}{{0,3}}市场|国际|大厦|广场|商城|商厦|百货|购物|宾馆|大?酒店|饭店|招待所"),
    "motorway": expression(rf"{HAN}{{0,2}}(?:高速|收费站|服务区)"),
    "road": expression("[东南西北中]?[一二三四五]?(?:路|大道|街(?!道)|大街|公路)"),
}


def first_of(patterns: Mapping[str, re.Pattern[str]]) -> re.Pattern[str]:
    """Return a pattern that matches what the first of some patterns does; its ``lastgroup`` is that one's name."""
    return expression("|".join(f"(?P<{kind}>{pattern.pattern})" for kind, pattern in patterns.items()))


NAMED_AFTER = first_of(NAMES_OF)


class NamedAfterPlaces(EvidenceKind):
    """Looks for names of something that hold a division's short name, and weighs each by its kind."""

    columns = (
        Column("named_after", times=("bare",)),  # how much likelier the division is than without the name (ln)
        Column("named_after_road"),  # the same of roads
    )

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.divisions = ShortNames(resources)
        self.shares = load_shares()

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        found = self.marks()
        for _, kind, name in self.divisions.named_after(address.whole):
            column = found["named_after_road" if kind == "road" else "named_after"]
            common = self.divisions.commonness(name)
            for level, codes in self.divisions.by_name[name].items():
                share, one = self.shares[kind, level][common] / len(codes), ANYWHERE[level]
                value = math.log(share / (1 - share)) - math.log(one / (1 - one))
                if value > LEAST_TELLING:
                    self.counties.raise_to(value, codes, column)
        return found


class ShortNames:
    """The short names of provinces, cities and counties.

    Args:
        resources: has the table, and tells how common a name is.

    Attributes:
        by_name: codes by name and level.
    """

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        table = resources.matcher.table
        shipped = table is load_table()
        codes: Lists = (
            kept_lists("short-names", lambda: {"names": _codes(table)})["names"] if shipped else _codes(table)
        )
        self.by_name: dict[str, dict[str, list[str]]] = {}
        for name, found in codes.items():
            levels = self.by_name[name] = {}
            for code in found:
                levels.setdefault(LEVELS[len(code) // 2 - 1], []).append(code)
        self.reach = reach_of(self.by_name)

    def named_after(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Yield (where, kind, short name) of what in ``text`` is named after a division."""
        for at in range(len(text) - SHORTEST):
            if text[at : at + SHORTEST] in self.reach and (name := self.at(text, at)):
                found = NAMED_AFTER.match(text, at + len(name))
                if found and found.lastgroup:
                    yield at, found.lastgroup, name

    def at(self, text: str, start: int) -> str:
        """Return the longest short name that stands in ``text`` at ``start``, ``""`` if none does."""
        for length in range(self.reach.get(text[start : start + SHORTEST], 0), SHORTEST - 1, -1):
            if (name := text[start : start + length]) in self.by_name:
                return name
        return ""

    def commonness(self, name: str) -> int:
        """Return how common a short name is: the number of the limits of `COMMONNESS` that it exceeds."""
        return bisect_left(COMMONNESS, self.resources.namesakes(name))


def _codes(table: Table) -> dict[str, list[str]]:
    """Return the codes of the divisions above the towns by their short names, those of provinces first."""
    found: dict[str, list[str]] = defaultdict(list)
    for level in LEVELS:
        for division in table.at(level):
            for name in short_names(division.name):
                if SHORTEST <= len(name) <= LONGEST_NAME:
                    found[name].append(division.code)
    return found


@lru_cache(maxsize=1)
def load_shares() -> dict[tuple[str, str], tuple[float, ...]]:
    """Return the shares of such names that tell the truth, one for each commonness, by kind and level."""
    _, rows = table_rows(NAMED_AFTER_FILE)
    return {(kind, level): tuple(map(float, shares)) for kind, level, *shares in rows}
