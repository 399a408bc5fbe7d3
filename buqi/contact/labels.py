"""Labels of shops' and offices' forms: what they ask for, and where they stand on a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from buqi.expressions import expression

NAME, PHONE, POSTCODE, ADDRESS = "name", "phone", "postcode", "address"
NUMBER, WORD, REMARK = "number", "word", "remark"  # labels whose answers are no part of an address

_RECEIVERS = "收货人|收件人|收货方|收件方|联系人|联络人"
_PEOPLE = f"{_RECEIVERS}|收货联系人|取件人|寄件人|发件人|客户|买家|顾客|申请人|户主|业主|本人"
_WORDS = {
    NAME: rf"(?:{_PEOPLE})(?:姓名|名称|名字)?|姓名|名字|收货姓名|真实姓名|称呼",
    PHONE: rf"(?:{_PEOPLE})?(?:联系|联络|收货|收件)?(?:电话号码|电话|手机号码|手机号|手机|固定电话"
    "|移动电话|固话|座机|联系方式)|联系电话/手机"
    "|手机/电话|电话/手机|联系号码|备用电话|手机或电话",
    POSTCODE: "邮政编码|邮编号码|邮编|邮码|邮政编号",
    ADDRESS: rf"(?:{_PEOPLE})?(?:详细|收货|收件|详情|联系|通讯|通信|家庭|居住|现居住|单位|公司|送货|配送"
    "|邮寄|寄送|快递|寄件|户籍|街道|具体|办公|常住|注册|经营|学校)?(?:地址|住址)|户籍所在地|(?:所在|收货|收件)(?:地区|区域|省市|城市|地)|省市区县?|现住所?|住所|(?:收货|收件|寄件|地址)信息",
    NUMBER: "订单编号|订单号|快递单号|运单号|单号|身份证号码|身份证号|身份证|证件号码|证件号|微信号|微信|QQ号|QQ",
    WORD: "性别|年龄|民族|出生日期|出生年月|学历|职业|政治面貌|数量"
    "|金额|时间|日期|下单时间|昵称|买家昵称|邮箱|电子邮箱|电子邮件",
    REMARK: "备注|留言|买家留言|附言|配送备注|订单备注",
}
_LATIN = {
    NAME: "full ?name|name|receiver|recipient|consignee|contact(?: ?person)?|to|attn",
    PHONE: "tel(?:ephone)?|phone(?: ?(?:number|no))?|mobile(?: ?phone)?|cell(?: ?phone)?|mob|m|t",
    POSTCODE: "zip(?: ?code)?|post(?:al)? ?code|p\\.?c",
    ADDRESS: "(?:(?:detail(?:ed)?|full|street)[_ ]?)?(?:address|addr)|add|detail|region|area"
    "|province|city|district|county|town|street",
}
# These are labels only behind a separator and with a colon or in brackets.
_LEVELS = (
    "国家|国家/地区|省份|省|城市|市|区县|区/县|县区|县/区|区|县|地区|区域|街道|乡镇|街道/乡镇|乡镇/街道|镇|社区|小区"
    "|门牌号?|楼栋|详情|详细|详址|具体|地点|发货|收货|发件|寄件|收件|始发地|目的地|起点|终点|收|寄"
)
# Forms are filled up with spaces: 姓　　名.
_SPACED = {NAME: ("姓名",), PHONE: ("电话", "手机"), POSTCODE: ("邮编",), ADDRESS: ("地址", "住址")}
_COLON = r"\s{0,4}(?:号码)?\s{0,2}[:=]"
_OPENED, _CLOSED = r"[\[(<{【〔「]", r"[\])>}】〕」]"
_EDGE = r"(?:(?<=[\s,，、;；:|/。.*>)\]】+#-])|(?<=^))"


def _alternatives() -> str:
    groups = []
    for kind, words in _WORDS.items():
        words = "|".join([words, *(r"\s{1,8}".join(word) for word in _SPACED.get(kind, ()))])
        whole = rf"{_OPENED}\s?(?:{words})\s?:?\s?{_CLOSED}(?:\s?:)?"
        bare = {
            NAME: r"(?:(?<![\u4e00-\u9fff])|(?<=[号室楼层院]))"
            rf"(?:(?:{_RECEIVERS})(?:姓名)?|姓名)(?=[\s,，\u4e00-\u9fff])"
            rf"|{_EDGE}[收寄](?=[\u4e00-\u9fff]{{2,4}}\s?1[3-9]\d{{9}})",
            PHONE: rf"(?:{words})\s{{0,3}}(?=[\s,，(+\d])",
            POSTCODE: rf"(?:{words})\s{{0,3}}(?=\d{{6}})",
            ADDRESS: rf"(?:{_EDGE}|(?<=\d))(?:{words})(?=[\s,，\u4e00-\u9fff])",
            NUMBER: rf"(?:{words})\s{{0,3}}(?=[\dA-Za-z])",
        }.get(kind)
        groups.append(rf"(?P<{kind}>{whole}|(?:{words}){_COLON}{f'|{bare}' if bare else ''})")
    for kind, words in _LATIN.items():
        behind = r"(?:\s?[:=.]|\s?(?=[+\d]{5}))" if kind in (PHONE, POSTCODE) else r"\s?[:=]"
        quoted = r"\s?['\"”]?\s?[:=]\s?['\"“]"  # a record of JSON: "name":"李四"
        groups.append(rf"(?P<latin_{kind}>['\"“]?(?<![A-Za-z])(?i:{words})(?:{quoted}|{behind}))")
    groups.append(rf"(?P<level>{_EDGE}(?:{_OPENED}(?:{_LEVELS}){_CLOSED}:?|(?:{_LEVELS}){_COLON}))")
    return "|".join(groups)


LABEL_PATTERN = expression(_alternatives())


class Label(NamedTuple):
    """One label: ``line[start:end]``, its colon too, and what it asks for."""

    start: int
    end: int
    kind: str


def labels(line: str) -> Iterator[Label]:
    """Yield the labels of a line in order; the line is as `buqi.divisions.text.read` translates it."""
    for found in LABEL_PATTERN.finditer(line):
        kind = (found.lastgroup or "").removeprefix("latin_")
        yield Label(found.start(), found.end(), ADDRESS if kind == "level" else kind)
