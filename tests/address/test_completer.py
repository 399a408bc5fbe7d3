"""Propose, choose, verify: right answers, honest refusals, nothing outside the table, nothing lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.address import completer
from buqi.address.completer import Completer
from buqi.address.completion import UNLIKELY
from buqi.address.known_chains import MANY
from buqi.address.settled import plain_kind
from buqi.address.villages import village_of
from buqi.divisions import load_table
from buqi.errors import UsageError
from buqi.places import learn, load_memory
from buqi.places.memory import empty_memory

EMPTY = empty_memory()


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(EMPTY)


@pytest.fixture(scope="module")
def remembering(tmp_path_factory) -> Completer:
    folder = tmp_path_factory.mktemp("places")
    roads = [f"吉林省长春市朝阳区珠玑大街{n}号" for n in range(20)] + ["吉林省长春市朝阳区繁荣路5号"]
    learn(roads + ["福建省福州市鼓楼区五四路8号"] * 5, "own", folder)
    return Completer(load_memory(folder))


@pytest.mark.parametrize(
    ("text", "full", "decided"),
    [
        ("碑林区扬子江南路467-6号", "陕西省西安市碑林区扬子江南路467-6号", "table"),
        ("扶风法门镇法门寺", "陕西省宝鸡市扶风县法门镇法门寺", "table"),
        ("鼓楼区中央路1号", "江苏省南京市鼓楼区中央路1号", "evidence"),
        ("陇熙县巩昌镇崇文路", "甘肃省定西市陇西县巩昌镇崇文路", "evidence"),
        ("临安市锦北街道大罗村6组", "浙江省杭州市临安区锦北街道大罗村6组", "table"),
        ("西安市", "陕西省西安市", "table"),
    ],
)
def test_completes(plain, text, full, decided):
    found = plain.complete(text)
    assert (found.full, found.decided) == (full, decided)
    assert found.confidence is not None and found.confidence >= 0.5


@pytest.mark.parametrize("text", ["你好", "人民路1号", "高新区科技路2号", "abc", "。"])
def test_refuses_instead_of_guessing(plain, text):
    found = plain.complete(text)
    assert found.status in ("unknown", "ambiguous") and found.full == text
    assert found.confidence is None or found.confidence < 0.5


def test_a_memory_decides_what_the_table_cannot(plain, remembering):
    assert plain.complete("高新区珠玑大街1198号").status in ("unknown", "ambiguous")
    found = remembering.complete("高新区珠玑大街1198号")
    assert (found.path.full[:6], found.decided) == ("吉林省长春市", "memory")
    assert found.detail == "高新区珠玑大街1198号"
    assert remembering.complete("鼓楼区五四路3号").path.name("city") == "福州市"


@pytest.mark.parametrize("text", ["儿童雨衣加厚款", "周静先生", "大众物流", "珠玑手链"])
def test_a_memory_does_not_make_a_place_of_what_is_none(remembering, text):
    found = remembering.complete(text)
    assert (found.status, found.path.full) == ("unknown", "")


def test_a_road_that_lies_in_a_known_zone_decides_without_a_memory(plain):
    found = plain.complete("高新区硅谷大街1198号")
    assert (found.path.name("city"), found.decided) == ("长春市", "evidence")
    assert found.detail == "高新区硅谷大街1198号"


def test_a_town_alone_is_weighed(plain):
    found = plain.complete("法门镇1号")
    assert (found.path.full, found.decided) == ("陕西省宝鸡市扶风县法门镇", "evidence")


def test_a_higher_threshold_refuses_more_and_changes_nothing_else(plain):
    text = "鼓楼区中央路1号"
    assert Completer(EMPTY, threshold=0.9999).complete(text).status == "ambiguous"
    assert Completer(EMPTY, threshold=0.0).complete("人民路1号").status == "partial"
    with pytest.raises(UsageError, match="from 0 to 1"):
        Completer(EMPTY, threshold=1.5)


@pytest.mark.parametrize("text", ["济南市胶州市杭州路1号", "鼓楼区中央路1号", "镇原农业局", "碑林区文昌路1号"])
def test_no_answer_is_less_sure_than_the_threshold(plain, text):
    answer = plain.complete(text)
    strict = Completer(EMPTY, threshold=answer.confidence + 0.004).complete(text)
    assert answer.path.name("county") and not strict.path.name("county")
    if strict.status == "ambiguous":
        assert strict.full == text and strict.notes[0] == UNLIKELY and strict.confidence <= answer.confidence
        assert answer.path.name("county") in strict.alternatives[0]["full"]
    else:
        assert strict.status == "partial" and strict.confidence > answer.confidence


@pytest.mark.parametrize("text", ["中山 中山", "临夏阿力麻土乡", "东城区莞樟路3号，东莞"])
def test_a_refusal_repeats_what_was_asked(text):
    found = Completer(EMPTY, threshold=1.0).complete(text)
    assert found.status in ("ambiguous", "unknown") and found.input == found.full == found.detail == text


def test_what_is_refused_anyway_is_not_refused_again():
    answer = Completer(EMPTY, threshold=0.9999).complete("桥西区1号")
    assert (answer.status, answer.notes, answer.path.full) == ("ambiguous", (UNLIKELY,), "河北省")
    assert all(other["full"] != answer.input for other in answer.alternatives)


def test_addresses_that_are_looked_up_keep_the_threshold():
    texts = [f"碑林区文昌路{number}号" for number in range(MANY)]
    assert {one.status for one in Completer(EMPTY, threshold=0.9999).complete_all(texts)} == {"ambiguous"}


def test_a_city_without_certain_county_is_given_as_a_city(plain):
    found = plain.complete("杭州市建国路304号")
    assert (found.path.full, found.detail, found.status) == ("浙江省杭州市", "建国路304号", "partial")
    assert found.alternatives and all("杭州市" in a["full"] for a in found.alternatives)


def test_zones_and_contradicting_names_stay_in_the_text(remembering):
    for text in ("苏州工业园区星湖街328号", "北京市西安高新区", "鼓楼区西安市中央路1号"):
        found = remembering.complete(text)
        left = found.detail
        for name in (d.name for d in found.path.divisions):
            text = text.replace(name, "", 1)
        assert left.endswith(text[-4:])
    assert "苏州工业园区" in remembering.complete("苏州工业园区星湖街328号").detail


DIVISIONS = sorted(load_table().by_code)
WORDS = st.sampled_from([d.name for code, d in sorted(load_table().by_code.items())][::37])
PLACES = st.sampled_from(["人民路", "高新区", "开发区", "城关镇", "1号", "（", "）", " ", "村", "A座", "中山", "西安"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(WORDS, PLACES, st.text(max_size=3)), max_size=6).map("".join))
def test_every_answer_lies_in_the_table_and_keeps_the_text(plain, text):
    found = plain.complete(text)
    table = load_table()
    for above, below in zip(found.path.divisions, found.path.divisions[1:], strict=False):
        assert below.parent == above.code
    assert all(table.by_code[d.code].name == d.name for d in found.path.divisions)
    assert found.full == (found.path.full + found.detail if found.status in ("complete", "partial") else text)
    assert len(found.detail) <= len(text) and is_part(found.detail.replace(" ", ""), text)
    assert json.dumps(found.as_json())


def is_part(part: str, whole: str) -> bool:
    """Whether ``part`` is ``whole`` with something left out, in order."""
    rest = iter(whole)
    return all(c in rest for c in part)


def test_what_goes_against_a_name_in_full_is_never_sure(plain):
    found = plain.complete("深圳市宝安区公明街道松白路1号")
    assert found.path.name("county") == "光明区" and found.confidence == 0.9


def test_equal_texts_are_answered_alike_and_in_order(plain):
    texts = ["碑林区1号", "你好", "碑林区1号"]
    seen = []
    found = plain.complete_all(texts, seen.append)
    assert [f.input for f in found] == texts and found[0] == found[2] and sum(seen) == 2


def test_villages(plain):
    table = load_table()
    county = next(d for d in table.at("county") if d.name == "扶风县")
    town = next(t for t in table.children[county.code] if t.name == "法门镇")
    names = [v for v in table.villages(town.code) if v.name.endswith("村委会")]
    stem = names[0].name.removesuffix("委会")
    assert village_of(f"{stem}3组", county.code, town.code, table) == names[0]
    assert village_of("法门寺", county.code, town.code, table) is None
    assert village_of(f"{stem}路3号", county.code, town.code, table) is None
    found = plain.complete(f"扶风县法门镇{stem}3组").as_json()
    assert found["village"] == names[0].name and found["codes"]["village"] == names[0].code
    assert found["detail"] == f"{stem}3组"


def test_a_province_alone_is_no_guess():
    found = Completer(EMPTY).complete("鼓楼区1号")
    assert found.status == "ambiguous" and not found.path.divisions and len(found.alternatives) >= 4
    assert Completer().complete("江苏省1号").path.name("province") == "江苏省", "one that is named is given"


@pytest.mark.parametrize("text", ["同福乡集镇工业大厦内", "卧龙镇人民路"])
def test_a_town_of_before_alone_is_weighed_too(plain, text):
    """There may be another of its name that no table has, of today or of before."""
    assert plain_kind(plain.matcher.match(text), plain.matcher) is None


@pytest.mark.parametrize("text", ["鼓楼区", "长安区", "朝阳区", "铁西区", "南山区"])
def test_a_county_that_several_places_have_is_refused_alone(plain, text):
    assert plain.complete(text).status == "ambiguous"


@pytest.mark.parametrize(
    ("text", "full", "note"),
    [
        ("宿迁市吴江区江陵街道1号", "江苏省苏州市吴江区江陵街道宿迁市1号", "宿迁市: contradicts the other names"),
        (
            "吉林省白城市珲春市人民路12号",
            "吉林省延边朝鲜族自治州珲春市白城市人民路12号",
            "白城市: contradicts the other names",
        ),
        ("武汉市东湖区光谷大道1号", "湖北省武汉市东湖区光谷大道1号", "东湖区: contradicts the other names"),
        ("重庆市巫山县徐家镇1组", "重庆市巫溪县徐家镇1组", "巫山县: 徐家镇 lies in 巫溪县 today"),
    ],
)
def test_an_answer_against_a_whole_name_says_so_and_is_not_sure(plain, text, full, note):
    completion = plain.complete(text)
    assert completion.full == full
    assert note in completion.notes
    assert completion.confidence is not None and completion.confidence <= 0.9


def test_a_town_without_its_kind_is_added_and_its_text_stays(plain):
    completion = plain.complete("大连龙王塘万科樱花园")
    assert completion.path.name("town") == "龙王塘街道"
    assert completion.detail == "龙王塘万科樱花园"


def test_a_short_name_overseas_needs_a_word_of_a_place(plain):
    assert plain.complete("彰化理发店").status == "unknown"
    assert plain.complete("彰化中山路5号").path.name("county") == "彰化市"


def test_what_was_read_and_passed_over_is_said(plain):
    found = plain.complete("三亚秀英区海秀路")
    assert (found.path.name("city"), found.notes) == ("海口市", ("三亚: contradicts the other names",))
    assert found.confidence is not None and found.confidence <= 0.9


@pytest.mark.parametrize(
    ("text", "full"),
    [("西安", "陕西省西安市"), ("新乡", "河南省新乡市"), ("江苏省", "江苏省"), ("江苏南京", "江苏省南京市")],
)
def test_a_city_alone_is_that_city(plain, text, full):
    assert plain.complete(text).full == full


@pytest.mark.parametrize(
    ("text", "city"), [("泰山学院南校区", "泰安市"), ("常德职业技术学院东门", "常德市"), ("延安大学西门", "延安市")]
)
def test_an_institution_keeps_its_name_and_tells_its_place(plain, text, city):
    completion = plain.complete(text)
    assert (completion.path.name("city"), completion.detail) == (city, text)


def test_a_second_address_on_the_line_is_said(plain):
    completion = plain.complete("北京市海淀区中关村大街1号；上海市浦东新区世纪大道2号")
    assert completion.path.full == "北京市海淀区"
    assert "another address follows: 上海市浦东新区世纪大道2号" in completion.notes


def test_a_whole_town_is_answered_although_a_zone_follows(plain):
    completion = plain.complete("大众街街道高新技术产业开发区科技路8号")
    assert completion.path.full == "青海省西宁市城东区大众街街道"


def test_where_no_county_is_likely_at_all_nothing_is_said(plain):
    found = plain.complete("河北省隰县")  # 隰县 lies in another province
    assert (found.status, found.confidence, found.alternatives) == ("unknown", 0.0, ())


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("长沙芙蓉路12号", "湖南省长沙市芙蓉路12号"),
        ("衡阳解放路8号", "湖南省衡阳市解放路8号"),
        ("郑州花园路北段", "河南省郑州市花园路北段"),
        ("西安科技路2号", "陕西省西安市科技路2号"),
        ("西安高新区科技路2号", "陕西省西安市高新区科技路2号"),
    ],
)
def test_a_city_without_its_kind_is_neither_a_county_of_its_name_nor_left_out(plain, text, full):
    found = plain.complete(text)
    assert found.full.startswith(full[:6]) and found.path.name("county") in ("", "金水区")
    assert found.full.replace("金水区", "") == full


def test_a_zones_first_character_is_no_mistyped_county(plain):
    assert plain.complete("西安曲江新区雁翔路").full == "陕西省西安市雁塔区曲江新区雁翔路"


@pytest.mark.parametrize(
    ("text", "town"), [("广东深圳宝安龙华民治街道", "民治街道"), ("深圳龙岗坪山坑梓街道", "坑梓街道")]
)
def test_a_whole_town_with_city_and_county_is_read_behind_another_county(plain, text, town):
    found = plain.complete(text)
    assert found.path.name("town") == town and found.confidence <= 0.9
    assert any("contradicts" in note for note in found.notes)


def test_answers_do_not_depend_on_what_is_read_beside_them(monkeypatch, plain):
    texts = [
        "文一西路969号",
        "扶风县法门镇",
        "鼓楼区中央路1号",
        "",
        "普陀区宁夏路777号",
        "危县人民路",
        "长沙臭豆腐",
        "64弄26号",
    ]
    alone = [plain.complete(text) for text in texts]
    monkeypatch.setattr(completer, "READ_AT_ONCE", 5)
    monkeypatch.setattr(completer, "AT_ONCE", 2)
    done: list[int] = []
    for one, other in zip(alone, plain.complete_all(texts, done.append), strict=True):
        assert (one.full, one.codes, one.notes, one.status) == (other.full, other.codes, other.notes, other.status)
        assert one.confidence == pytest.approx(other.confidence, abs=2e-4)
    assert done == [5, 3]
