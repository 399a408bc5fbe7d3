"""How doors are written, which differs from place to place: 64弄26号 in Shanghai, 附3号 in Chongqing, 二委 in Harbin.

``data/doors.tsv`` has a line for each form, then, for each city (each province for counties without one), how
much commoner it is there than in the middle of the provinces, in tenths of a natural logarithm.
``python -m buqi.fitting.doors ADDRESSES.csv`` counts it in full addresses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.address.data_tables import table_rows
from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.marks import OfCities
from buqi.address.parsed import ParsedAddress, without_room
from buqi.divisions import Table
from buqi.expressions import expression

LITERAL = expression("[\u4e00-\u9fff#-]")
USUAL = "号"  # most texts have it
CHOICE = expression(r"\[[^^].*?\]")  # of several characters
# What of a form need not stand in a text as it is.
OPTIONAL = expression(r"\(\?!.*?\)|\[.*?\][?*+]?|.[?*]")
DOORS_FILE = "doors.tsv"
# Regular expressions; ``$`` is the end of the address.
FORMS = tuple(
    r"""
    \d弄 \d巷 [附付]\d|附[一二三]号 号之[一二三四五六七八九十\d] 甲\d|\d甲 \d# 里\d [^大]道\d 村\d+号 \d{3}号
    \d{4,}号 号\d-|-\d -\d+- \d-\d-\d 栋\d ^[^号]*\d\d?号 号$ 室$ 组$ 内$ 楼$ 户$ 口$ [\dA-Z]座 [\dA-Z]幢 [\dA-Z]栋
    号楼 号院 \d排 \d门 [\d一二三四五六七八九十]楼 \d层 \d房 \d间 室 单元 [A-Z] [(（] 门市 门面 门脸 号铺|商铺|\d铺
    档口? 摊位? 网点 底商 自编 首层|首楼 夹层 地下 车库|车间 营业 住宅 自建房|民房|私房 商住楼? 综合楼 家属院?
    沿街|临街 厂区|院内 大院 [\d一二三四五六七八九十]委|委\d [\d一二三四五六七八九十]组 村民?小组
    [\d一二三四五六七八九十]社 [\d一二三四五六七八九十]队 [\d一二三四五六七八九十]连 团场|团部|\d团|师
    [东西南北\d一二三四五六七八九十]条 [\d一二三四五六七八九十]段 街坊 胡同 屯 坊 委会 村委会|村民委员会 社区居委会
    街道 市区 县城 城内|城关 大道 大街 马路 正街 横[街路] 支路 [一二三四五六七八九十]+路 [东西南北中]路
    [东西南北中]街 [东西南北]大街 国道|省道 公里 工业园 市场 大厦|广场 小区|家园 花园 寓|公馆|府 新村 地[块段]
    路[东西南北](?!路)|街[东西南北](?!街) [东西南北]首 [东西南北]侧 [东西南北]段 中段 对面 旁 交叉口 交[汇界]处 交口
    \d+米 转盘|环岛 十字 [东西][东西南北]角 以[东西南北] 门口 桥头|桥下 车站
    """.split()
)


class DoorForms(EvidenceKind):
    """Looks for forms of writing doors: the sum of the logs of how much commoner they are in a county's city."""

    columns = (Column("doors"),)

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        county = dict(zip(self.counties.city.tolist(), self.counties.codes, strict=True))  # one of each city
        table = resources.matcher.table
        self.ratios = ratios_in([area_of(table, county[city]) for city in self.counties.cities.values()])

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        return self.features_of_all([address])[0]

    def features_of_all(self, addresses: Sequence[ParsedAddress]) -> Sequence[Features]:
        """Return the columns of each address."""
        city = self.counties.city
        return [{"doors": OfCities(self._said(address.without_room), city)} for address in addresses]

    def _said(self, door: str) -> NDArray[np.float64]:
        """Return what the forms in a text say of each city."""
        found = np.zeros(self.ratios.shape[1])
        for form in forms_of(door):
            found += self.ratios[form]
        return found


def ratios_in(areas: Sequence[str]) -> NDArray[np.float64]:
    """Return (forms, areas) what each form says of cities or provinces by their codes; 0 where nothing was counted."""
    codes, ratios = load_doors()
    at = {code: number for number, code in enumerate(codes)}
    known = np.array([at.get(area, -1) for area in areas])
    found: NDArray[np.float64] = np.where(known >= 0, ratios[:, known], 0.0)
    return found


def area_of(table: Table, county: str) -> str:
    """Return the code of a county's city, or of its province if it has none."""
    codes = table.path(county).codes
    return codes.get("city") or codes["province"]


def forms_in(text: str) -> list[int]:
    """Return the numbers of the forms in ``text`` without the room at its end: a room is in no city for certain."""
    return forms_of(without_room(text))


def forms_of(door: str) -> list[int]:
    """Return the numbers of the forms in a text that has no room at its end."""
    forms, needing = _forms()
    tried = {number for character in needing.keys() & set(door) for number in needing[character]}
    return sorted([number for number in tried if forms[number].search(door)])


@lru_cache(maxsize=1)
def _forms() -> tuple[tuple[re.Pattern[str], ...], dict[str, list[int]]]:
    """Return the forms, and by character the numbers of those that are sought where a text has it."""
    needing: dict[str, list[int]] = defaultdict(list)
    for number, form in enumerate(FORMS):
        for one in form.split("|"):  # the ways to write it: none stands in brackets
            for character in _needed(one):
                needing[character].append(number)
    return tuple(map(re.compile, FORMS)), needing


def _needed(form: str) -> Sequence[str]:
    """Return characters of which every text with a form has one: a literal one, else those of a choice."""
    literal = LITERAL.findall(OPTIONAL.sub(" ", form))
    if literal:
        return [character for character in literal if character != USUAL][-1:] or USUAL
    (choice,) = CHOICE.findall(form)
    return re.findall(choice, "".join(map(chr, range(128))) + choice)


@lru_cache(maxsize=1)
def load_doors() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the codes of cities and provinces, and (forms, codes) what each form says."""
    (_, *codes), rows = table_rows(DOORS_FILE)
    ratios = {form: values for form, *values in rows}
    return tuple(codes), np.array([ratios[form] for form in FORMS]).astype(np.float64) / 10
