"""A line is split where another address begins, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.contact import several, split_line
from buqi.contact.several import _SIGNS, BREAK, may_have_breaks

TWO = ("北京市海淀区中关村大街1号", "上海市浦东新区世纪大道2号")


@pytest.mark.parametrize("between", ["；", ";", "、", "|", "/", "\n", " 或 ", "或者", " and ", "\n\n", " ; ", "<br/>"])
def test_two_addresses(between):
    assert split_line(between.join(TWO)) == [*TWO]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("北京市海淀区1号；上海市浦东新区2号", ["北京市海淀区1号", "上海市浦东新区2号"]),
        ("鼓楼区1号；上海市浦东新区2号", ["鼓楼区1号", "上海市浦东新区2号"]),
        ("海淀区1号 或 浦东新区2号", ["海淀区1号", "浦东新区2号"]),
        ("海淀区1号|碑林区2号|长安区3号", ["海淀区1号", "碑林区2号", "长安区3号"]),
        ("1. 北京市海淀区1号 2. 上海市浦东新区2号", ["1. 北京市海淀区1号 ", "上海市浦东新区2号"]),
        ("1、北京市海淀区1号\n2、上海市浦东新区2号", ["1、北京市海淀区1号", "上海市浦东新区2号"]),
        ("①北京市海淀区1号②上海市浦东新区2号", ["①北京市海淀区1号", "上海市浦东新区2号"]),
        ("杭州市西湖区文一西路969号、余杭区五常街道1号", ["杭州市西湖区文一西路969号", "余杭区五常街道1号"]),
        (
            "张三，13800000000，北京市海淀区1号；李四，13900000000，上海市浦东新区2号",
            ["张三，13800000000，北京市海淀区1号", "李四，13900000000，上海市浦东新区2号"],
        ),
        (
            "寄件人：张三 北京市海淀区1号 收件人：李四 上海市浦东新区2号",
            ["寄件人：张三 北京市海淀区1号", "收件人：李四 上海市浦东新区2号"],
        ),
        ("发货：义乌市福田街道 收货：广州市白云区石井街道", ["发货：义乌市福田街道", "收货：广州市白云区石井街道"]),
        ("旧址：长沙市芙蓉区1号 新址：长沙市岳麓区2号", ["旧址：长沙市芙蓉区1号", "长沙市岳麓区2号"]),
        ("发货地广州市白云区石井街道 收货地贵阳市白云区沙文镇", ["发货地广州市白云区石井街道", "贵阳市白云区沙文镇"]),
        ("起点：苏州市虎丘区 终点：无锡市梁溪区", ["起点：苏州市虎丘区", "终点：无锡市梁溪区"]),
        (
            "张三 13800000000\n北京市海淀区1号\n李四 13900000000\n上海市浦东新区2号",
            ["张三 13800000000\n北京市海淀区1号", "李四 13900000000\n上海市浦东新区2号"],
        ),
        (
            "北京市海淀区1号\n张三 13800000000\n上海市浦东新区2号\n李四 13900000000",
            ["北京市海淀区1号\n张三 13800000000", "上海市浦东新区2号\n李四 13900000000"],
        ),
    ],
)
def test_a_line_is_split_where_another_address_begins(text, addresses):
    found = split_line(text)
    assert found == addresses
    assert text.startswith(found[0]) and text.endswith(found[-1])


@pytest.mark.parametrize(
    "text",
    [
        "海淀区1号;3楼",
        "张三;海淀区1号",
        "江苏省/南京市/鼓楼区/中央路1号",
        "杭州市西湖区文一西路969号、970号",
        "江苏南京溧水区；中国江苏南京溧水区和凤镇1号",
        "浙江省杭州市西湖区/浙江省杭州市西湖区文一西路969号",
        "人民路12号/西湖街道/西湖区/杭州市/浙江省",
        "扶风县法门镇1号；宝鸡市；陕西省",
        "伊犁哈萨克自治州、塔城地区、额敏县",
        "中央路/新模范马路口",
        "1. 北京市海淀区中关村大街1号",
        "收货人: 王某\n手机号码: 13800000000\n所在地区: 广东省深圳市龙岗区龙岗街道\n详细地址: 格水村三巷十号楼",
        "所在地区：浙江省杭州市西湖区\n详细地址：浙江省杭州市西湖区文一西路969号",
        "江西省/江西省抚州市临区连城乡/临川区连城乡/人民路12号",
        "广西壮族自治区&#160;来宾市&#160;武宣县&#160;广西壮族自治区&#160;来宾市&#160;武宣县&#160;人民路12号",
        "；；",
        "",
    ],
)
def test_one_address_stays_one(text):
    assert split_line(text) == [text]


PIECES = st.one_of(
    st.sampled_from([*"；、|/\n。1. ", *TWO, "张三 13800000000", "西湖区", " and ", "①"]), st.text(max_size=3)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_pieces_stand_in_the_line_in_order(text):
    at = 0
    for number, piece in enumerate(split_line(text)):
        found = text.find(piece, at)
        assert found >= at and (number or found == 0)
        at = found + len(piece)
    assert at == len(text)


@given(st.text("a1号室路。，,;；、|/\n <br>andor或者是以及(.)[]、①收件人:", max_size=12))
def test_every_break_has_a_sign(line):
    assert BREAK.search(line) is None or may_have_breaks(line)


@given(st.text("南京市到转至，,。+→鼓楼区1号室;或以", max_size=12))
def test_a_sign_is_found_by_its_first_character(line):
    assert may_have_breaks(line) is (_SIGNS.search(line) is not None)


@pytest.mark.parametrize(
    ("between", "second"),
    [
        ("，", "柳州市城中区龙城路6号"),
        (", ", "广西柳州市城中区龙城路6号"),
        ("+", "柳州市城中区龙城路6号"),
        ("→", "柳州市城中区龙城路6号"),
        ("到", "柳州市城中区龙城路6号"),
        (" 转 ", "伊犁哈萨克自治州伊宁市解放西路9号"),
        ("；家：", "柳州市城中区龙城路6号"),  # a label before it
    ],
)
def test_a_city_and_a_county_of_another_place_begin_an_address_behind_other_signs(between, second):
    first = "桂林市秀峰区中山中路5号"
    found = split_line(first + between + second)
    assert len(found) == 2 and found[0] == first and found[1].endswith(second)


@pytest.mark.parametrize(
    "text",
    [
        "鼓楼区淮海西路5号，徐州市鼓楼区",  # the end of one address
        "江苏省徐州市泉山区泰山路1号，徐州市泉山区",
        "人民路5号，玄武区，江苏省南京市玄武区",
        "解放街道，临河区，巴彦淖尔市，内蒙古自治区",
        "江苏省，南京市，鼓楼区，汉口路22号",
        "贵州省贵阳市，遵义市红花岗区延安路街道",  # no address stands before it
    ],
)
def test_a_comma_divides_the_parts_of_one_address(text):
    assert split_line(text) == [text]


@pytest.mark.parametrize("unit", ["，北京市朝阳区", "http://北京市朝阳区", "，鼓楼区", "/上海市浦东新区"])
def test_a_line_of_many_divisions_is_read_in_linear_time(unit, monkeypatch):
    read = several.read_line
    asked: list[int] = []
    monkeypatch.setattr(several, "read_line", lambda text, matcher: asked.append(len(text)) or read(text, matcher))
    for times in (40, 80):
        asked.clear()
        split_line(unit * times)
        assert sum(asked) < 12 * len(unit) * times


def test_every_address_of_a_long_line_is_found():
    addresses = [f"陕西省西安市碑林区友谊路{n}号" for n in range(30)]
    assert [part.strip() for part in split_line("；".join(addresses))] == addresses


def test_a_newer_address_begins_behind_its_word():
    line = "旧地址 上海市静安区南京西路1266号，新地址 上海市静安区南京西路1788号"
    assert split_line(line) == ["旧地址 上海市静安区南京西路1266号", "上海市静安区南京西路1788号"]
    assert split_line("昆山市花桥镇，新地址大厦5号") == ["昆山市花桥镇，新地址大厦5号"]
