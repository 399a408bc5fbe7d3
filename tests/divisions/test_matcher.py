from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.address import Completion
from buqi.divisions import load_matcher, load_table
from buqi.divisions.matcher import CLOSE, OPEN
from buqi.divisions.text import PLAIN, SEPARATORS


def best(text: str) -> str:
    match = load_matcher().match(text)
    return match.best.path.full if match.best else ""


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ("碑林区扬子江南路467-6号", "陕西省西安市碑林区", "扬子江南路467-6号"),
        ("扶风法门镇法门寺", "陕西省宝鸡市扶风县法门镇", "法门寺"),
        ("陕西省碑林区1号", "陕西省西安市碑林区", "1号"),  # city skipped
        ("碑林区西安市1号", "陕西省西安市碑林区", "1号"),  # order swapped
        ("西安碑林1号楼", "陕西省西安市碑林区", "1号楼"),
        ("土右旗萨拉齐镇", "内蒙古自治区包头市土默特右旗萨拉齐镇", ""),
        ("循化县街子镇", "青海省海东市循化撒拉族自治县街子镇", ""),
        ("恩施州恩施市舞阳大道", "湖北省恩施土家族苗族自治州恩施市", "舞阳大道"),
        ("湖南永州市祁阳市梅溪镇湖南省祁阳县梅溪镇大江村", "湖南省永州市祁阳市梅溪镇", "大江村"),
        ("陕西省 西安市，碑林区 / 长乐坊", "陕西省西安市碑林区", "长乐坊"),
        ("陝西省西安市臨潼區华清路１号", "陕西省西安市临潼区", "华清路１号"),
        ("（上海）浦东新区1号", "上海市浦东新区", "1号"),
        ("臺北市中正區忠孝東路", "台湾省台北市中正区", "忠孝東路"),
        ("香港湾仔区轩尼诗道", "香港特别行政区湾仔区", "轩尼诗道"),
        ("东莞市虎门镇1号", "广东省东莞市虎门镇", "1号"),
        ("深圳黄楼办事处", "", "深圳黄楼办事处"),
    ],
)
def test_names_full_short_skipped_swapped_repeated(text, path, detail):
    match = load_matcher().match(text)
    if not path:
        assert match.path.name("county") == ""
        return
    assert match.best is not None
    assert (match.best.path.full, match.detail) == (path, detail)


@pytest.mark.parametrize("text", ["东方市场三区1幢", "新县城百花路2号", "北京市场路8号"])
def test_a_name_that_begins_another_word_is_none(text):
    assert best(text) == ""
    assert best("新县城关镇百花路") == "河南省信阳市新县"


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        ("临安市锦北街道", "浙江省杭州市临安区锦北街道", "former"),
        ("户县画展街25号", "陕西省西安市鄠邑区", "former"),
        ("即墨市鳌山卫镇", "山东省青岛市即墨区鳌山卫街道", "former"),
        ("西安市杯林区长乐路", "陕西省西安市碑林区", "sound"),
        ("望橙区雷锋镇", "湖南省长沙市望城区", "sound"),
        ("陇西线巩昌镇", "甘肃省定西市陇西县巩昌镇", "sound"),
        ("林武市东塔镇", "宁夏回族自治区银川市灵武市东塔镇", "near"),
        ("乌鲁木市天山区", "新疆维吾尔自治区乌鲁木齐市天山区", "missing"),
        ("碑碑林区1号", "陕西省西安市碑林区", "doubled"),
        ("林碑区1号", "陕西省西安市碑林区", "swapped"),
    ],
)
def test_former_names_and_typing_errors_are_understood_and_said(text, path, kind):
    match = load_matcher().match(text)
    assert match.best is not None
    assert match.best.path.full.startswith(path)
    assert kind in {used.kind for used in match.best.used}
    assert Completion.from_match(match).notes


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("长宁区延安西路1号", "上海市长宁区"),
        ("海曙区中山西路5号", "浙江省宁波市海曙区"),
        ("吉林市船营区1号", "吉林省吉林市船营区"),
        ("吉林船营区1号", "吉林省吉林市船营区"),
        ("朝阳市双塔区1号", "辽宁省朝阳市双塔区"),
        ("孟津县城关镇商业街", "河南省洛阳市孟津区"),
    ],
)
def test_traps(text, path):
    assert best(text).startswith(path)


@pytest.mark.parametrize(
    "text", ["四川北路1号", "台湾风情街3号", "延安西路1号", "重庆路5号", "人民路1号", "", "，。", "😀"]
)
def test_a_road_is_no_place(text):
    match = load_matcher().match(text)
    assert match.best is None
    assert match.detail == text


def test_a_contradiction_is_reported_and_the_deepest_consistent_path_kept():
    match = load_matcher().match("广东省南昌市南山区科技园1号")
    assert match.best is not None
    assert match.best.path.full == "广东省深圳市南山区"
    assert match.best.against == ("南昌市",)
    assert "南昌市: contradicts the other names" in Completion.from_match(match).notes


def test_equal_candidates_are_all_returned_and_what_they_share_is_known():
    match = load_matcher().match("鼓楼区1号")
    assert match.best is None
    names = {c.path.full for c in match.candidates[: match.equal]}
    assert names <= {"江苏省南京市鼓楼区", "江苏省徐州市鼓楼区", "福建省福州市鼓楼区", "河南省开封市鼓楼区"}
    assert len(names) == match.equal > 1
    completion = Completion.from_match(match)
    assert completion.status == "ambiguous"
    assert completion.full == "鼓楼区1号"
    assert len(completion.alternatives) == match.equal


def test_names_further_back_decide_among_equals():
    assert best("城关区夺底路68号") == "西藏自治区拉萨市城关区"
    assert best("鼓楼区中央门街道") == "江苏省南京市鼓楼区中央门街道"


def test_what_was_read_is_where_it_says():
    text = "陕西省 西安市·杯林区 1号"
    match = load_matcher().match(text)
    assert match.best is not None
    assert [text[u.start : u.end] for u in match.best.used] == ["陕西省", "西安市", "杯林区"]
    assert [u.code for u in match.best.used] == ["61", "6101", "610103"]


def test_lists_and_columns():
    polars = pytest.importorskip("polars")
    matcher = load_matcher()
    column = polars.Series(["碑林区1号", None, "鼓楼区1号"])
    columns = matcher.columns(column)
    assert columns["county"] == ["碑林区", "", ""]
    assert columns["code"][0] == "610103"
    assert polars.DataFrame(columns).shape == (3, 7)
    assert [m.text for m in matcher.match_all([12, float("nan"), None])] == ["12", "", ""]


NAMES = st.sampled_from(sorted({d.name for d in load_table().by_code.values()}))
ODD = st.sampled_from(list("😀\x00\n\u200b\ufeff（）()，,-/１Ａ臺灣省市縣区號路镇") + ["\U00020000", "1号", "人民路"])
TEXTS = st.lists(st.one_of(NAMES, ODD, st.characters(codec="utf-8")), max_size=8).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_ends_in_the_table_and_loses_nothing(text):
    match = load_matcher().match(text)
    completion = Completion.from_match(match)
    table = load_table()
    for candidate in match.candidates:
        assert table.path(candidate.code) == candidate.path
    assert text.endswith(match.detail)
    assert completion.full.endswith(completion.detail)
    if match.best is None:
        assert match.equal > 1 or match.detail == text
        assert completion.detail == completion.full == text
        return
    gone = text[: len(text) - len(match.detail)]
    read = [(used.start, used.end) for used in match.best.used]
    left = "".join(c for i, c in enumerate(gone) if not any(a <= i < b for a, b in read))
    for written in match.best.against:
        left = left.replace(written, "", 1)
    assert not SEPARATORS.sub("", left.translate(PLAIN)).strip(OPEN + CLOSE + "()")


def test_long_lines_are_read():
    text = "陕西省西安市碑林区" * 1000
    assert load_matcher().match(text).path.name("county") == "碑林区"
    noise = "".join(random.Random(1).choice("省市区县镇东西南北路号") for _ in range(10_000))
    assert load_matcher().match(noise).text == noise
