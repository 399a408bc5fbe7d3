"""Streets, estates and numbers put together from lists; none is of any address collection."""

from __future__ import annotations

import random

FIRST = (
    "文兴安和平新华光明永长春金银龙凤东南西北中大天云山江河湖海石林桂松柏青红紫翠福寿康宁盛昌顺达通泰丰裕民建国学科创"
)
SECOND = "华民兴安和平明春阳江河山湖泉桥塘园林苑城门星源业德仁义信贤昌宁泰康盛丰庆祥瑞虹雅景秀岭坪湾港台苏川贵宁"
WELL_KNOWN = tuple("人民 解放 建设 中山 胜利 和平 新华 友谊 团结 迎宾 工业 学府 环城 滨河 扬子江".split())
ROADS = ("路", "路", "路", "路", "街", "街", "大道", "巷", "东路", "西路", "南路", "北路", "中路", "大街")
PLACES = tuple("小区 花园 家园 村 村 社区 市场 小学 中学 医院 广场 大厦 工业园 寺 火车站".split())
BUSINESSES = tuple(
    "超市 药店 饭店 宾馆 加油站 幼儿园 卫生院 派出所 邮局 银行 仓库 物流园 汽修厂 便利店 茶楼 理发店 菜市场".split()
)


def name(rng: random.Random) -> str:
    """Return a name of two characters."""
    return rng.choice(FIRST) + rng.choice(SECOND)


def road(rng: random.Random) -> str:
    """Return a road; every third has a name that stands in most cities."""
    return (rng.choice(WELL_KNOWN) if rng.random() < 0.3 else name(rng)) + rng.choice(ROADS)


def place(rng: random.Random) -> str:
    """Return a road, or in a quarter of the cases an estate, village or works."""
    return road(rng) if rng.random() < 0.75 else name(rng) + rng.choice(PLACES)


def number(rng: random.Random) -> str:
    """Return a house number, empty in one of eight cases."""

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


def business(rng: random.Random) -> str:
    """Return a shop or works by its name."""
    return name(rng) + rng.choice(BUSINESSES)
