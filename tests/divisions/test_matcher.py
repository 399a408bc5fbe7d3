from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.address import Completion
from buqi.divisions import load_matcher, load_table
from buqi.divisions.name_patterns import CLOSE, FILLER, OPEN
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


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        # what sounds like a county, is one's short or former name, or begins a longer name, is a city written in full
        ("广州市天河路385号", "广东省广州市", "天河路385号"),
        ("锦州市人民路1号", "辽宁省锦州市", "人民路1号"),
        ("泰安市绿地公馆", "山东省泰安市", "绿地公馆"),
        ("吉安市井冈山大道10号", "江西省吉安市", "井冈山大道10号"),
        ("江西省新余市", "江西省新余市", ""),
        ("恩施土家族苗族自治州", "湖北省恩施土家族苗族自治州", ""),
        ("贵州省黔西南布依族苗族自治州", "贵州省黔西南布依族苗族自治州", ""),
        ("云南省楚雄彝族自治州姚俺县人民路1号", "云南省楚雄彝族自治州姚安县", "人民路1号"),
        ("通辽市科尔沁翼中旗人民路", "内蒙古自治区通辽市科尔沁左翼中旗", "人民路"),
        ("彰化县人民路12号", "台湾省彰化县", "人民路12号"),
        ("安平区人民路12号", "台湾省台南市安平区", "人民路12号"),
        # short names together
        ("广东-广州-天河-人民路12号", "广东省广州市天河区", "人民路12号"),
        ("北京-北京-朝阳-人民路12号", "北京市朝阳区", "人民路12号"),
        ("唐山路南人民路12号", "河北省唐山市路南区", "人民路12号"),
        ("湖北湖北仙桃人民路12号", "湖北省仙桃市", "人民路12号"),
        ("鄂尔多斯鄂托克前人民路12号", "内蒙古自治区鄂尔多斯市鄂托克前旗", "人民路12号"),
        ("乌海海南人民路12号", "内蒙古自治区乌海市海南区", "人民路12号"),
        ("普洱镇沅人民路12号", "云南省普洱市镇沅彝族哈尼族拉祜族自治县", "人民路12号"),
        # the beginning of another name is no level said again
        ("云南省昆明市呈贡区吴家营街道昆明理工大学怡园", "云南省昆明市呈贡区吴家营街道", "昆明理工大学怡园"),
        ("江苏省南京市鼓楼区江苏省人民医院", "江苏省南京市鼓楼区", "江苏省人民医院"),
        ("广东省中山市石岐街道中山市广播电视事业局", "广东省中山市石岐街道", "中山市广播电视事业局"),
        ("安徽省芜湖市鸠江区安徽省卜家店", "安徽省芜湖市鸠江区", "卜家店"),
        ("广东省梅州市梅江区广东省彬芳大道28号", "广东省梅州市梅江区", "彬芳大道28号"),
        ("闻喜县东镇学府西路006号", "山西省运城市闻喜县东镇镇", "学府西路006号"),
        # what is short for a banner, before a town in it
        ("鄂托克前敖勒召其镇", "内蒙古自治区鄂尔多斯市鄂托克前旗敖勒召其镇", ""),
        ("科尔沁右翼中巴彦呼舒镇1号", "内蒙古自治区兴安盟科尔沁右翼中旗巴彦呼舒镇", "1号"),
        ("湖北省武汉市江夏区江夏金口街", "湖北省武汉市江夏区金口街道", ""),
        ("辽宁省沈阳市铁西区铁西兴工街", "辽宁省沈阳市铁西区", "铁西兴工街"),
        ("西藏那曲安多县（安多县完小路）", "西藏自治区那曲市安多县", "（安多县完小路）"),
        ("河南省洛阳市栾川县叫河镇栾川县叫河镇3号", "河南省洛阳市栾川县叫河镇", "3号"),
        # what stands between levels
        ("安徽省<br>阜阳市&nbsp;太和县<br/>人民路12号", "安徽省阜阳市太和县", "人民路12号"),
        ("安徽省的阜阳市的太和县的人民路12号", "安徽省阜阳市太和县", "人民路12号"),
        ("北京市市辖区东城区1号", "北京市东城区", "1号"),
        ("江苏南京溧水区中国江苏南京溧水区和凤镇1号", "江苏省南京市溧水区和凤镇", "1号"),
        ("山西省太原市清徐縣東於鎮", "山西省太原市清徐县东于镇", ""),
        ("浙江省 => 杭州市 => 西湖区 => 文三路8号", "浙江省杭州市西湖区", "文三路8号"),
        ("浙江省 null 杭州市 null 西湖区文三路8号", "浙江省杭州市西湖区", "文三路8号"),
        ("上海市 (空) 宝山区友谊路1号", "上海市宝山区", "友谊路1号"),
        ("江苏南京其他区溧水区和凤镇1号", "江苏省南京市溧水区和凤镇", "1号"),
        ("福建泉州鲤城区城区鲤城区浮桥街道1号", "福建省泉州市鲤城区浮桥街道", "1号"),
        ("清徐县中国山西太原清徐县清徐县人民医院", "山西省太原市清徐县", "清徐县人民医院"),
        ("深圳市龙华新区民治街道办民乐新村", "广东省深圳市龙华区民治街道", "民乐新村"),
        ("吐鲁番市吐鲁番宾馆", "新疆维吾尔自治区吐鲁番市", "吐鲁番宾馆"),
        # radicals, former counties of Taiwan, districts that a city called so itself
        ("陕西省⻄安市⻓安区王曲街道光明路甲5号", "陕西省西安市长安区王曲街道", "光明路甲5号"),
        ("台湾省台中县和平乡东关路三段", "台湾省台中市和平区", "东关路三段"),
        ("臺北縣板橋市文化路1號", "台湾省新北市板桥区", "文化路1號"),
        ("广东省东莞市莞城区东莞大道海雅百货", "广东省东莞市莞城街道", "东莞大道海雅百货"),
        ("福建省三明市梅列区乾龙新村416幢", "福建省三明市三元区", "乾龙新村416幢"),
        ("天津大港区大港油田花园路123号", "天津市滨海新区", "大港油田花园路123号"),
        # a road's name goes on, or a road in the place
        ("江苏省徐州市沛县沛县大道100号", "江苏省徐州市沛县", "沛县大道100号"),
        ("内蒙古呼伦贝尔扎兰屯东街", "内蒙古自治区呼伦贝尔市扎兰屯市", "东街"),
        ("焦作山阳市北路8号", "河南省焦作市", "山阳市北路8号"),  # 山阳区 is there, so it is no mistyped 沁阳市
        ("鄂尔多斯康巴什县医院", "内蒙古自治区鄂尔多斯市康巴什区", "县医院"),
    ],
)
def test_a_whole_name_is_that_name(text, path, detail):
    match = load_matcher().match(text)
    assert match.best is not None
    assert (match.best.path.full, match.detail) == (path, detail)


@pytest.mark.parametrize(
    ("text", "lead", "path", "detail"),
    [
        ("中国安徽省阜阳市太和县人民路12号", "中国", "安徽省阜阳市太和县", "人民路12号"),
        ("China, 安徽省阜阳市太和县人民路12号", "China, ", "安徽省阜阳市太和县", "人民路12号"),
        ("710000 扶风法门镇法门寺", "710000 ", "陕西省宝鸡市扶风县法门镇", "法门寺"),
        ("补齐五级行政地址: 碑林区扬子江南路467-6号", "补齐五级行政地址: ", "陕西省西安市碑林区", "扬子江南路467-6号"),
        ("张某某 13800000000 涉县华亿小区", "张某某 13800000000 ", "河北省邯郸市涉县", "华亿小区"),
        ("收件人王小明安徽省太和县人民路", "收件人王小明", "安徽省阜阳市太和县", "人民路"),
        ("人民路12号，太和县", "", "安徽省阜阳市太和县", "人民路12号，"),
        ("张三，13800000000，人民路12号，太和县", "张三，13800000000，", "安徽省阜阳市太和县", "人民路12号，"),
        ("人民路12号西湖街道西湖区杭州市浙江省", "", "浙江省杭州市西湖区西湖街道", "人民路12号"),
        ("南京大牌档 江苏省苏州市姑苏区观前街1号", "南京大牌档 ", "江苏省苏州市姑苏区", "观前街1号"),
        ("中国（福建）自由贸易试验区厦门片区1号", "", "福建省厦门市", "1号"),
        ("省:浙江省|市:杭州市|县:西湖区|建设西路233号", "省:", "浙江省杭州市西湖区", "建设西路233号"),
        ("1.台湾省 2.新北市 3.金山区 建国路1号", "1.", "台湾省新北市金山区", "建国路1号"),
        ("巴林左 赤峰市 内蒙古自治区 碧桂园二期", "", "内蒙古自治区赤峰市巴林左旗", "碧桂园二期"),
        ("订单编号 8829-1123 江苏省徐州市沛县1号", "订单编号 8829-1123 ", "江苏省徐州市沛县", "1号"),
    ],
)
def test_reading_begins_where_the_address_does(text, lead, path, detail):
    match = load_matcher().match(text)
    assert match.best is not None
    assert (match.lead, match.best.path.full, match.detail) == (lead, path, detail)


@pytest.mark.parametrize(
    ("text", "path", "note"),
    [
        ("深圳市宝安区公明街道松白路1号", "广东省深圳市光明区公明街道", "宝安区: 公明街道 lies in 光明区 today"),
        ("武汉市青山区八吉府街道1号", "湖北省武汉市洪山区八吉府街道", "青山区: 八吉府街道 lies in 洪山区 today"),
        ("山西省大同市南郊区口泉乡1号", "山西省大同市云冈区口泉乡", "南郊区: 口泉乡 lies in 云冈区 today"),
        ("重庆市巫山县徐家镇1组", "重庆市巫溪县徐家镇", "巫山县: 徐家镇 lies in 巫溪县 today"),
        ("扶风县城关镇1号", "陕西省宝鸡市扶风县城关街道", "城关镇: today 城关街道"),
    ],
)
def test_a_town_that_moved_is_read_where_it_lies_today(text, path, note):
    match = load_matcher().match(text)
    assert match.best is not None and match.best.path.full == path
    assert note in Completion.from_match(match).notes


@pytest.mark.parametrize(
    ("text", "path", "against"),
    [
        ("宿迁市吴江区江陵街道1号", "江苏省苏州市吴江区江陵街道", ["宿迁市"]),
        ("山西省大同市郊区新平旺街道1号", "山西省大同市云冈区新平旺街道", ["郊区"]),
        ("江苏无锡滨湖区江苏省无锡市新吴区硕放街道1号", "江苏省无锡市新吴区硕放街道", ["滨湖区"]),
        ("新疆伊犁哈萨克自治州塔城地区额敏县1号", "新疆维吾尔自治区塔城地区额敏县", ["伊犁哈萨克自治州"]),
        ("大庆市萨尔图区新华街道1号", "黑龙江省大庆市萨尔图区", ["新华街道"]),
    ],
)
def test_what_contradicts_is_said(text, path, against):
    match = load_matcher().match(text)
    assert match.best is not None and match.best.path.full == path
    assert list(match.best.against) == against


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ("工业三路5号（建瓯市农机站旁）", "福建省南平市建瓯市", "工业三路5号（建瓯市农机站旁）"),
        ("东环与北环交叉口(莱西市人民医院东200米)", "山东省青岛市莱西市", "东环与北环交叉口(莱西市人民医院东200米)"),
        ("环城路18号（永康市）", "浙江省金华市永康市", "环城路18号（）"),
        ("马王乡重庆市体育运动学校", "重庆市", "马王乡重庆市体育运动学校"),
    ],
)
def test_one_whole_name_further_back_is_read(text, path, detail):
    completion = Completion.from_match(load_matcher().match(text))
    assert (completion.path.full, completion.detail) == (path, detail)


@pytest.mark.parametrize("text", ["市北京路12号", "市南环路9号", "光明园区3号", "下关开发区1号", "北城区新建路12号"])
def test_a_road_or_a_zone_is_no_place(text):
    assert load_matcher().match(text).best is None


def test_a_former_name_is_not_believed_where_a_whole_one_stands():
    assert best("江北区人民路12号") == "浙江省宁波市江北区"  # one of 重庆 was dissolved


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
    matcher = load_matcher()
    column = pl.Series(["碑林区1号", None, "鼓楼区1号"])
    columns = matcher.columns(column)
    assert columns["county"] == ["碑林区", "", ""]
    assert columns["code"][0] == "610103"
    assert pl.DataFrame(columns).shape == (3, 7)
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
    assert text.startswith(match.lead + match.front) and match.detail.startswith(match.front)
    assert completion.full.endswith(completion.detail)
    if match.best is None:
        assert match.equal > 1 or match.lead + match.detail == text
        assert completion.detail == completion.full == text
        return
    behind = match.detail[len(match.front) :]
    assert text.endswith(behind)
    before, end = len(match.lead + match.front), len(text) - len(behind)
    read = [(used.start, used.end) for used in match.best.used]
    left = "".join(c for i, c in enumerate(text[:end]) if i >= before and not any(a <= i < b for a, b in read))
    for written in match.best.against:
        left = left.replace(written, "", 1)
    left = FILLER.sub("", SEPARATORS.sub("", left.translate(PLAIN)))
    assert not left.strip(OPEN + CLOSE + "()")


def test_long_lines_are_read():
    text = "陕西省西安市碑林区" * 1000
    assert load_matcher().match(text).path.name("county") == "碑林区"
    noise = "".join(random.Random(1).choice("省市区县镇东西南北路号") for _ in range(10_000))
    assert load_matcher().match(noise).text == noise
