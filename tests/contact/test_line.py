"""Shipping lines are taken apart: what is certain is taken out, nothing is lost, nothing invented."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.contact import read_line
from buqi.divisions import load_matcher, load_table
from tests.contact.lines import LAYOUTS, TAILS, made, measure

# A second set of layouts, with other names, roads and postcodes than `tests.contact.lines` has; / is a new line.
OTHER_LAYOUTS = """{n} {p} {a}
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
{n}先生 {p} {a}""".split("\n")
SURNAMES = "王李张刘陈杨赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂建国志晓"
HOUSES = ("人民路12号", "建设西路100号3栋2单元501室", "幸福村三组", "绿地公馆8幢", "学府路1380号")
POSTCODES = {"11": "100022", "33": "310012", "44": "518000", "61": "710000", "65": "830000"}


def parts(text: str) -> tuple[str, str, str, str]:
    found = read_line(text)
    return found.name, found.phone, found.postcode, found.address


def test_lines_of_shops_and_forms_are_taken_apart():
    matcher = load_matcher()

    def read(text: str) -> tuple[str, str, str, str]:
        found = read_line(text)
        path = matcher.match(found.address).path
        county = matcher.table.county_of(path.divisions[-1].code) if path.divisions else ""
        return found.name, found.phone, found.postcode, county

    lines = list(made(40 * len(LAYOUTS), seed=5))
    missed = measure(lines, read)
    assert len(missed) <= 0.01 * len(lines), missed[:5]
    assert len(LAYOUTS) >= 25


def test_lines_of_a_second_set_are_taken_apart():
    rng, table = random.Random(3), load_table()
    towns = rng.sample([t for t in table.at("town") if t.code[:2] in POSTCODES], 40 * len(OTHER_LAYOUTS))
    wrong = []
    for number, town in enumerate(towns):
        name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2))))
        mobile = f"1{rng.choice('3456789')}{rng.randrange(10**8, 10**9)}"
        first, middle, last = mobile[:3], mobile[3:7], mobile[7:]
        phone = rng.choice((mobile, f"{first} {middle} {last}", f"{first}****{last}", f"0571-8{mobile[4:]}"))
        path, code = table.path(town.code), POSTCODES[town.code[:2]]
        region, door = path.full.removesuffix(town.name), town.name + rng.choice(HOUSES)
        layout = OTHER_LAYOUTS[number % len(OTHER_LAYOUTS)].replace("/", "\n")
        if name in load_matcher().lexicon.names:
            continue
        line = layout.format(n=name, p=phone, a=region + door, r=region, d=door, z=code)
        *told, address = parts(line)
        told[0] = told[0].removesuffix("先生")
        at = load_matcher().match(address).path
        if told != [name, phone, code if "{z}" in layout else ""] or at.full != path.full:
            wrong.append((line, told, address))
    assert len(wrong) <= 0.01 * len(towns), wrong[:5]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("陕西王小明18291234567扶风法门镇法门寺", ("王小明", "18291234567", "", "陕西扶风法门镇法门寺")),
        ("高平 15912345678 海口市美兰区1号", ("高平", "15912345678", "", "海口市美兰区1号")),
        ("高平 15912345678 山西省晋城市1号", ("", "15912345678", "", "高平 山西省晋城市1号")),
        ("万宁 15912345678 海南省万宁市1号", ("", "15912345678", "", "万宁 海南省万宁市1号")),
        ("安康 15912345678 陕西汉滨区1号", ("", "15912345678", "", "安康 陕西汉滨区1号")),
        ("收货人：安康 陕西省安康市汉滨区1号", ("安康", "", "", "陕西省安康市汉滨区1号")),
        (
            "海淀区中关村大街1380号 邮编100080 电话010-62551234转8001",
            ("", "010-62551234转8001", "100080", "海淀区中关村大街1380号"),
        ),
        (
            "阿依古丽·买买提 13900001111 喀什市色满路337号",
            ("阿依古丽·买买提", "13900001111", "", "喀什市色满路337号"),
        ),
        ("法国驻华使馆 朝阳区天泽路60号 100600", ("", "", "100600", "法国驻华使馆 朝阳区天泽路60号")),
        ("碑林区扬子江南路467-6号(人民医院旁)", ("", "", "", "碑林区扬子江南路467-6号(人民医院旁)")),
        ("何家村 12号", ("", "", "", "何家村 12号")),
        ("长江路13800000000号", ("", "", "", "长江路13800000000号")),
        ("江西省南昌市西湖区 王家庄 13800000000", ("", "13800000000", "", "江西省南昌市西湖区 王家庄")),
        ("手机1号店 北京市朝阳区电话局家属院3号", ("", "", "", "手机1号店 北京市朝阳区电话局家属院3号")),
        ("张三，13800000000，路桥区峰江街道1号", ("张三", "13800000000", "", "路桥区峰江街道1号")),
        ("北京市朝阳区(13800000000)建国路88号（张三收）", ("张三", "13800000000", "", "北京市朝阳区建国路88号")),
        ("姓　名：王　明 电话：87654321 杭州市文一路9号", ("王　明", "87654321", "", "杭州市文一路9号")),
        ("聯絡人：張三 電話：１３８００００００００ 臺北市", ("張三", "１３８００００００００", "", "臺北市")),
        ("收货人：北京某某有限公司 张三 13800000000", ("张三", "13800000000", "", "北京某某有限公司")),
        ("张三 13800000000/010-62551234", ("张三", "13800000000; 010-62551234", "", "")),
        ("张三（先生） 0086-13800000000 建国路88号 备注：放门口", ("张三", "0086-13800000000", "", "建国路88号")),
        ("备注： 放门口 张三 13800000000 碑林区1号", ("张三", "13800000000", "", "碑林区1号")),
        ("碑林区1号 备注：放门口，谢谢 辛苦", ("", "", "", "碑林区1号")),
        ("微信13800000000 碑林区1号 微信号：abc123", ("", "13800000000", "", "碑林区1号")),
        ("订单号：13812345678\n北京市朝阳区", ("", "", "", "北京市朝阳区")),
        ("710000西安市碑林区文昌路1号", ("", "", "710000", "西安市碑林区文昌路1号")),
        ("510000 西安市碑林区文昌路1号", ("", "", "", "510000 西安市碑林区文昌路1号")),
        ("小李 13800000000 碑林区1号", ("小李", "13800000000", "", "碑林区1号")),
        ("张*三 138****0000 碑林区1号", ("张*三", "138****0000", "", "碑林区1号")),
        ("200801000001，Mary，13688888888，济源市", ("Mary", "13688888888", "", "200801000001，济源市")),
        ("[张三][13800000000][碑林区文昌路1号]", ("张三", "13800000000", "", "碑林区文昌路1号")),
        ("张三&nbsp;13800000000<br>碑林区1号", ("张三", "13800000000", "", "碑林区1号")),
        ("请送到南京市1号，谢谢，电话13800000000", ("", "13800000000", "", "请送到南京市1号，谢谢")),
        ("", ("", "", "", "")),
        ("张三", ("", "", "", "张三")),
        ("：：", ("", "", "", "：：")),
    ],
)
def test_only_what_is_certain_is_taken_out(line, wanted):
    assert parts(line) == wanted


@pytest.mark.parametrize("tail", ["", *TAILS])
def test_an_address_alone_stays_whole(tail):
    for house in HOUSES:
        text = f"浙江省杭州市西湖区{house}{tail}"
        assert parts(text) == ("", "", "", text)


PIECES = st.one_of(
    st.sampled_from(
        [*"\n\t，, ;:：、|/()（）【】[]-+*·0", "　", "收", "先生", "王小明", "高平", "张三", "阿不都·热西提"]
    ),
    st.sampled_from(["13800000000", "138****0000", "010-62551234", "转8", "100600", "邮编", "备注：", "订单号"]),
    st.sampled_from(
        ["姓名", "收货人：", "电话", "地址：", "所在地区：", "海淀区", "北京市", "人民路12号", "Tel:", "name"]
    ),
    st.text(max_size=3),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_each_character_is_in_exactly_one_part(text):
    found = read_line(text)
    assert "".join(text[part.start : part.end] for part in found.parts) == text
    assert all(part.start < part.end for part in found.parts)
    assert {part.kind for part in found.parts} <= {"name", "phone", "postcode", "label", "address"}
    for told in (found.name, found.postcode, *filter(None, found.phone.split("; "))):
        assert told in text, "nothing is invented"
    assert is_part(found.address, text)
    assert not found.postcode or len(found.postcode) == 6


def is_part(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(c in rest for c in part)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_what_was_taken_out_is_not_found_again(seed):
    (line,) = made(1, seed)
    found = read_line(line.text)
    again = read_line(found.address)
    assert (again.phone, again.postcode) == ("", "")
