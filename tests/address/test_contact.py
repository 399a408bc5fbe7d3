from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.address.contact import LABELS, PERSON, Contact, read_contact
from buqi.divisions import load_matcher, load_table

LAYOUTS = """{n} {p} {a}
{a} {n} {p}
{n}，{p}，{a}
{p}{n}{a}
{n}{p}{a}
{a}，{n}，{p}
{a} {p} {n}
收货人：{n}/手机号码：{p}/所在地区：{r}/详细地址：{d}
收件人:{n} 电话:{p} 地址:{a}
姓名：{n}，电话：{p}，地址：{a}
{n},{p},{a},{z}
{a} {z} {n} {p}
{n}|{p}|{a}
{z} {a} {n} {p}
{a}（{n}收）{p}
{a} {n}(收) {p}
收货人: {n}/联系电话: {p}/收货地址: {a}/邮编: {z}
地址：{a} 收件人：{n} 手机：{p}
name: {n}/phone: {p}/address: {a}
{n}/{p}/{a}
{n} {p} {r} {d}
[{n}] {p} {a}
{a} 电话{p} {n}
邮编{z} {a} {n}收 {p}
{n}先生 {p} {a}""".split("\n")  # a stroke stands for a new line
SURNAMES = "王李张刘陈杨赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂建国志晓"
HOUSES = ("人民路12号", "建设西路100号3栋2单元501室", "幸福村三组", "绿地公馆8幢", "学府路1380号")


def is_place(word: str) -> bool:
    return word in load_matcher().lexicon.names


def test_lines_of_shops_and_forms_are_taken_apart():
    rng, table = random.Random(3), load_table()
    towns = rng.sample(list(table.at("town")), 40 * len(LAYOUTS))
    wrong = []
    for number, town in enumerate(towns):
        name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2))))
        mobile = f"1{rng.choice('3456789')}{rng.randrange(10**8, 10**9)}"
        first, middle, last = mobile[:3], mobile[3:7], mobile[7:]
        phone = rng.choice((mobile, f"{first} {middle} {last}", f"{first}****{last}", f"0571-8{mobile[4:]}"))
        path = table.path(town.code)
        region, door = path.full.removesuffix(town.name), town.name + rng.choice(HOUSES)
        code = str(rng.randrange(100000, 700000))
        layout = LAYOUTS[number % len(LAYOUTS)].replace("/", "\n")
        if is_place(name):
            continue
        line = layout.format(n=name, p=phone, a=region + door, r=region, d=door, z=code)
        found = read_contact(line, is_place)
        told = (found.name.removesuffix("先生").removesuffix("收").strip("()（）"), found.phone, found.postcode)
        at = load_matcher().match(found.address).path
        if told != (name, phone, code if "{z}" in layout else "") or at.full != path.full:
            wrong.append((line, found))
    assert len(wrong) <= 0.02 * len(towns), wrong[:5]


@pytest.mark.parametrize(
    ("line", "contact"),
    [
        ("陕西王小明18291234567扶风法门镇法门寺", Contact("王小明", "18291234567", "", "陕西 扶风法门镇法门寺")),
        ("高平 15912345678 海口市美兰区1号", Contact("", "15912345678", "", "高平 海口市美兰区1号")),
        (
            "海淀区中关村大街1380号 邮编100080 电话010-62551234转8001",
            Contact("", "010-62551234转8001", "100080", "海淀区中关村大街1380号"),
        ),
        (
            "阿依古丽·买买提 13900001111 喀什市色满路337号",
            Contact("阿依古丽·买买提", "13900001111", "", "喀什市色满路337号"),
        ),
        ("法国驻华使馆 朝阳区天泽路60号 100600", Contact("", "", "100600", "法国驻华使馆 朝阳区天泽路60号")),
        ("碑林区扬子江南路467-6号(人民医院旁)", Contact("", "", "", "碑林区扬子江南路467-6号(人民医院旁)")),
        ("何家村 12号", Contact("", "", "", "何家村 12号")),
        ("长江路13800000000号", Contact("", "", "", "长江路13800000000号")),
    ],
)
def test_only_what_is_certain_is_taken_out(line, contact):
    assert read_contact(line, is_place) == contact


PIECES = [*"\n，, ;:：()（）【】", "王小明", "13800000000", "100600", "海淀区", "人民路12号", "姓名", "电话："]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_character_is_lost_or_invented(parts):
    line = "".join(parts)
    found = read_contact(line, is_place)
    told = sorted("".join((found.name, found.phone, found.postcode, found.address)))
    left = list(line)
    for character in told:
        if character in left:
            left.remove(character)
        else:
            assert character == " "  # between two pieces
    allowed = set(LABELS + "|") | set(" ,，;；:：|/、\t\r\n()（）[]【】")
    assert set(left) <= allowed
    assert not found.name or PERSON.fullmatch(found.name) or any(label in line for label in ("姓名",))
