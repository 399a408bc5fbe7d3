"""Shipping lines made up in the layouts of shops, map pickers and forms: names and telephones are invented.

`python -m tests.contact.lines [COUNT] [SEED]` says how many are read rightly, by layout, and shows some that are not.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from buqi.contact.numbers import _RANGES
from buqi.divisions import load_table
from buqi.synthesis.build import counties_of, invent

# {n} name, {p} telephone, {z} postcode, {a} address, {g} its divisions, {s} these with spaces, {d} what is behind.
LAYOUTS = {
    "taobao copy": "{n}，{p}，{s} {d} ，{z}",
    "taobao lines": "收货人：{n}\n手机号码：{p}\n所在地区：{s}\n详细地址：{d}",
    "taobao hidden": "{n}[3848]，{p}，{a}[3848]，{z}",
    "jd copy": "收件人：{n} 联系方式：{p} 收货地址：{a}",
    "jd form": "收货人：{n}\n地区：{s}\n详细地址：{d}\n手机号码：{p}\n固定电话：\n电子邮箱：",
    "pinduoduo": "{n} {p}\n{s} {d}",
    "pinduoduo lines": "收件人: {n}\n手机号: {p}\n所在地区: {s}\n详细地址: {d}",
    "douyin": "{n}\n{p}\n{a}",
    "xianyu": "收件人：{n}，手机号：{p}，所在地区：{g}，详细地址：{d}",
    "wechat": "姓名：{n}；电话：{p}；地址：{a}；邮编：{z}",
    "wechat 1688": "{a}  （{n} 收） {p}",
    "map picker": "{n} {p} {g}{g}{d}",
    "front": "{n} {p} {a}",
    "front phone first": "{p} {n} {a}",
    "front glued": "{n}{p}{a}",
    "phone glued name": "{p}{n}{a}",
    "behind": "{a} {n} {p}",
    "behind glued": "{a}，{n}{p}",
    "behind phone first": "{a} {p} {n}",
    "around": "{n}，{a}，{p}",
    "around phone": "{p}，{a}，{n}",
    "brackets": "【收货人】{n}【电话】{p}【地址】{a}",
    "brackets phone": "{a}（{n} {p}）",
    "labels without colons": "收货人 {n} 联系电话 {p} 收货地址 {a} 邮编 {z}",
    "labels glued": "收件人{n}电话{p}地址{a}",
    "government": "姓　　名：{n}\n联系电话：{p}\n户籍地址：{a}\n邮政编码：{z}",
    "government one line": "申请人：{n}；居住地址：{a}；联系电话：{p}",
    "post": "{z} {a} {n}（收） {p}",
    "post glued": "{z}{a} {n}收",
    "letter": "{z}\n{a}\n{n} 先生 收",
    "english labels": "name: {n}, tel: {p}, address: {a}, zip: {z}",
    "english lines": "Name: {n}\nMobile: {p}\nAddress: {a}\nPostcode: {z}",
    "levels labelled": "省份：{p1}\n城市：{p2}\n区县：{p3}\n街道：{p4}\n详细地址：{d}\n联系人：{n}\n电话：{p}",
    "sheet cells": "{n}\t{p}\t{s}\t{d}",
    "slashes": "{n}/{p}/{a}",
    "plus": "{n}+{p}+{a}",
    "bars": "{n} | {p} | {a} | {z}",
    "address first labels": "地址：{a}\n联系人：{n}\n联系电话：{p}",
    "order": "订单号：{order}\n收货人：{n}，{p}\n收货地址：{a}",
    "emoji": "👤{n} 📞{p} 📍{a}",
    "two telephones": "{n} {p} {p5} {a}",
    "telephone alone": "{p} {a}",
    "telephone behind": "{a} {p}",
    "telephone labelled": "{a}，电话：{p}",
    "postcode alone": "{a} {z}",
    "address alone": "{a}",
    "address in pieces": "{s} {d}",
    "sf": "寄往：{a}，收件人：{n}，电话：{p}",
}
# What people write behind the road: estates, shops, notes. Some begin with a surname.
TAILS = (
    *(
        "万科城市花园3栋2单元501",
        " 阳光小区12-3-402",
        "（菜鸟驿站）",
        " 金域蓝湾6栋",
        " 华联超市旁",
        "中国移动营业厅",
        " 国际商贸城F1-2380号",
        "(近地铁2号线)",
    ),
    *(
        " 汤臣一品",
        " 龙湖天街A座1301室",
        " 高铁站南广场",
        "凯旋门小区",
        " 万达广场3楼",
        " 云山诗意",
        "江南华府二期8-1-1102",
        "阳光100国际新城",
        " 丰巢柜",
    ),
)
FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺顾毛郝龚邵万覃武戴孔汤"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红建华国志海波宇浩然轩子涵梓怡欣雨佳琪嘉豪思雅"
    "婷晨俊峰凯龙飞雪梅春燕云山江林庭安康宁德福荣光亮东博永新世成小晓玉金宝长立振兴"
)
PHONES = (
    *("13{d9}", "15{d9}", "18{d9}", "17{d9}", "19{d9}") * 3,
    *("1{c}{d1} {d4} {e4}", "1{c}{d1}-{d4}-{e4}", "+86 1{c}{d9}", "+861{c}{d9}", "86-1{c}{d9}", "00861{c}{d9}"),
    *("1{c}{d1}****{d4}", "010-{f}{d7}", "0{g}-{f}{d7}", "0{g}{h}-{f}{d6}", "(0{g}){f}{d7}", "0{g}-{f}{d7}转{d4}"),
    *("400-{d3}-{d4}", "1{c}{d9}-{d4}", "1{c}{d9}转{d4}"),
)


@dataclass(frozen=True)
class MadeLine:
    """A line, and what stands on it."""

    layout: str
    text: str
    name: str
    phone: str
    postcode: str
    county: str
    address: str


def person(rng: random.Random) -> str:
    """Return an invented name: most have three characters."""
    kind = rng.random()
    if kind < 0.03:
        return f"{''.join(rng.sample(GIVEN, 3))}·{''.join(rng.sample(GIVEN, 3))}"
    if kind < 0.06:
        return rng.choice(("欧阳", "司马", "上官", "诸葛", "慕容")) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
    name = rng.choice(FAMILY) + "".join(rng.sample(GIVEN, 1 if rng.random() < 0.15 else 2))
    if kind < 0.1:
        return name[0] + rng.choice(("先生", "女士", "小姐"))
    return name


def phone(rng: random.Random) -> str:
    """Return an invented telephone."""

    def digits(count: int) -> str:
        return "".join(str(rng.randint(0, 9)) for _ in range(count))

    numbers = {f"d{n}": digits(n) for n in range(1, 10)} | {"e4": digits(4)}
    numbers |= {"c": rng.choice("35789"), "f": rng.choice("2345678"), "g": rng.choice(("21", "25", "28", "29"))}
    pattern = rng.choice(PHONES)
    if "{h}" in pattern:
        numbers["g"], numbers["h"] = rng.choice(("57", "75", "53", "31", "51")), digits(1)
    return pattern.format(**numbers)


def made(count: int, seed: int = 7) -> Iterator[MadeLine]:
    """Yield lines, the layouts in turn."""
    rng, table = random.Random(seed), load_table()
    counties = [c for c in counties_of("全国") if c.code[:2] not in ("71", "81", "82")]
    for i in range(count):
        layout = list(LAYOUTS)[i % len(LAYOUTS)]
        address = invent(rng.choice(counties), rng)
        path, detail = address.path, address.detail + (rng.choice(TAILS) if rng.random() < 0.4 else "")
        low, high = _RANGES[path.divisions[0].code]
        names = {"n": person(rng), "p": phone(rng), "z": f"{rng.randint(low, high):02}{rng.randint(0, 9999):04}"}
        levels = {f"p{n}": path.name(level) for n, level in enumerate(("province", "city", "county", "town"), 1)}
        if layout == "plus":  # +86 and a plus before 86 look the same
            names["p"] = f"138{rng.randint(0, 99999999):08}"
        more = {
            "p5": "189" + "".join(str(rng.randint(0, 9)) for _ in range(8)),
            "order": str(rng.randrange(10**15, 10**16)),
        }
        spaced = " ".join(d.name for d in path.divisions)
        text = LAYOUTS[layout].format(a=path.full + detail, g=path.full, s=spaced, d=detail, **names, **levels, **more)
        telephone = "" if "{p}" not in LAYOUTS[layout] else names["p"]
        if "{p5}" in LAYOUTS[layout]:
            telephone += f"; {more['p5']}"
        postcode = names["z"] if "{z}" in LAYOUTS[layout] else ""
        county = table.county_of(path.divisions[-1].code)
        name = names["n"] if "{n}" in LAYOUTS[layout] else ""
        yield MadeLine(layout, text, name, telephone, postcode, county, path.full + detail)


def measure(lines: list[MadeLine], read: Callable[[str], tuple[str, str, str, str]]) -> list[tuple[MadeLine, str]]:
    """Return the lines that ``read`` (name, telephone, postcode, county code) reads otherwise, and how."""
    found = []
    for line in lines:
        wanted = (line.name.removesuffix("收"), line.phone, line.postcode, line.county)
        got = read(line.text)
        if got != wanted:
            found.append((line, f"{got} instead of {wanted}"))
    return found


def main() -> None:
    """Print the share of lines that are read rightly."""
    from buqi.address.completer import Completer
    from buqi.contact import read_line
    from buqi.places.memory import empty_memory

    completer = Completer(empty_memory())

    def read(text: str) -> tuple[str, str, str, str]:
        line = read_line(text)
        path = completer.complete(line.address).path
        county = completer.matcher.table.county_of(path.divisions[-1].code) if path.divisions else ""
        return line.name, line.phone, line.postcode, county

    count, seed = (*map(int, sys.argv[1:3]), *(1000, 7)[len(sys.argv[1:3]) :])
    lines = list(made(count, seed))
    missed = measure(lines, read)
    all_of, wrong = Counter(line.layout for line in lines), Counter(line.layout for line, _ in missed)
    for layout, number in all_of.items():
        if wrong[layout]:
            print(f"{layout:24} {1 - wrong[layout] / number:6.1%}")
    for line, how in missed[:40]:
        print(line.layout, repr(line.text), how)
    print(f"{len(lines) - len(missed)} of {len(lines)} right: {1 - len(missed) / len(lines):.1%}")


if __name__ == "__main__":
    main()
