"""What may stand before, between and behind the names of divisions, as patterns and characters."""

from __future__ import annotations

import re

from buqi.divisions.words import HAN
from buqi.expressions import expression

# A short name before one of these is part of another name: 延安西路, 台湾风情街, 江安镇, 北京大学.
NOT_SHORT = expression(
    r"[东西南北中新老内外上下一二三四五六七八九十0-9]{0,2}(?:路|街|巷|弄|胡同)|大?道(?![口沟河])"
    r"|[^城市郊园新社小发景矿校厂院老库片港][市县区](?!路|大道|大?街(?!道))|[^红国]旗|[市县区省州旗盟镇乡村桥站湾山河湖江寨庄屯寺庙]|港(?!区)|(?<=防城)港"
    r"|大街|(?:[\u4e00-\u9fff]{1,2}[江河])?(?:公路|铁路)?大桥|新村|埠|大酒店|大楼|风情|步行|商业街|商城|商厦|美食|饭店|宾馆|酒店|公路|铁路"
    r"|职业|总场|[东西南北]?(?:火车|高铁|汽车|客运)?站|街道|地区|苏木|雪山"
    # 郑州花园路 is a road in 郑州, 郑州花园 an estate anywhere
    r"|(?:大厦|大学(?!城(?!关))|广场|花园|花苑|家园|公寓|小区|学院|师范|第?[一二三四五六七八九十]*中学|高级中学|医院|机场(?!镇)"
    r"|(?:工业|产业)*(?:园区|工业园|产业园|集中区|集聚区)|科技|集团|公司|会馆|豪庭|名都|风景|生态|旅游)"
    r"(?![一二三四五六七八九十东西南北中]{0,2}(?:路|大道|大?街))"
)
# A road behind a city's short name whose own name begins like `NOT_SHORT`: 柳州江南路, 拉萨八一路, 武汉中北路.
ROAD_OF_CITY = expression(
    rf"(?:[五七八]一|[一二三]中|中[南北]|大桥|[江河湖港山桥站](?:(?![路街巷村镇乡市县区]){HAN}){{1,4}}?)"
    r"[东西南北中一二三四]?(?:路|大道|大?街)(?!道)"
)
# What makes a province's short name the beginning of another name: 河北铺村, 新疆三道街, 台湾城, 海南27公里处.
NOT_PROVINCE = expression(
    r"[\u4e00-\u9fff]?村(?!镇|乡|街道|办事处)|[一二三四五六七八九十]道街(?!道)|城(?![区关镇乡东西南北中郊固口步])|[0-9.]+公里"
    r"|(?:世纪|商贸|工业新|新|国际[\u4e00-\u9fff]{0,3})城(?![区镇乡街路])"
)
ROAD_AHEAD = expression(r"[\u4e00-\u9fff]?(?:[路街巷桥]|大道)")
ROAD_OF_COUNTY = expression(rf"路(?!口)(?!{HAN}{{0,4}}[镇乡村])")  # behind a county's name of two characters
# A whole name that goes on like this is none: 东方市场, 新县城百花路, 西藏省道. But 新县城关镇 has one.
NOT_FULL = expression(r"[^市]+市场|新县城|(?:广西|内蒙古|宁夏|新疆|西藏|北京|上海|天津|重庆)省[道际级]")
# The kind of a county behind its short name: 海盐市, and not 海盐市场.
OTHER_KIND = expression(
    r"[市区县旗](?![场政民中内域间块号城道乡委舰人下区]|[东西南北中]?(?:路|街(?!道)|大道)|医院|[中小]学|法院|检察|公安|[^市县区]?局)"
)
SIDES = frozenset("东西南北中新老城郊矿市区")  # 新城区 may be a part of a city that is no division
OTHER_NAMES = ("苏州河", "朝阳门", "余杭塘", "望城坡")  # they begin with the short name of a county or city
OF_MANY_CITIES = ("城区", "郊区", "矿区")  # districts that many cities had
# Mountains, a lake and a river that people know better than the county or prefecture of that name.
LANDSCAPES = frozenset(("太湖", "香山", "恒山", "天山", "松花江"))
FAR_LANDSCAPE = 5  # where such a name ends at most, 中国 before it
SHORT_ENDS = "县州旗"  # 循化县 for 循化撒拉族自治县 is a whole name
KIND_SOUNDS = frozenset("si xian qu qi zou sen men".split())  # of 市县区旗州省盟, folded as in buqi.divisions.sounds
SEAT_KIND = expression(r"[镇乡]")
TOWN_KINDS = ("镇", "乡", "街道")
NO_KIND = expression("师[范大专]")  # its 师 is no mistyped 市: 绵阳师范学院
COUNTY_KINDS = "市县区旗州盟"
OWN_KINDS = "市县旗"  # names with these ends belong to one county; 区 may be anywhere
# A former name with such an end is believed. 井冈山 and 牡丹江 were names too, but begin many others.
WHOLE_ENDS = COUNTY_KINDS + "省镇乡道木处场园"
# What follows a short name that is the beginning of a longer whole one.
REST = expression(r"[\u4e00-\u9fff]{1,12}?[市县区旗州盟]")
# 路南 is a district of 唐山, but 唐山路南侧 is a road's side.
NOT_BEHIND = expression(r"[侧段端头口边角街路巷]")
# Behind a name that was read before: it is the beginning of a road's or an institution's name. No word of a road,
# village or zone may stand before the institution's own word.
NAMED_AFTER = expression(
    r"大道|大街|大桥|[东西南北中]?(?:路|街)(?!道)|(?:(?![路街巷村镇乡庄屯组号区县市省])[\u4e00-\u9fff]){0,10}?"
    r"(?:医院|学校|大学|学院|[中小]学|幼儿园|政府|[法检察研究卫生科]院|[^城]局|派出所|[博物图书文化体育宾展览]馆|酒店|饭店|公司|集团|银行"
    r"|[支分]行|信用社|中心|研究所|车站|客运站|机场|公园|监狱|[工电总药]厂|[农林牧渔]场|水库|委员会|协会|大队|支队)"
    r"(?![东西南北中]?[路街巷村])"
)
# The same behind a town's name: 学校, 卫生院.
TOWN_NAMED_AFTER = expression(
    r"(?:第?[一二三四五六七八九十]|人民|中心|初级|职业|高级|实验|卫生)*(?:医院|卫生院|[中小]学|学校|幼儿园|政府|派出所|敬老院)(?![东西南北中]?[路街巷村])"
)
OPEN, CLOSE = "([{<《【〔「（", ")]}>》】〕」）"
BRACKETS = expression(f"[{re.escape(OPEN + CLOSE)}]+")
# Words between two names that mean nothing. Behind them a short name may follow too.
WORDS = expression(
    r"的|市?辖区|郊县|(?:全[省市区县境])?(?:中华人民共和国|中国)|全[省市区县境]|(?:省|自治区)?直辖(?:县级?)?(?:行政(?:区划|单位|区))?|县级市"
    r"|(?:生产)?建设兵团|兵团"
)
# Behind the name of a city: the title of a part of the table that is no division. 杭州市市辖区文三路8号.
NO_DIVISION = expression(r"市?辖区(?![内外各的])|郊县$")
# What shops' forms have between a district and its town in large cities: 三环以内, 五环到六环之间.
RING = "[一二三四五六内中外]环(?:之间|[到至]?[一二三四五六内中外]环(?:之间|以?[内外])?|以?[内外])"
# What such forms have behind a county. Behind it the address may begin again with short names: 城区 上海闵行七宝镇.
LISTED = expression(rf"城区|{RING}")
# The same behind any name: what stands in a list that nothing was chosen from.
NOT_CHOSEN = expression("(?:请|暂不)选择|其[他它]区?")
# These words, and the label of a form's next field, signs, numbers, letters. Behind them only a whole name may follow.
FILLER = expression(
    rf"{WORDS.pattern}|(?:{RING}|请选择|暂不选择|(?:所在)?(?:省份?|城市|地市|区县|县区|地区|乡镇|镇街|街道|镇)|[收寄发][件货](?:省份?|城市|[市区县镇])"
    r"|[市区县乡]|其[他它]区?|城区|详细(?:地址)?|地址"
    r"|之|内|下辖|所属|境内|的里|空|无|[^\u4e00-\u9fff]{1,16}){1,3}"
)
# What may stand between a county or city and its town, and is no division: a remark in brackets, a zone.
GAP = expression(
    r"[(\[{【（][^()\[\]{}【】（）]{1,30}[)\]}】）]"
    r"|[\u4e00-\u9fff]{0,6}?(?:新区|开发区|高新区|高新园区|经开区|示范区|度假区|试验区|实验区|航空港区|风景区|投资区|直管区|管理区|功能区|港区)(?![\u4e00-\u9fff]?[路街道])"
)
ONCE = frozenset("原现今")  # in a bracket, before the name of something that is there: 昆山(原花桥镇)
HONG_KONG = expression("九龍|九龙|新界|香港岛|港岛")  # parts of it that are no divisions
# What a filler begins with, beside all that is no Chinese character. Behind most names stands neither.
FILLER_STARTS = frozenset("辖郊请暂一二三四五六外的市中全所省自直生建兵城地县区乡街镇其详之内下境空无收寄发")
OFFICE_BEHIND = expression(r"办事处|办(?![公案事])")  # 民治街道办民乐新村
