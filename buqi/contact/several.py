"""Several addresses on one line: where each begins.

A new address begins behind a separator if divisions are named from above again and the address before has come to its
end. 江苏省/南京市/鼓楼区 is one address, and so is 文一西路969号、970号.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from buqi.contact.line import LONGEST, ContactLine, read_line
from buqi.divisions import Match, Matcher, load_matcher
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.text import PLAIN, read
from buqi.expressions import expression

_MARKER = r"(?:[(\[]?\d{1,2}[.)、\]](?!\d)|[\u2460-\u2473])"
# Where whole names of a city and a county stand, behind what else divides only the parts of one address.
_ANEW = (
    r"(?:[,，。+→]|转|(?<=[0-9号室楼])[到至])\s*"
    r"(?=(?:[\u4e00-\u9fff]{2,7}(?:省|自治区))?[\u4e00-\u9fff]{1,10}(?:市|州|盟|地区)[\u4e00-\u9fff]{1,12}?[市区县旗])"
)
_NEWER = r"[新现](?:地址|址)\s?:?\s*"  # what stands before the newer of two addresses
BREAK = expression(
    rf"\s*(?:[;；、|/\n\r]+|<\s?br\s?/?>|\s(?i:and|or)\s|或者?是?|以及)\s*(?:{_MARKER}\s*|{_NEWER})?|\s*[\s,，。]\s*{_NEWER}|\s+(?=(?:(?:收|寄|发)(?:件|货)(?:人|地址?)?|目的地|终点)\s?:)|(?:(?<=[\s,，。])|(?<=\d号)|(?<=室)){_MARKER}\s*"
    r"|\s+[收寄发]\s?:\s*|\s+(?:[新现]址|改为|搬[至到]|[收退送]货(?:地址?)?|寄往)\s?:?\s*"
    rf"|\s*(?P<anew>{_ANEW})"
)
# Every break has one of these. Most lines have none, and one character is found far faster than a pattern.
_ONE_SIGN = expression(r"[;；、|/<\s或以.)\]\u2460-\u2473,，。+→转到至]")
_SIGNS = expression(rf"[;；、|/<\s或以.)\]\u2460-\u2473]|[,，。]{_NEWER}|{_ANEW}")
_ENTITY = expression(r"&[#A-Za-z0-9]{2,7};")
_CONTENT = expression(r"[\u4e00-\u9fffA-Za-z0-9]")
_REGION = expression(r"(?:所在|收货)(?:地区|区域|省市|城市|地)|省市区|省份|城市|区县")
_STREET = expression(r"(?:详细|街道|具体|详情|收货|收件)(?:地址)|门牌")
# A road, a house: no more levels come. 镇 and 乡 are levels.
_ENDED = expression(
    r"\d|(?:[路巷弄苑园村庄]|街(?!道)|(?<!街)道|胡同|小区|公寓|大厦|广场|新城|大院|大学|医院|学校)(?!.{0,3}(?:镇|乡|街道))"
)
_WHOLE_ENDS = expression("[省市区县州盟旗區縣]")  # what the whole names of provinces, cities and counties end in
SHORTEST = 4  # characters of one address of several
MOST_TRIED = 8  # places in one address where another may begin; each costs a reading of all before it


@dataclass(frozen=True)
class _Segment:
    """What stands between two separators."""

    start: int
    end: int
    text: str
    matcher: Matcher
    anew: bool = False  # behind a sign that may only divide the parts of one address

    @cached_property
    def read(self) -> ContactLine:
        return read_line(self.text, self.matcher)

    @cached_property
    def match(self) -> Match:
        return self.matcher.match(self.read.address.strip())

    @property
    def contact_only(self) -> bool:
        """Whether it holds a name or a telephone and no address."""
        return bool(self.read.name or self.read.phone) and not _CONTENT.search(self.read.address)

    @property
    def first_level(self) -> int:
        """The level of the name of a division that it begins with, 1 for a province; 0 if it begins with none."""
        if not _WHOLE_ENDS.search(self.text):
            return 0
        match = self.match
        if not match.equal or match.front or not match.candidates[0].used:
            return 0
        used, label = match.candidates[0].used, match.lead.rstrip()
        if (
            (label and label[-1] not in ":：")
            or used[0].start != len(match.lead)
            or used[0].zone
            or not any(u.kind == FULL and len(u.code) <= 6 for u in used)
        ):
            return 0
        return min((len(used[0].code) + 1) // 2, 4) if used[0].kind in (FULL, SHORT) else 0


def may_have_breaks(line: str) -> bool:
    """Whether a line may hold several addresses; to look closer takes longer."""
    return _ONE_SIGN.search(line) is not None and _SIGNS.search(line) is not None


def split_line(text: str, matcher: Matcher | None = None) -> list[str]:
    """Return the addresses on a line, each with the name and telephone that belong to it; one if there is one.

    The first begins where the text begins.
    """
    line = text.translate(PLAIN)
    if "&#" in line:
        line = read(text).line
    if not may_have_breaks(line):
        return [text]
    line = _ENTITY.sub(lambda found: " " * len(found.group()), line)
    breaks = list(BREAK.finditer(line)) if len(text) <= LONGEST else []
    if not breaks:
        return [text]
    matcher = matcher or load_matcher()
    borders = [0, *(at for found in breaks for at in found.span()), len(text)]
    behind = [False, *(found["anew"] is not None for found in breaks)]
    spans = [
        (a, b, anew)
        for a, b, anew in zip(borders[::2], borders[1::2], behind, strict=True)
        if _CONTENT.search(line, a, b)
    ]
    if sum(b - a >= SHORTEST for a, b, _ in spans) < 2:
        return [text]
    segments = [_Segment(a, b, text[a:b], matcher, anew) for a, b, anew in spans]
    starts = _starts(text, segments, matcher)
    firsts = [0, *(segments[i].start for i in starts[1:])]
    ends = [*(segments[i - 1].end for i in starts[1:]), len(text)]
    return [text[a:b] for a, b in zip(firsts, ends, strict=True)]


def _starts(text: str, segments: list[_Segment], matcher: Matcher) -> list[int]:
    """Return the numbers of the segments with which an address begins; a name or telephone before it belongs to it."""
    starts, tried = [0], 0
    for i, segment in enumerate(segments[1:], 1):
        if not segment.first_level:
            continue
        if tried == MOST_TRIED:
            break
        tried += 1
        at = i
        while segments[0].contact_only and at - 1 > starts[-1] and segments[at - 1].contact_only:
            at -= 1
        so_far = text[segments[starts[-1]].start : segments[at - 1].end]
        if _begins_anew(so_far, segment, matcher):
            starts.append(at)
            tried = 0
    return starts


def _begins_anew(so_far: str, segment: _Segment, matcher: Matcher) -> bool:
    """Whether a segment that begins with a division is another address, and no further level of the one before."""
    if _STREET.search(segment.text) and _REGION.search(so_far):
        return False
    first = matcher.match(read_line(so_far, matcher).address.strip())
    if not first.equal:
        return False
    second = segment.match
    ended = _ENDED.search(first.detail) is not None
    if segment.anew:
        counties = {first.path.name("county"), second.path.name("county")}  # 鼓楼区淮海西路5号，徐州市鼓楼区 is one
        return ended and len(counties) == 2 and "" not in counties and not _in_one_place(first, second)
    whole = bool(second.path.name("county") or second.path.name("city")) and segment.first_level <= 2
    if ended:
        goes_on = _CONTENT.search(second.detail) is not None or bool(second.path.name("town"))
        return goes_on or (whole and not _in_one_place(first, second))
    return whole and bool(first.path.name("county") and second.path.name("county")) and not _in_one_place(first, second)


def _in_one_place(first: Match, second: Match) -> bool:
    """Whether two addresses lie in one place, as far as their divisions say."""
    if not first.path.divisions or not second.path.divisions:  # 鼓楼区 may be any of four
        return False
    one, two = first.path.divisions[-1].code, second.path.divisions[-1].code
    return one.startswith(two) or two.startswith(one)
