"""Whether a text names a place at all: 长沙臭豆腐 has a city's short name in it and is no address."""

from __future__ import annotations

from buqi.address.evidence.place_words import has_place_word
from buqi.address.known_wares import is_known_ware
from buqi.divisions import Match, Matcher
from buqi.divisions.match import Used
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.name_patterns import SHORT_ENDS
from buqi.divisions.text import read
from buqi.divisions.words import HAN
from buqi.expressions import expression
from buqi.gazetteer.place_names import place_names
from buqi.places.memory import Memory

# Words of which an address has one beside a short name: kinds of roads, villages, zones, houses, institutions; numbers.
PLACE_WORD = expression(
    r"[路街巷弄道村庄屯寨镇乡区县市州旗园苑城厦楼栋幢座室层号店场厂站院校桥港岛湾岭沟坡坝塘堡营铺寺庙府庭舍宅寓墅馆邸轩阁郡所局库"
    r"组队社旁侧段处库\dA-Za-z]|公司|中心|大学|中学|小学|集团|嘎查|苏木|胡同|[对里外前后东南西北]面|公里|[东西南北]大?门|门外|[东西南北]角|矿|闸|门口|路口|[东西南北]口|[支分银商]行"
    r"|国际|世纪|新天地|名都|新里|[东西南北]里|一里|二里|三里|机场|码头|老街|宿舍|家属|地块|医|[一二三四五六七八九十百〇零]+团(?![结队购圆])"
)
# Beside a short name these words tell a place too: landforms at the end, public bodies, lines and teams of numbers.
LANDFORM_OR_BODY = expression(
    r"[岭坪坝沟坑岩岛塘湖河江湾堡圩峡坡墩滩洼庵塔]$|半岛|峡谷|景区|库区|营房|部队|[大中支]队|[局署]|派出所|卫生所|检察院|法院|政府|党校|加油站|写字楼|宿舍"
    r"|家属|商品房|地块|(?:博物|图书|文化|体育|纪念|展览|会展|档案|科技)馆|[一二三四五六七八九十东西南北0-9](?:[委连段]|团(?![结队购圆]))|委$|[SG][0-9]{3}"
)
# Behind a place's name: what is eaten or drunk, and is sold everywhere. 沙县小吃店, 兰州拉面馆.
DISH = expression(
    "(?:正宗|特色|风味|老|传统)*(?:小吃|[拉拌扣烩刀削手擀牛羊肉热干担担小油泼]+面|面馆|火锅|米[粉线皮]|[螺蛳酸辣肥肠]+粉|臭豆腐|麻辣|[烤板酱盐水]+鸭|[黄焖大盘扒烧]+鸡|凉[皮粉面]|肉夹馍"
    "|[烧锅]+[饼盔]|羊肉|牛肉|烧烤|烤肉|炒饭|盖饭|大闸蟹|[酱香白黄]+酒|毛尖|龙井茶|普洱茶|铁观音|小笼|汤包|馄饨|饺子|豆花|豆腐)"
)
# What is grown or made there and sent: 陕西洛川苹果10斤.
GOODS = expression(
    "(?:[古老]?[城镇]|特产|正宗|野生|新鲜|纯|土|黑|白|红|青|香|大|小|雪花?|蜜|脐|金|冰糖|花牛|陈|酥|鸭|贡)*"
    "(?:葱|蒜|姜糖?|石榴|苹果|芋头|香?梨|葡萄干?|火腿|粽子|猕猴桃|豆腐乳|豆瓣酱|宣纸|当归|枸杞|荔枝|龙眼|芒果|草莓|樱桃|西瓜|哈密瓜|[蜜橘桔柑橙柚枣桃杏李]"
    "|柚子|茶叶?|小米|大米|米|红薯|土豆|腊肉|腊肠|牛肉|羊肉|牛羊肉|鱼头|海鲜|大虾|螃蟹|木耳|香菇|核桃|板栗|花生|蜂蜜|矿泉水|家酒|酒|醋|酱油|辣椒|花椒|丝绸|瓷器|陶瓷)"
    r"(?:\d+[斤只个箱盒袋]装?|一?[箱盒袋]\d*[斤只个]?|礼盒)*$"
)
DRINK = expression(rf"{HAN}{{0,3}}(?:酒|茶)[0-9]+(?:度|斤|克|[瓶箱盒]).*")  # 茅台酒53度
# A bank that has branches in many cities, by its own name alone. 浦东 does not place its branches either.
BANK = expression(
    rf"(?:上海市?)?浦东发展银行(?:股份有限公司)?(?:{HAN}{{2,6}}(?:[支分]行|营业部|分理处))?"
    "|(?:上海|北京|天津|重庆|江苏|南京|苏州|宁波|杭州|徽商|青岛|齐鲁|大连|哈尔滨|成都|长沙|厦门|广东发展|广州)银行"
    "(?:股份有限公司|有限公司)?"
)
# A dish that is named after what is no division: 阳澄湖大闸蟹.
NAMED_DISH = expression(
    rf"(?:(?![路街巷村镇乡店楼市区县]){HAN}){{2,4}}{DISH.pattern}(?:礼盒|礼券|[0-9一两]+[只斤个箱盒袋])*"
)
# What is named after a place and is none: an event of history, a publisher's books.
EVENT = expression(rf"{HAN}{{2,6}}(?:事变|起义|战役|会战|大捷|惨案|条约)|{HAN}+(?:社|公司|集团)的(?:书籍?|产品|商品)")
LEVELS = expression("[省市区县镇乡村街道]+")  # a form's words and no name
# Divisions of other countries, which sound like counties: 福冈县, 京畿道利川市.
PREFECTURES = (
    "青森|岩手|宫城|秋田|山形|福岛|茨城|栃木|群马|埼玉|千叶|神奈川|新[潟泻]|富山|石川|福井|山梨|长野|岐阜|静冈|爱知|三重|滋贺|兵库|奈良|和歌山"
    "|鸟取|岛根|冈山|广岛|山口|德岛|香川|爱媛|高知|福冈|佐贺|长崎|熊本|大分|宫崎|鹿儿岛|冲绳"
)
COUNTRIES = (
    "日本|韩国|南韩|朝鲜|越南|泰国|缅甸|老挝|柬埔寨|马来西亚|菲律宾|印度尼西亚|印尼|印度|巴基斯坦|哈萨克斯坦|俄罗斯|蒙古国|美国|加拿大|墨西哥"
    "|巴西|英国|法国|德国|意大利|西班牙|荷兰|瑞士|澳大利亚|新西兰|埃及|南非"
)
ABROAD = expression(
    rf"(?:{PREFECTURES})县|(?:京畿|江原|忠清[南北]|全罗[南北]|庆尚[南北])道"
    rf"|(?:{COUNTRIES})(?![路街城园村镇乡])[\u4e00-\u9fff]{{1,4}}?(?:[道都府县州市省]|(?<![小社园校])区)"
)
LONGEST_DISH = 14  # characters of a line that is a dish, or goods
LONGEST_TOWN_STEM = 6  # characters of a town's name without its kind


def names_no_place(match: Match, matcher: Matcher) -> bool:
    """Whether a text names no place of the country.

    It names a place abroad, goods or a dish. Or at most one shortened name was read, and no word of a place follows.

    Args:
        match: what was read.
        matcher: what read it.
    """
    used = match.candidates[0].used if match.equal and match.candidates else ()
    address, behind = read(match.address), read(match.detail).plain if used else ""
    if LEVELS.fullmatch(address.plain) and all(name.kind != FULL for name in used):  # 道县 is a name
        return True
    if used and (DRINK.fullmatch(behind) or (len(used[-1].code) == 6 and GOODS.match(behind))):
        return True  # 赵县雪花梨
    if not used and len(match.address) <= LONGEST_DISH and NAMED_DISH.fullmatch(address.plain):
        return True
    if EVENT.fullmatch(read(match.text).plain) or is_known_ware(match) or BANK.fullmatch(address.line):
        return True
    if ABROAD.match(match.address) and sum(name.kind == FULL for name in used) < 2:
        return True
    if any(name.kind not in (SHORT, FORMER) or _is_former_district(name) for name in used):
        return False
    rest = behind if used else address.plain
    if used and (GOODS.match(rest) or (DISH.match(rest) if len(used) < 2 else _is_dish(rest))):
        return True
    if len(used) > 1 or (used and used[0].end - used[0].start > 2 and match.text[used[0].end - 1] in SHORT_ENDS):
        return False  # 循化县 for 循化撒拉族自治县
    if not rest or PLACE_WORD.search(rest) or (not used and rest in matcher.lexicon.names):
        return False
    stems = matcher.names.towns.stems(match.candidates[0].code) if used else frozenset()
    return not any(rest[:length] in stems for length in range(2, LONGEST_TOWN_STEM + 1))  # 北京望京


def _is_former_district(used: Used) -> bool:
    """Whether the whole name of a former district was read, which is no zone: 渝北区."""
    whole = used.end - used.start == len(used.name) > 2
    return used.kind == FORMER and whole and not used.zone and used.name.endswith("区")


def _is_dish(text: str) -> bool:
    """Whether all of a text is a dish, and no shop that sells it."""
    return DISH.fullmatch(text) is not None and PLACE_WORD.search(text) is None


def lacks_place_word(match: Match) -> bool:
    """Whether at most one shortened name was read, and no word of a place's kind or of a door follows: 孟连药店.

    甘德广电局, 汾阳南二环部队营房 and 工农20委 have one.

    Without a memory the model weighs this itself. With a memory it was fitted before there was such evidence.
    """
    used = match.candidates[0].used if match.candidates else ()
    if len(used) > 1 or any(name.kind not in (SHORT, FORMER) or _is_former_county(name) for name in used):
        return False
    rest = _rest(match)
    return bool(rest) and not has_place_word(rest) and LANDFORM_OR_BODY.search(rest) is None


def _is_former_county(used: Used) -> bool:
    """Whether a former name of a county is written in full: 东陵区."""
    whole = used.end - used.start == len(used.name) > 2
    return used.kind == FORMER and whole and len(used.code) == 6 and used.name[-1] in "区县市旗"


def is_remembered(match: Match, memory: Memory) -> bool:
    """Whether a memory has a name that stands behind the divisions of a text."""
    rest = _rest(match) if memory else ""
    return any(memory.seen(name) for name in (rest, *place_names(rest)) if name)


def _rest(match: Match) -> str:
    """Return what stands behind the divisions that were read; all of the address if none counts."""
    return read(match.detail if match.equal else match.address).plain
