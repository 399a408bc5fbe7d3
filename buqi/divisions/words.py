"""The words that addresses are made of: kinds of roads, towns, villages and zones, as parts of regular expressions.

Some lists differ by a few words. The fitted numbers depend on each of them, so none is replaced by another; a comment
says what each is for.
"""

from __future__ import annotations

from buqi.expressions import expression

HAN = "[\u4e00-\u9fff]"  # one Chinese character

# --- roads

PART = "东西南北中一二三四五六七八九十"  # tells roads of one name apart: 文一西路, 科技三路
PARTED_ROADS = "支?路|大?街|大?道|公路|巷"  # kinds of roads that come in parts
ROADS = f"{PARTED_ROADS}|胡同|弄"
# What a road adds to the name of something else: 科技园路, 人民广场东街. 街道 is no road.
ROAD_NAMED_AFTER = rf"[{PART}]{{0,2}}(?:路|街(?!道)|大道|大街|巷|弄)"
# What a road, town or village adds to a landmark of two characters: 亦庄路 may be in any city.
PLACE_NAMED_AFTER = expression(rf"[{PART}]{{0,2}}(?:路|街|大?道|巷|镇|乡|村)")
# Pieces of names that stand in addresses everywhere.
COMMON_PIECE = expression(r"[东西南北中]?(?:大道|大街|路|街|巷|弄|村|镇|乡|组|号)+$")
COMMON_ENDS = frozenset("道街路巷弄村镇乡组号")  # what such pieces end in

# --- towns and villages

TOWN_ENDS = "办事处|街道|苏木|镇|乡"  # as people write them
TOWN_SUFFIXES = "民族乡|苏木|街道办事处|街道|地区|镇|乡"  # as lists write them
VILLAGE_ENDS = "村|庄|屯|寨|嘎查"

# --- zones

# A zone of which every city has one.
_SHORT_ZONE = "(?:开发|经开|高新|高开|保税|集聚|集中)区"
# A zone without a name of its own. It says nothing about where it lies.
ANY_ZONE = expression(
    r"[市县区]?(?:国家级|省级)?(?:(?:经济|技术|高新|高科技|科技|产业|工业|出口加工|综合|现代|民营|循环|新型|生态|特色|创业|创新)+"
    r"(?:开发|示范|试验|集聚|集中|管理|合作|创业|孵化)?(?:园区|新区|基地|区|园)"
    rf"|{_SHORT_ZONE}|园区|新区)"
)
# What is no name of its own in a zone's name: 武汉东湖新技术开发区 is the one named 东湖.
ZONE_KIND = expression(
    r"(?:(?:国家级?|国际|省级|经济|技术|经开|高新|新技术|高技术|高科技?|科技|产业|工业|综合|保税|出口|加工|边境|旅游|生态|风景|名胜|度假|循环"
    r"|现代|农业|农垦|化工|化学|石化|新型|创新|创业|孵化|物流|商贸|软件|大学|空港|临空|临港|投资|台商|华侨|商务|中央|金融|开发|示范|试验|实验"
    r"|集聚|集中|管理|合作|转移|自由|贸易|民营|装备|制造|医药|新)+(?:园区|港区|区|园|基地|城|中心)|园区)"
)
# What a zone is called beside its name: 南照 is what says where 南照经济开发区 lies.
ZONE_WORDS = expression(rf"(?:{ZONE_KIND.pattern}|{_SHORT_ZONE}|新区)(?!{ROAD_NAMED_AFTER})")
# Zones and farms as the yearly lists of divisions name them.
LISTED_ZONES = "开发区|园区|工业区|保税区|新区|示范区|试验区|度假区|管理区|高新区|产业区|合作区|风景区|园|基地"
LISTED_FARMS = "农场|林场|牧场|渔场|茶场|盐场|种畜场|良种场|原种场|果园场|园艺场|水库|矿区|油田|库区|景区"

# --- places in general

# What a place's name ends in. Longer endings first: 文一西路 ends in 路, 翠苑小区 in 小区.
PLACE_ENDINGS = (
    "经济技术开发区|高新技术开发区|高新技术产业开发区|经济开发区|高新开发区|自由贸易试验区|开发区|高新区|经开区|保税区|工业园区|产业园区"
    "|工业园|产业园|科技园|工业区|集中区|集聚区|示范区|度假区|产业区|片区|港区|园区|新区|特区|管理区"
    f"|街道办事处|街道办|{TOWN_ENDS}"
    "|社区|居委会|村委会|新村|自然村|行政村|村|屯|庄|寨|集镇|林场|农场|牧场|渔场|茶场|分场|嘎查"
    "|大道|大街|公路|马路|干道|国道|省道|高速|环路|支路|路|街|巷|弄|胡同|里|道"
    "|小区|花园|家园|公寓|别墅|新城|新苑|嘉园|花苑|名苑|名都|豪庭|雅苑|苑|城|府|庭|湾|院|园"
    "|大厦|广场|商厦|大楼|中心|市场|商城|商场|酒店|宾馆|医院|大学|学院|中学|小学|车站|机场|码头|油田|电厂|厂|矿|桥|山|寺|庙|水库"
)
