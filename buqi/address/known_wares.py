"""Wares and brands that are named after a place and sold everywhere: 景德镇瓷器店, 黄山毛峰茶庄, 阿里巴巴滨江园区.

Such a name, alone or with the word for a shop, says nothing about where the text lies. The names are those of protected
products of a place and of firms known in the whole country; a firm's works are looked for as before (青岛啤酒厂).
"""

from __future__ import annotations

import re

from buqi.divisions import Match
from buqi.divisions.meaning import FORMER, SHORT
from buqi.divisions.text import read
from buqi.expressions import expression

TEAS = (
    "(?:武夷山|武夷)(?:大红袍|岩茶|红茶)|安溪铁观音|黄山毛峰|信阳毛尖|都匀毛尖(?=.)|六安瓜片|太平猴魁|祁门红茶|西湖龙井茶?|洞庭碧螺春|安吉白茶|福鼎白茶"
    "|(?:云南)?普洱茶(?=.)|蒙顶山茶|蒙山茶|君山银针|恩施玉露|安化黑茶|梧州六堡茶|横县茉莉花茶"
)
CRAFTS = (
    "景德镇[瓷陶]器|景德镇(?:陶瓷|瓷)|宜兴紫砂壶?|德化(?:白瓷|陶瓷|瓷器)|龙泉(?:青瓷|宝剑)|醴陵瓷器|禹州钧瓷|汝州汝瓷|(?:新疆)?和田玉|岫岩玉"
    "|肇庆端砚|苏州刺绣|南京云锦"
)
FOODS = (
    "阳澄湖大闸蟹|固城湖大闸蟹|獐子岛海参|金华火腿|宣威火腿|平遥牛肉|涪陵榨菜|郫县豆瓣酱?|镇江香醋|高邮咸鸭蛋|德州扒鸡|东阿阿胶|五常大米|盘锦大米|阿克苏苹果|洛川苹果"
    "|烟台苹果|库尔勒香梨|砀山酥梨|赣南脐橙|吐鲁番葡萄干?|若羌红枣|和田大枣|中宁枸杞|文山三七|茂名荔枝|海南椰子|嘉兴粽子|自贡井盐|潜江小龙虾|盱眙龙虾"
)
BRANDS = "贵州茅台酒?|宜宾五粮液|泸州老窖|(?:青岛|崂山|重庆|哈尔滨|燕京|雪花|珠江)啤酒|崂山矿泉水|云南白药|柳州五菱"
SHOP = (
    "(?:专卖|专营|旗舰|直营|体验|批发|零售|4S|总|分)?店|专卖|专柜|大药房"
    "|茶[庄行]|茶叶[店行]|商行|商店|批发部?|礼盒|礼券|超市"
)
WARE = expression(rf"(?:{TEAS}|{CRAFTS}|{FOODS}|{BRANDS})(?:{SHOP})?", re.IGNORECASE)
LONGEST = 16  # characters of such a line
# Firms whose names begin with, or hold, the short name of a division elsewhere.
FIRM = expression(
    r"阿里(?:巴巴|妈妈|影业|旅行|文娱|(?:健康(?:大药房|科技|信息|园区|公司|集团)|云(?:计算|谷|公司|园区|大厦|总部|数据))(?![路街巷村]))"
    "|吉利汽车(?![站城客])|光明乳业|泰康保险"
)


def is_known_ware(match: Match) -> bool:
    """Return whether a text is the name of a known ware or brand, or of a shop that sells it.

    A firm's name may have a building behind it, but no other division: 阿里巴巴滨江园区.

    Args:
        match: what was read of the text.
    """
    text = read(match.text).plain
    if len(text) <= LONGEST and WARE.fullmatch(text):
        return True
    firm = FIRM.match(text)
    if firm is None:
        return False
    used = match.candidates[0].used if match.equal and match.candidates else ()
    return all(name.kind in (SHORT, FORMER) and name.end <= firm.end() for name in used)
