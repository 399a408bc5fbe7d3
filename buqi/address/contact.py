"""Name, telephone and postcode on a line as shops and forms write it, apart from its address.

Only what is certain is taken out: a telephone by its form, a postcode that stands alone, a name by its label, or by
its surname where it stands beside a telephone or is the only thing beside the address. All else stays in the address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from buqi.divisions.lead import DOOR, PLACE

Span = tuple[int, int]
SURNAMES = (
    "欧阳|上官|司马|司徒|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|端木|夏侯|独孤|南宫|长孙|宇文|轩辕|[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严"
    "华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆"
    "萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫"
    "经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲"
    "伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿"
    "通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东殴殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简"
    "饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖涂岳覃代佟苟付闫闻]"
)
TITLE = r"先生|女士|小姐|老师|师傅|经理|同学|太太|阿姨|[（(]?收[)）]?"
# A name of a person: a surname and one or two characters, 某 for what is hidden, a point in names of minorities.
PERSON = re.compile(
    rf"(?:(?:{SURNAMES})(?:某{{1,2}}|\*{{1,2}}|[\u4e00-\u9fff]{{1,2}})?|[\u4e00-\u9fff]{{2,6}}[·•][\u4e00-\u9fff]{{2,8}})(?:{TITLE})?"
)
LATIN = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?")
# Masked digits are stars; a mobile number has eleven, a line in a house three or four and seven or eight.
DIGIT = r"[\d*xX]"
PHONE = re.compile(
    rf"(?<![\d*])(?:(?:\+|00)?86[- ]?)?(?:1[3-9]\d[- ]?{DIGIT}{{4}}[- ]?{DIGIT}{{4}}"
    rf"|[(（]?0\d{{2,3}}[)）]?[- ]?{DIGIT}{{7,8}}|400[- ]?\d{{3,4}}[- ]?\d{{3,4}})"
    rf"(?:(?:转|-|ext\.?) ?\d{{1,6}})?(?![\d*]|{DOOR})"
)
POSTCODE = re.compile(
    r"(?:^|(?<=[\s,，;；:：|/(（\[【]))\d{6}(?=$|[\s,，;；|/)）\]】]|[\u4e00-\u9fff]{2}(?<![号弄栋幢室]))"
)
CODE_LABEL = re.compile(r"(?:邮政编码|邮编|zip(?:code)?|postcode)\s*[:：]?\s*(\d{6})", re.I)
NAME_LABEL = r"收货人(?:姓名)?|收件人(?:姓名)?|寄件人|联系人(?:姓名)?|客户姓名|买家|收货姓名|姓名|name|Name"
PHONE_LABEL = r"联系电话|联系方式|手机号码|手机号|手机|电话号码|固定电话|电话|tel|Tel|TEL|phone|Phone|mobile"
ADDRESS_LABEL = (
    r"所在地区|所在区域|所在省市|详细地址|收货地址|收件地址|寄件地址|联系地址|街道地址"
    r"|通讯地址|地址|address|Address"
)
NAMED = re.compile(
    rf"(?:{NAME_LABEL})\s*[:：]?\s*(?P<value>[^\s,，;；:：|/\d]{{2,16}}?)"
    rf"(?=$|[\s,，;；|/\d]|(?:{PHONE_LABEL}|{ADDRESS_LABEL}))"
)
LABELS = rf"{NAME_LABEL}|{PHONE_LABEL}|{ADDRESS_LABEL}|邮政编码|邮编"
LABEL = re.compile(rf"(?:{LABELS})\s*[:：]")
BEFORE_PHONE = re.compile(rf"(?:{PHONE_LABEL})\s*$")
SEPARATORS = " ,，;；:：|/、\t\r\n"
BETWEEN = SEPARATORS + "()（）[]【】"
PARTS = re.compile(r"[^\s,，;；:：|/、()（）\[\]【】]+")


@dataclass(frozen=True)
class Contact:
    """A line taken apart. Each of its characters is in one of these, is a label, or stood between them.

    Attributes:
        name, phone, postcode: as they are written; ``""`` where none is certain.
        address: what is left, with a blank where something was cut out.
    """

    name: str
    phone: str
    postcode: str
    address: str


def read_contact(line: str, is_place: Callable[[str], bool] = lambda _: False) -> Contact:
    """Take a line apart.

    Args:
        line: an address with whatever stands around it, on one or several lines.
        is_place: whether a word is a division's name; 高平 and 安康 are places, and are names only by a label.
    """
    cut: list[Span] = []
    phone = _first(line, PHONE, cut)
    if cut and (label := BEFORE_PHONE.search(line, 0, cut[0][0])):
        cut.append(label.span())
    labelled = CODE_LABEL.search(line)
    if labelled:
        cut.append(labelled.span())
    postcode = labelled.group(1) if labelled else _first(line, POSTCODE, cut)
    named = NAMED.search(line)
    if named and PLACE.search(named["value"]) is None:
        name = named["value"]
        cut.append(named.span())
    else:
        name, span = _name(line, cut, is_place)
        cut += [span] if span else []
    cut += [found.span() for found in LABEL.finditer(line) if not any(a <= found.start() < b for a, b in cut)]
    return Contact(name, phone, postcode, _without(line, cut))


def _first(line: str, pattern: re.Pattern[str], cut: list[Span]) -> str:
    """Return the first of what a pattern finds beside what is cut out, and cut it out."""
    found = (m for m in pattern.finditer(line) if not any(a < m.end() and m.start() < b for a, b in cut))
    first = next(found, None)
    if first is None:
        return ""
    cut.append(first.span())
    return first.group().strip()


def _name(line: str, cut: list[Span], is_place: Callable[[str], bool]) -> tuple[str, Span | None]:
    """Return the one word that is a person's name, and where it stands."""
    blank = list(line)
    for start, end in cut:
        blank[start:end] = "\n" * (end - start)
    words = [word.span() for word in PARTS.finditer("".join(blank))]
    persons = [span for a, b in words if (span := _person(line, a, b, is_place, cut))]
    beside = [span for span in persons if _is_beside(line, span, cut)]
    chosen = beside or (persons if len(words) > 1 and len(persons) == 1 else [])
    return (line[slice(*chosen[0])], chosen[0]) if chosen else ("", None)


def _person(line: str, start: int, end: int, is_place: Callable[[str], bool], cut: list[Span]) -> Span | None:
    """Return where in a word a person's name stands, if one does.

    It is all of the word; or beside a telephone what stands behind a place (陕西王小明) or before one (王小明陕西省).
    """
    spans = [(start, end)]
    spans += [(at, end) for at in range(start + 2, end - 1) if is_place(line[start:at])]
    spans += [(start, at) for at in (start + 3, start + 2, start + 4) if _place_begins(line[at:end], is_place)]
    for number, (begin, stop) in enumerate(spans):
        word = line[begin:stop]
        if (number == 0 or _is_beside(line, (begin, stop), cut)) and (PERSON.fullmatch(word) or LATIN.fullmatch(word)):
            return None if is_place(word) or PLACE.search(word) else (begin, stop)
    return None


def _place_begins(text: str, is_place: Callable[[str], bool]) -> bool:
    return any(is_place(text[:length]) for length in range(3, min(len(text), 9)))


def _is_beside(line: str, span: Span, cut: list[Span]) -> bool:
    """Whether only separators stand between a word and something that is cut out."""
    gaps = ((span[1], a) if span[1] <= a else (b, span[0]) for a, b in cut)
    return any(start <= end and not line[start:end].strip(BETWEEN) for start, end in gaps)


def _without(line: str, cut: list[Span]) -> str:
    """Return a line without some spans; separators beside them go too."""
    pieces, at = [], 0
    for start, end in sorted(cut):
        pieces.append(line[at:start])
        at = max(at, end)
    stripped = (p.strip(SEPARATORS).lstrip(")）]】").rstrip("(（[【").strip(SEPARATORS) for p in (*pieces, line[at:]))
    return " ".join(piece for piece in stripped if piece)
