"""Training rows from the division table: invented streets, real divisions, real kinds of damage.

Streets, estates and numbers are put together from lists below; no row of any address collection is used.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from buqi.divisions import Division, DivisionPath, load_table
from buqi.errors import UsageError
from buqi.rows import Row
from buqi.synthesis.confusions import unique_names
from buqi.synthesis.damage import SHARES, FullAddress, damage, draw_kind
from buqi.task import ADDRESS

FIRST = (
    "文兴安和平新华光明永长春金银龙凤东南西北中大天云山江河湖海石林桂松柏青红紫翠福寿康宁盛昌顺达通泰丰裕民建国学科创"
)
SECOND = "华民兴安和平明春阳江河山湖泉桥塘园林苑城门星源业德仁义信贤昌宁泰康盛丰庆祥瑞虹雅景秀岭坪湾港台苏川贵宁"
WELL_KNOWN = tuple("人民 解放 建设 中山 胜利 和平 新华 友谊 团结 迎宾 工业 学府 环城 滨河 扬子江".split())
ROADS = ("路", "路", "路", "路", "街", "街", "大道", "巷", "东路", "西路", "南路", "北路", "中路", "大街")
# Its 368 townships have 23 of 1,430 million people: one has an eighth of a mainland county's.
TAIWAN, SPARSE = "71", 8
PLACES = tuple("小区 花园 家园 村 村 社区 市场 小学 中学 医院 广场 大厦 工业园 寺 火车站".split())


def counties_of(region: str) -> list[Division]:
    """Return the counties of a region (``西安市,宝鸡市``; names of provinces, cities or counties; ``全国`` for all).

    Cities without counties (东莞, 中山, 儋州, 嘉峪关) stand for themselves.

    Raises:
        UsageError: a name is not in the table, or stands for several divisions.
    """
    table = load_table()
    if region.strip() == "全国":
        return [d for province in table.children[""] for d in _leaves(province)]
    found: list[Division] = []
    for name in filter(None, (part.strip() for part in region.replace("，", ",").split(","))):
        fitting = [d for level in ("province", "city", "county") for d in table.at(level) if d.name == name]
        if len(fitting) != 1:
            paths = ", ".join(table.path(d.code).full for d in fitting) or "none in the table"
            raise UsageError(f"--region {name}: expected one province, city or county; found {paths}")
        found += _leaves(fitting[0])
    return found


def _leaves(division: Division) -> list[Division]:
    if division.level == "county":
        return [division]
    under = [d for d in load_table().children.get(division.code, []) if d.level != "town"]
    if under:
        return [leaf for d in under for leaf in _leaves(d)]
    return [division] if division.level == "city" else []  # the table has nothing below Hong Kong and Macau


def build_rows(
    counties: Sequence[Division], count: int, seed: int = 42, kinds: Sequence[str] = tuple(SHARES)
) -> list[Row]:
    """Return ``count`` rows of the address task, the counties taken in turn, no input twice.

    Beside other counties an eighth of Taiwan's, which have few people, takes part in each turn. Each row's ``damage``
    names what was done to it and ``county`` the code of the right county. With ``kinds`` only these are made, and
    addresses that they cannot be done to are left out.

    Raises:
        UsageError: no counties, an unknown kind, or too few addresses that allow these kinds.
    """
    if not counties:
        raise UsageError("no counties to build rows for")
    if unknown := [kind for kind in kinds if kind not in SHARES]:
        raise UsageError(f"damage {', '.join(unknown)}: expected some of {', '.join(SHARES)}")
    shares = {kind: SHARES[kind] for kind in kinds}
    sparse = [d for d in counties if d.code.startswith(TAIWAN)]
    turn = usual = [d for d in counties if not d.code.startswith(TAIWAN)] or sparse
    rng, rows, seen, tries = random.Random(seed), list[Row](), set[str](), 0
    while len(rows) < count:
        if len(rows) % len(turn) == 0:
            if sparse and usual is not sparse:
                turn = [*usual, *rng.sample(sparse, math.ceil(len(sparse) / SPARSE))]
            rng.shuffle(turn)
        kind = draw_kind(rng, shares)
        # A county whose kinds fail is passed over, so that one that allows none does not hold up the others.
        address = invent(turn[(len(rows) + tries) % len(turn)], rng, town_first=kind == "town_first")
        damaged = damage(address, kind, rng)
        if damaged.text in seen or (damaged.kind not in shares and len(shares) < len(SHARES)):
            tries += 1
            if tries > 200 + 50 * count:
                raise UsageError(f"only {len(rows)} of {count} rows allow {', '.join(kinds)} in these counties")
            continue
        seen.add(damaged.text)
        meta = {"damage": damaged.kind, "county": address.path.codes.get("county", address.path.codes.get("city", ""))}
        rows.append(Row((ADDRESS.prompt(damaged.text),), (damaged.answer,), meta=meta, where=f"row {len(rows) + 1}"))
    return rows


def invent(county: Division, rng: random.Random, town_first: bool = False) -> FullAddress:
    """Return an address that could stand in ``county``: half of them name a town.

    With ``town_first`` all do, and the town is one that no other county has, where there is such a town.
    """
    table = load_table()
    path = table.path(county.code)
    towns = table.children.get(county.code, [])
    if town_first:
        towns = [town for town in towns if town.name in unique_names()["town"]] or towns
    if towns and (town_first or rng.random() < 0.5):
        path = DivisionPath((*path.divisions, rng.choice(towns)))
    place = _road(rng) if rng.random() < 0.75 else _name(rng) + rng.choice(PLACES)
    return FullAddress(path, place + _number(rng))


def _name(rng: random.Random) -> str:
    return rng.choice(FIRST) + rng.choice(SECOND)


def _road(rng: random.Random) -> str:
    return (rng.choice(WELL_KNOWN) if rng.random() < 0.3 else _name(rng)) + rng.choice(ROADS)


def _number(rng: random.Random) -> str:
    def up_to(most: int) -> int:
        return rng.randint(1, most)

    house = up_to(999)
    longer = (
        f"{house}-{up_to(20)}号",
        f"{house}号{up_to(40)}栋",
        f"{house}号{up_to(30)}号楼{up_to(4)}单元{up_to(33)}0{up_to(4)}室",
        f"{up_to(20)}组{up_to(99)}号",
    )
    return rng.choice(("", *[f"{house}号"] * 3, *longer))
