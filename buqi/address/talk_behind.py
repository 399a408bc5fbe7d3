"""Talk at the end of a text: 平湖市新埭镇平兴线9号 请尽快发货, 泾县桃花潭镇的省份, 光泽县止马镇是福建哪里.

A sign or a space stands before most of it, as a shop may be called 谢谢. What asks surely also stands without one.
"""

from __future__ import annotations

import re

from buqi.expressions import expression

LONGEST = 40  # characters that talk has at most
_SIGN = r"[\s,，。.!！?？~～、:：;；…“”\"'’」』》]"
_PROVINCE = (
    "(?:北京|天津|河北|山西|内蒙古?|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|重庆|四川|贵州|云南|西藏"
    "|陕西|甘肃|青海|宁夏|新疆)省?"
)
_AREAS = "(?:省份?|城?市|区|县|乡|镇|街道|前面|前缀)(?:[和跟、/]?(?:省份?|城?市|区|县|乡|镇|街道|前缀))*的?"
_ASKED_AREAS = "(?:省份|省[和跟、/]?市(?:[区县镇乡]|街道)*|所属省|所在省)"
_SAID = "(?:是什么|是多少|是啥|是哪里?|是哪个|有哪些)[呢呀啊]?"
_PLEASE = "(?:请问?|麻烦|帮[忙我]?|劳驾|拜托|您|你|再|要不要|要|需要)"
_WRITE, _MORE = "[补写填说查看]", "(?:充|上|齐|全|清楚|明白|完整|一?下|出来?)"
_MUCH = "(?:一?[点些下]|就行|就好|哈|哦|啊|呀|了|吗|吧)*"
_THANKS = (
    "(?:谢谢|多谢|感谢|谢了|辛苦|麻烦|拜托)"
    "(?:[你您了啦哦哈啊呀]|大家|老板娘?|亲们?|师傅|大哥|卖家|客服|店家|商家|掌柜)*"
)
# What stands behind a sign.
_APART = rf"""(?:是[吗吧]|没错吧|是不是(?:这样写?|对的?)?[吗啊呢]?
    |(?:具体|详细)?(?:{_PLEASE}+{_WRITE}{_MORE}*|{_WRITE}{_MORE}+)(?:{_AREAS})?{_MUCH}
    |{_PLEASE}*(?=省|前面){_AREAS}{_PLEASE}*(?:应该|怎么|如何|咋)*{_WRITE}{_MORE}*{_MUCH}
    |(?:加急|急+用?|[很着]急用?|等着?用)[了啊哦]?
    |{_PLEASE}*(?:尽快|快点|早点|赶紧|及时|抓紧|马上)(?:给我)?(?:发货|发出|发|寄出|送货|配送|安排|送达|送)[了吧哦哈啊]?
    |(?:在|是){_PROVINCE}(?:的?[吗吧]|对[吗吧]))(?:{_THANKS})?|{_THANKS}"""
# What stands without one too. 就好 and 就行 are said behind a place only.
_GLUED = rf"""对不对[吗呢啊]?|对[吗么吧]
    |的?(?:这个?(?:地址|地方))?的(?:具体|详细|完整|所属|所在)*{_ASKED_AREAS}(?:{_SAID})?
    |(?:就(?:行|好|可以|OK)|即可)[了啦哦哈的]?|是{_PROVINCE}(?:的?(?:哪里|哪儿|哪个?[省市区县镇乡]))+的?[啊呀呢吗]?"""
_BEHIND = expression(rf"的?(?:{_SIGN}+(?:{_APART})|{_SIGN}*(?:{_GLUED}))+{_SIGN}*$", re.VERBOSE)
# What it ends with, and what stands in all of it. Most addresses have neither.
_ENDS = frozenset(
    "份市区县镇乡道对吗么吧不呢啊呀哦哈啦了行好可以用急货出送排达发谢板娘亲们傅哥家服柜的面缀全整楚白点些下来里儿啥少哪个写填补样K"
    "?？!！~～。… "
)
_HINT = expression("[吗吧谢感急货写填补就即哪尽快早赶抓]|的|对不|没错|是不是|等着?用|辛苦|麻烦|拜托")
# What is said behind 把 and an address.
_FILLED = expression(rf"{_SIGN}*[写补填](?:完整|全|齐)[点些吧了]?{_SIGN}*$")


def may_be_talk(text: str) -> bool:
    """Whether a text may end in talk. Most addresses do not."""
    return text[-1:] in _ENDS and _HINT.search(text, max(0, len(text) - LONGEST)) is not None


def talk_begin(line: str, start: int = 0) -> int:
    """Return where the talk at the end of a line begins, its end if there is none.

    Args:
        line: as `buqi.divisions.text.PLAIN` translates it.
        start: where its address begins.
    """
    found = _BEHIND.search(line, max(start, len(line) - LONGEST))
    return found.start() if found else len(line)


def filled_begin(line: str, start: int = 0) -> int:
    """Return where 写完整 behind an address begins that 把 stands before; the line's end if it is not there.

    Args:
        line: as `talk_begin` takes it.
        start: where its address begins.
    """
    found = _FILLED.search(line, max(start, len(line) - LONGEST))
    return found.start() if found else len(line)
