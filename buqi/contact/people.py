"""Whether characters have the form of a person's name. The form alone is no proof: 高平 is a name and a city."""

from __future__ import annotations

import re

# The surnames of 99 % of the people (公安部 2020: the first 300 and those of well-known people), without those that
# are first of all words of addresses.
_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪辛柯庄殷樊兰翟申倪葛卜毕鲁岳"
    "安左齐伍柳俞聂章路耿詹关焦欧裴祝凌祁霍包牛温涂鲍纪甘尚舒时柴阮骆齐盛季解游丘岑屈卓司童单车柏阳冉成桂古蒲应宁项迟翁郎滕苑穆"
    "窦米褚谷冷艾景管凤费房臧饶芦娄佟苗曲边卞吉杭隋晏商连明官简储惠蓝闵鞠麦全褚占党匡戚喻谈查荆仇初栾敖花楚邢车池闻宗芮原占仲操尤"
    "梅胥都鄢郁郗巩蔺班涂靳桑卫封胜冼晁撒羊练揭虞嵇荀巫牟苟冀缪慕邬宫干强阙蒙蔚鹿来佘奚嘉茅狄贝明计伏邸由经计诸颜麻尉晋党帅"
    "裘寇庞漆赫呼敬亓哈普巴丛丰衣才鄂居辜利展随税宿庹么黑招戈祖甄母仝揣候郜邝"
)
SURNAMES = frozenset(_SINGLE)
COMPOUND = frozenset(
    "欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 夏侯 尉迟 皇甫 公孙 慕容 令狐 长孙 宇文 端木 百里 呼延 轩辕 濮阳 淳于 单于 太史 申屠 公羊 赫连 澹台"
    " 宗政 钟离 闾丘 鲜于 亓官 拓跋 第五 西门 东郭 南门 万俟 闻人".split()
)
_TITLE = "先生|女士|小姐|太太|夫人|老师|同学|经理|师傅|阿姨|医生|大夫|主任|同志|教授|律师"
_NEAR_TITLE = "总|哥|姐|叔|姨|嫂|工|生|导|董"
TITLED = re.compile(rf"(?P<base>[\u4e00-\u9fff*某]{{1,4}})(?:{_TITLE})(?:女士|先生)?")
NEAR_TITLED = re.compile(rf"(?P<base>[\u4e00-\u9fff])(?:{_NEAR_TITLE})|[小老阿][\u4e00-\u9fff]|[\u4e00-\u9fff]某{{1,2}}")
DOTTED = re.compile(r"[\u4e00-\u9fff]{1,8}(?:[·•‧・.˙][\u4e00-\u9fff]{1,10}){1,3}")
MASKED = re.compile(r"[\u4e00-\u9fff](?:[*某x×]{1,3}[\u4e00-\u9fff]?|[\u4e00-\u9fff]\*)|\*{1,2}[\u4e00-\u9fff]{1,2}")
LATIN = re.compile(r"[A-Z][a-z]{1,14}(?: [A-Z][a-z]{1,14}| [A-Z]\.?){0,3}|[A-Z]{2,12} [A-Z]{2,12}(?: [A-Z]{2,12})?")
_LATIN_WORDS = re.compile(
    r"(?i)\b(?:china|prc|null|none|undefined|nan|room|road|street|district|city|province|building|floor|unit|no|rd|st|tel"
    r"|phone|mobile|name|address|zip|code|sf|ems|jd|yto|and|the|to|from|hong|kong|beijing|shanghai|guangzhou|shenzhen)\b"
)
# What the last character of a place says at once, and what it says only where a place may stand.
_PLACE_END = re.compile(
    r".*(?:[省市区县镇乡村路街道巷弄号楼室层栋幢组屯庄寨厦厂店库座港厅局院部委所站校司馆铺圩]|公寓|广场|中心|大学|中学|小学|家园|花园|小区|社区|大厦"
    r"|单位|公司|集团|办公|市场|商城|新城|大院|宿舍|学院|医院|酒店|宾馆|银行|超市|工地|门口|门卫|驿站|快递|柜|前台|物业)"
)
_WEAK_END = re.compile(r".*[山湖桥城里园庭苑府湾场寺庙坝坪沟塘井门河江岛岭口岗坡堡营屿洲滩池坊州台岸湘都墅郡轩居舍]")
_NO_NAMES = frozenset(
    "万达 万科 华联 金地 高新 经开 安全 方便 明天 周末 白天 成功 任何 全部 温馨 常用 万象 全国 全区 全市 明确 成品 商务 商业 商铺 左右 左侧 左边 房间"
    " 房号 关于 包裹 包邮 都市 文化 文具 花店 花卉 水果 金属 石材 石油 时尚 时代 常温 冷链 冷藏 易碎 解放 胜利 强电 经济 经理 米粉 黑色 白色 红色 蓝色 黄色"
    " 金色 干货 时间 司机 任意 同上 原件 应急 鲁能 恒大 龙湖 海底捞 周黑鸭 全聚德 马路边 路边 安装 官方 官网 车间 车库 于此 成都 宁静 阳光 国际 阳台"
    " 全家 华润 江南 江北 江东 江西 金融 全场 单号 连锁 明珠 康复 和平 易事 初中 高中 高层 高铁 高速 古城 古镇 商户 时候 常规 文明 文博 文创 文昌".split()
)
_DAY = re.compile(r"周[一二三四五六日末至到]|[上下]午")


def is_name(token: str, near: bool = False, far_from_places: bool = False) -> bool:
    """Whether a whole token has the form of a person's name.

    Args:
        token: without separators, in simplified script.
        near: a telephone stands beside it.
        far_from_places: no part of an address can stand where it stands; 王小山 needs this.
    """
    if DOTTED.fullmatch(token) or is_titled(token):
        return True
    if MASKED.fullmatch(token) and (token[0] in SURNAMES or "*" in token):
        return True
    if near and NEAR_TITLED.fullmatch(token) and not _PLACE_END.fullmatch(token):
        return token[0] in SURNAMES or token[0] in "小老阿"
    if near and LATIN.fullmatch(token):
        return _LATIN_WORDS.search(token) is None
    token = re.sub(r"(?<=^.)\s+(?=.$)", "", token)  # forms fill up 王　明
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", token) or token in _NO_NAMES or _DAY.match(token):
        return False
    if _PLACE_END.fullmatch(token) or (_WEAK_END.fullmatch(token) and not far_from_places):
        return False
    if token[:2] in COMPOUND and len(token) > 2:
        return True
    if len(token) == 4:
        return near and far_from_places and token[0] in SURNAMES and token[1] in SURNAMES
    return token[0] in SURNAMES


def is_titled(token: str) -> bool:
    """Whether a token is a name with a title: 王先生, 张小明女士."""
    found = TITLED.fullmatch(token)
    if found is None:
        return False
    base = found["base"]
    return (base[0] in SURNAMES or base[:2] in COMPOUND) and not _PLACE_END.fullmatch(base)


def is_labelled_name(token: str) -> bool:
    """Whether a token behind a label (收货人：) is a name: any that is no place, firm or number."""
    if is_name(token, near=True, far_from_places=True) or MASKED.fullmatch(token) or LATIN.fullmatch(token):
        return True
    if TITLED.fullmatch(token):
        return True
    return re.fullmatch(r"[\u4e00-\u9fff]{2,4}", token) is not None and not _STRONG_PLACE.fullmatch(token)


_STRONG_PLACE = re.compile(r".*(?:[省市区县镇乡村路街号楼室]|公司|集团|街道|医院|大学|学校|单位)")
