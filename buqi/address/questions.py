"""Questions about an address: 请问“石狮市宝盖镇”属于哪个省？, 把石狮市宝盖镇补成五级地址.

Only words that surely ask are taken from the address: those in front of it and those at the end of the text. The
address between them is completed as any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from buqi.address.completion import REFUSALS, Completion
from buqi.address.talk_behind import filled_begin, may_be_talk, talk_begin
from buqi.divisions.text import PLAIN
from buqi.expressions import expression

LONGEST = 120  # characters of a text that is read
_OPEN, _CLOSE = "“\"'‘「『《", "”\"'’」』》"
_SIGNS = r"[\s,，。.!?~、:;…]*"
_PARTING = " ,，。;；:：\n"
# Names of the table have some of these, so `PLAIN` leaves them.
_TRADITIONAL = str.maketrans("屬於裡裏麼請問將幫謝輸", "属于里里么请问将帮谢输")
_HANZI = expression("[\u4e00-\u9fff]")
# What these questions begin and end with. Most addresses do neither.
_STARTS = frozenset("请請你您我麻帮幫把将將问問查想输輸劳勞烦煩拜补補hH" + _OPEN)
_ENDS = frozenset(
    "?？!！~。…:：的址编編里裡裏儿兒哪写寫填整全对對谢謝了啦您你下啊呀呢吗嗎式码碼称稱么麼少啥省市县縣区區份方管"
    + _CLOSE
)
_HINT = expression(f"[哪么麼啥谢謝补補{_CLOSE}]|怎|咋|如何|邮|郵|区号|地址|区划|麻烦|麻煩|帮|幫|拜托|辛苦|[:：]$")
_LOOK = (
    "查(?:一下|询|查看?|找)|看(?:一下|看)|补(?:一下|全|充完整|齐|成完整)|写(?:一下|出|全)|填(?:一下|全)|完善|整理|识别|解析"
    "|标准化|规范化?|告诉我"
)
_ADDRESS = "(?:行政区划|省市区县?|地址|写法|格式|形式|全称|位置)"
_WHOLE = "(?:完整|详细|标准|规范|准确|正确|具体|[三四五]级|所属|所在|全部|补全后?)"
_AREA = "(?:省份?|城市|市|县|区|地方|街道|乡镇|镇|乡)"
_WHERE = f"(?:哪(?:一?个|一)?(?:{_AREA}|里|儿|块)?|什么{_AREA})"
_SAID = "(?:是什么|是多少|多少|是啥|是哪里?|在哪里?|(?:应该|该|要)?怎么[写填])[呢呀啊]?"
_FRONT = expression(
    rf"""(?:(?:你好呀?|您好|hi|hello|在吗|请问(?:一?下)?|请教(?:一?下)?
    |(?:请|麻烦|劳驾|烦请|拜托)(?:你|您)?(?:们)?|帮(?:我|忙|帮忙)(?:们)?
    |我?(?:想要?|要|需要)(?:知道|问(?:问|一?下)|查询?|了解|确认)(?:一下)?|我(?:想|要)(?={_LOOK})|知道|{_LOOK}
    |[把将](?=[{_OPEN}]|以下|下[面列]|这个|这条)|(?:以下|下[面列]|这个|这条)的?{_ADDRESS}?(?:是|在)?
    |(?:完整|五级)?地址:|输入:|问题?:|并(?={_LOOK})){_SIGNS})*(?P<quote>[{_OPEN}])?""",
    re.VERBOSE | re.IGNORECASE,
)
_TURNED = (
    "补(?:全|充|齐)?(?:一下|成|为|完整)|(?:转换?|改|写|变|整理|标准化)(?:成|为)(?=完整|标准|规范|[三四五]级)|补[全齐]"
)
_ASKED = rf"""(?:到底|究竟|具体|应该)?(?:[是在属归]|属于|归属于?|隶属于?|位于|坐落在)(?:{_WHERE})+(?:[的管呢啊呀]|管辖)*
    |(?:哪个|什么)(?:省|市|县|区|城市)+的?
    |的(?:{_WHOLE}的?)*{_ADDRESS}+(?:{_SAID})?|(?:{_WHOLE}的?)+{_ADDRESS}+(?:{_SAID})
    |的(?:邮编|邮政编码|区号|行政区划代码)(?:{_SAID})?|(?:邮编|邮政编码|区号){_SAID}
    |(?:应该|该|要)?(?:怎么|如何|咋)[写填补](?:写|全)?(?:才)?(?:完整|全|对|正确|规范|标准)?(?:{_ADDRESS})?[呢啊呀]?
    |(?:请|帮我|帮忙|麻烦)*(?:{_TURNED})(?:{_WHOLE}的?)*{_ADDRESS}?"""
# What asks only behind a sign or the quoted address. A shop may be called 谢谢.
_ASKED_APART = rf"""(?:谢谢|多谢|感谢|谢了|麻烦了|拜托了?|辛苦了?)(?:[你您了啦哦哈]|大家)*
    |(?:请|麻烦|帮我|帮忙|劳驾|您|你)+(?:{_LOOK})(?:一下|完整|全)?(?:{_WHOLE}的?)*(?:{_ADDRESS}|邮编)?
    |(?:求|要|需要)一?个?(?:{_WHOLE}的?)+{_ADDRESS}|(?:输出|结果|答案?|回答|补全(?:结果|后)?):"""
_APART = rf"(?:(?<=[\s,，。.!?~、:;…{_CLOSE}])(?:{_ASKED_APART}))"
_BEHIND = expression(rf"[{_CLOSE}]?(?:{_SIGNS}(?:{_ASKED}|{_APART}))+{_SIGNS}[{_CLOSE}]?$", re.VERBOSE)
# 把 before the address itself. Places are called 将.
_TURNS = expression("把|将(?![乐军台兵])")
_CLOSED = expression(rf"[{_CLOSE}]{_SIGNS}$")


@dataclass(frozen=True)
class Question:
    """A text that asks about ``text[start:end]``."""

    text: str
    start: int
    end: int

    @property
    def address(self) -> str:
        """What is asked about."""
        return self.text[self.start : self.end]

    def answered(self, found: Completion) -> Completion:
        """Return the answer to the text, given that to its address.

        The words of the question stand in ``lead``, those behind the address last. A refusal repeats the text.
        """
        if found.status in REFUSALS:
            return replace(found, input=self.text, full=self.text, detail=self.text)
        front, behind = self.text[: self.start], self.text[self.end :]
        words = (front + found.lead + behind).lstrip(_PARTING)
        return replace(found, input=self.text, lead=words if _HANZI.search(words) else found.lead)


def question(text: str) -> Question | None:
    """Return the question that a text is, ``None`` if it is an address alone or nothing sure is asked."""
    if not text or len(text) > LONGEST:
        return None
    talks = may_be_talk(text)
    if text[0] not in _STARTS and not talks and not (text[-1] in _ENDS and _HINT.search(text)):
        return None
    line = text.translate(PLAIN).translate(_TRADITIONAL)
    front = _FRONT.match(line)
    start, quoted = (front.end(), front["quote"]) if front else (0, None)
    turned = _TURNS.match(line, start)
    end = talk_begin(line, start) if talks else len(line)
    if turned and (filled := filled_begin(line, start)) < end:
        start, end = turned.end(), filled
    behind = _BEHIND.search(line, start, end)
    if quoted and (behind is None or end < len(line)):
        behind = _CLOSED.search(line, start, end)
        closed = behind.start() if behind else end
        if any(sign in line[start:closed] for sign in _CLOSE):
            return None  # “德寿宫”旁…“大上海”
    elif behind is not None and turned and re.search(_TURNED, behind.group()):
        start = turned.end()
    end = behind.start() if behind else end
    asks = end < len(line) or (front is not None and "知道" in front.group())
    return Question(text, start, end) if asks and len(_HANZI.findall(line, start, end)) > 1 else None
