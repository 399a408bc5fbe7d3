from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address import Completion
from buqi.divisions import load_matcher
from buqi.divisions.chain_reader import BESIDE, BESIDE_ENDS
from buqi.divisions.text import read


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("陕西省西安市碑林区1号", ["陕西省", "西安市", "碑林区"]),
        ("收件人王小明安徽省太和县人民路", ["安徽省", "太和县"]),
        ("中国陕西碑林1号", ["陕西", "碑林"]),
        ("陵夏市城南街道崇文社区", ["陵夏市", "城南街道"]),
        ("安徽省的太和县的人民路", ["安徽省", "太和县"]),
    ],
)
def test_the_chain_that_reads_most(text, names):
    reading = read(text)
    state = load_matcher().chains.read(reading)
    assert state is not None
    assert [text[slice(*reading.span(start, end))] for start, end in state.spans] == names


def test_no_name_no_chain():
    assert load_matcher().chains.read(read("人民路12号")) is None


def test_a_filler_behind_the_last_name_is_no_part_of_the_rest():
    reading = read("安徽省的太和县的人民路")
    state = load_matcher().chains.read(reading)
    assert state is not None and reading.plain[state.at :] == "人民路"


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("河北省雄安新区容城县奥威路1号", "河北省保定市容城县雄安新区奥威路1号"),
        (
            "河南省郑州市中国（河南）自由贸易试验区管城回族区航海东路",
            "河南省郑州市管城回族区中国（河南）自由贸易试验区航海东路",
        ),
        ("陕西省西安市高新区雁塔区科技路1号", "陕西省西安市雁塔区高新区科技路1号"),
        ("四川成都高新区武侯区天府大道1号", "四川省成都市武侯区高新区天府大道1号"),
        ("湖北省武汉东湖新技术开发区洪山区关山大道1号", "湖北省武汉市洪山区东湖新技术开发区关山大道1号"),
        ("山东省青岛西海岸新区黄岛区长江路街道", "山东省青岛市黄岛区长江路街道西海岸新区"),
    ],
)
def test_a_zone_between_a_city_and_its_county_is_kept_and_contradicts_nothing(text, full):
    match = load_matcher().match(text)
    assert match.best is not None and match.best.against == ()
    assert Completion.from_match(match).full == full


def test_a_county_of_today_between_them_does_contradict():
    best = load_matcher().match("天津市浦东新区南开区白堤路1号").best
    assert best is not None and best.code == "120104" and best.against == ("浦东新区",)


def test_a_bracket_that_ends_the_text_changes_nothing_at_its_front():
    chains = load_matcher().chains
    assert chains.read(read("位于南京市")) is chains.read(read("位于南京市(")) is None


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ("江北新区顶山街道1号", "江苏省南京市浦口区顶山街道", "江北新区1号"),  # the only town of the name
        ("南京市江北新区泰山街道", "江苏省南京市浦口区泰山街道", "江北新区"),
        ("北京经济开发区新华街道", "北京市通州区新华街道", "经济开发区"),  # the only one there
        ("东湖开发区新华街道", "", "东湖开发区新华街道"),  # many have the name
        ("浙江省航州市西胡区文三路", "浙江省杭州市西湖区", "文三路"),  # two slips in a row
        ("蚌埠市郊区长青乡", "安徽省蚌埠市禹会区长青乡", "郊区"),  # 佳木斯 has a 郊区 with such a town
        ("沪浦东周浦镇年家浜路", "上海市浦东新区周浦镇", "年家浜路"),
        ("江苏省徐洲市铜山曲柳新镇", "江苏省徐州市铜山区柳新镇", ""),
        ("广东省深川市宝按区沙井街道", "广东省深圳市宝安区沙井街道", ""),
    ],
)
def test_towns_behind_zones_and_two_slips(text, path, detail):
    answer = Completion.from_match(load_matcher().match(text))
    assert (answer.path.full, answer.detail) == (path, detail)


@given(st.from_regex(BESIDE.pattern).filter(lambda text: "\n" not in text))
def test_every_word_for_nearby_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in BESIDE_ENDS
