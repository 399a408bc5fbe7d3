"""What stands before an address on a line: a country, a label, a telephone, a postcode, a person, a shop's word.

Names of divisions are read behind it. The form of a word does not tell a person from an estate. So `tokens` only says
where names may begin, and the matcher takes the beginning from which it reads most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from buqi.divisions.text import SEPARATORS
from buqi.expressions import expression

FREE_ZONE = r"\([^()]{2,8}\)(?:自由贸易|自贸|跨境|自主创新|国际)"  # 中国(四川)自由贸易试验区 is one name
COUNTRY = rf"中华人民共和国|中国大陆|中国(?!{FREE_ZONE})|P\.?R\.? ?China|PRC|China|CHINA|CHN?(?![A-Za-z])"
NOTHING = r"(?i:null|undefined|none|nan|n/?a|nil)(?![A-Za-z])|\\N"
# A label ends in a colon. The usual ones also stand without one.
LABEL = (
    r"[^\s:,;，。0-9]{1,14}:|(?:收货|收件|寄件|取件|发货|详细|联系|家庭|居住|公司|单位|注册|经营|户籍|通讯|送货)?地址(?=[\s,])|(?:收货|收件|寄件|联系)人(?=[\s,])"
    r"|(?:顺丰|圆通|中通|申通|韵达|极兔|京东|德邦|百世|邮政|菜鸟)(?:快递|速递|速运|快运|物流|仓库|驿站)(?=[\s,])"
    r"|(?:请|麻烦)?(?:[派配]?[送寄发][至到往]|改[派送寄发](?:[至到往])?)|(?:到付|加急|急件|电联)(?=[\s,])|[新旧原现]?地址(?=[\u4e00-\u9fff])"
    r"|(?:所在)?地区(?=[\s,])|(?:邮政编码|邮编|电话|手机号?码?)(?=[\s,0-9])"
)
# Behind digits one of these makes a door, a road or a date of them.
DOOR = r"号|弄|栋|幢|楼|室|单元|层|座|巷|组|街|路|队|支|团|厂|米|国道|省道|县道|年|月|日|元|#|[A-Za-z]"
PHONE = rf"(?:\+?86[- ]?)?(?:1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}|0\d{{2,3}}[- ]?\d{{7,8}})(?!\d|{DOOR})"
NUMBER = rf"\d[\d-]{{3,}}\d(?!\d|{DOOR})|\d+(?=[\s,;])|\(?\d{{1,3}}[.)、](?!\d)"
LATIN = r"[A-Za-z][A-Za-z.'&-]*(?![A-Za-z.'&-]|[\u4e00-\u9fff])"
# Parts of Hong Kong that are no divisions, before one of its districts.
HONG_KONG_PART = (
    "(?:九[龙龍]|新界|(?<!香)港[岛島])"
    "(?=中西|[湾灣]仔|油尖旺|深水埗|九[龙龍]城|[黄黃]大仙|[观觀]塘|葵青|荃[湾灣]|屯[门門]|元朗|大埔|沙田|西[贡貢]|[离離][岛島])"
)
SYMBOL = r"[^\w\s([{<《【〔「（'\"\u4e00-\u9fff]|[\u2460-\u24ff\u2776-\u2793]"
# A word that asks for the name behind it.
ASKED = rf"(?:(?:收货|收件|寄件|发件|联系)人|[收寄])(?=[\u4e00-\u9fff]{{2,4}}{PHONE})"
# What is no part of an address by its form alone.
SURE = expression(
    rf"(?P<phone>{PHONE})|(?:{ASKED}|{COUNTRY}|{HONG_KONG_PART}|{NOTHING}|{LABEL}|{NUMBER}|{LATIN}|{SYMBOL})"
)
# Any other word with a separator behind it, or a name with a telephone behind it.
WORD = expression(rf"[\u4e00-\u9fffA-Za-z0-9·()（）]{{1,16}}(?=[\s,，;；、|/:])|[\u4e00-\u9fff·]{{1,8}}(?={PHONE})")
# A person by the title, and what only a telephone before it makes one of.
TITLED = expression(r"[\u4e00-\u9fff]{1,3}?(?:先生|女士|小姐|太太)(?![路街巷道村庄镇乡店桥])")
NEAR_TITLED = expression(r"(?![小大])[\u4e00-\u9fff](?:[生总姐哥]|工(?![业厂地商程会人]))(?=[\u4e00-\u9fff]{2})")
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GLUED_NAME = expression(rf"{PHONE}[{SURNAMES}][\u4e00-\u9fff]{{1,2}}$")
# A person at the front: by the title, or by a surname before a telephone with an address behind it.
PERSON_FIRST = expression(
    rf"(?:{ASKED})?(?:{TITLED.pattern}|[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?={PHONE}.*?(?:[\u4e00-\u9fff].*?){{4}}))"
)
SHORTEST_NAME, LONGEST_NAME = 2, 3  # characters of a name that is glued to an address
PERSON = 4  # characters that a person's name beside a telephone has at most
# What only a road, an estate or another place below the towns has in its name.
PLACE = expression(
    r"[路街巷弄道村庄屯寨苑园]|[0-9一二三四五六七八九十百甲乙丙][号楼栋幢座室组]|胡同|交叉口|交汇|路口|桥头|小区|家属院|公寓|大厦|广场|新城|名都|豪庭|[^收寄]货场|社区|市场|大院|[镇乡](?![\u4e00-\u9fff])"
)

# A label that begins with the word for a place and no name of one: 社区团购自提点:, 小区业主群:.
PLACELESS = expression(
    "(?:社区|小区|村[级民里]?|园区|街道办?|市场|公寓|本村|本小区)(?:团购|拼团|生鲜|优选|便民|物业|门卫|快递|业主|居民|团|收|的)*"
    "(?:自提点?|[提取收][货件]点?|团购|拼团|接龙|团长|业主|居民|住户|群|微信群?|网格员|管理员|电话|信息|通知|订单|客户|用户"
    "|[收订][货件]人|代收点?|配送点?):"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One thing before an address: ``text[start:end]``, and whether its form alone says that it is no place."""

    start: int
    end: int
    sure: bool


def tokens(text: str) -> Iterator[Token]:
    """Yield what may stand before the names of an address, from the front on.

    Args:
        text: as `buqi.divisions.text.read` translates it, with its separators.
    """
    at, phone_before = _past_separators(text, 0), False
    while at < len(text):
        found = SURE.match(text, at)
        if found is not None and not _is_place(found.group()):
            phone_before, sure = bool(found["phone"]), True
        elif titled := TITLED.match(text, at) or (NEAR_TITLED.match(text, at) if phone_before else None):
            found, phone_before, sure = titled, False, True
        else:
            found = WORD.match(text, at)
            if found is None:
                if phone_before:
                    yield from _names(text, at)
                return
            behind = SURE.match(text, _past_separators(text, found.end()))
            beside = phone_before or (behind is not None and bool(behind["phone"]))
            phone_before, sure = False, beside and len(found.group()) <= PERSON and not PLACE.search(found.group())
        end = _past_separators(text, found.end())
        yield Token(at, end, sure)
        at = end


def person_end(text: str) -> int:
    """Return where a person at the front of a text ends, 0 if none stands there.

    Args:
        text: as `tokens` takes it.
    """
    at = _past_separators(text, 0)
    found = PERSON_FIRST.match(text, at)
    return found.end() if found else 0


def _is_place(word: str) -> bool:
    """Whether a word that looks like a label names a place: 佛塔村:."""
    return word.endswith(":") and PLACE.search(word) is not None and PLACELESS.fullmatch(word) is None


def _names(text: str, at: int) -> Iterator[Token]:
    """Yield the names that may stand behind a telephone and right before an address: 13800000000李四晋江陈埭镇."""
    for length in range(SHORTEST_NAME, LONGEST_NAME + 1):
        if text[at : at + 1] in SURNAMES and re.match(r"[\u4e00-\u9fff]", text[at + length : at + length + 1]):
            yield Token(at, at + length, False)


def place_begin(text: str) -> int:
    """Return where the part of ``text`` begins that names a place (人民路12号). What stands before that is no address.

    Args:
        text: what stands before the first name of an address.
    """
    if PLACE.search(text) is None:
        return len(text)
    at = 0
    for token in tokens(text + " "):
        if not token.sure and PLACE.search(text, token.start, token.end):
            return token.start
        at = min(token.end, len(text))
    return at if PLACE.search(text, at) else len(text)


def _past_separators(text: str, at: int) -> int:
    """Return where the text goes on behind the separators at a position."""
    found = SEPARATORS.match(text, at)
    return found.end() if found else at
